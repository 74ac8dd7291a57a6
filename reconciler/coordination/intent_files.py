"""Writes intent files for ``swarm add`` and ``swarm update``: never over another, never more than was named."""

import re
import shlex
from collections.abc import Collection, Iterator, Mapping
from contextlib import AbstractContextManager, contextmanager, nullcontext
from datetime import date
from pathlib import Path

from reconciler import files
from reconciler.coordination import slugs
from reconciler.coordination.intent_text import document, edited
from reconciler.coordination.intent_values import KEYS, checked, checked_line, checked_note
from reconciler.coordination.intents import FOLDER, read_intents
from reconciler.coordination.yamltext import Writable
from reconciler.errors import SwarmError
from reconciler.files import Folder, Lock
from reconciler.frontmatter import DOCUMENT_LIMIT
from reconciler.frozen import frozen
from reconciler.model import Intent
from reconciler.printable import printable

_TRIES = 1000


@frozen
class Draft:
    """A new intent, as typed."""

    title: str
    id: str = ""  # "" = made from the title
    type: str = ""
    priority: int | None = None
    status: str = ""  # "" | shelved | abandoned
    parent: str = ""
    depends_on: tuple[str, ...] = ()
    informs: tuple[str, ...] = ()
    conflicts: tuple[str, ...] = ()
    tags: tuple[str, ...] = ()
    aliases: tuple[str, ...] = ()
    estimated_phases: int | None = None
    reasons: Mapping[str, str] | None = None  # dependency -> why
    recorded: Mapping[str, str] | None = None  # row of an imported registry -> its state there
    note: str = ""


@frozen
class Written:
    """What was done to which file; ``path`` is relative to the repository."""

    path: str
    id: str
    created: bool
    changed: bool


def write_intent(
    target: Path,
    draft: Draft,
    *,
    today: date,
    common_dir: Path,
    taken: Collection[str] = (),
    held: Lock | None = None,
) -> Written:
    """Create ``queue/<today>-<slug>.md`` below ``target`` for a new idea and return its id and path.

    ``taken`` are ids that exist already (of workstreams); a slug made from the title steps aside with -2.
    An id that was typed does not: if it exists, that is an error. Raises before anything is written.
    """
    values = checked({key: getattr(draft, key) for key in KEYS})
    note = checked_note(draft.note)
    wanted = slugs.clean_id(draft.id)
    with _guard(common_dir, held), _queue(target) as folder:
        known = {intent.id for intent in read_intents(target)[0]} | set(taken)
        if wanted and wanted in known:
            raise SwarmError(
                f'"{printable(wanted)}" exists already', hint=printable(f"swarm update {shlex.quote(wanted)}")
            )
        name = wanted or slugs.unused(slugs.slug_of(draft.title), known)
        text = document({**values, "id": name}, note)
        file = _create(folder, name, text, today)
    return Written(f"{target.name}/{FOLDER}/{file}", name, created=True, changed=True)


def update_intent(
    target: Path,
    id: str,
    changes: Mapping[str, Writable | None],
    *,
    today: date,
    common_dir: Path,
    note: str = "",
    held: Lock | None = None,
) -> Written:
    """Set the keys of ``changes`` in the intent file of ``id`` (None removes one) and append ``note``.

    Every other key, comment and line stays byte for byte. A workstream that has only documents gets a file.
    Keys are those of ``Draft`` without note. Raises before anything is written.
    """
    values = checked(changes)
    note = checked_note(note)
    checked_line("id", id)
    with _guard(common_dir, held), _queue(target) as folder:
        intent = _find(target, id)
        if intent is None:
            text = document({"id": id, **{k: v for k, v in values.items() if v is not None}}, note)
            file = _create(folder, id, text, today)
            return Written(f"{target.name}/{FOLDER}/{file}", id, created=True, changed=True)
        name = intent.path.rpartition("/")[2]
        old = files.read_file(folder, name, limit=DOCUMENT_LIMIT)
        new = edited(old or b"", values, note, path=intent.path)
        if new != old:
            files.write_file(folder, name, new)
        return Written(intent.path, intent.id, created=False, changed=new != old)


# -- below: files


def _guard(common_dir: Path, held: Lock | None) -> AbstractContextManager[Lock]:
    return nullcontext(held) if held else files.lock(common_dir)


@contextmanager
def _queue(target: Path) -> Iterator[Folder]:
    with files.open_folder(target.parent, target.name, FOLDER, create=True) as folder:
        assert folder is not None  # it was to be created
        files.sweep(folder)
        yield folder


def _create(folder: Folder, id: str, text: str, today: date) -> str:
    stem = slugs.slug_of(id.replace("/", "-")) if not re.fullmatch("[a-z0-9-]{1,100}", id) else id
    for number in range(1, _TRIES):
        name = f"{today.isoformat()}-{stem}{f'-{number}' if number > 1 else ''}.md"
        if files.create_file(folder, name, text.encode()):
            return name
    raise SwarmError(f"{printable(str(folder.path))} is full of files named {stem}")


def _find(target: Path, id: str) -> Intent | None:
    intents, _ = read_intents(target)
    return next((i for i in intents if i.id == id), None) or next((i for i in intents if id in i.aliases), None)

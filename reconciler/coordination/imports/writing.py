"""Puts the changes of an import into ``queue/``, all or none, and moves a foreign registry out of the way."""

import shlex
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from datetime import date
from pathlib import Path

from reconciler import files
from reconciler.coordination import slugs
from reconciler.coordination.imports.changes import Change
from reconciler.coordination.intent_text import document, edited
from reconciler.coordination.intent_values import checked, checked_note
from reconciler.coordination.intents import FOLDER
from reconciler.errors import SwarmError
from reconciler.files import Folder
from reconciler.frontmatter import DOCUMENT_LIMIT
from reconciler.frozen import frozen
from reconciler.printable import printable

_TRIES = 1000


@frozen
class IntentFile:
    """One intent file as it will be; ``old`` is None where there is none yet."""

    name: str
    data: bytes
    old: bytes | None = None


@frozen
class Moved:
    """A file that was renamed: names below the target folder."""

    old: str
    new: str


def prepare(target: Path, changes: Sequence[Change], *, today: date) -> tuple[IntentFile, ...]:
    """Return every file of these changes, proved to be as meant. Writes nothing."""
    with files.open_folder(target.parent, target.name, FOLDER) as folder:
        names = _Names(files.list_names(folder) if folder else ())
        return tuple(_prepared(folder, change, names, today) for change in changes)


def write(target: Path, prepared: Sequence[IntentFile]) -> None:
    """Write the files. The caller holds the lock; on an error everything is taken back."""
    if not prepared:
        return
    with files.open_folder(target.parent, target.name, FOLDER, create=True) as folder:
        assert folder is not None  # it was to be created
        files.sweep(folder)
        with _all_or_none(folder) as done:
            for file in prepared:
                done.append(file)  # before it is touched: a write can fail after the file is in place
                if file.old is not None:
                    files.write_file(folder, file.name, file.data)
                elif not files.create_file(folder, file.name, file.data):
                    raise SwarmError(f"{printable(file.name)} appeared meanwhile", hint="swarm import")


def move_aside(target: Path, name: str, data: bytes) -> Moved | None:
    """Rename ``workstreams.json`` to ``workstreams.imported.json``, or -2, -3: never over something different."""
    stem = name.removesuffix(".json")
    with files.open_folder(target.parent, target.name) as folder:
        if folder is None or files.read_file(folder, name) != data:
            return None
        for number in range(1, _TRIES):
            new = f"{stem}.imported{f'-{number}' if number > 1 else ''}.json"
            if files.create_file(folder, new, data) or _same(folder, new, data):
                files.remove_file(folder, name)
                return Moved(name, new)
    raise SwarmError(
        f"{printable(str(target))} is full of imported registries", hint=printable(f"ls {shlex.quote(str(target))}")
    )


# -- below: one file


def _prepared(folder: Folder | None, change: Change, names: "_Names", today: date) -> IntentFile:
    values = checked(change.values)
    note = checked_note(change.note)
    if change.path and folder:
        name = change.path.rpartition("/")[2]
        old = files.read_file(folder, name, limit=DOCUMENT_LIMIT) or b""
        return IntentFile(name, edited(old, values, note, path=change.path), old)
    name = names.free(f"{(change.created or today).isoformat()}-{_stem(change.id)}")
    return IntentFile(name, document({**values, "id": change.id}, note).encode())


def _stem(id: str) -> str:
    plain = id.replace("/", "-")
    return plain if plain.isascii() and plain.replace("-", "").isalnum() and len(plain) < 100 else slugs.slug_of(plain)


class _Names:
    """The names in the folder, to find a free one without trying each."""

    def __init__(self, taken: Sequence[str]) -> None:
        self._taken = {name.lower() for name in taken}
        self._last: dict[str, int] = {}

    def free(self, stem: str) -> str:
        number = self._last.get(stem, 0) + 1
        while (name := f"{stem}{f'-{number}' if number > 1 else ''}.md").lower() in self._taken:
            number += 1
        self._last[stem] = number
        self._taken.add(name.lower())
        return name


@contextmanager
def _all_or_none(folder: Folder) -> Iterator[list[IntentFile]]:
    done: list[IntentFile] = []
    whole = False
    try:
        yield done
        whole = True
    finally:
        for file in () if whole else reversed(done):
            if file.old is None and _same(folder, file.name, file.data):
                files.remove_file(folder, file.name)
            elif file.old is not None and not _same(folder, file.name, file.old):
                files.write_file(folder, file.name, file.old)


def _same(folder: Folder, name: str, data: bytes) -> bool:
    try:
        return files.read_file(folder, name) == data
    except SwarmError:
        return False

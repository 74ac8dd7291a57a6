"""What a command works with: one look at the repository, how to draw, how to print."""

import difflib
import os
import shlex
import sys
from collections.abc import Callable, Mapping
from dataclasses import replace
from datetime import datetime
from typing import TYPE_CHECKING, Any

from reconciler.cli.options import settings
from reconciler.errors import UnknownWorkstream
from reconciler.model import View, Workstream
from reconciler.printable import printable

if TYPE_CHECKING:
    from reconciler import reconcile
    from reconciler.cli.screens.look import Look
    from reconciler.observe.git import GitRepo


def now() -> datetime:
    """This moment, in the user's time zone: the one place of the command line that asks the clock."""
    return datetime.now().astimezone()


def remembering(git: "GitRepo", *asked: str) -> Callable[["reconcile.Look", bytes], None]:
    """What keeps the answer of a pass for the gate. To be called before the pass, which is to use this ``git``."""
    from reconciler import gatekeeper

    begun = None if settings().base else gatekeeper.begin(git)

    def keep(seen: "reconcile.Look", data: bytes) -> None:
        if begun is not None:
            gatekeeper.keep(begun, seen, asked, data, now=now())

    return keep


def take_a_look(git: "GitRepo | None" = None, *, kept: "reconcile.Kept | None" = None) -> "reconcile.Look":
    """Observe and derive, as the command line's settings say. What is not known of an earlier state is remarked."""
    from reconciler import reconcile
    from reconciler.cli.moments import then_of
    from reconciler.cli.patience import patience

    chosen = settings()
    then = None if chosen.at is None else then_of(chosen.at, now())
    with patience(quiet=chosen.quiet):
        seen = reconcile.look(
            chosen.folder, env=os.environ, flags={"base": chosen.base or None}, git=git, kept=kept, then=then
        )
    for problem in seen.facts.problems:
        if problem.code == "earlier":
            remark(f"note: {problem.message}")
    return seen


def time_of(seen: "reconcile.Look") -> datetime:
    """The moment that a look shows: now, or the one that ``--at`` asked for."""
    return seen.facts.at.astimezone() if seen.facts.at else now()


def drawing() -> "Look":
    """How to draw on this stdout."""
    from reconciler.cli.screens.look import look_from

    chosen = settings()
    look = look_from(sys.stdout, os.environ, ascii_only=chosen.ascii, no_color=chosen.no_color)
    if look.colour:
        look = look_from(sys.stdout, os.environ, ascii_only=chosen.ascii, theme=chosen.theme or _own_theme())
    return replace(look, prompt=chosen.exit_zero and look.width is None)


def _own_theme() -> str:
    """What the environment or the user's own configuration says; a repository has no say in it."""
    from reconciler.config import load_config, user_folder

    return load_config(None, os.environ, user_folder(os.environ)).theme


def print_json(document: Mapping[str, Any]) -> bytes:
    """One JSON object on stdout, in the one form that swarm writes; returns its bytes."""
    from reconciler.publish.projections import to_json

    data = to_json(dict(document))
    sys.stdout.flush()
    sys.stdout.buffer.write(data)
    sys.stdout.buffer.flush()
    return data


def say(text: str) -> None:
    """A screen on stdout; what this terminal's encoding lacks is shown as an escape."""
    text = text if text.endswith("\n") else text + "\n"
    encoding = sys.stdout.encoding or "utf-8"
    sys.stdout.write(text.encode(encoding, "backslashreplace").decode(encoding))


def remark(text: str) -> None:
    """A remark on stderr, unless --quiet."""
    if not settings().quiet:
        print(printable(text), file=sys.stderr)


def find(view: View, name: str) -> Workstream:
    """The workstream of that id or alias. Raises UnknownWorkstream with the nearest names."""
    for workstream in view.workstreams:
        if workstream.id == name:
            return workstream
    owners = [w for w in view.workstreams if name in w.aliases or name.casefold() in map(str.casefold, w.aliases)]
    if len(owners) == 1:
        return owners[0]
    known = [str(w.id) for w in view.workstreams]
    if owners:
        known_as = ", ".join(w.id for w in owners[:4])
        raise UnknownWorkstream(f'"{printable(name)}" means several workstreams', hint=f"name one of: {known_as}")
    near = difflib.get_close_matches(name, known, n=1, cutoff=0.5)
    hint = f"did you mean {near[0]}? swarm show {shlex.quote(near[0])}" if near else "swarm status --all"
    raise UnknownWorkstream(f'no workstream "{printable(name)}"', hint=hint)

"""`swarm reconcile` and `swarm doctor`: what a pass moved and wrote, and what the tool sees around it."""

from dataclasses import dataclass
from datetime import datetime

from reconciler.cli.screens.ink import Ink, Line, Rules, line, paint, plural
from reconciler.cli.screens.look import Look
from reconciler.cli.screens.sheet import Entry, sheet, wrapped
from reconciler.cli.screens.text import natural
from reconciler.model import Problem, WorkstreamId

STYLES = {"error": "red", "warning": "yellow"}


@dataclass(frozen=True, slots=True)
class Move:
    """A workstream whose state changed: ``before`` "" is new, ``after`` "" is gone."""

    id: WorkstreamId
    before: str
    after: str
    reason: str = ""


@dataclass(frozen=True, slots=True)
class Written:
    """The files of a pass, as paths for people."""

    changed: tuple[str, ...] = ()
    unchanged: int = 0
    dry: bool = False  # --check or --dry-run: nothing was written


def reconcile_report(
    moves: tuple[Move, ...],
    written: Written,
    rules: Rules,
    now: datetime,
    look: Look,
    *,
    workstreams: int,
    problems: tuple[Problem, ...] = (),
) -> str:
    """What moved and why, what was written (or would be), and how much could not be read."""
    ink = Ink(look, now, rules)
    entries = [_moved(move) for move in sorted(moves, key=lambda move: natural(move.id))]
    lines = sheet("", entries, ink)
    total = plural(workstreams, "workstream")
    if not moves and not written.changed:
        lines.append(line(f"Nothing moved, nothing to write: {total}, {_files(written)} up to date."))
    else:
        verb = "Would write" if written.dry else "Wrote"
        named = ", ".join(written.changed) or "nothing"
        rest = f", {_files(written)} unchanged" if written.unchanged else ""
        lines += wrapped((), ink.text(f"{verb} {named}{rest} ({total}, {len(moves)} moved)."), ink)
    return paint(lines + _remarks(problems), look)


def doctor(
    facts: tuple[tuple[str, str], ...], problems: tuple[Problem, ...], rules: Rules, now: datetime, look: Look
) -> str:
    """Facts as ``label  value``, then every problem with path, line and the way out."""
    ink = Ink(look, now, rules)
    lines = sheet("", [Entry(label, value) for label, value in facts], ink)
    if not problems:
        return paint([*lines, line("Everything could be read.")], look)
    ordered = sorted(problems, key=lambda one: (one.severity != "error", one))
    lines.append(line(f"{_problems(problems)}:"))
    lines += sheet("", [_problem(one) for one in ordered], ink)
    return paint(lines, look)


def _problem(one: Problem) -> Entry:
    where = f"{one.path}:{one.line}" if one.line else one.path
    hint = f"; {one.hint}" if one.hint else ""
    return Entry(one.severity, one.message + hint, where, STYLES.get(one.severity, ""))


def _moved(move: Move) -> Entry:
    if not move.before:
        change = f"new, {move.after}"
    elif not move.after:
        change = f"gone, was {move.before}"
    else:
        change = f"{move.before} to {move.after}"
    return Entry(move.id, change + (f": {move.reason}" if move.reason else ""))


def _files(written: Written) -> str:
    return plural(written.unchanged, "file")


def _problems(problems: tuple[Problem, ...]) -> str:
    errors = sum(one.severity == "error" for one in problems)
    said = [plural(errors, "error")] if errors else []
    rest = len(problems) - errors
    return " and ".join(said + ([plural(rest, "remark")] if rest else []))


def _remarks(problems: tuple[Problem, ...]) -> list[Line]:
    return [line(f"{_problems(problems)}: swarm doctor")] if problems else []

"""`swarm reconcile` and `swarm doctor`: what a pass moved and wrote, and what the tool sees around it."""

from datetime import datetime

from reconciler.cli.screens.ink import Ink, Line, Rules, line, paint, plural
from reconciler.cli.screens.look import Look
from reconciler.cli.screens.sheet import Entry, sheet, wrapped
from reconciler.cli.screens.text import natural
from reconciler.frozen import frozen
from reconciler.model import Problem, WorkstreamId

MOST_FILES = 6
STYLES = {"error": "red", "warning": "yellow"}


@frozen
class Move:
    """A workstream whose state changed: ``before`` "" is new, ``after`` "" is gone."""

    id: WorkstreamId
    before: str
    after: str
    reason: str = ""


@frozen
class Written:
    """The files of a pass, as paths for people."""

    changed: tuple[str, ...] = ()
    unchanged: int = 0
    dry: bool = False  # --check or --dry-run: nothing was written
    first: bool = False  # there was nothing to compare with: every workstream is new


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
        rest = f"; {_files(written)} unchanged" if written.unchanged else ""
        counted = f"{total}, {_counted(moves)}" if moves or not written.first else f"{total}, all new"
        lines += wrapped((), ink.text(f"{verb} {_named(written.changed)}{rest} ({counted})."), ink)
    return paint(lines + _remarks(problems), look)


def _named(files: tuple[str, ...]) -> str:
    """The paths; of many the ones that lie highest, and how many more there are."""
    if len(files) <= MOST_FILES:
        return ", ".join(files) or "nothing"
    highest = min(name.count("/") for name in files)
    shown = [name for name in sorted(files, key=natural) if name.count("/") == highest][:MOST_FILES]
    return f"{', '.join(shown)} and {len(files) - len(shown)} more"


def _counted(moves: tuple[Move, ...]) -> str:
    """``1 new, 2 moved``; ``none moved`` when nothing did."""
    new = sum(not move.before for move in moves)
    gone = sum(bool(move.before) and not move.after for move in moves)
    counts = ((new, "new"), (len(moves) - new - gone, "moved"), (gone, "gone"))
    return ", ".join(f"{count} {word}" for count, word in counts if count) or "none moved"


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

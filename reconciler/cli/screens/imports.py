"""`swarm import`: what was taken, matched and skipped, and where recorded states disagree with git."""

from collections import Counter
from collections.abc import Sequence
from datetime import datetime
from typing import Any, Protocol

from reconciler.cli.screens.ink import Ink, Line, Rules, line, paint, plural
from reconciler.cli.screens.look import Look
from reconciler.cli.screens.sheet import Entry, sheet, wrap, wrapped
from reconciler.frozen import frozen
from reconciler.model import Problem, View

STYLES = {"taken": "green", "matched": "cyan", "skipped": "yellow"}
PLACES = ".swarm/workstreams.json, TODOs.txt, todo.txt, backlog/, .beads/"


class Outcome(Protocol):
    """What is shown of one row (coordination/imports/planning.py)."""

    @property
    def source(self) -> str: ...
    @property
    def line(self) -> int: ...
    @property
    def key(self) -> str: ...
    @property
    def title(self) -> str: ...
    @property
    def outcome(self) -> str: ...
    @property
    def target(self) -> str: ...
    @property
    def reason(self) -> str: ...


@frozen
class Report:
    """What an import did, or would do."""

    sources: tuple[tuple[str, str], ...]  # path, format ("" when it could not be read)
    outcomes: tuple[Outcome, ...]
    written: tuple[str, ...] = ()
    moved: tuple[tuple[str, str], ...] = ()
    drift: tuple[tuple[str, str], ...] = ()  # workstream, words
    problems: tuple[Problem, ...] = ()
    undo: str = ""
    dry: bool = False


def recorded_drift(view: View | None, written: frozenset[str]) -> tuple[tuple[str, str], ...]:
    """(workstream, words) for each recorded state that the evidence contradicts, of the files just written."""
    streams = view.workstreams if view else ()
    return tuple(
        (str(stream.id), drift.say)
        for stream in streams
        for drift in stream.drift
        if drift.id.startswith("recorded-") and drift.source in written and drift.severity != "info"
    )


def table(report: Report, rules: Rules, now: datetime, look: Look) -> str:
    """The table, file by file, then the drift, the remarks, and how to take it back."""
    ink = Ink(look, now, rules)
    if not report.sources:
        return paint([line("Nothing to import."), *wrapped((), f"Looked for {PLACES}.", ink)], look)
    lines: list[Line] = []
    rows: dict[str, list[Outcome]] = {}
    for outcome in report.outcomes:
        rows.setdefault(outcome.source, []).append(outcome)
    for path, format in report.sources:
        lines += _source(path, format, rows.get(path, []), ink)
    if report.drift:
        head = f"Recorded and git disagree on {plural(len(report.drift), 'workstream')}:"
        lines += sheet(head, [Entry(id, words) for id, words in report.drift], ink)
    if report.problems:
        lines.append(line(f"{plural(len(report.problems), 'remark')}:"))
        lines += sheet("", [Entry(p.severity, p.message, _where(p)) for p in report.problems], ink)
    return paint([*lines, *_foot(report, ink)], look)


def document(report: Report) -> dict[str, Any]:
    """The same as one JSON object, ``swarm.import/1``."""
    return {
        "schema": "swarm.import/1",
        "dryRun": report.dry,
        "sources": [{"path": path, "format": format or None} for path, format in report.sources],
        "rows": [
            {
                "source": o.source, "line": o.line or None, "id": o.key or None, "title": o.title,
                "outcome": o.outcome, "workstream": o.target or None, "reason": o.reason,
            }
            for o in report.outcomes
        ],
        "written": list(report.written),
        "moved": [{"from": old, "to": new} for old, new in report.moved],
        "drift": [{"id": id, "say": words} for id, words in report.drift],
        "diagnostics": [
            {"message": p.message, "path": p.path or None, "line": p.line or None, "severity": p.severity}
            for p in report.problems
        ],
        "undo": report.undo or None,
    }  # fmt: skip


def _source(path: str, format: str, rows: Sequence[Outcome], ink: Ink) -> list[Line]:
    if not format:
        return wrapped((), ink.text(f"{path}: not read"), ink)
    counts = Counter(outcome.outcome for outcome in rows)
    said = ", ".join(f"{counts[name]} {name}" for name in STYLES)
    return sheet(f"{path} ({format}): {said}", [_entry(row) for row in rows], ink)


def _entry(row: Outcome) -> Entry:
    name = row.key or row.title
    if row.outcome == "skipped" and row.key and row.key not in row.title:
        name = f"{row.key}, {row.title}"
    text = f"{name}: {row.reason}" if row.target in ("", name) else f"{name} -> {row.target}: {row.reason}"
    return Entry(row.outcome, text, f"line {row.line}" if row.line else "", STYLES.get(row.outcome, ""))


def _where(problem: Problem) -> str:
    return f"{problem.path}:{problem.line}" if problem.line else problem.path


def _foot(report: Report, ink: Ink) -> list[Line]:
    lines = []
    for old, new in report.moved:
        lines += wrapped((), ink.text(f"Kept {old} as {new}."), ink)
    files = plural(len(report.written), "intent file")
    if report.dry:
        lines += wrapped((), f"Would write {files}; nothing was written.", ink)
    elif report.written or report.moved:
        lines += wrapped((), f"Wrote {files} in .swarm/queue/. Next: swarm reconcile", ink)
    else:
        lines.append(line("Nothing new: nothing was written."))
    if report.undo:
        lines += _command("Undo: ", report.undo, ink)
    return lines


def _command(label: str, text: str, ink: Ink) -> list[Line]:
    """A shell command that can be copied: never cut, continued behind a backslash."""
    shown = ink.text(text)
    if ink.look.width is None or ink.look.accessible:
        return [line(label + shown)]
    pieces = wrap(shown, max(ink.look.width - len(label) - 2, 8))
    ends = [" \\"] * (len(pieces) - 1) + [""]
    starts = [label] + [" " * len(label)] * (len(pieces) - 1)
    return [line(start + piece + end) for start, piece, end in zip(starts, pieces, ends, strict=True)]

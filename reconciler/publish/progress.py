"""The documents of ``report --json`` and ``history --json``."""

from collections.abc import Sequence
from typing import Any

from reconciler.model import State, Workstream
from reconciler.publish.rows import day, moment

# values of derive/report.py and derive/history.py, by the names of their fields
Plain = Any


def report_document(report: Plain, *, needs_you: int) -> dict[str, Any]:
    """Everything that the screens draw, times in UTC, durations in days."""
    first, last = report.points[0], report.points[-1]
    return {
        "schema": "swarm.report/1",
        "since": moment(report.since),
        "until": moment(report.until),
        "merged": [_merged(stream) for stream in report.merged],
        "moved": [_moved(one) for one in report.moved],
        "needsYou": needs_you,
        "stale": [str(stream.id) for stream in report.stale],
        "drift": [{"id": s.id, "say": [d.say for d in s.drift if d.severity != "info"]} for s in report.drift],
        "blocked": [
            {"id": b.stream.id, "since": moment(b.since), "by": list(b.stream.blocked_by)} for b in report.blocked
        ],
        "flow": {"days": 30, **_spread(report.flow)},
        "burnUp": {
            "done": last.done, "known": last.known, "doneMore": last.done - first.done,
            "knownMore": last.known - first.known,
            "points": [{"at": moment(p.at), "done": p.done, "known": p.known} for p in report.points],
        },
        "oldestOpen": {"id": report.oldest.id, "created": day(report.oldest.created)} if report.oldest else None,
        "ageing": [{"id": a.stream.id, "status": a.stream.state, "since": moment(a.since)} for a in report.ageing],
        "times": [{"status": state, **_spread(spread)} for state, spread in report.times],
        "waitingOn": [{"id": name, "waiting": count} for name, count in report.waiting],
        "cut": report.cut,
    }  # fmt: skip


def history_document(stream: Workstream, steps: Sequence[Plain]) -> dict[str, Any]:
    """One row for each change of state, oldest first."""
    before: list[State | None] = [None, *(step.state for step in steps)]
    return {
        "schema": "swarm.history/1",
        "id": stream.id,
        "status": stream.state,
        "steps": [
            {"at": moment(step.at), "from": old, "to": step.state, **_because(step.because)}
            for old, step in zip(before, steps, strict=False)
        ],
    }


def _merged(stream: Workstream) -> dict[str, Any]:
    return {
        "id": stream.id, "title": stream.title, "at": moment(stream.merged_at), "commit": stream.merge_commit,
        "reason": stream.reason, "phases": stream.total_phases,
    }  # fmt: skip


def _moved(moved: Plain) -> dict[str, Any]:
    row = {"id": moved.stream.id, "from": moved.before, "to": moved.stream.state, "at": moment(moved.step.at)}
    return row | _because(moved.step.because)


def _because(evidence: Plain) -> dict[str, Any]:
    return {"tag": evidence.tag, "source": evidence.source, "detail": evidence.detail, "claim": evidence.claim}


def _spread(spread: Plain) -> dict[str, Any]:
    return {"n": spread.cases, "medianDays": _rounded(spread.median), "p85Days": _rounded(spread.most)}


def _rounded(days: float | None) -> float | None:
    return None if days is None else round(days, 2)

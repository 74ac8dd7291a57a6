"""`swarm sessions`: who worked on what, and what came of it."""

from collections.abc import Iterator, Sequence
from datetime import datetime
from typing import Any

from reconciler.cli.screens.ink import Ink, Line, Rules, iso, line, paint, plural
from reconciler.cli.screens.look import Look
from reconciler.cli.screens.sheet import Entry, sheet
from reconciler.derive.outcomes import Outcome
from reconciler.frozen import frozen

MOST = 5  # commits shown of one session on a terminal


@frozen
class Told:
    """One session's time on one workstream. ``status`` "" = it does not hold it now."""

    session: str
    workstream: str
    since: datetime
    until: datetime | None
    how: str
    status: str
    branch: str
    worktree: str
    note: str
    outcome: Outcome


def sessions_screen(told: Sequence[Told], rules: Rules, now: datetime, look: Look, *, id: str = "") -> str:
    """All stints, oldest first; with ``id`` each in full."""
    ink = Ink(look, now, rules)
    if not told:
        return paint([line(ink.text(f"No session has worked on {id}." if id else "No session has worked here."))], look)
    if id:
        entries = [entry for one in told for entry in _full(one, ink)]
        return paint(sheet(f"{id}: {plural(len(told), 'session')}", entries, ink), look)
    entries = [Entry(one.session, f"{one.workstream}, {_time(one, ink)}: {_sum(one)}") for one in told]
    return paint([*sheet("", entries, ink), *_foot(ink)], look)


def as_row(told: Told) -> dict[str, Any]:
    """One stint as JSON, everything in it."""
    made = told.outcome
    return {
        "sessionId": told.session,
        "workstream": told.workstream,
        "since": iso(told.since),
        "until": iso(told.until) if told.until else None,
        "how": told.how,
        "status": told.status or None,
        "branch": told.branch or None,
        "worktree": told.worktree or None,
        "note": told.note or None,
        "commits": [{"id": c.id, "at": iso(c.at), "subject": c.subject} for c in made.commits],
        "artifacts": list(made.artifacts),
        "changes": [{"at": iso(s.at), "what": s.say, "commit": s.source or None} for s in made.steps],
    }


def _foot(ink: Ink) -> list[Line]:
    return [] if ink.look.piped else [line("What came of them in full: swarm sessions ID")]


def _full(one: Told, ink: Ink) -> Iterator[Entry]:
    yield Entry(one.session, f"{_time(one, ink)}: {_sum(one)}", one.branch)
    for step in one.outcome.steps:
        yield Entry("", step.say, f"{step.source[:7]} {ink.when(step.at)}".strip())
    shown = one.outcome.commits if ink.look.piped else one.outcome.commits[-MOST:]
    for commit in reversed(shown):
        yield Entry("", commit.subject, f"{commit.id[:7]} {ink.when(commit.at)}")
    if left := len(one.outcome.commits) - len(shown):
        yield Entry("", f"and {plural(left, 'earlier commit')}: --json")
    for path in one.outcome.artifacts:
        yield Entry("", path)
    if one.note:
        yield Entry("", f"note: {one.note}")


def _time(one: Told, ink: Ink) -> str:
    if one.until is not None:
        return f"{iso(one.since)} to {iso(one.until)}"
    holds = f"holds it ({one.status})" if one.status else "its end is not known" if one.how != "seen" else "not claimed"
    return f"since {iso(one.since)}, {holds}"


def _sum(one: Told) -> str:
    made = one.outcome
    counts = [plural(len(made.commits), "commit")] if made.commits else []
    counts += [plural(len(made.artifacts), "document")] if made.artifacts else []
    counts += [step.say for step in made.steps if step.say == "merged"]
    return ", ".join(counts) or "nothing committed"

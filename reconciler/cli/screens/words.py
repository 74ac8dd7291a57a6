"""Short words for what the view says: who, how far, ids in a list. Shared by the screens."""

import re
from collections import Counter
from collections.abc import Iterable
from datetime import datetime

from reconciler.cli.screens.ink import Ink
from reconciler.cli.screens.text import natural, shorten, width
from reconciler.model import Drift, State, View, Workstream, WorkstreamId

WHO = 9  # columns of a session
NOBODY = "-"
NORMAL = 3  # a workstream without a priority sorts as p3


def states_of(view: View, ink: Ink) -> tuple[State, ...]:
    """The states in the order of the screen: open ones, most advanced first, then the closed ones.

    A state that no rule names (a view from elsewhere) comes last, and counts as open.
    """
    rows = ink.rules.states
    known = {row.name for row in rows}
    strange = sorted({stream.state for stream in view.workstreams} - known)
    return (
        *(row.name for row in rows if row.open),
        *strange,
        *(row.name for row in rows if not row.open),
    )


def is_open(stream: Workstream, ink: Ink) -> bool:
    row = next((row for row in ink.rules.states if row.name == stream.state), None)
    return row is None or row.open


def is_remark(drift: Drift) -> bool:
    """Words that lag behind, as they nearly always do: good to know, and nobody's task."""
    return drift.severity == "info"


def warnings_of(stream: Workstream) -> list[Drift]:
    """The drift that asks for somebody."""
    return [one for one in stream.drift if not is_remark(one)]


def who_names(view: View) -> dict[str, str]:
    """Each session's short name, unique among those of the view: ``claude-7c``, ``d3f0c6f8``."""
    sessions = {claim.session for claim in view.claims}
    sessions |= {stream.claim.session for stream in view.workstreams if stream.claim}
    for size in (2, 4, 8):
        names = {session: _short_session(session, size) for session in sessions}
        if max(Counter(names.values()).values(), default=1) == 1:
            return names
    return {session: session for session in sessions}


def in_order(streams: Iterable[Workstream]) -> list[Workstream]:
    """Priority, then newest evidence first, then id; a child follows its parent where both are listed."""
    rows = list(streams)
    ids = {row.id: row for row in rows}
    best: dict[WorkstreamId, tuple[int, float]] = {}
    root = {row.id: _root(row, ids) for row in rows}
    for row in rows:
        best[root[row.id]] = min(best.get(root[row.id], _rank(row)), _rank(row))
    return sorted(
        rows,
        key=lambda row: (best[root[row.id]], natural(root[row.id]), row.id != root[row.id], natural(row.id)),
    )


def last_seen(stream: Workstream) -> datetime | None:
    """The time of a row: its holder's last sign, else when it landed, else its newest evidence."""
    return stream.claim.heard if stream.claim else stream.merged_at or stream.updated


def phase_of(stream: Workstream) -> str:
    return stream.phase_text or NOBODY


def listed(ids: Iterable[str], ink: Ink, room: int | None, *, counted: str = "+{n}") -> str:
    """Ids with commas, as many as fit in ``room`` columns, and the count of the others."""
    names = [ink.text(name) for name in ids]
    if room is None:
        return ", ".join(names)
    whole = ", ".join(names)
    if width(whole) <= room or not names:
        return whole
    best = ""
    for shown in range(1, len(names)):
        text = ", ".join(names[:shown]) + ", " + counted.format(n=len(names) - shown)
        if width(text) > room:
            break
        best = text
    tail = ", " + counted.format(n=len(names) - 1) if len(names) > 1 else ""
    return best or shorten(names[0], max(room - len(tail), 1), ink.look.mark) + tail


def _rank(stream: Workstream) -> tuple[int, float]:
    priority = NORMAL if stream.priority is None else stream.priority
    at = stream.merged_at or stream.updated
    return priority, -at.timestamp() if at else float("inf")


def _root(stream: Workstream, ids: dict[WorkstreamId, Workstream]) -> WorkstreamId:
    seen = {stream.id}
    while stream.parent in ids and stream.parent not in seen:
        stream = ids[stream.parent]
        seen.add(stream.id)
    return min(seen) if stream.parent in seen else stream.id


def _short_session(session: str, size: int) -> str:
    """``claude-7c41d2`` → ``claude-7c``; a bare UUID keeps its first eight digits."""
    named = re.fullmatch(r"([A-Za-z]{1,10})[-_:]([0-9A-Za-z][0-9A-Za-z-]*)", session)
    if named and not re.fullmatch(r"[0-9a-fA-F]{8}(-[0-9a-fA-F]+)+", session):
        return f"{named[1]}-{named[2][:size]}"
    return session[: max(8, size)] if re.match(r"[0-9a-fA-F]{8}-", session) else session

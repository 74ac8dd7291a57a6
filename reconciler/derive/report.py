"""Progress since a moment: what was merged, what moved, what is stuck, how fast it flows. Pure.

No number stands on fewer than five cases. Nothing is remembered between reports: all follows from what is there.
"""

from collections import Counter
from collections.abc import Mapping, Sequence
from datetime import datetime, timedelta
from itertools import pairwise

from reconciler.derive.history import Past, Step, is_cut, state_at
from reconciler.frozen import frozen
from reconciler.model import Snapshot, State, View, Workstream, WorkstreamId
from reconciler.policy import Rulebook

FEWEST = 5  # cases that a number needs
FLOW = 30  # days that the flow looks back
WEEK = timedelta(days=7)
POINTS = 60  # of the burn-up, at most
DONE = State("merged")
GIVEN_UP = State("abandoned")


@frozen
class Moved:
    """``before`` None: it was not known then."""

    stream: Workstream
    before: State | None
    step: Step


@frozen
class Stuck:
    """Blocked, by what and since when it is in its state."""

    stream: Workstream
    since: datetime | None


@frozen
class Spread:
    """How long something took, in days; the numbers only from five cases on."""

    cases: int
    median: float | None = None
    most: float | None = None  # 85 in 100 took no longer


@frozen
class Point:
    """What was done and known at one moment."""

    at: datetime
    done: int
    known: int


@frozen
class Report:
    since: datetime
    until: datetime
    merged: tuple[Workstream, ...]  # oldest first
    moved: tuple[Moved, ...]  # open ones, newest first
    stale: tuple[Workstream, ...]
    drift: tuple[Workstream, ...]
    blocked: tuple[Stuck, ...]
    flow: Spread  # first trace to merge, of those merged in the last 30 days
    points: tuple[Point, ...]  # burn-up; the first at ``since``, the last now
    oldest: Workstream | None  # of the open ones
    ageing: tuple[Stuck, ...]  # in flight, longest in its state first; weekly
    times: tuple[tuple[State, Spread], ...]  # days in a state, of those left since; weekly
    waiting: tuple[tuple[WorkstreamId, int], ...]  # who keeps how many waiting; weekly
    cut: bool  # older history was not read

    @property
    def is_weekly(self) -> bool:
        return self.until - self.since >= WEEK


def report(view: View, snapshot: Snapshot, rulebook: Rulebook, since: datetime, until: datetime) -> Report:
    """Everything from ``since`` to ``until``, which is now."""
    past = Past(snapshot, rulebook)
    steps = {stream.id: past.steps(stream) for stream in view.workstreams}
    closed = {row.name for row in rulebook.states if not row.open}
    opens = [stream for stream in view.workstreams if stream.state not in closed]
    merged = [s for s in view.workstreams if s.state == DONE and s.merged_at and since < s.merged_at <= until]
    dated = [stream for stream in opens if stream.created]
    return Report(
        since=since,
        until=until,
        merged=tuple(sorted(merged, key=lambda s: (s.merged_at, s.id))),
        moved=_moved(opens, steps, since, until),
        stale=tuple(s for s in opens if "stale" in s.flags or (s.claim and s.claim.status == "stale")),
        drift=tuple(s for s in opens if "drift" in s.flags),
        blocked=tuple(Stuck(s, _since(steps[s.id])) for s in opens if s.blocked_by),
        flow=_flow(view.workstreams, steps, until),
        points=_points(steps, view.workstreams, since, until),
        oldest=min(dated, key=lambda s: (s.created, s.id), default=None),
        ageing=_ageing(opens, steps),
        times=_times(steps, rulebook, since, until),
        waiting=_waiting(opens),
        cut=is_cut(snapshot.history),
    )


def spread(days: Sequence[float]) -> Spread:
    """Median and 85th percentile (nearest rank), from five cases on."""
    ranked = sorted(days)
    if len(ranked) < FEWEST:
        return Spread(len(ranked))
    middle = len(ranked) // 2
    median = ranked[middle] if len(ranked) % 2 else (ranked[middle - 1] + ranked[middle]) / 2
    return Spread(len(ranked), median, ranked[-(-len(ranked) * 85 // 100) - 1])


def _moved(
    opens: Sequence[Workstream], steps: Mapping[WorkstreamId, Sequence[Step]], since: datetime, until: datetime
) -> tuple[Moved, ...]:
    found = []
    for stream in opens:
        lately = [step for step in steps[stream.id] if since < step.at <= until]
        before = state_at(steps[stream.id], since)
        if lately and before != stream.state:
            found.append(Moved(stream, before, lately[-1]))
    return tuple(sorted(found, key=lambda moved: (-moved.step.at.timestamp(), moved.stream.id)))


def _since(steps: Sequence[Step]) -> datetime | None:
    return steps[-1].at if steps else None


def _flow(streams: Sequence[Workstream], steps: Mapping[WorkstreamId, Sequence[Step]], until: datetime) -> Spread:
    """From the first trace, which is a commit, a dated document or an intent."""
    start = until - timedelta(days=FLOW)
    done = [s for s in streams if s.state == DONE and s.merged_at and start < s.merged_at <= until and steps[s.id]]
    return spread([_days(steps[s.id][0].at, s.merged_at) for s in done if s.merged_at])


def _points(
    steps: Mapping[WorkstreamId, Sequence[Step]], streams: Sequence[Workstream], since: datetime, until: datetime
) -> tuple[Point, ...]:
    days = max(1, (until - since).days)
    count = min(days, POINTS - 1)
    moments = [since + (until - since) * number / count for number in range(count)]
    earlier = tuple(_point([state_at(steps[s.id], at) for s in streams], at) for at in moments)
    return (*earlier, _point([s.state for s in streams], until))


def _point(states: Sequence[State | None], at: datetime) -> Point:
    counted = [state for state in states if state is not None and state != GIVEN_UP]
    return Point(at, sum(state == DONE for state in counted), len(counted))


def _ageing(opens: Sequence[Workstream], steps: Mapping[WorkstreamId, Sequence[Step]]) -> tuple[Stuck, ...]:
    flying = [Stuck(s, _since(steps[s.id])) for s in opens if s.state in ("implementing", "in-review")]
    return tuple(sorted(flying, key=lambda one: (one.since is None, one.since, one.stream.id)))


def _times(
    steps: Mapping[WorkstreamId, Sequence[Step]], rulebook: Rulebook, since: datetime, until: datetime
) -> tuple[tuple[State, Spread], ...]:
    found: dict[State, list[float]] = {}
    for one in steps.values():
        for step, after in pairwise(one):
            if since < after.at <= until:
                found.setdefault(step.state, []).append(_days(step.at, after.at))
    return tuple((row.name, spread(found[row.name])) for row in rulebook.states if row.name in found)


def _waiting(opens: Sequence[Workstream]) -> tuple[tuple[WorkstreamId, int], ...]:
    counted = Counter(blocker for stream in opens for blocker in stream.blocked_by)
    return tuple(sorted(counted.items(), key=lambda item: (-item[1], item[0])))


def _days(start: datetime, end: datetime) -> float:
    return max(0.0, (end - start).total_seconds() / 86400)

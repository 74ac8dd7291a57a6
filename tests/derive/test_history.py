"""States of earlier moments from dated evidence, and the numbers of a report."""

from dataclasses import replace
from datetime import UTC, datetime, timedelta

import pytest

from reconciler.derive.history import Past, state_at
from reconciler.derive.report import Report, report, spread
from reconciler.derive.view import derive
from reconciler.model import CommitId, Snapshot, Text

from .make import NOON, branch, commit, document, intent, landing, rules, snapshot

DAY = timedelta(days=1)
MIDNIGHT = NOON - timedelta(hours=12)


def past_of(snap: Snapshot, name: str) -> list[tuple[datetime, str]]:
    stream = next(w for w in derive(snap, rules()).workstreams if w.id == name)
    return [(step.at, str(step.state)) for step in Past(snap, rules()).steps(stream)]


def test_a_plan_then_commits_then_a_review() -> None:
    own = branch("feature/fog", "src/fog.py", at=NOON + DAY)
    review = document("fog", "review", day=(NOON + 2 * DAY).date())
    snap = snapshot(document("fog"), review, branches=(own,), landings=(landing("feature/fog", "in-flight"),))
    assert past_of(snap, "fog") == [
        (MIDNIGHT, "ready"), (NOON + DAY, "implementing"), (MIDNIGHT + 2 * DAY, "in-review"),
    ]  # fmt: skip


def test_a_merge_knows_when_its_work_began() -> None:
    first = replace(commit("w1", at=NOON + DAY), parents=(CommitId("base"),))
    merge = replace(commit("c0ffee", at=NOON + 3 * DAY), parents=(CommitId("base"), CommitId("w1")))
    landed = landing("feature/fog", at=NOON + 3 * DAY)
    snap = snapshot(document("fog"), commits=(merge, first), landings=(landed,))
    snap = replace(snap, history=replace(snap.history, spine=frozenset({CommitId("c0ffee")})))
    assert past_of(snap, "fog") == [
        (MIDNIGHT, "ready"), (NOON + DAY, "implementing"), (NOON + 3 * DAY, "merged"),
    ]  # fmt: skip


def test_no_earlier_state_is_beyond_a_later_one() -> None:
    draft = document("fog", text=Text(title="Fog", status="Draft", claim="draft"))
    assert past_of(snapshot(draft), "fog") == [(MIDNIGHT, "planning")]


def test_nothing_dated_is_no_past() -> None:
    assert past_of(snapshot(intents=(intent("fog"),)), "fog") == []
    assert state_at((), NOON) is None


@pytest.mark.parametrize(
    ("days", "median", "most"),
    [([1, 2, 3, 4], None, None), ([1, 2, 3, 4, 90], 3, 90), (list(range(1, 21)), 10.5, 17)],
)
def test_numbers_need_five_cases(days: list[float], median: float | None, most: float | None) -> None:
    found = spread(days)
    assert (found.cases, found.median, found.most) == (len(days), median, most)


def reported(days: int) -> Report:
    """One merged yesterday, one that waits for another, both known for four days; it is noon four days later."""
    until = NOON + 4 * DAY
    landed = landing("feature/log", at=until - DAY)
    waiting = document("sail", text=replace(Text(title="Sail"), dependencies=_needs("fog")))
    snap = snapshot(document("log"), document("fog"), waiting, landings=(landed,))
    return report(derive(snap, rules()), snap, rules(), until - days * DAY, until)


def _needs(name: str):  # type: ignore[no-untyped-def]
    from .make import needs

    return needs(name).dependencies


def test_what_a_day_brought() -> None:
    found = reported(2)
    assert [str(s.id) for s in found.merged] == ["log"]
    assert found.moved == ()
    assert [(str(b.stream.id), b.since) for b in found.blocked] == [("sail", MIDNIGHT)]
    assert (found.flow.cases, found.flow.median) == (1, None)
    assert [(p.done, p.known) for p in found.points] == [(0, 3), (1, 3), (1, 3)]
    assert not found.is_weekly


def test_a_week_knows_what_was_new_and_who_is_waited_for() -> None:
    found = reported(7)
    assert [(str(m.stream.id), m.before) for m in found.moved] == [("fog", None), ("sail", None)]
    assert [(p.done, p.known) for p in (found.points[0], found.points[-1])] == [(0, 0), (1, 3)]
    assert found.waiting == (("fog", 1),)
    assert found.points[0].at == datetime(2026, 2, 27, 12, tzinfo=UTC)

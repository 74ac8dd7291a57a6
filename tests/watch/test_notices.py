"""What a person is told, and what not."""

from itertools import pairwise

from hypothesis import given
from hypothesis import strategies as st

from reconciler.model import Drift, View
from reconciler.watch.notices import AGAIN, Attention, Notice, attend
from tests.publish.make import claim, merged, workstream
from tests.watch.make import view

QUIET = view(workstream("fog", "implementing"))
DRIFT = view(workstream("fog", "implementing", flags=("drift",), drift=(Drift("d", "says done", "x.md:4"),)))


def told(*views: View, step: float = 10.0) -> list[str]:
    attention, texts = Attention(), []
    for number, one in enumerate(views):
        attention, notice = attend(attention, one, number * step)
        texts += [notice.text] if notice else []
    return texts


def test_nothing_is_replayed_at_the_start() -> None:
    assert told(DRIFT, DRIFT, DRIFT) == []


def test_it_is_told_once_when_a_second_pass_still_sees_it() -> None:
    assert told(QUIET, DRIFT) == []
    assert told(QUIET, DRIFT, DRIFT, DRIFT) == ["fog: drift says done, x.md:4  swarm explain fog"]


def test_what_passes_by_is_not_told() -> None:
    assert told(QUIET, DRIFT, QUIET, DRIFT, QUIET) == []


def test_the_same_is_not_told_again_within_an_hour() -> None:
    views = (QUIET, DRIFT, DRIFT, QUIET, DRIFT, DRIFT)
    assert len(told(*views)) == 1
    assert len(told(*views, step=AGAIN / 2)) == 2


def test_a_burst_is_one_notice() -> None:
    many = view(*(workstream(f"w{i}", "implementing", flags=("conflicted", "drift")) for i in range(4)))
    calm = view(*(workstream(f"w{i}", "implementing") for i in range(4)))
    assert told(calm, many, many) == ["8 need you: conflict w0, drift w0, conflict w1, 5 more  swarm status"]


def test_unblocked_is_told_of_what_was_blocked_and_nobody_holds() -> None:
    blocked = view(workstream("fog", "ready", flags=("blocked",)))
    assert told(blocked, view(workstream("fog")), view(workstream("fog"))) == [
        "fog: unblocked ready, nobody is on it  swarm explain fog"
    ]
    held = view(workstream("fog", claim=claim("fog")))
    assert told(blocked, held, held) == []
    assert told(view(), view(workstream("fog")), view(workstream("fog"))) == []


def test_landed_is_told_of_what_was_seen_open() -> None:
    after = view(merged("fog"))
    assert told(QUIET, after, after) == ["fog: landed in ccccccc  swarm explain fog"]
    assert told(view(), after, after) == []


def test_stale_names_who_was_not_heard() -> None:
    stale = view(workstream("fog", "implementing", flags=("stale",), claim=claim("fog")))
    assert told(QUIET, stale, stale) == ["fog: stale claude-7c not heard since 2026-01-18T12:00Z  swarm explain fog"]


def test_texts_cannot_steer_a_terminal() -> None:
    bad = "fog\x1b]0;x\x07\u202e"
    first = view(workstream(bad, "implementing"), name="a\x1bb")
    second = view(workstream(bad, "implementing", flags=("drift",)), name="a\x1bb")
    attention = Attention()
    notice: Notice | None = None
    for one in (first, second, second):
        attention, notice = attend(attention, one, 0.0)
    assert notice is not None
    assert (notice.title + notice.text).isprintable()


@given(st.lists(st.booleans(), max_size=40))
def test_told_only_after_two_passes_in_a_row_and_never_twice_within_the_hour(shows: list[bool]) -> None:
    attention, _ = attend(Attention(), QUIET, 0.0)
    before = False
    count = 0
    for number, show in enumerate(shows):
        attention, notice = attend(attention, DRIFT if show else QUIET, float(number))
        count += notice is not None
        assert notice is None or (show and before)
        before = show
    assert count == (1 if any(a and b for a, b in pairwise(shows)) else 0)

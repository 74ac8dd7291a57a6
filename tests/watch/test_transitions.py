"""What changed between two views, in words."""

from datetime import UTC, datetime

from reconciler.model import View
from reconciler.watch.transitions import changes
from tests.publish.make import claim, merged, workstream
from tests.watch.make import view


def said(before: View, after: View) -> list[str]:
    return [event.sentence() for event in changes(before, after)]


def test_nothing_changed() -> None:
    assert said(view(workstream()), view(workstream())) == []


def test_new_and_gone() -> None:
    assert said(view(workstream("a", "idea")), view(workstream("b", "idea"))) == [
        "a: gone, was idea (nothing of it is left)",
        "b: new, idea (a plan)",
    ]


def test_free_again_says_what_landed() -> None:
    waiting = workstream("fog-of-war", flags=("blocked",), blocked_by=("vision-system",))
    before = view(waiting, workstream("vision-system", "implementing"))
    after = view(workstream("fog-of-war"), merged("vision-system", reason="merged into main"))
    assert said(before, after) == [
        "fog-of-war: blocked → ready (vision-system landed in ccccccc)",
        "vision-system: implementing → merged (merged into main)",
    ]
    assert [event.kind for event in changes(before, after)] == ["unblocked", "landed"]


def test_blocked_says_by_what() -> None:
    after = view(workstream("fog", flags=("blocked",), blocked_by=("vision",)))
    assert said(view(workstream("fog")), after) == ["fog: ready → blocked (waits for vision)"]


def test_flags_and_holders_come_and_go() -> None:
    plain = view(workstream("fog", "implementing"))
    stream = workstream("fog", "implementing", flags=("conflicted",), conflicts=(("map", ("a.py",)),), claim=claim())
    assert said(plain, view(stream)) == ["fog: conflict (with map: a.py)", "fog: held by claude-7c"]
    assert said(view(stream), plain) == ["fog: no longer conflict", "fog: released by claude-7c"]


def test_the_document_of_an_event() -> None:
    (event,) = changes(view(workstream("fog")), view(workstream("fog", "implementing")))
    assert event.document(datetime(2026, 3, 2, 9, 0, tzinfo=UTC)) == {
        "schema": "swarm.event/1",
        "kind": "moved",
        "id": "fog",
        "from": "ready",
        "to": "implementing",
        "reason": "a plan",
        "at": "2026-03-02T09:00:00Z",
    }


def test_hostile_names_are_shown_as_escapes() -> None:
    assert said(view(), view(workstream("a\x1b[2J", reason="b\nc"))) == ["a\\x1b[2J: new, ready (b\\x0ac)"]

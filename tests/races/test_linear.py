"""The search itself: it must see what is wrong, and believe what can be explained."""

import pytest

from tests.races.history import Call
from tests.races.linear import is_explained, numbers_repeat


def call(session: str, start: int, end: int | None, answer: str = "", request: str = "claim", holder: str = "") -> Call:
    return Call("x", session, request, start, *((end,) if end is not None else ()), answer=answer, holder=holder)


RIGHT = {
    "one wins": [call("a", 0, 9, "claimed"), call("b", 1, 8, "refused", holder="a")],
    "handed on": [call("a", 0, 1, "claimed"), call("a", 2, 3, "released", "release"), call("b", 4, 5, "claimed")],
    "handed on within overlapping calls": [
        call("b", 0, 9, "claimed"),
        call("a", 1, 2, "claimed"),
        call("a", 3, 8, "released", "release"),
    ],
    "unheard and had no effect": [call("a", 0, None), call("b", 1, 2, "claimed")],
    "unheard but had effect later": [
        call("a", 0, None),
        call("b", 1, 2, "claimed"),
        call("b", 3, 4, "released", "release"),
        call("c", 5, 6, "refused", holder="a"),
    ],
    "taken from a dead one": [call("dead", 0, 1, "claimed"), call("b", 60, 70, "taken-over", holder="dead")],
    "whatever a command says": [call("a", 0, 1, "ok"), call("a", 2, 3, "ok"), call("b", 4, 5, "refused")],
}
WRONG = {
    "two winners": [call("a", 0, 9, "claimed"), call("b", 1, 8, "claimed")],
    "two winners by exit code": [call("a", 0, 1, "ok"), call("b", 2, 3, "ok")],
    "refused by nobody": [call("a", 0, 1, "refused", holder="b")],
    "refused by a dream": [call("a", 0, 1, "claimed"), call("b", 2, 3, "refused", holder="c")],
    "vanished": [call("a", 0, 1, "claimed"), call("f", 2, 3, "free", "read")],
    "taken from the living": [call("a", 0, 1, "claimed"), call("b", 2, 3, "taken-over", holder="a")],
    "taken before it died": [call("dead", 0, 1, "claimed"), call("b", 2, 3, "taken-over", holder="dead")],
    "an answer from before": [
        call("a", 0, 1, "claimed"),
        call("a", 2, 3, "released", "release"),
        call("b", 4, 5, "refused", holder="a"),
    ],
    "given back twice": [call("a", 0, 1, "claimed"), *(call("a", n, n + 1, "released", "release") for n in (2, 4))],
}
DEATHS = {"dead": 50}


@pytest.mark.parametrize("calls", RIGHT.values(), ids=RIGHT)
def test_what_one_owner_at_a_time_explains(calls: list[Call]) -> None:
    assert is_explained(calls, DEATHS)


@pytest.mark.parametrize("calls", WRONG.values(), ids=WRONG)
def test_what_nothing_explains(calls: list[Call]) -> None:
    assert not is_explained(calls, DEATHS)


def test_numbers_given_twice_or_falling_are_seen() -> None:
    def numbered(start: int, number: int) -> Call:
        return Call("x", "a", "claim", start, start + 1, "claimed", generation=number)

    assert numbers_repeat([numbered(0, 1), numbered(2, 3)]) == []
    assert numbers_repeat([numbered(0, 3), numbered(2, 3)]) == ["x"]
    assert numbers_repeat([numbered(0, 3), numbered(2, 1)]) == ["x"]

"""Can a history be explained by one owner at a time? A search in the manner of Wing and Gong, one workstream at a time.

A call may have taken effect at any moment between its start and its end; one that was never answered at any moment
after its start, or never. Some order that respects this must give every answer that was heard.
"""

from collections import defaultdict
from collections.abc import Iterable, Mapping, Sequence
from itertools import pairwise

from tests.races.history import Call

NOBODY = ""


def unexplained(
    calls: Iterable[Call], deaths: Mapping[str, int], at_first: Mapping[str, str] | None = None
) -> list[str]:
    """Return the keys whose calls no order explains, sorted. ``deaths``: session -> when it was killed."""
    by_key: dict[str, list[Call]] = defaultdict(list)
    for call in calls:
        by_key[call.key].append(call)
    first = at_first or {}
    return sorted(key for key, some in by_key.items() if not is_explained(some, deaths, first.get(key, NOBODY)))


def is_explained(calls: Sequence[Call], deaths: Mapping[str, int], owner: str = NOBODY) -> bool:
    """Search for an order of the calls of one key in which each answer is right."""
    order = sorted(calls, key=lambda call: call.start)
    answered = sum(1 << at for at, call in enumerate(order) if call.answer)
    seen = set()
    stack = [(0, owner)]
    while stack:
        done, state = stack.pop()
        if done & answered == answered:
            return True
        if (done, state) in seen:
            continue
        seen.add((done, state))
        for at in reversed(_may_be_next(order, done)):
            stack += [(done | 1 << at, after) for after in _states_after(order[at], state, deaths)]
    return False


def numbers_repeat(calls: Iterable[Call]) -> list[str]:
    """Return the keys on which a number was given twice, or a later call got a lower one; sorted."""
    by_key: dict[str, list[Call]] = defaultdict(list)
    for call in calls:
        if call.generation and call.request == "claim":
            by_key[call.key].append(call)
    return sorted(key for key, some in by_key.items() if not _rising(some))


def _rising(calls: list[Call]) -> bool:
    ordered = sorted(calls, key=lambda call: call.generation)
    return all(one.generation < other.generation and one.start <= other.end for one, other in pairwise(ordered))


def _may_be_next(order: Sequence[Call], done: int) -> list[int]:
    """Return the calls not done yet that began before every other one of them ended."""
    found: list[int] = []
    earliest = min((call.end for at, call in enumerate(order) if not done >> at & 1), default=0)
    for at, call in enumerate(order):
        if call.start > earliest:
            break
        if not done >> at & 1:
            found.append(at)
    return found


def _states_after(call: Call, state: str, deaths: Mapping[str, int]) -> list[str]:
    """Return the owners that may follow; none when the answer would be wrong in this state."""
    if call.request == "read":
        return [state] if call.holder == state else []
    taken = _taken(call, state, deaths) if call.request == "claim" else _given_back(call, state)
    if not call.answer:
        return [*taken, state]  # unheard: it took effect here, or the caller died before
    return taken


def _taken(call: Call, state: str, deaths: Mapping[str, int]) -> list[str]:
    if call.answer == "refused":
        return [state] if state not in (NOBODY, call.session) and call.holder in (state, "") else []
    dead = deaths.get(state, call.end + 1) <= call.end
    possible = {"claimed": state == NOBODY, "renewed": state == call.session, "taken-over": dead}
    if call.answer in possible:
        right = possible[call.answer] and (call.answer != "taken-over" or call.holder in (state, ""))
        return [call.session] if right else []
    return [call.session] if any(possible.values()) else []


def _given_back(call: Call, state: str) -> list[str]:
    mine = state == call.session
    if call.answer == "free":
        return [state] if state == NOBODY else []
    if call.answer == "refused":
        return [state] if state not in (NOBODY, call.session) else []
    return [NOBODY] if mine else []

"""Which events are worth a person's attention: once per transition, held for two passes, bursts as one. Pure.

A condition is a pair (id, reason) that holds in a view. What holds at the start is never told; what begins to hold
is told when the next pass still sees it, and not again within an hour.
"""

import shlex
from collections.abc import Mapping
from dataclasses import field, replace

from reconciler.frozen import frozen
from reconciler.model import View
from reconciler.printable import printable
from reconciler.watch.transitions import why_of, word_of

Condition = tuple[str, str]  # id, reason
AGAIN = 3600.0  # seconds before the same id and reason are told again
_FLAGS = {"conflicted": "conflict", "stale": "stale", "drift": "drift"}
_LONGEST = 200  # characters of one notice
_NAMED = 3  # of a burst


@frozen
class Notice:
    """One message: ``title`` and ``text`` are safe to show anywhere; never content of files."""

    title: str
    text: str
    ids: tuple[str, ...]


@frozen
class Attention:
    """What was seen and told so far."""

    begun: bool = False
    open: frozenset[str] = frozenset()  # ids that were seen open
    blocked: frozenset[str] = frozenset()  # ids that were seen blocked
    known: frozenset[Condition] = frozenset()  # holding, and told or there from the start
    fresh: frozenset[Condition] = frozenset()  # holding for one pass
    told: Mapping[Condition, float] = field(default_factory=dict)

    @property
    def is_waiting(self) -> bool:
        """Whether one more pass is wanted to confirm something."""
        return bool(self.fresh)


def attend(attention: Attention, view: View, now: float) -> tuple[Attention, Notice | None]:
    """One pass later: what to remember, and what to tell (several at once as one notice)."""
    attention = _with_ids(attention, view)
    holding = conditions(view, attention)
    current = frozenset(holding)
    if not attention.begun:
        return replace(attention, begun=True, known=current), None
    confirmed = current & attention.fresh
    due = sorted(c for c in confirmed if now - attention.told.get(c, now - AGAIN) >= AGAIN)
    known = (attention.known & current) | confirmed
    told = {c: at for c, at in attention.told.items() if now - at < AGAIN} | dict.fromkeys(due, now)
    after = replace(attention, known=known, fresh=current - known, told=told)
    return after, _notice(view.name, [(c, holding[c]) for c in due]) if due else None


def conditions(view: View, attention: Attention) -> dict[Condition, str]:
    """Every condition that holds, with a few words."""
    found: dict[Condition, str] = {}
    words = {word.name: word.open for word in view.words}
    for stream in view.workstreams:
        name = str(stream.id)
        for flag, reason in _FLAGS.items():
            if flag in stream.flags:
                found[name, reason] = why_of(stream, flag)
        if stream.state == "merged" and name in attention.open:
            found[name, "landed"] = f"in {stream.merge_commit[:7]}" if stream.merge_commit else ""
        is_free = "blocked" not in stream.flags and stream.claim is None and words.get(stream.state, False)
        if is_free and name in attention.blocked:
            found[name, "unblocked"] = f"{word_of(stream)}, nobody is on it"
    for one in view.next:
        if one.action == "review":
            found[str(one.id), "review"] = "wanted"
    return found


def _with_ids(attention: Attention, view: View) -> Attention:
    opens = {word.name for word in view.words if word.open}
    seen_open = {str(s.id) for s in view.workstreams if s.state in opens}
    seen_blocked = {str(s.id) for s in view.workstreams if "blocked" in s.flags}
    known = {str(s.id) for s in view.workstreams}
    return replace(
        attention,
        open=frozenset((attention.open | seen_open) & known),
        blocked=frozenset((attention.blocked | seen_blocked) & known),
    )


def _notice(name: str, due: list[tuple[Condition, str]]) -> Notice:
    ids = tuple(dict.fromkeys(condition[0] for condition, _ in due))
    if len(due) == 1:
        (one, reason), detail = due[0]
        text = f"{one}: {reason}" + (f" {detail}" if detail else "") + f"  {_command(one, reason)}"
    else:
        first = [f"{reason} {one}" for (one, reason), _ in due[:_NAMED]]
        more = f", {len(due) - _NAMED} more" if len(due) > _NAMED else ""
        text = f"{len(due)} need you: {', '.join(first)}{more}  swarm status"
    return Notice(printable(f"swarm {name}", limit=60), printable(text, limit=_LONGEST), ids)


def _command(one: str, reason: str) -> str:
    return "swarm conflicts" if reason == "conflict" else f"swarm explain {shlex.quote(one)}"

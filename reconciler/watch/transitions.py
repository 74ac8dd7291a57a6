"""What changed between two views, as events: a word of state, a flag, a holder. Pure."""

from collections.abc import Iterator, Mapping
from datetime import UTC, datetime

from reconciler.frozen import frozen
from reconciler.model import View, Workstream
from reconciler.printable import printable

SCHEMA = "swarm.event/1"
_FLAGS = {"conflicted": "conflict", "stale": "stale", "drift": "drift", "reopened": "reopened", "cycle": "cycle"}
_AT_WORK = frozenset({"implementing", "in-review"})  # blocked or not, that is what goes on


@frozen
class Event:
    """One thing that changed. ``kind``: moved, landed, blocked, unblocked, conflict, stale, drift, claimed ..."""

    kind: str
    id: str
    old: str  # what it was, "" for a new one
    new: str  # what it is, "" for one that is gone
    reason: str

    def sentence(self, arrow: str = "→") -> str:
        """One line for people, safe to print."""
        why = f" ({self.reason})" if self.reason else ""
        if self.old and self.new:
            return printable(f"{self.id}: {self.old} {arrow} {self.new}{why}")
        return printable(f"{self.id}: {self.new or f'gone, was {self.old}'}{why}")

    def document(self, at: datetime) -> dict[str, object]:
        """The event as it is given to programs."""
        stamp = at.astimezone(UTC).strftime("%Y-%m-%dT%H:%M:%SZ")
        return {
            "schema": SCHEMA, "kind": self.kind, "id": self.id, "from": self.old or None, "to": self.new or None,
            "reason": self.reason, "at": stamp,
        }  # fmt: skip


def changes(before: View, after: View) -> tuple[Event, ...]:
    """Everything that changed from one view to the next, by id."""
    old = {str(stream.id): stream for stream in before.workstreams}
    new = {str(stream.id): stream for stream in after.workstreams}
    events: list[Event] = []
    for name in sorted({*old, *new}):
        was, now = old.get(name), new.get(name)
        if now is None:
            assert was is not None  # it is in one of the two
            events.append(Event("gone", name, word_of(was), "", "nothing of it is left"))
        elif was is None:
            events.append(Event("new", name, "", f"new, {word_of(now)}", now.reason))
        elif was != now:
            events.extend(_changed(was, now, new))
    return tuple(events)


def word_of(stream: Workstream) -> str:
    """The state as one word: blocked, unless somebody works on it."""
    return "blocked" if "blocked" in stream.flags and stream.state not in _AT_WORK else str(stream.state)


def why_of(stream: Workstream, flag: str) -> str:
    """What a person should know about a flag."""
    if flag == "conflicted" and stream.conflicts:
        other, files = stream.conflicts[0]
        more = f" +{len(stream.conflicts) - 1}" if len(stream.conflicts) > 1 else ""
        return f"with {other}{more}: {files[0]}" if files else f"with {other}{more}"
    if flag == "drift" and stream.drift:
        return f"{stream.drift[0].say}, {stream.drift[0].source}"
    if flag == "stale" and stream.claim:
        return f"{stream.claim.session} not heard since {stream.claim.heard.astimezone(UTC):%Y-%m-%dT%H:%MZ}"
    return ""


def _changed(was: Workstream, now: Workstream, after: Mapping[str, Workstream]) -> Iterator[Event]:
    name = str(now.id)
    old, new = word_of(was), word_of(now)
    if old != new:
        yield Event(_kind(old, new), name, old, new, _why(was, now, after))
    for flag, kind in _FLAGS.items():
        if flag in now.flags and flag not in was.flags:
            yield Event(kind, name, "", kind, why_of(now, flag))
        elif flag in was.flags and flag not in now.flags:
            yield Event(f"no-{kind}", name, "", f"no longer {kind}", "")
    held, holds = _holder(was), _holder(now)
    if held != holds:
        said = f"held by {holds}" if holds else f"released by {held}"
        yield Event("claimed" if holds else "released", name, "", said, "")


def _kind(old: str, new: str) -> str:
    if new == "merged":
        return "landed"
    if new == "blocked":
        return "blocked"
    return "unblocked" if old == "blocked" else "moved"


def _why(was: Workstream, now: Workstream, after: Mapping[str, Workstream]) -> str:
    """For what is free again: what it waited for. Else the reason of the state."""
    if "blocked" in now.flags and "blocked" not in was.flags:
        return f"waits for {', '.join(now.blocked_by)}"
    freed = [after[str(b)] for b in was.blocked_by if b not in now.blocked_by and str(b) in after]
    landed = [stream for stream in freed if stream.state == "merged"]
    if "blocked" in was.flags and "blocked" not in now.flags and landed:
        last = landed[-1]
        return f"{last.id} landed in {last.merge_commit[:7]}" if last.merge_commit else f"{last.id} landed"
    return now.reason


def _holder(stream: Workstream) -> str:
    return stream.claim.session if stream.claim else ""

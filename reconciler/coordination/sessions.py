"""Sessions: their heartbeats, their end, what they worked on, and what is left of dead ones."""

from dataclasses import replace
from datetime import datetime
from pathlib import Path

from reconciler.coordination import beat, events, journal, store
from reconciler.coordination.holdings import instances
from reconciler.coordination.identity import Here, Identity
from reconciler.coordination.leases import Limits
from reconciler.coordination.names import decode, encode
from reconciler.errors import SwarmError
from reconciler.frozen import frozen

KEEP_EVENTS = 90 * 86400.0  # seconds; then the log of a session that is over goes


@frozen
class Stint:
    """One session's time on one workstream; ``until`` None = it has not given it back."""

    session: str
    workstream: str
    since: float
    until: float | None
    how: str
    branch: str = ""
    worktree: str = ""
    note: str = ""


def heartbeat(root: Path, who: Identity, here: Here) -> tuple[str, ...]:
    """Say that a session lives. Returns what could not be written as remarks: a claim stands without it."""
    try:
        beat.write(str(root), who.session, _signs(who, here))
    except OSError as error:
        return (f"the heartbeat of {who.session} could not be written: {error.strerror}",)
    return ()


def end(root: Path, who: Identity, here: Here) -> tuple[str, ...]:
    """Say that a session is over: what it still holds can be taken at once. A later heartbeat revives it."""
    try:
        beat.write(str(root), who.session, {**_signs(who, here), "ended": True})
    except OSError as error:
        return (f"the end of {who.session} could not be written: {error.strerror}",)
    return log(root, who.session, {"at": round(here.now, 3), "event": "end", "session": who.session})


def log(root: Path, session: str, values: dict[str, object]) -> tuple[str, ...]:
    """Note an event; a log that cannot be written is a remark, never a failure of what it tells about."""
    try:
        events.note(root, session, values)
    except SwarmError as error:
        return (error.message,)
    return ()


def sessions(root: Path, workstream: str = "") -> tuple[Stint, ...]:
    """Return who worked on what, oldest first: on one workstream, or on all.

    A claim tells; where a session held nothing, what its hooks noted of the worktree that it was in.
    """
    logs = {session: events.events(root, session) for session in events.sessions_noted(root)}
    taken = [event for log in logs.values() for event in log if event.previous]
    found = [_ended(stint, taken) for session, log in logs.items() for stint in _stints(session, log)]
    claimed = {(stint.session, stint.workstream) for stint in found}
    found += [stint for stint in _heard(root) if (stint.session, stint.workstream) not in claimed]
    chosen = [stint for stint in found if not workstream or stint.workstream == workstream]
    return tuple(sorted(chosen, key=lambda stint: (stint.since, stint.session, stint.workstream)))


def cleanup(root: Path, here: Here, limits: Limits | None = None) -> tuple[str, ...]:
    """Remove what dead sessions left: their heartbeat if they hold nothing, old logs, temporary files.

    Claims stay: who held last is known until somebody takes over. Returns one sentence for each thing removed.
    """
    said = []
    for instance in instances(root, here, limits):
        name = encode(instance.session)
        if instance.verdict.status == "stale" and not instance.holds and store.remove(root / "instances" / name):
            store.remove(root / "told" / name)
            said.append(f"forgot session {instance.session}: {instance.verdict.why}")
    for name in store.names(root / "events"):
        path = root / "events" / name
        old = store.touched(path) and here.now - store.touched(path) > KEEP_EVENTS
        if ".jsonl" in name and old and store.remove(path):
            said.append(f"removed the log of {decode(name.partition('.jsonl')[0]) or name}")
    folders = [root / "instances", root / "events", root / "ports", root / "told", root / "claims"]
    folders += [root / "claims" / name for name in store.names(root / "claims")]
    swept = sum(store.sweep(folder) for folder in folders)
    return (*said, *([f"removed {swept} temporary files of dead processes"] if swept else []))


# -- below


def _signs(who: Identity, here: Here) -> dict[str, object]:
    return {
        "heard": round(here.now, 3),
        "mono": round(here.mono, 3),
        "boot": who.boot,
        "host": who.host,
        "space": who.space,
        "pid": who.pid,
        "pid_start": who.pid_start,
        "worktree": who.worktree,
        "branch": who.branch,
    }


def _heard(root: Path) -> list[Stint]:
    """One stint for each session and workstream in the log of the hooks; its end is when the session ended."""
    found: dict[tuple[str, str], Stint] = {}
    for line in journal.read(str(root)):
        key, at = (line["session"], line["workstream"]), _seconds(line["ts"])
        if not line["workstream"] or at is None:
            continue
        first = found.get(key) or Stint(*key, at, None, "seen", line["branch"], line["worktree"])
        found[key] = replace(first, until=at if line["event"] == "end" else None)
    return list(found.values())


def _seconds(stamp: str) -> float | None:
    try:
        return datetime.fromisoformat(stamp).timestamp()
    except (ValueError, OverflowError):
        return None


def _ended(stint: Stint, taken: list[events.Event]) -> Stint:
    """A stint ends, too, when another session takes the work over or gives it back."""
    ends = [
        e for e in taken if e.previous == stint.session and e.workstream == stint.workstream and e.at >= stint.since
    ]
    first = min(ends, key=lambda event: event.at, default=None)
    if first is None or (stint.until is not None and stint.until <= first.at):
        return stint
    verb = "released" if first.event == "release" else "taken over"
    return replace(stint, until=first.at, note=f"{verb} by {first.session}" + (f": {first.note}" if first.note else ""))


def _stints(session: str, log: tuple[events.Event, ...]) -> list[Stint]:
    open_ones: dict[str, Stint] = {}
    closed = []
    for event in log:
        if event.event == "claim":
            open_ones[event.workstream] = Stint(
                session, event.workstream, event.at, None, event.how, event.branch, event.worktree
            )
        elif event.event == "release" and not event.previous and event.workstream in open_ones:
            closed.append(_until(open_ones.pop(event.workstream), event.at, event.note))
        elif event.event == "end":
            closed += [_until(stint, event.at, "the session ended") for stint in open_ones.values()]
            open_ones = {}
    return closed + list(open_ones.values())


def _until(stint: Stint, at: float, note: str) -> Stint:
    return replace(stint, until=at, note=note)

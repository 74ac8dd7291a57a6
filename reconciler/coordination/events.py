"""What a session did, one line each: start, claim, release, end. Never a heartbeat, never a prompt's text."""

import os
from contextlib import suppress
from pathlib import Path

from reconciler.coordination import beat, store
from reconciler.coordination.names import encode
from reconciler.coordination.records import load
from reconciler.errors import Busy, SwarmError
from reconciler.frozen import frozen

LARGEST = 256 * 1024  # bytes; then the file becomes the older half and a new one begins
KINDS = ("start", "claim", "release", "end")


@frozen
class Event:
    at: float
    event: str
    session: str
    workstream: str = ""
    generation: int = 0
    how: str = ""  # claimed | renewed | taken-over | forced | released
    worktree: str = ""
    branch: str = ""
    previous: str = ""
    note: str = ""


def note(root: Path, session: str, values: dict[str, object]) -> None:
    """Append one event to ``events/<session>.jsonl`` by a single write, and rotate what has grown too large."""
    path = root / "events" / f"{encode(session)}.jsonl"
    with store.told("write", path):
        if store.append(path, f"{beat.dump(values)}\n".encode()) > LARGEST:
            _rotate(path)


def events(root: Path, session: str) -> tuple[Event, ...]:
    """Return the events of one session, oldest first. Lines that cannot be read are left out."""
    path = root / "events" / f"{encode(session)}.jsonl"
    return tuple(event for file in (_older(path), path) for event in _read(file, session))


def sessions_noted(root: Path) -> tuple[str, ...]:
    """Return the names of all sessions that left events, sorted."""
    found = set()
    for name in store.names(root / "events"):
        stem, dot, _ = name.partition(".jsonl")
        if dot:
            found.add(_session_in(root / "events" / name) or stem)
    return tuple(sorted(found))


def after_beat(root: str, session: str, signs: dict[str, object], left: list[str], *, start: bool) -> None:
    """Do what a heartbeat does only now and then: note the start, sweep up. Raises OSError, for beat.py."""
    folder = Path(root) / "instances"
    if left:
        store.sweep(folder, left)
    if start:
        place = {name: signs[name] for name in ("host", "worktree", "branch")}
        with suppress(SwarmError):  # the heartbeat itself is written; the log is for people
            note(Path(root), session, {"at": signs["heard"], "event": "start", "session": session, **place})


# -- below: files


def _read(path: Path, session: str) -> list[Event]:
    found = []
    for line in store.read_if_whole(path, limit=4 * LARGEST).splitlines():
        values = load(line)
        at, kind = values.get("at"), values.get("event")
        if isinstance(at, int | float) and kind in KINDS and values.get("session") == session:
            found.append(_event(float(at), str(kind), session, values))
    return found


def _event(at: float, kind: str, session: str, values: dict[str, object]) -> Event:
    generation = values.get("generation")
    texts = {
        name: str(values.get(name, "")) for name in ("workstream", "how", "worktree", "branch", "previous", "note")
    }
    return Event(
        at=at,
        event=kind,
        session=session,
        generation=generation if isinstance(generation, int) else 0,
        **texts,
    )


def _session_in(path: Path) -> str:
    for line in store.read_if_whole(path).splitlines():
        session = load(line).get("session")
        if isinstance(session, str):
            return session
    return ""


def _rotate(path: Path) -> None:
    """Make the file the older half. Under a lock, or a second rotation would drop what the first one kept."""
    with suppress(Busy), store.locked(path.parent / "lock", wait=0.0):
        if os.stat(path).st_size > LARGEST:  # noqa: PTH116
            os.replace(path, _older(path))  # noqa: PTH105


def _older(path: Path) -> Path:
    return path.with_name(f"{path.name}.1")

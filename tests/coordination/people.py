"""Sessions, machines and moments for tests: everything that a clock or a process would say is given."""

from dataclasses import replace
from pathlib import Path

from reconciler.coordination.identity import Here, Identity
from reconciler.coordination.sessions import heartbeat

HOUR = 3600.0
DAY = 24 * HOUR
NOON = 1_768_737_600.0  # 2026-01-18T12:00:00Z


def who(session: str = "ann", *, pid: int | None = None, pid_start: str = "", **place: str) -> Identity:
    """Return a session on host "desk" in its first boot."""
    known = {"host": "desk", "boot": "boot-1", "space": "s", "worktree": f"/trees/{session}", "branch": "b", **place}
    return Identity(session=session, pid=pid, pid_start=pid_start, **known)


def at(
    hours: float = 0.0,
    *,
    clock: float = 0.0,
    boot: str = "boot-1",
    host: str = "desk",
    space: str = "s",
    booted: float = NOON - DAY,
    gone: tuple[tuple[int, str], ...] = (),
    missing: tuple[str, ...] = (),
) -> Here:
    """Return host "desk" so many hours after noon; ``clock`` is by how many seconds its wall clock is wrong."""
    return Here(
        now=NOON + hours * HOUR + clock,
        mono=DAY + hours * HOUR,
        host=host,
        boot=boot,
        space=space,
        booted=booted + clock,
        process=lambda pid, start: (pid, start) not in gone,
        folder=lambda path: path not in missing,
    )


def beat(root: Path, session: str, here: Here, **place: str) -> None:
    """Let a session be heard."""
    assert heartbeat(root, replace(who(session, **place), host=here.host, boot=here.boot), here) == ()

"""Who asks (a session on a machine, in a work tree) and where and when a question is asked."""

import os
import time
from collections.abc import Callable, Mapping
from pathlib import Path

from reconciler.coordination import beat, machine
from reconciler.coordination.names import clean_session
from reconciler.frozen import frozen


@frozen
class Identity:
    """The one who claims. ``pid`` is the agent process where known: when it ends, the session has ended."""

    session: str
    host: str = ""
    boot: str = ""  # id of this boot of the kernel
    space: str = ""  # process id namespace
    pid: int | None = None
    pid_start: str = ""
    worktree: str = ""
    branch: str = ""


@frozen
class Here:
    """Where and when a question is asked, and the two things that can be looked up here."""

    now: float  # wall clock, seconds since 1970
    mono: float  # a clock that never jumps and stands still while the machine sleeps
    host: str
    boot: str
    space: str
    booted: float = 0.0  # when this boot began, by the wall clock of now; 0.0 = not known
    process: Callable[[int, str], bool | None] = machine.is_alive  # (pid, start) -> runs, gone, cannot be told
    folder: Callable[[str], bool | None] = lambda _: None  # path -> there, gone, cannot be told


def here(now: float | None = None) -> Here:
    """Return this machine at this moment."""
    wall = time.time() if now is None else now
    return Here(
        now=wall,
        mono=time.monotonic(),
        host=machine.host(),
        boot=machine.boot_id(),
        space=machine.pid_space(),
        booted=_booted(wall),
        folder=is_there,
    )


def identity_from(
    environ: Mapping[str, str], *, session: str = "", folder: Path = Path(), parent: int | None = None
) -> Identity:
    """Return who asks: the session given, else SWARM_SESSION, CLAUDE_CODE_SESSION_ID, else one derived.

    Derived is ``<agent>-<pid>-<start>-<boot>`` of the nearest agent process above us, else ``shell-…`` of the parent
    process: the same for the life of a shell. A name is made safe to show (bounded, no control characters).
    """
    asker = os.getppid() if parent is None else parent
    name, pid, started = machine.session(session, environ, asker)
    try:
        _, tree, git_dir = beat.find_repository(str(folder))
        branch = beat.branch_of(git_dir)
    except OSError:
        tree, branch = "", ""
    return Identity(
        session=clean_session(name),
        host=machine.host(),
        boot=machine.boot_id(),
        space=machine.pid_space(),
        pid=pid,
        pid_start=started,
        worktree=tree,
        branch=branch,
    )


def is_there(path: str) -> bool | None:
    """Tell whether a folder is there; None when it cannot be told (no permission, a name no disk can have)."""
    try:
        Path(path).stat()
    except (FileNotFoundError, NotADirectoryError):
        return False
    except (OSError, ValueError):
        return None
    return True


def _booted(wall: float) -> float:
    clock = getattr(time, "CLOCK_BOOTTIME", None)  # counts sleep; Linux only
    return 0.0 if clock is None else wall - time.clock_gettime(clock)

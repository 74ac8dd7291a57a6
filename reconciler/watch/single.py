"""One watcher for each repository: a kernel lock on a file that stays, with who holds it inside."""

import errno
import fcntl
import json
import os
import signal
import time
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from dataclasses import asdict
from datetime import datetime
from pathlib import Path

from reconciler import files
from reconciler.errors import Busy, SwarmError
from reconciler.frozen import frozen
from reconciler.printable import printable

NAME = "watch.lock"
LOG = "watch.log"
_FLAGS = os.O_RDWR | os.O_CREAT | os.O_NOFOLLOW | os.O_CLOEXEC
_LIMIT = 4096


@frozen
class Holder:
    """Who watches."""

    pid: int
    host: str
    since: str  # ISO 8601
    born: str  # start of the process as the system counts it, "" where it does not tell


@contextmanager
def only_watcher(common_dir: Path, *, now: datetime, handed: int = -1) -> Iterator[int]:
    """Be the one watcher of this repository; the open lock. Raises Busy with who it is when there is another.

    The kernel takes the lock back whatever ends the process, so nothing is ever left to clean up. ``handed``: the
    open lock of what this process was before it began afresh.
    """
    with _opened(common_dir) as opened:
        fd = handed if _is_same(handed, opened) else opened
        if not _take(fd):
            held = _read(fd)
            who = f"process {held.pid} on {held.host} since {held.since}" if held else "another process"
            raise Busy(f"already watched by {printable(who)}", hint="swarm watch --stop")
        me = Holder(os.getpid(), os.uname().nodename[:100], now.isoformat(timespec="seconds"), _born(os.getpid()))
        try:
            os.ftruncate(fd, 0)
            os.pwrite(fd, json.dumps(asdict(me)).encode(), 0)
            yield fd
        finally:
            with suppress(OSError):
                os.ftruncate(fd, 0)


def holder(common_dir: Path) -> Holder | None:
    """Who watches now; None = nobody."""
    if not (common_dir / files.HOME / NAME).exists():
        return None
    with _opened(common_dir) as fd:
        if _take(fd):
            return None  # closing the file gives it back
        return _read(fd) or Holder(0, "", "", "")


def stop(common_dir: Path, *, patience: float = 15.0) -> Holder | None:
    """End the watcher and wait until it is gone; who it was, None when there was none.

    Raises SwarmError when it runs on another host, cannot be told apart from another process, or does not end.
    """
    held = holder(common_dir)
    if held is None:
        return None
    if held.host != os.uname().nodename[:100]:
        raise SwarmError(f"it is watched on the host {printable(held.host)}", hint="swarm watch --stop, on that host")
    if held.pid <= 1 or held.born != _born(held.pid):
        raise SwarmError("the watcher does not say which process it is", hint="fuser -v .git/swarm/watch.lock")
    try:
        os.kill(held.pid, signal.SIGTERM)
    except ProcessLookupError:
        return held
    except PermissionError as error:
        raise SwarmError(f"process {held.pid} belongs to another user", hint=f"sudo kill {held.pid}") from error
    end = time.monotonic() + patience
    while holder(common_dir) == held:
        if time.monotonic() > end:
            raise Busy(f"process {held.pid} has not ended within {patience:g} s", hint=f"kill {held.pid}")
        time.sleep(0.05)
    return held


@contextmanager
def _opened(common_dir: Path) -> Iterator[int]:
    with files.open_folder(common_dir, files.HOME, create=True) as home:
        assert home is not None  # it was to be created
        try:
            fd = os.open(NAME, _FLAGS, 0o666, dir_fd=home.fd)
        except OSError as error:
            raise files.failed("open", home.path / NAME, error) from error
    try:
        yield fd
    finally:
        os.close(fd)


def _is_same(handed: int, opened: int) -> bool:
    """Whether both are the same file; then no child gets it."""
    try:
        if handed <= 2 or not os.path.samestat(os.fstat(handed), os.fstat(opened)):
            return False
        os.set_inheritable(handed, False)
    except OSError:
        return False
    return True


def _take(fd: int) -> bool:
    try:
        fcntl.flock(fd, fcntl.LOCK_EX | fcntl.LOCK_NB)
    except OSError as error:
        if error.errno in (errno.EAGAIN, errno.EACCES):
            return False
        raise SwarmError("the disk of the git folder has no locks", hint="swarm watch --once, from a timer") from error
    return True


def _read(fd: int) -> Holder | None:
    try:
        found = json.loads(os.pread(fd, _LIMIT, 0))
        return Holder(int(found["pid"]), str(found["host"]), str(found["since"]), str(found["born"]))
    except (OSError, ValueError, KeyError, TypeError):
        return None


def _born(pid: int) -> str:
    """The process's start in ticks since boot: with its pid it names one process for good."""
    try:
        text = Path(f"/proc/{pid}/stat").read_text("utf-8", "replace")
    except OSError:
        return ""
    values = text.rpartition(")")[2].split()
    return values[19] if len(values) > 19 else ""

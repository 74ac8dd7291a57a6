"""The steps on disk that claims rest on: put a whole file in place once, replace it, read it, sweep up.

Every call goes through ``os`` by name, so that tests can fail or kill each single one.
Nothing here deletes and creates again, and no lock is held while a program of somebody else runs.
"""
# ruff: noqa: PTH103, PTH105, PTH108, PTH114, PTH116, PTH208

import errno
import os
import time
from collections.abc import Iterable, Iterator
from contextlib import contextmanager, suppress
from pathlib import Path

from reconciler.coordination import machine
from reconciler.coordination.beat import TEMPORARY, no_link, put, temporary_name, writer
from reconciler.errors import Busy, SwarmError
from reconciler.files import failed

LIMIT = 64 * 1024  # bytes; our facts are under two thousand
WAIT = 5.0  # seconds for a lock, where a file system has no links
_ATTEMPTS = 3
_OLD = 3600.0  # seconds after which a temporary file of a writer we cannot ask is a leftover
_NO_LINKS = frozenset(
    {errno.EPERM, errno.EACCES, errno.ENOTSUP, errno.EOPNOTSUPP, errno.ENOSYS, errno.EMLINK, errno.EXDEV}
)
_CREATE = os.O_WRONLY | os.O_CREAT | os.O_EXCL | os.O_CLOEXEC
_PLAIN = os.O_CLOEXEC | getattr(os, "O_NOFOLLOW", 0)  # a link in place of a file leads to what is not ours


def create(path: Path, data: bytes) -> bool:
    """Put a new, whole and flushed file at ``path``; False when the name was taken. One of many callers wins.

    A link to a complete temporary file is the one step (after a long sleep of this process somebody may have swept
    that file up: then it is written again). Where the file system has no links, a lock on a file that
    is never removed keeps creators apart.
    """
    folder = path.parent
    with told("write", path):
        _make(folder)
        for attempt in range(_ATTEMPTS):
            temporary = _written(folder, data)
            try:
                return _placed(temporary, path)
            except FileNotFoundError:
                if attempt == _ATTEMPTS - 1:
                    raise
            finally:
                _forget(temporary)
        return False


def replace(path: Path, data: bytes) -> None:
    """Replace ``path`` by a whole and flushed file; for facts with one writer."""
    with told("write", path):
        _make(path.parent)
        temporary = _written(path.parent, data)
        try:
            os.replace(temporary, path)
        except OSError:
            _forget(temporary)
            raise
        _flush(path.parent)


def append(path: Path, data: bytes) -> int:
    """Add ``data`` to the end of a file by one write; return the file's size. Raises OSError."""
    _make(path.parent)
    fd = os.open(path, os.O_WRONLY | os.O_CREAT | os.O_APPEND | os.O_NONBLOCK | _PLAIN, 0o666)
    try:
        put(fd, data)
        return os.fstat(fd).st_size
    finally:
        os.close(fd)


def read(path: Path, *, limit: int = LIMIT) -> bytes | None:
    """Return the bytes of a file, None when there is none. Never waits, writes nothing."""
    with told("read", path):
        try:
            fd = os.open(path, os.O_RDONLY | os.O_NONBLOCK | _PLAIN)
        except (FileNotFoundError, NotADirectoryError):
            return None
        try:
            return os.read(fd, limit)
        finally:
            os.close(fd)


def read_if_whole(path: Path, *, limit: int = LIMIT) -> bytes:
    """The bytes of a file, b"" for one that is not there or cannot be read: one bad file hides no good one."""
    try:
        return read(path, limit=limit) or b""
    except SwarmError:
        return b""


def names(folder: Path) -> list[str]:
    """Return the names in a folder, sorted, temporary files left out; [] when there is no such folder."""
    return sorted(name for name in _listed(folder) if not name.startswith(TEMPORARY))


def is_there(path: Path) -> bool:
    """Tell whether something has that name."""
    return os.path.lexists(path)


def touched(path: Path) -> float:
    """Return when the file was last written, by the clock of its disk; 0.0 when that cannot be told."""
    try:
        return os.lstat(path).st_mtime
    except OSError:
        return 0.0


def remove(path: Path) -> bool:
    """Remove a file; True when it is gone. What resists is left for the next run."""
    try:
        os.unlink(path)
    except FileNotFoundError:
        return True
    except OSError:
        return False
    return True


def sweep(folder: Path, listed: Iterable[str] | None = None) -> int:
    """Remove the temporary files of writers that are gone; return how many. What resists is left for the next run."""
    if os.path.islink(folder):
        return 0
    found = _listed(folder) if listed is None else listed
    left = [name for name in found if name.startswith(TEMPORARY) and _is_left(folder, name)]
    return sum(remove(folder / name) for name in left)


def disk_time(folder: Path) -> float | None:
    """Return the time by the clock of the disk itself, which on a network disk is the server's; None if unwritable."""
    path = folder / temporary_name()
    try:
        os.close(os.open(path, _CREATE, 0o666))
        return os.stat(path).st_mtime
    except OSError:
        return None
    finally:
        _forget(path)


@contextmanager
def locked(path: Path, *, wait: float = WAIT) -> Iterator[None]:
    """Hold a lock on ``path``, a file that is never removed. Raises Busy after ``wait`` seconds."""
    fd = os.open(path, os.O_RDWR | os.O_CREAT | _PLAIN, 0o666)
    try:
        end = time.monotonic() + wait
        while not _try_lock(fd):
            if time.monotonic() > end:
                raise Busy(f"another process has held {path} for more than {wait:g} s", hint="swarm instances")
            time.sleep(0.01)
        yield
    finally:
        os.close(fd)  # gives the lock back


@contextmanager
def told(verb: str, path: Path) -> Iterator[None]:
    """Turn what the disk refuses into an error that a person can act on."""
    try:
        yield
    except OSError as error:
        raise failed(verb, path, error) from error


# -- below: the steps


def _make(folder: Path) -> None:
    """Make a folder for facts. A link in its place, or in that of the one above, is refused: it leads elsewhere."""
    for part in (folder.parent, folder):
        no_link(str(part))
    os.makedirs(folder, exist_ok=True)


def _written(folder: Path, data: bytes) -> Path:
    path = folder / temporary_name()
    fd = os.open(path, _CREATE, 0o666)
    try:
        try:
            put(fd, data)
            os.fsync(fd)
        finally:
            os.close(fd)
    except OSError:
        _forget(path)
        raise
    return path


def _placed(temporary: Path, path: Path) -> bool:
    try:
        os.link(temporary, path)
    except FileExistsError:
        # A network disk may have done it and lost the answer: then the two names are one file.
        return _is_same(temporary, path)
    except OSError as error:
        if error.errno not in _NO_LINKS:
            raise
        return _placed_under_lock(temporary, path)
    _flush(path.parent)
    return True


def _placed_under_lock(temporary: Path, path: Path) -> bool:
    try:
        with locked(path.parent / "lock"):
            if os.path.lexists(path):
                return False
            os.replace(temporary, path)
    except OSError as error:
        if error.errno in (errno.ENOLCK, errno.ENOTSUP, errno.EOPNOTSUPP, errno.ENOSYS):
            message = f"the disk of {path.parent} has neither hard links nor locks; work cannot be claimed there"
            raise SwarmError(message, hint="swarm doctor") from error
        raise
    _flush(path.parent)
    return True


def _try_lock(fd: int) -> bool:
    try:
        if os.name == "nt":
            import msvcrt

            msvcrt.locking(fd, msvcrt.LK_NBLCK, 1)  # type: ignore[attr-defined]  # only there on Windows
        else:
            import fcntl

            fcntl.flock(fd, fcntl.LOCK_EX | fcntl.LOCK_NB)
    except OSError as error:
        if error.errno in (errno.EAGAIN, errno.EACCES, errno.EDEADLK):
            return False
        raise
    return True


def _flush(folder: Path) -> None:
    fd = os.open(folder, os.O_RDONLY | os.O_CLOEXEC)
    try:
        os.fsync(fd)
    except OSError as error:
        if error.errno not in (errno.EINVAL, errno.ENOTSUP):  # some file systems cannot flush a folder
            raise
    finally:
        os.close(fd)


def _is_same(one: Path, other: Path) -> bool:
    try:
        return os.path.samestat(os.stat(one), os.stat(other))
    except OSError:
        return False


def _listed(folder: Path) -> list[str]:
    with told("list", folder):
        try:
            return os.listdir(folder)
        except (FileNotFoundError, NotADirectoryError):
            return []


def _is_left(folder: Path, name: str) -> bool:
    pid = name.removeprefix(f"{TEMPORARY}{writer()}-").partition("-")[0]
    if pid.isascii() and pid.isdigit() and machine.is_alive(int(pid), "") is False:
        return True
    try:
        return abs(time.time() - os.stat(folder / name).st_mtime) > _OLD
    except OSError:
        return False


def _forget(path: Path) -> None:
    with suppress(OSError):
        os.unlink(path)

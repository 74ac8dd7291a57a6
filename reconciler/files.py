"""Sure steps on files: open without following links, write whole or not at all, one writer at a time.

Every call goes through ``os`` with a folder's descriptor, so nobody can swap a folder for a link in between,
and tests can fail each single call.
"""

import errno
import fcntl
import hashlib
import os
import re
import shlex
import stat
import time
from collections.abc import Iterable, Iterator
from contextlib import contextmanager, suppress
from pathlib import Path

from reconciler.errors import Busy, SwarmError
from reconciler.frozen import frozen
from reconciler.printable import printable

READ_LIMIT = 256 * 1024 * 1024
_STEP = 1 << 16  # bytes that are read at once where nobody knows how many there are
WAIT = 10.0  # seconds; a pass takes well under one
HOME = "swarm"  # our folder in the git common directory

_TEMPORARY = re.compile(r"\.swarm-[0-9a-f]{16}\.tmp")
_FOLDER_FLAGS = os.O_RDONLY | os.O_DIRECTORY | os.O_NOFOLLOW | os.O_CLOEXEC
_READ_FLAGS = os.O_RDONLY | os.O_NOFOLLOW | os.O_NONBLOCK | os.O_CLOEXEC
_CREATE_FLAGS = os.O_WRONLY | os.O_CREAT | os.O_EXCL | os.O_NOFOLLOW | os.O_CLOEXEC
_NO_LINKS = frozenset({errno.EPERM, errno.EOPNOTSUPP, errno.ENOSYS, errno.EMLINK, errno.EXDEV})


@frozen
class Folder:
    """An open folder: ``fd`` is what is used, ``path`` what is said."""

    path: Path
    fd: int


@frozen
class Lock:
    """Proof that the repository's one lock is held; pass it on to what would else take it again."""

    path: Path


@contextmanager
def open_folder(anchor: Path, *parts: str, create: bool = False) -> Iterator[Folder | None]:
    """Open ``anchor/parts…``; only ``anchor`` may be reached by links. None when absent and not created."""
    try:
        fd = os.open(anchor, os.O_RDONLY | os.O_DIRECTORY | os.O_CLOEXEC)
    except OSError as error:
        raise failed("open", anchor, error) from error
    path = anchor
    try:
        for part in parts:
            path = path / part
            deeper = _step_down(fd, part, path, create=create)
            if deeper is None:
                yield None
                return
            os.close(fd)
            fd = deeper
        yield Folder(path, fd)
    finally:
        os.close(fd)


def read_file(folder: Folder, name: str, *, limit: int = READ_LIMIT) -> bytes | None:
    """Return the bytes of a regular file, None when there is none. Links, folders and pipes are refused."""
    with _regular(folder, name, limit) as opened:
        return None if opened is None else _drain(*opened, limit)


def digest_file(folder: Folder, name: str) -> str | None:
    """Return what :func:`digest` says of the bytes that :func:`read_file` gives, without having all of them at once."""
    with _regular(folder, name, READ_LIMIT) as opened:
        if opened is None:
            return None
        found, left = hashlib.sha256(), READ_LIMIT
        while piece := os.read(opened[0], min(_STEP, left)):
            found.update(piece)
            left -= len(piece)
        return found.hexdigest()


def write_file(folder: Folder, name: str, data: bytes, *, durable: bool = True) -> None:
    """Replace ``name`` by ``data``: readers and crashes see the old file or the new one. Keeps its mode.

    Without ``durable`` a loss of power may leave a torn file: for what its reader checks, and only saves time.
    """
    write_parts(folder, name, (data,), durable=durable)


def write_parts(folder: Folder, name: str, parts: Iterable[bytes], *, durable: bool = True) -> None:
    """As :func:`write_file`, with the bytes in parts that are made while it is written."""
    with _temporary(folder, name, parts, durable=durable) as temporary:
        os.replace(temporary, name, src_dir_fd=folder.fd, dst_dir_fd=folder.fd)


def create_file(folder: Folder, name: str, data: bytes) -> bool:
    """Create ``name`` with all of ``data``, or return False when something has that name already.

    The caller holds the lock: on file systems without hard links it alone keeps two creators apart.
    """
    with _temporary(folder, name, (data,)) as temporary:
        try:
            os.link(temporary, name, src_dir_fd=folder.fd, dst_dir_fd=folder.fd, follow_symlinks=False)
        except FileExistsError:
            os.unlink(temporary, dir_fd=folder.fd)
            return False
        except OSError as error:
            if error.errno not in _NO_LINKS:
                raise
            if _kind(folder.fd, name):
                os.unlink(temporary, dir_fd=folder.fd)
                return False
            os.replace(temporary, name, src_dir_fd=folder.fd, dst_dir_fd=folder.fd)
        else:
            os.unlink(temporary, dir_fd=folder.fd)
    return True


def ensure_folder(anchor: Path, *parts: str, dry: bool = False) -> bool:
    """Make ``anchor/parts…`` where it is missing; True if it was (or, ``dry``, would be) made."""
    with open_folder(anchor, *parts) as folder:
        if folder is not None:
            return False
    if not dry:
        with open_folder(anchor, *parts, create=True):
            pass
    return True


def ensure_file(anchor: Path, *parts: str, name: str, data: bytes, dry: bool = False) -> bool:
    """Write a new file in ``anchor/parts…``; True if there was none. An existing one stays as it is."""
    with open_folder(anchor, *parts, create=not dry) as folder:
        if folder is None:
            return True
        if name in list_names(folder):
            return False
        return dry or create_file(folder, name, data)


def remove_file(folder: Folder, name: str) -> None:
    """Remove ``name``; it may be gone already."""
    try:
        os.unlink(name, dir_fd=folder.fd)
        _flush_folder(folder.fd)
    except FileNotFoundError:
        return
    except OSError as error:
        raise failed("remove", folder.path / name, error) from error


def list_names(folder: Folder) -> tuple[str, ...]:
    """Return the names in the folder, sorted."""
    try:
        return tuple(sorted(os.listdir(folder.fd)))  # noqa: PTH208  a path cannot stand for a descriptor
    except OSError as error:
        raise failed("list", folder.path, error) from error


def leftovers(folder: Folder) -> tuple[str, ...]:
    """Return the names of temporary files here: of a writer at work, or of one that died."""
    return tuple(name for name in list_names(folder) if _TEMPORARY.fullmatch(name))


def sweep(folder: Folder) -> None:
    """Remove what dead writers left. Only under the lock; what resists is left for the next run."""
    for name in leftovers(folder):
        with suppress(OSError):
            os.unlink(name, dir_fd=folder.fd)


@contextmanager
def lock(common_dir: Path, *, wait: float = WAIT) -> Iterator[Lock]:
    """Hold the one lock of the repository, ``<git common dir>/swarm/lock``; the file is never removed.

    Raises Busy when another process holds it for longer than ``wait`` seconds.
    """
    with open_folder(common_dir, HOME, create=True) as home:
        assert home is not None  # it was to be created
        path = home.path / "lock"
        flags = os.O_RDWR | os.O_CREAT | os.O_NOFOLLOW | os.O_CLOEXEC
        try:
            fd = os.open("lock", flags, 0o666, dir_fd=home.fd)
        except OSError as error:
            raise failed("open", path, error) from error
        try:
            _acquire(fd, path, wait)
            yield Lock(path)
        finally:
            with suppress(OSError):  # closing gives it back too, unless a forked child still has it
                fcntl.flock(fd, fcntl.LOCK_UN)
            os.close(fd)


def failed(verb: str, path: Path, error: OSError) -> SwarmError:
    """Return what to tell when a call on ``path`` failed."""
    hints = {
        errno.ENOSPC: f"df -h {shlex.quote(str(path.parent))}",
        errno.EDQUOT: "quota",
        errno.EROFS: f"findmnt -T {shlex.quote(str(path.parent))}",
        errno.EACCES: f"ls -ld {shlex.quote(str(path.parent))}",
        errno.EPERM: f"ls -ld {shlex.quote(str(path.parent))}",
    }
    why = (error.strerror or str(error)).lower()
    return SwarmError(f"cannot {verb} {printable(str(path))}: {why}", hint=printable(hints.get(error.errno or 0, "")))


def in_the_way(path: Path, kind: str) -> SwarmError:
    """Return the refusal of a link, folder or other thing where a plain file or folder is expected."""
    quoted = shlex.quote(str(path))
    return SwarmError(
        f"{printable(str(path))} is {kind}; swarm does not write there",
        hint=printable(f"mv {quoted} {shlex.quote(f'{path}.old')}"),
    )


def linked_folder(path: Path) -> SwarmError:
    """Return the refusal of a link to a folder beside or below it; the hint puts the folder itself there."""
    link, target = shlex.quote(str(path)), shlex.quote(str(path.resolve()))
    return SwarmError(
        f"{printable(str(path))} is a symbolic link; swarm does not write there",
        hint=printable(f"rm {link} && mv {target} {link}"),
    )


# -- below: the steps


def digest(data: bytes) -> str:
    """What stands for the bytes of a file."""
    return hashlib.sha256(data).hexdigest()


@contextmanager
def _regular(folder: Folder, name: str, limit: int) -> Iterator[tuple[int, int] | None]:
    """A regular file that is open, and its size; None when there is none."""
    path = folder.path / name
    try:
        fd = os.open(name, _READ_FLAGS, dir_fd=folder.fd)
    except FileNotFoundError:
        yield None
        return
    except OSError as error:
        if error.errno in (errno.ELOOP, errno.EMLINK, errno.ENXIO):
            raise in_the_way(path, _kind(folder.fd, name)) from error
        raise failed("read", path, error) from error
    try:
        status = os.fstat(fd)
        if not stat.S_ISREG(status.st_mode):
            raise in_the_way(path, _kind_of(status.st_mode))
        if status.st_size > limit:
            raise SwarmError(f"{printable(str(path))} is too large to read ({status.st_size} bytes)")
        yield fd, status.st_size
    except OSError as error:
        raise failed("read", path, error) from error
    finally:
        os.close(fd)


def _step_down(fd: int, part: str, path: Path, *, create: bool) -> int | None:
    for attempt in range(2):
        try:
            return os.open(part, _FOLDER_FLAGS, dir_fd=fd)
        except FileNotFoundError as error:
            if not create:
                return None
            if attempt:
                raise failed("open", path, error) from error
            _make_folder(fd, part, path)
        except OSError as error:
            kind = _kind(fd, part)
            if kind == "a symbolic link" and path.is_dir() and path.resolve().is_relative_to(path.parent.resolve()):
                raise linked_folder(path) from error
            if kind and kind != "a folder":
                raise in_the_way(path, kind) from error
            raise failed("open", path, error) from error
    return None


def _make_folder(fd: int, part: str, path: Path) -> None:
    try:
        os.mkdir(part, dir_fd=fd)
        _flush_folder(fd)
    except FileExistsError:
        return  # another run was faster
    except OSError as error:
        raise failed("create", path, error) from error


@contextmanager
def _temporary(folder: Folder, name: str, parts: Iterable[bytes], *, durable: bool = True) -> Iterator[str]:
    """A complete, flushed sibling of ``name``, for the caller to put in place; gone afterwards."""
    temporary = f".swarm-{os.urandom(8).hex()}.tmp"
    try:
        fd = os.open(temporary, _CREATE_FLAGS, 0o666, dir_fd=folder.fd)
    except OSError as error:
        raise failed("write", folder.path / name, error) from error
    done = False
    try:
        _fill(fd, folder, name, parts, durable=durable)
        yield temporary
        done = True
        if durable:
            _flush_folder(folder.fd)
    except OSError as error:
        raise failed("write", folder.path / name, error) from error
    finally:
        if not done:
            with suppress(OSError):
                os.unlink(temporary, dir_fd=folder.fd)


def _fill(fd: int, folder: Folder, name: str, parts: Iterable[bytes], *, durable: bool) -> None:
    try:
        _keep_mode(fd, folder, name)
        for part in parts:
            rest = memoryview(part)
            while rest:
                rest = rest[os.write(fd, rest) :]
        if durable:
            os.fsync(fd)
    finally:
        os.close(fd)


def _keep_mode(fd: int, folder: Folder, name: str) -> None:
    try:
        wanted = os.stat(name, dir_fd=folder.fd, follow_symlinks=False).st_mode & 0o777
    except FileNotFoundError:
        return
    if os.fstat(fd).st_mode & 0o777 != wanted:
        os.fchmod(fd, wanted)


def _flush_folder(fd: int) -> None:
    try:
        os.fsync(fd)
    except OSError as error:
        if error.errno not in (errno.EINVAL, errno.ENOTSUP):  # some file systems cannot flush a folder
            raise


def _drain(fd: int, expected: int, limit: int) -> bytes:
    """All bytes of an open file, in one piece where it is as large as ``expected``."""
    pieces: list[bytes] = []
    size, step = 0, expected
    while size <= limit and (piece := os.read(fd, step or _STEP)):
        pieces.append(piece)
        size += len(piece)
        step = _STEP
    return pieces[0] if len(pieces) == 1 else b"".join(pieces)[:limit]


def _acquire(fd: int, path: Path, wait: float) -> None:
    end = time.monotonic() + wait
    pause = 0.005
    while True:
        try:
            fcntl.flock(fd, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError as error:
            left = end - time.monotonic()
            if left <= 0:
                message = f"another swarm command has held {printable(str(path))} for more than {wait:g} s"
                raise Busy(message, hint=printable(f"fuser -v {shlex.quote(str(path))}")) from error
            time.sleep(min(pause, left))
            pause = min(pause * 2, 0.1)
        except OSError as error:
            raise failed("lock", path, error) from error
        else:
            return


def _kind(fd: int, name: str) -> str:
    try:
        return _kind_of(os.stat(name, dir_fd=fd, follow_symlinks=False).st_mode)
    except OSError:
        return ""


def _kind_of(mode: int) -> str:
    kinds = {stat.S_IFLNK: "a symbolic link", stat.S_IFDIR: "a folder", stat.S_IFREG: "a file"}
    return kinds.get(stat.S_IFMT(mode), "not a regular file")

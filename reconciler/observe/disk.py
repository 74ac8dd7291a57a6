"""Reads files of a work tree without ever blocking, following a link out of it, or trusting their size."""

import errno
import hashlib
import os
import stat
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import field

from reconciler.frozen import frozen
from reconciler.model import BlobId, Problem
from reconciler.printable import printable

MAX_FILE = 32 * 1024 * 1024  # larger files are not documents
MAX_DEPTH = 12  # of folders below a layout's root
_SKIPPED = frozenset({".git", "node_modules"})
MAX_FILES = 200_000  # in one work tree


@frozen
class FileOnDisk:
    """What was found at a path. ``data`` is None when it was not read, or could not be; then ``problem`` says why."""

    data: bytes | None
    blob: BlobId = field(default=BlobId(""))
    problem: Problem | None = None
    linked: bool = False  # the data is that of a link's target, the blob is the link itself
    lf: BlobId = field(default=BlobId(""))  # the blob with LF line ends, where it has others
    signature: tuple[int, ...] = ()  # of a plain file
    odd: bool = False  # a folder, pipe, socket or device: never a document, whatever its name

    @property
    def is_read(self) -> bool:
        """Whether nothing more can be learned from the disk."""
        return self.data is not None or self.problem is not None


def open_roots(top: str, roots: Sequence[str]) -> tuple[list[str], list[Problem]]:
    """The folders of ``roots`` that exist below ``top``, and a remark for each that is a link."""
    found: list[str] = []
    links: list[Problem] = []
    followed = {root: folder for folder, root in linked_roots(top, roots)}
    for root in roots:
        if root in followed:
            message = f"a link to {printable(followed[root])}, which is read in its place; nothing is written there"
            links.append(Problem("link", message, root, severity="info"))
            continue
        inner, linked = "", False
        for part in root.split("/"):
            inner = f"{inner}/{part}" if inner else part
            linked = linked or os.path.islink(join(top, inner))  # noqa: PTH114
        if linked:
            message = "a link to a folder, not followed; what is committed there is read"
            links.append(Problem("link", message, root, severity="info"))
        elif os.path.isdir(join(top, root)):  # noqa: PTH112
            found.append(root)
    return found, links


def linked_roots(top: str, roots: Iterable[str]) -> Iterator[tuple[str, str]]:
    """(folder, root) for each of ``roots`` that is a link to a folder of its own elsewhere below ``top``."""
    home = os.path.realpath(top)
    for root in roots:
        if os.path.islink(join(top, root)):  # noqa: PTH114
            folder = os.path.relpath(os.path.realpath(join(top, root)), home)
            if folder.partition("/")[0] not in (".", "..", ".git") and os.path.isdir(join(home, folder)):  # noqa: PTH112
                yield folder, root


def walk(top: str, folders: Iterable[str], problems: set[Problem]) -> Iterator[str]:
    """Paths, relative to ``top``, of everything below the folders that is no folder; links are not entered."""
    count = 0
    for folder in folders:
        pending = [(folder, 0)]
        while pending:
            inner, depth = pending.pop()
            for name, is_folder in _entries(top, inner, problems):
                path = f"{inner}/{name}"
                if is_folder and name.endswith(".md"):
                    yield path
                elif is_folder:
                    if depth < MAX_DEPTH and name not in _SKIPPED:
                        pending.append((path, depth + 1))
                else:
                    yield path
                count += 1
                if count > MAX_FILES:
                    problems.add(Problem("too-many", f"more than {MAX_FILES} files, the rest is not read", folder))
                    return


def _entries(top: str, inner: str, problems: set[Problem]) -> list[tuple[str, bool]]:
    """(name, is a folder) of what is in a folder, sorted; a link is no folder."""
    try:
        with os.scandir(join(top, inner)) as entries:
            return sorted((entry.name, entry.is_dir(follow_symlinks=False)) for entry in entries)
    except OSError as error:
        problems.add(_problem(inner, f"the folder cannot be read: {error.strerror}"))
        return []


def join(top: str, path: str) -> str:
    """A path in a work tree."""
    return f"{top}/{path}"


def read_file(root: str, path: str, *, sha256: bool = False) -> FileOnDisk:
    """The bytes of a document and its git blob id."""
    full = join(root, path)
    flags = os.O_RDONLY | os.O_NONBLOCK | os.O_NOFOLLOW | os.O_CLOEXEC
    try:
        handle = os.open(full, flags)
    except OSError as error:
        if error.errno == errno.ELOOP:
            return _through_link(root, path, sha256=sha256)
        if error.errno == errno.ENXIO:  # a socket
            return _odd(path)
        return _failed(path, error.strerror or "cannot be opened")
    try:
        info = os.fstat(handle)
        if not stat.S_ISREG(info.st_mode):
            return _odd(path)
        if info.st_size > MAX_FILE:
            return _failed(path, f"larger than {MAX_FILE // 1024 // 1024} MB")
        data = _drain(handle, info.st_size + 1)
    except OSError as error:
        return _failed(path, error.strerror or "cannot be read")
    finally:
        os.close(handle)
    lf = blob_id(with_lf(data), sha256=sha256) if b"\r\n" in data else BlobId("")
    return FileOnDisk(data, blob_id(data, sha256=sha256), lf=lf, signature=signature_of(info))


def _drain(handle: int, size: int) -> bytes:
    """All bytes of an open file that is about that large, and no more than MAX_FILE of them."""
    parts = []
    left = MAX_FILE + 1
    while part := os.read(handle, min(size, left)):
        parts.append(part)
        left -= len(part)
    return parts[0] if len(parts) == 1 else b"".join(parts)


def signature_of(info: os.stat_result) -> tuple[int, ...]:
    """What changes when a file does: mode, times of change in nanoseconds, size, inode."""
    return info.st_mode, info.st_mtime_ns, info.st_ctime_ns, info.st_size, info.st_ino


def blob_id(data: bytes, *, sha256: bool = False) -> BlobId:
    """The id under which git stores these bytes."""
    digest = hashlib.sha256() if sha256 else hashlib.sha1(usedforsecurity=False)
    digest.update(b"blob %d\0" % len(data))
    digest.update(data)
    return BlobId(digest.hexdigest())


def with_lf(data: bytes) -> bytes:
    """The bytes as git stores them when it turns line ends."""
    return data.replace(b"\r\n", b"\n")


def _through_link(root: str, path: str, *, sha256: bool) -> FileOnDisk:
    """A link inside the work tree is read through; git stores the target's name as its content."""
    full = join(root, path)
    try:
        blob = blob_id(os.fsencode(os.readlink(full)), sha256=sha256)  # noqa: PTH115
        target = os.path.realpath(full, strict=True)
    except OSError as error:
        return _failed(path, f"a link that leads nowhere: {error.strerror}")
    home = os.path.realpath(root)
    if os.path.commonpath([home, target]) != home:
        return FileOnDisk(None, blob, _problem(path, "a link that leaves the repository, not followed"))
    inner = os.path.relpath(target, home)
    if inner == ".git" or inner.startswith(f".git{os.sep}"):
        return FileOnDisk(None, blob, _problem(path, "a link into .git, not followed"))
    found = read_file(home, inner, sha256=sha256)
    return FileOnDisk(found.data, blob, found.problem and _problem(path, "a link to what cannot be read"), linked=True)


def _odd(path: str) -> FileOnDisk:
    return FileOnDisk(None, problem=_problem(path, "not a plain file"), odd=True)


def _failed(path: str, why: str) -> FileOnDisk:
    return FileOnDisk(None, problem=_problem(path, why))


def _problem(path: str, why: str) -> Problem:
    return Problem("unreadable", why, path)

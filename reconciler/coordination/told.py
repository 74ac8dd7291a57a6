"""What a session was last told, and whether anything moved since: asked with every prompt, so it imports nothing.

``told/<session>`` is lines: a signature of what was looked at; as JSON the work tree of that moment, the workstream on
which the session works and the one that the work tree is for; the files looked at; what was seen (for cli/news.py).
"""
# ruff: noqa: PTH103, PTH105, PTH108

import os
import time

from reconciler.coordination.beat import no_link, put, quote, read, temporary_name, unquote
from reconciler.coordination.names import encode

FOLDER = "told"
LARGEST = 64 * 1024  # bytes
YOUNG = 50_000_000  # nanoseconds: what is younger may change again without another time stamp
_HEAD = "swarm.told/1 "


class Told:
    """One session's record. ``watched`` are paths; ``seen`` is JSON."""

    __slots__ = ("here", "seen", "signature", "watched", "workstream", "worktree")

    def __init__(
        self, signature: str, worktree: str, workstream: str, here: str, watched: "list[str]", seen: str
    ) -> None:
        self.signature = signature
        self.worktree = worktree
        self.workstream = workstream
        self.here = here
        self.watched = watched
        self.seen = seen


def recall(root: str, session: str) -> Told | None:
    """Return what the session was told, None when it was told nothing or that cannot be read."""
    lines = read(f"{root}/{FOLDER}/{encode(session)}", LARGEST).split("\n")
    if len(lines) != 7 or not lines[0].startswith(_HEAD) or lines[6]:
        return None
    tree, stream, here = map(unquote, lines[1:4])
    watched = lines[4].split("\0") if lines[4] else []
    return Told(lines[0][len(_HEAD) :], tree, stream, here, watched, lines[5])


def remember(root: str, session: str, told: Told) -> None:
    """Replace the record. Raises OSError."""
    folder = f"{no_link(root)}/{FOLDER}"
    watched = "\0".join(path for path in told.watched if "\n" not in path and "\0" not in path)
    texts = map(quote, (told.worktree, told.workstream, told.here))
    lines = [f"{_HEAD}{told.signature}", *texts, watched, told.seen, ""]
    os.makedirs(folder, exist_ok=True)
    temporary = f"{no_link(folder)}/{temporary_name()}"
    fd = os.open(temporary, os.O_WRONLY | os.O_CREAT | os.O_EXCL | os.O_CLOEXEC, 0o666)
    try:
        try:
            put(fd, os.fsencode("\n".join(lines)))
        finally:
            os.close(fd)
        os.replace(temporary, f"{folder}/{encode(session)}")
    except OSError:
        os.unlink(temporary)
        raise


def signature(root: str, watched: "list[str]") -> str:
    """Return what changes when a claim or a watched file does; "" while one of them is too young to tell."""
    marks = [_mark(path) for path in watched]
    try:
        with os.scandir(f"{root}/claims") as entries:
            for entry in entries:
                status = entry.stat(follow_symlinks=False)
                marks.append((status.st_ino, status.st_mtime_ns))
    except OSError:
        pass  # nobody has claimed anything
    newest = max([mark[1] for mark in marks], default=0)
    return "" if time.time_ns() - newest < YOUNG else str(hash(tuple(sorted(marks))))


# -- below


def _mark(path: str) -> "tuple[int, int]":
    try:
        status = os.stat(path)  # noqa: PTH116
    except (OSError, ValueError):
        return 0, 0
    return status.st_ino, status.st_mtime_ns

"""The log of the sessions, one line per event, never a prompt: ``log.jsonl``. Imports only what Python has loaded."""
# ruff: noqa: PTH105

import os
import time

from reconciler.coordination.beat import dump, no_link, put

NAME = "log.jsonl"
OLDER = "log.jsonl.1"
KEYS = ("ts", "session", "event", "workstream", "worktree", "branch")
LARGEST = 1024 * 1024  # bytes; then the file becomes the older half and a new one begins
_FLAGS = os.O_WRONLY | os.O_CREAT | os.O_APPEND | os.O_NOFOLLOW | os.O_NONBLOCK | os.O_CLOEXEC


def write(root: str, at: float, session: str, event: str, workstream: str, worktree: str, branch: str) -> None:
    """Add one line by a single write. Raises OSError."""
    line: dict[str, object] = {
        "ts": time.strftime("%Y-%m-%dT%H:%M:%SZ", time.gmtime(at)),
        "session": session,
        "event": event,
        "workstream": workstream or None,
        "worktree": worktree or None,
        "branch": branch or None,
    }
    path = f"{no_link(root)}/{NAME}"
    fd = os.open(path, _FLAGS, 0o666)
    try:
        put(fd, f"{dump(line)}\n".encode())
        size = os.fstat(fd).st_size
    finally:
        os.close(fd)
    if size > LARGEST:
        _rotate(root)


def read(root: str) -> "list[dict[str, str]]":
    """Return the lines of both halves, oldest first; null is "". What cannot be read is left out."""
    from pathlib import Path

    from reconciler.coordination import store
    from reconciler.coordination.records import load

    found = []
    for name in (OLDER, NAME):
        for line in (store.read(Path(root, name), limit=2 * LARGEST) or b"").splitlines():
            values = load(line)
            texts = {key: value if isinstance(value := values.get(key), str) else "" for key in KEYS}
            if texts["ts"] and texts["session"]:
                found.append(texts)
    return found


def _rotate(root: str) -> None:
    """Make the file the older half. Under a lock, or a second rotation would drop what the first one kept."""
    from contextlib import suppress
    from pathlib import Path

    from reconciler.coordination import store
    from reconciler.errors import Busy

    with suppress(Busy), store.locked(Path(root, "log.lock"), wait=0.0):
        if os.stat(f"{root}/{NAME}").st_size > LARGEST:  # noqa: PTH116
            os.replace(f"{root}/{NAME}", f"{root}/{OLDER}")

"""The gate: has anything that a pass looks at changed since the last one? If not, its answer is still right.

Read before anything heavy is imported, so it uses os and sys only. reconciler/gatekeeper.py writes what it reads:
one file of netstrings, see :class:`Record`. Any doubt means no answer, and a full pass follows.
"""

import os
import sys
import time

MAGIC = b"swarm-gate 1"
FOLDER = ("swarm", "cache")
NAME = "gate"
ANSWERS = {
    ("status", "--json"): "status.json",
    ("status", "--all", "--json"): "status-all.json",
    ("reconcile",): "reconcile.txt",
    ("reconcile", "--check"): "reconcile.txt",
    ("reconcile", "--json"): "reconcile.json",
    ("hook",): "hook.txt",
}
_LIMIT = 64 * 1024 * 1024


class Record:
    """What the world looked like: fields in the file's order."""

    __slots__ = ("answers", "commands", "environment", "from_", "outputs", "paths", "until", "version")

    def __init__(self, fields: list[bytes]) -> None:
        magic, self.version, first, last, self.environment, self.paths, commands, *rest = fields
        if magic != MAGIC:
            raise ValueError(magic)
        self.from_, self.until = float(first), float(last)
        count = int(commands)
        self.commands = [
            (rest[3 * i].split(b"\0"), rest[3 * i + 1].split(b"\0"), rest[3 * i + 2]) for i in range(count)
        ]
        self.outputs, self.answers = rest[3 * count : 3 * count + 2]


def answer(words: list[str]) -> int | None:
    """Print the stored answer to this command line if nothing has changed; None = ask a full pass."""
    start, asked = _parse(words)
    name = ANSWERS.get(asked)
    if name is None:
        return None
    try:
        from reconciler.coordination.beat import find_repository

        folder = "/".join((find_repository(os.path.realpath(start))[0], *FOLDER))
        record = Record(parse(_read(f"{folder}/{NAME}")))
        if not _is_kept(record, name) or not _is_current(record, folder, needs_outputs=asked[0] == "reconcile"):
            return None
        data = _read(f"{folder}/{name}")
    except (OSError, ValueError):
        return None
    if asked == ("reconcile",) and sys.stdout.isatty():
        return None  # a terminal gets its own drawing
    sys.stdout.flush()
    _write(sys.stdout.fileno(), data)
    return 0


def is_settled(common: str) -> bool:
    """Are our files as a pass would write them now? Raises OSError or ValueError when nobody can tell."""
    folder = "/".join((common, *FOLDER))
    record = Record(parse(_read(f"{folder}/{NAME}")))
    names = {name for (command, *_), name in ANSWERS.items() if command != "status"}
    return any(_is_kept(record, name) for name in names) and _is_current(record, folder, needs_outputs=True)


def _parse(words: list[str]) -> tuple[str, tuple[str, ...]]:
    """(folder to start in, the words that ask), the flags of a command sorted."""
    start, asked = ".", list(words)
    while "-C" in asked[:-1]:
        at = asked.index("-C")
        start = asked[at + 1] if asked[at + 1].startswith("/") else f"{start}/{asked[at + 1]}"
        del asked[at : at + 2]
    return start, (*asked[:1], *sorted(asked[1:]))


def parse(data: bytes) -> list[bytes]:
    """The netstrings of a record. Raises ValueError."""
    fields, at = [], 0
    while at < len(data):
        colon = data.index(b":", at, at + 20)
        end = colon + 1 + int(data[at:colon])
        if data[end : end + 1] != b",":
            raise ValueError(at)
        fields.append(data[colon + 1 : end])
        at = end + 1
    return fields


def _is_kept(record: Record, name: str) -> bool:
    """Is the answer one of this record's? Its signature holds a time stamp that nobody can set: a record that
    came with a copied repository is none of ours, and its commands are never run."""
    return os.fsencode(name) in record.answers.split(b"\0")[::2]


def _is_current(record: Record, folder: str, *, needs_outputs: bool) -> bool:
    from reconciler import __version__

    return (
        record.version == __version__.encode()
        and record.from_ <= time.time() < record.until
        and record.environment == environment()
        and is_same(record.answers, folder)
        and is_same(record.paths, "")
        and (not needs_outputs or is_same(record.outputs, ""))
        and all(run(arguments, variables) == output for arguments, variables, output in record.commands)
    )


def environment() -> bytes:
    """The variables that a pass may listen to, in one form."""
    names = sorted(n for n in os.environ if n in HEARD or (n.startswith("SWARM_") and n not in _PERSONAL))
    return b"\0".join(os.fsencode(f"{name}={os.environ[name]}") for name in names)


HEARD = (
    "HOME",
    "XDG_CONFIG_HOME",
    "PATH",
    "TZ",
    "GIT_CONFIG_GLOBAL",
    "GIT_CONFIG_SYSTEM",
    "GIT_CONFIG_NOSYSTEM",
    "GIT_CEILING_DIRECTORIES",
    "GIT_DISCOVERY_ACROSS_FILESYSTEM",
)
_PERSONAL = (
    "SWARM_SESSION",
    "SWARM_AGENT_PID",
    "SWARM_HOOKS",
    "SWARM_HOOK_RUNNING",
    "SWARM_WATCH_DETACHED",
    "SWARM_WATCH_LOCK",
    "SWARM_ASCII",
)


def is_same(block: bytes, folder: str) -> bool:
    """Do the paths of a block (path, signature, path, …) still have their signatures?"""
    parts = block.split(b"\0") if block else []
    at = os.fsencode(folder) + b"/" if folder else b""
    return all(sign(at + parts[i]) == parts[i + 1] for i in range(0, len(parts) - 1, 2))


def sign(path: bytes) -> bytes:
    """What changes when a file, a folder's list of names or a link's target does; b"-" where nothing is."""
    try:
        found = os.lstat(path)
        signed = _numbers(found)
        if found.st_mode & 0o170000 != 0o120000:
            return signed
    except OSError:
        return b"-"
    try:
        return signed + b" " + _numbers(os.stat(path))  # noqa: PTH116  quick start
    except OSError:
        return signed + b" 0 0 0 0 0"


def _numbers(found: os.stat_result) -> bytes:
    return b"%d %d %d %d %d" % (found.st_mode, found.st_mtime_ns, found.st_ctime_ns, found.st_size, found.st_ino)


def run(arguments: list[bytes], variables: list[bytes]) -> bytes | None:
    """The output of a recorded git command; None when it fails. No shell, nothing of our environment."""
    inner, outer = os.pipe()
    try:
        null = os.open(os.devnull, os.O_RDWR)
        try:
            actions = [(os.POSIX_SPAWN_DUP2, null, 0), (os.POSIX_SPAWN_DUP2, outer, 1), (os.POSIX_SPAWN_DUP2, null, 2)]
            given = dict(variable.split(b"=", 1) for variable in variables if b"=" in variable)
            child = os.posix_spawn(arguments[0], arguments, given, file_actions=actions)
        finally:
            os.close(null)
    except OSError:
        os.close(inner)
        return None
    finally:
        os.close(outer)
    parts = []
    while part := os.read(inner, 1 << 16):
        parts.append(part)
    os.close(inner)
    _, status = os.waitpid(child, 0)
    return b"".join(parts) if status == 0 else None


def _read(path: str) -> bytes:
    fd = os.open(path, os.O_RDONLY | os.O_NOFOLLOW | os.O_NONBLOCK | os.O_CLOEXEC)
    try:
        size = os.fstat(fd).st_size
        if size > _LIMIT:
            raise ValueError(path)
        parts = []
        while part := os.read(fd, 1 << 20):
            parts.append(part)
        return b"".join(parts)
    finally:
        os.close(fd)


def _write(fd: int, data: bytes) -> None:
    rest = memoryview(data)
    while rest:
        rest = rest[os.write(fd, rest) :]

"""The heartbeat: says that a session lives, as cheaply as Python can. Imports neither click, git, yaml nor json.

``instances/<session>`` is one JSON object on two lines: what stays (line 1) and the newest sign of life (line 2).
A heartbeat keeps line 1 as it is and replaces the file; docs/explanation/coordination.md tells the format.
What happens only now and then (first heartbeat, a dead writer's leftover) is imported when it happens.
"""
# pathlib would double the cost of a heartbeat:
# ruff: noqa: PTH100, PTH103, PTH105, PTH108, PTH110, PTH113, PTH114, PTH118, PTH120, PTH208

import errno
import os
import time

from reconciler.coordination import machine
from reconciler.coordination.names import clean_session, encode

HOME = "swarm"  # our folder in the git common directory
TEMPORARY = ".tmp-"
_HEAD = '{"schema":"swarm.instance/1","session":'
_FLAGS = ("--json", "-q", "--quiet", "-v", "--verbose", "--no-color", "--ascii")


def main(argv: list[str]) -> int | None:
    """Run ``swarm heartbeat`` from the words after the program's name; None = not a plain one, let the CLI answer.

    Silent, and 0 whatever happens: hooks call it. ``--json`` prints the session and whether it was written.
    """
    options = _parse(argv)
    if options is None:
        return None
    session, pid, started = machine.session(options.get("--session", ""), os.environ, os.getppid())
    session = clean_session(session)
    signs = sign(time.time(), time.monotonic(), pid, started)
    written = False
    try:
        common, signs["worktree"], git_dir = find_repository(options.get("-C", "."))
        signs["branch"] = branch_of(git_dir)
        write(f"{common}/{HOME}", session, signs)
        written = True
    except OSError:
        pass  # no repository, a full or a read-only disk: no reason to fail a hook
    if "--json" in options:
        shown = {
            "schema": "swarm.heartbeat/1",
            "sessionId": session,
            "heard": signs["heard"],
            "written": written,
        }
        print(dump(shown))
    return 0


def write(root: str, session: str, signs: "dict[str, object]") -> None:
    """Replace ``instances/<session>`` by a newer sign of life; the first one also notes the start. Raises OSError."""
    folder = f"{no_link(root)}/instances"
    path = f"{folder}/{encode(session)}"
    head, _, tail = read(path).partition("\n")
    first = not (head.startswith(_HEAD + quote(session) + ",") and tail.endswith("}\n"))
    if first:
        os.makedirs(folder, exist_ok=True)
        head = f'{_HEAD}{quote(session)},"started":{signs["heard"]},'
    temporary = f"{no_link(folder)}/{temporary_name()}"
    fd = os.open(temporary, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o666)
    try:
        try:
            put(fd, f"{head}\n{dump(signs)[1:]}\n".encode())
        finally:
            os.close(fd)
        os.replace(temporary, path)
    except OSError:
        os.unlink(temporary)
        raise
    left = [name for name in os.listdir(folder) if name.startswith(TEMPORARY)]
    if left or first or '"ended":' in tail:
        from reconciler.coordination import events

        events.after_beat(root, session, signs, left, start=first or '"ended":' in tail)


def sign(at: float, mono: float, pid: int | None, started: str) -> "dict[str, object]":
    """Return a sign of life on this machine: line 2 of an instance. ``worktree`` and ``branch`` are still empty."""
    return {
        "heard": round(at, 3),
        "mono": round(mono, 3),
        "boot": machine.boot_id(),
        "host": machine.host(),
        "space": machine.pid_space(),
        "pid": pid,
        "pid_start": started,
        "worktree": "",
        "branch": "",
    }


def find_repository(start: str) -> tuple[str, str, str]:
    """Return (git common dir, top of the work tree or "", git dir) by walking up from a folder. Raises OSError."""
    folder = os.path.abspath(start)
    while True:
        entry = f"{folder}/.git"
        pointer = read(entry) if os.path.isfile(entry) else ""
        if pointer.startswith("gitdir:"):
            entry = os.path.join(folder, pointer[7:].strip())
        if os.path.exists(f"{entry}/HEAD"):
            return _common(entry), folder, entry
        if all(os.path.exists(f"{folder}/{part}") for part in ("HEAD", "objects", "refs")):
            return folder, "", folder  # bare
        parent = os.path.dirname(folder)
        if parent == folder:
            raise FileNotFoundError(start)
        folder = parent


def branch_of(git_dir: str) -> str:
    """Return the branch that is checked out, "" when none is."""
    head = read(f"{git_dir}/HEAD").strip()
    return head[16:] if head.startswith("ref: refs/heads/") and head[16:] != ".invalid" else ""


def dump(values: "dict[str, object]") -> str:
    """Return a flat object as one line of ASCII JSON."""
    return "{" + ",".join([f'"{key}":{_value(value)}' for key, value in values.items()]) + "}"


def quote(text: str) -> str:
    """Return a JSON string in ASCII."""
    if text.isascii() and text.isprintable() and '"' not in text and "\\" not in text:
        return f'"{text}"'
    import json

    return json.dumps(text)


def unquote(text: str) -> str:
    """Return the string that a JSON string means, "" when it is none."""
    if len(text) > 1 and text[0] == text[-1] == '"' and "\\" not in text and '"' not in text[1:-1]:
        return text[1:-1]
    import json

    try:
        value = json.loads(text)
    except ValueError:
        return ""
    return value if isinstance(value, str) else ""


def no_link(path: str) -> str:
    """Return the path of a folder of ours. Raises OSError where a link is in its place: it leads elsewhere."""
    if os.path.islink(path):
        raise OSError(errno.ELOOP, "a symbolic link is in its place")
    return path


def put(fd: int, data: bytes) -> None:
    """Write all of ``data`` in one call. Raises OSError."""
    if os.write(fd, data) < len(data):
        raise OSError(errno.ENOSPC, os.strerror(errno.ENOSPC))


def temporary_name() -> str:
    """Return a new name for a temporary file; it says who writes, so that others see when the writer is gone."""
    return f"{TEMPORARY}{writer()}-{os.getpid()}-{os.urandom(4).hex()}"


def writer() -> str:
    """Return what a pid must be read together with: this boot and this process id namespace."""
    return f"{machine.boot_id()[:8]}-{machine.pid_space()}"


def read(path: str, limit: int = 16384) -> str:
    """Return the first ``limit`` bytes of a small file, "" when there is none or it cannot be read."""
    try:
        fd = os.open(path, os.O_RDONLY | os.O_NONBLOCK)
    except OSError:
        return ""
    try:
        return os.fsdecode(os.read(fd, limit))
    except OSError:
        return ""
    finally:
        os.close(fd)


def _parse(argv: list[str]) -> dict[str, str] | None:
    options: dict[str, str] = {}
    words = iter(argv)
    commands = 0
    for word in words:
        if word in _FLAGS:
            options[word] = "yes"
        elif word in ("-C", "--session"):
            options[word] = next(words, "")
            if not options[word]:
                return None
        elif word.startswith("--session="):
            options["--session"] = word[10:]
        elif word == "heartbeat" and not commands:
            commands = 1
        else:
            return None
    return options if commands else None


def _common(git_dir: str) -> str:
    pointer = read(f"{git_dir}/commondir").strip("\r\n")
    return os.path.normpath(os.path.join(git_dir, pointer)) if pointer else git_dir


def _value(value: object) -> str:
    if isinstance(value, str):
        return quote(value)
    return "null" if value is None else repr(value).lower()

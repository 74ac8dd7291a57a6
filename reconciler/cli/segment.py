"""``swarm statusline`` at its quickest: one line from what the last look kept, however old; a new look goes on behind.

Never waits, never fails: what is missing is left out. Imports next to nothing.
"""
# pathlib would double the cost of a prompt:
# ruff: noqa: PTH109

import os
import sys
import time

from reconciler.coordination import beat, machine
from reconciler.coordination.mine import held
from reconciler.coordination.names import clean_session
from reconciler.hosts import wire
from reconciler.printable import printable

TYPE_CHECKING = False
if TYPE_CHECKING:  # typing itself costs milliseconds
    from collections.abc import Mapping

    Row = dict[str, str]

FORMAT = "{glyph} {id} {state} {phase}  {needs}"
NAME = "statusline.json"
FRESH = 10.0  # seconds until a new look is worth it
OLD = 900.0  # seconds after which a state is shown with a question mark
_PATIENCE = 0.2  # seconds for all that a host says on stdin
_LARGEST = 1 << 20
_LONGEST = 200  # characters of the whole line
_FLAGS = ("--ascii", "--no-color", "-q", "--quiet")


def main(words: list[str]) -> int | None:
    """Answer ``statusline`` from the words after it; None: not a plain one, the command line answers."""
    template = FORMAT
    rest = list(words)
    while rest:
        word = rest.pop(0)
        if word == "--format" and rest:
            template = rest.pop(0)
        elif word.startswith("--format="):
            template = word[len("--format=") :]
        elif word not in _FLAGS:
            return None
    show(template, os.getcwd(), ascii_only="--ascii" in words)
    return 0


def show(template: str, folder: str, *, ascii_only: bool = False) -> None:
    """Print the line for this session and folder; nothing where there is nothing to say."""
    try:
        said = _hear(0)
        folder = _text(said, "cwd") or folder
        line = _line(template, folder, _text(said, "session_id"), plain=ascii_only or not is_unicode(os.environ))
    except Exception:  # whatever it is: a prompt is drawn without us
        line = ""
    if line:
        data = f"{line}\n".encode("ascii" if ascii_only else sys.stdout.encoding or "utf-8", "backslashreplace")
        beat.put(1, data)


def is_unicode(environ: "Mapping[str, str]") -> bool:
    """Whether glyphs can be shown, by the rules of the screens."""
    if environ.get("SWARM_ASCII", "0") not in ("", "0") or environ.get("TERM") == "dumb":
        return False
    locale = next((environ[n] for n in ("LC_ALL", "LC_CTYPE", "LANG") if environ.get(n)), "")
    return not locale or locale.lower().replace("-", "").partition("@")[0].endswith("utf8")


def _line(template: str, folder: str, session: str, *, plain: bool) -> str:
    common, tree, git_dir = beat.find_repository(folder)
    branch = beat.branch_of(git_dir)
    name, _, _ = machine.session(os.environ.get("SWARM_SESSION", "").strip() or session, os.environ, os.getppid())
    view, age = _kept(common)
    if age > FRESH:
        _look_behind(common, folder)
    holds = held(f"{common}/{beat.HOME}", clean_session(name))
    row = _row(view, holds, tree, branch)
    count = view.get("needs")
    values = {
        "{glyph}": row.get("ascii" if plain else "glyph", ""),
        "{id}": row.get("id", "")[:60],
        "{state}": row.get("state", "") + ("?" if row.get("state") and age > OLD else ""),
        "{phase}": row.get("phase", ""),
        "{branch}": branch[:60],
        "{needs}": f"!{count}" if isinstance(count, int) and count else "",
    }
    return _filled(template, values, plain=plain)


def _filled(template: str, values: "Mapping[str, str]", *, plain: bool) -> str:
    """One pass over the template, so that nothing in a value is taken for a name; empty places close up."""
    parts = []
    while template:
        name = next((n for n in values if template.startswith(n)), "")
        parts.append(values[name] if name else template[0])
        template = template[len(name) or 1 :]
    text = printable("".join(parts))
    while "   " in text:
        text = text.replace("   ", "  ")
    text = text.strip()[:_LONGEST]
    return text.encode("ascii", "backslashreplace").decode() if plain else text


def _row(view: "Mapping[str, object]", holds: list[str], tree: str, branch: str) -> "Row":
    """What the session holds, else what this work tree or branch is for."""
    streams = view.get("streams")
    rows: list[Row] = [row for row in streams if isinstance(row, dict)] if isinstance(streams, list) else []
    for name in holds:
        return next((row for row in rows if row.get("id") == name), {"id": name})
    for key, value in (("worktree", tree), ("branch", branch)):
        found = [row for row in rows if value and row.get(key) == value]
        if len(found) == 1:
            return found[0]
    return {}


def _kept(common: str) -> "tuple[Mapping[str, object], float]":
    """What the last look kept, and its age in seconds."""
    path = f"{common}/{beat.HOME}/cache/{NAME}"
    try:
        fd = os.open(path, os.O_RDONLY | os.O_NOFOLLOW | os.O_NONBLOCK | os.O_CLOEXEC)
        try:
            made = os.fstat(fd).st_mtime
            data = os.read(fd, _LARGEST)
        finally:
            os.close(fd)
    except OSError:
        return {}, OLD * 2
    return wire.understand(data) or {}, abs(time.time() - made)


def _look_behind(common: str, folder: str) -> None:
    """Start a look that outlives us, unless one was started a moment ago. Where nothing can be noted, none is."""
    path = f"{beat.no_link(f'{common}/{beat.HOME}')}/cache/statusline.asked"
    try:
        if time.time() - os.lstat(path).st_mtime < FRESH:
            return
    except FileNotFoundError:
        os.makedirs(os.path.dirname(path), exist_ok=True)  # noqa: PTH103, PTH120
    os.close(os.open(path, os.O_WRONLY | os.O_CREAT | os.O_NOFOLLOW | os.O_NONBLOCK | os.O_CLOEXEC, 0o666))
    os.utime(path, follow_symlinks=False)
    words = [sys.executable, "-P", "-m", "reconciler", "-C", folder, "statusline", "--fresh"]
    null = [(os.POSIX_SPAWN_OPEN, fd, os.devnull, os.O_RDWR, 0) for fd in (0, 1, 2)]
    os.posix_spawn(sys.executable, words, os.environ, file_actions=null, setsid=True)


def _hear(fd: int) -> "Mapping[str, object]":
    """The object that a host says on stdin. A terminal, or one who says nothing, is not waited for."""
    import select

    if os.isatty(fd):
        return {}
    data, end = b"", time.monotonic() + _PATIENCE
    while len(data) < _LARGEST:
        left = end - time.monotonic()
        if left <= 0 or not select.select([fd], [], [], left)[0]:
            break
        part = os.read(fd, 1 << 16)
        if not part:
            break
        data += part
    return wire.understand(data) or {}


def _text(said: "Mapping[str, object]", name: str) -> str:
    value = said.get(name)
    return value if isinstance(value, str) and "\0" not in value else ""

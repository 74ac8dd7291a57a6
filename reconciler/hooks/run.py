"""What happens when git calls: a pass that never fails, slows or disturbs git. Imports only what Python has loaded.

The caller waits for at most ``PATIENCE``; the work goes on in a process of its own. Many calls at once (a rebase
makes one for each commit) become one pass more: who comes while another works leaves a mark and goes.
"""
# pathlib would double the cost of a call:
# ruff: noqa: PTH103, PTH108, PTH109, PTH110, PTH114

import os
import sys

TYPE_CHECKING = False
if TYPE_CHECKING:  # typing itself costs milliseconds
    from collections.abc import Callable

PATIENCE = 0.15  # seconds that git waits
HOME = "swarm"  # our folder in the git common directory
LOG = "hook.log"
LOCK = "hook.lock"
MARK = "hook.again"
RUNNING = "SWARM_HOOK_RUNNING"
_LONGEST_LOG = 64 * 1024
_KEPT = ("GIT_CONFIG_GLOBAL", "GIT_CONFIG_SYSTEM", "GIT_CONFIG_NOSYSTEM", "GIT_CEILING_DIRECTORIES")
_FLAGS = os.O_RDWR | os.O_CREAT | os.O_NOFOLLOW | os.O_CLOEXEC


def main(
    find: "Callable[[str], str]",
    work: "Callable[[str, str], str]",
    is_known: "Callable[[str], bool]",
) -> int:
    """Run one hook; always 0. What goes wrong is in ``<common dir>/swarm/hook.log``.

    ``find``: folder -> git common dir, raising OSError; ``work``: (folder, common dir) -> the line to print, "" when
    nothing moved; ``is_known``: common dir -> nothing changed since the last pass, asked before any work is begun:
    it raises OSError or ValueError when it cannot tell.
    """
    if os.environ.get("SWARM_HOOKS") == "0" or os.environ.get(RUNNING):
        return 0
    try:
        start, common = _place(find)
        line = _detached(start, common, work, is_known)
        if line:
            print(line, flush=True)
    except OSError:
        return 0  # no repository, no processes left, nobody to talk to: no reason to bother git
    return 0


def _place(find: "Callable[[str], str]") -> tuple[str, str]:
    """The folder to look from and the git common dir; git's own variables are dropped for all that follows."""
    told = os.environ.get("GIT_DIR", "")
    for name in [n for n in os.environ if n.startswith("GIT_") and n not in _KEPT]:
        del os.environ[name]
    os.environ["PATH"] = _without_git(os.environ.get("PATH", os.defpath))
    start = os.getcwd()
    try:
        return start, find(start)
    except OSError:
        if not told:
            raise
        return told, find(told)


def _without_git(path: str) -> str:
    """PATH as it was before git put its own folder first."""
    first, colon, rest = path.partition(":")
    return rest if colon and first.endswith("/git-core") else path


def _detached(start: str, common: str, work: "Callable[[str, str], str]", is_known: "Callable[[str], bool]") -> str:
    """Do the work in a process of its own; its line if it is done in time."""
    read, write = os.pipe()
    if os.fork() == 0:
        code = 1
        try:
            os.close(read)
            _leave(write)
            code = 0 if _is_known(is_known, common) else _work(start, common, work, write)
        finally:
            os._exit(code)
    os.close(write)
    try:
        return _heard(read)
    finally:
        os.close(read)


def _is_known(is_known: "Callable[[str], bool]", common: str) -> bool:
    try:
        return is_known(common)
    except (OSError, ValueError):
        return False


def _leave(keep: int) -> None:
    """Let go of the terminal, of git's pipes and of everything else that was inherited."""
    os.setsid()
    os.environ[RUNNING] = "1"
    nothing = os.open(os.devnull, os.O_RDWR)
    for fd in (0, 1, 2):
        os.dup2(nothing, fd)
    highest = 65536
    os.closerange(3, keep)
    os.closerange(keep + 1, highest)


def _heard(fd: int) -> str:
    import select

    ready, _, _ = select.select([fd], [], [], PATIENCE)
    return os.read(fd, 4096).decode("utf-8", "replace").strip() if ready else ""


def _work(start: str, common: str, work: "Callable[[str, str], str]", answer: int) -> int:
    """Passes until nobody asks for one more. Returns the exit code of the detached process."""
    os.nice(5)  # what git and its user do next comes first
    home = f"{common}/{HOME}"
    os.makedirs(home, exist_ok=True)
    if os.path.islink(home):
        return 0  # it leads to what is not ours
    mark = f"{home}/{MARK}"
    os.close(os.open(mark, _FLAGS, 0o666))
    while os.path.exists(mark):
        lock = _lock(f"{home}/{LOCK}")
        if lock < 0:
            return 0  # another process works; it sees the mark before it ends
        try:
            _take(mark)
            line = _pass(start, common, work)
        finally:
            os.close(lock)
        if answer >= 0:
            _tell(answer, line)
            answer = -1
    return 0


def _pass(start: str, common: str, work: "Callable[[str, str], str]") -> str:
    try:
        return work(start, common)
    except Exception as error:  # the outermost frame: whatever it is, it must not reach git
        log(common, f"{type(error).__name__}: {error}")
        return ""


def log(common: str, text: str) -> None:
    """Note a failure; the file is kept short."""
    import time

    stamp = time.strftime("%Y-%m-%dT%H:%M:%SZ", time.gmtime())
    shown = "".join(c if c.isprintable() else "?" for c in text)[:1000]
    if os.path.islink(f"{common}/{HOME}"):
        return
    try:
        fd = os.open(f"{common}/{HOME}/{LOG}", _FLAGS | os.O_APPEND, 0o666)
        try:
            if os.fstat(fd).st_size > _LONGEST_LOG:
                os.ftruncate(fd, 0)
            os.write(fd, f"{stamp} {shown}\n".encode("utf-8", "replace"))
        finally:
            os.close(fd)
    except OSError:
        return  # a full or read-only disk: there is nobody left to tell


def _lock(path: str) -> int:
    """An open, locked file; -1 when another process has the lock."""
    import fcntl

    fd = os.open(path, _FLAGS, 0o666)
    try:
        fcntl.flock(fd, fcntl.LOCK_EX | fcntl.LOCK_NB)
    except OSError:
        os.close(fd)
        return -1
    return fd


def _take(mark: str) -> None:
    try:
        os.unlink(mark)
    except FileNotFoundError:
        return


def _tell(answer: int, line: str) -> None:
    try:
        os.write(answer, line.encode("utf-8", "replace")[:4000])
        os.close(answer)
    except OSError:
        return  # git did not wait any longer


if sys.platform == "win32":  # pragma: no cover
    raise ImportError("git hooks need a system with fork")

"""What this machine says about itself and its processes: boot, name, ancestors. Imports only what Python has loaded."""
# pathlib would double the cost of a heartbeat:
# ruff: noqa: PTH115

import os

TYPE_CHECKING = False
if TYPE_CHECKING:  # typing itself costs milliseconds
    from collections.abc import Mapping

# Names under which coding agents run; the nearest such ancestor is the agent process.
AGENTS = ("claude", "codex", "gemini", "opencode", "aider", "cursor-agent", "goose", "amp", "copilot", "qwen")
# Variables that hold the session in the shells of an agent, tried in this order after the nearest agent's own.
VARIABLES = {
    "claude": "CLAUDE_CODE_SESSION_ID",
    "codex": "CODEX_THREAD_ID",
    "cursor-agent": "CURSOR_CONVERSATION_ID",
    "copilot": "COPILOT_AGENT_SESSION_ID",
}
_DEEPEST = 32  # ancestors looked at


def host() -> str:
    """Return the name of this host, bounded."""
    return os.uname().nodename[:100]


def boot_id() -> str:
    """Return what names this boot of this kernel, "" where the system does not say."""
    return _read("/proc/sys/kernel/random/boot_id").strip()[:64]


def pid_space() -> str:
    """Return the process id namespace: a pid means something only inside it. "" where there are none."""
    try:
        return os.readlink("/proc/self/ns/pid").strip("pid:[]")
    except OSError:
        return ""


def process(pid: int) -> "dict[str, str] | None":
    """Return the process as /proc shows it, None when it is gone, hidden or there is no /proc.

    ``started`` is in ticks since boot: with the pid it names a process for good.
    """
    head, _, rest = _read(f"/proc/{pid}/stat").rpartition(")")  # the name may hold spaces and parentheses
    values = rest.split()[:20]
    if len(values) < 20:
        return None
    keys = ("state", "parent", "group", "leader", "terminal")
    return dict(zip(keys, values, strict=False), name=head.partition("(")[2], started=values[19])


def is_alive(pid: int, started: str) -> bool | None:
    """Tell whether the process that began at ``started`` still runs; None = cannot be told.

    A pid that now belongs to a younger process, and a zombie, are both gone.
    """
    if not 0 < pid < 1 << 31:
        return None
    found = process(pid)
    if found is not None:
        gone = found["state"] in "ZX" or (started and found["started"] != started)
        return False if gone else (True if started else None)
    try:
        os.kill(pid, 0)
    except ProcessLookupError:
        return False
    except OSError:
        return None  # there, but not ours to see
    return None


def agent(environ: "Mapping[str, str]", parent: int) -> tuple[str, int | None, str]:
    """Return (name, pid, start) of the agent process: SWARM_AGENT_PID, else the nearest ancestor of a known name."""
    named = environ.get("SWARM_AGENT_PID", "")
    if named.isascii() and named.isdigit() and len(named) < 10:
        there = process(int(named)) or {"name": "agent", "started": ""}  # it may have ended a moment ago
        return there["name"], int(named), there["started"]
    pid = parent
    for _ in range(_DEEPEST):
        found = process(pid) if pid > 1 else None
        if found is None:
            break
        if found["name"] in AGENTS:
            return found["name"], pid, found["started"]
        pid = int(found["parent"])
    return "", None, ""


def session(given: str, environ: "Mapping[str, str]", parent: int) -> tuple[str, int | None, str]:
    """Return (session, agent pid, its start) for a command whose parent process is ``parent``.

    The session is the given one, else SWARM_SESSION, the variable of the agent above us or of another one, else the
    agent process above us, else the parent process: for a person the shell in which they type, which lives as long
    as its terminal.
    The pid is given only where its end means that the session ended: a shell without a terminal may be gone
    before the agent asks again.
    """
    name, pid, started = agent(environ, parent)
    variables = ["SWARM_SESSION", VARIABLES.get(name, ""), *VARIABLES.values()]
    for text in (given, *[environ.get(variable, "") for variable in variables]):
        if text.strip():
            return text, pid, started
    boot = boot_id()[:4] or host()[:40]
    if pid:
        return f"{name}-{pid}-{started}-{boot}", pid, started
    shell = process(parent)
    if shell is None:
        return f"parent-{parent}-{boot}", None, ""
    derived = f"shell-{parent}-{shell['started']}-{boot}"
    if shell["leader"] == str(parent) and shell["terminal"] != "0":
        return derived, parent, shell["started"]
    return derived, None, ""


def _read(path: str) -> str:
    try:
        fd = os.open(path, os.O_RDONLY)
    except OSError:
        return ""
    try:
        return os.read(fd, 4096).decode("utf-8", "replace")
    except OSError:
        return ""
    finally:
        os.close(fd)

"""The lines that swarm adds to a hook, and the ways to put them in and take them out. Pure: bytes in, bytes out."""

import re
import shlex

from reconciler.frozen import frozen

EVENTS = ("post-merge", "post-commit", "post-rewrite", "post-checkout")
KEPT = ".before-swarm"  # where a hook of another kind goes
START = "# >>> swarm >>>"
END = "# <<< swarm <<<"
_SHELLS = frozenset({"sh", "bash", "dash", "ash", "ksh", "mksh", "zsh", "busybox"})
_SHEBANG = b"#!/bin/sh\n"
_NOTE = 'written by "swarm hooks install", taken out by "swarm hooks uninstall"'
_JOINED = " (the line before had no end)"
_LEAVES = re.compile(rb"(?:exit|exec)\b")
_REDIRECTION = re.compile(rb"exec\s+(?:\d*[<>]|\{)")  # exec that only opens files goes on


@frozen
class Parts:
    """A hook taken apart: what stands before our lines, our lines, and what somebody wrote after them."""

    before: bytes
    block: bytes
    after: bytes

    @property
    def rest(self) -> bytes:
        """The hook without our lines, byte for byte as it was."""
        joined = _JOINED.encode() in self.block.partition(b"\n")[0]
        before = self.before[:-1] if joined and self.before.endswith(b"\n") and not self.after else self.before
        return before + self.after


def block(event: str, python: str, *, chained: bool = False, joined: bool = False) -> bytes:
    """Our lines for one event. ``python``: the interpreter that swarm is installed in.

    They keep the exit status of what came before, read nothing from stdin, and fail nothing. On a terminal the
    hook may say one line; elsewhere nobody reads it, so git does not wait at all. That interpreter comes before
    PATH: what a repository puts on PATH must not be run.
    """
    own = shlex.quote(python)
    lines = [
        f"{START} {_NOTE}{_JOINED if joined else ''}",
        *_chain(chained=chained),
        "(",
        '  [ "${SWARM_HOOKS:-1}" != 0 ] || exit 0',
        f'  if [ -x {own} ]; then set -- {own} -P -m reconciler hook git {event} "$@"',
        f'  elif command -v swarm >/dev/null 2>&1; then set -- swarm hook git {event} "$@"',
        "  else exit 0; fi",
        '  if [ -t 2 ]; then "$@" </dev/null; else "$@" </dev/null >/dev/null 2>&1 & fi',
        ") || :",
        '(exit "$swarm_status")',
        END,
    ]
    return "\n".join(lines).encode("utf-8", "surrogateescape") + b"\n"


def _chain(*, chained: bool) -> list[str]:
    """The status to keep; of a hook of another kind that stands beside, where git would have run it."""
    if not chained:
        return ["swarm_status=$?"]
    return ["swarm_status=0", f'if [ -x "$0{KEPT}" ]; then "$0{KEPT}" "$@" || swarm_status=$?; fi']


def fresh(event: str, python: str, *, chained: bool = False) -> bytes:
    """A hook of our own."""
    return _SHEBANG + block(event, python, chained=chained)


def is_fresh(parts: Parts) -> bool:
    """Whether nothing but our lines is in it."""
    return parts.rest in (_SHEBANG, b"")


def with_block(data: bytes, event: str, python: str) -> bytes:
    """A sh hook with our lines at its end, or with those it has brought up to date in place."""
    parts = split(data)
    if parts is not None:
        head = parts.block.partition(b"\n")[0]
        new = block(event, python, chained=is_chained(parts), joined=_JOINED.encode() in head)
        return parts.before + new + parts.after
    joined = bool(data) and not data.endswith(b"\n")
    return data + (b"\n" if joined else b"") + block(event, python, joined=joined)


def split(data: bytes) -> Parts | None:
    """Take a hook apart; None when our lines are not in it."""
    start = data.find(START.encode())
    end = data.find(END.encode(), start)
    if start < 0 or end < 0 or (start and data[start - 1 : start] != b"\n"):
        return None
    end += len(END)
    end += data[end : end + 1] == b"\n"
    return Parts(data[:start], data[start:end], data[end:])


def is_chained(parts: Parts) -> bool:
    """Whether our lines call a hook that was moved aside."""
    return f'"$0{KEPT}"'.encode() in parts.block


def interpreter(data: bytes) -> tuple[str, ...]:
    """The words of the first line after ``#!``, () when there are none."""
    first = data.partition(b"\n")[0]
    if not first.startswith(b"#!"):
        return ()
    return tuple(first[2:].decode("utf-8", "surrogateescape").rstrip("\r").split())


def is_shell(data: bytes) -> bool:
    """Whether lines of sh may be added: a script of a shell we know, with line ends that it understands.

    Without a first line that names its interpreter, git runs a text by sh.
    """
    if b"\0" in data or b"\r\n" in data:
        return False
    words = interpreter(data)
    if not words:
        return not data.startswith(b"#!") and not data.startswith(b"\x7fELF")
    names = [word.rpartition("/")[2] for word in words if not word.startswith("-") and "=" not in word]
    name = names[1] if names[0] == "env" and len(names) > 1 else names[0]
    return name in _SHELLS


def leaves_before_its_end(data: bytes) -> bool:
    """Whether the last command of a sh hook is ``exit`` or ``exec``: lines after it would never run."""
    commands = [line.strip() for line in data.splitlines()]
    commands = [line for line in commands if line and not line.startswith(b"#")]
    if not commands:
        return False
    last = commands[-1].rpartition(b";")[2].strip() if b";" in commands[-1] else commands[-1]
    return bool(_LEAVES.match(last)) and not _REDIRECTION.match(last)


def early_exits(data: bytes) -> tuple[int, ...]:
    """Numbers of the lines at which the hook may end before our lines are reached."""
    found = []
    for number, line in enumerate(data.splitlines(), 1):
        text = line.strip()
        if text.startswith(START.encode()):
            break
        if text.startswith(b"#"):
            continue
        pieces = re.split(rb"[;&|]+|\bthen\b|\belse\b|\bdo\b|\{", text)
        if any(_LEAVES.match(p.strip()) and not _REDIRECTION.match(p.strip()) for p in pieces):
            found.append(number)
    return tuple(found)

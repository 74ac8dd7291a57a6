"""Whether git would run a hook, and whether it would reach swarm: each obstacle is named."""

import os
import shlex
import shutil
from collections.abc import Mapping
from pathlib import Path

from reconciler.frozen import frozen
from reconciler.hooks import block, managers
from reconciler.hooks.install import Hook, Place, by_hand, bytes_of


@frozen
class Proof:
    """``state``: installed | chained | called | missing | managed; ``wrong``: why it would not run; ``notes``."""

    event: str
    path: str
    state: str
    wrong: tuple[str, ...] = ()
    notes: tuple[str, ...] = ()

    @property
    def runs(self) -> bool:
        return self.state in ("installed", "chained", "called") and not self.wrong


def prove(place: Place, hook: Hook, env: Mapping[str, str]) -> Proof:
    """Look at one hook as git would, and at what it calls."""
    parts = hook.parts
    if parts is None:
        return _without_lines(place, hook)
    wrong = [*_not_run(hook, place), *_not_reached(parts, env)]
    notes = []
    state = "chained" if block.is_chained(parts) else "installed"
    if state == "chained" and not hook.kept:
        notes.append(f"the hook from before, {hook.event}{block.KEPT}, is gone")
    exits = block.early_exits(parts.before)
    if block.leaves_before_its_end(parts.before):
        wrong.append("the lines before it always end the hook")
    elif exits:
        notes.append(f"may end before it, at line {', '.join(map(str, exits))}")
    return Proof(hook.event, str(hook.path), state, tuple(wrong), tuple(notes))


def _without_lines(place: Place, hook: Hook) -> Proof:
    files = (hook.path, *by_hand(place, hook.event))
    owner = place.owner or managers.manager_of(hook.data or b"")
    calling = [path for path in files if managers.calls_swarm(bytes_of(path))]
    if calling:
        return Proof(hook.event, str(calling[0]), "called", (), (f"called by {owner}",) if owner else ())
    state = "managed" if owner else "missing"
    return Proof(hook.event, str(hook.path), state, (), (f"belongs to {owner}",) if owner else ())


def _not_run(hook: Hook, place: Place) -> list[str]:
    wrong = []
    if not os.access(hook.path, os.X_OK) or not hook.mode & 0o111:
        wrong.append("it is not executable")
    if _is_noexec(place.folder):
        wrong.append("its disk is mounted noexec")
    words = block.interpreter(hook.data or b"")
    if words and not os.access(words[0], os.X_OK):
        wrong.append(f"its interpreter {words[0]} is missing")
    elif words and words[0].endswith("/env") and len(words) > 1 and shutil.which(words[-1]) is None:
        wrong.append(f"its interpreter {words[-1]} is not on PATH")
    return wrong


def _not_reached(parts: block.Parts, env: Mapping[str, str]) -> list[str]:
    wrong = []
    python = called_python(parts)
    if not (python and os.access(python, os.X_OK)) and shutil.which("swarm", path=env.get("PATH")) is None:
        wrong.append(f"{python} is gone and swarm is not on PATH")
    if env.get("SWARM_HOOKS") == "0":
        wrong.append("SWARM_HOOKS=0 turns it off")
    return wrong


def called_python(parts: block.Parts) -> str:
    """The interpreter that our lines name."""
    for line in parts.block.decode("utf-8", "surrogateescape").splitlines():
        head, found, rest = line.strip().partition("if [ -x ")
        if found and not head and "-m reconciler" in rest:
            return shlex.split(rest)[0]
    return ""


def _is_noexec(folder: Path) -> bool:
    try:
        return bool(os.statvfs(folder).f_flag & os.ST_NOEXEC)
    except (OSError, AttributeError):
        return False

"""Puts swarm's lines into hooks, takes them out again byte for byte, and proves that git would run them."""

import os
import shlex
import stat
from collections.abc import Iterable
from contextlib import suppress
from pathlib import Path

from reconciler.errors import SwarmError
from reconciler.files import failed
from reconciler.frozen import frozen
from reconciler.hooks import block, managers
from reconciler.hooks.managers import Manager
from reconciler.printable import printable

LIMIT = 4 * 1024 * 1024  # bytes of a hook that is looked into


@frozen
class Place:
    """Where git looks for hooks. ``owner``: who else has the folder, "" = it is git's own."""

    folder: Path
    owner: str = ""
    by_hand: tuple[Path, ...] = ()  # files of that owner in which the line may stand


@frozen
class Hook:
    """One hook file as it is."""

    event: str
    path: Path
    data: bytes | None  # None: there is none, or not one that can be read
    mode: int = 0
    kind: str = "none"  # none | file | link | other
    kept: bool = False  # a hook that was moved aside lies beside it

    @property
    def parts(self) -> block.Parts | None:
        return block.split(self.data) if self.data is not None and self.kind == "file" else None


@frozen
class Step:
    """What is done to one hook.

    ``action``: create, append, chain, update; remove, trim, restore; keep, managed, blocked (nothing is done).
    """

    event: str
    path: Path
    action: str
    say: str = ""
    data: bytes = b""
    mode: int = 0o755
    manager: Manager | None = None

    @property
    def writes(self) -> bool:
        return self.action not in ("keep", "managed", "blocked")


def read_hooks(place: Place, events: Iterable[str] = block.EVENTS) -> tuple[Hook, ...]:
    """The hooks of these events as they are. Links are not followed to be changed, only to be looked into."""
    return tuple(_read(place.folder / event, event) for event in events)


def plan_install(place: Place, hooks: Iterable[Hook], python: str) -> tuple[Step, ...]:
    """What installing would do, one step for each hook."""
    return tuple(_install_step(place, hook, python) for hook in hooks)


def plan_uninstall(hooks: Iterable[Hook]) -> tuple[Step, ...]:
    """What taking out would do, one step for each hook."""
    return tuple(_uninstall_step(hook) for hook in hooks)


def apply(place: Place, steps: Iterable[Step]) -> None:
    """Do it. Each file is replaced whole or not at all. Raises SwarmError when the folder cannot be written."""
    writing = [step for step in steps if step.writes]
    if not writing:
        return
    try:
        place.folder.mkdir(parents=True, exist_ok=True)
    except OSError as error:
        raise failed("create", place.folder, error) from error
    if not os.access(place.folder, os.W_OK | os.X_OK):
        message = f"the hooks folder {printable(str(place.folder))} cannot be written"
        raise SwarmError(message, hint=printable(f"ls -ld {shlex.quote(str(place.folder))}"))
    for step in writing:
        try:
            _apply(step)
        except OSError as error:
            raise failed("write", step.path, error) from error


# -- below: planning


def _install_step(place: Place, hook: Hook, python: str) -> Step:
    event, path = hook.event, hook.path
    if place.owner or (hook.parts is None and hook.data is not None and managers.manager_of(hook.data)):
        return _managed(place, hook)
    if hook.kind == "other":
        return Step(event, path, "blocked", "is not a file")
    if hook.parts is not None and hook.data is not None:
        wanted = block.with_block(hook.data, event, python)
        return Step(event, path, "keep" if wanted == hook.data else "update", "", wanted, hook.mode)
    if hook.kept:
        return Step(event, path, "blocked", f"{event}{block.KEPT} is in the way")
    if hook.kind == "none":
        return Step(event, path, "create", "", block.fresh(event, python))
    why = _why_not_appended(hook)
    if why or hook.data is None:
        return Step(event, path, "chain", why, block.fresh(event, python, chained=True))
    return Step(event, path, "append", "", block.with_block(hook.data, event, python), hook.mode)


def _managed(place: Place, hook: Hook) -> Step:
    owner = place.owner or managers.manager_of(hook.data or b"")
    advice = managers.advice(owner, hook.event, folder=str(place.folder))
    if any(managers.calls_swarm(bytes_of(path)) for path in (hook.path, *by_hand(place, hook.event))):
        return Step(hook.event, hook.path, "keep", f"called by {owner}", manager=advice)
    return Step(hook.event, hook.path, "managed", f"belongs to {owner}", manager=advice)


def by_hand(place: Place, event: str) -> tuple[Path, ...]:
    """The owner's files for this event; files that speak of all events must name it."""
    return tuple(path for path in place.by_hand if path.name == event or event.encode() in bytes_of(path))


def _why_not_appended(hook: Hook) -> str:
    """Why lines at the end of this hook would not do; "" when they would."""
    if hook.kind == "link":
        return "a link"
    if hook.data is None:
        return "cannot be read"
    if not hook.mode & 0o111:
        return "not executable"
    if not block.is_shell(hook.data):
        return "CRLF line ends" if b"\r\n" in hook.data and b"\0" not in hook.data else "not a sh script"
    if block.leaves_before_its_end(hook.data):
        return "ends with exit or exec"
    return ""


def _uninstall_step(hook: Hook) -> Step:
    event, path, parts = hook.event, hook.path, hook.parts
    if parts is None:
        return Step(event, path, "keep")
    if block.is_chained(parts) and hook.kept:
        if block.is_fresh(parts):
            return Step(event, path, "restore")
        return Step(event, path, "blocked", f"was edited; the hook from before is {event}{block.KEPT}")
    if block.is_fresh(parts):
        return Step(event, path, "remove")
    return Step(event, path, "trim", "", parts.rest, hook.mode)


# -- below: reading and writing


def _read(path: Path, event: str) -> Hook:
    kept = os.path.lexists(f"{path}{block.KEPT}")
    try:
        status = path.lstat()
    except OSError:
        return Hook(event, path, None, kept=kept)
    kind = "link" if stat.S_ISLNK(status.st_mode) else "file" if stat.S_ISREG(status.st_mode) else "other"
    with suppress(OSError):
        mode = path.stat().st_mode if kind == "link" else status.st_mode
        if stat.S_ISREG(mode):
            return Hook(event, path, bytes_of(path) if os.access(path, os.R_OK) else None, mode & 0o7777, kind, kept)
    return Hook(event, path, None, 0, kind, kept)


def bytes_of(path: Path) -> bytes:
    """The bytes of a plain file, b"" where there is none."""
    try:
        fd = os.open(path, os.O_RDONLY | os.O_NONBLOCK | os.O_CLOEXEC)
    except OSError:
        return b""
    try:
        return os.read(fd, LIMIT) if stat.S_ISREG(os.fstat(fd).st_mode) else b""
    except OSError:
        return b""
    finally:
        os.close(fd)


def _apply(step: Step) -> None:
    kept = Path(f"{step.path}{block.KEPT}")
    if step.action == "remove":
        step.path.unlink()
    elif step.action == "restore":
        kept.replace(step.path)
    elif step.action == "chain":
        _chain(step, kept)
    else:
        _replace(step.path, step.data, step.mode)


def _chain(step: Step, kept: Path) -> None:
    """Move the hook aside, then put ours in its place; git finds one of the two at any moment but the one between."""
    step.path.rename(kept)
    try:
        _replace(step.path, step.data, step.mode)
    except OSError:
        kept.rename(step.path)
        raise


def _replace(path: Path, data: bytes, mode: int) -> None:
    temporary = path.with_name(f".swarm-{os.urandom(8).hex()}.tmp")
    try:
        fd = os.open(temporary, os.O_WRONLY | os.O_CREAT | os.O_EXCL | os.O_CLOEXEC, 0o700)
        with os.fdopen(fd, "wb") as file:
            file.write(data)
            os.fchmod(fd, mode)
            file.flush()
            os.fsync(fd)
        temporary.replace(path)
    except OSError:
        temporary.unlink(missing_ok=True)
        raise

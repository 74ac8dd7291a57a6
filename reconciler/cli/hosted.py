"""What ``swarm hook HOST EVENT`` runs: joins a host's event with our facts. Imports the rest only where it runs.

Always 0: a host must never stop because of us. What goes wrong is in ``<git common dir>/swarm/hook.log``.
"""
# pathlib would double the cost of a prompt:
# ruff: noqa: PTH109, PTH112

import os
import time

from reconciler.coordination import beat, journal, machine, told
from reconciler.coordination.names import clean_session
from reconciler.hosts import wire
from reconciler.hosts.table import HOSTS

TYPE_CHECKING = False
if TYPE_CHECKING:  # typing itself costs milliseconds
    from collections.abc import Callable

    from reconciler.hosts.host import Host


class Place:
    """Where and by whom an event is heard: the session and the repository around its folder."""

    __slots__ = ("branch", "common", "folder", "pid", "pid_start", "root", "session", "tree")

    def __init__(self, event: wire.Event, host: "Host") -> None:
        """Raises OSError where there is no repository."""
        name, self.pid, self.pid_start = machine.session(_session(event, host), os.environ, os.getppid())
        self.session = clean_session(name)
        self.folder = event.cwd if _is_folder(event.cwd) else os.getcwd()
        self.common, self.tree, git_dir = beat.find_repository(self.folder)
        self.branch = beat.branch_of(git_dir)
        self.root = f"{self.common}/{beat.HOME}"


def host_hook(words: list[str]) -> int:
    """Answer one call, from the words after ``hook``."""
    place = None
    try:
        host = HOSTS.get(words[0])
        kind = host.meaning(words[1]) if host else ""
        payload = wire.understand(wire.hear(0))
        if host is None or not kind or payload is None or os.environ.get("SWARM_HOOKS") == "0":
            return 0  # of a later version, nothing to us, not understood, or not wanted
        event = wire.Event(words[0], kind, words[1], payload, host)
        if kind == "tool" and event.tool not in host.edits:
            return 0
        if kind != "tool" and not _session(event, host):
            return 0  # nobody whom a later command would know again
        place = Place(event, host)
        said = _DO[kind](event, host, place)
        if said and kind in host.answers:
            _print(host, event, place, said)
    except BaseException as error:  # the outermost frame: whatever it is, the host goes on
        _log(place, error)
    return 0


def _start(event: wire.Event, host: "Host", place: Place) -> str:
    _beat(place)
    _export(host, place)
    from reconciler.cli import news

    named = bool(host.variables)
    where = (place.root, place.session, place.folder, place.tree)
    return _tell(event, place, lambda: news.opening(*where, named=named))


def _prompt(event: wire.Event, host: "Host", place: Place) -> str:
    last = told.recall(place.root, place.session)
    if event.kind not in host.answers or _is_known(place, last):
        return _stop(event, host, place)
    _beat(place)
    from reconciler.cli import news

    where = (place.root, place.session, place.folder, place.tree)
    return _tell(event, place, lambda: news.since(*where, last))


def _tell(event: wire.Event, place: Place, ask: "Callable[[], tuple[str, str]]") -> str:
    """What ``ask`` has to say; its workstream is noted in the log. A mistake costs the text, not the beat."""
    try:
        text, stream = ask()
    except Exception as error:  # what cannot be read now can be asked for later
        _log(place, error)
        text, stream = "", _workstream(place)
    _note(event, place, stream)
    return text


def _stop(event: wire.Event, host: "Host", place: Place) -> str:
    _beat(place)
    _note(event, place, _workstream(place))
    return ""


def _end(event: wire.Event, host: "Host", place: Place) -> str:
    """The session is over; what it holds stays its own until it is stale, for a session can be taken up again."""
    place.pid, place.pid_start = None, ""  # the process ends now: that must not make the claim free at once
    stream = _workstream(place)
    _beat(place)
    from pathlib import Path

    from reconciler.coordination.sessions import log

    log(Path(place.root), place.session, {"at": round(time.time(), 3), "event": "end", "session": place.session})
    _note(event, place, stream)
    return ""


def _tool(event: wire.Event, host: "Host", place: Place) -> str:
    from reconciler.cli.guarded import is_ours
    from reconciler.hosts.guard import refusal

    return refusal(event, host, place.folder, place.root, is_ours)


_DO = {"start": _start, "prompt": _prompt, "stop": _stop, "end": _end, "tool": _tool}


# -- below: what all of them need


def _beat(place: Place) -> None:
    """Say that the session lives. A full or a read-only disk is no reason to say nothing."""
    signs = beat.sign(time.time(), time.monotonic(), place.pid, place.pid_start)
    signs["worktree"], signs["branch"] = place.tree, place.branch
    try:
        beat.write(place.root, place.session, signs)
    except OSError:
        return


def _note(event: wire.Event, place: Place, workstream: str) -> None:
    try:
        journal.write(place.root, time.time(), place.session, event.kind, workstream, place.tree, place.branch)
    except OSError:
        return


def _workstream(place: Place) -> str:
    """The session's claim, else what was last known of the work tree."""
    last = told.recall(place.root, place.session)
    if last and _is_known(place, last):
        return last.workstream
    from reconciler.coordination.mine import held

    holds = held(place.root, place.session)
    return holds[0] if holds else last.here if last and last.worktree == place.tree else ""


def _is_known(place: Place, last: told.Told | None) -> bool:
    """Whether nothing moved since the session was told, as far as cheap signatures say."""
    if last is None or last.worktree != place.tree:
        return False
    return last.signature == told.signature(place.root, last.watched) != ""


def _session(event: wire.Event, host: "Host") -> str:
    """The session as ``swarm claim`` finds it in the shells of the host; "" where nobody names one."""
    variables = [os.environ.get(name, "") for name in ("SWARM_SESSION", *host.variables)]
    return next((text for text in (variables[0], event.session, *variables[1:]) if text.strip()), "")


def _export(host: "Host", place: Place) -> None:
    """Where a host lets its hooks set variables, name the session in the shells to come, as ``swarm claim`` looks."""
    path = os.environ.get(host.envfile, "") if host.envfile else ""
    name = host.variables[0] if host.variables else ""
    if not path or not name or os.environ.get(name) == place.session or "'" in place.session:
        return
    try:
        fd = os.open(path, os.O_WRONLY | os.O_CREAT | os.O_APPEND | os.O_NONBLOCK | os.O_CLOEXEC, 0o600)
    except OSError as error:
        _log(place, error)
        return
    try:
        beat.put(fd, f"export {name}='{place.session}'\n".encode("utf-8", "replace"))
    finally:
        os.close(fd)


def _print(host: "Host", event: wire.Event, place: Place, said: str) -> None:
    """The answer in one write: stdout belongs to the host's protocol."""
    import json

    words = {"{text}": said, "{event}": event.name, "{session}": place.session}
    beat.put(1, f"{json.dumps(wire.answer(host.answers[event.kind], words))}\n".encode())


def _log(place: Place | None, error: BaseException) -> None:
    """Note what went wrong, where there is a place for it; never what a prompt or a document says."""
    if place is None or isinstance(error, KeyboardInterrupt | BrokenPipeError):
        return
    from reconciler.hooks.run import log

    at = error.__traceback__
    while at and at.tb_next:
        at = at.tb_next
    where = f"{os.path.basename(at.tb_frame.f_code.co_filename)}:{at.tb_lineno}" if at else ""  # noqa: PTH119
    message = getattr(error, "message", "") or getattr(error, "strerror", "") or ""
    log(place.common, f"hook: {type(error).__name__} {where} {message}")


def _is_folder(path: str) -> bool:
    try:
        return bool(path) and os.path.isdir(path)
    except ValueError:
        return False

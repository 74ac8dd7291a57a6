"""``swarm watch``: keeps the files right while others work, and says what moved."""

import os
import shlex
import signal
import sys
from collections.abc import Callable, Mapping
from contextlib import ExitStack, suppress
from pathlib import Path
from typing import TYPE_CHECKING, Any

import click

from reconciler.cli.durations import Seconds
from reconciler.cli.options import common_options, json_option, settings
from reconciler.cli.session import drawing, now, print_json, remark, say
from reconciler.errors import Exit, SwarmError
from reconciler.frozen import frozen
from reconciler.printable import printable

if TYPE_CHECKING:
    from reconciler.observe.git import GitRepo
    from reconciler.reconcile import Look
    from reconciler.watch.deliver import Runner
    from reconciler.watch.ground import Ground
    from reconciler.watch.loop import Ears, Seen, Touched, Watcher
    from reconciler.watch.loop import Teller as Telling
    from reconciler.watch.notices import Notice
    from reconciler.watch.pace import Pace
    from reconciler.watch.single import Holder
    from reconciler.watch.transitions import Event

_ENDING = (signal.SIGINT, signal.SIGTERM, signal.SIGHUP)
_LONGEST_LOG = 1024 * 1024


@frozen
class Wishes:
    """What the command line asks of a watcher."""

    interval: float
    debounce: float
    on_change: str
    notify: bool
    as_json: bool


@click.command(epilog="Examples:  swarm watch    swarm watch --notify --detach    swarm watch --json | my-program")
@click.option("--interval", type=Seconds(0.1, 86400), default="60", show_default=True, help="Look at least so often.")
@click.option("--debounce", type=Seconds(0, 2), default="50ms", show_default=True, help="The quiet before a look.")
@click.option("--on-change", metavar="CMD", default="", help="Run this for each event, as JSON on its stdin; no shell.")
@click.option("--notify", is_flag=True, help="Tell terminal or desktop what needs you.")
@click.option("--once", is_flag=True, help="One pass, then end.")
@click.option("--detach", is_flag=True, help="Go on in the background.")
@click.option("--status", "status_only", is_flag=True, help="Say who watches; exit 1 when nobody does.")
@click.option("--stop", "stop_it", is_flag=True, help="End the one that watches.")
@json_option
@common_options
def watch(
    interval: float, debounce: float, on_change: str, notify: bool, once: bool, detach: bool, status_only: bool,
    stop_it: bool, as_json: bool,
) -> int:  # fmt: skip
    """Keep workstreams.json right while others work; print what moves, one line each."""
    from reconciler.observe.git import open_git

    if sum((once, detach, status_only, stop_it)) > 1:
        raise SwarmError("--once, --detach, --status and --stop exclude each other", hint="swarm watch --help")
    git = open_git(settings().folder)
    wishes = Wishes(interval, debounce, on_change, notify, as_json)
    if status_only:
        return _status(git.common_dir, as_json=as_json)
    if stop_it:
        return _stop(git.common_dir, as_json=as_json)
    if detach:
        return _detach(git, wishes)
    return _once(git, wishes) if once else _watch(git, wishes)


# -- the watcher


def _watch(git: "GitRepo", wishes: Wishes) -> int:
    from reconciler.watch.loop import Ears
    from reconciler.watch.pace import Pace
    from reconciler.watch.single import only_watcher

    ended: list[int] = []
    told = os.environ.pop(_AGAIN, "")
    handed = int(told) if told.isdecimal() else -1
    with only_watcher(git.common_dir, now=now(), handed=handed) as lock:
        with ExitStack() as stack:
            teller = Teller(git, wishes)
            stack.callback(teller.close)
            pace = Pace(quiet=wishes.debounce, interval=wishes.interval)
            watcher = begun(git, _pass(git), teller, pace=pace, ears=Ears(), ended=ended, stack=stack)
            if handed < 0:
                remark(f"watching {_name(git)}; Ctrl-C ends it")
            watcher.run()
        if watcher.is_worn:
            begin_afresh(lock)
    if watcher.is_gone:
        return Exit.NO_REPO
    return Exit.INTERRUPTED if signal.SIGINT in ended else Exit.OK


def begun(
    git: "GitRepo", look: "Callable[[Touched], Seen]", teller: "Telling", *, pace: "Pace", ears: "Ears",
    ended: list[int], stack: ExitStack,
) -> "Watcher":  # fmt: skip
    """A watcher with eyes, which signals end, ready to run; ``ended`` takes their numbers, ``stack`` what to close."""
    from reconciler.watch.eyes import Eyes
    from reconciler.watch.loop import Watcher

    eyes = Eyes(ears.hear, ears.lose)
    stack.callback(eyes.close)
    watcher = Watcher(_first_ground(git), look, teller, pace=pace, ears=ears, sight=eyes)
    stack.enter_context(_on_signals(watcher.stop, ended))
    return watcher


def begin_afresh(lock: int = -1) -> None:
    """The same command in the same process, with fresh memory and the lock that it may have. Does not return."""
    held = {}
    if lock >= 0:
        os.set_inheritable(lock, True)
        held = {_AGAIN: str(lock)}
    sys.stdout.flush()
    signal.pthread_sigmask(signal.SIG_BLOCK, _ENDING)  # until somebody hears them again
    again = [sys.executable, "-P", "-m", "reconciler", *sys.argv[1:]]
    os.execve(sys.executable, again, {**os.environ, **held})  # noqa: S606  (ourselves)


class _on_signals:  # noqa: N801  (used like a function)
    """The first signal ends after the pass under way; a second one at once."""

    def __init__(self, stop: Callable[[], None], ended: list[int]) -> None:
        self._stop, self._ended = stop, ended
        self._before: dict[int, Any] = {}

    def __enter__(self) -> None:
        for number in _ENDING:
            if number != signal.SIGHUP or signal.getsignal(number) != signal.SIG_IGN:  # nohup
                self._before[number] = signal.signal(number, self._heard)
        signal.pthread_sigmask(signal.SIG_UNBLOCK, _ENDING)

    def __exit__(self, *_: object) -> None:
        for number, handler in self._before.items():
            signal.signal(number, handler)

    def _heard(self, number: int, _frame: object) -> None:
        self._ended.append(number)
        if len(self._ended) > 1:
            raise KeyboardInterrupt
        self._stop()


def _pass(git: "GitRepo") -> "Callable[[Touched], Seen]":
    """One pass as the watcher calls it: from the main work tree, which stays when a linked one goes."""
    from reconciler import reconcile
    from reconciler.again.touched import follow
    from reconciler.publish.store import has_registry
    from reconciler.watch.loop import Seen

    start = git.root or git.common_dir
    flags: Mapping[str, object] = {"base": settings().base or None}
    kept = reconcile.Kept(go_on=True)

    def run(touched: "Touched") -> Seen:
        quick = follow(kept, touched, now=now()) if touched else None
        seen = quick or reconcile.run(start, env=os.environ, now=now(), flags=flags, kept=kept)[0]
        return Seen(seen.view, ground_of(seen), whole=quick is None, is_there=lambda: is_there(seen.target))

    def is_there(target: Path) -> bool:
        return kept.written is not None and has_registry(target, kept.written.digests)

    return run


def ground_of(seen: "Look") -> "Ground":
    """Where the facts of this look lie."""
    from reconciler.watch.ground import Ground

    chosen = [layout for layout in seen.rulebook.layouts if not seen.config.layouts or layout.id in seen.config.layouts]
    roots = tuple(sorted({root for layout in chosen for root in layout.roots if root != "."}))
    documents = {document.path for stream in seen.view.workstreams for document in stream.documents}
    folders = {path.rpartition("/")[0] for path in documents}
    loose = {f for f in folders if f and not any(f"{f}/".startswith(f"{root}/") for root in roots)}
    present = [tree for tree in seen.facts.worktrees if not tree.missing]
    return Ground(
        common_dir=_real(seen.facts.common_dir),
        worktrees=tuple(sorted(_real(tree.path) for tree in present)),
        roots=roots,
        folders=tuple(sorted(loose)),
        target=_real(seen.target),
    )


def _first_ground(git: "GitRepo") -> "Ground":
    """What can be watched before the first look."""
    from reconciler.watch.ground import Ground

    root = _real(git.root) if git.root else None
    return Ground(_real(git.common_dir), (root,) if root else (), target=root / ".swarm" if root else None)


def _real(path: str | Path) -> Path:
    return Path(os.path.realpath(path))


def _name(git: "GitRepo") -> str:
    return printable((git.root or git.common_dir).name)


class Teller:
    """Prints what moved, runs --on-change, sends notices."""

    def __init__(self, git: "GitRepo", wishes: Wishes) -> None:
        config = _config(git)
        self._as_json = wishes.as_json
        self._notify = wishes.notify or config.notify
        self._arrow = "→" if drawing().unicode else "->"
        self._runner = _runner(wishes.on_change or config.on_change)

    def moved(self, events: "tuple[Event, ...]") -> None:
        at = now()
        for event in events:
            document = event.document(at)
            if self._as_json:
                _print_line(document)
            else:
                say(f"{at:%H:%M:%S} {event.sentence(self._arrow)}")
            if self._runner:
                self._runner.give(document)
        sys.stdout.flush()

    def notice(self, notice: "Notice") -> None:
        from reconciler.watch.deliver import deliver

        if self._notify and not deliver(notice, sys.stderr, os.environ):
            remark(notice.text)

    def failed(self, error: SwarmError) -> None:
        remark(f"error: {error.message}" + (f" (hint: {error.hint})" if error.hint else ""))

    def looked(self) -> None:
        """A detached watcher writes to a file: keep that from growing for ever."""
        with suppress(OSError, ValueError):
            if not sys.stdout.isatty() and os.fstat(1).st_size > _LONGEST_LOG and os.environ.get(_DETACHED):
                os.ftruncate(1, 0)

    def close(self) -> None:
        if self._runner:
            self._runner.close()


def _runner(command: str) -> "Runner | None":
    from reconciler.watch.deliver import Runner

    if not command.strip():
        return None
    try:
        words = shlex.split(command)
    except ValueError as error:
        raise SwarmError(
            f"--on-change cannot be read: {error}", hint="swarm watch --on-change 'CMD ARG ...'"
        ) from error
    return Runner(words, remark_from_thread)


def remark_from_thread(text: str) -> None:
    """A remark where no click context is at hand."""
    print(printable(text), file=sys.stderr, flush=True)


def _config(git: "GitRepo") -> Any:
    from reconciler.config import load_config, user_folder

    return load_config(git.root, os.environ, user_folder(os.environ))


def _print_line(document: Mapping[str, object]) -> None:
    import json

    text = json.dumps(document, ensure_ascii=True, sort_keys=True)
    sys.stdout.write(text + "\n")


# -- once, in the background, status, stop

_DETACHED = "SWARM_WATCH_DETACHED"
_AGAIN = "SWARM_WATCH_LOCK"  # the open lock, for ourselves begun afresh


def _once(git: "GitRepo", wishes: Wishes) -> int:
    """One pass; what moved since the files were written last."""
    from reconciler import reconcile
    from reconciler.watch.transitions import Event

    start = git.root or git.common_dir
    _, outcome = reconcile.run(start, env=os.environ, now=now(), flags={"base": settings().base or None})
    teller = Teller(git, wishes)
    try:
        teller.moved(tuple(Event(_kind(m.old, m.new), m.id, m.old, m.new, m.reason) for m in outcome.moves))
    finally:
        teller.close()
    return Exit.OK


def _kind(old: str, new: str) -> str:
    return "new" if not old else "gone" if not new else "landed" if new == "merged" else "moved"


def _status(common_dir: Path, *, as_json: bool) -> int:
    from reconciler.watch.single import holder

    held = holder(common_dir)
    if as_json:
        print_json(_watch_document(held, stopped=None))
    else:
        say(f"watched by process {held.pid} on {printable(held.host)} since {held.since}" if held else "nobody watches")
    return Exit.OK if held else Exit.FOUND


def _watch_document(held: "Holder | None", *, stopped: int | None) -> dict[str, object]:
    return {
        "schema": "swarm.watch/1", "running": held is not None, "pid": held.pid if held else None,
        "host": held.host if held else None, "since": held.since if held else None, "stopped": stopped,
    }  # fmt: skip


def _stop(common_dir: Path, *, as_json: bool) -> int:
    from reconciler.watch.single import stop

    held = stop(common_dir)
    if as_json:
        print_json(_watch_document(None, stopped=held.pid if held else None))
    else:
        say(f"ended process {held.pid}" if held else "nobody watches")
    return Exit.OK


def _detach(git: "GitRepo", wishes: Wishes) -> int:
    """Start a watcher of its own session and wait until it watches. Raises SwarmError when it ends instead."""
    from reconciler.watch.background import start

    _runner(wishes.on_change)  # a mistake in it is told here
    words = ["--interval", f"{wishes.interval:g}", "--debounce", f"{wishes.debounce:g}"]
    words += ["--on-change", wishes.on_change] if wishes.on_change else []
    words += [flag for flag, on in (("--notify", wishes.notify), ("--json", wishes.as_json)) if on]
    base = settings().base
    words += ["--base", base] if base else []
    folder = git.root or git.common_dir
    held = start(["-C", str(folder), "watch", *words], git.common_dir, {**os.environ, _DETACHED: "1"})
    log = git.common_dir / "swarm/watch.log"
    say(f"watching {_name(git)} in process {held.pid}; log: {printable(str(log))}; swarm watch --stop ends it")
    return Exit.OK

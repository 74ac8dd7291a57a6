"""Views with words, a watcher without a disk, and waiting on a condition with a bound."""

import re
import select
import subprocess
import sys
import time
from collections.abc import Callable
from pathlib import Path
from typing import Any

from reconciler.errors import SwarmError
from reconciler.model import State, StateWord, View, Workstream
from reconciler.watch.ground import Ground
from reconciler.watch.loop import Clock, Ears, Seen, Touched, Watcher
from reconciler.watch.notices import Notice
from reconciler.watch.pace import Pace
from reconciler.watch.transitions import Event
from tests.gitrepo import GitBuilder, sealed
from tests.publish.make import view as bare_view

PLAN = "# Plan: {0}\n\n**Status**: {1}\n\n## Phase 1: Core\n\n- [ ] write `src/{0}.py`\n"
WORDS = tuple(
    StateWord(State(name), "g", "a", "default", name not in ("merged", "abandoned"))
    for name in ("merged", "in-review", "implementing", "ready", "planning", "researched", "idea", "abandoned")
)


def view(*streams: Workstream, **changes: Any) -> View:
    return bare_view(*streams, words=WORDS, **changes)


class Time:
    """A clock that stands until told."""

    def __init__(self) -> None:
        self.now = 1000.0
        self.slept = 0.0  # the wall's clock is ahead by this much

    def clock(self) -> Clock:
        return Clock(lambda: self.now, lambda: self.now + self.slept)


class Told:
    """Keeps what the watcher says."""

    def __init__(self) -> None:
        self.events: list[Event] = []
        self.notices: list[Notice] = []
        self.errors: list[SwarmError] = []
        self.looks = 0

    def moved(self, events: tuple[Event, ...]) -> None:
        self.events.extend(events)

    def notice(self, notice: Notice) -> None:
        self.notices.append(notice)

    def failed(self, error: SwarmError) -> None:
        self.errors.append(error)

    def looked(self) -> None:
        self.looks += 1


class Sight:
    """Eyes for which the world is what the test says."""

    def __init__(self) -> None:
        self.forgotten = 0
        self.added = False

    def look_at(self, wanted: object) -> bool:
        added, self.added = self.added, False
        return added

    def forget(self) -> None:
        self.forgotten += 1

    def close(self) -> None:
        return None


class Desk:
    """A watcher with everything around it in the hands of the test."""

    def __init__(self, ground: Ground, *, pace: Pace | None = None) -> None:
        self.time, self.told, self.sight, self.ears = Time(), Told(), Sight(), Ears()
        self.ground = ground
        self.views: list[View | SwarmError] = []
        self.during: Callable[[], None] = lambda: None
        self.busy = False
        self.watcher = Watcher(
            ground, self._look, self.told, pace=pace or Pace(), ears=self.ears, sight=self.sight,
            clock=self.time.clock(), is_busy=lambda _: self.busy,
        )  # fmt: skip
        self.passes = 0
        self.touched: list[Touched] = []
        self.is_there = True

    def _look(self, touched: Touched) -> Seen:
        self.passes += 1
        self.touched.append(touched)
        self.during()
        found = self.views.pop(0) if len(self.views) > 1 else self.views[0] if self.views else view()
        if isinstance(found, SwarmError):
            raise found
        return Seen(found, self.ground, whole=not touched, is_there=lambda: self.is_there)

    def after(self, seconds: float) -> float:
        """Let time pass, then one step; what it answers."""
        self.time.now += seconds
        return self.watcher.step()

    def hear(self, inner: str = ".swarm/plans/x.md") -> None:
        self.ears.hear(f"{self.ground.worktrees[0]}/{inner}")


class Running:
    """``swarm watch`` (or another command that goes on) as a process, its lines read with a bound."""

    def __init__(
        self, folder: Path, *words: str, env: dict[str, str] | None = None, read: bool = True, command: str = "watch"
    ) -> None:
        out = subprocess.PIPE if read else subprocess.DEVNULL  # a pipe that nobody reads is full one day
        self.process = subprocess.Popen(
            [sys.executable, "-P", "-m", "reconciler", "-C", str(folder), command, *words],
            stdout=out, stderr=subprocess.PIPE, env={**sealed(folder), **(env or {})}, bufsize=0,
        )  # fmt: skip
        self._text = {"stdout": b"", "stderr": b""}

    def until(self, word: str, *, stream: str = "stdout", seconds: float = 20.0, then: str = "") -> str:
        """Read until ``word`` was printed, and ``then`` somewhere behind it; everything that was."""
        pipe = getattr(self.process, stream)
        end = time.monotonic() + seconds
        wanted = re.compile(f"{re.escape(word)}.*{re.escape(then)}".encode(), re.DOTALL)
        while not wanted.search(self._text[stream]):
            ready, _, _ = select.select([pipe], [], [], max(0.0, end - time.monotonic()))
            data = pipe.read(65536) if ready else b""
            assert data, f"{word!r} was not printed: {self._text}"
            self._text[stream] += data
        return self._text[stream].decode()

    def end(self, number: int) -> int:
        self.process.send_signal(number)
        return self.process.wait(20)

    def __enter__(self) -> "Running":
        return self

    def __exit__(self, kind: object, *_: object) -> None:
        code = self.process.poll()
        if code is None:
            self.process.kill()
        _, said = self.process.communicate()
        if kind is not None:  # the test fails: say what became of the watcher
            print(f"the watcher's exit code: {code}; it said: {said.decode()[-3000:]}", file=sys.stderr)


def wait_for(holds: Callable[[], bool], what: str, *, seconds: float = 20.0) -> None:
    """Wait until a condition holds, at most so long."""
    end = time.monotonic() + seconds
    while not holds():
        assert time.monotonic() < end, f"never: {what}"
        select.select([], [], [], 0.01)


def swarm(folder: Path, *words: str, env: dict[str, str] | None = None) -> "subprocess.CompletedProcess[str]":
    """One command to its end."""
    return subprocess.run(
        [sys.executable, "-P", "-m", "reconciler", "-C", str(folder), *words],
        capture_output=True, text=True, env={**sealed(folder), **(env or {})}, check=False, timeout=60,
    )  # fmt: skip


def repository(folder: Path) -> GitBuilder:
    """One plan on main."""
    repo = GitBuilder(folder)
    repo.commit("Plan alpha", {".swarm/plans/2026-03-02-alpha.md": PLAN.format("alpha", "Draft")})
    return repo


def cold_bytes(folder: Path) -> dict[str, bytes]:
    """Our files as a pass without any memory writes them."""
    for name in ("workstreams.json", "queue.json", "instances.json"):
        (folder / ".swarm" / name).unlink(missing_ok=True)
    done = swarm(folder, "reconcile")
    assert done.returncode == 0, done.stderr
    return own_bytes(folder)


def own_bytes(folder: Path) -> dict[str, bytes]:
    names = ("workstreams.json", "queue.json", "instances.json")
    return {name: path.read_bytes() for name in names if (path := folder / ".swarm" / name).exists()}

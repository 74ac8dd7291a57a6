"""The loop: wait for quiet, look, say what moved. One thread looks; others only pass on what they heard."""

import os
import select
import time
from collections import deque
from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Protocol

from reconciler.errors import SwarmError
from reconciler.frozen import frozen
from reconciler.model import View
from reconciler.watch.gitwork import is_at_work
from reconciler.watch.ground import Ground, Identity, Sieve, Spot, spots
from reconciler.watch.notices import Attention, Notice, attend
from reconciler.watch.pace import Pace, Rhythm, Sleep
from reconciler.watch.thrift import Thrift
from reconciler.watch.transitions import Event, changes

NAP = 5.0  # seconds: the longest sleep, so that a machine's own sleep is noticed soon
CONFIRM = 1.0  # seconds until a look that confirms what is to be told
MOST = 5000  # paths heard since the last look; more count as "everything"
SETTLE = 1.0  # seconds from a look at single files until one at everything
Touched = frozenset[str]  # absolute paths of which alone something was heard; empty = look at everything


@frozen
class Seen:
    """What one pass gives the watcher."""

    view: View
    ground: Ground
    whole: bool = True  # everything was looked at, not only what was touched
    is_there: Callable[[], bool] = lambda: True  # whether our files are still as the pass wrote them


class Sight(Protocol):
    """What the loop needs of eyes.Eyes."""

    def look_at(self, wanted: dict[Spot, Identity]) -> bool: ...
    def forget(self) -> None: ...
    def close(self) -> None: ...


class Teller(Protocol):
    """What the loop has to say, and to whom."""

    def moved(self, events: tuple[Event, ...]) -> None: ...
    def notice(self, notice: Notice) -> None: ...
    def failed(self, error: SwarmError) -> None: ...
    def looked(self) -> None: ...


@frozen
class Clock:
    """Where the time comes from."""

    steady: Callable[[], float] = time.monotonic
    wall: Callable[[], float] = time.time


class Bell:
    """Wakes the loop from another thread or a signal handler."""

    def __init__(self) -> None:
        self._read, self._write = os.pipe2(os.O_NONBLOCK | os.O_CLOEXEC) if hasattr(os, "pipe2") else _pipe()

    def ring(self) -> None:
        try:
            os.write(self._write, b"!")
        except (BlockingIOError, OSError):
            return  # it rings already, or the loop is over

    def wait(self, seconds: float) -> None:
        ready, _, _ = select.select([self._read], [], [], max(0.0, seconds))
        if ready:
            while _drained(self._read):
                continue

    def close(self) -> None:
        os.close(self._read)
        os.close(self._write)


@dataclass
class Ears:
    """Collects what was heard; ``hear`` and ``lose`` are called from other threads."""

    bell: Bell = field(default_factory=Bell)
    heard: deque[str] = field(default_factory=deque)
    lost: bool = False

    def hear(self, path: str) -> None:
        if len(self.heard) >= MOST:
            self.lost = True
            return
        self.heard.append(path)
        self.bell.ring()

    def lose(self) -> None:
        self.lost = True
        self.bell.ring()


class Watcher:
    """Watches one repository until it is stopped."""

    def __init__(
        self, ground: Ground, look: Callable[[Touched], Seen], teller: Teller, *, pace: Pace, ears: Ears, sight: Sight,
        clock: Clock | None = None, is_busy: Callable[[Ground], bool] | None = None, thrift: Thrift | None = None,
    ) -> None:  # fmt: skip
        self._ground = ground
        self._look = look
        self._teller = teller
        self._ears = ears
        self._sight = sight
        self._clock = clock or Clock()
        self._is_busy = is_busy or (lambda place: is_at_work(place.common_dir))
        self._thrift = thrift or Thrift()
        self._rhythm = Rhythm(pace, self._clock.steady())
        self._sleep = Sleep(self._clock.steady(), self._clock.wall())
        self._sieve = Sieve(ground)
        self._view: View | None = None
        self._touched: set[str] | None = None  # what was heard of since the last look; None = that is not all
        self._settle: float | None = None  # when everything is to be looked at again
        self._attention = Attention()
        self._trouble = ""
        self._is_over = False
        self.is_gone = False  # the repository was moved or deleted: that ends the loop

    @property
    def is_worn(self) -> bool:
        """Whether this process had better be begun afresh."""
        return self._thrift.is_worn and not self._is_over

    def stop(self) -> None:
        """End after the pass that may be under way; may be called from a signal handler."""
        self._is_over = True
        self._ears.bell.ring()

    def run(self) -> None:
        """Watch until stopped, or until the process is worn."""
        try:
            self._sight.look_at(spots(self._ground))
            while not self._is_over:
                left = self.step()
                if left > 0:
                    self._thrift.rest(left)
                    if self.is_worn:
                        return
                    self._ears.bell.wait(min(left, NAP))
        finally:
            self._thrift.end()

    def step(self) -> float:
        """Take in what was heard and look if it is time; seconds until it may be time, 0 after a look."""
        now = self._clock.steady()
        if self._sleep.was_long(now, self._clock.wall()):
            self._refresh(now)
        self._take_in(now)
        left = self._rhythm.wait(now, lambda: self._is_busy(self._ground))
        if left > 0:
            return left
        touched = Touched() if self._rhythm.is_due(now) else Touched(self._touched or ())
        self._touched = set()
        self._rhythm.begin(now)
        self._pass(touched)
        self._thrift.passed()
        return 0.0

    def _take_in(self, now: float) -> None:
        if self._ears.lost:
            self._ears.lost = False
            self._ears.heard.clear()
            self._refresh(now)
        while self._ears.heard:
            path = self._ears.heard.popleft()
            if self._sieve.is_news(path):
                self._rhythm.hear(now)
                if self._touched is not None:
                    self._touched.add(path)

    def _refresh(self, now: float) -> None:
        """Events were missed: look at all folders afresh, and at what is in them."""
        self._sight.forget()
        self._sight.look_at(spots(self._ground))
        self._rhythm.hear(now)
        self._touched = None

    def _pass(self, touched: Touched) -> None:
        try:
            seen = self._look(touched)
        except SwarmError as error:
            self._touched = None
            self._failed(error)
            return
        self._trouble = ""
        self._ground = seen.ground
        self._sieve.move_to(seen.ground)
        self._sieve.remember_own()
        now = self._clock.steady()
        is_new = self._sight.look_at(spots(seen.ground))  # what is in it may have changed before it was watched
        if is_new or not seen.ground.common_dir.is_dir() or not seen.is_there():
            self._rhythm.ask(now)
        before, self._view = self._view, seen.view
        if before is not None and (events := changes(before, seen.view)):
            self._teller.moved(events)
        self._attention, notice = attend(self._attention, seen.view, now)
        if notice:
            self._teller.notice(notice)
        if self._attention.is_waiting:
            self._rhythm.ask(now + CONFIRM)
        self._settle = None if seen.whole else self._settle or now + SETTLE
        if self._settle is not None:
            self._rhythm.ask(self._settle)
        self._teller.looked()

    def _failed(self, error: SwarmError) -> None:
        """Said once; the next event or interval tries again, unless the repository is gone."""
        self._sight.look_at(spots(self._ground))
        self.is_gone = not os.path.lexists(self._ground.common_dir)
        if error.message != self._trouble and not self._is_over:
            self._trouble = error.message
            self._teller.failed(error)
        self._is_over = self._is_over or self.is_gone


def _drained(fd: int) -> bool:
    try:
        return len(os.read(fd, 4096)) == 4096
    except BlockingIOError:
        return False


def _pipe() -> tuple[int, int]:
    """For systems without pipe2 (macOS)."""
    ends = os.pipe()
    for end in ends:
        os.set_blocking(end, False)
    return ends

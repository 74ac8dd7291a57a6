"""When to look: after a quiet moment, but never later than the longest wait. Every call tells it the time."""

from collections.abc import Callable

from reconciler.frozen import frozen

GLANCE = 0.02  # seconds between two looks whether git is done


@frozen
class Pace:
    """How quick the watcher is. All in seconds."""

    quiet: float = 0.05  # nothing new for so long, then look
    longest: float = 2.0  # the longest that changes or git at work may put a look off
    interval: float = 60.0  # look at least so often


class Rhythm:
    """Remembers what was heard and answers how long to wait. The first look is due at once."""

    def __init__(self, pace: Pace, now: float) -> None:
        self._pace = pace
        self._first: float | None = None  # of what was heard since the last look began
        self._last = now
        self._due = now

    def hear(self, now: float) -> None:
        """Something changed."""
        if self._first is None:
            self._first = now
        self._last = now

    def ask(self, at: float) -> None:
        """A look is wanted at that time, whatever is heard."""
        self._due = min(self._due, at)

    def is_due(self, now: float) -> bool:
        """Is a look wanted whatever was heard?"""
        return self._due <= now

    def begin(self, now: float) -> None:
        """A look begins: it sees all that was heard so far. What is heard from now on leads to one more."""
        self._first = None
        self._due = now + self._pace.interval

    def wait(self, now: float, is_busy: Callable[[], bool]) -> float:
        """Seconds to wait before the next look, 0 = look now. ``is_busy``: is git in the middle of something?"""
        since = self._due if self._first is None else min(self._first, self._due)
        calm = self._due if self._first is None else self._last + self._pace.quiet
        latest = since + self._pace.longest
        begin = max(since, min(calm, latest))
        if now < begin:
            return begin - now
        if now < latest and is_busy():
            return min(GLANCE, latest - now)
        return 0.0


class Sleep:
    """Notices that the machine slept: then the clock on the wall went on and the other one stood still."""

    LEAST = 5.0  # seconds; less is somebody setting the clock a little

    def __init__(self, steady: float, wall: float) -> None:
        self._apart = wall - steady

    def was_long(self, steady: float, wall: float) -> bool:
        """Whether the two clocks moved apart since the last call."""
        before, self._apart = self._apart, wall - steady
        return abs(self._apart - before) > self.LEAST

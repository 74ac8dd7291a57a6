"""Keeps a process that runs for weeks small: cycles are collected, and free memory given back, while nobody waits.

Python's allocator cannot give back what a flood of files left full of holes. A process that has grown a lot and has
nothing to do is therefore worn, and is best begun afresh: see cli/watching.py.
"""

import gc
import os
from collections.abc import Callable

MOST = 50  # passes without a rest, after which it is done between two of them
GROWTH = 12 * 1024 * 1024  # bytes above what it held at its first rest, or a third of that: then it is worn
REST = 0.5  # seconds without anything to do that count as a rest


class Thrift:
    """Told when a pass is over, and how long nothing is to be done then."""

    def __init__(self, give_back: Callable[[], None] | None = None, held: Callable[[], int] | None = None) -> None:
        self._give_back = give_back or trimmer()
        self._held = held or resident
        self._first = 0
        self.is_worn = False
        self._passes = 0
        self._is_begun = False

    def passed(self) -> None:
        """A pass is over. From the first one on nothing is collected in a pass: who waits would feel it."""
        self._passes += 1
        if not self._is_begun:
            self._is_begun = True
            gc.disable()
            gc.collect()
            gc.freeze()  # most of it stays: looking through it again finds nothing

    def rest(self, seconds: float) -> None:
        """Nothing is to be done for so long."""
        if self._passes and (seconds >= REST or self._passes >= MOST):
            self._passes = 0
            gc.collect()
            self._give_back()
            held = self._held()
            self._first = self._first or held
            self.is_worn = seconds >= REST and held > self._first + max(GROWTH, self._first // 3)

    def end(self) -> None:
        """Leave the collector as others expect it."""
        gc.enable()
        gc.unfreeze()


def resident() -> int:
    """Bytes of memory that this process holds, 0 where the system does not tell."""
    try:
        fd = os.open("/proc/self/statm", os.O_RDONLY | os.O_CLOEXEC)
    except OSError:
        return 0
    try:
        return int(os.read(fd, 200).split()[1]) * os.sysconf("SC_PAGE_SIZE")
    finally:
        os.close(fd)


def trimmer() -> Callable[[], None]:
    """What gives free memory back to the system, where the C library can: glibc keeps it otherwise."""
    import ctypes

    try:
        trim = ctypes.CDLL(None).malloc_trim
    except (OSError, AttributeError, TypeError):
        return lambda: None
    return lambda: trim(0)

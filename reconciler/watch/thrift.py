"""Keeps a process that runs for weeks small: cycles are collected, and free memory given back, while nobody waits."""

import gc
from collections.abc import Callable

MOST = 50  # passes without a rest, after which it is done between two of them
REST = 1.0  # seconds without anything to do that count as a rest


class Thrift:
    """Told after each pass how long nothing is to be done."""

    def __init__(self, give_back: Callable[[], None] | None = None) -> None:
        self._give_back = give_back or trimmer()
        self._passes = 0

    def begin(self) -> None:
        """From here on nothing is collected in the middle of a pass: who waits for the files would feel it."""
        gc.collect()
        gc.freeze()  # modules and rules stay; looking through them again finds nothing
        gc.disable()

    def passed(self) -> None:
        """A pass is over."""
        self._passes += 1

    def rest(self, seconds: float) -> None:
        """Nothing is to be done for so long."""
        if self._passes and (seconds >= REST or self._passes >= MOST):
            self._passes = 0
            gc.collect()
            self._give_back()

    def end(self) -> None:
        """Leave the collector as others expect it."""
        gc.enable()
        gc.unfreeze()


def trimmer() -> Callable[[], None]:
    """What gives free memory back to the system, where the C library can: glibc keeps it otherwise."""
    import ctypes

    try:
        trim = ctypes.CDLL(None).malloc_trim
    except (OSError, AttributeError, TypeError):
        return lambda: None
    return lambda: trim(0)

"""Shows what a pass is doing when it takes longer than a second on a terminal. Quick passes import nothing for it."""

import os
import sys
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from threading import Lock, Timer
from typing import TYPE_CHECKING, TextIO

from reconciler import progress
from reconciler.printable import printable

if TYPE_CHECKING:
    from rich.status import Status

AFTER = 1.0  # seconds


@contextmanager
def patience(
    stream: TextIO | None = None, env: Mapping[str, str] | None = None, *, quiet: bool = False, after: float = AFTER
) -> Iterator[None]:
    """Around a pass: what it does appears on ``stream`` (stderr) after a second, and is gone with the pass."""
    stream, env = stream or sys.stderr, os.environ if env is None else env
    if quiet or not stream.isatty() or env.get("TERM") == "dumb" or env.get("ACCESSIBLE"):
        yield
        return
    shown = _Shown(stream, env)
    timer = Timer(after, shown.begin)
    timer.daemon = True
    timer.start()
    try:
        with progress.listening(shown.say):
            yield
    finally:
        timer.cancel()
        shown.end()


class _Shown:
    """One line that comes late and leaves nothing behind; ``begin`` runs in the timer's thread."""

    def __init__(self, stream: TextIO, env: Mapping[str, str]) -> None:
        self._stream = stream
        self._ascii = bool(env.get("SWARM_ASCII")) or "utf" not in (stream.encoding or "").lower()
        self._words = "looking"
        self._lock = Lock()
        self._status: Status | None = None
        self._is_over = False

    def say(self, words: str) -> None:
        with self._lock:
            self._words = printable(words, limit=60)
            if self._status is not None:
                self._status.update(f"{self._words} …" if not self._ascii else f"{self._words} ...")

    def begin(self) -> None:
        from rich.console import Console

        with self._lock:
            if self._is_over:
                return
            console = Console(file=self._stream, highlight=False, markup=False)
            self._status = console.status(self._words, spinner="line" if self._ascii else "dots", spinner_style="none")
            self._status.start()

    def end(self) -> None:
        with self._lock:
            self._is_over = True
            if self._status is not None:
                self._status.stop()
                self._status = None

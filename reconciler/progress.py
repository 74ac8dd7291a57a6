"""What a pass is doing at this moment, for whoever shows it. Nobody listens by default, and then it costs nothing."""

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from contextvars import ContextVar

Listener = Callable[[str], None]
_listener: ContextVar[Listener | None] = ContextVar("progress", default=None)


def step(words: str) -> None:
    """Say what begins now, in a few words: "reading documents"."""
    listener = _listener.get()
    if listener is not None:
        listener(words)


@contextmanager
def listening(listener: Listener) -> Iterator[None]:
    """Call ``listener`` with every step of this thread's passes."""
    token = _listener.set(listener)
    try:
        yield
    finally:
        _listener.reset(token)

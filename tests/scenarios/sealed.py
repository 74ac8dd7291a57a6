"""A process environment in which neither git nor swarm sees this machine's configuration."""

import os
from collections.abc import Iterator
from contextlib import contextmanager

from reconciler.demo.sealed import sealed_env


@contextmanager
def sealed(**more: str) -> Iterator[None]:
    """Replace the process environment for a while; ``more`` is added to it."""
    before = dict(os.environ)
    os.environ.clear()
    os.environ.update(sealed_env() | more)
    try:
        yield
    finally:
        os.environ.clear()
        os.environ.update(before)

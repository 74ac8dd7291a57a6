"""A disk that fails, or a process that dies, at the n-th step: stands for ``os`` as reconciler/files.py sees it."""

import os
from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Any

from reconciler import files

CHANGES = ("write", "fsync", "replace", "link", "unlink", "mkdir", "fchmod")
STEPS = (*CHANGES, "open", "read", "close", "stat", "fstat", "listdir")
DEAD = 99


@dataclass
class Disk:
    """Counts the steps; the one numbered ``at`` raises ``error``, or ends the process when there is none."""

    at: int = 0
    error: int = 0
    steps: tuple[str, ...] = STEPS
    after: bool = False  # die after the step instead of before it
    short: bool = False  # write in small pieces, as a disk may
    calls: list[str] = field(default_factory=list)

    def __getattr__(self, name: str) -> Any:
        real = getattr(os, name)
        return self._step(name, real) if name in self.steps else real

    def _step(self, name: str, real: Callable[..., Any]) -> Callable[..., Any]:
        def step(*args: Any, **options: Any) -> Any:
            self.calls.append(name)
            now = len(self.calls) == self.at
            if now and self.error:
                if name == "close":
                    real(*args, **options)  # a failing close has closed
                raise OSError(self.error, os.strerror(self.error))
            if now and not self.after:
                os._exit(DEAD)
            if name == "write" and self.short:
                args = (args[0], args[1][:100])
            result = real(*args, **options)
            if now:
                os._exit(DEAD)
            return result

        return step


def dies(disk: Disk, action: Callable[[], object]) -> bool:
    """Run ``action`` on ``disk`` in a child process; did it die on the way?"""
    child = os.fork()
    if child == 0:
        setattr(files, "os", disk)  # noqa: B010  the child's own copy
        try:
            action()
        finally:
            os._exit(0)
    return os.waitstatus_to_exitcode(os.waitpid(child, 0)[1]) == DEAD

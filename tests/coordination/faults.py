"""A disk that fails or kills at the n-th call: ``os`` as coordination sees it."""

import errno
import os
import signal
from collections.abc import Callable
from dataclasses import dataclass, field
from types import ModuleType
from typing import Any

from reconciler.coordination import beat, events, store
from reconciler.errors import SwarmError

STEPS = ("open", "write", "fsync", "link", "unlink", "replace", "makedirs", "listdir", "read")
MODULES: tuple[ModuleType, ...] = (store, beat, events)
FINE, REFUSED, BROKEN = 0, 1, 2


@dataclass
class Disk:
    """Stands for the module ``os``: the call number ``fail_at`` raises ``error``, or kills if there is none."""

    fail_at: int
    error: int = 0
    broken: dict[str, int] = field(default_factory=dict)  # steps that always fail: {"link": EPERM}
    calls: list[str] = field(default_factory=list)

    def __getattr__(self, name: str) -> Any:
        real = getattr(os, name)
        return self._wrapped(name, real) if name in STEPS else real

    def _wrapped(self, name: str, real: Callable[..., Any]) -> Callable[..., Any]:
        def step(*args: Any, **options: Any) -> Any:
            self.calls.append(name)
            if len(self.calls) == self.fail_at:
                if not self.error:
                    os.kill(os.getpid(), signal.SIGKILL)
                raise OSError(self.error, os.strerror(self.error))
            if name in self.broken:
                raise OSError(self.broken[name], os.strerror(self.broken[name]))
            return real(*args, **options)

        return step


def run_on(disk: Disk, action: Callable[[], object], *, apart: bool = False) -> int:
    """Run ``action`` on ``disk``; return FINE, REFUSED, BROKEN, or minus the signal that killed it.

    ``apart``: in a child, which takes many times as long.
    """
    if not apart:
        return _attempt(action, disk)
    pid = os.fork()
    if pid == 0:
        os._exit(_attempt(action, disk))
    _, status = os.waitpid(pid, 0)
    return os.waitstatus_to_exitcode(status)


def calls_of(action: Callable[[], object], **options: Any) -> list[str]:
    """Return the calls that ``action`` makes when all goes well. It is really done."""
    disk = Disk(fail_at=0, **options)
    assert _attempt(action, disk) == FINE, disk.calls
    return disk.calls


def _attempt(action: Callable[[], object], disk: Disk) -> int:
    kept = [vars(module)["os"] for module in MODULES]
    for module in MODULES:
        vars(module)["os"] = disk
    try:
        action()
    except SwarmError:
        return REFUSED
    except BaseException:  # whatever it is, it would have been a traceback
        return BROKEN
    finally:
        for module, real in zip(MODULES, kept, strict=True):
            vars(module)["os"] = real
    return FINE


ERRORS = (errno.ENOSPC, errno.EIO, errno.EACCES)

"""The real commands on a disk that fails or kills at each single call: old or new state, a sentence, nothing left over.

Here each fifth call fails, in one way. Each call, in all ways:
``pytest -m slow tests/coordination/test_command_faults.py``.
"""

import errno
import json
import os
import shutil
import signal
from collections.abc import Callable
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import pytest

from reconciler import files
from reconciler.cli.app import run
from reconciler.coordination import beat, events, store
from reconciler.coordination.holdings import claims
from reconciler.coordination.identity import here
from reconciler.errors import Exit
from tests.coordination.commands import World, surroundings

STEPS = frozenset(
    "open write fsync link unlink replace rename mkdir makedirs fchmod listdir read fstat stat ftruncate".split()  # noqa: SIM905
)
WAYS = (0, errno.ENOSPC, errno.EIO, errno.EACCES)  # 0 kills
PLAIN = frozenset({Exit.OK, Exit.FOUND, Exit.USAGE, Exit.UNKNOWN, Exit.HELD, Exit.BUSY, Exit.NO_REPO})
FILES = ("instances.json", "queue.json", "workstreams.json")


@dataclass
class Disk:
    """Stands for ``os`` in all modules that write: call number ``fail_at`` raises ``error``, or kills."""

    fail_at: int = 0
    error: int = 0
    calls: list[str] = field(default_factory=list)

    def __getattr__(self, name: str) -> Any:
        real = getattr(os, name)
        if name not in STEPS:
            return real

        def step(*args: Any, **options: Any) -> Any:
            self.calls.append(name)
            if len(self.calls) == self.fail_at:
                if not self.error:
                    os.kill(os.getpid(), signal.SIGKILL)
                raise OSError(self.error, os.strerror(self.error))
            return real(*args, **options)

        return step


def command(world: Path, words: tuple[str, ...], disk: Disk, said: Path) -> int:
    """Run a command line in a child on ``disk``; its exit code, or minus the signal. ``said``: what it wrote."""
    pid = os.fork()
    if pid == 0:
        code = 99
        try:
            fd = os.open(said, os.O_WRONLY | os.O_CREAT | os.O_TRUNC)
            os.dup2(fd, 1)
            os.dup2(fd, 2)
            for module in (store, beat, events, files):
                vars(module)["os"] = disk
            with surroundings(world, SWARM_SESSION="ann"), open(1, "w", closefd=False) as out:
                import sys

                sys.stdout = sys.stderr = out
                code = run(["-C", str(world), *words])
                said.with_suffix(".calls").write_text(str(len(disk.calls)))
        finally:
            os._exit(code)
    return os.waitstatus_to_exitcode(os.waitpid(pid, 0)[1])


def owners(world: Path) -> dict[str, str]:
    return {h.workstream: h.session for h in claims(world / ".git" / "swarm", here())}


def claimed(world: Path) -> bool:
    found = owners(world)
    assert found in ({}, {"lamp": "ann"})
    return bool(found)


def released(world: Path) -> bool:
    return not claimed(world)


def added(world: Path) -> bool:
    wanted = sorted(path for path in (world / ".swarm/queue").glob("*buoys*") if not path.name.startswith("."))
    for path in wanted:
        assert path.read_text().startswith("---\n")
        assert path.read_text().endswith("\n")
    return bool(wanted)


def reconciled(world: Path) -> bool:
    there = [world / ".swarm" / name for name in FILES if (world / ".swarm" / name).exists()]
    for path in there:
        json.loads(path.read_text())
    return len(there) == len(FILES)


@dataclass(frozen=True)
class Case:
    words: tuple[str, ...]
    before: tuple[str, ...]  # a command line that goes well first
    is_done: Callable[[Path], bool]  # asserts that the state is whole
    again: frozenset[int] = frozenset({0})  # exit codes of the next run


CASES = {
    "claim": Case(("claim", "lamp"), (), claimed),
    "renewal": Case(("claim", "lamp"), ("claim", "lamp"), claimed),
    "release": Case(("release", "lamp"), ("claim", "lamp"), released),
    "add": Case(("add", "Buoys"), (), added, frozenset({0, 2})),
    "reconcile": Case(("reconcile",), ("claim", "lamp"), reconciled),
}


@pytest.fixture(scope="module")
def worlds(tmp_path_factory: pytest.TempPathFactory) -> dict[str, Path]:
    """One prepared repository for each case, to be copied."""
    found = {}
    for name, case in CASES.items():
        world = World(tmp_path_factory.mktemp(name) / "civ")
        world.idea("lamp").commit("A wish")
        if case.before:
            assert world.swarm(*case.before).code == 0
        found[name] = world.path
    return found


@pytest.mark.timeout(600)
@pytest.mark.parametrize(
    ("turn", "step"),
    [(0, 5), *(pytest.param(n, 1, marks=pytest.mark.slow) for n in range(len(WAYS)))],
    ids=lambda n: str(n),
)
@pytest.mark.parametrize("name", CASES)
def test_each_call_fails_once(tmp_path: Path, worlds: dict[str, Path], name: str, turn: int, step: int) -> None:
    case, said, world = CASES[name], tmp_path / "said", tmp_path / "civ"
    shutil.copytree(worlds[name], world)
    assert command(world, case.words, Disk(), said) == 0
    calls = int(said.with_suffix(".calls").read_text())
    assert calls > 10
    for number in range(1, calls + 1, step):
        error = WAYS[(number + turn) % len(WAYS)]
        shutil.rmtree(world)
        shutil.copytree(worlds[name], world)
        code = command(world, case.words, Disk(number, error), said)
        about = f"call {number}: {errno.errorcode.get(error, 'kill')}, {code}, {said.read_text()}"
        assert code in (PLAIN if error else {-signal.SIGKILL}), about
        assert "Traceback" not in about, about
        assert "internal error" not in about, about
        assert code != Exit.UNKNOWN or "not everything could be read" in about, about
        done = case.is_done(world)
        assert done or code != 0, about
        assert command(world, case.words, Disk(), said) in case.again, (about, said.read_text())
        assert case.is_done(world), about
        assert command(world, ("heartbeat",), Disk(), said) == 0  # sweeps its own folder
        assert leftovers(world) == [], about


def leftovers(world: Path) -> list[str]:
    ours = [*(world / ".git" / "swarm").rglob("*"), *(world / ".swarm").rglob("*")]
    return sorted(str(path) for path in ours if path.name.startswith(".tmp-") or path.name.endswith(".tmp"))

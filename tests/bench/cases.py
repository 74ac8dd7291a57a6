"""A case of the benchmark, and how it is measured: in turn with its floor, by processor time."""

import os
import statistics
import subprocess
import sys
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path

from reconciler.demo.sealed import sealed_env

PROJECT = Path(__file__).parents[2]
PASS = (sys.executable, "-c", "pass")


@dataclass(frozen=True, slots=True)
class Case:
    """A command (its words), the floor that it is compared with, and where both run."""

    name: str
    words: Sequence[str]
    floor: Sequence[str] = PASS
    folder: Path = Path()
    env: Mapping[str, str] = field(default_factory=dict)
    before: Sequence[str] = ()  # run before each measured run, not counted: makes it cold again
    beyond: Sequence[str] = ()  # run in turn, too, and taken off the cost: what only imports
    most: float = 0.0  # the ratio that is allowed, 0 = none is set
    room: int = 0  # the memory that is allowed, MiB
    pairs: int = 0  # at most so many; 0 = as many as are asked for
    ready: Callable[[], object] = lambda: None  # makes what it needs, once, when it is about to be measured


@dataclass(frozen=True, slots=True)
class Result:
    """Medians, in seconds of processor time; the ratio is the median of the pairs' ratios."""

    name: str
    cost: float
    floor: float
    ratio: float
    most: float = 0.0
    peak: int = 0  # the most memory of any run, kB
    room: int = 0  # the memory that is allowed, MiB

    @property
    def is_kept(self) -> bool:
        """Is it within what is allowed, as far as anything is set?"""
        return (not self.most or self.ratio <= self.most) and (not self.room or self.peak <= self.room * 1024)


def measure(case: Case, pairs: int) -> Result:
    """Run the case and its floor in turn, ``pairs`` times after one of each that is not counted."""
    env = sealed_env() | {"PYTHONPATH": str(PROJECT), "LC_ALL": "C.UTF-8", "SWARM_SESSION": "bench"} | dict(case.env)
    case.ready()
    count = min(pairs, case.pairs or pairs)
    rows = [_in_turn(case, env) for _ in range(count + 1)][1:]
    costs, floors, peaks = zip(*rows, strict=True)
    ratio = statistics.median(cost / floor for cost, floor, _ in rows)
    return Result(
        case.name, statistics.median(costs), statistics.median(floors), ratio, case.most, max(peaks), case.room
    )


def _in_turn(case: Case, env: Mapping[str, str]) -> tuple[float, float, int]:
    """(cost without what is beyond it, floor, peak memory of the case in kB)."""
    if case.before:
        subprocess.run(case.before, env=env, cwd=case.folder, check=True, stdin=subprocess.DEVNULL)
    cost, peak = spent(case.words, env, case.folder)
    if case.beyond:
        cost -= spent(case.beyond, env, case.folder)[0]
    return cost, spent(case.floor, env, case.folder)[0], peak


def spent(words: Sequence[str], env: Mapping[str, str], folder: Path) -> tuple[float, int]:
    """User and system seconds of one run, its children included; the largest memory of one of them in kB."""
    quiet = subprocess.DEVNULL
    process = subprocess.Popen(words, env=env, cwd=folder, stdin=quiet, stdout=quiet)
    _, status, used = os.wait4(process.pid, 0)
    process.returncode = os.waitstatus_to_exitcode(status)
    if process.returncode:
        raise subprocess.CalledProcessError(process.returncode, words)
    return used.ru_utime + used.ru_stime, used.ru_maxrss

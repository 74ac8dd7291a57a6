"""A case of the benchmark, and how it is measured: in turn with its floor, by processor time."""

import resource
import statistics
import subprocess
import sys
from collections.abc import Mapping, Sequence
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


@dataclass(frozen=True, slots=True)
class Result:
    """Medians, in seconds of processor time; the ratio is the median of the pairs' ratios."""

    name: str
    cost: float
    floor: float
    ratio: float


def measure(case: Case, pairs: int) -> Result:
    """Run the case and its floor in turn, ``pairs`` times after one of each that is not counted."""
    env = sealed_env() | {"PYTHONPATH": str(PROJECT), "LC_ALL": "C.UTF-8", "SWARM_SESSION": "bench"} | dict(case.env)
    costs = [(_run(case, case.words, env), _run(case, case.floor, env)) for _ in range(pairs + 1)][1:]
    ratios = statistics.median(cost / floor for cost, floor in costs)
    return Result(case.name, statistics.median(c for c, _ in costs), statistics.median(f for _, f in costs), ratios)


def _run(case: Case, words: Sequence[str], env: Mapping[str, str]) -> float:
    if case.before:
        subprocess.run(case.before, env=env, cwd=case.folder, check=True, stdin=subprocess.DEVNULL)
    return processor_time(words, env, case.folder)


def processor_time(words: Sequence[str], env: Mapping[str, str], folder: Path) -> float:
    """User and system seconds of one run, its children included."""
    before = resource.getrusage(resource.RUSAGE_CHILDREN)
    quiet = subprocess.DEVNULL
    subprocess.run(words, env=env, cwd=folder, check=True, stdin=quiet, stdout=quiet)
    after = resource.getrusage(resource.RUSAGE_CHILDREN)
    return after.ru_utime + after.ru_stime - before.ru_utime - before.ru_stime

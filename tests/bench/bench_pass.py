"""A pass beside the floor: a script that only lists and reads all artifacts and asks git for refs and work trees.

For three sizes: nothing changed (the gate answers), ten files changed, and cold; and a hook when nothing moved.
"""

import subprocess
import sys
import time
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from functools import cache
from pathlib import Path
from typing import TypedDict

from reconciler.demo.sealed import sealed_env
from tests.bench.cases import PROJECT, Case
from tests.bench.world import build

SWARM = (sys.executable, "-m", "reconciler")
RECONCILE = (*SWARM, "reconcile")
STATUS = (*SWARM, "status", "--json")
HOOK = (sys.executable, "-P", "-m", "reconciler", "hook", "git", "post-merge")
FLOOR = """
import os, subprocess
for top, folders, names in os.walk(".swarm"):
    if top == ".swarm":
        folders[:] = ["plans", "research"]
        continue
    for name in names:
        with open(os.path.join(top, name), "rb") as file:
            file.read()
subprocess.run(["git", "for-each-ref"], stdout=subprocess.DEVNULL, check=True)
subprocess.run(["git", "worktree", "list", "--porcelain"], stdout=subprocess.DEVNULL, check=True)
"""
FORGET = """
import glob, os, shutil
shutil.rmtree(".git/swarm", ignore_errors=True)
for path in glob.glob(".swarm/*.json"):
    os.unlink(path)
"""
CHANGE = """
import glob, sys, time
for path in sorted(glob.glob(".swarm/plans/*.md"))[: int(sys.argv[1])]:
    with open(path) as file:
        text = file.read().partition("- [ ] note ")[0]  # the last change goes: a document stays as long as it is
    with open(path, "w") as file:
        file.write(f"{text}- [ ] note {time.time_ns()}\\n")
"""
TOUCH = """
import glob, os
os.utime(min(glob.glob(".swarm/plans/*.md")))
"""
LOADED = """
import sys
before = set(sys.modules)
sys.argv = ["swarm", *sys.argv[1:]]
from reconciler.__main__ import main
try:
    main()
finally:
    print(*sorted(set(sys.modules) - before), file=sys.stderr)
"""
IMPORT = """
import gc, importlib, sys
gc.disable()
for name in {names!r}.split():
    importlib.import_module(name)
"""


@dataclass(frozen=True, slots=True)
class Size:
    """A repository, and the ratios that its passes may have."""

    artifacts: int
    branches: int
    reconcile: float
    status: float
    changed: float
    cold: float
    pairs: int = 0

    @property
    def label(self) -> str:
        return f"{self.artifacts} documents, {self.branches} branches"


class _Rest(TypedDict):
    """What all rows of a repository have in common."""

    folder: Path
    pairs: int
    room: int
    ready: Callable[[], None]


SIZES = (
    Size(100, 10, 1.3, 1.5, 1.5, 2.5),
    Size(1000, 20, 1.2, 1.3, 2, 4),
    Size(10_000, 1000, 1.2, 1.5, 3.5, 10, pairs=7),
)
MEMORY = Size(5000, 100, 0, 0, 0, 0, pairs=3)  # for its memory alone
BEFORE = {
    "10 changed": (sys.executable, "-c", CHANGE, "10"),
    "1,000 changed": (sys.executable, "-c", CHANGE, "1000"),
    "touched": (sys.executable, "-c", TOUCH),  # nothing is different, and the ledger is written
    "cold": (sys.executable, "-c", FORGET),
}


def cases(place: Path) -> Iterator[Case]:
    """The rows of docs/explanation/speed.md; repositories are built below ``place`` when their row is measured."""
    imports = _imports(place / "small")
    for size in (*SIZES, MEMORY):
        yield from _rows(place / str(size.artifacts), size, imports)


def _rows(root: Path, size: Size, imports: Sequence[str]) -> Iterator[Case]:
    @cache
    def ready() -> None:
        settle(build(root, artifacts=size.artifacts, branches=size.branches))

    floor = (sys.executable, "-c", FLOOR)
    rest = _Rest(folder=root, pairs=size.pairs, ready=ready, room=80 if size is MEMORY else 0)
    for name, words, most in (
        ("reconcile, unchanged", RECONCILE, size.reconcile),
        ("status --json, unchanged", STATUS, size.status),
        ("hook, unchanged", HOOK, 1.5),
    ):
        yield Case(f"{name}, {size.label}", words, floor, most=most, **rest)
    for name, most in (("10 changed", size.changed), ("cold", size.cold)):
        yield Case(f"{name}, {size.label}", RECONCILE, floor, before=BEFORE[name], beyond=imports, most=most, **rest)
    if size is MEMORY:
        for name, words in (("touched", RECONCILE), ("1,000 changed", RECONCILE), ("10 changed", STATUS)):
            command = " ".join(words[len(SWARM) :])
            yield Case(f"{command}, {name}, {size.label}", words, floor, before=BEFORE[name], **rest)


def _imports(root: Path) -> Sequence[str]:
    """A command that imports what a pass that writes imports, and does nothing else."""
    build(root, artifacts=20, branches=1)
    return (sys.executable, "-c", IMPORT.format(names=" ".join(sorted(loaded(root, RECONCILE)))))


def settle(root: Path) -> None:
    """Bring a repository to rest: its files old enough, its answers kept. Raises AssertionError when they are not."""
    _run(root, RECONCILE)
    time.sleep(2.1)  # younger files count as changed
    _run(root, ("git", "status"))  # as people do: git's index knows files by their times again, and reads none
    for words in (RECONCILE, STATUS):
        _run(root, words)
    assert not loaded(root, STATUS) & {"git", "click"}, "the gate does not answer"


def loaded(root: Path, words: Sequence[str]) -> frozenset[str]:
    """The modules that a command imports."""
    done = _run(root, (sys.executable, "-c", LOADED, *words[words.index("reconciler") + 1 :]))
    return frozenset(done.stderr.splitlines()[-1].split())


def _run(root: Path, words: Sequence[str]) -> "subprocess.CompletedProcess[str]":
    env = sealed_env() | {"PYTHONPATH": str(PROJECT), "LC_ALL": "C.UTF-8", "SWARM_SESSION": "bench"}
    quiet = subprocess.DEVNULL
    return subprocess.run(
        words, cwd=root, env=env, check=True, stdin=quiet, stdout=quiet, stderr=subprocess.PIPE, text=True
    )

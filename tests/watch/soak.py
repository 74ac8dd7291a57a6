"""A long day for a watcher in minutes: ``python -m tests.watch.soak --seconds 600 --rate 20 --burst 20000``.

Changes documents, branches and commits at a rate, writes a burst of files, renames ``.swarm`` away and back, then
compares the files with those of a cold pass and the process's memory, descriptors and threads with those of before.
Exit 1 when they differ or grew.
"""

import argparse
import os
import random
import shutil
import signal
import sys
import tempfile
import time
from dataclasses import dataclass
from pathlib import Path

from tests.bench.world import build
from tests.gitrepo import GitBuilder
from tests.watch.make import PLAN, Running, cold_bytes, own_bytes, wait_for

GROWTH = 16 * 1024  # kB of memory that a warm process may still gain


@dataclass(frozen=True, slots=True)
class Cost:
    """What a process holds."""

    memory: int  # kB
    descriptors: int
    threads: int


@dataclass(frozen=True, slots=True)
class Outcome:
    before: Cost
    after: Cost
    kept: dict[str, bytes]
    cold: dict[str, bytes]
    changes: int
    between: tuple[tuple[str, Cost], ...] = ()  # after each part

    @property
    def complaints(self) -> list[str]:
        found = []
        if self.kept != self.cold:
            found.append("the files differ from those of a cold pass")
        if self.after.memory > self.before.memory + GROWTH:
            found.append(f"memory grew from {self.before.memory} to {self.after.memory} kB")
        if self.after.descriptors > self.before.descriptors + 2:
            found.append(f"descriptors grew from {self.before.descriptors} to {self.after.descriptors}")
        if self.after.threads > self.before.threads + 2:
            found.append(f"threads grew from {self.before.threads} to {self.after.threads}")
        return found


def soak(folder: Path, *, seconds: float, rate: float, burst: int, artifacts: int = 100) -> Outcome:
    """Run it on a new repository in ``folder``."""
    repo = GitBuilder(build(folder / "civ", artifacts=artifacts, branches=5), init=False)
    with Running(repo.path, "--interval", "1h", "-q", read=False) as running:
        pid = running.process.pid
        wait_for((repo.path / ".swarm/workstreams.json").exists, "the first pass")
        _warm(repo, pid)
        before = cost(pid)
        between = []
        changes = _change(repo, seconds, rate)
        for name, part in (
            ("changes", lambda: None),
            ("rename", lambda: _rename(repo)),
            ("burst", lambda: _burst(repo, burst)),
        ):
            part()
            _settle(repo, pid)
            between.append((name, cost(pid)))
        after = cost(pid)
        kept = own_bytes(repo.path)
        assert running.end(signal.SIGTERM) == 0
    return Outcome(before, after, kept, cold_bytes(repo.path), changes, tuple(between))


def cost(pid: int) -> Cost:
    rows = dict(row.split(":", 1) for row in Path(f"/proc/{pid}/status").read_text().splitlines() if ":" in row)
    return Cost(int(rows["VmRSS"].split()[0]), len(list(Path(f"/proc/{pid}/fd").iterdir())), int(rows["Threads"]))


def _warm(repo: GitBuilder, pid: int) -> None:
    """A few passes, so that everything is imported and allocated once; the burst's memory is reached too."""
    for number in range(5):
        _plan(repo, f"warm-{number}", "Draft")
        _settle(repo, pid)
    assert pid


def _change(repo: GitBuilder, seconds: float, rate: float) -> int:
    dice = random.Random(7)
    end, count = time.monotonic() + seconds, 0
    while time.monotonic() < end:
        begun = time.monotonic()
        _one_change(repo, dice, count)
        count += 1
        wait = begun + 1 / rate - time.monotonic()
        if wait > 0:
            time.sleep(wait)  # the rate is what is asked for
    return count


def _one_change(repo: GitBuilder, dice: random.Random, count: int) -> None:
    name = f"soak-{dice.randrange(30)}"
    path = repo.path / f".swarm/plans/2026-03-02-{name}.md"
    kind = dice.randrange(12)
    if kind < 6:
        _plan(repo, name, dice.choice(["Draft", "In Progress", "Complete"]) + f" {count}")
    elif kind < 8:
        path.unlink(missing_ok=True)
    elif kind == 8:
        path.with_suffix(".tmp").write_text(PLAN.format(name, "Draft"))
        path.with_suffix(".tmp").replace(path)
    elif kind == 9:
        repo.git("branch", "-f", f"feature/{name}", f"feature/feature-{dice.randrange(5)}")
    elif kind == 10:
        repo.git("branch", "-D", f"feature/{name}", check=False)
    else:
        repo.write(f"src/step_{count % 50}.py", f"{count}\n").git("add", "src")  # not all: our files come and go
        repo.commit(f"Step {count}", add=False)


def _plan(repo: GitBuilder, name: str, status: str) -> None:
    repo.write(f".swarm/plans/2026-03-02-{name}.md", PLAN.format(name, status))


def _rename(repo: GitBuilder) -> None:
    (repo.path / ".swarm").rename(repo.path / "away")
    wait_for((repo.path / ".swarm/workstreams.json").exists, "the files without documents", seconds=60)
    shutil.rmtree(repo.path / ".swarm")
    (repo.path / "away").rename(repo.path / ".swarm")


def _burst(repo: GitBuilder, count: int) -> None:
    folder = repo.path / ".swarm/research"
    for number in range(count):
        (folder / f"2026-03-02-burst-{number}.md").write_text(f"# Burst {number}\n")
    for number in range(50, count):
        (folder / f"2026-03-02-burst-{number}.md").unlink()


def _settle(repo: GitBuilder, pid: int) -> None:
    """Wait until a marker is in the registry and the process rests."""
    name = f"marker-{time.monotonic_ns()}"
    _plan(repo, name, "Draft")
    registry = repo.path / ".swarm/workstreams.json"
    wait_for(lambda: registry.exists() and name in registry.read_text(), f"{name} is seen", seconds=180)
    (repo.path / f".swarm/plans/2026-03-02-{name}.md").unlink()
    wait_for(lambda: registry.exists() and name not in registry.read_text(), f"{name} is gone", seconds=180)
    wait_for(lambda: _rests(pid), "it rests", seconds=60)


def _rests(pid: int) -> bool:
    """Nothing of it waits for a processor for a while, and no git runs for it: on a busy machine slow is not idle."""
    before = cpu(pid)
    for _ in range(6):
        children = Path(f"/proc/{pid}/task/{pid}/children").read_text().split()
        states = [
            (task / "stat").read_text().rpartition(")")[2].split()[0] for task in Path(f"/proc/{pid}/task").iterdir()
        ]
        if children or set(states) != {"S"}:
            return False
        time.sleep(0.05)
    return cpu(pid) - before <= 0.02


def cpu(pid: int) -> float:
    """Seconds of processor time so far, children included."""
    fields = Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()
    return sum(map(int, fields[11:15])) / os.sysconf("SC_CLK_TCK")


def main(argv: list[str]) -> int:
    parser = argparse.ArgumentParser(prog="python -m tests.watch.soak", description=__doc__)
    parser.add_argument("--seconds", type=float, default=600)
    parser.add_argument("--rate", type=float, default=20)
    parser.add_argument("--burst", type=int, default=20_000)
    options = parser.parse_args(argv)
    with tempfile.TemporaryDirectory() as folder:
        outcome = soak(Path(folder), seconds=options.seconds, rate=options.rate, burst=options.burst)
    print(f"{outcome.changes} changes\nbefore: {outcome.before}")
    for name, held in outcome.between:
        print(f"after {name}: {held}")
    print("\n".join(outcome.complaints) or "same bytes as a cold pass, nothing grew")
    return 1 if outcome.complaints else 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))

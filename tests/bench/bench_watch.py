"""How soon an edit is in workstreams.json, and what idling costs: ``python -m tests.bench.bench_watch``.

Exit 1 above the quiet period + 30 ms in the middle, + 250 ms in 19 of 20, or 0.5 % of a processor when idle.
"""

import argparse
import os
import signal
import statistics
import subprocess
import sys
import tempfile
import time
from pathlib import Path

from tests.bench.world import build
from tests.gitrepo import sealed
from tests.watch.make import PLAN, Running, wait_for
from tests.watch.soak import cpu

QUIET = 0.05
MIDDLE, HIGH, IDLE = 0.030, 0.250, 0.005


def main(argv: list[str]) -> int:
    parser = argparse.ArgumentParser(prog="python -m tests.bench.bench_watch", description=__doc__)
    parser.add_argument("-n", type=int, default=40, help="edits")
    parser.add_argument("--artifacts", type=int, default=1000)
    parser.add_argument("--branches", type=int, default=20)
    parser.add_argument("--idle", type=float, default=20.0, help="seconds")
    options = parser.parse_args(argv)
    with tempfile.TemporaryDirectory() as folder:
        top = build(Path(folder) / "civ", artifacts=options.artifacts, branches=options.branches)
        time.sleep(2.1)  # younger files are read by git and by us
        subprocess.run(["git", "-C", str(top), "status"], env=sealed(top), check=True, capture_output=True)
        with Running(top, "-q", "--debounce", f"{QUIET}s") as running:
            wait_for((top / ".swarm/workstreams.json").exists, "the first pass", seconds=60)
            edit(top, 0)
            delays = sorted(edit(top, number) for number in range(1, options.n + 1))
            share = idle(running.process.pid, options.idle)
            running.end(signal.SIGTERM)
    middle, high = statistics.median(delays) - QUIET, delays[int(len(delays) * 0.95) - 1] - QUIET
    print(
        f"edit to file beyond the quiet of {QUIET * 1000:.0f} ms: p50 {middle * 1000:.0f} ms, p95 {high * 1000:.0f} ms"
    )
    print(f"idle: {share * 100:.2f} % of a processor")
    return 0 if middle <= MIDDLE and high <= HIGH and share <= IDLE else 1


def edit(top: Path, number: int) -> float:
    """Seconds from the end of a write until the registry is another file."""
    registry = top / ".swarm/workstreams.json"
    path = top / ".swarm/plans/2026-03-02-edited.md"
    time.sleep(0.3)  # let the pass before end
    before = registry.stat().st_ino, registry.stat().st_mtime_ns
    path.write_text(PLAN.format("edited", "Draft") + "- [ ] one more\n" * (number + 1))
    begun = time.perf_counter()
    while (registry.stat().st_ino, registry.stat().st_mtime_ns) == before:
        if time.perf_counter() - begun > 30:
            raise AssertionError("the registry was not written within 30 s")
        os.sched_yield()
        time.sleep(0.0005)
    return time.perf_counter() - begun


def idle(pid: int, seconds: float) -> float:
    time.sleep(2.0)
    before = cpu(pid)
    time.sleep(seconds)
    return (cpu(pid) - before) / seconds


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))

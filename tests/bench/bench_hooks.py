"""What the hooks cost git: ``python -m tests.bench.bench_hooks``; pairs of ``git merge`` with and without them.

Also how soon ``swarm hook git`` returns, beside the floor: a script that lists and reads all artifacts and runs one
``for-each-ref`` and one ``worktree list``. Exit 1 when the hook takes more than 1.5 times that, or when git is slower
by more than the pairs without hooks differ among themselves.
"""

import argparse
import os
import statistics
import subprocess
import sys
import tempfile
import time
from pathlib import Path

from tests.bench.world import build
from tests.gitrepo import GitBuilder, sealed
from tests.watch.make import swarm

LIMIT = 1.5
FLOOR = """
import os, subprocess
for top, folders, names in os.walk(".swarm"):
    for name in names:
        with open(os.path.join(top, name), "rb") as file:
            file.read()
subprocess.run(["git", "for-each-ref"], stdout=subprocess.DEVNULL)
subprocess.run(["git", "worktree", "list", "--porcelain"], stdout=subprocess.DEVNULL)
"""


def main(argv: list[str]) -> int:
    parser = argparse.ArgumentParser(prog="python -m tests.bench.bench_hooks", description=__doc__)
    parser.add_argument("-n", type=int, default=20, help="pairs")
    parser.add_argument("--artifacts", type=int, default=1000)
    options = parser.parse_args(argv)
    with tempfile.TemporaryDirectory() as folder:
        top = build(Path(folder) / "civ", artifacts=options.artifacts, branches=0)
        repo = GitBuilder(top, init=False)
        ratio = returning(repo, options.n)
        slower, noise = merging(repo, options.n)
    print(f"hook returns in {ratio:.2f} times the floor, at most {LIMIT} allowed")
    print(f"git merge: {slower * 1000:+.1f} ms in the middle; without hooks pairs differ by {noise * 1000:.1f} ms")
    return 0 if ratio <= LIMIT and slower <= noise else 1


def returning(repo: GitBuilder, pairs: int) -> float:
    """Median ratio of the hook's time to the floor's, in turn, when nothing moved."""
    swarm(repo.path, "reconcile")
    hook = [sys.executable, "-P", "-m", "reconciler", "hook", "git", "post-merge"]
    ratios = []
    for _ in range(pairs):
        ours = timed(repo, hook)
        time.sleep(1.0)  # its detached pass ends; its time is not ours
        ratios.append(ours / timed(repo, [sys.executable, "-c", FLOOR]))
    return statistics.median(ratios)


def merging(repo: GitBuilder, pairs: int) -> tuple[float, float]:
    """By how much a merge with hooks is slower (median of pairs), and how much two without differ (median)."""
    slower, noise = [], []
    for number in range(pairs):
        plain, again = merge(repo, f"{number}-a", on=False), merge(repo, f"{number}-b", on=False)
        noise.append(abs(plain - again))
        slower.append(merge(repo, f"{number}-c", on=True) - (plain + again) / 2)
    return statistics.median(slower), statistics.median(noise)


def merge(repo: GitBuilder, name: str, *, on: bool) -> float:
    """Seconds of one merge; the hooks stay installed only for it."""
    repo.checkout(name, new=True).commit(name, {f"src/{name}.py": "x\n"})
    repo.checkout("main")
    if on:
        assert swarm(repo.path, "hooks", "install").returncode == 0
    seconds = timed(repo, ["git", "merge", "-q", "--no-ff", "--no-edit", name])
    if on:
        time.sleep(1.0)  # the detached pass ends before the next pair
        assert swarm(repo.path, "hooks", "uninstall").returncode == 0
    return seconds


def timed(repo: GitBuilder, words: list[str]) -> float:
    """Seconds until a command has ended and nobody holds its output any more."""
    env = {**sealed(repo.path), "PYTHONPATH": os.environ.get("PYTHONPATH", "")}
    begun = time.perf_counter()
    subprocess.run(words, cwd=repo.path, env=env, capture_output=True, check=True)
    return time.perf_counter() - begun


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))

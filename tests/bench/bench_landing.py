"""What the whole ladder costs beyond imports: ``python -m tests.bench.bench_landing``; exit 1 above the limits.

Worlds of branches with mixed fates (merged, squashed, squashed beside other changes, picked in part, in flight) are
made through git fast-import. Processor time, user and system, git's own included; the best of a few runs.
"""

import argparse
import random
import resource
import subprocess
import sys
import tempfile
from collections.abc import Iterator, Mapping
from pathlib import Path

from tests.gitrepo import sealed

FILES = 800
LIMITS = {(75, 1000): 0.15, (700, 5000): 2.5, (20, 20000): 4.0}  # (branches, commits of the base): seconds
AGAIN = {(700, 5000): 0.2}  # the same when nothing has moved since the last look
START = 1_772_000_000


def main(argv: list[str]) -> int:
    parser = argparse.ArgumentParser(prog="python -m tests.bench.bench_landing", description=__doc__)
    parser.add_argument("-n", type=int, default=3, help="runs of each")
    options = parser.parse_args(argv)
    worst = 0.0
    for (branches, commits), limit in LIMITS.items():
        with tempfile.TemporaryDirectory() as folder:
            place = build(Path(folder) / "r", branches=branches, commits=commits)
            rows = [("cold", min(measure(place) for _ in range(options.n)), limit)]
            if (branches, commits) in AGAIN:
                measure(place, "--remember")
                again = min(measure(place, "--remember") for _ in range(options.n))
                rows.append(("again", again, AGAIN[branches, commits]))
        for name, cost, most in rows:
            told = f"{branches:>4} branches, {commits:>6} commits, {name:<5}"
            print(f"{told}: {cost * 1000:7.0f} ms   at most {most * 1000:.0f} ms")
            worst = max(worst, cost / most)
    return 0 if worst <= 1 else 1


def measure(place: Path, how: str = "--look") -> float:
    """Seconds of one look in a process of its own, imports left out."""
    words = [sys.executable, "-m", "tests.bench.bench_landing", how, str(place)]
    return float(subprocess.run(words, check=True, capture_output=True, text=True, env=None).stdout)


def look(place: Path) -> float:
    """Read everything and judge every branch; processor seconds of this and of git."""
    import git.cmd  # noqa: F401  # what is measured starts behind the imports

    from reconciler.derive.landing import candidates, judge, survey
    from reconciler.observe.git import open_git
    from reconciler.observe.patches import patch_ids
    from reconciler.observe.repo import read_repository

    before = _spent()
    repo = open_git(place)
    ground = survey(read_repository(repo))
    judge(ground, patch_ids(repo, candidates(ground)))
    return _spent() - before


def look_again(place: Path) -> float:
    """The same through what passes remember; processor seconds."""
    import git.cmd  # noqa: F401  # what is measured starts behind the imports

    from reconciler.memory import Memory
    from reconciler.model import RepoFacts
    from reconciler.observe.git import open_git
    from reconciler.observe.repo import read_repository
    from reconciler.reconcile import judge_branches

    before = _spent()
    repo = open_git(place)
    facts = read_repository(repo, memory=Memory(repo.common_dir, "git.json", RepoFacts), salt="bench")
    judge_branches(repo, facts)
    return _spent() - before


def _spent() -> float:
    rows = (resource.getrusage(who) for who in (resource.RUSAGE_SELF, resource.RUSAGE_CHILDREN))
    return sum(row.ru_utime + row.ru_stime for row in rows)


# -- the world


def build(folder: Path, *, branches: int, commits: int) -> Path:
    """A repository with that many branches, begun and landed along that many commits of the base."""
    environment = sealed(folder)
    subprocess.run(["git", "init", "-q", "-b", "main", str(folder)], check=True, env=environment)
    stream = b"".join(Stream(branches, commits).chunks())
    subprocess.run(["git", "-C", str(folder), "fast-import", "--quiet"], input=stream, check=True, env=environment)
    subprocess.run(["git", "-C", str(folder), "checkout", "-q", "main"], check=True, env=environment)
    return folder


class Stream:
    """A fast-import stream; the same arguments give the same bytes."""

    def __init__(self, branches: int, commits: int) -> None:
        self._branches, self._commits = branches, commits
        self._dice = random.Random(branches)
        self._mark, self._clock = 0, START
        self._state = {f"src/d{n % 40}/f{n}.py": _text(n) for n in range(FILES)}
        self._names = sorted(self._state)

    def chunks(self) -> Iterator[bytes]:
        yield self._commit("main", "Start", self._state)
        step = max(1, self._commits // self._branches)
        for number in range(self._commits):
            if number % step == 0 and number // step < self._branches:
                yield from self._branch(number // step)
            yield self._commit("main", f"Work {number}", self._edits(number), self._main)

    def _branch(self, number: int) -> Iterator[bytes]:
        name = f"feature/2026-01-01-f{number}"
        base = self._main
        own = {f"feat/{number}/{n}.py": f"x{n}\n" * 30 for n in range(3)}
        shared = self._dice.choice(self._names)
        tail = {shared: self._state[shared] + f"tail {number}\n"}
        yield self._commit(name, f"f{number}: one", own, base)
        yield self._commit(name, f"f{number}: two", tail, self._mark)
        tip = self._mark
        fate = number % 7
        if fate == 0:
            yield self._commit("main", f"Merge branch '{name}'", {**own, **tail}, base, tip)
        elif fate in (1, 2):
            yield self._commit("main", f"Add f{number} (#{number})", {**own, **tail}, base)
        elif fate == 3:  # beside another change of the same file
            yield self._commit("main", "Edit", {shared: self._state[shared].replace("line 9 ", "LINE 9 ")}, base)
            files = {**own, shared: self._state[shared] + f"tail {number}\n"}
            yield self._commit("main", f"Add f{number} (#{number})", files, self._main)
        elif fate == 4:
            yield self._commit("main", f"f{number}: one", own, base)

    def _edits(self, number: int) -> dict[str, str]:
        edits = {}
        for _ in range(self._dice.randrange(1, 6)):
            name = self._dice.choice(self._names)
            edits[name] = _text(number, changed=self._dice.randrange(60))
        return edits

    def _commit(self, branch: str, message: str, files: Mapping[str, str], *parents: int) -> bytes:
        self._mark += 1
        self._clock += 60
        if branch == "main":
            self._main = self._mark
            self._state.update(files)
        rows = [
            f"commit refs/heads/{branch}\nmark :{self._mark}\ncommitter dev <dev@example.org> {self._clock} +0000\n"
        ]
        rows.append(_data(message))
        rows += [f"{word} :{parent}\n" for word, parent in zip(("from", "merge"), parents, strict=False)]
        rows += [f"M 100644 inline {path}\n{_data(text)}" for path, text in files.items()]
        return "".join(rows).encode()


def _text(seed: int, *, changed: int = -1) -> str:
    return "".join(f"line {n} of {seed}\n" if n != changed else f"changed {seed}\n" for n in range(60))


def _data(text: str) -> str:
    return f"data {len(text.encode())}\n{text}\n"


if __name__ == "__main__":
    looks = {"--look": look, "--remember": look_again}
    if sys.argv[1:2] and sys.argv[1] in looks:
        print(looks[sys.argv[1]](Path(sys.argv[2])))
        sys.exit(0)
    sys.exit(main(sys.argv[1:]))

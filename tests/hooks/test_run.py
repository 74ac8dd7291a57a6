"""What a hook run does: quick, silent, never failing, one pass for many calls."""

import os
import subprocess
import sys
import time
from collections.abc import Callable
from pathlib import Path

import pytest

from reconciler import gatekeeper
from reconciler.cli import hooked
from reconciler.hooks import run
from tests.gitrepo import sealed
from tests.hooks.test_install import busy
from tests.watch.make import PLAN, own_bytes, repository, swarm, wait_for

RUNNER = """
import os, sys, time
from reconciler.hooks import run
work = sys.argv[2]
def find(folder): return sys.argv[1]
def slow(start, common): time.sleep(float(work)); open(common + '/passes', 'a').write('x'); return 'moved'
def bad(start, common): raise RuntimeError('told\\nhere')
sys.exit(run.main(find, bad if work == 'bad' else slow, lambda common: False))
"""


def call(common: Path, work: str, **env: str) -> "subprocess.CompletedProcess[str]":
    return subprocess.run(
        [sys.executable, "-c", RUNNER, str(common), work],
        capture_output=True, text=True, check=False, timeout=30, env={**os.environ, **env}, stdin=subprocess.DEVNULL,
    )  # fmt: skip


def passes(common: Path) -> int:
    path = common / "passes"
    return len(path.read_text()) if path.exists() else 0


def test_what_is_done_in_time_is_told_in_one_line(tmp_path: Path) -> None:
    done = call(tmp_path, "0")
    assert (done.returncode, done.stdout, done.stderr) == (0, "moved\n", "")


def test_what_takes_longer_goes_on_beside_git(tmp_path: Path) -> None:
    begun = time.monotonic()
    done = call(tmp_path, "1.5")
    assert time.monotonic() - begun < 1.2
    assert (done.returncode, done.stdout, done.stderr) == (0, "", "")
    assert passes(tmp_path) == 0
    wait_for(lambda: passes(tmp_path) == 1, "the pass")


def test_many_calls_are_one_pass_more(tmp_path: Path) -> None:
    for _ in range(8):
        call(tmp_path, "0.6")
    wait_for(lambda: passes(tmp_path) >= 2, "the pass and one more")
    wait_for(lambda: not (tmp_path / "swarm/hook.again").exists(), "nothing is left to do")
    assert passes(tmp_path) <= 5


def test_failures_go_to_a_log_that_stays_short(tmp_path: Path) -> None:
    (tmp_path / "swarm").mkdir()
    log = tmp_path / "swarm/hook.log"
    log.write_text("x" * 100_000)
    done = call(tmp_path, "bad")
    assert (done.returncode, done.stdout, done.stderr) == (0, "", "")
    wait_for(lambda: "told" in log.read_text(), "the log")
    assert log.read_text().endswith("Z RuntimeError: told?here\n")
    assert log.stat().st_size < 200


@pytest.mark.parametrize("env", [{"SWARM_HOOKS": "0"}, {run.RUNNING: "1"}])
def test_it_can_be_turned_off_and_does_not_call_itself(tmp_path: Path, env: dict[str, str]) -> None:
    assert call(tmp_path, "0", **env).stdout == ""
    assert list(tmp_path.iterdir()) == []


def test_nothing_is_begun_when_nothing_changed(tmp_path: Path) -> None:
    def fail(common: str) -> bool:
        raise ValueError(common)

    code = f"from reconciler.hooks import run; run.main(lambda f: {str(tmp_path)!r}, None, lambda c: True)"
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert (done.stdout, done.stderr, list(tmp_path.iterdir())) == ("", "", [])
    assert run._is_known(fail, "") is False


def test_a_call_asks_the_gate(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    repo = repository(tmp_path / "civ")
    common = repo.path / ".git"
    for name, value in sealed(repo.path).items():
        monkeypatch.setenv(name, value)
    monkeypatch.setattr(gatekeeper, "YOUNG", 0)  # no test waits until its files are old
    for _ in range(2):  # the second one writes nothing, so what it saw is kept
        assert hooked._work(str(repo.path), str(common)) == ""
    words = [sys.executable, "-P", "-m", "reconciler", "hook", "git", "post-merge"]
    core = f"/usr/lib/git-core:{os.environ['PATH']}"  # as git sets it for its hooks
    subprocess.run(words, cwd=repo.path, env={**sealed(repo.path), "PATH": core}, check=True)
    assert not (common / "swarm/hook.lock").exists()
    (repo.path / ".swarm/workstreams.json").unlink()
    subprocess.run(words, cwd=repo.path, env=sealed(repo.path), check=True)
    wait_for((repo.path / ".swarm/workstreams.json").exists, "the pass")


def test_variables_of_git_are_gone() -> None:
    code = (
        "import os; from reconciler.hooks import run; print(run._place(lambda f: '/c'), "
        "sorted(n for n in os.environ if n.startswith('GIT_')))"
    )
    env = {**os.environ, "GIT_DIR": "/x", "GIT_INDEX_FILE": "/y", "GIT_CONFIG_GLOBAL": "/z", "GIT_PREFIX": "p"}
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True, env=env, cwd="/")
    assert done.stdout == "('/', '/c') ['GIT_CONFIG_GLOBAL']\n"


@pytest.mark.parametrize("prepare", [lambda top: None, lambda top: (top / ".git").mkdir()], ids=["none", "empty"])
def test_without_a_repository_nothing_is_said(tmp_path: Path, prepare: Callable[[Path], None]) -> None:
    prepare(tmp_path)
    words = [sys.executable, "-P", "-m", "reconciler", "hook", "git", "post-merge"]
    done = subprocess.run(words, cwd=tmp_path, env=sealed(tmp_path), capture_output=True, check=False)
    assert (done.returncode, done.stdout, done.stderr) == (0, b"", b"")


def test_a_repository_that_cannot_be_written_is_no_trouble(tmp_path: Path) -> None:
    repo = repository(tmp_path / "civ")
    (repo.path / ".git/swarm").write_text("in the way")
    done = swarm(repo.path, "hook", "git", "post-merge")
    words = [sys.executable, "-P", "-m", "reconciler", "hook", "git", "post-merge"]
    plain = subprocess.run(words, cwd=repo.path, env=sealed(repo.path), capture_output=True, check=False)
    assert (done.returncode, plain.returncode, plain.stdout, plain.stderr) == (0, 0, b"", b"")


def test_in_a_foreign_environment_it_finds_its_own_repository(tmp_path: Path) -> None:
    repo, other = repository(tmp_path / "civ"), repository(tmp_path / "other")
    env = {**sealed(repo.path), "GIT_DIR": str(other.path / ".git"), "GIT_WORK_TREE": str(other.path)}
    words = [sys.executable, "-P", "-m", "reconciler", "hook", "git", "post-merge"]
    assert subprocess.run(words, cwd=repo.path, env=env, check=False).returncode == 0
    wait_for(lambda: bool(own_bytes(repo.path)), "the pass")
    assert own_bytes(other.path) == {}


def test_a_line_is_said_when_something_moved(tmp_path: Path) -> None:
    repo = repository(tmp_path / "civ")
    common = str(repo.path / ".git")
    assert hooked._work(str(repo.path), common) == ""
    repo.write(".swarm/plans/2026-03-02-beta.md", PLAN.format("beta", "Draft"))
    assert hooked._work(str(repo.path), common) == "swarm: beta: planning"
    assert hooked._work(str(repo.path), common) == ""
    assert (
        hooked._line([("a\x1b", "ready", "merged"), ("b", "x", "")])
        == "swarm: a\\x1b: ready -> merged (+1 more: swarm status)"
    )
    assert not busy(repo)


def test_a_call_imports_nothing_heavy(tmp_path: Path) -> None:
    repo = repository(tmp_path / "civ")
    words = [sys.executable, "-X", "importtime", "-P", "-m", "reconciler", "hook", "git", "post-merge"]
    done = subprocess.run(words, cwd=repo.path, env=sealed(repo.path), capture_output=True, text=True, check=True)
    loaded = {line.rpartition("|")[2].strip().partition(".")[0] for line in done.stderr.splitlines()}
    assert "reconciler" in loaded
    assert loaded & {"git", "networkx", "frontmatter", "yaml", "watchdog", "rich", "click", "json", "pathlib"} == set()

"""``swarm watch`` as a process on real repositories."""

import json
import os
import signal
import sys
from pathlib import Path

from tests.watch.make import PLAN, Running, cold_bytes, own_bytes, repository, swarm, wait_for


def test_it_follows_documents_branches_merges_and_new_work_trees(tmp_path: Path) -> None:
    repo = repository(tmp_path / "civ")
    with Running(repo.path, "--debounce", "20ms") as running:
        running.until("watching", stream="stderr")
        wait_for((repo.path / ".swarm/workstreams.json").exists, "the first pass")
        repo.write(".swarm/plans/2026-03-02-beta.md", PLAN.format("beta", "Draft"))
        running.until("beta: new, planning")
        other = repo.worktree(tmp_path / "w", "feature/alpha", new=True)
        other.write(".swarm/plans/2026-03-02-gamma.md", PLAN.format("gamma", "Draft"))
        running.until("gamma: new")
        other.commit("Work on alpha", {"src/alpha.py": "alpha = 1\n"})
        running.until("alpha: planning -> implementing")
        repo.git("add", "--all")
        repo.git("commit", "-qm", "More plans")
        repo.merge("feature/alpha")
        running.until("alpha: implementing -> merged")
        repo.git("worktree", "remove", "--force", str(other.path))
        repo.write(".swarm/plans/2026-03-02-delta.md", PLAN.format("delta", "Draft"))
        running.until("delta: new, planning")
        repo.remove(".swarm/plans/2026-03-02-delta.md")
        running.until("delta: gone, was planning")
        assert running.end(signal.SIGTERM) == 0
    kept = own_bytes(repo.path)
    assert kept == cold_bytes(repo.path)


def test_its_own_writing_wakes_it_not_and_foreign_writing_is_mended(tmp_path: Path) -> None:
    repo = repository(tmp_path / "civ")
    counter = tmp_path / "count"
    program = tmp_path / "program.py"
    program.write_text("import sys; open(sys.argv[1], 'a').write('x')")
    with Running(repo.path, "--on-change", f"{sys.executable} {program} {counter}", "--json") as running:
        running.until("watching", stream="stderr")
        registry = repo.path / ".swarm/workstreams.json"
        wait_for(registry.exists, "the first pass")
        before = registry.stat().st_ino
        registry.unlink()
        wait_for(registry.exists, "it is written again")
        assert before
        repo.write(".swarm/plans/2026-03-02-beta.md", PLAN.format("beta", "Draft"))
        text = running.until('"id": "beta"')
        events = [json.loads(line) for line in text.splitlines()]
        assert [(e["schema"], e["kind"], e["id"], e["to"]) for e in events] == [
            ("swarm.event/1", "new", "beta", "new, planning")
        ]
        wait_for(lambda: counter.exists() and counter.read_text() == "x", "the program ran")
        assert running.end(signal.SIGINT) == 130
    assert counter.read_text() == "x"


def test_one_watcher_status_stop_and_detach(tmp_path: Path) -> None:
    repo = repository(tmp_path / "civ")
    linked = repo.worktree(tmp_path / "w", "feature/x", new=True)
    assert swarm(repo.path, "watch", "--status").returncode == 1
    begun = swarm(repo.path, "watch", "--detach", "--interval", "5m")
    assert begun.returncode == 0, begun.stderr
    try:
        second = swarm(linked.path, "watch")
        assert second.returncode == 6
        assert "already watched by process" in second.stderr
        assert swarm(linked.path, "watch", "--detach").returncode == 6
        status = json.loads(swarm(linked.path, "watch", "--status", "--json").stdout)
        assert status["running"] is True
        os.kill(status["pid"], 0)
        wait_for((repo.path / ".swarm/workstreams.json").exists, "a pass in the background")
    finally:
        ended = swarm(linked.path, "watch", "--stop")
    assert ended.returncode == 0, ended.stderr
    assert swarm(repo.path, "watch", "--stop").stdout == "nobody watches\n"


def test_a_killed_watcher_leaves_nothing_to_clean_up(tmp_path: Path) -> None:
    repo = repository(tmp_path / "civ")
    with Running(repo.path) as running:
        running.until("watching", stream="stderr")
        running.process.kill()
        running.process.wait(20)
    with Running(repo.path) as running:
        running.until("watching", stream="stderr")
        assert running.end(signal.SIGTERM) == 0


def test_once_is_one_pass(tmp_path: Path) -> None:
    repo = repository(tmp_path / "civ")
    assert swarm(repo.path, "watch", "--once").stdout == ""
    repo.write(".swarm/plans/2026-03-02-beta.md", PLAN.format("beta", "Draft"))
    assert "beta: planning" in swarm(repo.path, "watch", "--once").stdout


def test_mistakes_are_told(tmp_path: Path) -> None:
    repo = repository(tmp_path / "civ")
    for words in (["--interval", "x"], ["--debounce", "3s"], ["--once", "--stop"], ["--on-change", '"open']):
        done = swarm(repo.path, "watch", *words)
        assert (done.returncode, done.stdout) == (2, ""), words
        assert done.stderr.startswith("error: ")
    assert swarm(tmp_path, "watch").returncode == 7


def test_what_a_repository_configures_is_never_run(tmp_path: Path) -> None:
    repo = repository(tmp_path / "civ")
    canary = tmp_path / "canary"
    touch = f"on_change = 'touch {canary}'\nnotify = true\n"
    repo.write(".swarm/config.toml", touch).write("pyproject.toml", f"[tool.swarm]\n{touch}")
    repo.write("reconciler/__init__.py", f"open({str(canary)!r}, 'w')\n")
    env = {"SWARM_ON_CHANGE": f"touch {canary}"}
    assert swarm(repo.path, "watch", "--once", env=env).returncode == 0
    repo.write(".swarm/plans/2026-03-02-beta.md", PLAN.format("beta", "Draft"))
    assert "beta" in swarm(repo.path, "watch", "--once", env=env).stdout
    assert not canary.exists()
    user = tmp_path / "config/swarm"
    user.mkdir(parents=True)
    (user / "config.toml").write_text(touch)
    repo.write(".swarm/plans/2026-03-02-gamma.md", PLAN.format("gamma", "Draft"))
    swarm(repo.path, "watch", "--once", env={"XDG_CONFIG_HOME": str(tmp_path / "config")})
    assert canary.exists()


def test_a_repository_that_breaks_is_told_once_and_followed_when_it_is_back(tmp_path: Path) -> None:
    repo = repository(tmp_path / "civ")
    head = repo.path / ".git/HEAD"
    with Running(repo.path, "--interval", "200ms") as running:
        running.until("watching", stream="stderr")
        wait_for((repo.path / ".swarm/workstreams.json").exists, "the first pass")
        text = head.read_text()
        head.write_text("nonsense\n")
        running.until("error:", stream="stderr")
        repo.write(".swarm/plans/2026-03-02-beta.md", PLAN.format("beta", "Draft"))
        head.write_text(text)
        running.until("beta: new")
        assert running.end(signal.SIGTERM) == 0


def test_a_repository_that_is_moved_or_deleted_ends_it_with_one_line(tmp_path: Path) -> None:
    repo = repository(tmp_path / "civ")
    with Running(repo.path) as running:
        running.until("watching", stream="stderr")
        wait_for((repo.path / ".swarm/workstreams.json").exists, "the first pass")
        repo.path.rename(tmp_path / "elsewhere")
        assert running.process.wait(20) == 7
        said = running.until("error:", stream="stderr").splitlines()
    assert [line.partition(":")[0] for line in said] == ["watching civ; Ctrl-C ends it", "error"]

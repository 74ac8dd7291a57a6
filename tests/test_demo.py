"""swarm demo: a real world with every state, shown without touching anything of the user's."""

import json
import os
import subprocess
import sys
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest

from reconciler.cli.app import run
from reconciler.cli.demo import build_world
from reconciler.coordination import holdings
from reconciler.coordination.identity import here
from reconciler.demo.replay import Player, replay
from reconciler.demo.sealed import git, sealed_env
from reconciler.demo.tour import TOUR, home, quiet_surroundings
from reconciler.errors import SwarmError
from reconciler.model import Workstream
from reconciler.observe.rulebook import load_rulebook
from reconciler.reconcile import look

PACKAGE = Path(__file__).resolve().parents[1]
DRAWN = {
    "turn-system": "in-review", "save-format-v2": "in-review", "unit-combat": "implementing",
    "fog-of-war": "implementing", "map-generator": "implementing", "cli-integration/phase-2": "implementing",
    "diplomacy": "ready", "hotseat": "ready", "tech-tree": "planning", "ai-opponents": "researched",
    "audio-cues": "researching", "tutorial": "idea", "player-faction-tracking": "merged", "log-rotation": "merged",
}  # fmt: skip


@pytest.fixture(scope="module")
def world(tmp_path_factory: pytest.TempPathFactory) -> dict[str, Workstream]:
    """The workstreams of the demo's world, by id."""
    with quiet_surroundings():
        root = build_world(tmp_path_factory.mktemp("demo"), now=datetime.now(UTC))
        return {str(w.id): w for w in look(root, env={}).view.workstreams}


def demo(*words: str, cwd: Path, **env: str) -> subprocess.CompletedProcess[str]:
    """Run ``swarm demo`` as a process of its own."""
    surroundings = sealed_env() | {"PYTHONPATH": str(PACKAGE), "TMPDIR": str(cwd), "LC_ALL": "C.UTF-8"} | env
    command = [sys.executable, "-m", "reconciler", "demo", *words]
    return subprocess.run(command, cwd=cwd, env=surroundings, capture_output=True, encoding="utf-8", check=False)


# -- the world


def test_the_dozen_is_as_drawn(world: dict[str, Workstream]) -> None:
    assert {name: world[name].state for name in DRAWN if name in world} == DRAWN


def test_every_state_is_there(world: dict[str, Workstream]) -> None:
    assert {w.state for w in world.values()} == {row.name for row in load_rulebook(overrides=None).states}


def test_phases_are_as_drawn(world: dict[str, Workstream]) -> None:
    names = ("turn-system", "save-format-v2", "unit-combat", "fog-of-war", "map-generator", "cli-integration/phase-2")
    assert [world[name].phase_text for name in names] == ["5/5", "3/3", "2/4", "1/3", "3/6", "0/2"]


def test_one_was_merged_and_one_squashed(world: dict[str, Workstream]) -> None:
    tags = {name: {e.tag for e in world[name].evidence} for name in ("player-faction-tracking", "log-rotation")}
    assert "squash" in tags["log-rotation"]
    assert tags["player-faction-tracking"] & {"merge-subject", "merge-commit"}
    fresh = datetime.now(UTC) - timedelta(hours=1)
    assert all(at is not None and at > fresh for at in (world[name].merged_at for name in tags))


def test_a_chain_is_blocked(world: dict[str, Workstream]) -> None:
    assert world["hotseat"].blocked_by == ("save-format-v2",)
    assert world["ai-opponents"].blocked_by == ("diplomacy", "tech-tree")


def test_the_plan_that_lies_is_seen_through(world: dict[str, Workstream]) -> None:
    assert [d.id for d in world["fog-of-war"].drift] == ["claims-done-unmerged"]
    others = {name for name, w in world.items() if "drift" in w.flags}
    assert others == {"fog-of-war"}


def test_two_will_collide(world: dict[str, Workstream]) -> None:
    assert world["save-format-v2"].conflicts == (("unit-combat", ("src/state.py",)),)
    assert "conflicted" not in world["turn-system"].flags


def test_linked_worktrees_are_found(world: dict[str, Workstream]) -> None:
    places = {name: Path(w.worktree or "").name for name, w in world.items() if w.worktree}
    assert places == {
        "unit-combat": "civ-unit-combat",
        "map-generator": "civ-map-generator",
        "cli-integration/phase-2": "civ-mail",
    }


def test_sessions_hold_work_as_drawn(tmp_path: Path) -> None:
    root = build_world(tmp_path, now=datetime.now(UTC))
    held = holdings.claims(root / ".git/swarm", here())
    assert {h.workstream: (h.session, h.verdict.status) for h in held} == {
        "unit-combat": ("claude-7c", "active"),
        "fog-of-war": ("codex-a9", "idle"),
        "map-generator": ("claude-02", "stale"),
        "cli-integration/phase-2": ("claude-e4", "active"),
        "tech-tree": ("claude-b3", "active"),
        "audio-cues": ("claude-55", "active"),
    }


# -- the command


def test_the_tour_is_told_in_order_and_cleaned_up(tmp_path: Path) -> None:
    done = demo(cwd=tmp_path)
    assert (done.returncode, done.stderr) == (0, "")
    places = [done.stdout.index(f"{stop.say}\n$ {stop.command}\n") for stop in TOUR]
    assert places == sorted(places)
    assert "up to date" in done.stdout.rpartition("$ swarm reconcile")[2]
    assert "\x1b" not in done.stdout
    assert list(tmp_path.iterdir()) == []


def test_json_is_one_object(tmp_path: Path) -> None:
    done = demo("--json", cwd=tmp_path)
    shown = json.loads(done.stdout)
    assert (done.returncode, done.stderr, shown["schema"], shown["root"]) == (0, "", "swarm.demo/1", None)
    assert [step["command"] for step in shown["steps"]] == [stop.command for stop in TOUR]
    assert all(step["output"] for step in shown["steps"])


def test_keep_leaves_a_usable_repository(tmp_path: Path) -> None:
    kept = tmp_path / "new folder"
    done = demo("--keep", str(kept), cwd=tmp_path)
    assert done.returncode == 0
    assert str(kept / "civ") in done.stdout
    assert git(kept / "civ", "status", "--porcelain", "--", "src") == ""
    assert json.loads((kept / "civ/.swarm/workstreams.json").read_text("utf-8"))["base"]["branch"] == "main"


def test_keep_refuses_a_folder_with_something_in_it(tmp_path: Path) -> None:
    (tmp_path / "mine.txt").write_text("mine", "utf-8")
    done = demo("--keep", str(tmp_path), cwd=tmp_path)
    assert (done.returncode, done.stdout) == (2, "")
    assert done.stderr == f"error: {tmp_path} is not empty\nhint: swarm demo --keep NEW-FOLDER\n"
    assert [path.name for path in tmp_path.iterdir()] == ["mine.txt"]


@pytest.mark.parametrize("name", ["mine.txt", "mine.txt/below"])
def test_keep_refuses_what_cannot_be_a_folder(name: str, tmp_path: Path) -> None:
    (tmp_path / "mine.txt").write_text("mine", "utf-8")
    with pytest.raises(SwarmError, match="cannot use"), home(tmp_path / name):
        pass
    assert (tmp_path / "mine.txt").read_text("utf-8") == "mine"


def test_hostile_surroundings_change_nothing(tmp_path: Path) -> None:
    user = tmp_path / "user"
    (user / ".config/git").mkdir(parents=True)
    (user / ".config/git/ignore").write_text("*\n", "utf-8")
    (user / ".gitconfig").write_text(
        "[commit]\n\tgpgSign = true\n[core]\n\thooksPath = /nowhere\n\tfsmonitor = false\n\tautocrlf = true\n"
        "[init]\n\tdefaultBranch = trunk\n[user]\n\tuseConfigOnly = true\n[merge]\n\tff = only\n[broken",
        "utf-8",
    )
    (user / ".config/swarm").mkdir()
    (user / ".config/swarm/config.toml").write_text('base = "nothing"\n', "utf-8")
    folder = tmp_path / "tmp"
    folder.mkdir()
    environment = {
        "HOME": str(user),
        "XDG_CONFIG_HOME": str(user / ".config"),
        "GIT_DIR": "/nowhere",
        "SWARM_BASE": "x",
    }
    hostile = {k: v for k, v in sealed_env().items() if not k.startswith("GIT_")}
    done = subprocess.run(
        [sys.executable, "-m", "reconciler", "demo", "--json"], cwd=folder, capture_output=True, check=False,
        env=hostile | {"PYTHONPATH": str(PACKAGE), "TMPDIR": str(folder)} | environment,
    )  # fmt: skip
    assert (done.returncode, done.stderr) == (0, b"")
    assert "civ  main" in json.loads(done.stdout)["steps"][0]["output"]


def test_without_git_one_line_says_so(tmp_path: Path) -> None:
    done = demo(cwd=tmp_path, PATH=str(tmp_path))
    assert (done.returncode, done.stdout) == (7, "")
    assert done.stderr == "error: git is not on PATH\nhint: install git 2.31 or newer\n"
    assert list(tmp_path.iterdir()) == []


def test_the_process_gets_its_surroundings_back(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    before = dict(os.environ)
    assert run(["demo", "--keep", str(tmp_path / "kept")]) == 0
    assert dict(os.environ) == before
    assert "fog-of-war" in capsys.readouterr().out


def test_ascii_is_passed_on(tmp_path: Path) -> None:
    assert demo("--ascii", cwd=tmp_path).stdout.isascii()


# -- the replay


def test_a_wrong_verb_names_its_step(tmp_path: Path) -> None:
    with pytest.raises(SwarmError, match='step 2: no verb "comit"'):
        Player(tmp_path, tmp_path).play([{}, {"comit": "x"}])


def test_a_failing_verb_says_which_step(tmp_path: Path) -> None:
    file = tmp_path / "history.toml"
    file.write_text('[[step]]\nmerge = "nobody"\n', "utf-8")
    with pytest.raises(SwarmError, match="step 1, merge: git merge"):
        replay(file, tmp_path / "into")


def test_days_count_back_from_now(tmp_path: Path) -> None:
    file = tmp_path / "history.toml"
    file.write_text('[[step]]\ndate = "-1d 2h"\nwrite = { "a-{-3d}.txt" = "{-1d}" }\ncommit = "A"\n', "utf-8")
    root = replay(file, tmp_path / "into", now=datetime(2026, 3, 10, 12, tzinfo=UTC)).root
    assert (root / "a-2026-03-07.txt").read_text("utf-8") == "2026-03-09"
    assert git(root, "log", "--format=%cI") == "2026-03-09T10:00:00+00:00"

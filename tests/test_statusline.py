"""``swarm statusline``: at once, whatever is on stdin; the state of the last look; nothing that steers a terminal."""

import json
import os
import subprocess
import sys
from pathlib import Path

import pytest

from reconciler.cli.segment import _filled, is_unicode
from tests.coordination.commands import World
from tests.gitrepo import GitBuilder, sealed


@pytest.fixture
def world(tmp_path: Path) -> World:
    world = World(tmp_path / "r")
    world.write("a.py", "a = 1\n")
    world.write(".swarm/plans/2026-03-02-fog.md", "# Fog\n\n## Phase 1: One\n\n- [ ] x\n\n## Phase 2: Two\n\n- [ ] y\n")
    world.commit("Begin")
    return world


def line(world: World, *words: str, at: Path | None = None, stdin: bytes = b"", **env: str) -> str:
    """What a real process prints; it never fails and says nothing else."""
    done = subprocess.run(
        [sys.executable, "-P", "-m", "reconciler", "statusline", *words], cwd=at or world.path, input=stdin,
        env=sealed(world.path) | {"LC_ALL": "C.UTF-8", "SWARM_SESSION": "ann"} | env, capture_output=True, check=True,
    )  # fmt: skip
    assert done.stderr == b""
    return done.stdout.decode("utf-8")


def test_what_the_session_holds_then_what_the_work_tree_is_for(world: World) -> None:
    assert line(world, "--fresh") == ""
    world.swarm("claim", "fog")
    assert line(world, "--fresh") == "▸ fog implementing 0/2\n"
    assert line(world) == "▸ fog implementing 0/2\n"
    assert line(world, "--ascii") == line(world, LC_ALL="C") == "> fog implementing 0/2\n"
    assert line(world, SWARM_SESSION="bob") == ""
    tree = world.worktree(world.path.parent / "t", "feature/fog", new=True)
    tree.commit("Fog", {"fog.py": "f = 1\n"})
    assert line(world, "--fresh", at=tree.path, SWARM_SESSION="bob") == "▸ fog implementing 0/2\n"


def test_a_host_says_where_and_who(world: World) -> None:
    world.swarm("claim", "fog", as_="s-1")
    line(world, "--fresh")
    said = json.dumps({"cwd": str(world.path), "session_id": "s-1", "model": {"id": "m"}}).encode()
    assert line(world, at=world.path.parent, stdin=said, SWARM_SESSION="") == "▸ fog implementing 0/2\n"


@pytest.mark.parametrize(
    "stdin", [b"{", b"[" * 100_000, b"\xff\x00", b'{"cwd": 7, "session_id": null}', b'"' * 2_000_000]
)
def test_anything_on_stdin_is_no_error(world: World, stdin: bytes) -> None:
    line(world, "--fresh")
    world.swarm("claim", "fog")
    assert line(world, stdin=stdin) == "◕ fog ready 0/2\n"


def test_a_silent_pipe_is_not_waited_for(world: World) -> None:
    ours, theirs = os.pipe()
    try:
        done = subprocess.run(
            [sys.executable, "-P", "-m", "reconciler", "statusline"], cwd=world.path, stdin=ours, timeout=60,
            env=sealed(world.path), capture_output=True, check=True,
        )  # fmt: skip
    finally:
        os.close(ours)
        os.close(theirs)
    assert done.stderr == b""


def test_no_repository_and_a_damaged_cache_say_nothing(world: World, tmp_path: Path) -> None:
    assert line(world, at=tmp_path) == ""
    cache = world.root / "cache"
    cache.mkdir(parents=True)
    (cache / "statusline.asked").touch()
    for bad in (b"", b"{", b'{"streams": 7, "needs": "x"}', b'{"streams": [7, {}]}'):
        (cache / "statusline.json").write_bytes(bad)
        assert line(world) == ""
    (cache / "statusline.json").unlink()
    (cache / "statusline.json").symlink_to(world.path / "a.py")
    assert line(world) == ""


def test_a_template_is_filled_once_and_cleaned() -> None:
    values = {"{id}": "a{state}\x1b[31m\u202e", "{state}": "ready"}
    assert _filled("{id} is {state}{no}\n", values, plain=False) == "a{state}\\x1b[31m\\u202e is ready{no}\\x0a"
    assert _filled("⟲ {state}", values, plain=True) == "\\u27f2 ready"


def test_glyphs_follow_the_locale() -> None:
    assert is_unicode({"LANG": "de_DE.UTF-8"}) and is_unicode({})
    assert not is_unicode({"LANG": "C"}) and not is_unicode({"SWARM_ASCII": "1"}) and not is_unicode({"TERM": "dumb"})


def test_a_look_behind_keeps_what_the_next_line_shows(world: World) -> None:
    """The first line has nothing to show and starts a look; --fresh is what that look runs."""
    tree = GitBuilder(world.path, init=False)
    assert line(world) == ""
    assert (world.root / "cache/statusline.asked").exists()
    assert tree.git("status", "--porcelain") == ""

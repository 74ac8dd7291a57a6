"""``swarm worktree start`` and ``finish``: what they do, what stops them, and that nothing unlanded is ever lost."""

import os
from pathlib import Path

import pytest

from tests.coordination.commands import Said, World
from tests.gitrepo import GitBuilder

PLAN = ".swarm/plans/2026-03-02-hot-seat.md"
STEM = "2026-03-02-hot-seat"
BRANCH = f"feature/{STEM}"
TEXT = "# Hot seat\n\n**Status**: Ready\n\n## Phase 1: One\n\n- [ ] Create `src/seat.py`\n"


@pytest.fixture
def world(tmp_path: Path) -> World:
    """A repository with one plan that is ready."""
    world = World(tmp_path / "r")
    world.write("src/app.py", "a = 1\n").write(PLAN, TEXT).commit("Begin")
    return world


def tree_of(world: World) -> GitBuilder:
    return GitBuilder(world.path.parent / f"r-{STEM}", init=False, now=world.now)


def started(world: World) -> GitBuilder:
    """Its work tree, with one commit of work."""
    assert world.swarm("worktree", "start", "hot-seat").code == 0
    tree = tree_of(world)
    tree.commit("Seat", {"src/seat.py": "seat = 1\n"})
    world.now = tree.now
    return tree


def steps(said: Said) -> list[tuple[str, str]]:
    return [(step["name"], step["state"]) for step in said.json["steps"]]


def refs(world: World) -> str:
    return world.git("for-each-ref", "--format=%(refname) %(objectname)", "refs/heads")


def held(world: World) -> list[str]:
    return [name for row in world.swarm("instances", "--json").json["instances"] for name in row["holds"]]


def test_start_claims_makes_the_tree_and_writes_the_port(world: World) -> None:
    said = world.swarm("worktree", "start", "hot-seat", "--json")
    tree = tree_of(world)
    assert steps(said) == [("claim", "done"), ("worktree", "done"), ("port", "done")]
    assert (said.json["branch"], said.json["worktree"], said.json["done"]) == (BRANCH, str(tree.path), True)
    assert tree.git("symbolic-ref", "--short", "HEAD") == BRANCH
    port = world.swarm("port", BRANCH, "--json").json["port"]
    assert (tree.path / ".env.local").read_text() == f"PORT={port}\n"
    assert tree.git("status", "--porcelain") == ""
    assert held(world) == ["hot-seat"]


def test_starting_again_goes_on_and_changes_nothing(world: World) -> None:
    world.swarm("worktree", "start", "hot-seat")
    said = world.swarm("worktree", "start", "hot-seat", "--json", at=tree_of(world).path)
    assert steps(said) == [("claim", "done"), ("worktree", "is"), ("port", "done")]
    assert world.swarm("worktree", "start", "hot-seat", as_="bob").code == 4


def test_dry_runs_change_nothing(world: World) -> None:
    before = refs(world)
    said = world.swarm("worktree", "start", "hot-seat", "--dry-run")
    assert f"worktree add --no-track -b {BRANCH}" in said.out
    assert (refs(world), tree_of(world).path.exists(), held(world)) == (before, False, [])
    started(world)
    before = refs(world)
    said = world.swarm("worktree", "finish", "hot-seat", "--dry-run", "--json")
    assert steps(said) == [
        ("clean", "is"), ("merge", "would"), ("proof", "would"), ("remove", "would"), ("branch", "would"),
        ("release", "would"),
    ]  # fmt: skip
    assert (refs(world), held(world)) == (before, ["hot-seat"])


@pytest.mark.parametrize("inside", [False, True])
def test_finish_merges_proves_removes_and_gives_back(world: World, inside: bool) -> None:
    tree = started(world)
    world.commit("Meanwhile", {"src/other.py": "o = 1\n"})
    said = world.swarm("worktree", "finish", "hot-seat", at=tree.path if inside else None)
    assert (said.code, [line.split()[1] for line in said.out.splitlines()]) == (
        0, ["clean", "merge-base", "merge", "proof", "remove", "branch", "release"],
    )  # fmt: skip
    assert ("your folder is gone" in said.err) is inside
    assert world.git("log", "-1", "--format=%s") == f"Merge branch '{BRANCH}'"
    assert (world.path / "src/seat.py").exists() and not tree.path.exists()
    assert BRANCH not in refs(world)
    assert held(world) == []
    again = world.swarm("worktree", "finish", "hot-seat", "--json")
    assert (again.code, steps(again)) == (0, [("proof", "is"), ("release", "is")])


def _untracked(world: World, tree: GitBuilder) -> None:
    tree.write("notes.txt", "mine\n")


def _changed(world: World, tree: GitBuilder) -> None:
    tree.write("src/seat.py", "seat = 2\n")


def _base_changed(world: World, tree: GitBuilder) -> None:
    world.write("src/app.py", "a = 2\n")


def _detached(world: World, tree: GitBuilder) -> None:
    tree.git("checkout", "-q", "--detach")


def _merging(world: World, tree: GitBuilder) -> None:
    world.commit("Other seat", {"src/seat.py": "seat = 9\n"})
    tree.git("merge", "main", check=False)


def _locked(world: World, tree: GitBuilder) -> None:
    world.git("worktree", "lock", "--reason", "on a stick", str(tree.path))


def _gone(world: World, tree: GitBuilder) -> None:
    tree.path.rename(tree.path.with_name("elsewhere"))


@pytest.mark.parametrize(
    ("spoil", "why", "way"),
    [
        (_untracked, "has untracked work: notes.txt", "add --all"),
        (_changed, "has uncommitted work: src/seat.py", "commit"),
        (_base_changed, "with changes: src/app.py", "stash pop"),
        (_detached, "is on no branch (detached HEAD)", f"switch {BRANCH}"),
        (_merging, "git is in the middle of a merge", "status"),
        (_locked, "is locked: on a stick", "worktree unlock"),
        (_gone, "is gone", "worktree prune"),
    ],
    ids=lambda value: getattr(value, "__name__", ""),
)
def test_finish_stops_before_it_changes_anything(world: World, spoil, why: str, way: str) -> None:  # type: ignore[no-untyped-def]
    tree = started(world)
    spoil(world, tree)
    before = refs(world)
    said = world.swarm("worktree", "finish", "hot-seat", "--json")
    assert said.code == 2
    assert why in said.json["stopped"]["why"]
    assert any(way in line for line in said.json["stopped"]["way"])
    assert (refs(world), held(world)) == (before, ["hot-seat"])


def test_a_conflict_is_taken_back_and_the_way_on_works(world: World) -> None:
    tree = started(world)
    world.commit("Other seat", {"src/seat.py": "seat = 9\n"})
    before = refs(world)
    said = world.swarm("worktree", "finish", "hot-seat")
    assert said.code == 5
    assert "merging main conflicts in src/seat.py; the merge was taken back" in said.err
    assert (refs(world), tree.git("status", "--porcelain")) == (before, "")
    tree.git("merge", "refs/heads/main", check=False)
    tree.commit("Merge", {"src/seat.py": "seat = 10\n"}, date=world.now)
    assert world.swarm("worktree", "finish", "hot-seat").code == 0
    assert (world.path / "src/seat.py").read_text() == "seat = 10\n"


def test_a_file_in_the_way_of_the_merge_is_named(world: World) -> None:
    started(world)
    world.write("src/seat.py", "mine\n")
    before = refs(world)
    said = world.swarm("worktree", "finish", "hot-seat")
    files = "error: git merge: The following untracked working tree files would be overwritten by merge: src/seat.py\n"
    assert (said.code, said.err.endswith(f"{files}hint: git -C {world.path} status\n")) == (2, True)
    assert (refs(world), (world.path / "src/seat.py").read_text()) == (before, "mine\n")


def test_work_committed_after_the_proof_keeps_its_branch(world: World, monkeypatch: pytest.MonkeyPatch) -> None:
    """Between the proof and the removal of the branch somebody commits: the branch stays."""
    from reconciler.cli import treework

    tree = started(world)
    real = treework.carry_out

    def meanwhile(run, site, step, action):  # type: ignore[no-untyped-def]
        if step.name == "remove":
            tree.commit("Late", {"src/late.py": "late = 1\n"})
        real(run, site, step, action)

    monkeypatch.setattr(treework, "carry_out", meanwhile)
    said = world.swarm("worktree", "finish", "hot-seat")
    assert said.code == 2 and "git update-ref" in said.err
    assert world.git("log", "-1", "--format=%s", BRANCH) == "Late"


@pytest.mark.parametrize("at", ["claim", "worktree", "port", "merge-base", "merge", "proof", "remove", "branch"])
def test_killed_after_any_step_it_goes_on(world: World, monkeypatch: pytest.MonkeyPatch, at: str) -> None:
    """A run that dies after a step leaves what the next one finishes."""
    from reconciler.cli import treework

    class Killed(BaseException):
        pass

    real = treework.Work.do

    def do(self, step, action):  # type: ignore[no-untyped-def]
        more = real(self, step, action)
        if step.name == at:
            raise Killed
        return more

    with monkeypatch.context() as patch, pytest.raises(Killed):
        patch.setattr(treework.Work, "do", do)
        tree = started(world)
        world.commit("Meanwhile", {"src/other.py": "o = 1\n"}, date=tree.now)
        world.swarm("worktree", "finish", "hot-seat")
    if at in ("claim", "worktree", "port"):
        started(world)
    assert world.swarm("worktree", "finish", "hot-seat").code == 0
    assert (BRANCH in refs(world), tree_of(world).path.exists(), held(world)) == (False, False, [])
    assert (world.path / "src/seat.py").read_text() == "seat = 1\n"


def test_what_is_in_the_way_of_a_start_stops_it(world: World) -> None:
    folder = tree_of(world).path
    folder.mkdir()
    said = world.swarm("worktree", "start", "hot-seat", "--json")
    assert (said.code, said.json["stopped"]["kind"], held(world)) == (2, "in-the-way", [])
    folder.rmdir()
    world.branch(BRANCH)
    assert world.swarm("worktree", "start", "hot-seat").code == 0, "a branch without work is taken up"
    world.git("worktree", "lock", "--reason", "initializing", str(folder))
    said = world.swarm("worktree", "start", "hot-seat")
    assert "was never finished" in said.err and "worktree unlock" in said.err


def test_finish_without_work_says_so(world: World) -> None:
    assert world.swarm("worktree", "finish", "hot-seat").code == 2
    world.swarm("worktree", "start", "hot-seat")
    said = world.swarm("worktree", "finish", "hot-seat")
    assert (said.code, "no commits of its own" in said.err) == (2, True)
    assert world.swarm("worktree", "finish", "nothing").code == 3
    assert world.swarm("worktree", "finish", "hot-seat", as_="bob").code == 4


def test_a_bare_repository_with_work_trees(tmp_path: Path) -> None:
    seed = World(tmp_path / "seed")
    seed.write("src/app.py", "a = 1\n").write(PLAN, TEXT).commit("Begin")
    seed.git("clone", "-q", "--bare", str(seed.path), str(tmp_path / "r.git"))
    bare = World(tmp_path / "r.git", init=False, now=seed.now)
    bare.git("remote", "remove", "origin")
    assert bare.swarm("worktree", "start", "hot-seat").code == 0
    tree = GitBuilder(tmp_path / f"r-{STEM}", init=False, now=bare.now)
    tree.commit("Seat", {"src/seat.py": "seat = 1\n"})
    said = bare.swarm("worktree", "finish", "hot-seat", "--json", at=tree.path)
    assert ("merge-refs", "done") in steps(said)
    assert bare.git("show", "main:src/seat.py") == "seat = 1"
    assert bare.git("log", "-1", "--format=%P", "main").count(" ") == 1
    assert bare.git("for-each-ref", "--format=%(refname)") == "refs/heads/main"


def test_push_only_when_asked(world: World, tmp_path: Path) -> None:
    there = GitBuilder(tmp_path / "there.git", bare=True)
    world.git("remote", "add", "origin", str(there.path))
    world.git("push", "-q", "origin", "main")
    started(world)
    said = world.swarm("worktree", "finish", "hot-seat", "--push", "--json")
    assert ("push", "done") in steps(said)
    assert there.git("rev-parse", "main") == world.git("rev-parse", "main")


def test_another_branch_to_merge_into(world: World) -> None:
    world.branch("next")
    tree = started(world)
    assert world.swarm("worktree", "finish", "hot-seat", "--into", "next").code == 0
    assert world.git("log", "-1", "--format=%s", "next") == f"Merge branch '{BRANCH}' into next"
    assert "seat" not in world.git("ls-tree", "-r", "--name-only", "main", "src")
    assert not tree.path.exists()


CANARY = """#!/bin/sh
touch "{canary}"
"""


def test_nothing_that_the_repository_names_runs_unless_trusted(world: World, tmp_path: Path) -> None:
    canary = tmp_path / "canary"
    script = tmp_path / "run.sh"
    script.write_text(CANARY.format(canary=canary) + "cat\n")
    script.chmod(0o755)
    hooks = world.path / ".git/hooks"
    for name in ("post-checkout", "pre-merge-commit", "post-merge", "commit-msg", "reference-transaction"):
        (hooks / name).write_text(CANARY.format(canary=canary))
        (hooks / name).chmod(0o755)
    world.git("config", "core.fsmonitor", str(script))
    said = world.swarm("worktree", "start", "hot-seat")
    assert "without its hooks post-checkout, reference-transaction (--trust runs them)" in said.out
    assert not canary.exists()
    tree = tree_of(world)
    tree.git("-c", "core.hooksPath=/dev/null", "-c", "core.fsmonitor=false", "add", "-A")
    (tree.path / "src/seat.py").write_text("seat = 1\n")
    tree.git("-c", "core.hooksPath=/dev/null", "-c", "core.fsmonitor=false", "add", "-A")
    tree.git("-c", "core.hooksPath=/dev/null", "-c", "core.fsmonitor=false", "commit", "-qm", "Seat")
    world.git("config", "filter.x.smudge", str(script))
    said = world.swarm("worktree", "finish", "hot-seat", "--json")
    assert (said.code, said.json["stopped"]["kind"]) == (2, "trust")
    assert "filter.x.smudge" in said.json["stopped"]["why"]
    assert not canary.exists()
    world.git("config", "--remove-section", "filter.x")
    assert world.swarm("worktree", "finish", "hot-seat", "--dry-run").code == 0
    assert not canary.exists()
    assert world.swarm("worktree", "finish", "hot-seat", "--trust").code == 0
    assert canary.exists()


@pytest.mark.parametrize("name", ["evil;touch x", "a/../b", "sp ace"])
def test_hostile_stems_make_plain_names(tmp_path: Path, name: str) -> None:
    world = World(tmp_path / "r")
    world.write("a.py", "a = 1\n").write(f".swarm/plans/2026-03-02-{name.replace('/', '-')}.md", TEXT).commit("Begin")
    id = world.swarm("status", "--json").json["workstreams"][0]["id"]
    said = world.swarm("worktree", "start", "--json", "--", id)
    assert said.code == 0
    assert os.path.lexists(said.json["worktree"])
    assert all(char.isalnum() or char in "-_./" for char in said.json["branch"])

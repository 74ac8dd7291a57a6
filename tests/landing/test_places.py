"""The same verdict from every place one can stand, and none made up where history is cut off."""

from pathlib import Path

import pytest

from reconciler.derive.landing import candidates, judge, survey
from reconciler.observe.git import open_git
from reconciler.observe.patches import patch_ids
from reconciler.observe.repo import read_repository
from tests.gitrepo import GitBuilder
from tests.landing import scenarios
from tests.landing.test_scenarios import verdicts

BUILDS = {
    "squash": scenarios.squash_edited_later,
    "pick": scenarios.pick_one_of_two,
    "revert": scenarios.reverted_merge,
    "forward": scenarios.fast_forward_then_more,
}


@pytest.fixture(params=sorted(BUILDS))
def repo(tmp_path: Path, request: pytest.FixtureRequest) -> GitBuilder:
    made = GitBuilder(tmp_path / "r")
    BUILDS[request.param](made)
    return made


def test_linked_worktree_and_subfolder(repo: GitBuilder, tmp_path: Path) -> None:
    expected = verdicts(repo.path)
    linked = repo.worktree(tmp_path / "linked", "other", new=True)
    linked.write("sub/x", "x\n")
    for place in (linked.path, linked.path / "sub", repo.path / ".git"):
        assert {n: v for n, v in verdicts(place).items() if n != "other"} == expected


def test_the_branch_itself_checked_out(repo: GitBuilder) -> None:
    expected = verdicts(repo.path)
    repo.checkout("f")
    assert verdicts(repo.path) == expected


def test_detached(repo: GitBuilder) -> None:
    expected = verdicts(repo.path)
    repo.git("checkout", "-q", "--detach", "f")
    assert verdicts(repo.path) == expected


def test_sparse(repo: GitBuilder) -> None:
    expected = verdicts(repo.path)
    repo.git("sparse-checkout", "set", "--no-cone", "README.md")
    assert verdicts(repo.path) == expected


def test_packed(repo: GitBuilder) -> None:
    expected = verdicts(repo.path)
    repo.git("-c", "gc.reflogExpire=never", "gc", "-q", "--prune=now")
    repo.git("commit-graph", "write", "--reachable", "--changed-paths")
    assert verdicts(repo.path) == expected


def test_bare_with_reflogs(repo: GitBuilder, tmp_path: Path) -> None:
    expected = verdicts(repo.path)
    (repo.path / ".git").rename(tmp_path / "bare.git")
    bare = GitBuilder(tmp_path / "bare.git", init=False)
    bare.git("config", "core.bare", "true")
    assert verdicts(bare.path) == expected


def test_remote_branches_only(repo: GitBuilder, tmp_path: Path) -> None:
    blind = verdicts(repo.clone(tmp_path / "mirror.git", "--mirror").path)
    clone = verdicts(repo.clone(tmp_path / "clone").path)
    assert {n: (v.verdict, v.tag, v.rung) for n, v in clone.items()} == {
        n: (v.verdict, v.tag, v.rung) for n, v in blind.items()
    }


def test_local_base_behind(repo: GitBuilder, tmp_path: Path) -> None:
    """A clone whose own main stands at the first commit sees what its remote's main has."""
    clone = repo.clone(tmp_path / "clone")
    expected = verdicts(clone.path)
    clone.git("reset", "-q", "--hard", clone.git("rev-list", "--max-parents=0", "HEAD"))
    assert verdicts(clone.path) == expected


def test_base_of_another_name(repo: GitBuilder) -> None:
    expected = verdicts(repo.path)
    repo.git("branch", "-m", "main", "trunk")
    found = verdicts(repo.path)
    assert {n: (v.verdict, v.tag, v.rung) for n, v in found.items()} == {
        n: (v.verdict, v.tag, v.rung) for n, v in expected.items()
    }


@pytest.mark.parametrize("depth", [1, 2, 3])
def test_shallow(repo: GitBuilder, tmp_path: Path, depth: int) -> None:
    """Less is known, nothing is made up."""
    expected = verdicts(repo.clone(tmp_path / "mirror.git", "--mirror").path)["f"]
    clone = repo.clone(tmp_path / "clone", f"--depth={depth}", "--no-single-branch")
    found = verdicts(clone.path)["f"]
    assert found.verdict in (expected.verdict, "unknown")
    if depth == 1 and expected.verdict != "unknown" and found.verdict == "unknown":
        assert "shallow" in found.detail or "further back" in found.detail


def test_unrelated_history(tmp_path: Path) -> None:
    repo = GitBuilder(tmp_path / "r")
    repo.commit("Start", {"a": "a\n"})
    repo.git("checkout", "-q", "--orphan", "pages")
    repo.commit("Pages", {"index.html": "x\n"})
    found = verdicts(repo.path)["pages"]
    assert (found.verdict, found.detail) == ("unknown", "it shares no history with main")


def test_subjects_name_branches_only(tmp_path: Path) -> None:
    """Words of a subject that could not be a branch's name are none, whoever wrote them."""
    repo = GitBuilder(tmp_path / "r")
    repo.commit("Start", {"a": "a\n"})
    for number, name in enumerate(["x\x1b[31my", "a b", "-x", "../up", "x" * 300, "ok/name"]):
        repo.checkout("side", new=True).commit("Side", {f"{number}": "s\n"})
        repo.checkout("main").merge("side", message=f"Merge branch '{name}'")
        repo.delete("side")
    assert sorted(verdicts(repo.path)) == ["ok/name"]


def test_without_base(tmp_path: Path) -> None:
    repo = GitBuilder(tmp_path / "r", branch="one")
    repo.commit("Start", {"a": "a\n"})
    repo.branch("two")
    repo.git("checkout", "-q", "--detach")
    facts = read_repository(open_git(repo.path))
    assert [p.message for p in facts.problems] == ["no base branch was found"]
    assert verdicts(repo.path) == {}


def test_cut_history(repo: GitBuilder) -> None:
    """With only the newest commits of the base read, what cannot be seen is unknown."""
    expected = verdicts(repo.path)["f"]
    for limit in (1, 2, 3):
        git = open_git(repo.path)
        ground = survey(read_repository(git, history_limit=limit))
        found = {v.branch: v for v in judge(ground, patch_ids(git, candidates(ground)))}["f"]
        assert found.verdict in (expected.verdict, "unknown", "partial"), found.detail

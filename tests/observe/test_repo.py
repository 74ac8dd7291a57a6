"""Base, branches, history and work trees as read from real repositories, odd and broken ones among them."""

import os
import random
import re
import shutil
from datetime import timedelta
from pathlib import Path

import pytest

from reconciler.errors import Exit, SwarmError
from reconciler.model import RepoFacts
from reconciler.observe.git import open_git
from reconciler.observe.history import parse_log
from reconciler.observe.repo import read_repository
from tests.gitrepo import GitBuilder


@pytest.fixture(autouse=True)
def _sealed(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("GIT_CONFIG_GLOBAL", "/dev/null")
    monkeypatch.setenv("GIT_CONFIG_NOSYSTEM", "1")


@pytest.fixture
def repo(tmp_path: Path) -> GitBuilder:
    made = GitBuilder(tmp_path / "r")
    made.commit("Start", {"a.txt": "a\n"})
    return made


def read(repo: GitBuilder, **options: object) -> RepoFacts:
    return read_repository(open_git(repo.path), **options)  # type: ignore[arg-type]


def codes(facts: RepoFacts) -> list[str]:
    return [problem.code for problem in facts.problems]


# -- the number of processes


def counting(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A git on PATH that notes each start."""
    real = shutil.which("git")
    log = tmp_path / "starts"
    wrapper = tmp_path / "bin" / "git"
    wrapper.parent.mkdir()
    wrapper.write_text(f'#!/bin/sh\necho "$@" >> "{log}"\nexec {real} "$@"\n')
    wrapper.chmod(0o755)
    monkeypatch.setenv("PATH", f"{wrapper.parent}{os.pathsep}{os.environ['PATH']}")
    return log


@pytest.mark.parametrize("branches", [1, 60])
def test_processes(repo: GitBuilder, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, branches: int) -> None:
    from reconciler.derive.landing import candidates, judge, survey
    from reconciler.observe.patches import patch_ids

    for number in range(branches):
        repo.checkout(f"f{number}", new=True, at="main").commit(
            "One", {f"{number}.txt": "x\n", "a.txt": "b\n" * number}
        )
    repo.checkout("main").squash("f0", "Add it")
    log = counting(tmp_path, monkeypatch)
    git = open_git(repo.path)
    facts = read_repository(git)
    ground = survey(facts)
    judge(ground, patch_ids(git, candidates(ground)))
    git.blobs(facts.history.tree.values())
    starts = log.read_text().splitlines()
    looks = [line for line in starts if " status " in line]
    assert len(looks) == 1  # one for each work tree
    assert len(starts) - len(looks) <= 11, "\n".join(line[-90:] for line in starts)  # GitPython takes two of them
    assert len(facts.branches) == branches


# -- the base


def test_base_is_what_was_asked_for(repo: GitBuilder) -> None:
    repo.branch("dev")
    base = read(repo, base="dev").base
    assert base is not None
    assert (base.branch, base.ref, base.why) == ("dev", "refs/heads/dev", "configured")
    with pytest.raises(SwarmError) as caught:
        read(repo, base="nope\x1b")
    assert (caught.value.message, caught.value.code) == (
        'the configured base branch "nope?" does not exist',
        Exit.USAGE,
    )


@pytest.mark.parametrize("name", ["main", "master", "trunk", "develop"])
def test_base_by_its_usual_name(tmp_path: Path, name: str) -> None:
    repo = GitBuilder(tmp_path / "r", branch=name)
    repo.commit("Start", {"a": "a\n"})
    repo.checkout("zz/feature", new=True).commit("f", {"f": "f\n"})
    facts = read(repo)
    assert facts.base is not None
    assert (facts.base.branch, facts.base.why) == (name, "its name")
    assert [b.name for b in facts.branches] == ["zz/feature"]


def test_base_by_default_branch(repo: GitBuilder) -> None:
    repo.branch("stable")
    repo.git("config", "init.defaultBranch", "stable")
    base = read(repo).base
    assert base is not None
    assert (base.branch, base.why) == ("stable", "init.defaultBranch")


def test_base_is_the_only_branch(tmp_path: Path) -> None:
    repo = GitBuilder(tmp_path / "r", branch="line")
    repo.commit("Start", {"a": "a\n"})
    base = read(repo).base
    assert base is not None
    assert (base.branch, base.why) == ("line", "the only branch")


def test_base_is_guessed_last(tmp_path: Path) -> None:
    repo = GitBuilder(tmp_path / "r", branch="line")
    repo.commit("Start", {"a": "a\n"})
    repo.branch("other")
    facts = read(repo)
    assert facts.base is not None
    assert facts.base.branch == "line"
    assert codes(facts) == ["base-guessed"]


def test_base_of_the_remote(repo: GitBuilder, tmp_path: Path) -> None:
    repo.checkout("release", new=True)
    clone = repo.clone(tmp_path / "c", "--origin", "up/stream")
    clone.checkout("main", new=True)
    base = read(clone).base
    assert base is not None
    assert (base.branch, base.ref, base.why) == ("release", "refs/heads/release", "up/stream/HEAD")


def test_local_base_behind_its_remote(repo: GitBuilder, tmp_path: Path) -> None:
    clone = repo.clone(tmp_path / "c")
    newest = repo.commit("Later", {"b.txt": "b\n"})
    clone.git("fetch", "-q")
    facts = read(clone)
    assert facts.base is not None
    assert (facts.base.ref, facts.base.commit) == ("refs/remotes/origin/main", newest)
    assert facts.base.why == "origin/HEAD; origin/main is 1 ahead of the local branch"
    assert facts.branches == ()


def test_local_base_ahead_of_its_remote(repo: GitBuilder, tmp_path: Path) -> None:
    clone = repo.clone(tmp_path / "c")
    newest = clone.commit("Later", {"b.txt": "b\n"})
    base = read(clone).base
    assert base is not None
    assert (base.ref, base.commit) == ("refs/heads/main", newest)


def test_diverged_base(repo: GitBuilder, tmp_path: Path) -> None:
    clone = repo.clone(tmp_path / "c")
    ours = clone.commit("Ours", {"b.txt": "b\n"})
    clone.now = repo.now
    repo.commit("Between", {"c.txt": "c\n"})
    newest = repo.commit("Theirs", {"c.txt": "d\n"})
    clone.git("fetch", "-q")
    facts = read(clone)
    assert facts.base is not None
    assert facts.base.commit == newest
    assert "have diverged" in facts.base.why
    assert ours not in {commit.id for commit in facts.history.commits}


# -- odd places


def test_unborn(tmp_path: Path) -> None:
    facts = read(GitBuilder(tmp_path / "r"))
    assert (facts.base, facts.branches, facts.complete) == (None, (), True)
    assert facts.root == str(tmp_path / "r")
    assert [p.message for p in facts.problems] == ["the repository has no commits yet"]


def test_unborn_orphan_checkout(repo: GitBuilder) -> None:
    repo.git("checkout", "-q", "--orphan", "new")
    assert read(repo).base is not None


def test_detached(repo: GitBuilder) -> None:
    repo.git("checkout", "-q", "--detach")
    facts = read(repo)
    assert facts.base is not None
    assert facts.base.branch == "main"
    assert (facts.worktrees[0].detached, facts.worktrees[0].branch) == (True, "")


def test_shallow(repo: GitBuilder, tmp_path: Path) -> None:
    repo.checkout("f", new=True).commit("f", {"f.txt": "f\n"})
    repo.checkout("main").commit("More", {"b.txt": "b\n"})
    clone = repo.clone(tmp_path / "c", "--depth=1", "--no-single-branch")
    facts = read(clone)
    assert facts.history.shallow
    assert len(facts.history.commits) == 1
    assert [(b.name, b.fork, b.ahead) for b in facts.branches] == [("f", None, 1)]


def test_sha256(tmp_path: Path) -> None:
    repo = GitBuilder(tmp_path / "r", object_format="sha256")
    repo.commit("Start", {"a": "a\n"})
    repo.checkout("f", new=True).commit("f", {"f": "f\n"})
    repo.checkout("main").squash("f", "Add f")
    facts = read(repo)
    assert [len(c.id) for c in facts.history.commits] == [64, 64]
    assert [c.path for c in facts.branches[0].changes] == ["f"]


def test_sparse_checkout(repo: GitBuilder) -> None:
    repo.commit("More", {"sub/b.txt": "b\n", "far/c.txt": "c\n"})
    repo.git("sparse-checkout", "set", "sub")
    facts = read(repo)
    assert sorted(facts.history.tree) == ["a.txt", "far/c.txt", "sub/b.txt"]
    assert facts.worktrees[0].changes == ()


def test_cut_history(repo: GitBuilder) -> None:
    repo.branch("old")
    for number in range(5):
        repo.commit(f"{number}", {"n": f"{number}\n"})
    repo.checkout("f", new=True).commit("f", {"f": "f\n"})
    facts = read(repo, history_limit=3)
    assert facts.history.cut
    assert [c.subject for c in facts.history.commits] == ["4", "3", "2"]
    assert [(b.name, b.ahead) for b in facts.branches] == [("f", 1), ("old", 0)]


# -- branches


def test_names_of_local_and_remote_are_one(repo: GitBuilder, tmp_path: Path) -> None:
    repo.checkout("team/x", new=True).commit("x", {"x": "x\n"})
    repo.checkout("gone", new=True, at="main").commit("gone", {"g": "g\n"})
    repo.checkout("main")
    clone = repo.clone(tmp_path / "c")
    clone.git("checkout", "-q", "-b", "team/x", "--track", "origin/team/x")
    clone.git("checkout", "-q", "-b", "gone", "--track", "origin/gone")
    newest = clone.checkout("team/x").commit("more", {"y": "y\n"})
    clone.git("update-ref", "-d", "refs/remotes/origin/gone")
    clone.git("remote", "add", "fork", str(repo.path))
    clone.git("fetch", "-q", "fork", "refs/heads/team/x:refs/remotes/fork/team/x")
    facts = read(clone)
    assert [(b.name, b.local, b.remote, b.upstream_gone) for b in facts.branches] == [
        ("gone", True, False, True),
        ("team/x", True, True, False),
    ]
    assert facts.branches[1].tip == newest
    assert [c.subject for c in facts.branches[1].own] == ["more", "x"]
    assert facts.branches[1].ref == "refs/heads/team/x"


def test_ignored_names(repo: GitBuilder) -> None:
    repo.branch("dependabot/x").branch("f")
    assert [b.name for b in read(repo, ignore=[re.compile("^dependabot/")]).branches] == ["f"]


HOSTILE = [
    "--output=x",
    "$(touch${IFS}x)",
    "-",
    "x" * 200,
    "ünïcödé/名前",
    "it's",
    "a'b;c&d|e",
    "@",
    "refs/heads/x",
    "HEAD",
]


def test_hostile_names(repo: GitBuilder) -> None:
    """Names that git itself accepts in a ref, however odd."""
    tip = repo.commit("f", {"f": "f\n"})
    repo.git("reset", "-q", "--hard", "HEAD~1")
    for name in HOSTILE:
        repo.git("update-ref", f"refs/heads/{name}", tip)
    facts = read(repo)
    assert sorted(b.name for b in facts.branches) == sorted(HOSTILE)
    assert all([c.path for c in b.changes] == ["f"] for b in facts.branches)
    assert not (repo.path / "x").exists()
    assert facts.problems == ()


def test_odd_paths_and_messages(repo: GitBuilder) -> None:
    paths = ["new\nline", "tab\tq\"uote'", ":colon", "ünï", "sp ace ", "\x01" + "a" * 40]
    repo.checkout("f", new=True).commit("\x01odd\n\n:100644 not a change", dict.fromkeys(paths, "x\n"))
    branch = read(repo).branches[0]
    assert sorted(c.path for c in branch.changes) == sorted(paths)
    assert sorted(c.path for c in branch.own[0].changes) == sorted(paths)


def test_grafts_and_replacements_turn_nothing(repo: GitBuilder) -> None:
    repo.checkout("f", new=True).commit("Work", {"f": "f\n"})
    before = read(repo)
    git = repo.path / ".git"
    (git / "info").mkdir(exist_ok=True)
    (git / "info/grafts").write_text(f"{repo.id('main')} {repo.id('f')}\n")  # main after f after main
    repo.git("replace", repo.id("f"), repo.id("main"))
    assert read(repo) == before


def test_broken_refs_hide_no_others(repo: GitBuilder) -> None:
    for name in ("good", "headless", "treeless", "rootless"):
        repo.checkout(name, new=True, at="main")
        repo.commit(f"{name} 1", {name: "1\n"})
        repo.commit(f"{name} 2", {name: "2\n"})
    tree = repo.git("rev-parse", "treeless^{tree}")
    for lost in (repo.id("headless"), repo.id("rootless~1"), tree):
        (repo.path / ".git" / "objects" / lost[:2] / lost[2:]).unlink()
    heads = repo.path / ".git" / "refs" / "heads"
    (heads / "garbage").write_text("garbage\n")
    (heads / "empty").write_text("")
    (heads / "a..b").write_text(repo.id("good") + "\n")
    (heads / "nowhere").write_text("1" * 40 + "\n")
    (heads / "blob").write_text(repo.git("rev-parse", "main:a.txt") + "\n")
    repo.git("symbolic-ref", "HEAD", "refs/heads/main")
    facts = read(repo)
    good = {b.name: b for b in facts.branches}
    assert [c.subject for c in good["good"].own] == ["good 2", "good 1"]
    unreadable = {p.path for p in facts.problems if p.code == "unreadable-ref"}
    lost_names = ("headless", "treeless", "rootless", "nowhere", "blob", "garbage", "empty", "a..b")
    assert unreadable == {f"refs/heads/{n}" for n in lost_names}
    assert facts.complete


@pytest.mark.parametrize("torn", ["", "garbage\n", "0" * 40])
def test_a_torn_base_is_not_replaced_by_another_branch(repo: GitBuilder, torn: str) -> None:
    repo.checkout("f", new=True).commit("Work", {"b": "b\n"})
    (repo.path / ".git/refs/heads/main").write_text(torn)
    facts = read(repo)
    assert (facts.base, facts.complete) == (None, False)
    assert "unreadable-base" in codes(facts)


def test_broken_base(repo: GitBuilder) -> None:
    repo.branch("f")
    repo.commit("Next", {"b": "b\n"})
    lost = repo.id("main~1")
    (repo.path / ".git" / "objects" / lost[:2] / lost[2:]).unlink()
    facts = read(repo)
    assert (facts.base, facts.complete) == (None, False)
    assert "unreadable-base" in codes(facts)


# -- against git's own answers


@pytest.mark.parametrize("seed", range(6))
def test_same_as_git(tmp_path: Path, seed: int) -> None:
    """Random histories with merges both ways: fork, own commits, ahead and behind as git counts them."""
    dice = random.Random(seed)
    repo = GitBuilder(tmp_path / "r")
    repo.commit("Start", {"a": "a\n"})
    names = ["main", "x", "y", "z"]
    for name in names[1:]:
        repo.branch(name)
    for number in range(30):
        name = dice.choice(names)
        repo.checkout(name)
        if dice.random() < 0.3:
            repo.git("merge", "-q", "--no-edit", dice.choice([n for n in names if n != name]))
        else:
            date = repo.now + timedelta(hours=dice.randrange(-20, 20))  # clocks are not to be trusted
            repo.commit(f"{number}", {f"{name}_/{number}": "x\n"}, date=date)
    facts = read(repo)
    assert [b.name for b in facts.branches] == names[1:]
    for branch in facts.branches:
        own = repo.git("rev-list", f"main..{branch.name}", "--").split()
        assert sorted(c.id for c in branch.own) == sorted(own)
        assert branch.ahead == len(own)
        assert branch.behind == int(repo.git("rev-list", "--count", f"{branch.name}..main", "--"))
        assert branch.fork in repo.git("merge-base", "--all", "main", branch.name).split()
        if own:
            paths = repo.git("diff", "--name-only", str(branch.fork), branch.name, "--").split()
            assert [c.path for c in branch.changes] == paths
    assert facts.history.spine == frozenset(repo.git("rev-list", "--first-parent", "main", "--").split())
    assert {c.id for c in facts.history.commits} == set(repo.git("rev-list", "main", "--").split())


def test_clocks_that_run_backwards(repo: GitBuilder) -> None:
    """Commit times are no order: parents may be younger than their children."""
    late, early = repo.now.replace(year=2031), repo.now.replace(year=2001)
    repo.commit("late", {"l": "l\n"}, date=late)
    repo.commit("early", {"e": "e\n"}, date=early)
    repo.branch("f", "HEAD~1").checkout("f").commit("f", {"f": "f\n"}, date=early)
    branch = read(repo).branches[0]
    assert (branch.ahead, branch.behind, branch.fork) == (1, 1, repo.id("main~1"))


def test_messages_are_understood(repo: GitBuilder) -> None:
    picked = repo.commit("x\n\n(cherry picked from commit " + "a" * 40 + ")")
    reverted = repo.commit(f'Revert "x"\n\nThis reverts commit {picked}.')
    repo.commit("Squashed commit of the following:\n\ncommit " + "b" * 40 + "\nAuthor: x\n\n    y")
    commits = {c.id: c for c in read(repo).history.commits}
    assert commits[picked].picked == ("a" * 40,)
    assert commits[reverted].reverts == (picked,)
    assert [c.squashed for c in commits.values()].count(("b" * 40,)) == 1


@pytest.mark.parametrize(
    ("message", "found"),
    [
        ('Revert "x"\n\nThis reverts commit {a}.', "a"),
        ('Revert "m"\n\nThis reverts commit {a}, reversing\nchanges made to {b}.', "a"),
        ("Back to normal\n\nThis reverts commits {a}, {b} and {c}.", "abc"),
        ("Revert {a}: too slow", "a"),
        ("Do not revert anything\n\nsee {a}", ""),
        ("Reverted deadbeefcafe thing", "d"),
        ("Fix reverse {a}", ""),
    ],
)
def test_reverts_in_messages(message: str, found: str) -> None:
    ids = {"a": "a" * 40, "b": "b" * 40, "c": "c" * 10, "d": "deadbeefcafe"}
    title, _, body = message.format(**ids).partition("\n\n")
    words = ["\x01" + "1" * 40, "2" * 40, "", "1772000000", title, body, "", ""]
    ((commit, tree),) = parse_log("\0".join(words).encode())
    assert commit.reverts == tuple(ids[name] for name in found)
    assert tree == "2" * 40


# -- work trees


def test_worktrees(repo: GitBuilder, tmp_path: Path) -> None:
    one = repo.worktree(tmp_path / "one", "f", new=True)
    repo.worktree(tmp_path / "two", "g", new=True)
    repo.worktree(tmp_path / "three", "h", new=True)
    repo.git("worktree", "add", "-q", "--detach", str(tmp_path / "new\nline"))
    repo.git("worktree", "lock", str(tmp_path / "two"))
    shutil.rmtree(tmp_path / "two")
    shutil.rmtree(tmp_path / "three")
    one.write("new.txt", "n\n").write("a.txt", "changed\n").write("ü/é.txt", "n\n")
    one.git("add", "a.txt")
    one.write(".gitignore", "*.log\n").write("x.log", "ignored\n")
    facts = read(one)
    trees = {tree.name: tree for tree in facts.worktrees}
    assert facts.root == str(repo.path)
    assert (trees["r"].main, trees["r"].branch, trees["r"].changes) == (True, "main", ())
    assert trees["one"].changes == (".gitignore", "a.txt", "new.txt", "ü/é.txt")
    assert (trees["two"].missing, trees["two"].locked, trees["two"].prunable) == (True, True, False)
    assert (trees["three"].missing, trees["three"].prunable) == (True, True)
    assert trees["new\nline"].detached
    assert [p.path for p in facts.problems] == [str(tmp_path / "three")]


def test_renamed_and_conflicting_paths(repo: GitBuilder) -> None:
    repo.checkout("f", new=True).commit("f", {"a.txt": "f\n"})
    repo.checkout("main").commit("m", {"a.txt": "m\n", "old name": "text that is long enough\n"})
    repo.git("merge", "-q", "f", check=False)
    repo.git("mv", "old name", "new name")
    assert read(repo).worktrees[0].changes == ("a.txt", "new name", "old name")


def test_places_inside_the_main_work_tree(repo: GitBuilder) -> None:
    """Work trees and other repositories below the root are no changes of the main one."""
    repo.worktree(repo.path / ".trees" / "one", "f", new=True).write("n.txt", "n\n")
    GitBuilder(repo.path / "nested").commit("Nested", {"x": "x\n"})
    GitBuilder(repo.path / "unborn").write("x", "x\n")
    trees = {tree.name: tree.changes for tree in read(repo).worktrees}
    assert trees["one"] == ("n.txt",)
    assert trees["r"] == ()


def test_many_worktrees(repo: GitBuilder, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("reconciler.observe.worktrees.MOST", 2)
    for number in range(3):
        repo.worktree(tmp_path / f"w{number}", f"f{number}", new=True).write("n", "n\n")
    facts = read(repo)
    assert [len(tree.changes) for tree in facts.worktrees] == [0, 1, 0, 0]
    assert [p.message for p in facts.problems] == ["uncommitted changes of 2 more work trees were not looked at"]

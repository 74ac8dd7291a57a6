"""Merges tried in an object store of their own: right answers, and a repository that stays as it was, byte by byte."""

from pathlib import Path

import pytest

from reconciler.model import BlobId, CommitId
from reconciler.observe.collisions import Clash, Trial, can_try, try_merges
from reconciler.observe.git import open_git
from tests.coordination.commands import World, surroundings
from tests.gitrepo import GitBuilder

LINES = "".join(f"{n}\n" for n in range(1, 41))


def tree(folder: Path) -> dict[str, bytes]:
    return {str(p.relative_to(folder)): p.read_bytes() for p in sorted(folder.rglob("*")) if p.is_file()}


def two(repo: GitBuilder, one: dict[str, str | None], other: dict[str, str | None]) -> None:
    """Branches "one" and "other" from the same commit."""
    for name, files in (("one", one), ("other", other)):
        repo.checkout(name, new=True, at="main").commit(name, files)
    repo.checkout("main")


def attempt(repo: GitBuilder, *, attributes: bool = False) -> Trial:
    with surroundings(repo.path):
        git = open_git(repo.path)
        rules = BlobId(repo.git("rev-parse", "main:.gitattributes")) if attributes else None
        before = tree(repo.path)
        trials = try_merges(git, [(CommitId(repo.id("one")), CommitId(repo.id("other")))], attributes=rules)
        assert tree(repo.path) == before
    return trials[0]


@pytest.fixture(params=["sha1", "sha256"])
def repo(tmp_path: Path, request: pytest.FixtureRequest) -> GitBuilder:
    repo = GitBuilder(tmp_path / 'a "b:c', object_format=request.param)
    repo.commit("Begin", {"a.txt": LINES, "b.txt": LINES})
    return repo


def test_hunks_are_counted(repo: GitBuilder) -> None:
    changes = [LINES.replace("\n10\n", f"\n{c}\n").replace("\n30\n", f"\n{c}\n") for c in "xy"]
    two(repo, {"a.txt": changes[0], "b.txt": "new\n" + LINES}, {"a.txt": changes[1], "b.txt": LINES + "end\n"})
    assert attempt(repo) == Trial((Clash("a.txt", "contents", 2),))


def test_changes_of_the_same_file_that_fit(repo: GitBuilder) -> None:
    two(repo, {"a.txt": "new\n" + LINES}, {"a.txt": LINES + "end\n"})
    assert attempt(repo) == Trial()


def test_what_is_no_matter_of_lines(repo: GitBuilder) -> None:
    repo.commit("A picture", {"p.bin": "\0one"})
    two(
        repo,
        {"a.txt": None, "p.bin": "\0two", "new\n\tname.txt": "x\n"},
        {"a.txt": LINES + "end\n", "p.bin": "\0three", "new\n\tname.txt": "y\n"},
    )
    found = {clash.path: (clash.kind, clash.hunks) for clash in attempt(repo).clashes}
    assert found["a.txt"] == ("modify/delete", 0)
    assert found["p.bin"][1] == 0
    assert found["new\n\tname.txt"] == ("contents", 1)


def test_a_file_that_holds_marks_is_not_counted_for_them(repo: GitBuilder) -> None:
    marks = "<<<<<<< HEAD\n" * 3
    two(repo, {"a.txt": marks + LINES.replace("\n30\n", "\nx\n")}, {"a.txt": LINES.replace("\n30\n", "\ny\n")})
    assert attempt(repo).clashes == (Clash("a.txt", "contents", 1),)


def test_without_a_common_ancestor_nothing_is_claimed(repo: GitBuilder) -> None:
    repo.checkout("one", new=True).commit("One", {"a.txt": "x\n"})
    repo.git("checkout", "-q", "--orphan", "other")
    repo.commit("Other", {"a.txt": "y\n"})
    trial = attempt(repo)
    assert (trial.clashes, bool(trial.why)) == ((), True)


def test_no_driver_of_the_repository_runs_but_union_counts(repo: GitBuilder, tmp_path: Path) -> None:
    canary = tmp_path / "ran"
    repo.commit("Rules", {".gitattributes": "a.txt merge=evil filter=evil\n[attr]x merge=evil\nb.txt merge=union\n"})
    change = [{"a.txt": LINES + c, "b.txt": LINES + c} for c in ("x\n", "y\n")]
    two(repo, *change)
    repo.git("config", "merge.evil.driver", f"touch '{canary}'; true")
    repo.git("config", "filter.evil.smudge", f"touch '{canary}'")
    assert attempt(repo, attributes=True).clashes == (Clash("a.txt", "contents", 1),)
    assert attempt(repo).clashes == (Clash("a.txt", "contents", 1), Clash("b.txt", "contents", 1))
    assert not canary.exists()


@pytest.mark.parametrize(("said", "can"), [("git version 2.37.9", False), ("git version 2.38.0", True),
                                           ("git version 2.39.3 (Apple Git-145)", True), ("git version 3.0.rc1", True),
                                           ("", False)])  # fmt: skip
def test_old_versions_cannot(said: str, can: bool) -> None:
    assert can_try(said) is can


def test_the_command_shows_who_collides(tmp_path: Path) -> None:
    world = World(tmp_path / "civ")
    world.commit("Begin", {"src/a.py": LINES, "src/b.py": LINES})
    middle = {name: LINES.replace("\n20\n", f"\n{name}\n") for name in ("boats", "ferries")}
    for name, files in (
        ("boats", {"src/a.py": middle["boats"], "src/b.py": "top\n" + LINES}),
        ("ferries", {"src/a.py": middle["ferries"], "src/b.py": LINES + "end\n"}),
        ("lamp", {"src/c.py": "on\n"}),
    ):
        world.checkout(f"feature/{name}", new=True, at="main").commit(name, files)
    world.checkout("main")
    before = tree(world.path / ".git" / "objects")
    document = world.swarm("conflicts", "--json").json
    found = [(p["ids"], p["result"], p["conflicts"], p["commonFiles"]) for p in document["pairs"]]
    clash = [{"path": "src/a.py", "kind": "contents", "hunks": 1}]
    assert found == [(["boats", "ferries"], "conflict", clash, ["src/a.py", "src/b.py"])]
    assert tree(world.path / ".git" / "objects") == before
    out = world.swarm("conflicts").out
    assert "conflict boats with ferries\n           src/a.py: 1 hunk\n" in out
    assert world.swarm("conflicts", "--most", "1", "--json").json["leftOut"] == 0


def test_no_conflict_is_said(tmp_path: Path) -> None:
    world = World(tmp_path / "civ")
    world.commit("Begin")
    assert world.swarm("conflicts").out == "No two branches in flight change the same file.\n"

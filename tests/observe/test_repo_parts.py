"""Understanding what git printed: reflogs, status, configuration, the choice of the base, patches."""

from pathlib import Path

import pytest

from reconciler.model import CommitId
from reconciler.observe.base import Ref, choose_base, short_name
from reconciler.observe.git import open_git
from reconciler.observe.patches import patch_ids
from reconciler.observe.reflogs import parse_reflogs
from reconciler.observe.worktrees import parse_config, parse_status, quiet_filters
from tests.gitrepo import GitBuilder

A, B, C = CommitId("a" * 40), CommitId("b" * 40), CommitId("c" * 40)


def test_reflogs() -> None:
    rows = [
        ("refs/heads/f@{300}", C, "rebase (finish): refs/heads/f onto " + A),
        ("refs/heads/f@{200}", B, "commit (amend): x"),
        ("refs/heads/f@{100}", A, "branch: Created from main"),
        ("refs/heads/g@{100}", A, "branch: Created from refs/remotes/origin/g"),
        ("refs/heads/h@{200}", A, "rebase (finish): refs/heads/h onto " + A),
        ("refs/heads/h@{100}", B, "branch: Created from HEAD"),
        ("refs/heads/i@{200}", B, "pull: Fast-forward"),
        ("refs/heads/i@{100}", A, "branch: Created from main"),
        ("refs/heads/main@{200}", B, "merge f: Fast-forward"),
        ("refs/heads/main@{100}", A, "commit (initial): start"),
    ]
    logs = {log.branch: log for log in parse_reflogs(rows)}
    assert (logs["f"].created, logs["f"].made) == (A, (C, B))
    assert (logs["g"].created, logs["g"].made) == (None, ())
    assert (logs["h"].created, logs["h"].made) == (B, ())
    assert (logs["i"].created, logs["i"].made) == (None, ())
    assert [(f.branch, f.old, f.new) for f in logs["main"].forwarded] == [("f", A, B)]


def test_status_rows() -> None:
    rows = [
        b"# branch.oid x",
        b"1 .M N... 100644 100644 100644 aaa bbb dir/with space",
        b"u UU N... 1 2 3 4 a b c both",
        b"? new\nline",
        b"? nested/",
        b"! ignored",
        b"",
    ]
    assert parse_status(b"\0".join(rows)) == ("both", "dir/with space", "new\nline")


def test_filters_are_emptied_by_name() -> None:
    config = parse_config(
        b"filter.a.b.clean\nx\0filter.a=b.process\ny\0FILTER.q.smudge\0filter.clean\nz\0filter..clean\nw\0core.x\n1"
    )
    names = sorted({name.rpartition(".")[0] for name, _ in quiet_filters(config)})
    assert names == ["filter.", "filter.a.b", "filter.a=b", "filter.q"]
    assert {value for name, value in quiet_filters(config) if not name.endswith(".required")} == {""}


@pytest.mark.parametrize(
    ("ref", "expected"),
    [
        ("refs/heads/feature/x", "feature/x"),
        ("refs/remotes/origin/feature/x", "feature/x"),
        ("refs/remotes/up/stream/x", "x"),
        ("refs/remotes/gone/x", "x"),
    ],
)
def test_short_names(ref: str, expected: str) -> None:
    assert short_name(ref, ["origin", "up", "up/stream"]) == expected


def test_head_of_a_remote_that_points_nowhere() -> None:
    refs = (Ref("refs/heads/main", A), Ref("refs/remotes/origin/HEAD", A, target="refs/remotes/origin/old"))
    choice = choose_base(refs, ["origin"], configured="", default="", head="")
    assert choice is not None
    assert (choice.branch, choice.why) == ("main", "its name")


def test_upstream_decides_between_remotes() -> None:
    refs = (
        Ref("refs/heads/main", A, upstream="refs/remotes/upstream/main"),
        Ref("refs/remotes/origin/main", B),
        Ref("refs/remotes/upstream/main", C),
    )
    choice = choose_base(refs, ["origin", "upstream"], configured="", default="", head="")
    assert choice is not None
    assert [ref.name for ref in choice.refs] == ["refs/heads/main", "refs/remotes/upstream/main"]


def test_patches(tmp_path: Path) -> None:
    """Equal where the same lines change in the same surroundings, wherever in the file they stand."""
    repo = GitBuilder(tmp_path / "r")
    start = repo.commit("Start", {"a": "".join(f"{n}\n" for n in range(40)), "bin": b"\0one", "sp": "a b\n"})
    repo.checkout("f", new=True)
    changed = repo.commit("Change", {"a": (repo.path / "a").read_text().replace("30\n", "thirty\n")})
    repo.checkout("main")
    moved = repo.commit("Move", {"a": "new\n" + (repo.path / "a").read_text()})
    same = repo.commit("Same", {"a": (repo.path / "a").read_text().replace("30\n", "thirty\n")})
    binary = repo.commit("Binary", {"bin": b"\0two"})
    other = repo.commit("Other", {"bin": b"\0three"})
    spaced = repo.commit("Spaced", {"sp": "a  b\n"})
    git = open_git(repo.path)
    pairs = [(start, changed), (moved, same), (same, binary), (binary, other), (other, spaced), (start, "1" * 40)]
    found = {patch.new: patch for patch in patch_ids(git, [(CommitId(o), CommitId(n)) for o, n in pairs])}
    assert found[CommitId(changed)].id == found[CommitId(same)].id
    assert len({patch.id for patch in found.values()}) == 4
    assert found[CommitId(changed)].lines == found[CommitId(same)].lines
    assert len(found[CommitId(changed)].lines) == 1  # "-30" is too short to say anything
    assert len(found) == 5  # what is not there hides no other

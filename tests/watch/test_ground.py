"""Which folders are watched, and which paths mean something."""

import os
from pathlib import Path

import pytest

from reconciler.watch.gitwork import is_at_work
from reconciler.watch.ground import Ground, Sieve, Spot, places, spots


@pytest.fixture
def top(tmp_path: Path) -> Path:
    top = tmp_path / "civ"
    for folder in (".git/refs/heads", ".git/refs/remotes", ".git/worktrees/w", ".swarm/plans", "docs/plans", "src"):
        (top / folder).mkdir(parents=True)
    return top


def ground(top: Path, *roots: str, folders: tuple[str, ...] = ()) -> Ground:
    return Ground(top / ".git", (top,), roots or (".swarm",), folders, top / ".swarm")


def shown(top: Path, place: Ground) -> list[str]:
    return [f"{s.path.removeprefix(str(top)) or '/'}{'/**' if s.deep else ''}" for s in spots(place)]


def test_folders_of_facts_and_those_above_them(top: Path) -> None:
    place = ground(top, ".swarm", "docs/plans", "specs", folders=("notes",))
    assert shown(top, place) == [
        "/", "/.git", "/.git/refs", "/.git/refs/heads/**", "/.git/refs/remotes/**", "/.git/worktrees/**",
        "/.swarm/**", "/docs", "/docs/plans/**",
    ]  # fmt: skip


def test_a_folder_of_a_folder_is_watched_once(top: Path) -> None:
    assert [s for s in shown(top, ground(top, "docs", "docs/plans", folders=("docs/plans",))) if "docs" in s] == [
        "/docs/**"
    ]


def test_links_are_not_entered(top: Path) -> None:
    (top / "specs").symlink_to(top / "docs")
    assert not any("specs" in spot for spot in shown(top, ground(top, "specs")))


def test_a_replaced_folder_has_another_identity(top: Path) -> None:
    before = spots(ground(top))
    (top / ".swarm").rename(top / "old")
    (top / ".swarm").mkdir()
    after = spots(ground(top))
    spot = Spot(str(top / ".swarm"), deep=True)
    assert before.keys() == after.keys()
    assert before[spot] != after[spot]


@pytest.mark.parametrize(
    ("inner", "expected"),
    [
        (".swarm/plans/x.md", True),
        (".swarm/plans/deep/x.md", True),
        (".swarm/queue/x.md", True),
        (".swarm/config.toml", True),
        (".swarm/archive/plans/x.md", True),
        (".swarm", True),
        ("docs/plans/x.md", True),
        ("docs", True),
        ("notes/a.md", True),
        ("notes/below/a.md", False),
        ("pyproject.toml", True),
        ("", True),
        ("src/app.py", False),
        ("README.md", False),
        (".swarm/plans/.x.md.swp", False),
        (".swarm/plans/x.md~", False),
        (".swarm/plans/.#x.md", False),
        (".swarm/plans/4913", False),
        (".swarm/.swarm-0123456789abcdef.tmp", False),
        (".git/HEAD", True),
        (".git/packed-refs", True),
        (".git/refs/heads/feature/x", True),
        (".git/refs/remotes/origin/x", True),
        (".git/refs/heads/feature/x.lock", False),
        (".git/refs/stash", False),
        (".git/worktrees/w", True),
        (".git/worktrees/w/HEAD", True),
        (".git/worktrees/w/index", False),
        (".git/worktrees/w/logs/HEAD", False),
        (".git/index", False),
        (".git/index.lock", False),
        (".git/COMMIT_EDITMSG", False),
        (".git/objects/ab/cd", False),
        (".git/swarm/claims/x/1", True),
        (".git/swarm/claims/x/seen", False),
        (".git/swarm/instances/s", False),
        (".git/swarm/cache/gate", False),
        (".git/swarm/watch.lock", False),
    ],
)
def test_what_is_news(top: Path, inner: str, expected: bool) -> None:
    sieve = Sieve(ground(top, ".swarm", "docs/plans", folders=("notes",)))
    assert sieve.is_news(str(top / inner)) is expected


def test_own_files_are_news_only_when_somebody_else_wrote_them(top: Path) -> None:
    registry = top / ".swarm/workstreams.json"
    sieve = Sieve(ground(top))
    registry.write_text("{}")
    (top / ".swarm/schemas").mkdir()
    assert sieve.is_news(str(registry))
    sieve.remember_own()
    assert not sieve.is_news(str(registry))
    assert not sieve.is_news(str(top / ".swarm/schemas"))
    registry.write_text("{ }")
    assert sieve.is_news(str(registry))
    sieve.remember_own()
    registry.unlink()
    assert sieve.is_news(str(registry))


def test_the_registry_of_another_work_tree_is_no_source(top: Path, tmp_path: Path) -> None:
    other = tmp_path / "other"
    sieve = Sieve(Ground(top / ".git", (top, other), (".swarm",), (), top / ".swarm"))
    assert not sieve.is_news(f"{other}/.swarm/workstreams.json")
    assert sieve.is_news(f"{other}/.swarm/plans/x.md")
    assert not sieve.is_news(f"{tmp_path}/elsewhere/.swarm/plans/x.md")


def test_a_work_tree_inside_another_one_speaks_for_itself(top: Path) -> None:
    inner = top / "trees/w"
    sieve = Sieve(Ground(top / ".git", (top, inner), (".swarm",), (), top / ".swarm"))
    assert sieve.is_news(f"{inner}/.swarm/plans/x.md")
    assert not sieve.is_news(f"{inner}/src/x.py")


def test_names_that_are_no_text(top: Path) -> None:
    name = os.fsdecode(b"\xff\xfe.md")
    assert Sieve(ground(top)).is_news(f"{top}/.swarm/plans/{name}")


@pytest.mark.parametrize("sign", ["index.lock", "rebase-merge", "worktrees/w/index.lock", "worktrees/w/MERGE_HEAD"])
def test_git_at_work(top: Path, sign: str) -> None:
    assert not is_at_work(top / ".git")
    (top / ".git" / sign).mkdir()
    assert is_at_work(top / ".git")


def test_the_kind_of_disk(tmp_path: Path) -> None:
    mounts = {"/": "ext4", str(tmp_path): "nfs4", str(tmp_path / "in"): "tmpfs"}
    assert [places(mounts, str(tmp_path / p)) for p in ("a", "in/b", "inner")] == ["nfs4", "tmpfs", "nfs4"]
    assert places(mounts, "/") == "ext4"

"""The gate answers only while nothing that a pass looks at has changed."""

from collections.abc import Callable
from pathlib import Path

import pytest

from reconciler import __version__, gate, gatekeeper
from reconciler.cli.app import run
from tests.gitrepo import GitBuilder, sealed

PLAN = "# Plan: {0}\n\n## Phase 1: a\n\n- [ ] `src/{0}.py`\n"


@pytest.fixture
def repo(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> GitBuilder:
    """A repository whose pass is recorded; the sealed environment is this process's too."""
    made = GitBuilder(tmp_path / "repo")
    for name, value in sealed(tmp_path).items():
        monkeypatch.setenv(name, value)
    monkeypatch.setattr(gatekeeper, "YOUNG", 0)  # no test waits until its files are old
    made.write(".swarm/plans/2026-03-02-fog.md", PLAN.format("fog")).commit("Plan fog")
    made.branch("feature/fog").checkout("feature/fog").write("src/fog.py", "fog = 1\n").commit("fog: begin")
    made.checkout("main").worktree(tmp_path / "fog-tree", "feature/fog")
    return made


def ask(repo: GitBuilder, *words: str) -> int:
    return run(["-C", str(repo.path), *words])


def is_answered(repo: GitBuilder, *words: str) -> bool:
    return gate.answer(["-C", str(repo.path), *words]) == 0


def recorded(repo: GitBuilder) -> None:
    """The second pass writes nothing, so its answer is kept."""
    assert ask(repo, "reconcile") == 0
    assert ask(repo, "reconcile") == 0
    assert ask(repo, "status", "--json") == 0
    assert is_answered(repo, "reconcile") and is_answered(repo, "status", "--json")


def test_unchanged_gives_the_same_bytes_as_a_pass(repo: GitBuilder, capfdbinary: pytest.CaptureFixture[bytes]) -> None:
    recorded(repo)
    capfdbinary.readouterr()
    assert ask(repo, "status", "--json") == 0
    passed = capfdbinary.readouterr().out
    assert is_answered(repo, "status", "--json")
    assert capfdbinary.readouterr().out == passed
    assert b'"swarm.workstreams/1"' in passed


CHANGES: dict[str, Callable[[GitBuilder], object]] = {
    "an artifact is edited": lambda r: r.write(".swarm/plans/2026-03-02-fog.md", "# Plan: Other\n"),
    "an artifact is added": lambda r: r.write(".swarm/research/2026-03-02-maps.md", "# Research: Maps\n"),
    "an artifact is removed": lambda r: (r.path / ".swarm/plans/2026-03-02-fog.md").unlink(),
    "an artifact in another layout": lambda r: r.write("specs/001-maps/spec.md", "# Maps\n"),
    "an artifact in a linked work tree": lambda r: _write(r.path.parent / "fog-tree/.swarm/reviews/2026-03-03-fog.md"),
    "source in a linked work tree": lambda r: _write(r.path.parent / "fog-tree/src/more.py"),
    "an intent": lambda r: r.write(".swarm/queue/2026-03-02-idea.md", "---\ntitle: Idea\n---\n"),
    "configuration": lambda r: r.write(".swarm/config.toml", "archive_after = 5\n"),
    "a rule": lambda r: r.write(".swarm/rules/drift.toml", ""),
    "a branch": lambda r: r.branch("feature/new"),
    "a commit": lambda r: r.write("src/x.py", "x\n").commit("x"),
    "a merge": lambda r: r.merge("feature/fog"),
    "another branch is checked out": lambda r: r.checkout("other", new=True),
    "a claim": lambda r: run(["-C", str(r.path), "claim", "fog", "--session", "s-1"]),
}


@pytest.mark.parametrize("change", CHANGES, ids=lambda name: name.replace(" ", "-"))
def test_any_change_needs_a_pass(repo: GitBuilder, change: str) -> None:
    recorded(repo)
    CHANGES[change](repo)
    assert not is_answered(repo, "status", "--json")
    assert not is_answered(repo, "reconcile")


def test_a_lost_output_needs_a_pass_that_writes_it_again(repo: GitBuilder) -> None:
    recorded(repo)
    written = repo.path / ".swarm/workstreams.json"
    before = written.read_bytes()
    written.unlink()
    assert not is_answered(repo, "reconcile")
    assert ask(repo, "reconcile") == 0
    assert written.read_bytes() == before


def test_what_changed_while_the_pass_looked_is_not_recorded(repo: GitBuilder, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(gatekeeper, "YOUNG", 2_000_000_000)
    assert ask(repo, "status", "--json") == 0
    assert not is_answered(repo, "status", "--json")


@pytest.mark.parametrize("damage", [b"", b"12:", b"99999999999999:x,", b"12:swarm-gate 9,", b"\0" * 400])
def test_a_damaged_record_is_no_answer(repo: GitBuilder, damage: bytes) -> None:
    recorded(repo)
    (repo.path / ".git/swarm/cache/gate").write_bytes(damage)
    assert not is_answered(repo, "reconcile")
    assert ask(repo, "reconcile") == 0


def test_a_torn_answer_is_never_signed_again(repo: GitBuilder) -> None:
    recorded(repo)
    torn = repo.path / ".git/swarm/cache/status.json"
    torn.write_bytes(torn.read_bytes()[:-10])
    assert not is_answered(repo, "reconcile")
    assert ask(repo, "reconcile") == 0  # keeps its own answer anew
    assert is_answered(repo, "reconcile")
    assert not is_answered(repo, "status", "--json")


def test_a_record_behind_a_link_is_no_answer(repo: GitBuilder) -> None:
    recorded(repo)
    record = repo.path / ".git/swarm/cache/gate"
    record.rename(repo.path / "elsewhere")
    record.symlink_to(repo.path / "elsewhere")
    assert not is_answered(repo, "reconcile")


def test_other_surroundings_and_other_questions_need_a_pass(repo: GitBuilder, monkeypatch: pytest.MonkeyPatch) -> None:
    recorded(repo)
    assert not is_answered(repo, "status")
    assert not is_answered(repo, "status", "--json", "--status", "ready")
    assert not is_answered(repo, "reconcile", "--base", "other")
    monkeypatch.setenv("SWARM_BASE", "feature/fog")
    assert not is_answered(repo, "status", "--json")


def test_an_answer_that_is_not_of_this_record_is_none(repo: GitBuilder) -> None:
    recorded(repo)
    repo.write(".swarm/research/2026-03-02-maps.md", "# Research: Maps\n")
    assert ask(repo, "reconcile") == 0
    assert ask(repo, "reconcile") == 0  # a record of the new world, beside the old answer to the other question
    assert is_answered(repo, "reconcile")
    assert not is_answered(repo, "status", "--json")


def test_a_record_that_came_with_a_copy_runs_nothing(repo: GitBuilder, tmp_path: Path) -> None:
    recorded(repo)
    cache = repo.path / ".git/swarm/cache"
    canary = tmp_path / "canary"
    world = [gate.MAGIC, __version__.encode(), b"0", b"9e9", gate.environment(), b"", b"1"]
    fields = [*world, b"\0".join([b"/bin/sh", b"-c", f"touch '{canary}'".encode()]), b"", b"", b"", b""]
    (cache / "gate").write_bytes(b"".join(b"%d:%s," % (len(field), field) for field in fields))
    assert not is_answered(repo, "status", "--json")
    assert not canary.exists()


def test_the_environment_is_not_kept(repo: GitBuilder, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("DEPLOY_TOKEN", "hunter2")
    recorded(repo)
    assert not [file.name for file in (repo.path / ".git/swarm/cache").iterdir() if b"hunter2" in file.read_bytes()]


def test_a_dated_document_in_any_folder_is_watched(repo: GitBuilder) -> None:
    for number in range(3):
        repo.write(f"docs/plans/2026-03-0{number + 3}-thing{number}.md", PLAN.format(f"thing{number}"))
    repo.commit("Plans")
    recorded(repo)
    repo.write("docs/plans/2026-03-03-thing0.md", "# Plan: Other\n")
    assert not is_answered(repo, "status", "--json")


def test_the_target_of_a_link_is_watched(repo: GitBuilder) -> None:
    repo.write("notes/maps.md", "# Plan: Maps\n")
    (repo.path / ".swarm/plans/2026-03-04-maps.md").symlink_to("../../notes/maps.md")
    recorded(repo)
    repo.write("notes/maps.md", "# Plan: Atlas\n")
    assert not is_answered(repo, "status", "--json")


def test_deleting_the_cache_costs_nothing_but_time(repo: GitBuilder, capfdbinary: pytest.CaptureFixture[bytes]) -> None:
    recorded(repo)
    capfdbinary.readouterr()
    assert is_answered(repo, "status", "--json")
    kept = capfdbinary.readouterr().out
    for file in (repo.path / ".git/swarm/cache").iterdir():
        file.unlink()
    assert not is_answered(repo, "status", "--json")
    assert ask(repo, "status", "--json") == 0
    assert capfdbinary.readouterr().out == kept


def _write(path: Path) -> None:
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_text("# Text\n", "utf-8")

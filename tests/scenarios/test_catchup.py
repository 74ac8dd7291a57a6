"""A pass that amends what the last one left writes the files that a cold pass writes, or leaves it to a full pass."""

import json
import os
import re
import shutil
from collections.abc import Callable, Sequence
from datetime import datetime, timedelta
from pathlib import Path
from random import Random

import pytest

from reconciler.again import catchup, ledger
from reconciler.again.catchup import Passed
from reconciler.cli.app import run
from reconciler.errors import SwarmError
from reconciler.observe import held
from reconciler.observe.git import open_git
from reconciler.publish import store
from reconciler.publish.projections import project
from reconciler.reconcile import look
from reconciler.written import recall_written
from tests.gitrepo import GitBuilder
from tests.machine.people import own_bytes
from tests.scenarios.replay import Scenario, scenarios

EACH = pytest.mark.parametrize("each", scenarios(), ids=lambda each: each.name)
NOW = datetime.now().astimezone()
Edit = Callable[[str, Random], str]


@pytest.fixture(autouse=True)
def _files_are_old_at_once(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(held, "SETTLED", 0)


def reconcile(place: Path, *, now: datetime = NOW) -> Passed:
    return catchup.run(place, env={}, now=now)


def is_right(place: Path, *, now: datetime = NOW) -> bool:
    """Are our files those that a pass would write that remembers nothing?"""
    aside = place.parent / "aside"
    common = open_git(place).common_dir / "swarm/cache"
    shutil.rmtree(aside, ignore_errors=True)
    common.rename(aside)
    seen = look(place, env={})
    files = project(seen.view, now=now, archive_after_days=seen.config.archive_after)
    shutil.rmtree(common, ignore_errors=True)
    aside.rename(common)
    return own_bytes(seen.target) == {n: data for n, data in files.items() if not n.startswith("schemas/")}


def documents(place: Path) -> list[Path]:
    seen = look(place, env={})
    trees = [tree.path for tree in seen.facts.worktrees if not tree.missing]
    paths = sorted({document.path for document in seen.snapshot.documents})
    found = [Path(tree, path) for tree in trees for path in paths]
    return [path for path in found if path.is_file() and not path.is_symlink()]


def _ticked(text: str, chance: Random) -> str:
    return text.replace("- [ ]", "- [x]", 1) if "- [ ]" in text else text.replace("- [x]", "- [ ]", 1)


def _status(text: str, chance: Random) -> str:
    words = chance.choice(("Draft", "In Progress", "Complete", "Ready for Implementation"))
    return re.sub(r"(?m)^(\*\*Status\*\*:|status:) .*$", rf"\1 {words}", text)


def _line_above(text: str, chance: Random) -> str:
    lines = text.splitlines(keepends=True)
    at = chance.randrange(len(lines) + 1)
    return "".join([*lines[:at], "One more line.\n", *lines[at:]])


EDITS: dict[str, Edit] = {
    "a line at the end": lambda text, chance: f"{text}\nIt goes well.\n",
    "a box at the end": lambda text, chance: f"{text}- [ ] one more\n",
    "a box is ticked": _ticked,
    "another status": _status,
    "a line somewhere": _line_above,
    "a phase": lambda text, chance: f"{text}\n## Phase 9: More\n\n- [x] `src/more.py` (new)\n",
    "a dependency": lambda text, chance: f"{text}\n## Dependencies\n\n- fog-of-war\n",
    "another title": lambda text, chance: re.sub(r"(?m)^# .*$", "# Plan: Something else", text, count=1),
}


def edited(there: Sequence[Path], how: Edit, chance: Random) -> list[Path]:
    """Edit two of these documents, or as many as there are; which."""
    paths = chance.sample(there, min(2, len(there)))
    for path in paths:
        text = path.read_bytes().decode("utf-8", "surrogateescape")
        path.write_bytes(how(text, chance).encode("utf-8", "surrogateescape"))
    return paths


@EACH
def test_what_is_amended_is_what_a_cold_pass_says(each: Scenario, tmp_path: Path) -> None:
    place = each.build(tmp_path / "repo")
    chance = Random(each.name)
    try:
        reconcile(place)
    except SwarmError:
        pytest.skip("nothing can be written here")
    there = documents(place)
    for name in chance.sample(list(EDITS), 4):
        reconcile(place)  # the same is met a second time
        edited(there, EDITS[name], chance)
        reconcile(place)
        assert is_right(place), name


@pytest.fixture
def fog(tmp_path: Path) -> GitBuilder:
    """A repository of four plans whose ledger is kept, and whose work tree has a change."""
    repo = GitBuilder(tmp_path / "repo")
    for name, before in (("fog", "maps"), ("maps", "none"), ("rain", "fog"), ("snow", "none")):
        text = f"# Plan: {name.title()} of war\n\n**Status**: Draft\n\n## Phase 1: It\n\n- [ ] do it\n"
        repo.write(f".swarm/plans/2026-03-02-{name}.md", f"{text}\n## Dependencies\n\n- {before}\n")
    repo.commit("Plans")
    repo.branch("feature/fog").checkout("feature/fog").write("src/fog.py", "fog = 1\n").commit("fog")
    repo.checkout("main").worktree(tmp_path / "fog-tree", "feature/fog").write("notes.txt", "x")
    (repo.path / plan("snow")).write_text((repo.path / plan("snow")).read_text() + "- [ ] x\n")
    reconcile(repo.path)
    reconcile(repo.path)
    assert ledger.read_ledger(repo.path / ".git") is not None
    return repo


def plan(name: str) -> str:
    return f".swarm/plans/2026-03-02-{name}.md"


def edit(repo: GitBuilder, name: str, old: str, new: str) -> None:
    path = repo.path / plan(name)
    text = path.read_text()
    assert old in text
    path.write_text(text.replace(old, new))


QUICK: dict[str, Callable[[GitBuilder], object]] = {
    "a box": lambda r: edit(r, "snow", "- [ ] do it", "- [x] do it"),
    "a status": lambda r: edit(r, "snow", "Draft", "Ready for Implementation"),
    "lines above a dependency": lambda r: edit(r, "rain", "## Phase 1", "Some words.\n\n## Phase 1"),
    "a dependency on nobody": lambda r: edit(r, "rain", "- fog\n", "- fog\n- the weather\n"),
    "several at once": lambda r: [edit(r, n, "- [ ] do it", "- [x] do it") for n in ("fog", "maps", "rain")],
    "its own work tree": lambda r: _add(r.path.parent / "fog-tree" / plan("fog"), "\n## Phase 2: More\n\n- [ ] x\n"),
    "source in a work tree": lambda r: (r.path.parent / "fog-tree/src/fog.py").write_text("fog = 2\n"),
}


@pytest.mark.parametrize("change", QUICK)
def test_few_words_need_no_full_pass(fog: GitBuilder, change: str) -> None:
    QUICK[change](fog)
    assert reconcile(fog.path).seen is None
    assert is_right(fog.path)


def test_the_full_pass_after_it_knows_what_was_written(fog: GitBuilder) -> None:
    edit(fog, "snow", "Draft", "Ready for Implementation")
    quick = reconcile(fog.path)
    assert quick.seen is None
    assert [(move.id, move.old, move.new) for move in quick.outcome.moves] == [("snow", "planning", "ready")]
    target = fog.path / ".swarm"
    last = recall_written(fog.path / ".git", target)
    assert last is not None
    assert last.states == store.previous(target)
    assert store.holds(target, last.digests)
    fog.branch("feature/more")  # another ref: nothing of it moves, and snow did already
    full = reconcile(fog.path)
    assert full.seen is not None
    assert full.outcome.moves == ()


def test_one_after_the_other(fog: GitBuilder) -> None:
    for number in range(4):
        edit(fog, "snow", "- [ ] x\n", f"- [x] {number}\n- [ ] x\n")
        passed = reconcile(fog.path)
        assert passed.seen is None
        assert passed.outcome.written == ("workstreams.json",)
        assert is_right(fog.path)


def test_what_moved_is_said(fog: GitBuilder) -> None:
    edit(fog, "snow", "Draft", "Ready for Implementation")
    quick = reconcile(fog.path)
    assert quick.seen is None
    assert [(m.id, m.old, m.new) for m in quick.outcome.moves] == [("snow", "planning", "ready")]
    assert quick.workstreams == 4


FULL: dict[str, Callable[[GitBuilder], object]] = {
    "nothing but the time of a file": lambda r: os.utime(r.path / plan("snow")),
    "another title": lambda r: edit(r, "snow", "Snow of war", "Hail"),
    "a dependency": lambda r: edit(r, "snow", "- none", "- maps"),
    "a dependency less": lambda r: edit(r, "rain", "- fog", "- nothing"),
    "a file to create": lambda r: edit(r, "snow", "do it", "`src/snow.py` (new)"),
    "a document more": lambda r: r.write(".swarm/research/2026-03-02-snow.md", "# Research: Snow\n"),
    "a document less": lambda r: (r.path / plan("snow")).unlink(),
    "a document is a link": lambda r: (
        (r.path / plan("snow")).unlink(),
        (r.path / plan("snow")).symlink_to("2026-03-02-maps.md"),
    ),
    "a commit": lambda r: r.git("commit", "-aqm", "All of it"),
    "a branch": lambda r: r.branch("feature/snow"),
    "an intent": lambda r: r.write(".swarm/queue/2026-03-02-idea.md", "---\ntitle: Idea\n---\n"),
    "configuration": lambda r: r.write(".swarm/config.toml", "archive_after = 5\n"),
    "a rule": lambda r: r.write(".swarm/rules/drift.toml", "[[drift]]\nid = 'says-merged'\noff = true\n"),
    "a work tree": lambda r: r.git("worktree", "add", "-q", "-b", "more", str(r.path.parent / "more")),
    "our own file": lambda r: _add(r.path / ".swarm/queue.json", "\n"),
    "our own file is gone": lambda r: (r.path / ".swarm/workstreams.json").unlink(),
    "the ledger is cut": lambda r: _cut(r.path / ".git/swarm/cache/ledger"),
    "front matter that is no YAML": lambda r: edit(r, "snow", "# Plan", "---\na: [\n---\n# Plan"),
}


def _add(path: Path, text: str) -> None:
    path.write_text(path.read_text() + text)


def _cut(path: Path) -> None:
    path.write_bytes(path.read_bytes()[:-10])


@pytest.mark.parametrize("change", FULL)
def test_what_may_reach_further_needs_a_full_pass(fog: GitBuilder, change: str) -> None:
    FULL[change](fog)
    assert reconcile(fog.path).seen is not None
    assert is_right(fog.path)


def test_nothing_changed_is_for_a_full_pass_that_tells_the_gate(fog: GitBuilder) -> None:
    assert reconcile(fog.path).seen is not None


def test_a_day_when_something_leaves_for_the_archive(fog: GitBuilder) -> None:
    fog.git("stash", "-q")
    fog.merge("feature/fog")
    soon, late = fog.now + timedelta(days=1), fog.now + timedelta(days=40)
    for _ in range(2):
        edit(fog, "snow", "- [ ] do it", "- [ ] do it\n- [ ] more")
        reconcile(fog.path, now=soon)
    edit(fog, "snow", "- [ ] more", "- [x] more")
    assert reconcile(fog.path, now=soon).seen is None
    assert is_right(fog.path, now=soon)
    edit(fog, "snow", "- [ ] do it", "- [x] do it")
    assert reconcile(fog.path, now=late).seen is not None
    assert is_right(fog.path, now=late)
    assert list((fog.path / ".swarm/archive").iterdir())


def test_claims_are_told_while_documents_change(fog: GitBuilder) -> None:
    assert run(["-C", str(fog.path), "claim", "snow", "--session", "one"]) == 0
    for number in range(3):
        edit(fog, "snow", "- [ ] x\n", f"- [x] {number}\n- [ ] x\n")
        passed = reconcile(fog.path)
        assert is_right(fog.path)
    assert passed.seen is None
    assert json.loads((fog.path / ".swarm/instances.json").read_bytes())["instances"][0]["workingOn"] == "snow"
    assert reconcile(fog.path).outcome.written == ()  # nothing changed, and the gate does not answer beside a claim

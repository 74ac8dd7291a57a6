"""A pass that reads only what was touched writes the files that a cold pass writes, or leaves it to a full pass."""

import os
from contextlib import suppress
from pathlib import Path
from random import Random

import pytest

from reconciler import reconcile
from reconciler.again.touched import FEW, follow
from reconciler.errors import SwarmError
from reconciler.reconcile import Kept, Look
from tests.gitrepo import GitBuilder
from tests.scenarios.replay import Scenario
from tests.scenarios.test_catchup import EACH, EDITS, FULL, NOW, documents, edit, edited, is_right, plan


class Watch:
    """What a watcher keeps, without its loop."""

    def __init__(self, place: Path) -> None:
        self.place, self.kept = place, Kept(go_on=True)
        self.everything()

    def everything(self) -> None:
        reconcile.run(self.place, env={}, now=NOW, kept=self.kept)

    def hear(self, *paths: Path) -> Look | None:
        return follow(self.kept, {os.path.realpath(path.parent) + f"/{path.name}" for path in paths}, now=NOW)


@EACH
def test_what_is_reread_is_what_a_cold_pass_says(each: Scenario, tmp_path: Path) -> None:
    place = each.build(tmp_path / "repo")
    chance = Random(each.name)
    try:
        watch = Watch(place)
    except SwarmError:
        pytest.skip("nothing can be written here")
    there = documents(place)
    for name in chance.sample(list(EDITS), 4):
        if watch.hear(*edited(there, EDITS[name], chance)) is None:
            watch.everything()
        assert is_right(place), name


@pytest.fixture
def fog(tmp_path: Path) -> GitBuilder:
    """Four plans, and a linked work tree; both trees have a change that is no document."""
    repo = GitBuilder(tmp_path / "repo")
    for name, before in (("fog", "maps"), ("maps", "none"), ("rain", "fog"), ("snow", "none")):
        text = f"# Plan: {name.title()} of war\n\n**Status**: Draft\n\n## Phase 1: It\n\n- [ ] do it\n"
        repo.write(plan(name), f"{text}\n## Dependencies\n\n- {before}\n")
    repo.commit("Plans")
    repo.branch("feature/fog").worktree(tmp_path / "fog-tree", "feature/fog").write("notes.txt", "x")
    repo.write("notes.txt", "x")
    return repo


QUICK = {
    "a box": ("- [ ] do it", "- [x] do it"),
    "a status": ("Draft", "Ready for Implementation"),
    "a dependency": ("- none", "- maps"),
    "another title": ("Snow of war", "Hail"),
    "a file to create": ("do it", "`src/snow.py` (new)"),
}


@pytest.mark.parametrize("change", QUICK)
def test_a_touched_document_is_read_and_no_other(fog: GitBuilder, change: str) -> None:
    watch, (old, new) = Watch(fog.path), QUICK[change]
    for before, now in ((old, new), (new, f"{new}, more")):
        edit(fog, "snow", before, now)
        assert watch.hear(fog.path / plan("snow")) is not None
        assert is_right(fog.path)


def test_what_head_says_again_needs_a_full_pass(fog: GitBuilder) -> None:
    watch = Watch(fog.path)
    edit(fog, "snow", "- [ ] do it", "- [x] do it")
    assert watch.hear(fog.path / plan("snow")) is not None
    edit(fog, "snow", "- [x] do it", "- [ ] do it")
    assert watch.hear(fog.path / plan("snow")) is None


def test_a_document_of_a_linked_work_tree(fog: GitBuilder) -> None:
    watch, path = Watch(fog.path), fog.path.parent / "fog-tree" / plan("fog")
    path.write_text(path.read_text() + "\n## Phase 2: More\n\n- [ ] x\n")
    assert watch.hear(path) is not None
    assert is_right(fog.path)
    path.write_text(path.read_text().replace("- [ ]", "- [x]"))
    assert watch.hear(path, fog.path / plan("fog")) is not None
    assert is_right(fog.path)


def test_full_passes_and_quick_ones_in_turn(fog: GitBuilder) -> None:
    watch = Watch(fog.path)
    for number in range(6):
        edit(fog, "snow", "- [ ] do it", f"- [x] {number}\n- [ ] do it")
        if number % 2:
            watch.everything()
        else:
            assert watch.hear(fog.path / plan("snow")) is not None
        assert is_right(fog.path)


LEFT = {
    "a document less": lambda r: (r.path / plan("snow")).unlink(),
    "a document is a link": FULL["a document is a link"],
    "front matter that is no YAML": FULL["front matter that is no YAML"],
    "our own file is gone": FULL["our own file is gone"],
}


@pytest.mark.parametrize("change", LEFT)
def test_what_is_more_than_words_needs_a_full_pass(fog: GitBuilder, change: str) -> None:
    watch = Watch(fog.path)
    LEFT[change](fog)
    written = (fog.path / ".swarm/instances.json").read_bytes()
    assert watch.hear(fog.path / plan("snow")) is None
    assert (fog.path / ".swarm/instances.json").read_bytes() == written
    watch.everything()
    assert is_right(fog.path)


def test_what_another_process_wrote_is_not_written_over(fog: GitBuilder) -> None:
    watch = Watch(fog.path)
    fog.branch("feature/snow")
    fog.git("commit", "-qam", "All of it", "--allow-empty")
    edit(fog, "rain", "Draft", "Complete")
    reconcile.run(fog.path, env={}, now=NOW)
    edit(fog, "snow", "- [ ] do it", "- [x] do it")
    assert watch.hear(fog.path / plan("snow")) is None


def test_the_first_change_of_a_work_tree_needs_a_full_pass(fog: GitBuilder) -> None:
    (fog.path / "notes.txt").unlink()
    fog.commit("Our files")
    watch = Watch(fog.path)
    fog.git("add", "-A")
    fog.git("commit", "-qm", "What was written")
    watch.everything()
    edit(fog, "snow", "- [ ] do it", "- [x] do it")
    assert watch.hear(fog.path / plan("snow")) is None


@pytest.mark.parametrize("inner", ["src/app.py", ".swarm/plans", ".swarm/plans/2026-03-02-new.md", ".git/HEAD"])
def test_what_is_no_known_document_needs_a_full_pass(fog: GitBuilder, inner: str) -> None:
    assert Watch(fog.path).hear(fog.path / plan("snow"), fog.path / inner) is None


@pytest.mark.parametrize("gone", [".git", "."])
def test_a_repository_that_is_gone_is_not_begun_again(fog: GitBuilder, gone: str, tmp_path: Path) -> None:
    watch, place = Watch(fog.path), (fog.path / gone).resolve()
    path = fog.path / plan("snow")
    place.rename(tmp_path / "elsewhere")
    with suppress(SwarmError):
        assert watch.hear(path) is None
    assert not place.exists()


def test_many_documents_need_a_full_pass(fog: GitBuilder) -> None:
    names = [plan(f"more-{number}") for number in range(FEW + 1)]
    for name in names:
        fog.write(name, "# Plan: More\n")
    watch = Watch(fog.path)
    assert watch.hear(*(fog.path / name for name in names)) is None
    assert watch.hear(*(fog.path / name for name in names[1:])) is not None

"""The state machine: hypothesis chooses what happens and who looks; every look is compared with a cold pass.

The long form: ``python -m tests.machine --minutes 20``. An example that fails is shrunk to the shortest that does.
"""

import os
import shutil
import tempfile
from contextlib import ExitStack
from pathlib import Path

from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, initialize, invariant, precondition, rule

from reconciler.watch.loop import Touched
from tests.machine.people import STATUS, People, own_bytes, surroundings
from tests.machine.world import BRANCHES, CONFIGS, HEADS, INTENTS, KINDS, RULES, SLUGS, World

tree, slug, branch, kind = st.integers(0, 2), st.sampled_from(SLUGS), st.sampled_from(BRANCHES), st.sampled_from(KINDS)
commits = st.sampled_from(("HEAD", "HEAD~1", "main", *BRANCHES))


class Machine(RuleBasedStateMachine):
    """Anything happens, and the files that are kept are those that a cold pass writes."""

    def __init__(self) -> None:
        super().__init__()
        self._open = ExitStack()
        top = Path(self._open.enter_context(tempfile.TemporaryDirectory(prefix="swarm-machine-")))
        self._open.enter_context(surroundings(top))
        self.world = World(top)
        self.people = People(self.world)
        self.missed = 0  # looks that nobody takes
        self.touched = Touched()  # all that a watcher hears of, when that is known

    def teardown(self) -> None:
        self.missed = 0
        try:
            self.every_look_is_right()
        finally:
            self._open.close()

    @initialize(looker=st.sampled_from(("watch", "command")))
    def begin(self, looker: str) -> None:
        self.looker = looker

    @invariant()
    def every_look_is_right(self) -> None:
        """Somebody looks; status and files are those of a cold pass."""
        if self.missed > 0:
            self.missed -= 1
            return
        self.world.settle()
        self._look()
        files, said = own_bytes(self.world.repo.path / ".swarm"), self.people.command(*STATUS)
        right, written = self.people.cold()
        assert said == right and said[0] != 70
        if said[0] == 0:
            assert files == written
        self.world.settle()

    def _look(self) -> None:
        looker = getattr(self, "looker", "command")
        touched, self.touched = self.touched, Touched()
        if looker == "watch":
            self.people.watch(touched)
        elif looker == "hook":
            self.people.hook()
        else:
            self.people.command("reconcile")
            assert self.people.command("reconcile", "--check")[0] in (0, 2, 7)  # a second pass writes nothing

    @rule(looker=st.sampled_from(("watch", "hook", "command")))
    def another_looks(self, looker: str) -> None:
        self.looker = looker

    @rule(count=st.integers(1, 4))
    def looks_are_missed(self, count: int) -> None:
        self.missed = count + 1

    @rule()
    def the_watcher_is_killed(self) -> None:
        self.people.kill()

    # -- documents

    @rule(tree=tree, kind=kind, slug=slug, other=slug, head=st.integers(0, len(HEADS) - 1), done=st.integers(0, 3))
    def a_document_is_written(self, tree: int, kind: str, slug: str, other: str, head: int, done: int) -> None:
        self.world.write(tree, kind, slug, other, head, done)

    @rule(tree=tree, kind=kind, slug=slug)
    def boxes_are_turned_in_place(self, tree: int, kind: str, slug: str) -> None:
        self.world.same_size(tree, kind, slug)

    @rule(words=st.lists(st.tuples(tree, st.integers(0, 9), st.integers(0, 9)), min_size=3, max_size=6))
    def words_are_changed_one_after_the_other(self, words: list[tuple[int, int, int]]) -> None:
        for turn, (tree, number, how) in enumerate(words):
            path = self.world.word(tree, number, how)
            if turn and path and not self.missed:  # all that was done before was seen
                self.touched = Touched((os.path.realpath(path),))
            self.every_look_is_right()

    @rule(tree=tree, kind=kind, slug=slug)
    def a_document_is_removed(self, tree: int, kind: str, slug: str) -> None:
        self.world.remove(tree, kind, slug)

    @rule(tree=tree, kind=kind, slug=slug, to=kind)
    def a_document_is_moved(self, tree: int, kind: str, slug: str, to: str) -> None:
        self.world.move(tree, kind, slug, to)

    @rule(tree=tree, one=slug, other=slug)
    def two_documents_change_places(self, tree: int, one: str, other: str) -> None:
        self.world.swap(tree, one, other)

    @rule(tree=tree, slug=slug, to=slug)
    def a_document_is_a_link(self, tree: int, slug: str, to: str) -> None:
        self.world.link(tree, slug, to)

    @rule(slug=slug, other=slug, words=st.integers(0, len(INTENTS) - 1))
    def an_idea_is_noted(self, slug: str, other: str, words: int) -> None:
        self.world.intent(slug, other, words)

    @rule(number=st.integers(0, len(CONFIGS) - 1))
    def it_is_configured(self, number: int) -> None:
        self.world.configure(number)

    @rule(number=st.integers(0, len(RULES) - 1))
    def a_rule_is_changed(self, number: int) -> None:
        self.world.rule(number)

    @rule()
    def the_folder_goes_away_or_comes_back(self) -> None:
        self.world.away()

    # -- git

    @rule(tree=tree, slug=slug)
    def source_is_written(self, tree: int, slug: str) -> None:
        self.world.source(tree, slug)

    @rule(tree=tree, slug=slug, old=st.booleans())
    def work_is_committed(self, tree: int, slug: str, old: bool) -> None:
        self.world.source(tree, slug)
        self.world.commit(tree, slug, old=old)

    @rule(tree=tree, slug=slug)
    def documents_are_committed(self, tree: int, slug: str) -> None:
        self.world.commit(tree, slug, old=False)

    @rule(name=branch, at=commits)
    def a_branch_is_made(self, name: str, at: str) -> None:
        self.world.branch(name, at)

    @rule(name=branch)
    def a_branch_is_deleted(self, name: str) -> None:
        self.world.delete(name)

    @rule(tree=tree, name=st.sampled_from(("main", *BRANCHES)))
    def a_branch_is_checked_out(self, tree: int, name: str) -> None:
        self.world.checkout(tree, name)

    @rule(name=branch, how=st.sampled_from(("no-ff", "ff", "squash", "pick", "rebase")))
    def a_branch_is_merged(self, name: str, how: str) -> None:
        self.world.merge(name, how)

    @rule()
    def the_last_commit_is_reverted(self) -> None:
        self.world.revert()

    @rule(to=commits)
    def the_branch_is_reset(self, to: str) -> None:
        self.world.reset(to)

    @rule()
    def the_last_commit_is_amended(self) -> None:
        self.world.amend()

    @rule(name=branch, at=commits)
    def a_remote_branch_is_fetched(self, name: str, at: str) -> None:
        self.world.remote(name, at)

    @rule(what=st.sampled_from(("pack-refs", "gc", "prune", "reflog")))
    def git_keeps_house(self, what: str) -> None:
        self.world.housekeeping(what)

    @rule(slug=slug)
    def a_work_tree_is_added(self, slug: str) -> None:
        self.world.worktree(slug)

    @rule(slug=slug, rudely=st.booleans())
    def a_work_tree_is_removed(self, slug: str, rudely: bool) -> None:
        self.world.unworktree(slug, rudely=rudely)

    # -- claims, and what becomes of our own files

    @rule(slug=slug, who=st.sampled_from(("one", "two")))
    def work_is_claimed(self, slug: str, who: str) -> None:
        self.people.command("claim", slug, "--session", who)

    @rule(slug=slug, who=st.sampled_from(("one", "two")))
    def work_is_released(self, slug: str, who: str) -> None:
        self.people.command("release", slug, "--session", who)

    @rule(name=st.sampled_from((".git/swarm/cache", ".git/swarm", ".swarm/workstreams.json", ".swarm/archive")))
    def our_files_are_deleted(self, name: str) -> None:
        self.world.lose(name)

    @rule(how=st.sampled_from(("cut", "flip", "more")), dice=st.integers(0, 99))
    def what_is_remembered_is_damaged(self, how: str, dice: int) -> None:
        self.world.tear(how, dice)

    @precondition(lambda self: (self.world.common / "swarm/cache").is_dir())
    @rule()
    def what_is_remembered_is_copied_away(self) -> None:
        shutil.rmtree(self.world.top / "backup", ignore_errors=True)
        shutil.copytree(self.world.common / "swarm/cache", self.world.top / "backup")

    @precondition(lambda self: (self.world.top / "backup").is_dir())
    @rule()
    def what_is_remembered_comes_from_an_older_copy(self) -> None:
        shutil.rmtree(self.world.common / "swarm/cache", ignore_errors=True)
        shutil.copytree(self.world.top / "backup", self.world.common / "swarm/cache")

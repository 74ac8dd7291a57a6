"""The base's history as the ladder of landings needs it: its own line, what each merge brought, who names whom."""

import re
from collections import Counter, defaultdict
from collections.abc import Iterable, Iterator, Mapping, Sequence, Set
from dataclasses import replace
from typing import TypeVar

from reconciler.derive.landing_subjects import MergeSubject, read_merge
from reconciler.frozen import frozen
from reconciler.model import Branch, Commit, CommitId, Forward, RefLog, RepoFacts

PathSet = frozenset[str]
Content = frozenset[tuple[str, str]]
K = TypeVar("K")
_NO_BRANCH = re.compile(r"^[0-9a-f]{7,64}$|[~^:@{}\\?*\[]|(^|/)HEAD$|_HEAD$")
_NOT_A_NAME = re.compile(r"[\x00-\x20\x7f-\x9f~^:?*\[\\]|\.\.|@\{|//|^[-/]|/$|\.$|\.lock$")  # git refuses these
LARGE = 3000  # a commit with more paths (an import, a vendored tree) is not compared as a whole


@frozen
class Ground:
    """One survey of the facts; everything the rungs look up."""

    facts: RepoFacts
    base: str  # short name of the base branch
    by_id: Mapping[CommitId, Commit]
    order: Mapping[CommitId, int]  # children before parents
    mainline: frozenset[CommitId]  # commits that were the base's tip, as far as can be told
    spine: frozenset[CommitId]  # first parents of the tip, whatever they were
    spine_by: Mapping[CommitId, CommitId]  # commit beside the spine -> oldest commit of the spine that has it
    landed_by: Mapping[CommitId, CommitId]  # commit beside the mainline -> commit of it that brought it
    merges: Mapping[str, tuple[Commit, ...]]  # branch name -> merges that name it, newest first
    said: Mapping[str, tuple[Commit, ...]]  # the same for commits with one parent that say they merge
    into: Mapping[str, tuple[Commit, ...]]  # branch name -> merges of the base into it, newest first
    merged_as: Mapping[CommitId, tuple[Commit, ...]]  # merged parent -> merges
    by_content: Mapping[Content, tuple[Commit, ...]]
    by_paths: Mapping[PathSet, tuple[Commit, ...]]
    by_path: Mapping[str, tuple[Commit, ...]]
    picked: Mapping[CommitId, tuple[Commit, ...]]  # "cherry picked from commit X"
    squashed: Mapping[CommitId, tuple[Commit, ...]]  # "Squashed commit of the following"
    own_by: Mapping[CommitId, tuple[str, ...]]  # tip of a branch, outside the base -> branches that have it
    tips: Mapping[str, CommitId]  # of the branches
    reflogs: Mapping[str, RefLog]
    forwarded: tuple[Forward, ...]  # branches to which the base was fast-forwarded, newest first

    def has(self, commit: CommitId | None) -> bool:
        return commit in self.by_id

    def reaches(self, commit: CommitId | None, other: CommitId) -> bool:
        """Whether ``other`` is ``commit`` or below it, both in the base."""
        goal = self.order.get(other)
        if goal is None or commit is None or commit not in self.order:
            return False
        if commit in self.spine:
            return self.order[self.spine_by.get(other, other)] >= self.order[commit]
        waiting, seen = [commit], {commit}
        while waiting:
            at = waiting.pop()
            if at == other:
                return True
            for parent in self.by_id[at].parents:
                if parent not in seen and self.order.get(parent, goal + 1) <= goal:
                    seen.add(parent)
                    waiting.append(parent)
        return False

    def is_since(self, commit: CommitId, fork: CommitId | None) -> bool:
        """Whether a base commit came after a fork: it is not part of what the fork had."""
        if fork is None or fork not in self.order:
            return True
        return self.order[commit] < self.order[fork] or not self.reaches(fork, commit)

    def side(self, tip: CommitId) -> tuple[Commit, ...]:
        """The commits below ``tip`` that came in with it, beside the mainline."""
        brought = self.landed_by.get(tip)
        found, waiting, seen = [], [tip], {tip}
        while waiting and brought:
            commit = self.by_id.get(waiting.pop())
            if commit is None or self.landed_by.get(commit.id) != brought:
                continue
            found.append(commit)
            for parent in commit.parents:
                if parent not in seen:
                    seen.add(parent)
                    waiting.append(parent)
        return tuple(found)


def survey(facts: RepoFacts) -> Ground:
    """Look over the facts once. Cost grows with the commits, not with commits times branches."""
    commits = facts.history.commits
    by_id = {commit.id: commit for commit in commits}
    sequence = children_first(commits)
    order = {commit.id: number for number, commit in enumerate(sequence)}
    base = facts.base.branch if facts.base else ""
    subjects = {c.id: read_merge(c.subject) for c in commits if len(c.parents) > 1 or c.subject[:5].lower() == "merge"}
    tip = facts.base.commit if facts.base else CommitId("")
    mainline = _mainline(tip, by_id, subjects, base)
    spine = frozenset(commit for commit in facts.history.spine if commit in by_id)
    known = {branch.name for branch in facts.branches}
    plain = [c for c in commits if c.changes and len(c.changes) <= LARGE]
    return Ground(
        facts=facts,
        base=base,
        by_id=by_id,
        order=order,
        mainline=mainline,
        spine=spine,
        spine_by=_landed_by(sequence, spine, by_id),
        landed_by=_landed_by(sequence, mainline, by_id),
        merges=_grouped(_named(commits, subjects, base, known, merges=True)),
        said=_grouped(_named(commits, subjects, base, known, merges=False)),
        into=_grouped(_updated(commits, subjects, base)),
        merged_as=_grouped((parent, c) for c in commits for parent in c.parents[1:]),
        by_content=_grouped((frozenset((x.path, x.new) for x in c.changes), c) for c in plain),
        by_paths=_grouped((frozenset(x.path for x in c.changes), c) for c in plain),
        by_path=_grouped((x.path, c) for c in plain for x in c.changes),
        picked=_grouped((source, c) for c in commits for source in c.picked),
        squashed=_grouped((source, c) for c in commits for source in c.squashed),
        own_by=_owners(facts.branches),
        tips={branch.name: branch.tip for branch in facts.branches},
        reflogs={log.branch: log for log in facts.reflogs},
        forwarded=tuple(_forwarded(facts.reflogs, base, known)),
    )


def children_first(commits: Sequence[Commit]) -> list[Commit]:
    """The commits so that each stands before its parents, whatever the clocks said."""
    by_id = {commit.id: commit for commit in commits}
    waiting = Counter(parent for commit in commits for parent in commit.parents)
    ready = [commit for commit in reversed(commits) if not waiting[commit.id]]
    order = []
    while ready:
        commit = ready.pop()
        order.append(commit)
        for parent in commit.parents:
            waiting[parent] -= 1
            if not waiting[parent] and parent in by_id:
                ready.append(by_id[parent])
    return order


def _mainline(
    tip: CommitId, by_id: Mapping[CommitId, Commit], subjects: Mapping[CommitId, MergeSubject], base: str
) -> frozenset[CommitId]:
    """First parents, except that a merge *of* the base goes on where the base was (foxtrot, pull)."""
    line: set[CommitId] = set()
    waiting = [tip]
    while waiting:
        commit = by_id.get(waiting.pop())
        if commit is None or commit.id in line:
            continue
        line.add(commit.id)
        if len(commit.parents) < 2 or not _names_base(subjects[commit.id], base):
            waiting.extend(commit.parents[:1])
        elif subjects[commit.id].into in ("", base):
            waiting.extend(commit.parents)  # a pull: both sides were the base
        else:
            waiting.extend(commit.parents[1:])
    return frozenset(line)


def _names_base(subject: MergeSubject, base: str) -> bool:
    return any(name == base or (subject.remote and name.partition("/")[2] == base) for name in subject.names)


def _landed_by(
    sequence: Sequence[Commit], mainline: frozenset[CommitId], by_id: Mapping[CommitId, Commit]
) -> dict[CommitId, CommitId]:
    """For every commit beside the mainline, the oldest commit of the mainline that has it."""
    found: dict[CommitId, CommitId] = {}
    for commit in reversed(sequence):
        if commit.id not in mainline:
            continue
        waiting = list(commit.parents)
        while waiting:
            at = waiting.pop()
            if at not in mainline and at not in found and at in by_id:
                found[at] = commit.id
                waiting.extend(by_id[at].parents)
    return found


def _named(
    commits: Iterable[Commit],
    subjects: Mapping[CommitId, MergeSubject],
    base: str,
    known: Set[str],
    *,
    merges: bool,
) -> Iterator[tuple[str, Commit]]:
    """(branch, merge) for merges that brought the branch somewhere; the base and self-merges are none.

    ``merges`` false: commits that say so and have one parent only, as rewritten histories have them.
    """
    for commit in commits:
        subject = subjects.get(commit.id)
        if subject is None or not commit.parents or (len(commit.parents) > 1) is not merges:
            continue
        for written in subject.names:
            name = without_remote(written, known) if subject.remote else written
            if _NOT_A_NAME.search(name) or len(name) > 250:
                continue
            if name not in (base, subject.into) and not written.endswith(f"/{base}"):
                yield name, commit


def without_remote(name: str, known: Set[str]) -> str:
    """ "x" for "origin/x", unless a branch has the longer name."""
    return name if name in known else name.partition("/")[2] or name


def _forwarded(reflogs: Iterable[RefLog], base: str, known: Set[str]) -> Iterator[Forward]:
    """Fast-forwards of the base to other branches. Its own remote twin and bare commits are none."""
    for log in reflogs:
        for forward in log.forwarded if log.branch == base else ():
            name = forward.branch.removeprefix("refs/heads/").removeprefix("refs/remotes/")
            if name == base or name.endswith(f"/{base}") or _NO_BRANCH.search(name):
                continue
            if name not in known and (name.startswith("origin/") or name.partition("/")[2] in known):
                name = without_remote(name, known)
            if forward.old != forward.new:
                yield replace(forward, branch=name)


def _updated(
    commits: Iterable[Commit], subjects: Mapping[CommitId, MergeSubject], base: str
) -> Iterator[tuple[str, Commit]]:
    """(branch, merge) for merges of the base into the branch."""
    for commit in commits:
        subject = subjects.get(commit.id)
        if subject and len(commit.parents) > 1 and subject.into not in ("", base) and _names_base(subject, base):
            yield subject.into, commit


def _owners(branches: Iterable[Branch]) -> dict[CommitId, tuple[str, ...]]:
    """Branches by the tips that are among their own commits: their own, and those of branches below them."""
    tips = {branch.tip for branch in branches if branch.own}
    found: dict[CommitId, list[str]] = defaultdict(list)
    for branch in branches:
        for commit in branch.own:
            if commit.id in tips:
                found[commit.id].append(branch.name)
    return {commit: tuple(names) for commit, names in found.items()}


def _grouped(pairs: Iterable[tuple[K, Commit]]) -> dict[K, tuple[Commit, ...]]:
    groups: dict[K, list[Commit]] = {}
    for key, commit in pairs:
        groups.setdefault(key, []).append(commit)
    return {key: tuple(group) for key, group in groups.items()}

"""The base as it is: its tip and its history. Where all is well, branches' commits come along."""

from collections.abc import Mapping, Sequence
from dataclasses import replace

from reconciler.frozen import frozen
from reconciler.model import Base, Commit, CommitId, History, RepoFacts
from reconciler.observe.ancestry import first_parents, reachable
from reconciler.observe.base import BaseChoice, Ref
from reconciler.observe.git import GitError, GitRepo
from reconciler.observe.history import read_log
from reconciler.observe.onward import read_onward


@frozen
class Trunk:
    """``outside``: commits of the branches that the base lacks, newest first; None when they were not read."""

    base: Base
    history: History
    outside: tuple[Commit, ...] | None


def read_trunk(
    git: GitRepo, choice: BaseChoice, tips: Sequence[CommitId], *, limit: int, before: RepoFacts | None = None
) -> Trunk | None:
    """The base of ``choice``; None when it cannot be read. ``tips``: of the branches, read along if possible.

    ``before``: what an earlier look found, so that only what came since is read.
    """
    wanted = [*(r.id for r in choice.refs), *tips]
    onward = read_onward(git, wanted, before, limit=limit) if before else None
    if onward and (trunk := _build(git, choice, onward, limit, with_outside=True)).history.root:
        return trunk
    together = _try(git, wanted, limit)
    if together is not None and len(together) <= limit:
        return _build(git, choice, together, limit, with_outside=True)
    log = _try(git, [r.id for r in choice.refs], limit)
    if log is None:
        kinds = git.kinds(r.id for r in choice.refs)
        choice = replace(choice, refs=tuple(r for r in choice.refs if kinds.get(r.id) == "commit"))
        log = _try(git, [r.id for r in choice.refs], limit)
    return _build(git, choice, log, limit, with_outside=False) if log else None


def _try(git: GitRepo, tips: Sequence[CommitId], limit: int) -> list[tuple[Commit, str]] | None:
    try:
        return read_log(git, sorted(set(tips)), limit=limit + 1)
    except GitError:
        return None


def _build(
    git: GitRepo, choice: BaseChoice, log: Sequence[tuple[Commit, str]], limit: int, *, with_outside: bool
) -> Trunk:
    commits = [commit for commit, _ in log]
    parents = {commit.id: commit.parents for commit in commits}
    ref, why = _newer(choice.refs, parents, commits, choice.why)
    inside = reachable(ref.id, parents)
    tip, tree = next((commit, tree) for commit, tree in log if commit.id == ref.id)
    history = History(
        commits=tuple(commit for commit in commits[:limit] if commit.id in inside),
        spine=first_parents(ref.id, parents),
        shallow=git.is_shallow,
        cut=len(commits) > limit,
        root=tree,
    )
    base = Base(choice.branch, ref.name, ref.id, tip.at, why)
    outside = tuple(commit for commit in commits if commit.id not in inside)
    return Trunk(base, history, outside if with_outside else None)


def _newer(
    refs: Sequence[Ref], parents: Mapping[CommitId, Sequence[CommitId]], commits: Sequence[Commit], why: str
) -> tuple[Ref, str]:
    """The ref that speaks for the base, and the reason in words."""
    if len({ref.id for ref in refs}) == 1:
        return refs[0], why
    local, there = refs[0], refs[1]
    name = there.name.removeprefix("refs/remotes/")
    ahead = reachable(there.id, parents) - reachable(local.id, parents)
    back = reachable(local.id, parents) - reachable(there.id, parents)
    if not ahead:
        return local, why
    if not back:
        return there, f"{why}; {name} is {len(ahead)} ahead of the local branch"
    rank = {commit.id: number for number, commit in enumerate(commits)}
    newer = min(refs, key=lambda ref: rank.get(ref.id, len(rank)))
    return newer, f"{why}; local branch and {name} have diverged, {newer.name} is newer"

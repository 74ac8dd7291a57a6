"""The log of a history that an earlier look read already: only what came since is asked of git.

Commits never change, so what was read once stays right; what is to be found anew is their order.
"""

from collections.abc import Mapping, Sequence
from heapq import heappop, heappush

from reconciler.model import Commit, CommitId, RepoFacts
from reconciler.observe.git import GitError, GitRepo
from reconciler.observe.history import EPOCH, read_log


def read_onward(
    git: GitRepo, tips: Sequence[CommitId], before: RepoFacts, *, limit: int
) -> list[tuple[Commit, str]] | None:
    """What ``read_log(git, tips)`` gives, where ``before`` holds all of its base; each commit with its tree.

    The tree is "" for commits that were known, but not for the tip of the base as it was. None when it takes the
    whole log to tell, or when there are more than ``limit``.
    """
    base, history = before.base, before.history
    if base is None or history.cut or history.shallow or git.is_shallow or not history.commits:
        return None
    try:
        new = read_log(git, sorted(set(tips)), without=[base.commit], limit=limit + 1)
    except GitError:
        return None
    known = {commit.id: (commit, history.root if commit.id == base.commit else "") for commit in history.commits}
    known |= {commit.id: (commit, tree) for commit, tree in new}
    if len(known) > limit or any(commit.at <= EPOCH for commit, _ in known.values()):  # a time that git reads otherwise
        return None
    return in_order(sorted(set(tips)), known)


def in_order(tips: Sequence[CommitId], known: Mapping[CommitId, tuple[Commit, str]]) -> list[tuple[Commit, str]] | None:
    """What ``tips`` reach, in the order of git log: always the newest that a shown commit has led to, first come first.

    None when a commit is not known.
    """
    found: list[tuple[Commit, str]] = []
    waiting: list[tuple[float, int, CommitId]] = []
    met: set[CommitId] = set()

    def meet(name: CommitId) -> bool:
        if name not in met:
            if name not in known:
                return False
            heappush(waiting, (-known[name][0].at.timestamp(), len(met), name))
            met.add(name)
        return True

    if not all(map(meet, tips)):
        return None
    while waiting:
        row = known[heappop(waiting)[2]]
        found.append(row)
        if not all(map(meet, row[0].parents)):
            return None
    return found

"""Who descends from whom, walked in memory over commits that were read."""

from collections import Counter
from collections.abc import Iterable, Mapping, Sequence

from reconciler.frozen import frozen
from reconciler.model import Commit, CommitId


@frozen
class Reach:
    """For some marked commits of a history: which of them reach which commit."""

    bits: Mapping[CommitId, int]  # one bit for each marked commit
    masks: Mapping[CommitId, int]  # the marked commits that reach a commit, itself among them
    counts: Mapping[int, int]  # how many commits have a mask

    def behind(self, marks: Iterable[CommitId]) -> int:
        """How many commits none of ``marks`` reaches."""
        mask = self._mask(marks)
        return sum(number for found, number in self.counts.items() if not found & mask)

    def tops(self, marks: Sequence[CommitId]) -> list[CommitId]:
        """Those of ``marks`` that no other of them reaches."""
        if len(marks) < 2:
            return list(marks)
        mask = self._mask(marks)
        return [m for m in marks if not self.masks.get(m, 0) & mask & ~self.bits.get(m, 0)]

    def _mask(self, marks: Iterable[CommitId]) -> int:
        mask = 0
        for mark in marks:
            mask |= self.bits.get(mark, 0)
        return mask


def reach(commits: Sequence[Commit], marks: Iterable[CommitId]) -> Reach:
    """Spread one bit of each mark over everything below it."""
    bits = {mark: 1 << number for number, mark in enumerate(sorted(set(marks)))}
    masks: dict[CommitId, int] = {}
    for commit in children_first(commits):
        mask = masks.get(commit.id, 0) | bits.get(commit.id, 0)
        masks[commit.id] = mask
        if mask:
            for parent in commit.parents:
                masks[parent] = masks.get(parent, 0) | mask
    return Reach(bits, masks, Counter(masks[commit.id] for commit in commits))


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


def reachable(tip: CommitId, parents: Mapping[CommitId, Sequence[CommitId]]) -> set[CommitId]:
    """Everything below ``tip`` in the given part of history, itself among it."""
    seen: set[CommitId] = set()
    waiting = [tip]
    while waiting:
        commit = waiting.pop()
        if commit in seen or commit not in parents:
            continue
        seen.add(commit)
        waiting.extend(parents[commit])
    return seen


def first_parents(tip: CommitId, parents: Mapping[CommitId, Sequence[CommitId]]) -> frozenset[CommitId]:
    """The chain of first parents from ``tip`` on."""
    chain: set[CommitId] = set()
    at: CommitId | None = tip
    while at is not None and at in parents and at not in chain:
        chain.add(at)
        at = parents[at][0] if parents[at] else None
    return frozenset(chain)

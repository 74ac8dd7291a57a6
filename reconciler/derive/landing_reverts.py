"""Rung 7: commits of the base that take other ones back, and whether they were taken back themselves."""

import re
from bisect import bisect_left
from collections.abc import Iterable, Iterator, Mapping, Sequence

from reconciler.derive.landing_ground import Ground
from reconciler.derive.landing_subjects import read_merge, without_number
from reconciler.model import Change, Commit, CommitId

_QUOTED = re.compile(r'^(?:\w+(?:\([^)]*\))?!?:\s*)?revert:?\s+"(.+)"(?:\s*\(#\d+\))?$', re.IGNORECASE)
_NUMBER = re.compile(r"^Reverts \S+#(\d+)$")
_WORDS = re.compile(r"\b(revert\w*|back(?:ed|s)? ?out|undo(?:es)?|roll(?:ed|s)? ?back)\b", re.IGNORECASE)


class Reverts:
    """Which base commits were reverted, by whom, and which of them stand again."""

    def __init__(self, ground: Ground) -> None:
        self._ground = ground
        self._by: dict[CommitId, list[Commit]] = {}
        titles = _titles(ground)
        ids = sorted(ground.by_id)
        for commit in ground.facts.history.commits:
            for choices in _targets(commit, ids, titles):
                target = next((t for t in choices if _is_plausible(ground, commit, t)), None)
                if target:
                    self._by.setdefault(target, []).append(commit)

    def undone(self, target: CommitId) -> Commit | None:
        """The newest revert of a commit that was not reverted again."""
        return self._standing(target, frozenset())

    def inverse(self, net: Sequence[Change], since: CommitId) -> Commit | None:
        """A commit that says so in other words and puts back exactly what was there."""
        if not net:
            return None
        found = self._ground.by_content.get(frozenset((c.path, c.old) for c in net), ())
        for commit in found:
            if _WORDS.search(commit.subject) and self._ground.is_since(commit.id, since):
                return None if self.undone(commit.id) else commit
        return None

    def again(self, target: CommitId) -> Commit | None:
        """The commit that reverted the newest revert of ``target``."""
        for revert in self._by.get(target, ()):
            again = self._standing(revert.id, frozenset({target}))
            if again:
                return again
        return None

    def _standing(self, target: CommitId, seen: frozenset[CommitId]) -> Commit | None:
        if target in seen or len(seen) > 50:
            return None
        for revert in self._by.get(target, ()):
            if self._standing(revert.id, seen | {target}) is None:
                return revert
        return None


def _targets(
    commit: Commit, ids: Sequence[CommitId], titles: Mapping[str, Sequence[CommitId]]
) -> Iterator[Sequence[CommitId]]:
    """What a revert may mean, by id, else by quoted subject or number; the first plausible one of each counts."""
    found = [target for short in commit.reverts for target in _expand(short, ids)]
    yield from ([target] for target in found)
    if found:
        return
    quoted = _QUOTED.match(commit.subject)
    if quoted:
        yield titles.get(quoted[1], ())
    for line in commit.body:
        number = _NUMBER.match(line)
        if number:
            yield titles.get(f"#{number[1]}", ())


def _expand(short: CommitId, ids: Sequence[CommitId]) -> Iterable[CommitId]:
    at = bisect_left(ids, short)
    fitting = [name for name in ids[at : at + 2] if name.startswith(short)]
    return fitting if len(fitting) == 1 else ()


def _titles(ground: Ground) -> dict[str, list[CommitId]]:
    """Commits by subject and by pull request number, newest first."""
    titles: dict[str, list[CommitId]] = {}
    for commit in ground.facts.history.commits:
        titles.setdefault(commit.subject, []).append(commit.id)
        _, number = without_number(commit.subject)
        number = number or (read_merge(commit.subject).number if len(commit.parents) > 1 else "")
        if number and not _QUOTED.match(commit.subject):
            titles.setdefault(f"#{number}", []).append(commit.id)
        if len(commit.parents) > 1 and commit.body:  # GitHub: the pull request's title
            titles.setdefault(commit.body[0], []).append(commit.id)
    return titles


def _is_plausible(ground: Ground, revert: Commit, target: CommitId) -> bool:
    """Whether a revert can mean the target: it came later, and they touch common files where that is known."""
    if revert.id == target or not ground.is_since(revert.id, target):
        return False
    touched = {c.path for c in ground.by_id[target].changes}
    back = {c.path for c in revert.changes}
    return not touched or not back or bool(touched & back)

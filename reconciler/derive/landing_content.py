"""Rungs 4 to 6 and 8: whether what a branch changed is on the base, as a whole or piece by piece."""

from collections import Counter
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import replace

from reconciler.derive.landing_ground import LARGE, Ground
from reconciler.frozen import frozen
from reconciler.model import Branch, Change, Commit, CommitId, Patch, Tag

Pair = tuple[CommitId, CommitId]  # (old, new) of a diff
TRIED = 6  # base commits with the same paths that are compared by patch
LONGEST = 40  # commits in one stretch of a branch
MOST = 500  # commits of a branch that are looked for one by one
EMPTY = frozenset(
    {
        "e69de29bb2d1d6434b8b29ae775ad8c2e48c5391",
        "473a0f4c3be8a93681a267e3b1e9a7dcda1185436fe141f7749120a303721813",
    }
)


class Patches:
    """Patches by their two ends. It notes which ones were asked for, so that they can be fetched."""

    def __init__(self, known: Iterable[Patch] = ()) -> None:
        self._known = {(patch.old, patch.new): patch for patch in known}
        self.asked: set[Pair] = set()

    def is_same(self, ours: Pair, theirs: Pair) -> bool:
        """Whether both diffs change the same lines in the same surroundings."""
        left, right = self._get(ours), self._get(theirs)
        return left is not None and right is not None and left.id == right.id

    def likeness(self, ours: Pair, theirs: Pair) -> float:
        """Share of our changed lines that the other diff changes too."""
        left, right = self._get(ours), self._get(theirs)
        if left is None or right is None or not left.lines:
            return 0.0
        return len(left.lines & right.lines) / len(left.lines)

    def _get(self, pair: Pair) -> Patch | None:
        self.asked.add(pair)
        return self._known.get(pair)


@frozen
class Match:
    """Base commits that hold a branch's work, newest first, and how that was found."""

    tag: Tag
    rung: int
    commits: tuple[Commit, ...]
    how: str
    confidence: str = "high"
    present: bool = False  # the base holds the content now, whatever happened in between


@frozen
class Stretch:
    """Consecutive commits of a branch that one base commit holds."""

    first: int
    last: int
    commit: Commit
    rung: int


def real_commits(branch: Branch) -> tuple[Commit, ...]:
    """The branch's own commits that change something, oldest first; merges bring others' work."""
    return tuple(c for c in reversed(branch.own) if c.changes and len(c.parents) < 2)


def find_whole(ground: Ground, branch: Branch, real: Sequence[Commit], patches: Patches) -> Match | None:
    """The branch's net change as one commit of the base, or all of it on the base now."""
    net = branch.changes
    present = is_present(ground, net)
    same = _same_content(ground, net, branch.fork)
    if same and (len(real) < 2 or _begins_alike(same, net)):
        return Match(_tag(same, real), 4 if present else 5, (same,), _how(same, real), present=present)
    if branch.fork and len(net) <= LARGE:
        for commit in _same_paths(ground, net, branch.fork):
            if patches.is_same((branch.fork, branch.tip), own_pair(commit)):
                return Match(_tag(commit, real), 6, (commit,), _how(commit, real), present=present)
    return None


def _begins_alike(commit: Commit, net: Sequence[Change]) -> bool:
    """Whether a commit starts from what the branch started from; else the base had a part of it before."""
    old = {change.path: change.old for change in commit.changes}
    return all(old.get(change.path) == change.old for change in net)


def find_present(ground: Ground, branch: Branch) -> Match | None:
    """Every changed path has the branch's blob on the base now, whichever commits brought it."""
    if not is_present(ground, branch.changes):
        return None
    brought = {
        commit.id: commit
        for change in branch.changes
        for commit in ground.by_path.get(change.path, ())
        if any(c.path == change.path and c.new == change.new for c in commit.changes)
        and ground.is_since(commit.id, branch.fork)
    }
    newest = sorted(brought.values(), key=lambda c: ground.order[c.id])
    return Match(Tag("same-content"), 4, tuple(newest[:1]), "same content", "medium", present=True)


def find_stretches(ground: Ground, branch: Branch, real: Sequence[Commit], patches: Patches) -> tuple[Stretch, ...]:
    """The longest stretches of the branch, from its start on, that single base commits hold.

    Counted from where the oldest commit left the base: it may have been merged in again since.
    """
    origin = own_pair(real[0])[0] if real else None
    branch = replace(branch, fork=origin) if origin and ground.has(origin) else branch
    moved = _moved(ground, branch, real[:MOST])
    found: list[Stretch] = []
    first = 0
    while first < len(moved):
        stretch = _longest(ground, branch, real[: len(moved)], first, moved, patches)
        if stretch:
            found.append(stretch)
        first = stretch.last + 1 if stretch else first + 1
    return tuple(found)


def _moved(ground: Ground, branch: Branch, real: Sequence[Commit]) -> list[bool]:
    """For each commit, whether the base has touched all its paths since: else it holds no stretch with it."""
    known: dict[str, bool] = {}

    def touched(path: str) -> bool:
        if path not in known:
            newest = ground.by_path.get(path, ())[:TRIED]
            known[path] = any(ground.is_since(commit.id, branch.fork) for commit in newest)
        return known[path]

    return [c.id in ground.picked or all(touched(change.path) for change in c.changes) for c in real]


def is_present(ground: Ground, changes: Sequence[Change]) -> bool:
    """Whether the base's tip holds the new side of all changes. A change of mode alone cannot be told."""
    tree = ground.facts.history.tree
    return bool(changes) and all(
        c.old != c.new and (tree.get(c.path) == c.new if c.new.strip("0") else c.path not in tree) for c in changes
    )


def was_there(ground: Ground, change: Change, fork: CommitId | None) -> Commit | None:
    """The newest base commit since the fork that gave a path the content it has here."""
    for commit in ground.by_path.get(change.path, ()):
        if any(c.path == change.path and c.new == change.new and c.old != c.new for c in commit.changes):
            return commit if ground.is_since(commit.id, fork) else None
    return None


def own_pair(commit: Commit) -> Pair:
    """A commit against its parent."""
    return (commit.parents[0] if commit.parents else CommitId(""), commit.id)


def compose(commits: Iterable[Commit]) -> dict[str, Change]:
    """Net changes of consecutive commits, paths that end where they began left out."""
    net: dict[str, Change] = {}
    for commit in commits:
        for change in commit.changes:
            before = net.get(change.path)
            net[change.path] = Change(change.path, before.old if before else change.old, change.new)
    return {path: c for path, c in net.items() if c.old != c.new}


def near(ground: Ground, branch: Branch, share: float) -> Iterator[tuple[Commit, float]]:
    """Base commits since the fork with nearly the same paths, best first, each with the share they have."""
    paths = {change.path for change in branch.changes}
    if len(paths) > LARGE:
        return
    counts: Counter[CommitId] = Counter()
    for path in paths:
        touched = ground.by_path.get(path, ())
        if len(touched) <= 400:
            counts.update(commit.id for commit in touched)
    scored = []
    for name, common in counts.items():
        commit = ground.by_id[name]
        alike = common / (len(paths) + len(commit.changes) - common)
        if alike >= share:
            scored.append((-alike, ground.order[name], commit))
    for negative, _, commit in sorted(scored, key=lambda row: row[:2])[: 3 * TRIED]:
        if ground.is_since(commit.id, branch.fork):
            yield commit, -negative


def _longest(
    ground: Ground, branch: Branch, real: Sequence[Commit], first: int, moved: Sequence[bool], patches: Patches
) -> Stretch | None:
    best = None
    for last in range(first, min(len(real), first + LONGEST)):
        if not moved[last] or (last > first and real[last].parents[:1] != (real[last - 1].id,)):
            break
        commit, rung = _holds(ground, branch, real[first : last + 1], patches)
        if commit:
            best = Stretch(first, last, commit, rung)
    return best


def _holds(ground: Ground, branch: Branch, piece: Sequence[Commit], patches: Patches) -> tuple[Commit | None, int]:
    """The base commit that holds a stretch: same content, "cherry picked from", or same patch."""
    net = tuple(compose(piece).values())
    if not net or all(c.new in EMPTY for c in net):
        return None, 0
    same = _same_content(ground, net, branch.fork)
    if same and (len(piece) < 2 or _begins_alike(same, net)):
        return same, 5
    if len(piece) == 1:
        paths = {c.path for c in net}
        for commit in ground.picked.get(piece[0].id, ()):
            if paths & {c.path for c in commit.changes}:
                return commit, 9
    ours = (own_pair(piece[0])[0], piece[-1].id)
    for commit in _same_paths(ground, net, branch.fork):
        if ours[0] and patches.is_same(ours, own_pair(commit)):
            return commit, 6
    return None, 0


def _same_content(ground: Ground, net: Sequence[Change], fork: CommitId | None) -> Commit | None:
    if len(net) > LARGE:
        return None
    found = ground.by_content.get(frozenset((c.path, c.new) for c in net), ())
    return next((commit for commit in found if ground.is_since(commit.id, fork)), None)


def _same_paths(ground: Ground, net: Sequence[Change], fork: CommitId | None) -> list[Commit]:
    found = ground.by_paths.get(frozenset(c.path for c in net), ())
    return [c for c in found if c.parents and ground.is_since(c.id, fork)][:TRIED]


def _tag(commit: Commit, real: Sequence[Commit]) -> Tag:
    """What one commit that holds a whole branch was, as far as its message tells."""
    if len(real) != 1:
        return Tag("squash")
    if real[0].id in commit.picked:
        return Tag("cherry-pick")
    return Tag("rebase") if commit.subject == real[0].subject else Tag("squash")


def _how(commit: Commit, real: Sequence[Commit]) -> str:
    return {"squash": "squash", "cherry-pick": "cherry-pick", "rebase": "rebased"}[_tag(commit, real)]

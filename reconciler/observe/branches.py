"""Branches: every name with its tip, its own commits and its net change against the base."""

import re
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import replace
from datetime import UTC, datetime

from reconciler.frozen import frozen
from reconciler.model import BlobId, Branch, Commit, CommitId, History, Problem
from reconciler.observe.ancestry import Reach, reach, reachable
from reconciler.observe.base import NOTHING, Ref, short_name
from reconciler.observe.complaints import failure
from reconciler.observe.diffs import read_diffs
from reconciler.observe.git import GitError, GitRepo
from reconciler.observe.history import read_alone, read_commits

_PLACES = ("refs/heads", "refs/remotes")
_UNSEEN = "%(refname)%00%(objectname)%00%(symref)%00%(upstream)%00"  # what they point to may be lost
REFS = ("for-each-ref", f"--format={_UNSEEN}%(objecttype)", *_PLACES)
_LOST = ("for-each-ref", f"--format={_UNSEEN}", *_PLACES)
_TORN = re.compile(rb"^warning: ignoring (?:broken ref|ref with broken name) (refs/(?:heads|remotes)/.+)$", re.M)
OWN_LIMIT = 20_000  # commits outside the base that are read, over all branches


@frozen
class Outside:
    """The commits that the base does not have, newest first, and how each leads on."""

    commits: tuple[Commit, ...]
    parents: Mapping[CommitId, tuple[CommitId, ...]]
    rank: Mapping[CommitId, int]
    cut: bool = False


def read_refs(git: GitRepo) -> tuple[Ref, ...]:
    """Local and remote-tracking refs, by full name. One with a torn file is there, and points to nothing."""
    code, out, err = git.ask_once(*REFS)
    if code:  # an object is lost: list what there is, and later readers find out which
        code, out, err = git.ask_once(*_LOST)
    if code:
        raise failure(_LOST, err)
    rows = (line.split("\0") for line in out.decode("utf-8", "surrogateescape").split("\n"))
    refs = [Ref(row[0], CommitId(row[1]), *row[2:]) for row in rows if len(row) == 5]
    torn = {name.decode("utf-8", "surrogateescape") for name in _TORN.findall(err)}
    return tuple(sorted([*refs, *(Ref(name, NOTHING) for name in torn)], key=lambda ref: ref.name))


def group_refs(refs: Iterable[Ref], remotes: Sequence[str], *, skip: Callable[[str], bool]) -> dict[str, list[Ref]]:
    """Refs of the same short name together, local first; symbolic ones stand for nothing of their own."""
    groups: dict[str, list[Ref]] = {}
    for ref in sorted(refs, key=lambda ref: (not ref.name.startswith("refs/heads/"), ref.name)):
        name = short_name(ref.name, remotes)
        if not ref.target and not skip(name):
            groups.setdefault(name, []).append(ref)
    return dict(sorted(groups.items()))


def read_outside(
    git: GitRepo, refs: Sequence[Ref], base: CommitId
) -> tuple[Outside, tuple[Ref, ...], tuple[Problem, ...]]:
    """The commits of all refs that the base lacks; refs that cannot be read are named and left out."""
    commits, bad = _read_own(git, refs, base)
    problems = tuple(_unreadable(ref) for ref in bad)
    good = tuple(ref for ref in refs if ref not in bad)
    return outside_of(commits[:OWN_LIMIT], cut=len(commits) > OWN_LIMIT), good, problems


def _unreadable(ref: Ref) -> Problem:
    why = "the ref is torn: it names no commit" if ref.id == NOTHING else "its commits cannot be read"
    return Problem("unreadable-ref", why, path=ref.name, severity="error", hint="git fsck")


def outside_of(commits: Sequence[Commit], *, cut: bool = False) -> Outside:
    """Commits beside the base, newest first, ready for walking."""
    return Outside(
        tuple(commits),
        {commit.id: commit.parents for commit in commits},
        {commit.id: number for number, commit in enumerate(commits)},
        cut,
    )


def describe_branches(
    git: GitRepo,
    groups: Mapping[str, Sequence[Ref]],
    outside: Outside,
    history: History,
    known: frozenset[str],
) -> tuple[Branch, ...]:
    """Every name with its own commits and its place beside the base; net changes come later."""
    own = {ref.id: reachable(ref.id, outside.parents) for refs in groups.values() for ref in refs}
    edges = {tip: _edges(tip, commits, outside) for tip, commits in own.items()}
    times = {commit.id: commit.at for commit in (*history.commits, *outside.commits)}
    far = [tip for tip in own if tip not in times]  # further back on the base than was read
    times.update((commit.id, commit.at) for commit in read_alone(git, far))
    place = _Place(
        outside=outside,
        own=own,
        edges=edges,
        spread=reach(history.commits, {edge for found in edges.values() for edge in found}),
        times=times,
        inside=frozenset(commit.id for commit in history.commits) if outside.cut else frozenset(),
    )
    speakers = {name: _speaker(refs, place) for name, refs in groups.items()}
    return tuple(_branch(name, ref, groups[name], place, known) for name, ref in speakers.items() if ref.id in times)


@frozen
class _Place:
    """What is known of all tips together."""

    outside: Outside
    own: Mapping[CommitId, set[CommitId]]
    edges: Mapping[CommitId, tuple[CommitId, ...]]
    spread: Reach
    times: Mapping[CommitId, datetime]
    inside: frozenset[CommitId]  # filled where an edge may be a commit that was not read


def add_changes(
    git: GitRepo, branches: Sequence[Branch], tree: str
) -> tuple[tuple[Branch, ...], dict[str, BlobId] | None, tuple[Problem, ...]]:
    """The branches with what they change, all told, since they left the base; and the files of ``tree``."""
    pairs = sorted({(b.tip, b.fork) for b in branches if b.own and b.fork})
    diffs = read_diffs(git, pairs, tree)
    problems = tuple(
        Problem("unreadable-ref", "its files cannot be compared", path=b.ref, severity="error", hint="git fsck")
        for b in branches
        if b.own and b.fork and (b.tip, b.fork) in diffs.bad
    )
    done = tuple(
        replace(b, changes=diffs.changes[b.tip, b.fork]) if b.fork and (b.tip, b.fork) in diffs.changes else b
        for b in branches
    )
    return done, diffs.files, problems


def _read_own(git: GitRepo, refs: Sequence[Ref], base: CommitId) -> tuple[list[Commit], list[Ref]]:
    """Halve the refs until those that git cannot walk stand alone."""
    tips = sorted({ref.id for ref in refs})
    try:
        return read_commits(git, tips, without=[base], limit=OWN_LIMIT + 1), []
    except GitError:
        pass
    kinds = git.kinds(tips)
    bad = [ref for ref in refs if kinds.get(ref.id) != "commit"]
    good = [ref for ref in refs if ref not in bad]
    if bad:
        commits, more = _read_own(git, good, base)
        return commits, bad + more
    if len(tips) == 1:
        return [], list(refs)
    middle = tips[len(tips) // 2]
    left, right = [r for r in refs if r.id < middle], [r for r in refs if r.id >= middle]
    ours, bad_left = _read_own(git, left, base)
    theirs, bad_right = _read_own(git, right, base)
    union = {commit.id: commit for commit in (*ours, *theirs)}
    return sorted(union.values(), key=lambda c: c.at, reverse=True), bad_left + bad_right


def _edges(tip: CommitId, own: set[CommitId], outside: Outside) -> tuple[CommitId, ...]:
    """Where a branch leaves the base: parents of its own commits that are not its own."""
    if not own:
        return (tip,)
    return tuple(sorted({parent for commit in own for parent in outside.parents[commit]} - own))


def _speaker(refs: Sequence[Ref], place: _Place) -> Ref:
    """Of several refs of one name: the one that contains the others, else the newer."""
    tips = {ref.id for ref in refs}
    for ref in refs:
        if all(tip == ref.id or tip in place.own[ref.id] or _is_below(tip, ref.id, place) for tip in tips):
            return ref
    oldest = datetime.min.replace(tzinfo=UTC)
    return max(refs, key=lambda ref: (place.times.get(ref.id, oldest), ref.name.startswith("refs/heads/")))


def _is_below(tip: CommitId, other: CommitId, place: _Place) -> bool:
    """Whether ``tip``, which lies in the base, is reached by ``other``; true where own work decides."""
    if place.own[tip]:
        return False
    reached = place.spread.masks.get(tip, 0) & place.spread.bits.get(other, 0)
    return bool(place.own[other]) or bool(reached)


def _branch(name: str, ref: Ref, refs: Sequence[Ref], place: _Place, known: frozenset[str]) -> Branch:
    outside, own, edges = place.outside, place.own[ref.id], place.edges[ref.id]
    oldest = datetime.min.replace(tzinfo=UTC)
    tops = sorted(place.spread.tops(edges), key=lambda c: (place.times.get(c, oldest), c))
    lost = bool(own and place.inside and not set(edges) <= place.inside)  # not all of it was read
    commits = tuple(outside.commits[rank] for rank in sorted(outside.rank[c] for c in own))
    local = [r for r in refs if r.name.startswith("refs/heads/")]
    upstream = local[0].upstream if local else ""
    return Branch(
        name=name,
        ref=ref.name,
        tip=ref.id,
        at=place.times[ref.id],
        local=bool(local),
        remote=len(local) < len(refs),
        fork=tops[-1] if tops and not lost else None,
        own=commits,
        ahead=len(commits),
        behind=place.spread.behind(edges),
        upstream_gone=bool(upstream) and upstream not in known,
    )

"""Branches: every name with its tip, its own commits and its net change against the base."""

from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass, replace

from reconciler.model import Branch, Change, Commit, CommitId, History, Problem
from reconciler.observe.ancestry import Reach, reach, reachable
from reconciler.observe.base import Ref, short_name
from reconciler.observe.git import GitError, GitRepo
from reconciler.observe.history import parse_changes, read_alone, read_commits

_REF_FORMAT = "%(refname)%00%(objectname)%00%(symref)%00%(upstream)"
_NET = ("diff-tree", "--stdin", "--raw", "-r", "-z", "--no-renames", "--no-abbrev", "--no-ext-diff")
OWN_LIMIT = 20_000  # commits outside the base that are read, over all branches


@dataclass(frozen=True, slots=True)
class Outside:
    """The commits that the base does not have, newest first, and how each leads on."""

    commits: tuple[Commit, ...]
    parents: Mapping[CommitId, tuple[CommitId, ...]]
    rank: Mapping[CommitId, int]
    cut: bool = False


def read_refs(git: GitRepo) -> tuple[Ref, ...]:
    """Local and remote-tracking refs, by full name."""
    out = git.run("for-each-ref", f"--format={_REF_FORMAT}", "refs/heads", "refs/remotes")
    rows = (line.split("\0") for line in out.decode("utf-8", "surrogateescape").splitlines())
    return tuple(Ref(row[0], CommitId(row[1]), row[2], row[3]) for row in rows if len(row) == 4)


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
    problems = tuple(
        Problem("unreadable-ref", "its commits cannot be read", path=ref.name, severity="error", hint="git fsck")
        for ref in bad
    )
    good = tuple(ref for ref in refs if ref not in bad)
    cut = len(commits) > OWN_LIMIT
    kept = tuple(commits[:OWN_LIMIT])
    return (
        Outside(
            kept,
            {commit.id: commit.parents for commit in kept},
            {commit.id: number for number, commit in enumerate(kept)},
            cut,
        ),
        good,
        problems,
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
    spread = reach(history.commits, {edge for found in edges.values() for edge in found})
    times = {commit.id: commit.at for commit in (*history.commits, *outside.commits)}
    far = [tip for tip in own if tip not in times]  # further back on the base than was read
    times.update((commit.id, commit.at) for commit in read_alone(git, far))
    branches = []
    for name, refs in groups.items():
        ref = _speaker(refs, own, spread, times)
        if ref.id in times:
            branches.append(_branch(name, ref, refs, own[ref.id], edges[ref.id], outside, spread, times, known))
    return tuple(branches)


def add_changes(git: GitRepo, branches: Sequence[Branch]) -> tuple[tuple[Branch, ...], tuple[Problem, ...]]:
    """The branches with what they change, all told, since they left the base."""
    pairs = sorted({(b.tip, b.fork) for b in branches if b.own and b.fork})
    found, bad = net_changes(git, [(new, old) for new, old in pairs if old])
    problems = tuple(
        Problem("unreadable-ref", "its files cannot be compared", path=b.ref, severity="error", hint="git fsck")
        for b in branches
        if b.own and b.fork and (b.tip, b.fork) in bad
    )
    done = tuple(
        replace(b, changes=found[b.tip, b.fork]) if b.fork and (b.tip, b.fork) in found else b for b in branches
    )
    return done, problems


Pair = tuple[CommitId, CommitId]


def net_changes(git: GitRepo, pairs: Sequence[Pair]) -> tuple[dict[Pair, tuple[Change, ...]], set[Pair]]:
    """Differences (new, old) in one process; pairs that cannot be compared are named."""
    if not pairs:
        return {}, set()
    words = "".join(f"{new} {old}\n" for new, old in pairs)
    try:
        out = git.run(*_NET, input=words.encode("ascii"))
    except GitError:
        if len(pairs) == 1:
            return {}, set(pairs)
        half = len(pairs) // 2
        left, right = net_changes(git, pairs[:half]), net_changes(git, pairs[half:])
        return {**left[0], **right[0]}, left[1] | right[1]
    return _split_net(out, pairs), set()


def _split_net(out: bytes, pairs: Sequence[Pair]) -> dict[Pair, tuple[Change, ...]]:
    """Each answer starts with the new commit's id; one without differences is left out by git."""
    rest: dict[Pair, tuple[Change, ...]] = dict.fromkeys(pairs, ())
    words = out.split(b"\0")
    waiting = iter(pairs)
    at, end = 0, len(words) - 1
    while at < end:
        head, start = words[at].decode("ascii"), at + 1
        at = start
        while at < end and words[at].startswith(b":"):
            at += 2
        pair = next(p for p in waiting if p[0] == head)
        rest[pair] = parse_changes([*words[start:at], b""])
    return rest


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


def _speaker(
    refs: Sequence[Ref],
    own: Mapping[CommitId, set[CommitId]],
    spread: Reach,
    times: Mapping[CommitId, object],
) -> Ref:
    """Of several refs of one name: the one that contains the others, else the newer."""
    tips = {ref.id for ref in refs}
    for ref in refs:
        if len(tips) == 1 or all(t == ref.id or t in own[ref.id] or _is_below(t, ref.id, own, spread) for t in tips):
            return ref
    return max(refs, key=lambda ref: (str(times.get(ref.id, "")), ref.name.startswith("refs/heads/")))


def _is_below(tip: CommitId, other: CommitId, own: Mapping[CommitId, set[CommitId]], spread: Reach) -> bool:
    """Whether ``tip``, which lies in the base, is reached by ``other``."""
    if own[tip]:
        return False
    return bool(own[other]) or bool(spread.masks.get(tip, 0) & spread.bits.get(other, 0))


def _branch(
    name: str,
    ref: Ref,
    refs: Sequence[Ref],
    own: set[CommitId],
    edges: Sequence[CommitId],
    outside: Outside,
    spread: Reach,
    times: Mapping[CommitId, object],
    known: frozenset[str],
) -> Branch:
    tops = sorted(spread.tops(edges), key=lambda c: (str(times.get(c, "")), c))
    commits = tuple(outside.commits[rank] for rank in sorted(outside.rank[c] for c in own))
    upstream = next((r.upstream for r in refs if r.name.startswith("refs/heads/")), "")
    return Branch(
        name=name,
        ref=ref.name,
        tip=ref.id,
        at=times[ref.id],  # type: ignore[arg-type]  # the mapping's values are times
        local=any(r.name.startswith("refs/heads/") for r in refs),
        remote=any(r.name.startswith("refs/remotes/") for r in refs),
        fork=tops[-1] if tops else None,
        own=commits,
        ahead=len(commits),
        behind=spread.behind(edges),
        upstream_gone=bool(upstream) and upstream not in known,
    )

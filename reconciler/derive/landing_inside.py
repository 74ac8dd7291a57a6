"""Rungs 2 and 10: branches whose tip is part of the base, and names of branches that are gone."""

from collections.abc import Iterable, Sequence

from reconciler.derive.landing_content import compose
from reconciler.derive.landing_ground import Ground
from reconciler.derive.landing_reverts import Reverts
from reconciler.model import Branch, Commit, CommitId, Forward, Landing, Tag

_MOST = 1000  # commits of one fast-forward that are looked at


def judge_inside(ground: Ground, branch: Branch, reverts: Reverts) -> Landing:
    """A branch that has no commit which the base lacks: merged, forwarded, or never started."""
    if not ground.has(branch.tip):
        return _unknown(branch, f"its tip lies further back on {ground.base} than was read")
    if branch.tip in ground.mainline:
        return _on_mainline(ground, branch, reverts)
    return _beside_mainline(ground, branch, reverts)


def earlier_landing(ground: Ground, branch: Branch) -> Commit | None:
    """The merge by which an earlier state of this branch landed, when its own line proves it."""
    line = _own_line(ground, branch)
    for merge in ground.merges.get(branch.name, ()):
        if any(parent in line for parent in merge.parents[1:]):
            return _bringer(ground, merge)
    for commit in line:
        for merge in ground.merged_as.get(commit, ()):
            if not _names_other(ground, merge, branch.name):
                return _bringer(ground, merge)
    log = ground.reflogs.get(branch.name)
    made = [c for c in log.made if ground.has(c)] if log else []
    if not made:
        return None
    return ground.by_id[ground.landed_by.get(made[0], made[0])]


def judge_vanished(ground: Ground, reverts: Reverts) -> list[Landing]:
    """Names that merges of the base tell of and that no ref has any more."""
    present = {branch.name for branch in ground.facts.branches} | {ground.base}
    found: list[Landing] = []
    for name, merges in ground.merges.items():
        if name not in present:
            found.append(_landed_by_name(ground, name, merges[0], reverts))
            present.add(name)
    for forward in ground.forwarded:
        if forward.branch not in present and ground.has(forward.new):
            found.append(_forwarded(ground, forward, reverts, rung=10))
            present.add(forward.branch)
    return found


# -- beside the mainline: something merged it


def _beside_mainline(ground: Ground, branch: Branch, reverts: Reverts) -> Landing:
    """The tip came in with a merge; the question is whether its commits were made on this branch."""
    bringer = ground.by_id[ground.landed_by[branch.tip]]
    merges = ground.merged_as.get(branch.tip, ())
    named = [m for m in merges if m in ground.merges.get(branch.name, ())]
    side = [c for c in ground.side(branch.tip) if len(c.parents) < 2]
    log = ground.reflogs.get(branch.name)
    made = bool(log and any(c in ground.landed_by for c in log.made))
    if not named and not made:
        if log and log.created == branch.tip and not log.made:
            return _not_started(branch, "created from commits of another branch, no commit since")
        others = sorted({name for m in (*merges, bringer) for name in _names(ground, m)} - {branch.name})
        if others:
            return _unknown(
                branch,
                f"its tip came into {ground.base} with {others[0]} ({bringer.id[:7]}); "
                "nothing tells whether it had commits of its own",
            )
    return _merged(ground, branch.name, bringer, side, reverts, Tag("merge-commit"), rung=2)


def _merged(
    ground: Ground, name: str, bringer: Commit, side: Sequence[Commit], reverts: Reverts, tag: Tag, *, rung: int
) -> Landing:
    """A true merge, unless it or everything in it was taken back."""
    how = {"merge-commit": "merge commit", "merge-subject": "merge commit names it"}.get(tag, str(tag))
    revert = reverts.undone(bringer.id) or _undone_pieces(ground, name, side, reverts)
    if revert:
        return _reverted(ground, name, revert, bringer, rung=7)
    real = [c for c in side if c.changes]
    gone = [c for c in real if reverts.undone(c.id)]
    if gone and len(gone) == len(real):
        return _reverted(ground, name, reverts.undone(gone[0].id) or bringer, bringer, rung=7)
    detail = f"merged into {ground.base} by {bringer.id[:7]} ({how})"
    if gone:
        detail += f"; {len(gone)} of {len(real)} commits reverted since"
        return Landing(name, "partial", Tag("partial"), 7, detail, bringer.id, bringer.at, "medium")
    again = reverts.again(bringer.id)
    if again:
        detail += f", reverted and landed again by {again.id[:7]}"
        return Landing(name, "landed", tag, 7, detail, again.id, again.at)
    return Landing(name, "landed", tag, rung, detail, bringer.id, bringer.at)


def _undone_pieces(ground: Ground, name: str, side: Sequence[Commit], reverts: Reverts) -> Commit | None:
    """A merge of this name was reverted, or one commit puts back all that the side changed."""
    if not side:
        return None
    net = tuple(compose(sorted(side, key=lambda c: -ground.order[c.id])).values())
    return reverts.inverse(net, side[0].id)


# -- on the mainline: forwarded, or never started


def _on_mainline(ground: Ground, branch: Branch, reverts: Reverts) -> Landing:
    for forward in ground.forwarded:
        if forward.branch == branch.name and ground.has(forward.new) and ground.reaches(branch.tip, forward.new):
            return _forwarded(ground, forward, reverts, rung=2)
    for merge in ground.into.get(branch.name, ()):
        if merge.id in ground.mainline and ground.reaches(branch.tip, merge.id):
            side = [c for c in ground.side(merge.parents[0]) if len(c.parents) < 2]
            if side:
                return _merged(ground, branch.name, merge, side, reverts, Tag("fast-forward"), rung=2)
    for commit in ground.said.get(branch.name, ()):
        if commit.parents == (branch.tip,):
            return _merged(ground, branch.name, commit, (), reverts, Tag("merge-subject"), rung=9)
    log = ground.reflogs.get(branch.name)
    made = [c for c in log.made if ground.has(c) and ground.reaches(branch.tip, c)] if log else []
    if made:
        return _made_and_landed(ground, branch, made, reverts)
    earlier = [m for m in ground.merges.get(branch.name, ()) if ground.reaches(branch.tip, m.id)]
    if log and log.created and not log.made:
        return _not_started(branch, f"no commit of its own since it was created on {ground.base}")
    if earlier:
        return _unknown(
            branch,
            f"a branch of this name was merged by {earlier[0].id[:7]}; this one stands on {ground.base} "
            "and has nothing of its own",
        )
    if log and log.made:
        return _unknown(
            branch, f"it stands on {ground.base}; the commits once made on it are not there under their ids"
        )
    return _unknown(branch, f"its tip lies on {ground.base} itself: fast-forwarded, or never started")


def _made_and_landed(ground: Ground, branch: Branch, made: Sequence[CommitId], reverts: Reverts) -> Landing:
    """Commits made on this branch, by its reflog, are commits of the base."""
    newest = ground.by_id[made[0]]
    commits = [ground.by_id[c] for c in made]
    if newest.id in ground.landed_by:
        bringer = ground.by_id[ground.landed_by[newest.id]]
        return _merged(ground, branch.name, bringer, commits, reverts, Tag("merge-commit"), rung=2)
    return _merged(ground, branch.name, newest, commits, reverts, Tag("fast-forward"), rung=2)


def _forwarded(ground: Ground, forward: Forward, reverts: Reverts, *, rung: int) -> Landing:
    commits = _between(ground, forward.old, forward.new)
    landing = _merged(
        ground, forward.branch, ground.by_id[forward.new], commits, reverts, Tag("fast-forward"), rung=rung
    )
    if landing.verdict != "landed" or landing.rung == 7:
        return landing
    detail = f"{ground.base} was fast-forwarded to it at {forward.new[:7]}"
    return Landing(forward.branch, "landed", Tag("fast-forward"), rung, detail, forward.new, forward.at)


def _between(ground: Ground, old: CommitId | None, new: CommitId) -> tuple[Commit, ...]:
    """Commits below ``new`` that ``old`` did not have; only ``new`` where the old place is not known."""
    if not ground.has(old):
        return (ground.by_id[new],)
    found: list[Commit] = []
    waiting, seen = [new], {new}
    while waiting and len(found) < _MOST:
        commit = ground.by_id.get(waiting.pop())
        if commit is None or ground.reaches(old, commit.id):
            continue
        found.append(commit)
        waiting.extend(parent for parent in commit.parents if parent not in seen)
        seen.update(commit.parents)
    return tuple(c for c in found if len(c.parents) < 2)


# -- small answers


def _landed_by_name(ground: Ground, name: str, merge: Commit, reverts: Reverts) -> Landing:
    bringer = _bringer(ground, merge)
    side = [c for parent in merge.parents[1:] for c in ground.side(parent) if len(c.parents) < 2]
    if reverts.undone(merge.id):
        return _reverted(ground, name, reverts.undone(merge.id) or merge, merge, rung=7)
    return _merged(ground, name, bringer, side, reverts, Tag("merge-subject"), rung=10)


def _bringer(ground: Ground, merge: Commit) -> Commit:
    """The commit of the base's own line by which a merge arrived: itself, or a later one of a release train."""
    return ground.by_id[ground.landed_by.get(merge.id, merge.id)]


def _own_line(ground: Ground, branch: Branch) -> dict[CommitId, None]:
    """First parents of the branch that are in the base but beside its mainline."""
    own = {commit.id: commit for commit in branch.own}
    line: dict[CommitId, None] = {}
    commit = own.get(branch.tip)
    while commit and commit.parents:
        parent = commit.parents[0]
        if parent in ground.landed_by:
            line[parent] = None
        elif parent not in own:
            break
        commit = own.get(parent) or ground.by_id.get(parent)
    return line


def _names(ground: Ground, merge: Commit) -> Iterable[str]:
    return [name for name, merges in ground.merges.items() if merge in merges]


def _names_other(ground: Ground, merge: Commit, name: str) -> bool:
    names = _names(ground, merge)
    return bool(names) and name not in names


def _reverted(ground: Ground, name: str, revert: Commit, landed: Commit, *, rung: int) -> Landing:
    detail = f"landed on {ground.base} by {landed.id[:7]}, reverted by {revert.id[:7]}"
    return Landing(name, "reverted", Tag("reverted"), rung, detail, revert.id, revert.at)


def _not_started(branch: Branch, why: str) -> Landing:
    return Landing(branch.name, "not-started", Tag("not-started"), 2, why)


def _unknown(branch: Branch, why: str) -> Landing:
    return Landing(branch.name, "unknown", Tag("unknown"), 2, why, confidence="low")

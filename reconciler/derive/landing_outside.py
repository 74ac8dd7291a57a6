"""Rungs 3 to 9: branches with commits that the base lacks. Their content may be there under other ids."""

from collections.abc import Mapping, Sequence
from dataclasses import replace

from reconciler.derive.landing_content import (
    EMPTY,
    Match,
    Patches,
    Stretch,
    compose,
    find_present,
    find_stretches,
    find_whole,
    near,
    own_pair,
    real_commits,
    was_there,
)
from reconciler.derive.landing_ground import Ground
from reconciler.derive.landing_inside import earlier_landing
from reconciler.derive.landing_named import find_named
from reconciler.derive.landing_reverts import Reverts
from reconciler.model import Branch, Commit, CommitId, Landing, Tag

_LOOKS_ALIKE = {True: 0.4, False: 0.7}  # share of common lines, by whether the paths are the same
_SAME_FILES = 0.75
_MOSTLY = 0.6  # share of changed paths whose content the base has had


def judge_outside(ground: Ground, branch: Branch, reverts: Reverts, patches: Patches) -> Landing:
    """The verdict on a branch with own commits: landed under other ids, in part, in flight, or unknown."""
    real = real_commits(branch)
    early = _nothing_to_land(ground, branch, real, reverts, patches)
    if early:
        return early
    whole = find_whole(ground, branch, real, patches)
    if whole:
        return _settle(ground, branch, whole, reverts)
    stretches = find_stretches(ground, branch, real, patches)
    covered = _covering(real, stretches)
    if covered:
        present = find_present(ground, branch)
        return _settle(ground, branch, replace(covered, present=bool(present)), reverts)
    present = find_present(ground, branch)
    if present:
        return _settle(ground, branch, present, reverts)
    held = frozenset(s.commit.id for s in stretches)  # these hold a part, and no more than that
    named = find_named(ground, branch, real, patches, held)
    if named:
        return _settle(ground, branch, named, reverts)
    doubt = _mostly_there(ground, branch, real, stretches, reverts)
    if doubt:
        return doubt
    stretches = _without_parents(ground, branch, real, stretches)
    if stretches:
        return _in_part(ground, branch, real, stretches, reverts)
    return _not_landed(ground, branch, real, patches, held)


def carried(ground: Ground, landing: Landing, verdicts: Mapping[str, Landing]) -> Landing:
    """A verdict that looks again: what was not found by itself may have landed as part of a larger branch."""
    if landing.verdict not in ("in-flight", "partial", "unknown") or landing.branch not in ground.tips:
        return landing
    tip = ground.tips[landing.branch]
    for name in ground.own_by.get(tip, ()):
        whole = verdicts[name]
        if whole.verdict != "landed" or ground.tips[name] == tip:
            continue
        log = ground.reflogs.get(landing.branch)
        said = f"its commits are part of {name}, which landed"
        if log and tip in log.made:
            return replace(whole, branch=landing.branch, detail=said + whole.detail.removeprefix("landed"))
        why = f"{said}; nothing tells whether they were made on this branch"
        return Landing(landing.branch, "unknown", Tag("unknown"), whole.rung, why, confidence="low")
    return landing


def _nothing_to_land(
    ground: Ground, branch: Branch, real: Sequence[Commit], reverts: Reverts, patches: Patches
) -> Landing | None:
    """Branches that bring nothing of their own, or that cannot be compared."""
    log = ground.reflogs.get(branch.name)
    others = [name for name in ground.own_by.get(branch.tip, ()) if name != branch.name]
    if log and log.created == branch.tip and not log.made and others:
        return _say(branch, "not-started", 1, f"created from {others[0]}, no commit since")
    if branch.fork is None:
        why = (
            "the clone is shallow: where it left the base is cut off"
            if ground.facts.history.shallow
            else (f"it shares no history with {ground.base}")
        )
        return _say(branch, "unknown", 1, why)
    if branch.changes:
        return None
    before = earlier_landing(ground, branch)
    if not real:
        if before:
            detail = f"merged into {ground.base} by {before.id[:7]} (merge commit), nothing new since"
            return Landing(branch.name, "landed", Tag("merge-commit"), 2, detail, before.id, before.at)
        merges = all(len(commit.parents) > 1 for commit in branch.own)
        return _say(branch, "not-started", 3, "only merges of the base" if merges else "only empty commits")
    covered = _covering(real, find_stretches(ground, branch, real, patches))
    if covered:
        return _settle(ground, branch, covered, reverts)
    return _say(branch, "unknown", 3, f"its {len(real)} commits change nothing, all told")


def _settle(ground: Ground, branch: Branch, match: Match, reverts: Reverts) -> Landing:
    """A found landing, unless what landed was taken back."""
    if not match.commits:
        detail = f"all its changes are on {ground.base}"
        return Landing(branch.name, "landed", match.tag, match.rung, detail, None, None, match.confidence)
    newest = match.commits[0]
    if not match.present:
        undone = [reverts.undone(commit.id) for commit in match.commits]
        back = next((r for r in undone if r), None) or reverts.inverse(branch.changes, newest.id)
        if back and (all(undone) or not any(undone)):
            detail = f"landed on {ground.base} by {newest.id[:7]} ({match.how}), reverted by {back.id[:7]}"
            return Landing(branch.name, "reverted", Tag("reverted"), 7, detail, back.id, back.at)
        if back:
            detail = f"landed on {ground.base} by {newest.id[:7]} ({match.how}), in part reverted by {back.id[:7]}"
            return Landing(branch.name, "partial", Tag("partial"), 7, detail, newest.id, newest.at, "medium")
    detail = f"landed on {ground.base} by {newest.id[:7]} ({match.how})"
    again = reverts.again(newest.id)
    if again:
        detail += f", reverted and landed again by {again.id[:7]}"
    return Landing(branch.name, "landed", match.tag, match.rung, detail, newest.id, newest.at, match.confidence)


def _covering(real: Sequence[Commit], stretches: Sequence[Stretch]) -> Match | None:
    """All own commits are held by base commits: rebased or cherry-picked."""
    if not stretches or sum(s.last - s.first + 1 for s in stretches) < len(real):
        return None
    newest = tuple(dict.fromkeys(s.commit for s in reversed(stretches)))
    picked = any(real[s.first].id in s.commit.picked for s in stretches)
    whole = any(s.last > s.first for s in stretches)
    tag, how = ("cherry-pick", "cherry-picked") if picked else ("rebase", "rebased")
    if whole:
        tag, how = "squash", "squashed in pieces"
    return Match(Tag(tag), max(s.rung for s in stretches), newest, f"{how}, {len(real)} commits")


def _without_parents(
    ground: Ground, branch: Branch, real: Sequence[Commit], stretches: Sequence[Stretch]
) -> tuple[Stretch, ...]:
    """Landed pieces that are this branch's own, not those of a branch that it stands on."""
    log = ground.reflogs.get(branch.name)
    last = -1
    for number, commit in enumerate(real):
        tip_of_another = commit.id != branch.tip and commit.id in ground.own_by
        if tip_of_another or (log and log.created == commit.id):
            last = number
    return tuple(s for s in stretches if s.last > last)


def _mostly_there(
    ground: Ground, branch: Branch, real: Sequence[Commit], stretches: Sequence[Stretch], reverts: Reverts
) -> Landing | None:
    """What no base commit holds as such may still have come in with a larger one, file by file."""
    done = {n for s in stretches for n in range(s.first, s.last + 1)}
    rest = compose(commit for number, commit in enumerate(real) if number not in done)
    net = tuple(c for c in rest.values() if c.new not in EMPTY)
    there = [commit for c in net if (commit := was_there(ground, c, branch.fork)) is not None]
    if len(net) < 3 or len(there) < _MOSTLY * len(net):
        return None
    if len(there) == len(rest):
        newest = min(there, key=lambda c: ground.order[c.id])
        match = Match(Tag("same-content"), 5, (newest,), "same content, file by file", "medium")
        return _settle(ground, branch, match, reverts)
    why = f"{ground.base} has had {len(there)} of its {len(rest)} files as they are here"
    return _say(branch, "unknown", 5, why)


def _in_part(
    ground: Ground, branch: Branch, real: Sequence[Commit], stretches: Sequence[Stretch], reverts: Reverts
) -> Landing:
    """Some own commits are on the base. Work that is younger than their landing was added later."""
    standing = [s for s in stretches if not reverts.undone(s.commit.id)]
    done = {n for s in stretches for n in range(s.first, s.last + 1)}
    rest = [commit for number, commit in enumerate(real) if number not in done]
    newest = max(stretches, key=lambda s: s.last)
    if not standing:
        back = reverts.undone(newest.commit.id) or newest.commit
        detail = f"{len(done)} of {len(real)} commits landed and were reverted by {back.id[:7]}"
        return Landing(branch.name, "in-flight", Tag("in-flight"), 7, detail, None, branch.at, reopened=True)
    commit = newest.commit
    if newest.first == 0 and all(c.at > commit.at for c in rest):
        detail = f"landed on {ground.base} by {commit.id[:7]}, {len(rest)} commits since"
        return Landing(branch.name, "in-flight", Tag("in-flight"), 8, detail, commit.id, branch.at, reopened=True)
    upto = real[newest.last]
    detail = f"{len(done)} of {len(real)} commits landed on {ground.base}, the newest of them {upto.id[:7]}"
    return Landing(branch.name, "partial", Tag("partial"), 8, detail, commit.id, commit.at)


def _not_landed(
    ground: Ground, branch: Branch, real: Sequence[Commit], patches: Patches, held: frozenset[CommitId]
) -> Landing:
    """Nothing of it was found on the base. Say so only where the whole base could be searched."""
    doubt = _doubt(ground, branch, real, patches, held)
    if doubt:
        return _say(branch, "unknown", 6, doubt)
    if ground.facts.history.cut and not ground.has(branch.fork):
        return _say(branch, "unknown", 3, f"it left {ground.base} further back than was read")
    before = earlier_landing(ground, branch)
    count = f"{branch.ahead} commits not in {ground.base}"
    if before:
        detail = f"merged into {ground.base} by {before.id[:7]}, {count} since"
        return Landing(branch.name, "in-flight", Tag("in-flight"), 2, detail, before.id, branch.at, reopened=True)
    twins = [b.name for b in ground.facts.branches if b.tip == branch.tip and b.name != branch.name]
    if twins:
        detail = f"{count}, the same as {twins[0]}"
        return Landing(branch.name, "in-flight", Tag("in-flight"), 3, detail, None, branch.at, "medium")
    return Landing(branch.name, "in-flight", Tag("in-flight"), 3, count, None, branch.at)


def _doubt(ground: Ground, branch: Branch, real: Sequence[Commit], patches: Patches, held: frozenset[CommitId]) -> str:
    """Why a branch that was not found may have landed all the same; "" when nothing says so."""
    newest = max((commit.at for commit in real), default=branch.at)
    for commit, share in near(ground, branch, _SAME_FILES):
        theirs = own_pair(commit)
        if commit.at < newest or commit.id in held or branch.fork is None or not theirs[0]:
            continue
        if patches.likeness((branch.fork, branch.tip), theirs) >= _LOOKS_ALIKE[share == 1.0]:
            return f"{commit.id[:7]} on {ground.base} looks much like it, but is not the same"
    return ""


def _say(branch: Branch, verdict: str, rung: int, why: str) -> Landing:
    confidence = "low" if verdict == "unknown" else "high"
    return Landing(branch.name, verdict, Tag(verdict), rung, why, confidence=confidence)

"""Checks of the work itself: who holds what, what was left over, what will collide."""

import shlex
from collections.abc import Callable, Iterable
from datetime import UTC

from reconciler.derive.checked_ground import CLOSED, Ground, Hit
from reconciler.derive.names import BranchNames
from reconciler.model import Branch, Landing, Worktree

_PLAIN = frozenset({"merge-commit", "fast-forward", "ancestor"})  # git itself sees that nothing is lost


def stale_claims(ground: Ground) -> Iterable[Hit]:
    """Claims whose holder is not heard any more, and claims on what is finished."""
    streams = {name: w for w in ground.view.workstreams for name in (*w.aliases, w.id)}
    for claim in ground.view.claims:
        stream = streams.get(claim.workstream)
        name = str(stream.id) if stream else str(claim.workstream)
        heard = claim.heard.astimezone(UTC).strftime("%Y-%m-%dT%H:%M:%SZ")
        values = {"session": claim.session, "heard": heard, "state": stream.state if stream else ""}
        if claim.status == "stale":
            yield Hit("stale-claim", values, workstream=name)
        elif stream and stream.state in CLOSED:
            yield Hit("claim-after-merge", values, workstream=name)


def leftover_worktrees(ground: Ground) -> Iterable[Hit]:
    """Linked work trees of branches that have landed, or of finished workstreams."""
    landed = _landed(ground)
    owners = {w.worktree: w for w in ground.view.workstreams if w.worktree and w.state in CLOSED}
    for tree in ground.snapshot.worktrees:
        owner = owners.get(tree.path)
        if tree.main or tree.missing or tree.prunable or not (owner or tree.branch in landed):
            continue
        what = str(owner.id) if owner else f"its branch {tree.branch}"
        state = str(owner.state) if owner else "merged"
        values = {"name": tree.name, "worktree": tree.path, "what": what, "state": state, "changes": _pending(tree)}
        yield Hit("leftover-worktree", values, workstream=str(owner.id) if owner else _owner(ground, tree.branch))


def leftover_branches(ground: Ground) -> Iterable[Hit]:
    """Branches that have landed and are kept, other than those that a work tree holds."""
    landed = _landed(ground)
    held = {tree.branch for tree in ground.snapshot.worktrees}
    names = BranchNames(ground.rulebook)
    for branch in ground.snapshot.branches:
        if branch.name in landed and branch.name not in held and not names.is_ignored(branch.name):
            values = {"about": branch.name, "branch": branch.name, "command": _deletion(branch, landed[branch.name])}
            yield Hit("leftover-branch", values, workstream=_owner(ground, branch.name))


def conflicts(ground: Ground) -> Iterable[Hit]:
    """Pairs in flight that change the same files, each once."""
    for stream in ground.view.workstreams:
        for other, files in stream.conflicts:
            if stream.id < other:
                shown = ", ".join(files[:3]) + (f" and {len(files) - 3} more" if len(files) > 3 else "")
                kind = "conflict" if files else "declared-conflict"
                path = files[0] if files else ""
                yield Hit(kind, {"other": other, "files": shown}, path, workstream=stream.id)


WORK_CHECKS: tuple[Callable[[Ground], Iterable[Hit]], ...] = (
    stale_claims, leftover_worktrees, leftover_branches, conflicts,
)  # fmt: skip


def _landed(ground: Ground) -> dict[str, Landing]:
    base = ground.snapshot.base.branch if ground.snapshot.base else ""
    return {
        landing.branch: landing
        for landing in ground.snapshot.landings
        if landing.verdict == "landed" and landing.confidence != "low" and landing.branch != base
    }


def _owner(ground: Ground, branch: str) -> str:
    return next((str(w.id) for w in ground.view.workstreams if branch and w.branch == branch), "")


def _pending(tree: Worktree) -> str:
    if not tree.changes:
        return ""
    return f", with {len(tree.changes)} file{'s' * (len(tree.changes) != 1)} not committed"


def _deletion(branch: Branch, landing: Landing) -> str:
    if branch.local:
        return f"git branch {'-d' if landing.tag in _PLAIN else '-D'} {_guarded(branch.name)}"
    remote = branch.ref.removeprefix("refs/remotes/").removesuffix(f"/{branch.name}")
    return f"git push {shlex.quote(remote)} --delete {_guarded(branch.name)}"


def _guarded(name: str) -> str:
    """A name for the end of a command line: quoted, and never taken for a flag."""
    return f"-- {shlex.quote(name)}" if name.startswith("-") else shlex.quote(name)

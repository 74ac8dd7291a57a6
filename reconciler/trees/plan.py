"""The values of ``swarm worktree``: what is looked at, steps, and why a plan stops. Pure: no disk, no git.

A plan is made anew each time, so running a command again after a crash goes on where it stopped: a step whose
outcome is there already is marked done.
"""

import shlex

from reconciler.errors import Exit, SwarmError
from reconciler.frozen import frozen

Words = tuple[str, ...]
ENV_FILE = ".env.local"
_CODES = {"held": Exit.HELD, "conflict": Exit.BLOCKED}


@frozen
class Command:
    """``git -C folder words``."""

    folder: str
    words: Words


@frozen
class Step:
    """One thing to do. ``name`` says who does it; ``commands`` what git is told, in order."""

    name: str
    say: str
    commands: tuple[Command, ...] = ()
    done: bool = False


class Stop(SwarmError):
    """Why it ends here, and the commands that lead on.

    ``kind``: dirty | conflict | held | in-the-way | nothing | trust | unproven | failed.
    """

    def __init__(self, kind: str, why: str, *way: str) -> None:
        super().__init__(why, hint=way[0] if way else "", code=_CODES.get(kind, Exit.USAGE))
        self.kind, self.way = kind, way


@frozen
class Tree:
    """One work tree. ``changes``: tracked paths that differ; ``untracked``: those that git does not know."""

    path: str
    branch: str = ""
    main: bool = False
    locked: str = ""  # why, where it is
    missing: bool = False
    busy: str = ""  # "merge", "rebase": what git is in the middle of
    changes: Words = ()
    untracked: Words = ()


@frozen
class Site:
    """What the plans look at: one workstream's branch and work tree, and the base."""

    id: str
    common: str  # the common git folder
    base: str
    base_tip: str  # of the local branch; for a start of whichever ref is newest
    branch: str  # the one it has, else the one it would get
    exists: str = ""  # "" | local | remote
    ref: str = ""  # of a remote-tracking branch
    tip: str = ""
    owner: str = ""  # another workstream that the branch belongs to
    verdict: str = ""  # of the landing ladder, "" without a branch
    detail: str = ""  # the ladder's words
    merged: bool = False  # the workstream itself, whatever became of its branch
    behind: bool = False  # the base has commits that the branch lacks
    base_lacks: str = ""  # a remote-tracking ref with commits that the local base lacks
    tree: Tree | None = None  # where the branch is checked out
    base_tree: Tree | None = None
    detached: str = ""  # its work tree, when that is on no branch
    path: str = ""  # where a new work tree goes
    in_the_way: bool = False  # something lies there
    held_by: str = ""  # another session that lives
    holds: bool = False  # somebody has a claim that can be given back
    remote: str = ""  # to push to


def shell(*words: str) -> str:
    """A command that can be pasted."""
    return shlex.join(words)


def git(folder: str, *words: str) -> str:
    """The same for git in a folder."""
    return shell("git", "-C", folder, *words)


def again(action: str, site: Site) -> str:
    """The command that goes on."""
    return shell("swarm", "worktree", action, *(["--"] if site.id.startswith("-") else []), site.id)


def prune(site: Site, tree: Tree, action: str) -> Words:
    """The way on where git knows a work tree whose folder is gone."""
    unlock = (git(site.common, "worktree", "unlock", tree.path),) if tree.locked else ()
    return (*unlock, git(site.common, "worktree", "prune"), again(action, site))


def anywhere(site: Site, *, without: str = "") -> str:
    """A folder of the repository that will still be there."""
    tree = site.base_tree
    return tree.path if tree is not None and not tree.missing and tree.path != without else site.common


def some(paths: Words) -> str:
    """The first of many."""
    more = f" and {len(paths) - 3} more" if len(paths) > 3 else ""
    return ", ".join(paths[:3]) + more

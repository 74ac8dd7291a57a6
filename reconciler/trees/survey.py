"""What git says of work trees and tips just now: asked before a plan is made, changes nothing."""

import os
from dataclasses import replace
from pathlib import Path

from reconciler.trees.git import Git
from reconciler.trees.plan import Tree

_BUSY = {
    "MERGE_HEAD": "merge",
    "rebase-merge": "rebase",
    "rebase-apply": "rebase",
    "CHERRY_PICK_HEAD": "cherry-pick",
    "REVERT_HEAD": "revert",
    "BISECT_LOG": "bisect",
}
_STATUS = ("status", "--porcelain=v1", "-z", "--no-renames", "--untracked-files=all", "--ignore-submodules=dirty")


def read_tree(git: Git, path: str, *, branch: str, main: bool, locked: str, missing: bool) -> Tree:
    """A work tree with what is uncommitted in it. What git cannot tell counts as a change: nothing is lost by it."""
    if missing:
        return Tree(path, branch, main, locked, missing=True)
    done = git.run(Path(path), *_STATUS, env={"GIT_OPTIONAL_LOCKS": "0"})
    if done.code:
        return Tree(path, branch, main, locked, changes=(f"(git: {done.complaint})",))
    rows = [row for row in os.fsdecode(done.out).split("\0") if row]
    untracked = tuple(row[3:] for row in rows if row.startswith("??"))
    changes = tuple(row[3:] for row in rows if not row.startswith("??"))
    return Tree(path, branch, main, locked, busy=_busy(git, path), changes=changes, untracked=untracked)


def _busy(git: Git, path: str) -> str:
    folder = Path(git.run(Path(path), "rev-parse", "--absolute-git-dir").text)
    return next((word for sign, word in _BUSY.items() if os.path.lexists(folder / sign)), "")


def tip_of(git: Git, folder: Path, ref: str) -> str:
    """The commit that a full ref names, "" when there is none."""
    done = git.run(folder, "rev-parse", "--verify", "--quiet", "--end-of-options", f"{ref}^{{commit}}")
    return done.text if done.code == 0 else ""


def contains(git: Git, folder: Path, *, old: str, new: str) -> bool:
    """Whether ``new`` has all of ``old``."""
    return git.run(folder, "merge-base", "--is-ancestor", old, new).code == 0


def is_ignored(git: Git, tree: Path, name: str) -> bool:
    return git.run(tree, "check-ignore", "-q", "--", name).code == 0


def is_tracked(git: Git, tree: Path, name: str) -> bool:
    return bool(git.run(tree, "ls-files", "-z", "--", name).out)


def hooks_there(git: Git, folder: Path, names: tuple[str, ...]) -> tuple[str, ...]:
    """Those of the hooks that git would run by itself. Only asks where they are, which runs none."""
    told = replace(git, trust=True).run(folder, "rev-parse", "--path-format=absolute", "--git-path", "hooks")
    return tuple(name for name in names if os.access(Path(told.text, name), os.X_OK))

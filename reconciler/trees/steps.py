"""Carries out the steps that change git. Each is safe to be killed in; none forces anything."""

import os
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path

from reconciler.trees.git import Done, Git
from reconciler.trees.plan import Command, Site, Step, Stop, again, git, shell
from reconciler.trees.survey import contains, tip_of


def carry_out(run: Git, site: Site, step: Step, action: str) -> None:
    """Do one step. Raises Stop when git refuses; a merge that conflicts is taken back first."""
    WORK.get(step.name, _plain)(run, site, step, action)


def _plain(run: Git, site: Site, step: Step, action: str) -> None:
    for command in step.commands:
        _ask(run, site, command, action)


def _merge(run: Git, site: Site, step: Step, action: str) -> None:
    for command in step.commands:
        done = run.run(Path(command.folder), *command.words)
        if done.code:
            raise _unmerged(run, site, command, done)


def _unmerged(run: Git, site: Site, command: Command, done: Done) -> Stop:
    folder = Path(command.folder)
    names = run.run(folder, "diff", "--name-only", "--diff-filter=U", "-z").out
    files = [name for name in os.fsdecode(names).split("\0") if name]
    if not tip_of(run, folder, "MERGE_HEAD"):
        status = git(command.folder, "status")
        return Stop("failed", f"git merge: {done.complaint}", status, again("finish", site))
    taken_back = run.run(folder, "merge", "--abort")
    what = command.words[-1].removeprefix("refs/heads/")
    why = f"merging {what} conflicts in {', '.join(files)}" if files else f"git merge: {done.complaint}"
    if taken_back.code:
        status, abort = git(command.folder, "status"), git(command.folder, "merge", "--abort")
        return Stop("conflict", f"{why}; taking it back failed: {taken_back.complaint}", status, abort)
    tree = site.tree.path if site.tree else command.folder
    merge, commit = git(tree, "merge", f"refs/heads/{site.base}"), git(tree, "commit")
    return Stop("conflict", f"{why}; the merge was taken back", merge, commit, again("finish", site))


def _merge_refs(run: Git, site: Site, step: Step, action: str) -> None:
    """A merge commit without a work tree: the branch has all of the base, so its tree is the merged one."""
    made, moved = step.commands
    folder = Path(made.folder)
    base, tip = (tip_of(run, folder, f"refs/heads/{name}") for name in (site.base, site.branch))
    if not contains(run, folder, old=base, new=tip):
        raise Stop("failed", f"{site.base} moved meanwhile", again("finish", site))
    ids = {f"refs/heads/{site.base}": base, f"refs/heads/{site.branch}": tip,
           f"refs/heads/{site.branch}^{{tree}}": f"{tip}^{{tree}}"}  # fmt: skip
    merge = _ask(run, site, replace(made, words=tuple(ids.get(word, word) for word in made.words)), action).text
    known = {"MERGE": merge, "BASE": base}
    _ask(run, site, replace(moved, words=tuple(known.get(word, word) for word in moved.words)), action)


def _branch(run: Git, site: Site, step: Step, action: str) -> None:
    """Delete the branch if it is still what was proven; its settings go with it."""
    for command in step.commands:
        _ask(run, site, replace(command, words=(*command.words[:-1], site.tip)), action)
        run.run(Path(command.folder), "config", "--local", "--remove-section", f"branch.{site.branch}")


def _ask(run: Git, site: Site, command: Command, action: str) -> Done:
    done = run.run(Path(command.folder), *command.words)
    if done.code:
        look = (git(command.words[-1], "status", "--ignored"),) if command.words[:2] == ("worktree", "remove") else ()
        tried = git(command.folder, *command.words)
        back = (f"{shell('swarm', 'release', '--', site.id)}  # to give it up",) if action == "start" else ()
        raise Stop("failed", f"git {command.words[0]}: {done.complaint}", *look, tried, again(action, site), *back)
    return done


WORK: dict[str, Callable[[Git, Site, Step, str], None]] = {
    "merge-base": _merge,
    "merge": _merge,
    "merge-refs": _merge_refs,
    "branch": _branch,
}

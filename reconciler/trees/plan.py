"""The steps of ``swarm worktree start`` and ``finish``, from what is there now. Pure: no disk, no git.

A plan is made anew each time, so running a command again after a crash goes on where it stopped: a step whose
outcome is there already is marked done.
"""

import shlex
from dataclasses import dataclass
from pathlib import PurePosixPath

Words = tuple[str, ...]
ENV_FILE = ".env.local"


@dataclass(frozen=True, slots=True)
class Command:
    """``git -C folder words``."""

    folder: str
    words: Words


@dataclass(frozen=True, slots=True)
class Step:
    """One thing to do. ``name`` says who does it; ``commands`` what git is told, in order."""

    name: str
    say: str
    commands: tuple[Command, ...] = ()
    done: bool = False


class Stop(Exception):
    """Why it ends here, and the commands that lead on. ``kind``: dirty | conflict | held | in-the-way | nothing."""

    def __init__(self, kind: str, why: str, way: Words = ()) -> None:
        super().__init__(why)
        self.kind, self.why, self.way = kind, why, way


@dataclass(frozen=True, slots=True)
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


@dataclass(frozen=True, slots=True)
class Site:
    """What the plans look at: one workstream's branch and work tree, and the base."""

    id: str
    common: str  # the common git folder
    base: str
    base_tip: str
    branch: str  # the one it has, else the one it would get
    exists: str = ""  # "" | local | remote
    ref: str = ""  # of a remote-tracking branch
    tip: str = ""
    owner: str = ""  # another workstream that the branch belongs to
    verdict: str = ""  # of the landing ladder, "" without a branch
    detail: str = ""  # the ladder's words
    merged: bool = False  # the workstream itself, whatever became of its branch
    behind: bool = False  # the base has commits that the branch lacks
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


def plan_start(site: Site) -> tuple[Step, ...]:
    """Claim, work tree, port. Raises Stop for what is in the way."""
    claim = Step("claim", f"claim {site.id}")
    return claim, _tree_step(site), Step("port", f"write the port of {site.branch} to {ENV_FILE}")


def _tree_step(site: Site) -> Step:
    if site.owner:
        raise Stop("in-the-way", f"branch {site.branch} belongs to {site.owner}", (shell("swarm", "show", site.owner),))
    if site.verdict in ("landed", "reverted"):
        way = (shell("git", "branch", "-m", site.branch, f"{site.branch}-old"), again("start", site))
        raise Stop("in-the-way", f"branch {site.branch} has {site.verdict} already: {site.detail}", way)
    if site.tree is not None:
        return _existing(site, site.tree)
    if site.in_the_way:
        way = (shell("mv", site.path, f"{site.path}.old"), again("start", site))
        raise Stop("in-the-way", f"{site.path} is there, and is no work tree of {site.branch}", way)
    say = f"make {site.path} on {site.branch}"
    if site.exists == "local":
        words: Words = ("worktree", "add", "--", site.path, site.branch)
    elif site.exists == "remote":
        words = ("worktree", "add", "--track", "-b", site.branch, "--", site.path, site.ref)
    else:
        say = f"{say}, from {site.base} {site.base_tip[:7]}"
        words = ("worktree", "add", "--no-track", "-b", site.branch, "--", site.path, site.base_tip)
    return Step("worktree", say, (Command(_anywhere(site), words),))


def _existing(site: Site, tree: Tree) -> Step:
    if tree.missing:
        raise Stop("in-the-way", f"work tree {tree.path} is gone, git still knows it", _prune(site, tree, "start"))
    if tree.locked == "initializing":
        way = (git(site.common, "worktree", "unlock", tree.path), git(site.common, "worktree", "remove", "--force",
               tree.path), again("start", site))  # fmt: skip
        raise Stop("in-the-way", f"work tree {tree.path} was never finished: git was killed while it made it", way)
    return Step("worktree", f"{tree.path} is on {site.branch}", done=True)


def _prune(site: Site, tree: Tree, action: str) -> Words:
    unlock = (git(site.common, "worktree", "unlock", tree.path),) if tree.locked else ()
    return (*unlock, git(site.common, "worktree", "prune"), again(action, site))


def plan_finish(site: Site, *, push: bool = False) -> tuple[Step, ...]:
    """Clean, base merged in, merged, pushed if asked, proven, removed, released. Raises Stop."""
    if site.held_by:
        why = f"{site.id} is held by {site.held_by}"
        raise Stop("held", why, ("swarm instances", shell("swarm", "claim", "--force", "--", site.id)))
    if site.detached:
        way = (git(site.detached, "switch", site.branch), again("finish", site))
        raise Stop("in-the-way", f"{site.detached} is on no branch (detached HEAD)", way)
    release = Step("release", f"give {site.id} back", done=not site.holds)
    if site.exists != "local":
        return _without_branch(site, release)
    if site.tree is not None and site.tree.missing:
        raise Stop("in-the-way", f"work tree {site.tree.path} is gone", _prune(site, site.tree, "finish"))
    clean = _clean(site)
    merges = () if site.verdict == "landed" else _merges(site)
    pushing = (_push(site),) if push else ()
    proof = Step("proof", f"prove that {site.branch} has landed on {site.base}")
    return (*clean, *merges, proof, *pushing, *_removals(site), release)


def _without_branch(site: Site, release: Step) -> tuple[Step, ...]:
    """What is left when an earlier run was stopped late: only the claim."""
    if site.merged:
        return Step("proof", f"{site.id} has landed on {site.base}: {site.detail}", done=True), release
    if site.exists == "remote":
        raise Stop("nothing", f"{site.branch} is on the remote only ({site.ref})", (again("start", site),))
    raise Stop("nothing", f"{site.id} has no branch here: nothing to finish", (again("start", site),))


def _clean(site: Site) -> tuple[Step, ...]:
    tree = site.tree
    if tree is None:
        return ()
    if tree.busy:
        way = (git(tree.path, "status"), again("finish", site))
        raise Stop("dirty", f"git is in the middle of a {tree.busy} in {tree.path}", way)
    if left := (*tree.changes, *tree.untracked):
        way = (
            git(tree.path, "status"),
            git(tree.path, "add", "--all"),
            git(tree.path, "commit"),
            again("finish", site),
        )
        kind = "uncommitted" if tree.changes else "untracked"
        raise Stop("dirty", f"{tree.path} has {kind} work: {_some(left)}", way)
    return (Step("clean", f"{tree.path} is clean", done=True),)


def _merges(site: Site) -> tuple[Step, ...]:
    if site.verdict == "not-started":
        way = (
            (shell("swarm", "release", "--", site.id), git(site.common, "worktree", "remove", site.tree.path))
            if site.tree
            else ()
        )
        raise Stop("nothing", f"{site.branch} has no commits of its own: nothing to merge", way)
    if site.verdict == "reverted":
        way = (shell("swarm", "explain", "--", site.id),)
        raise Stop("nothing", f"{site.branch} has landed and was reverted: git will not merge it again", way)
    steps = []
    if site.behind:
        if site.tree is None:
            why = f"{site.base} has commits that {site.branch} lacks, and there is no work tree to merge them in"
            raise Stop("nothing", why, (again("start", site), again("finish", site)))
        words = ("merge", "--no-edit", "-m", _subject(site.base, site.branch), f"refs/heads/{site.base}")
        steps.append(Step("merge-base", f"merge {site.base} into {site.branch}", (Command(site.tree.path, words),)))
    return (*steps, _merge(site))


def _merge(site: Site) -> Step:
    say, tree = f"merge {site.branch} into {site.base}", site.base_tree
    subject = _subject(site.branch, site.base)
    if tree is None or tree.missing:
        where = _anywhere(site)
        made = ("commit-tree", "-m", subject, "-p", f"refs/heads/{site.base}", "-p", f"refs/heads/{site.branch}",
                f"refs/heads/{site.branch}^{{tree}}")  # fmt: skip
        moved = ("update-ref", "-m", f"merge {site.branch}", f"refs/heads/{site.base}", "MERGE", "BASE")
        return Step("merge-refs", f"{say}, which is checked out nowhere", (Command(where, made), Command(where, moved)))
    if tree.busy:
        way = (git(tree.path, "status"), again("finish", site))
        raise Stop("dirty", f"git is in the middle of a {tree.busy} in {tree.path}, where {site.base} is", way)
    if tree.changes:
        way = (git(tree.path, "stash"), again("finish", site), git(tree.path, "stash", "pop"))
        raise Stop("dirty", f"{site.base} is checked out in {tree.path} with changes: {_some(tree.changes)}", way)
    words = ("merge", "--no-ff", "--no-edit", "-m", subject, f"refs/heads/{site.branch}")
    return Step("merge", say, (Command(tree.path, words),))


def _subject(what: str, into: str) -> str:
    return f"Merge branch '{what}'" + ("" if into in ("main", "master") else f" into {into}")


def _push(site: Site) -> Step:
    if not site.remote:
        raise Stop("nothing", "there is no remote to push to", (git(site.common, "remote", "-v"),))
    refspec = f"refs/heads/{site.base}:refs/heads/{site.base}"
    words = ("push", "--", site.remote, refspec)
    return Step("push", f"push {site.base} to {site.remote}", (Command(_anywhere(site), words),))


def _removals(site: Site) -> tuple[Step, ...]:
    where = _anywhere(site, without=site.tree.path if site.tree else "")
    steps = []
    if site.tree is not None:
        tree = site.tree
        if tree.main:
            return (Step("keep", f"{site.branch} is checked out in the main work tree: it stays", done=True),)
        if tree.locked:
            way = (git(site.common, "worktree", "unlock", tree.path), again("finish", site))
            raise Stop("in-the-way", f"work tree {tree.path} is locked: {tree.locked}", way)
        steps.append(Step("remove", f"remove {tree.path}", (Command(where, ("worktree", "remove", "--", tree.path)),)))
    words = ("update-ref", "-d", f"refs/heads/{site.branch}", "TIP")
    return (*steps, Step("branch", f"delete {site.branch}", (Command(where, words),)))


def _anywhere(site: Site, *, without: str = "") -> str:
    """A folder of the repository that will still be there."""
    tree = site.base_tree
    return tree.path if tree is not None and not tree.missing and tree.path != without else site.common


def _some(paths: Words) -> str:
    more = f" and {len(paths) - 3} more" if len(paths) > 3 else ""
    return ", ".join(paths[:3]) + more


def branch_for(id: str, plan: str, folder: str = "") -> str:
    """``feature/<plan stem>``; without a plan the id. Only what every git takes in a name."""
    stem = PurePosixPath(folder).name if folder else PurePosixPath(plan).stem if plan else ""
    return f"feature/{_plain(stem) or _plain(id) or 'work'}"


def _plain(text: str) -> str:
    kept = "".join(char if char.isalnum() or char in "-_." else "-" for char in text)[:100]
    while ".." in kept or "--" in kept:
        kept = kept.replace("..", ".").replace("--", "-")
    return kept.strip("-.").removesuffix(".lock").strip("-.")

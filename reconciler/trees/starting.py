"""The steps of ``swarm worktree start``: claim, branch and work tree, port. Pure."""

from pathlib import PurePosixPath

from reconciler.trees.plan import ENV_FILE, Command, Site, Step, Stop, Tree, Words, again, anywhere, git, prune, shell


def plan_start(site: Site) -> tuple[Step, ...]:
    """Claim, work tree, port. Raises Stop for what is in the way."""
    if site.held_by:
        raise Stop("held", f"{site.id} is held by {site.held_by}", "swarm next", "swarm instances")
    tree = _tree_step(site)
    return Step("claim", f"claim {site.id}"), tree, Step("port", f"write the port of {site.branch} to {ENV_FILE}")


def branch_for(id: str, plan: str, folder: str = "") -> str:
    """``feature/<plan stem>``; without a plan the id. Only what every git takes in a name."""
    stem = PurePosixPath(folder).name if folder else PurePosixPath(plan).stem if plan else ""
    return f"feature/{_plain(stem) or _plain(id) or 'work'}"


def _tree_step(site: Site) -> Step:
    if site.branch.startswith("-"):
        raise Stop("in-the-way", f"git takes the branch name {site.branch} for an option", _rename(site, "work"))
    if site.owner:
        raise Stop("in-the-way", f"branch {site.branch} belongs to {site.owner}", shell("swarm", "show", site.owner))
    if site.verdict in ("landed", "reverted"):
        why = f"branch {site.branch} is {site.verdict} already: {site.detail}"
        raise Stop("in-the-way", why, _rename(site, f"{site.branch}-old"), again("start", site))
    if site.tree is not None:
        return _existing(site, site.tree)
    if site.in_the_way:
        why = f"{site.path} is there, and is no work tree of {site.branch}"
        raise Stop("in-the-way", why, shell("mv", site.path, f"{site.path}.old"), again("start", site))
    say, words = f"make {site.path} on {site.branch}", _words(site)
    if not site.exists:
        say = f"{say}, from {site.base} {site.base_tip[:7]}"
    return Step("worktree", say, (Command(anywhere(site), words),))


def _words(site: Site) -> Words:
    if site.exists == "local":
        return ("worktree", "add", "--", site.path, site.branch)
    if site.exists == "remote":
        return ("worktree", "add", "--track", "-b", site.branch, "--", site.path, site.ref)
    return ("worktree", "add", "--no-track", "-b", site.branch, "--", site.path, site.base_tip)


def _rename(site: Site, name: str) -> str:
    return git(site.common, "branch", "-m", "--", site.branch, name)


def _existing(site: Site, tree: Tree) -> Step:
    if tree.missing:
        why = f"work tree {tree.path} is gone, git still knows it"
        raise Stop("in-the-way", why, *prune(site, tree, "start"))
    if tree.locked == "initializing":
        why = f"work tree {tree.path} was never finished: git was stopped while it made it"
        unlock = git(site.common, "worktree", "unlock", tree.path)
        remove = git(site.common, "worktree", "remove", "--force", tree.path)
        raise Stop("in-the-way", why, unlock, remove, again("start", site))
    return Step("worktree", f"{tree.path} is on {site.branch}", done=True)


def _plain(text: str) -> str:
    kept = "".join(char if char.isalnum() or char in "-_." else "-" for char in text)[:100]
    while ".." in kept or "--" in kept:
        kept = kept.replace("..", ".").replace("--", "-")
    return kept.strip("-.").removesuffix(".lock").strip("-.")

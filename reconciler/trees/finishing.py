"""The steps of ``swarm worktree finish``: clean, merged, proven, removed, released. Pure."""

from reconciler.trees.plan import Command, Site, Step, Stop, again, anywhere, git, prune, shell, some


def plan_finish(site: Site, *, push: bool = False) -> tuple[Step, ...]:
    """Every step from here to the end. Raises Stop for what is in the way."""
    if site.held_by:
        force = shell("swarm", "claim", "--force", "--", site.id)
        raise Stop("held", f"{site.id} is held by {site.held_by}", "swarm instances", force)
    if site.detached:
        why = f"{site.detached} is on no branch (detached HEAD)"
        raise Stop("in-the-way", why, git(site.detached, "switch", site.branch), again("finish", site))
    release = Step("release", f"give {site.id} back", done=not site.holds)
    if site.exists != "local":
        return _without_branch(site, release)
    if site.tree is not None and site.tree.missing:
        raise Stop("in-the-way", f"work tree {site.tree.path} is gone", *prune(site, site.tree, "finish"))
    clean = _clean(site)
    merges = () if site.verdict == "landed" else _merges(site)
    proof = Step("proof", f"prove that {site.branch} has landed on {site.base}")
    return (*clean, *merges, proof, *_push(site, push=push), *_removals(site), release)


def _without_branch(site: Site, release: Step) -> tuple[Step, ...]:
    """What is left when an earlier run was stopped late: only the claim."""
    if site.merged:
        return Step("proof", f"{site.id} has landed on {site.base}: {site.detail}", done=True), release
    if site.exists == "remote":
        raise Stop("nothing", f"{site.branch} is on the remote only ({site.ref})", again("start", site))
    raise Stop("nothing", f"{site.id} has no branch here: nothing to finish", again("start", site))


def _clean(site: Site) -> tuple[Step, ...]:
    tree = site.tree
    if tree is None:
        return ()
    status = git(tree.path, "status")
    if tree.busy:
        raise Stop("dirty", f"git is in the middle of a {tree.busy} in {tree.path}", status, again("finish", site))
    if left := (*tree.changes, *tree.untracked):
        kind = "uncommitted" if tree.changes else "untracked"
        keep = (git(tree.path, "add", "--all"), git(tree.path, "commit"))
        raise Stop("dirty", f"{tree.path} has {kind} work: {some(left)}", status, *keep, again("finish", site))
    return (Step("clean", f"{tree.path} is clean", done=True),)


def _merges(site: Site) -> tuple[Step, ...]:
    if site.verdict == "not-started":
        remove = (git(site.common, "worktree", "remove", site.tree.path),) if site.tree and not site.tree.main else ()
        why = f"{site.branch} has no commits of its own: nothing to merge"
        raise Stop("nothing", why, shell("swarm", "release", "--", site.id), *remove)
    if site.verdict == "reverted":
        why = f"{site.branch} has landed and was reverted: git will not merge it again"
        raise Stop("nothing", why, shell("swarm", "explain", "--", site.id))
    if not site.base_tip:
        why = f"{site.base} is on the remote only"
        raise Stop("nothing", why, git(site.common, "branch", "--track", site.base, site.base_lacks))
    if site.base_lacks:
        why = f"{site.base} here lacks commits of {site.base_lacks}"
        forward = git(site.base_tree.path, "merge", "--ff-only", site.base_lacks) if site.base_tree else git(
            site.common, "fetch", ".", f"{site.base_lacks}:refs/heads/{site.base}")  # fmt: skip
        raise Stop("nothing", why, forward, again("finish", site))
    return (*_merge_base(site), _merge(site))


def _merge_base(site: Site) -> tuple[Step, ...]:
    if not site.behind:
        return ()
    if site.tree is None:
        why = f"{site.base} has commits that {site.branch} lacks, and there is no work tree to merge them in"
        raise Stop("nothing", why, again("start", site), again("finish", site))
    words = ("merge", "--no-edit", "-m", _subject(site.base, site.branch), f"refs/heads/{site.base}")
    return (Step("merge-base", f"merge {site.base} into {site.branch}", (Command(site.tree.path, words),)),)


def _merge(site: Site) -> Step:
    say, tree = f"merge {site.branch} into {site.base}", site.base_tree
    if tree is None or tree.missing:
        return _merge_refs(site, f"{say}, which is checked out nowhere")
    if tree.busy:
        why = f"git is in the middle of a {tree.busy} in {tree.path}, where {site.base} is"
        raise Stop("dirty", why, git(tree.path, "status"), again("finish", site))
    if tree.changes:
        why = f"{site.base} is checked out in {tree.path} with changes: {some(tree.changes)}"
        stash = git(tree.path, "stash")
        raise Stop("dirty", why, stash, again("finish", site), f"{stash} pop")
    words = ("merge", "--no-ff", "--no-edit", "-m", _subject(site.branch, site.base), f"refs/heads/{site.branch}")
    return Step("merge", say, (Command(tree.path, words),))


def _merge_refs(site: Site, say: str) -> Step:
    """Without a work tree of the base; MERGE and BASE are known when it is done."""
    base, branch = f"refs/heads/{site.base}", f"refs/heads/{site.branch}"
    subject = _subject(site.branch, site.base)
    made = ("commit-tree", "-m", subject, "-p", base, "-p", branch, f"{branch}^{{tree}}")
    moved = ("update-ref", "-m", f"merge {site.branch}", base, "MERGE", "BASE")
    return Step("merge-refs", say, (Command(site.common, made), Command(site.common, moved)))


def _subject(what: str, into: str) -> str:
    return f"Merge branch '{what}'" + ("" if into in ("main", "master") else f" into {into}")


def _push(site: Site, *, push: bool) -> tuple[Step, ...]:
    if not push:
        return ()
    if not site.remote:
        raise Stop("nothing", "there is no remote to push to", git(site.common, "remote", "-v"))
    words = ("push", "--", site.remote, f"refs/heads/{site.base}:refs/heads/{site.base}")
    return (Step("push", f"push {site.base} to {site.remote}", (Command(anywhere(site), words),)),)


def _removals(site: Site) -> tuple[Step, ...]:
    tree, where = site.tree, anywhere(site, without=site.tree.path if site.tree else "")
    words = ("update-ref", "-d", f"refs/heads/{site.branch}", "TIP")
    branch = Step("branch", f"delete {site.branch}", (Command(where, words),))
    if tree is None:
        return (branch,)
    if tree.main:
        return (Step("keep", f"{site.branch} is checked out in the main work tree: both stay", done=True),)
    if tree.locked:
        why = f"work tree {tree.path} is locked: {tree.locked}"
        raise Stop("in-the-way", why, git(site.common, "worktree", "unlock", tree.path), again("finish", site))
    remove = Command(where, ("worktree", "remove", "--", tree.path))
    return (Step("remove", f"remove {tree.path}", (remove,)), branch)

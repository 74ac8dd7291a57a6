"""What ``swarm worktree`` works on: one workstream, looked at; and how each kind of step is done."""

import os
from collections.abc import Callable, Mapping
from dataclasses import dataclass, replace
from pathlib import Path
from typing import TYPE_CHECKING

from reconciler.cli import taking
from reconciler.cli.ground import Ground, ground
from reconciler.cli.session import take_a_look
from reconciler.coordination.envfile import exclude, set_port
from reconciler.coordination.holdings import look
from reconciler.coordination.ports import port as find_port
from reconciler.errors import SwarmError
from reconciler.model import Branch, Landing, Workstream, Worktree
from reconciler.observe.worktrees import list_worktrees
from reconciler.trees import survey
from reconciler.trees.git import Git
from reconciler.trees.plan import ENV_FILE, Site, Step, Stop, Tree, again, git, shell
from reconciler.trees.starting import branch_for
from reconciler.trees.steps import carry_out
from reconciler.trees.trust import named_programs

if TYPE_CHECKING:
    from reconciler.reconcile import Look

_HOOKS = {
    "start": ("post-checkout", "reference-transaction"),
    "merge": ("pre-merge-commit", "prepare-commit-msg", "commit-msg", "post-merge", "reference-transaction"),
}


def open_work(seen: "Look", name: str, *, session: str, trust: bool) -> "Work":
    """The work on the workstream of that name. Raises UnknownWorkstream."""
    chosen = taking.found(seen.view, name)
    place = ground(seen.config, Path(seen.facts.common_dir), session)
    base = seen.facts.base
    if base is None:
        raise SwarmError("there is no base branch to start from or to merge into", hint="swarm doctor")
    program = seen.git.spelled("version")[0][0]
    return Work(seen, chosen, place, Git(program, trust), base.branch)


@dataclass
class Work:
    """One run of start or finish. ``branch`` and ``path`` are known once a site was read."""

    seen: "Look"
    chosen: Workstream
    place: Ground
    git: Git
    base: str
    branch: str = ""
    path: str = ""
    last: Site | None = None

    @property
    def common(self) -> Path:
        return Path(self.seen.facts.common_dir)

    def site(self, deed: str) -> Site:
        """Everything that a plan looks at. Raises Stop where the repository names programs that would run."""
        self._refuse_programs("checkout" if deed == "start" else deed)
        branch, known = self._branch(deed)
        landing = next((one for one in self.seen.snapshot.landings if one.branch == branch), None)
        site = Site(self.chosen.id, str(self.common), self.base, "", branch, path=self._new_path(branch))
        site = self._with_base(self._with_branch(site, known, landing), deed)
        site = self._with_claim(self._with_trees(site))
        self.branch, self.path, self.last = site.branch, site.tree.path if site.tree else site.path, site
        return site

    def do(self, step: Step, action: str) -> str:
        """Carry out one step; what is worth adding to its line. Raises Stop or SwarmError."""
        assert self.last is not None  # a plan was made of it
        own: Mapping[str, Callable[[Site], str]] = {
            "claim": self._claim, "port": self._port, "proof": self._proof, "release": self._release,
        }  # fmt: skip
        if step.name in own:
            return own[step.name](self.last)
        carry_out(self.git, self.last, step, action)
        return self._left_out(step)

    def farewell(self, action: str) -> tuple[str, ...]:
        """What to do now."""
        if action == "start":
            return (f"go on: cd {self.path}",)
        here = Path(self.place.who.worktree) if self.place.who.worktree else None
        gone = here is not None and not here.is_dir()
        return (f"your folder is gone: cd {self.seen.facts.root or self.common}",) if gone else ()

    # -- what a site is made of

    def _branch(self, deed: str) -> tuple[str, Branch | None]:
        """The workstream's own branch, else the one that start would make."""
        branches = {one.name: one for one in self.seen.facts.branches}
        own = self.chosen.branch
        if own and own in branches and not (deed == "start" and self._is_over(own)):
            return own, branches[own]
        plan = self.chosen.artifacts.plan or ""
        folder = next((d.folder for d in self.seen.snapshot.documents if d.path == plan), "")
        made = branch_for(self.chosen.id, plan, folder)
        return made, branches.get(made)

    def _is_over(self, branch: str) -> bool:
        return any(one.branch == branch and one.verdict == "landed" for one in self.seen.snapshot.landings)

    def _with_branch(self, site: Site, known: Branch | None, landing: Landing | None) -> Site:
        ref = f"refs/heads/{site.branch}"
        tip = survey.tip_of(self.git, self.common, ref)
        exists = "local" if tip else "remote" if known is not None and known.remote else ""
        owner = next((w.id for w in self.seen.view.workstreams if w.branch == site.branch and w is not self.chosen), "")
        merged = self.chosen.state == "merged"
        return replace(
            site, exists=exists, ref=known.ref if known and not tip else "", tip=tip, owner=owner, merged=merged,
            verdict=landing.verdict if landing and exists else "",
            detail=landing.detail if landing else self.chosen.reason if merged else "",
        )  # fmt: skip

    def _with_base(self, site: Site, deed: str) -> Site:
        base = self.seen.facts.base
        assert base is not None  # open_work saw it
        if deed == "start":
            return replace(site, base_tip=str(base.commit))
        here = survey.tip_of(self.git, self.common, f"refs/heads/{site.base}")
        lacks = not here or not survey.contains(self.git, self.common, old=str(base.commit), new=here)
        behind = bool(site.tip and here) and not survey.contains(self.git, self.common, old=here, new=site.tip)
        return replace(site, base_tip=here, base_lacks=base.ref if lacks else "", behind=behind, remote=self._remote())

    def _remote(self) -> str:
        asked = self.git.run(self.common, "config", "--get", f"branch.{self.base}.remote").text
        names = self.git.run(self.common, "remote").text.split()
        return asked if asked in names else "origin" if "origin" in names else next(iter(names), "")

    def _with_trees(self, site: Site) -> Site:
        trees = list_worktrees(self.seen.git)
        own = next((t for t in trees if t.branch == site.branch), None)
        base = next((t for t in trees if t.branch == site.base), None)
        lost = next((t for t in trees if t.detached and t.path == self.chosen.worktree), None)
        return replace(
            site, tree=self._tree(own) if own else None,
            base_tree=self._tree(base) if base else None, detached=lost.path if lost and not own else "",
            in_the_way=os.path.lexists(site.path),
        )  # fmt: skip

    def _tree(self, tree: Worktree) -> Tree:
        locked = self.git.run(self.common, "worktree", "list", "--porcelain").text if tree.locked else ""
        return survey.read_tree(
            self.git, tree.path, branch=tree.branch, main=tree.main, missing=tree.missing,
            locked=_lock_words(locked, tree.path) if tree.locked else "",
        )  # fmt: skip

    def _with_claim(self, site: Site) -> Site:
        stored = taking.stored_as(self.chosen)
        holding = look(self.place.root, stored, self.place.here, self.place.limits)
        mine = holding.session == self.place.who.session
        alive = holding.held and not mine and holding.verdict.status != "stale"
        return replace(site, holds=holding.held, held_by=holding.session or "a session unknown" if alive else "")

    def _new_path(self, branch: str) -> str:
        """Beside the main work tree: ``../<repo>-<plan stem>``; of a bare repository beside that of the base."""
        stem = branch.removeprefix("feature/").replace("/", "-")
        hidden = self.seen.git.root is None and self.common.name.startswith(".")  # proj/.bare with proj/main
        name = self.common.parent.name if hidden else self.seen.facts.name
        return str(Path(self.seen.facts.root or self.common).parent / f"{name}-{stem}")

    def _refuse_programs(self, deed: str) -> None:
        if self.git.trust:
            return
        rows = self.git.run(self.common, "config", "--list", "-z", "--show-scope").out
        named = named_programs(rows, deed)
        if named:
            why = f"this repository's configuration names programs that git would run: {', '.join(named)}"
            look = git(str(self.common), "config", "--show-origin", "--get-all", named[0])
            action = "start" if deed == "checkout" else "finish"
            raise Stop("trust", why, look, f"{shell('swarm', 'worktree', action, '--trust', '--', self.chosen.id)}")

    # -- the steps that are ours

    def _claim(self, site: Site) -> str:
        granted = taking.claim_one(self.seen, self.place, self.chosen)
        return f"{granted.result.outcome}, generation {granted.result.generation}"

    def _port(self, site: Site) -> str:
        first, last = self.place.config.port_range
        found = find_port(self.place.root, site.branch, first=first, last=last)
        top = Path(self.path)
        if survey.is_tracked(self.git, top, ENV_FILE):
            return f"{found.number}; {ENV_FILE} is tracked, so it is left alone"
        set_port(top, top, ENV_FILE, found.number)
        if survey.is_ignored(self.git, top, ENV_FILE):
            return str(found.number)
        exclude(self.common, f"/{ENV_FILE}")
        return f"{found.number}; git is told to ignore it in info/exclude"

    def _proof(self, site: Site) -> str:
        """The ladder's verdict on the tip that is there now; no other tip will be deleted."""
        ref = f"refs/heads/{site.branch}"
        tip = survey.tip_of(self.git, self.common, ref)
        seen = take_a_look()
        landing = next((one for one in seen.snapshot.landings if one.branch == site.branch), None)
        judged = next((str(one.tip) for one in seen.facts.branches if one.name == site.branch), "")
        sure = landing is not None and landing.verdict == "landed" and landing.confidence == "high"
        if not sure or not survey.contains(self.git, self.common, old=tip, new=judged):
            said = landing.detail if landing else "no verdict"
            why = f"{site.branch} is not proven to have landed on {site.base}: {said}"
            raise Stop("unproven", why, shell("swarm", "explain", "--", self.chosen.id), again("finish", site))
        self.last = replace(site, tip=tip)
        return landing.detail if landing else ""

    def _release(self, site: Site) -> str:
        rows = taking.release_all(self.place, taking.stored_as(self.chosen))
        return ", ".join(result.outcome for _, result in rows)

    def _left_out(self, step: Step) -> str:
        """What git would have run by itself, and did not."""
        names = _HOOKS["start" if step.name == "worktree" else "merge"] if step.name in ("worktree", "merge") else ()
        there = () if self.git.trust else survey.hooks_there(self.git, self.common, names)
        return f"without its hooks {', '.join(there)} (--trust runs them)" if there else ""


def _lock_words(listed: str, path: str) -> str:
    """Why a work tree is locked, from ``worktree list --porcelain``."""
    block = next((b for b in listed.split("\n\n") if b.startswith(f"worktree {path}\n")), "")
    row = next((r for r in block.splitlines() if r.startswith("locked")), "locked")
    return row.removeprefix("locked").strip() or "no reason given"

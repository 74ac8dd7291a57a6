"""Reads a repository: base, history, branches, work trees, reflogs. At most eleven git processes."""

import hashlib
from collections.abc import Mapping, Sequence
from dataclasses import replace
from pathlib import Path
from typing import Any, Protocol

from reconciler.errors import SwarmError
from reconciler.frozen import frozen
from reconciler.model import BlobId, Branch, History, Problem, RepoFacts
from reconciler.observe.base import BaseChoice, Ref, choose_base
from reconciler.observe.branches import (
    REFS,
    add_changes,
    describe_branches,
    group_refs,
    outside_of,
    read_outside,
    read_refs,
)
from reconciler.observe.earlier import Then, put_back
from reconciler.observe.git import TREES, GitError, GitRepo
from reconciler.observe.reflogs import read_reflogs, signature
from reconciler.observe.trunk import Trunk, read_trunk
from reconciler.observe.worktrees import CONFIG, list_worktrees, read_config, read_worktrees
from reconciler.policy import Expression


class Memory(Protocol):
    """Keeps facts by a key, as long as nothing better comes."""

    def recall(self, key: str) -> RepoFacts | None: ...
    def latest(self) -> RepoFacts | None: ...
    def keep(self, key: str, value: RepoFacts) -> None: ...


LIMIT = 20_000  # commits of the base's history


@frozen
class Around:
    """What is asked each time: refs, work trees, and what base, history and branches follow from, in short."""

    facts: RepoFacts  # without base, history and branches
    refs: Sequence[Ref]
    remotes: Sequence[str]
    choice: BaseChoice | None
    key: str  # "" when nothing follows from it


def look_around(
    git: GitRepo, *, base: str = "", salt: str = "", history_limit: int = LIMIT, now: bool = True
) -> Around:
    """What stands around the history. ``base``: configured branch; ``salt`` is a part of the key.

    Without ``now`` the work trees are left out: they belong to no earlier state.
    """
    git.run_ahead(CONFIG, REFS, TREES)
    config = read_config(git)
    refs = read_refs(git)
    remotes = _remotes(config)
    worktrees, problems = read_worktrees(git, config) if now else ((), ())
    facts = RepoFacts(
        name=_name(git),
        root=str(git.root) if git.root else _base_root(git, base),
        common_dir=str(git.common_dir),
        base=None,
        history=History(shallow=git.is_shallow),
        worktrees=worktrees,
        problems=problems,
    )
    choice = choose_base(
        refs,
        remotes,
        configured=base,
        default=dict(config).get("init.defaultbranch", ""),
        head=_head(git),
    )
    key = _key(git, refs, choice, (salt, *remotes), history_limit) if choice else ""
    return Around(facts, refs, remotes, choice, key)


def read_repository(
    git: GitRepo,
    *,
    base: str = "",
    ignore: Sequence[Expression] = (),
    history_limit: int = LIMIT,
    memory: Memory | None = None,
    salt: str = "",
    then: Then | None = None,
    around: Around | None = None,
) -> RepoFacts:
    """Everything swarm needs to know from git. ``base``: configured branch; ``ignore``: names to leave out.

    ``memory`` may know what follows from the same refs; ``salt`` stands for ``ignore`` in its key. ``then``: an
    earlier state, without work trees; raises SwarmError when it cannot be found. ``around``: what
    :func:`look_around` said a moment ago with the same arguments.
    """
    around = around or look_around(git, base=base, salt=salt, history_limit=history_limit, now=then is None)
    facts, refs, choice = around.facts, around.refs, around.choice
    if then:
        return _read_then(git, facts, refs, around.remotes, choice, ignore=ignore, limit=history_limit, then=then)
    if choice is None:
        return _without_base(facts, refs)
    if memory and (known := memory.recall(around.key)):
        return replace(known, **_here(facts), problems=(*facts.problems, *known.problems))
    groups = _branch_groups(refs, around.remotes, choice, ignore)
    found = _read(git, facts, refs, groups, choice, history_limit, memory.latest() if memory else None)
    if memory and found.complete and not _has_unreadable(found.problems):
        found = replace(found, key=around.key)
        memory.keep(around.key, replace(found, worktrees=(), problems=found.problems[len(facts.problems) :]))
    return found


def _read_then(
    git: GitRepo, facts: RepoFacts, refs: Sequence[Ref], remotes: Sequence[str], choice: BaseChoice | None,
    *, ignore: Sequence[Expression], limit: int, then: Then,
) -> RepoFacts:  # fmt: skip
    if choice is None:
        raise SwarmError("no base branch was found, so there is no earlier state", hint="swarm doctor")
    past = put_back(git, choice, _branch_groups(refs, remotes, choice, ignore), then)
    facts = replace(facts, at=past.moment, problems=(past.problem,))
    groups = _branch_groups(past.refs, remotes, choice, ignore)
    return _read(git, facts, past.refs, groups, past.choice, limit)


def _has_unreadable(problems: Sequence[Problem]) -> bool:
    """Whether something was missing that may be there next time, with the same refs."""
    return any(problem.code.startswith("unreadable") for problem in problems)


def _here(facts: RepoFacts) -> dict[str, Any]:
    """What is asked each time: where we are, and the work trees."""
    return {"name": facts.name, "root": facts.root, "common_dir": facts.common_dir, "worktrees": facts.worktrees}


def _key(git: GitRepo, refs: Sequence[Ref], choice: BaseChoice, salt: Sequence[str], limit: int) -> str:
    """Everything that base, history and branches follow from, in short."""
    digest = hashlib.sha256()
    for part in (repr(choice), repr(salt), str(limit), git.object_format, signature(git.common_dir), *map(repr, refs)):
        digest.update(part.encode("utf-8", "surrogateescape"))
        digest.update(b"\0")
    return digest.hexdigest()


def _read(
    git: GitRepo,
    facts: RepoFacts,
    refs: Sequence[Ref],
    groups: Mapping[str, Sequence[Ref]],
    choice: BaseChoice,
    history_limit: int,
    before: RepoFacts | None = None,
) -> RepoFacts:
    tips = [ref.id for group in groups.values() for ref in group]
    trunk = read_trunk(git, choice, tips, limit=history_limit, before=before)
    if trunk is None:
        return _unreadable(facts, f"the history of {choice.branch} cannot be read")
    facts = replace(facts, base=trunk.base, history=trunk.history, problems=(*facts.problems, *_guess(choice)))
    return _with_branches(git, facts, trunk, groups, refs)


def _branch_groups(
    refs: Sequence[Ref], remotes: Sequence[str], choice: BaseChoice, ignore: Sequence[Expression]
) -> dict[str, list[Ref]]:
    def skip(name: str) -> bool:
        return name == choice.branch or any(pattern.search(name) for pattern in ignore)

    return group_refs(refs, remotes, skip=skip)


def _with_branches(
    git: GitRepo, facts: RepoFacts, trunk: Trunk, groups: Mapping[str, Sequence[Ref]], refs: Sequence[Ref]
) -> RepoFacts:
    wanted = [ref for group in groups.values() for ref in group]
    if trunk.outside is None:
        outside, good, problems = read_outside(git, wanted, trunk.base.commit)
    else:
        outside, good, problems = outside_of(trunk.outside), tuple(wanted), ()
    names = {ref.name for ref in good}
    kept = {name: [ref for ref in group if ref.name in names] for name, group in groups.items()}
    branches = describe_branches(
        git,
        {name: group for name, group in kept.items() if group},
        outside,
        facts.history,
        frozenset(ref.name for ref in refs),
    )
    branches, files, more = add_changes(git, branches, trunk.history.root)
    if files is None:
        return _unreadable(facts, f"the files of {trunk.base.branch} cannot be read")
    local = [trunk.base.ref, *(f"refs/heads/{b.name}" for b in branches if b.local)]
    return replace(
        facts,
        history=replace(facts.history, tree=files),
        branches=branches,
        reflogs=read_reflogs(git, [ref for ref in local if ref.startswith("refs/heads/")], until=facts.at),
        branch_trees={b.name: _tree(b) for b in branches if b.changes},
        problems=(*facts.problems, *problems, *more, *_cut(outside.cut)),
    )


def _unreadable(facts: RepoFacts, why: str) -> RepoFacts:
    problem = Problem("unreadable-base", why, severity="error", hint="git fsck")
    return replace(facts, base=None, problems=(*facts.problems, problem), complete=False)


def _tree(branch: Branch) -> Mapping[str, BlobId]:
    return {c.path: c.new for c in branch.changes if c.new.strip("0")}


def _cut(cut: bool) -> tuple[Problem, ...]:
    if not cut:
        return ()
    return (Problem("branches-cut", "more commits outside the base exist than were read"),)


def _guess(choice: BaseChoice) -> tuple[Problem, ...]:
    if not choice.guessed:
        return ()
    text = f"the base branch was guessed: {choice.branch}, {choice.why}"
    return (Problem("base-guessed", text, severity="info", hint=f'base = "{choice.branch}" in .swarm/config.toml'),)


def _without_base(facts: RepoFacts, refs: Sequence[Ref]) -> RepoFacts:
    if refs:
        text, hint = "no base branch was found", 'base = "NAME" in .swarm/config.toml'
    else:
        text, hint = "the repository has no commits yet", ""
    problem = Problem("no-base", text, severity="warning", hint=hint)
    return replace(facts, problems=(*facts.problems, problem))


# -- names


def _remotes(config: Sequence[tuple[str, str]]) -> list[str]:
    """Names of remotes, origin first."""
    names = {key[len("remote.") :].rpartition(".")[0] for key, _ in config if key.startswith("remote.")}
    return sorted(names - {""}, key=lambda name: (name != "origin", name))


def _head(git: GitRepo) -> str:
    """Full name of the branch that the main work tree, or the bare repository, stands on."""
    trees = [tree for tree in list_worktrees(git) if tree.main and tree.branch]
    if trees:
        return f"refs/heads/{trees[0].branch}"
    if not git.is_bare:
        return ""
    try:
        return git.run("symbolic-ref", "-q", "HEAD").decode("utf-8", "surrogateescape").strip()
    except GitError:
        return ""


def _base_root(git: GitRepo, base: str) -> str:
    """In a bare repository: the linked work tree that has the base branch checked out."""
    names = [base] if base else [_head_name(git), "main", "master"]
    for name in names:
        for tree in list_worktrees(git):
            if tree.branch == name and name and not tree.missing:
                return tree.path
    return ""


def _head_name(git: GitRepo) -> str:
    return _head(git).removeprefix("refs/heads/")


def _name(git: GitRepo) -> str:
    folder = git.root or git.common_dir
    if folder.name == ".git":
        folder = folder.parent
    return Path(folder).name.removesuffix(".git") or "repository"

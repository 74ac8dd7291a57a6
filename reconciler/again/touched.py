"""A pass of a process that goes on and was told which documents were touched: it reads these and no others.

Whatever else may be different is left to a full pass. One follows soon in any case, for what nobody hears of.
"""

import os
from collections import defaultdict
from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import replace
from datetime import datetime
from pathlib import Path

from reconciler import reconcile
from reconciler.derive.view import derive_after
from reconciler.files import Lock, lock
from reconciler.model import Document, Snapshot, Worktree
from reconciler.observe.artifacts import Again, Tree, WorkTree, read_documents
from reconciler.observe.git import GitError, GitRepo
from reconciler.observe.places import places_of, sort_documents, strength_of
from reconciler.observe.worktrees import read_changes, read_config
from reconciler.publish import store
from reconciler.reconcile import Kept, Look

FEW = 20  # documents; where more are touched, a full pass is as quick

ByTree = Mapping[str, Collection[str]]  # path of a work tree -> documents in it


def follow(kept: Kept, paths: Collection[str], *, now: datetime) -> Look | None:
    """Bring our files up to date with these documents (absolute, real paths), starting from the last look.

    None, and nothing is written, when that is not all there is to it. Raises SwarmError as
    :func:`reconciler.reconcile.write` does.
    """
    if kept.seen is None or len(paths) > FEW:
        return None
    with lock(kept.seen.git.common_dir) as held:
        seen = _look_again(kept.seen, kept, paths)
        if seen is None or not _write(seen, kept, now=now, held=held):
            return None
        kept.seen = seen
        return seen


def _write(seen: Look, kept: Kept, *, now: datetime, held: Lock) -> bool:
    """False, and nothing is done, when what we wrote last is not there: another process may have seen more."""
    files, last = reconcile.files_of(seen, now=now, kept=kept), kept.written
    planned = store.plan(seen.target, files, last.digests if last else None)
    if not planned.strange:
        reconcile.put(seen, files, kept=kept, held=held, last=last, planned=planned)
    return not planned.strange


def _look_again(before: Look, kept: Kept, paths: Collection[str]) -> Look | None:
    """The last look, with these documents as they are now."""
    touched = _touched(before, paths)
    if not touched or not (before.reading.plain and before.view.complete):
        return None
    worktrees = _recheck(before.git, before.facts.worktrees, touched)
    if worktrees is None:
        return None
    facts = replace(before.facts, worktrees=worktrees)
    seen = replace(before, facts=facts)
    documents = _reread(seen, kept, touched)
    if documents is None:
        return None
    claims, _ = reconcile.read_claims(facts, seen.config)
    places = places_of(documents, *_places(seen))
    snapshot = replace(seen.snapshot, worktrees=worktrees, documents=documents, places=places, claims=claims)
    return _derived(seen, kept, snapshot)


def _derived(seen: Look, kept: Kept, snapshot: Snapshot) -> Look:
    kept.derivation = derive_after(kept.derivation, snapshot, seen.rulebook)
    reading = replace(seen.reading, documents=snapshot.documents, places=snapshot.places)
    return replace(seen, view=kept.derivation.view, snapshot=snapshot, reading=reading)


def _touched(before: Look, paths: Iterable[str]) -> ByTree | None:
    """Which documents of the last look these are; None when one of them is something else."""
    known = {disk.path: disk.files for disk in before.reading.disks}
    trees = sorted(((f"{os.path.realpath(path)}/", path) for path in known), reverse=True)  # inner ones first
    found: dict[str, set[str]] = defaultdict(set)
    for path in paths:
        top, tree = next(((top, tree) for top, tree in trees if path.startswith(top)), ("", ""))
        if not tree or path[len(top) :] not in known[tree]:
            return None
        found[tree].add(path[len(top) :])
    return found


def _recheck(git: GitRepo, worktrees: tuple[Worktree, ...], touched: ByTree) -> tuple[Worktree, ...] | None:
    """The work trees with what differs from their HEAD; None when that has a bearing on other documents.

    What differed already is taken to differ still, see :func:`_differ_still`.
    """
    found = []
    for tree in worktrees:
        paths = sorted({*touched.get(tree.path, ())}.difference(tree.changes))
        if paths and not tree.changes:  # see artifacts.WorkTree.changed
            return None
        if paths:
            try:
                now = read_changes(git, Path(tree.path), read_config(git), among=paths)
            except GitError:
                return None
            tree = replace(tree, changes=tuple(sorted({*tree.changes, *now})))
        found.append(tree)
    return tuple(found)


def _differ_still(worktrees: Sequence[WorkTree], documents: Iterable[Document], touched: ByTree) -> bool:
    """Do those that count as changed say what no commit of base or branch ever said there? Then HEAD says no such."""
    news = {(place, document.path) for document in documents for place in document.seen_in}
    return all(
        (f"worktree:{tree.label}", path) in news
        for tree in worktrees
        for path in tree.changed.intersection(touched.get(tree.path, ()))
    )


def _reread(seen: Look, kept: Kept, touched: ByTree) -> tuple[Document, ...] | None:
    """All documents, these as they are now; None when other copies or problems appear than were there."""
    paths = {path for inner in touched.values() for path in inner}
    base, branches, worktrees = _places(seen)
    reading = read_documents(
        seen.rulebook,
        base=_part(base, paths) if base else None,
        branches=[_part(tree, paths) for tree in branches if paths & tree.files.keys()],
        worktrees=worktrees,
        fetch=seen.git.blobs,
        exclude=seen.config.exclude,
        layouts=seen.config.layouts,
        history=seen.facts.history.commits,
        cache=kept.texts,
        sha256=seen.git.object_format == "sha256",
        held=kept.held,
        again=Again({disk.path: sorted(paths & disk.files.keys()) for disk in seen.reading.disks}),
    )
    before = [d for d in seen.snapshot.documents if d.path in paths]
    if not reading.plain or {d.path for d in before} != {d.path for d in reading.documents}:
        return None
    if paths - {d.path for d in before} or any(d.text.problems for d in (*before, *reading.documents)):
        return None
    if not _differ_still(worktrees, reading.documents, touched):
        return None
    order = strength_of(base, branches, worktrees)
    rest = [d for d in seen.snapshot.documents if d.path not in paths]
    return sort_documents((*rest, *reading.documents), order)


def _places(seen: Look) -> tuple[Tree | None, tuple[Tree, ...], tuple[WorkTree, ...]]:
    facts = seen.facts
    return reconcile.base_of(facts), reconcile.tips_of(facts, seen.snapshot.landings), reconcile.disks_of(facts)


def _part(tree: Tree, paths: Collection[str]) -> Tree:
    return Tree(tree.name, {path: tree.files[path] for path in paths if path in tree.files})

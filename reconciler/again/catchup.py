"""A pass that costs what changed: where only the words of documents did, what the last pass left is amended.

Whatever else is different, or could reach further than the ledger tells, is left to a full pass. The files are the
same either way.
"""

from collections import defaultdict
from collections.abc import Collection, Iterable, Mapping
from contextlib import nullcontext
from datetime import datetime
from functools import cache
from pathlib import Path

from reconciler import reconcile
from reconciler.again.amendment import Change, TooFarError, write
from reconciler.again.bookkeeping import ask_beside, is_due, keep_ledger
from reconciler.again.ledger import Index, Ledger, Page, read_ledger
from reconciler.derive.amend import Amended, amend
from reconciler.derive.dependencies import Resolver
from reconciler.derive.dossier import Common
from reconciler.derive.papers import Papers
from reconciler.files import Lock, lock
from reconciler.frozen import frozen
from reconciler.memory import DAMAGE
from reconciler.model import BlobId, Document, History, Problem, Snapshot, TextKey
from reconciler.observe.artifacts import Again, Reading, Tree, read_documents
from reconciler.observe.git import GitRepo, open_git
from reconciler.observe.recheck import changed_on
from reconciler.policy import Rulebook
from reconciler.publish import store
from reconciler.reconcile import Asked, Kept, Look, Outcome

FEW = 20  # workstreams; where more than these and an eighth of all changed, a full pass is as quick


@frozen
class Passed:
    """What a pass that wrote has to tell."""

    target: Path
    rulebook: Rulebook
    workstreams: int
    problems: tuple[Problem, ...]
    outcome: Outcome
    seen: Look | None = None  # None when not everything was looked at


def passed(seen: Look, outcome: Outcome) -> Passed:
    """What a full pass has to tell."""
    return Passed(seen.target, seen.rulebook, len(seen.view.workstreams), seen.view.problems, outcome, seen)


def run(
    start: Path,
    *,
    env: Mapping[str, str],
    now: datetime,
    flags: Mapping[str, object] | None = None,
    git: GitRepo | None = None,
    held: Lock | None = None,
) -> Passed:
    """One pass that writes, the quick way where it can; see :func:`reconciler.reconcile.run`."""
    git = git or open_git(start)
    with nullcontext(held) if held else lock(git.common_dir) as held:
        asked = reconcile.ask(git, env=env, flags=flags)
        quick = catch_up(asked, now=now, held=held)
        if quick is not None:
            return quick
        kept = Kept()
        seen = reconcile.look_at(asked, kept)
        beside = is_due(asked, seen)
        kept = Kept(derivation=kept.derivation if beside else None)  # frees what only a look or a ledger needs
        outcome = reconcile.write(seen, now=now, held=held, kept=kept)
        if beside is not None:
            keep_ledger(seen, beside, kept, now=now)
        return passed(seen, outcome)


def catch_up(asked: Asked, *, now: datetime, held: Lock) -> Passed | None:
    """Bring our files up to date by what the last pass left.

    None, and nothing is written, when that is not enough. It is not when nothing changed, either: only a full pass
    leaves what the gate needs.
    """
    common = asked.git.common_dir
    ledger = read_ledger(common)
    if ledger is None or not ledger.index.since <= now.timestamp() < ledger.index.until:
        return None
    target = store.target_folder(asked.around.facts.worktrees, ledger.index.base.branch, common)
    beside = ask_beside(asked, target)
    if not beside.key or beside.key != ledger.index.key:
        return None
    try:
        suspects, positions = suspected(asked, ledger.index)
        if len(positions) > max(FEW, len(ledger) // 8):
            return None
        pages = {position: ledger.page(position) for position in positions}
        reading, changed = reread(asked, ledger.index, suspects, pages)
        if not (changed or beside.claims or changes_of(asked) != ledger.index.changes):
            return None
        told = retell(asked, ledger, pages, changed)
        change = Change(asked, ledger, beside, target, pages, told, reading.disks)
        return Passed(target, asked.rulebook, len(ledger), ledger.index.problems, write(change, held))
    except (TooFarError, *DAMAGE):
        return None


def changes_of(asked: Asked) -> dict[str, tuple[str, ...]]:
    """Path of a work tree -> what differs from its HEAD."""
    return {tree.path: tree.changes for tree in asked.around.facts.worktrees if not tree.missing}


# -- what changed


def suspected(asked: Asked, index: Index) -> tuple[set[str], set[int]]:
    """Paths of documents that may say something else than they did, and the positions of the workstreams concerned."""
    suspects: set[str] = set()
    positions: set[int] = set()
    for disk in index.disks:
        found = changed_on(disk)
        if found is None:
            raise TooFarError("other documents than before")
        suspects.update(found)
    known = {path for disk in index.disks for path in disk.files}
    for tree in asked.around.facts.worktrees:
        before, now = index.changes.get(tree.path, ()), tree.changes
        if before == now:
            continue
        if (before and not now) or (not before and tree.path in index.unlike):
            raise TooFarError("what counts as news in this work tree")
        suspects |= known.intersection(before).symmetric_difference(known.intersection(now))
        positions.update(index.flocks.get(tree.path, ()))
    for path in suspects:
        owners = index.owners.get(path)
        if not owners:
            raise TooFarError("a document of nobody")
        positions.update(owners)
    return suspects, positions


# -- what it says now

Changed = Mapping[str, tuple[Document, ...]]  # path -> its copies, where they are others than before


def reread(asked: Asked, index: Index, suspects: Collection[str], pages: Mapping[int, Page]) -> tuple[Reading, Changed]:
    """Read these documents wherever they are."""
    before: dict[str, tuple[Document, ...]] = {}
    for page in pages.values():
        group = page.dossier.group
        before |= {m.document.path: m.copies for m in (*group.members, *group.shared) if m.document.path in suspects}
    reading = _read(asked, index, before, pages.values())
    now: dict[str, list[Document]] = defaultdict(list)
    for document in reading.documents:
        now[document.path].append(document)
    if not reading.plain or now.keys() != before.keys() or before.keys() != set(suspects):
        raise TooFarError("other documents than before")
    if any(d.text.problems for copies in (*before.values(), *now.values()) for d in copies):
        raise TooFarError("problems are told elsewhere")
    return reading, {path: tuple(copies) for path, copies in now.items() if tuple(copies) != before[path]}


def _read(asked: Asked, index: Index, before: Mapping[str, tuple[Document, ...]], pages: Iterable[Page]) -> Reading:
    trees: dict[str, dict[str, BlobId]] = defaultdict(dict)
    past: dict[str, frozenset[BlobId]] = {}
    for path, lore in ((path, lore) for page in pages for path, lore in page.lore.items() if path in before):
        past[path] = frozenset(lore.past)
        for name, blob in lore.blobs.items():
            trees[name][path] = blob
    base = Tree(index.base.branch, trees.pop(index.base.branch, {}))
    rules, config = asked.rulebook, asked.config
    known = {TextKey(d.path, d.blob, d.stage): d.text for copies in before.values() for d in copies}
    return read_documents(
        rules,
        base=base,
        branches=[Tree(name, files) for name, files in sorted(trees.items())],
        worktrees=reconcile.disks_of(asked.around.facts),
        fetch=asked.git.blobs,
        exclude=config.exclude,
        layouts=config.layouts,
        cache=known,
        sha256=asked.git.object_format == "sha256",
        again=Again({disk.path: sorted(disk.files.keys() & before.keys()) for disk in index.disks}, past),
    )


# -- what follows


def retell(asked: Asked, ledger: Ledger, pages: Mapping[int, Page], changed: Changed) -> dict[int, Amended]:
    """The workstreams concerned, before and after."""
    facts, rulebook, index = asked.around.facts, asked.rulebook, ledger.index
    papers = Papers(index.owners, rulebook.layouts, index.layouts)
    common = Common(index.base, papers, index.owners.keys(), index.updated, cache(lambda: Resolver(ledger.bearers)))
    now = Snapshot(facts.name, facts.root, index.base, History(), worktrees=facts.worktrees)
    told = {}
    for position, page in pages.items():
        amended = amend(page.dossier, changed, now, common, rulebook)
        if amended is None or index.entries[position].archived:
            raise TooFarError("others may see the change")
        told[position] = amended
    return told

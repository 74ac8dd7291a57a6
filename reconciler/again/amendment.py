"""Writes a change of few workstreams into our files and into the ledger."""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import replace
from datetime import date, datetime
from pathlib import Path

from reconciler.again.bookkeeping import Beside
from reconciler.again.ledger import Entry, Index, Ledger, Page, renew_ledger
from reconciler.derive.amend import Amended
from reconciler.derive.dossier import Told
from reconciler.derive.view import words_of
from reconciler.files import Lock, digest
from reconciler.frozen import frozen
from reconciler.model import View, WorkstreamId
from reconciler.observe.artifacts import Disk
from reconciler.publish import store
from reconciler.publish.moves import Move
from reconciler.publish.projections import instances_document, to_json, waiting
from reconciler.publish.splice import Order, splice
from reconciler.reconcile import Asked, Outcome
from reconciler.written import keep_written, recall_written

INSTANCES = "instances.json"


class TooFarError(Exception):
    """A change that may reach further than the ledger tells."""


@frozen
class Change:
    """Workstreams told again, and where they were told before. They are named by their position in the ledger."""

    asked: Asked
    ledger: Ledger
    beside: Beside
    target: Path
    pages: Mapping[int, Page]
    told: Mapping[int, Amended]
    disks: Sequence[Disk]  # what was met when their documents were read


def write(change: Change, held: Lock) -> Outcome:
    """Bring our files and the ledger up to date. Raises TooFarError or ValueError before anything is written."""
    index, told = change.ledger.index, change.told.values()
    old, new = (_view(change, parts) for parts in ([p.before for p in told], [p.after for p in told]))
    entries = _entries(change, new)
    updated = _newest(entries, index)
    if _day(updated) != _day(index.updated):
        raise TooFarError("ages are counted from another day")
    there = _there(change)
    spliced = splice(there, _order(index.entries, index.updated), _order(entries, updated), old, new)
    phases = {WorkstreamId(entry.id): entry.phase for entry in entries}
    instances = to_json(instances_document(change.beside.claims, phases))
    files = {**there, **spliced, INSTANCES: instances}
    common = change.asked.git.common_dir
    report = store.publish(change.target, files, common_dir=common, held=held, own=index.files)
    pairs = zip(old.workstreams, new.workstreams, strict=True)
    moves = [Move(now.id, before.state, now.state, now.reason) for before, now in pairs if before.state != now.state]
    _keep(change, replace(index, files=report.digests, entries=entries, updated=updated))
    _keep_states(change, report.digests, moves)
    return Outcome(tuple(moves), (*report.written, *report.removed), report.unchanged, report.problems)


def _view(change: Change, told: Iterable[Told]) -> View:
    """A view of these workstreams alone."""
    parts = sorted(told, key=lambda part: part.finished.workstream.id)
    index = change.ledger.index
    return View(
        name=change.asked.around.facts.name,
        base=index.base,
        updated=index.updated,
        workstreams=tuple(part.finished.workstream for part in parts),
        next=tuple(part.suggestion for part in parts if part.suggestion),
        problems=(),
        cycles=(),
        claims=(),
        intents=change.beside.intents,
        layouts=index.layouts,
        complete=True,
        words=words_of(change.asked.rulebook),
    )


def _entries(change: Change, view: View) -> tuple[Entry, ...]:
    entries = list(change.ledger.index.entries)
    queued = {stream.id for stream, _ in waiting(view)}
    for position, part in change.told.items():
        stream, suggestion = part.after.finished.workstream, part.after.suggestion
        score = suggestion.score if suggestion else None
        entries[position] = Entry(
            stream.id, stream.phase_text, stream.updated, stream.id in queued, archived=False, score=score
        )
    return tuple(entries)


def _newest(entries: Iterable[Entry], index: Index) -> datetime | None:
    """The time of the newest evidence, see ``View.updated``."""
    return max((entry.updated for entry in entries if entry.updated), default=index.base.at)


def _day(at: datetime | None) -> date | None:
    return at.date() if at else None


def _order(entries: Sequence[Entry], updated: datetime | None) -> Order:
    """Whose rows are in which list, as a full pass would put them."""
    queued = [entry for entry in entries if entry.queued]
    scored = [(-entry.score, entry.id) for entry in entries if entry.score is not None]
    return Order(
        next=[name for _, name in sorted(scored)],
        queue=sorted(entry.id for entry in queued),
        updated=updated,
        queue_updated=max((entry.updated for entry in queued if entry.updated), default=None),
    )


def _there(change: Change) -> dict[str, bytes]:
    """Our files, as the last pass left them."""
    index = change.ledger.index
    found = store.contents(change.target, index.files)
    there = {name: data for name, data in found.items() if data is not None}
    if _digests(there) != index.files:
        raise TooFarError("our files were changed by others")
    return there


def _digests(files: Mapping[str, bytes]) -> dict[str, str]:
    return {name: digest(data) for name, data in files.items()}


def _keep(change: Change, index: Index) -> None:
    """Keep the ledger as it is after this change."""
    worktrees = [tree for tree in change.asked.around.facts.worktrees if not tree.missing]
    places = {place for page in change.told.values() for place in _places(page)}
    pages = {position: replace(change.pages[position], dossier=part.dossier) for position, part in change.told.items()}
    now = replace(
        index,
        disks=tuple(
            replace(disk, files={**disk.files, **met.files})
            for disk, met in zip(index.disks, change.disks, strict=True)
        ),
        changes={tree.path: tree.changes for tree in worktrees},
        unlike=tuple(t.path for t in worktrees if t.path in index.unlike or f"worktree:{t.name}" in places),
    )
    if now != change.ledger.index or pages != change.pages:
        renew_ledger(change.asked.git.common_dir, change.ledger, now, pages)


def _keep_states(change: Change, files: Mapping[str, str], moves: Iterable[Move]) -> None:
    """Keep what was written for a full pass, which need not read our files then to say what moved."""
    common = change.asked.git.common_dir
    last = recall_written(common, change.target)
    if last and last.digests == change.ledger.index.files:
        keep_written(common, replace(last, digests=files, states={**last.states, **{m.id: m.new for m in moves}}))


def _places(amended: Amended) -> Iterable[str]:
    group = amended.dossier.group
    return {place for m in (*group.members, *group.shared) for copy in m.copies for place in copy.seen_in}

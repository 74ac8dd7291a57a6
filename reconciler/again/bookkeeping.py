"""Keeps the ledger: what a full pass found out, by workstream, for passes that find few documents changed."""

import hashlib
import json
from collections import defaultdict
from collections.abc import Iterator, Mapping
from dataclasses import replace
from datetime import datetime
from pathlib import Path

from reconciler import reconcile
from reconciler.again.ledger import Entry, Index, Lore, Page, write_ledger
from reconciler.config import Config
from reconciler.derive.dependencies import bearer_of
from reconciler.derive.dossier import dossiers
from reconciler.derive.view import Derivation
from reconciler.frozen import frozen
from reconciler.gatekeeper import leaving_at
from reconciler.memory import codec
from reconciler.model import Base, BlobId, Claim, Intent, Problem, RepoFacts, Worktree
from reconciler.observe.artifacts import past_of
from reconciler.publish.projections import Cut, is_archived, waiting
from reconciler.reconcile import Asked, Kept, Look


@frozen
class Beside:
    """What is asked each time beside git: what people want, and who holds what."""

    intents: tuple[Intent, ...]
    claims: tuple[Claim, ...]
    key: str  # of everything but documents and the time of day; "" when no ledger can be of use


def ask_beside(asked: Asked, target: Path) -> Beside:
    """Read intents and claims, and sum up all that must be the same for a ledger to be right."""
    facts = asked.around.facts
    intents, complaints = reconcile.read_wanted(asked.git, facts, target)
    claims, unread = reconcile.read_claims(facts, asked.config)
    is_sure = facts.root and asked.around.key and not unread and all(claim.status != "stale" for claim in claims)
    parts = (
        asked.around.key,
        str(target),
        codec(RepoFacts).write(replace(facts, worktrees=tuple(map(_standing, facts.worktrees)))),
        codec(Config).write(asked.config),
        asked.rulebook.digest,
        codec(tuple[Problem, ...]).write(asked.rulebook.problems),
        codec(tuple[Intent, ...]).write(intents),
        codec(tuple[Problem, ...]).write(complaints),
        codec(tuple[Claim, ...]).write(tuple(replace(claim, heard=claim.since) for claim in claims)),
        asked.git.is_bare,
    )
    key = hashlib.sha256(json.dumps(parts).encode("ascii")).hexdigest() if is_sure else ""
    return Beside(intents, claims, key)


def _standing(tree: Worktree) -> Worktree:
    """A work tree with no more of its changes than whether any are none of ours."""
    return replace(tree, changes=("",) if any(not path.startswith(".swarm/") for path in tree.changes) else ())


def is_due(asked: Asked, seen: Look) -> Beside | None:
    """What a ledger would be kept under, when it is worth its price: the look before this one met the same refs.

    None also when something that was seen cannot be told by a ledger.
    """
    if not (seen.again and _is_plain(seen)):
        return None
    beside = ask_beside(asked, seen.target)
    same = (beside.intents, beside.claims) == (seen.snapshot.intents, seen.snapshot.claims)
    return beside if beside.key and same else None


def keep_ledger(seen: Look, beside: Beside, kept: Kept, *, now: datetime) -> None:
    """Write down what a pass that wrote found out."""
    derivation, written, base = kept.derivation, kept.written, seen.snapshot.base
    if derivation is None or written is None or base is None:
        return
    index = _index(seen, derivation, base, written.digests, beside.key, now)
    bearers = list(map(bearer_of, derivation.groups))
    write_ledger(Path(seen.facts.common_dir), index, _pages(seen, derivation), bearers)


def _is_plain(seen: Look) -> bool:
    """Whether nothing is known of documents but what is in them."""
    own = {problem for document in seen.snapshot.documents for problem in document.text.problems}
    return seen.view.complete and bool(seen.facts.key) and seen.reading.plain and own.issuperset(seen.reading.problems)


def _index(seen: Look, derivation: Derivation, base: Base, files: Mapping[str, str], key: str, now: datetime) -> Index:
    present = [tree for tree in seen.facts.worktrees if not tree.missing]
    labels = {place for document in seen.snapshot.documents for place in document.seen_in}
    owners: dict[str, list[int]] = {document.path: [] for document in seen.snapshot.documents}
    flocks: dict[str, list[int]] = defaultdict(list)
    for position, group in enumerate(derivation.groups):
        for path in dict.fromkeys(member.document.path for member in (*group.members, *group.shared)):
            owners[path].append(position)
        for tree in group.worktrees:
            flocks[tree.path].append(position)
    return Index(
        key=key,
        since=now.timestamp(),
        until=leaving_at(seen, now),
        target=str(seen.target),
        files=files,
        base=base,
        updated=seen.view.updated,
        layouts=seen.snapshot.layouts,
        problems=seen.view.problems,
        disks=seen.reading.disks,
        changes={tree.path: tree.changes for tree in present},
        unlike=tuple(tree.path for tree in present if f"worktree:{tree.name}" in labels),
        flocks={path: tuple(positions) for path, positions in flocks.items()},
        owners={path: tuple(positions) for path, positions in owners.items()},
        entries=_entries(seen, derivation, Cut(now, seen.config.archive_after)),
    )


def _entries(seen: Look, derivation: Derivation, cut: Cut) -> tuple[Entry, ...]:
    queued = {stream.id for stream, _ in waiting(seen.view)}
    scores = {suggestion.id: suggestion.score for suggestion in seen.view.next}
    streams = (derivation.finished[group.id].workstream for group in derivation.groups)
    return tuple(
        Entry(w.id, w.phase_text, w.updated, w.id in queued, is_archived(w, cut), scores.get(w.id)) for w in streams
    )


def _pages(seen: Look, derivation: Derivation) -> Iterator[Page]:
    """One page for each group, in their order, made when it is asked for."""
    wanted = {document.path for document in seen.snapshot.documents}
    committed: dict[str, dict[str, BlobId]] = defaultdict(dict)
    base = reconcile.base_of(seen.facts)
    for tree in (*reconcile.tips_of(seen.facts, seen.snapshot.landings), *((base,) if base else ())):
        for path in wanted.intersection(tree.files):
            committed[path][tree.name] = tree.files[path]
    past = past_of(seen.facts.history.commits, wanted.__contains__)
    for dossier in dossiers(derivation):
        paths = sorted({member.document.path for member in (*dossier.group.members, *dossier.group.shared)})
        yield Page(dossier, {p: Lore(committed.get(p, {}), tuple(sorted(past.get(p, ())))) for p in paths})

"""The whole derivation: one observed snapshot and the rules in, one view out. Pure.

A derivation can start from an earlier one: what follows from the same facts is taken over, so that it costs what
changed. The view is the same either way.
"""

from collections import defaultdict
from collections.abc import Mapping, Sequence
from dataclasses import replace

from reconciler.derive.dependencies import Edges, find_again, find_relations
from reconciler.derive.drift import find_drift
from reconciler.derive.families import find_parents
from reconciler.derive.graph import Blocking, read_blocking
from reconciler.derive.grouping import build_groups
from reconciler.derive.groups import Group
from reconciler.derive.judging import Ground, Judged, children_of, judge, survey
from reconciler.derive.regroup import regroup
from reconciler.derive.suggest import suggest
from reconciler.derive.workstream import Derived, build_workstream
from reconciler.frozen import frozen
from reconciler.model import Evidence, Problem, Snapshot, StateWord, Tag, View, Workstream, WorkstreamId
from reconciler.policy import Rulebook

Collisions = tuple[tuple[WorkstreamId, tuple[str, ...]], ...]


def derive(snapshot: Snapshot, rulebook: Rulebook) -> View:
    """Everything that follows from ``snapshot`` by ``rulebook``; the same input in any order gives the same view."""
    return derive_after(None, snapshot, rulebook).view


@frozen
class Finished:
    """A workstream with its conflicts and drift, and the tags that rules ask for."""

    plain: Workstream
    collisions: Collisions
    workstream: Workstream
    tags: frozenset[Tag]


@frozen
class Derivation:
    """A view with the steps that led to it; each step names what it was taken from."""

    snapshot: Snapshot
    rulebook: Rulebook
    groups: tuple[Group, ...]
    ground: Ground
    edges: Edges
    judged: Mapping[str, Judged]
    done: frozenset[str]
    blocking: Blocking
    built: Mapping[str, tuple[Derived, Workstream]]
    finished: Mapping[str, Finished]
    view: View


def derive_after(before: Derivation | None, snapshot: Snapshot, rulebook: Rulebook) -> Derivation:
    """The derivation of ``snapshot``; from ``before`` comes what would be found the same again."""
    same_rules = before is not None and before.rulebook == rulebook
    groups = regroup(before.snapshot, before.groups, snapshot) if before and same_rules else None
    if before is None or groups is None:
        before = known = None
        groups = find_parents(build_groups(snapshot, rulebook))
        ground, edges = survey(groups, snapshot, rulebook), find_relations(groups)
    else:
        ground = before.ground
        known = find_again(before.edges, before.groups, groups)
        edges = known or find_relations(groups)
    judged = judge(groups, ground, snapshot, rulebook, before.judged if before else {})
    done = frozenset(g.id for g in groups if judged[g.id].decision.row.name == "merged")
    is_same = before is not None and before.done == done and known is not None
    blocking = before.blocking if before and is_same else read_blocking((g.id for g in groups), edges.relations, done)
    built = _build(groups, judged, edges, blocking, ground, before)
    finished = _finish(built, judged, rulebook, before.finished if before else {})
    view = _view(snapshot, rulebook, finished, edges, blocking)
    return Derivation(snapshot, rulebook, groups, ground, edges, judged, done, blocking, built, finished, view)


def _view(
    snapshot: Snapshot, rulebook: Rulebook, finished: Mapping[str, Finished], edges: Edges, blocking: Blocking
) -> View:
    workstreams = tuple(part.workstream for part in finished.values())
    tags = {name: part.tags for name, part in finished.items()}
    updated = max((w.updated for w in workstreams if w.updated), default=snapshot.base.at if snapshot.base else None)
    return View(
        name=snapshot.name,
        base=snapshot.base,
        updated=updated,
        workstreams=workstreams,
        next=suggest(workstreams, tags, blocking.unblocks, updated, rulebook),
        problems=_problems(snapshot, rulebook, edges, blocking),
        cycles=tuple(tuple(WorkstreamId(m) for m in cycle) for cycle in blocking.cycles),
        claims=tuple(sorted(snapshot.claims, key=lambda c: (c.workstream, c.session))),
        intents=tuple(sorted(snapshot.intents, key=lambda i: (i.id, i.path))),
        layouts=snapshot.layouts,
        complete=snapshot.complete,
        branches=sum(bool(b.own) for b in snapshot.branches),
        worktrees=sum(not w.main for w in snapshot.worktrees),
        words=words_of(rulebook),
    )


def words_of(rulebook: Rulebook) -> tuple[StateWord, ...]:
    """The states as screens show them."""
    return tuple(StateWord(s.name, s.glyph, s.ascii, s.style, s.open) for s in rulebook.states)


def _build(
    groups: Sequence[Group],
    judged: Mapping[str, Judged],
    edges: Edges,
    blocking: Blocking,
    ground: Ground,
    before: Derivation | None,
) -> dict[str, tuple[Derived, Workstream]]:
    """The workstreams by id, without what needs the others; one of the same facts is taken from ``before``.

    ``before`` has the same ground, and the same groups as far as their names and parents go.
    """
    built: dict[str, tuple[Derived, Workstream]] = {}
    same = _same_parts(judged, edges, before) if before and before.blocking is blocking else {}
    family = children_of(groups)
    cyclic = frozenset(member for cycle in blocking.cycles for member in cycle)
    for group in groups:
        if group.id in same:
            built[group.id] = same[group.id]
            continue
        part = judged[group.id]
        derived = Derived(
            group=group,
            evidence=part.evidence,
            decision=part.decision,
            progress=part.progress,
            claim=part.claim,
            work=part.work,
            children=tuple(sorted(WorkstreamId(g.id) for g in family[group.id])) if group.id in family else (),
            relations=edges.relations.get(group.id, ()),
            blocked_by=blocking.blocked_by.get(group.id, ()),
            in_cycle=group.id in cyclic,
        )
        old = before.built.get(group.id) if before else None
        built[group.id] = old if old and old[0] == derived else (derived, build_workstream(derived, ground.world))
    return built


def _same_parts(
    judged: Mapping[str, Judged], edges: Edges, before: Derivation
) -> dict[str, tuple[Derived, Workstream]]:
    """What was built of the very same judgements and relations."""
    old, now = before.edges.relations, edges.relations
    return {
        name: built
        for name, built in before.built.items()
        if judged.get(name) is before.judged[name] and now.get(name) is old.get(name)
    }


def _finish(
    built: Mapping[str, tuple[Derived, Workstream]],
    judged: Mapping[str, Judged],
    rulebook: Rulebook,
    before: Mapping[str, Finished],
) -> dict[str, Finished]:
    """The workstreams with conflicts, tags and drift."""
    collisions = _collisions([plain for _, plain in built.values()])
    finished: dict[str, Finished] = {}
    for name, (_, plain) in built.items():
        found = collisions.get(name, ())
        old = before.get(name)
        if old and old.plain is plain and old.collisions == found:
            finished[name] = old
            continue
        finished[name] = finish(plain, found, judged[name].evidence, rulebook)
    return finished


def finish(plain: Workstream, collisions: Collisions, evidence: Sequence[Evidence], rulebook: Rulebook) -> Finished:
    """One workstream with conflicts, tags and drift."""
    workstream = plain
    if collisions:
        flags = tuple(sorted({*plain.flags, "conflicted"}))
        workstream = replace(plain, conflicts=collisions, flags=flags)
    tags = _tags(evidence, workstream)
    return Finished(plain, collisions, _with_drift(workstream, evidence, tags, rulebook), tags)


def _collisions(workstreams: Sequence[Workstream]) -> dict[str, Collisions]:
    """Work in flight that changes the same files as other work in flight, or is declared to conflict: id -> with whom.

    The files are those that both change; none where the conflict is only declared.
    """
    flying = {str(w.id): w for w in workstreams if w.state in ("implementing", "in-review") and w.branch}
    common: dict[tuple[str, str], set[str]] = defaultdict(set)
    by_file: dict[str, list[str]] = defaultdict(list)
    for name, workstream in flying.items():
        for path in workstream.files:
            for other in by_file[path]:
                common[other, name].add(path)
            by_file[path].append(name)
        for relation in workstream.relations:
            if relation.type == "conflicts" and relation.target in flying:
                common[min(name, relation.target), max(name, relation.target)].update(())
    found: dict[str, list[tuple[WorkstreamId, tuple[str, ...]]]] = defaultdict(list)
    for (one, other), paths in common.items():
        if flying[one].parent != other and flying[other].parent != one:
            found[one].append((WorkstreamId(other), tuple(sorted(paths))))
            found[other].append((WorkstreamId(one), tuple(sorted(paths))))
    return {name: tuple(sorted(pairs)) for name, pairs in found.items()}


def _tags(evidence: Sequence[Evidence], workstream: Workstream) -> frozenset[Tag]:
    extra = {f"state:{workstream.state}", *workstream.flags}
    if workstream.worktree and workstream.state in ("merged", "abandoned"):
        extra.add("leftover")
    return frozenset(e.tag for e in evidence) | {Tag(t) for t in extra}


def _with_drift(
    workstream: Workstream, evidence: Sequence[Evidence], tags: frozenset[Tag], rulebook: Rulebook
) -> Workstream:
    drift = find_drift(evidence, tags, rulebook)
    if not drift:
        return workstream
    flags = set(workstream.flags)
    if any(d.severity != "info" for d in drift):
        flags.add("drift")
    return replace(workstream, drift=drift, flags=tuple(sorted(flags)))


def _problems(snapshot: Snapshot, rulebook: Rulebook, edges: Edges, blocking: Blocking) -> tuple[Problem, ...]:
    cycles = [
        Problem(
            "cycle",
            "depends on itself: " + " -> ".join((*cycle, cycle[0])),
            workstream=cycle[0],
            severity="error",
        )
        for cycle in blocking.cycles
    ]
    own = [p for d in snapshot.documents for p in d.text.problems]
    return tuple(sorted({*snapshot.problems, *rulebook.problems, *edges.problems, *cycles, *own}))

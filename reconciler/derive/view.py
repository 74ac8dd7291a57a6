"""The whole derivation: one observed snapshot and the rules in, one view out. Pure."""

from collections import Counter, defaultdict
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import datetime

from reconciler.derive.dependencies import Edges, find_relations
from reconciler.derive.direct import BaseReader, DirectWork
from reconciler.derive.drift import find_drift
from reconciler.derive.families import find_parents
from reconciler.derive.features import Case, Child, read_evidence
from reconciler.derive.graph import Blocking, read_blocking
from reconciler.derive.grouping import build_groups
from reconciler.derive.groups import Group
from reconciler.derive.lifecycle import Decision, decide
from reconciler.derive.papers import Papers
from reconciler.derive.phases import Progress, read_progress
from reconciler.derive.suggest import suggest
from reconciler.derive.workstream import Derived, World, build_workstream, find_arrival
from reconciler.model import (
    Claim,
    Evidence,
    Problem,
    Snapshot,
    StateWord,
    Tag,
    View,
    Workstream,
    WorkstreamId,
)
from reconciler.policy import Rulebook


def derive(snapshot: Snapshot, rulebook: Rulebook) -> View:
    """Everything that follows from ``snapshot`` by ``rulebook``; the same input in any order gives the same view."""
    groups = find_parents(build_groups(snapshot, rulebook))
    judged = _judge(groups, snapshot, rulebook)
    edges = find_relations(groups)
    done = frozenset(g.id for g in groups if judged[g.id].decision.row.name == "merged")
    blocking = read_blocking((g.id for g in groups), edges.relations, done)
    workstreams = _workstreams(groups, judged, edges, blocking, snapshot)
    tags = {str(w.id): _tags(judged[w.id].evidence, w) for w in workstreams}
    workstreams = tuple(_with_drift(w, judged[w.id].evidence, tags[w.id], rulebook) for w in workstreams)
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
        words=tuple(StateWord(s.name, s.glyph, s.ascii, s.style, s.open) for s in rulebook.states),
    )


@dataclass(frozen=True, slots=True)
class _Judged:
    evidence: tuple[Evidence, ...]
    decision: Decision
    progress: Progress
    claim: Claim | None
    work: DirectWork


def _judge(groups: Sequence[Group], snapshot: Snapshot, rulebook: Rulebook) -> dict[str, _Judged]:
    """Children before their parents, since a parent is as far as its children let it be."""
    artifacts = Papers((d.path for d in snapshot.documents), rulebook.layouts, snapshot.layouts)
    reader = BaseReader(snapshot.history, groups, artifacts)
    numbers = Counter(n for g in groups for n in {d.number for d in g.documents if d.folder and d.number})
    claims = _claims_of(groups, snapshot.claims)
    touched = _last_changes(reader, snapshot)
    judged: dict[str, _Judged] = {}
    children_of = _children_of(groups)
    position = {g.id: i for i, g in enumerate(groups)}
    for group in _children_first(groups):
        claim = claims.get(group.id)
        work = reader.read(position[group.id], group, numbers)
        progress = read_progress(group)
        children = tuple(_child(g, judged[g.id]) for g in children_of[group.id])
        evidence = read_evidence(
            Case(group, work, progress, snapshot.base, artifacts, snapshot.history.tree, claim, children, touched)
        )
        judged[group.id] = _Judged(evidence, decide(evidence, rulebook), progress, claim, work)
    return judged


def _last_changes(reader: BaseReader, snapshot: Snapshot) -> Mapping[str, datetime]:
    """Path -> when it was last changed, on the base or on a branch that is not merged."""
    touched = dict(reader.touched)
    for branch in snapshot.branches:
        for commit in branch.own:
            for change in commit.changes:
                touched[change.path] = max(commit.at, touched.get(change.path, commit.at))
    return touched


def _claims_of(groups: Sequence[Group], claims: Sequence[Claim]) -> dict[str, Claim]:
    """Claims by the id of their group; one made under an earlier name counts while no other group bears that name."""
    bearers = Counter(name for g in groups for name in {*g.aliases} - {g.id})
    owner = {name: g.id for g in groups for name in g.aliases if bearers[name] == 1} | {g.id: g.id for g in groups}
    found: dict[str, Claim] = {}
    for claim in sorted(claims, key=lambda c: (c.status != "stale", c.workstream == owner.get(c.workstream), c.heard)):
        if claim.workstream in owner:
            found[owner[claim.workstream]] = claim
    return found


def _children_of(groups: Sequence[Group]) -> Mapping[str, list[Group]]:
    children: dict[str, list[Group]] = defaultdict(list)
    for group in groups:
        if group.parent:
            children[group.parent].append(group)
    return children


def _children_first(groups: Sequence[Group]) -> list[Group]:
    depth: dict[str, int] = {}
    above = {g.id: g.parent for g in groups}
    for group in groups:
        steps, step = 0, group.parent
        while step is not None and steps <= len(groups):
            steps, step = steps + 1, above.get(step)
        depth[group.id] = steps
    return sorted(groups, key=lambda g: (-depth[g.id], g.id))


def _child(group: Group, judged: _Judged) -> Child:
    row = judged.decision.row
    arrival = find_arrival(judged.decision, judged.evidence) if row.name == "merged" else None
    return Child(group.id, row.name, group.phase, row.open, arrival.at if arrival else None)


def _workstreams(
    groups: Sequence[Group],
    judged: Mapping[str, _Judged],
    edges: Edges,
    blocking: Blocking,
    snapshot: Snapshot,
) -> tuple[Workstream, ...]:
    built = []
    world = World(snapshot)
    children_of = _children_of(groups)
    cyclic = frozenset(member for cycle in blocking.cycles for member in cycle)
    for group in groups:
        part = judged[group.id]
        children = tuple(sorted(WorkstreamId(g.id) for g in children_of[group.id]))
        derived = Derived(
            group=group,
            evidence=part.evidence,
            decision=part.decision,
            progress=part.progress,
            claim=part.claim,
            work=part.work,
            children=children,
            relations=edges.relations.get(group.id, ()),
            blocked_by=blocking.blocked_by.get(group.id, ()),
            in_cycle=group.id in cyclic,
        )
        built.append(build_workstream(derived, world))
    return _with_conflicts(built)


def _with_conflicts(workstreams: Sequence[Workstream]) -> tuple[Workstream, ...]:
    """Flag work in flight that changes the same files as other work in flight, or is declared to conflict."""
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
    return tuple(
        replace(w, conflicts=tuple(sorted(found[w.id])), flags=tuple(sorted({*w.flags, "conflicted"})))
        if w.id in found
        else w
        for w in workstreams
    )


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

"""The judgement on every group: evidence, state, progress. What was judged before on the same facts is taken over."""

from collections import Counter, defaultdict
from collections.abc import Mapping, Sequence
from datetime import datetime

from reconciler.derive.direct import BaseReader, DirectWork
from reconciler.derive.features import Case, Child, read_evidence
from reconciler.derive.groups import Group
from reconciler.derive.lifecycle import Decision, decide
from reconciler.derive.papers import Papers
from reconciler.derive.phases import Progress, read_progress
from reconciler.derive.workstream import World, find_arrival, world_of
from reconciler.frozen import frozen
from reconciler.model import Claim, Evidence, Snapshot
from reconciler.policy import Rulebook


@frozen
class Ground:
    """What all groups are judged on: which groups there are, and what the base's history says about them."""

    papers: Papers
    reader: BaseReader
    numbers: Counter[str]  # how many groups bear a number
    touched: Mapping[str, datetime]  # path -> when it was last changed, on the base or on a branch that is not merged
    world: World


@frozen
class Judged:
    """The judgement on one group, and what it depends on beside the ground."""

    group: Group
    claim: Claim | None
    children: tuple[Child, ...]
    evidence: tuple[Evidence, ...]
    decision: Decision
    progress: Progress
    work: DirectWork


def survey(groups: Sequence[Group], snapshot: Snapshot, rulebook: Rulebook) -> Ground:
    """Indexes history and documents once, for all groups."""
    papers = Papers((d.path for d in snapshot.documents), rulebook.layouts, snapshot.layouts)
    reader = BaseReader(snapshot.history, groups, papers)
    numbers = Counter(n for g in groups for n in {d.number for d in g.documents if d.folder and d.number})
    return Ground(papers, reader, numbers, _last_changes(reader, snapshot), world_of(snapshot))


def judge(
    groups: Sequence[Group], ground: Ground, snapshot: Snapshot, rulebook: Rulebook, before: Mapping[str, Judged]
) -> dict[str, Judged]:
    """Children before their parents, since a parent is as far as its children let it be.

    ``before``: judgements on the same ground, by id; one of the same group, claim and children still holds.
    """
    claims = _claims_of(groups, snapshot.claims)
    judged: dict[str, Judged] = {}
    family = children_of(groups)
    position = {g.id: i for i, g in enumerate(groups)}
    for group in _children_first(groups):
        claim = claims.get(group.id)
        children = tuple(as_child(judged[g.id]) for g in family[group.id]) if group.id in family else ()
        old = before.get(group.id)
        if old and old.group is group and old.claim == claim and old.children == children:
            judged[group.id] = old
            continue
        work = ground.reader.read(position[group.id], group, ground.numbers)
        tree, touched = snapshot.history.tree, ground.touched
        case = Case(group, work, read_progress(group), snapshot.base, ground.papers, tree, claim, children, touched)
        judged[group.id] = judge_one(case, rulebook)
    return judged


def judge_one(case: Case, rulebook: Rulebook) -> Judged:
    """The judgement on one group, from everything that it depends on."""
    evidence = read_evidence(case)
    decision = decide(evidence, rulebook)
    return Judged(case.group, case.claim, case.children, evidence, decision, case.progress, case.work)


def children_of(groups: Sequence[Group]) -> Mapping[str, list[Group]]:
    """Id of a parent -> its children, in the order of the groups."""
    children: dict[str, list[Group]] = defaultdict(list)
    for group in groups:
        if group.parent:
            children[group.parent].append(group)
    return children


def _last_changes(reader: BaseReader, snapshot: Snapshot) -> Mapping[str, datetime]:
    touched = dict(reader.touched)
    for branch in snapshot.branches:
        for commit in branch.own:
            for change in commit.changes:
                touched[change.path] = max(commit.at, touched.get(change.path, commit.at))
    return touched


def _claims_of(groups: Sequence[Group], claims: Sequence[Claim]) -> dict[str, Claim]:
    """Claims by the id of their group; one made under an earlier name counts while no other group bears that name."""
    if not claims:
        return {}
    bearers = Counter(name for g in groups for name in {*g.aliases} - {g.id})
    owner = {name: g.id for g in groups for name in g.aliases if bearers[name] == 1} | {g.id: g.id for g in groups}
    found: dict[str, Claim] = {}
    for claim in sorted(claims, key=lambda c: (c.status != "stale", c.workstream == owner.get(c.workstream), c.heard)):
        if claim.workstream in owner:
            found[owner[claim.workstream]] = claim
    return found


def _children_first(groups: Sequence[Group]) -> list[Group]:
    depth: dict[str, int] = {}
    above = {g.id: g.parent for g in groups}
    for group in groups:
        steps, step = 0, group.parent
        while step is not None and steps <= len(groups):
            steps, step = steps + 1, above.get(step)
        depth[group.id] = steps
    return sorted(groups, key=lambda g: (-depth[g.id], g.id))


def as_child(judged: Judged) -> Child:
    """What the parent of a group sees of it."""
    group, row = judged.group, judged.decision.row
    arrival = find_arrival(judged.decision, judged.evidence) if row.name == "merged" else None
    return Child(group.id, row.name, group.phase, row.open, arrival.at if arrival else None)

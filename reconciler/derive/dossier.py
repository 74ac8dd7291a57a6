"""Everything that one workstream follows from, by itself: so that it can be told again without deriving the others."""

from collections.abc import Callable, Container, Iterator, Mapping
from dataclasses import replace
from datetime import datetime

from reconciler.derive.dependencies import Resolver
from reconciler.derive.direct import DirectWork
from reconciler.derive.features import Case, Child
from reconciler.derive.groups import Group
from reconciler.derive.judging import Judged, judge_one
from reconciler.derive.papers import Papers
from reconciler.derive.phases import read_progress
from reconciler.derive.suggest import held_back, suggest_one
from reconciler.derive.view import Collisions, Derivation, Finished, finish
from reconciler.derive.workstream import Derived, World, build_workstream
from reconciler.frozen import frozen
from reconciler.model import Base, BlobId, Claim, Commit, CommitId, Relation, Suggestion, WorkstreamId
from reconciler.policy import Rulebook


@frozen
class Dossier:
    """One group, and what the others, the history and the graph say about it."""

    group: Group
    claim: Claim | None
    work: DirectWork  # of each kind the first commit, without its changes
    children: tuple[Child, ...]
    family: tuple[WorkstreamId, ...]  # ids of the children
    relations: tuple[Relation, ...]
    blocked_by: tuple[str, ...]
    in_cycle: bool
    collisions: Collisions
    unblocks: int
    held_back: bool  # nobody is to take it up now
    tree: Mapping[str, BlobId]  # files of the base that it may ask for
    touched: Mapping[str, datetime]  # its documents -> when they were last changed
    commits: tuple[CommitId, ...]  # that it may name


@frozen
class Common:
    """What all dossiers of a repository share."""

    base: Base | None
    papers: Papers
    documents: Container[str]  # paths
    newest: datetime | None  # time of the newest evidence
    resolver: Callable[[], Resolver]  # of all workstreams; made when a dependency is to be looked up


@frozen
class Told:
    """What a dossier says."""

    judged: Judged
    finished: Finished
    suggestion: Suggestion | None


def tell(dossier: Dossier, common: Common, rulebook: Rulebook) -> Told:
    """The workstream of a dossier, as the whole derivation would tell it."""
    group, tree = dossier.group, dossier.tree
    progress, claim, children = read_progress(group), dossier.claim, dossier.children
    case = Case(
        group, dossier.work, progress, common.base, common.papers, tree, claim, children, dossier.touched
    )  # fmt: skip
    judged = judge_one(case, rulebook)
    derived = Derived(
        group,
        judged.evidence,
        judged.decision,
        progress,
        claim,
        dossier.work,
        dossier.family,
        dossier.relations,
        dossier.blocked_by,
        dossier.in_cycle,
    )
    world = World(common.base, tree, {str(c): c for c in dossier.commits}, common.documents)
    finished = finish(build_workstream(derived, world), dossier.collisions, judged.evidence, rulebook)
    if dossier.held_back:
        return Told(judged, finished, None)
    suggestion = suggest_one(finished.workstream, finished.tags, dossier.unblocks, common.newest, rulebook)
    return Told(judged, finished, suggestion)


def dossiers(derivation: Derivation) -> Iterator[Dossier]:
    """The dossier of each group, in the order of the groups, made when it is asked for."""
    back = held_back(derivation.view.workstreams)
    return (_dossier(group, derivation, is_back=group.id in back) for group in derivation.groups)


def _dossier(group: Group, derivation: Derivation, *, is_back: bool) -> Dossier:
    judged, finished = derivation.judged[group.id], derivation.finished[group.id]
    derived, _ = derivation.built[group.id]
    tree, touched, commits = (
        derivation.snapshot.history.tree,
        derivation.ground.touched,
        derivation.ground.world.commits,
    )
    paths = _asked(group)
    named = {source for source in _sources(group, judged.work) if source in commits}
    return Dossier(
        group=group,
        claim=judged.claim,
        work=_first_of_each(judged.work),
        children=judged.children,
        family=derived.children,
        relations=derived.relations,
        blocked_by=derived.blocked_by,
        in_cycle=derived.in_cycle,
        collisions=finished.collisions,
        unblocks=len(derivation.blocking.unblocks.get(group.id, ())),
        held_back=is_back,
        tree={path: tree[path] for path in sorted(paths) if path in tree},
        touched={d.path: touched[d.path] for d in group.documents if d.path in touched},
        commits=tuple(commits[source] for source in sorted(named)),
    )


def _asked(group: Group) -> set[str]:
    """Files of the base that facts about a group look at: what its branches changed, what its documents name."""
    changed = {change.path for line in group.lines for change in line.branch.changes}
    texts = [copy.text for member in group.members for copy in (member.document, *member.copies)]
    return changed | {path for text in texts for path in (*text.files, *text.creates)}


def _sources(group: Group, work: DirectWork) -> set[str]:
    """Commits that evidence may name."""
    landings = [*(line.landing for line in group.lines if line.landing), *group.vanished]
    first = (commits[0].id for commits in (work.direct, work.named, work.bulk, work.code, work.beside) if commits)
    return {*(str(landing.commit)[:40] for landing in landings if landing.commit), *first}


def _first_of_each(work: DirectWork) -> DirectWork:
    def first(commits: tuple[Commit, ...]) -> tuple[Commit, ...]:
        return tuple(replace(commit, changes=()) for commit in commits[:1])

    return replace(
        work,
        direct=first(work.direct),
        named=first(work.named),
        bulk=first(work.bulk),
        code=first(work.code),
        beside=first(work.beside),
    )

"""One workstream for the view, put together from what was derived about its group."""

from collections.abc import Container, Iterable, Mapping, Sequence
from datetime import date

from reconciler.derive.direct import DirectWork
from reconciler.derive.groups import Group, Line, Member
from reconciler.derive.lifecycle import Decision, confidence_of, reason_of
from reconciler.derive.phases import Progress
from reconciler.frozen import frozen
from reconciler.model import (
    Artifacts,
    Base,
    BlobId,
    Claim,
    CommitId,
    Document,
    DocumentRef,
    Evidence,
    Relation,
    Snapshot,
    Workstream,
    WorkstreamId,
)

_PROOF = ("merge-commit", "fast-forward", "merge-subject", "squash", "rebase", "cherry-pick", "same-content",
          "squash-subject")  # fmt: skip
_TRACES = ("direct-commit", "named-commit", "bulk-commit", "code-on-base", "children-merged")


@frozen
class Derived:
    """What the other modules of derive/ said about one group."""

    group: Group
    evidence: tuple[Evidence, ...]
    decision: Decision
    progress: Progress
    claim: Claim | None
    work: DirectWork
    children: tuple[WorkstreamId, ...]
    relations: tuple[Relation, ...]
    blocked_by: tuple[str, ...]
    in_cycle: bool


@frozen
class World:
    """What all workstreams share, looked up once."""

    base: Base | None
    tree: Mapping[str, BlobId]
    commits: Mapping[str, CommitId]
    artifacts: Container[str]


def world_of(snapshot: Snapshot) -> World:
    """The world that a snapshot shows."""
    commits = {str(c.id): c.id for c in snapshot.history.commits}
    return World(snapshot.base, snapshot.history.tree, commits, frozenset(d.path for d in snapshot.documents))


def build_workstream(derived: Derived, world: World) -> Workstream:
    """The workstream, without conflicts and drift, which need the others."""
    group, decision, progress = derived.group, derived.decision, derived.progress
    merged = decision.row.name == "merged"
    line = _main_line(group)
    arrival = find_arrival(decision, derived.evidence) if merged else None
    finished = progress.total if merged else progress.finished
    return Workstream(
        id=WorkstreamId(group.id),
        title=group.title,
        type=_type(derived),
        state=decision.row.name,
        rule=decision.rule.id,
        reason=_reason(decision, arrival, world),
        confidence=confidence_of(decision),
        priority=group.intent.priority if group.intent else None,
        created=_created(group),
        updated=max((e.at for e in derived.evidence if e.at), default=None),
        current_phase=progress.total if merged and progress.total else progress.current,
        total_phases=progress.total or None,
        phase_text=f"{finished}/{progress.total}" if progress.total else "",
        tasks=(progress.tasks_done, progress.tasks_total),
        parent=WorkstreamId(group.parent) if group.parent else None,
        children=derived.children,
        aliases=group.aliases,
        tags=tuple(sorted(group.intent.tags)) if group.intent else (),
        claim=derived.claim,
        branch=line.branch.name if line else _named_branch(group),
        worktree=_worktree(group),
        ahead=len(line.branch.own) if line else 0,
        behind=line.branch.behind if line else 0,
        merged_at=arrival.at if arrival else None,
        merge_commit=_commit(arrival, world),
        flags=_flags(derived, merged=merged),
        blocked_by=tuple(WorkstreamId(b) for b in derived.blocked_by),
        dependencies=tuple(sorted(r.target for r in derived.relations if r.type == "blocks")),
        conflicts=(),
        relations=derived.relations,
        artifacts=_artifacts(group),
        documents=tuple(_reference(m, shared=False) for m in group.members)
        + tuple(_reference(m, shared=True) for m in group.shared),
        evidence=derived.evidence,
        near=decision.near,
        drift=(),
        notes=group.intent.notes if group.intent else "",
        files=_files(group, line, world),
    )


def _main_line(group: Group) -> Line | None:
    """The branch that speaks for the group: one in flight first, then the one of the same slug, then the newest."""

    def order(line: Line) -> tuple[bool, bool, float, str]:
        flying = bool(line.landing and line.landing.verdict in ("in-flight", "partial", "unknown") and line.branch.own)
        return (not flying, line.why != "same slug", -line.branch.at.timestamp(), line.branch.name)

    return min(group.lines, key=order, default=None)


def _named_branch(group: Group) -> str | None:
    landed = [v for v in group.vanished if v.verdict == "landed"]
    return max(landed, key=lambda v: (v.at is not None, v.at, v.branch)).branch if landed else None


def find_arrival(decision: Decision, evidence: Sequence[Evidence]) -> Evidence | None:
    """What says when merged work reached the base: evidence of the deciding rule, else any."""
    return _arrival(decision.because) or _arrival(evidence)


def _arrival(evidence: Sequence[Evidence]) -> Evidence | None:
    """The newest proof of the surest kind that says when the work reached the base."""
    for tags in (_PROOF, _TRACES):
        found = [e for e in evidence if e.tag in tags and e.at]
        if found:
            return max(found, key=lambda e: (e.at, -tags.index(e.tag)))
    return None


def _reason(decision: Decision, arrival: Evidence | None, world: World) -> str:
    if arrival is None or world.base is None:
        return reason_of(decision)
    if arrival.tag not in _PROOF and arrival.tag not in ("direct-commit", "named-commit"):
        return f"merged into {world.base.branch}: " + ", ".join(dict.fromkeys(e.detail for e in decision.because[:2]))
    at = f" by {arrival.source[:7]}" if _commit(arrival, world) else ""
    return f"merged into {world.base.branch}{at} ({arrival.tag.replace('-', ' ')})"


def _commit(arrival: Evidence | None, world: World) -> CommitId | None:
    return world.commits.get(arrival.source) if arrival else None


def _type(derived: Derived) -> str:
    group = derived.group
    if group.intent and group.intent.type:
        return group.intent.type
    if group.parent and "/phase-" in group.id:
        return "phase"
    if derived.children:
        return "epic"
    names = {part for name in (group.id, *group.aliases) for part in name.replace("/", "-").split("-")}
    return "bug" if names & {"bug", "bugfix", "bugfixes", "fix", "hotfix"} else "feature"


def _created(group: Group) -> date | None:
    dates: list[date] = [d for m in group.members if (d := m.document.date or m.document.text.created)]
    if group.intent and group.intent.created:
        dates.append(group.intent.created)
    dates += [line.branch.own[-1].at.date() for line in group.lines if line.branch.own]
    return min(dates, default=None)


def _worktree(group: Group) -> str | None:
    trees = [t for t in group.worktrees if not t.main] or list(group.worktrees)
    return trees[0].path if trees else None


def _flags(derived: Derived, *, merged: bool) -> tuple[str, ...]:
    tags = {e.tag for e in derived.evidence}
    flags = {name for name in ("stale", "reopened", "unreadable") if name in tags}
    if derived.blocked_by and not merged:
        flags.add("blocked")
    if merged:
        flags.discard("stale")  # nobody has to take it up
    if derived.in_cycle:
        flags.add("cycle")
    if "reverted" in tags and derived.decision.row.open:
        flags.add("reopened")
    return tuple(sorted(flags))


def _artifacts(group: Group) -> Artifacts:
    def newest(*kinds: str) -> str | None:
        found = [d for d in group.documents if d.stage in kinds]
        return (
            max(found, key=lambda d: (not d.archived, str(d.date or d.text.created or ""), _rank(d), d.path)).path
            if found
            else None
        )

    checkpoints = tuple(sorted(d.path for d in group.documents if d.stage == "checkpoint"))
    return Artifacts(
        newest("research"),
        newest("plan") or newest("spec"),
        newest("validation"),
        newest("review"),
        checkpoints,
    )


def _rank(document: Document) -> bool:
    return document.kind in ("plan", "research", "validation", "review")


def _reference(member: Member, *, shared: bool) -> DocumentRef:
    document = member.document
    places: Iterable[str] = dict.fromkeys(p for d in (document, *member.copies) for p in d.seen_in)
    return DocumentRef(
        document.path, document.kind, document.date or document.text.created, document.text.status,
        tuple(places), shared, member.why,
    )  # fmt: skip


def _files(group: Group, line: Line | None, world: World) -> tuple[str, ...]:
    """Changed source files of work in flight, else the existing files that the plan names."""
    changed = {c.path for c in line.branch.changes} if line and line.branch.own else set()
    changed |= {p for tree in group.worktrees if not tree.main for p in tree.changes}
    if not changed:
        changed = {f for d in group.of_stage("plan") for f in (*d.text.files, *d.text.creates)}
        changed = {f for f in changed if f in world.tree} | {f for d in group.of_stage("plan") for f in d.text.creates}
    return tuple(sorted(p for p in changed if p not in world.artifacts and not p.startswith(".swarm/")))

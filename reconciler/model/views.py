"""Derived: workstreams with their evidence, suggestions, and the view of everything."""

from datetime import date, datetime

from reconciler.frozen import frozen
from reconciler.model.documents import Intent
from reconciler.model.facts import Base, Claim
from reconciler.model.words import CommitId, Problem, State, Tag, WorkstreamId


@frozen
class Evidence:
    """One dated fact with its source."""

    tag: Tag
    source: str  # commit id (7), path:line, ref, "runtime"
    detail: str
    at: datetime | None = None
    claim: bool = False  # somebody's words; rules that lean on it are marked


@frozen
class Relation:
    target: WorkstreamId
    type: str  # blocks | informs | conflicts | parent
    source: str  # path:line
    reason: str


@frozen
class DocumentRef:
    path: str
    kind: str
    date: date | None
    claims: str  # raw status words, "" when it says nothing
    seen_in: tuple[str, ...]
    shared: bool = False
    why: str = ""  # the reason of the join: "same slug", "**Plan** at .swarm/reviews/x.md:4"


@frozen
class NearMiss:
    """A rule more advanced than the one that decided, and what it lacked."""

    state: State
    rule: str
    lacks: str


@frozen
class Drift:
    id: str  # id of the row in drift.toml
    say: str
    source: str  # path:line
    severity: str = "warning"


@frozen
class Artifacts:
    research: str | None = None
    plan: str | None = None
    validation: str | None = None
    review: str | None = None
    checkpoints: tuple[str, ...] = ()


@frozen
class Workstream:
    id: WorkstreamId
    title: str
    type: str  # feature | epic | phase | bug | ...
    state: State
    rule: str
    reason: str
    confidence: str
    priority: int | None
    created: date | None
    updated: datetime | None
    current_phase: int | None
    total_phases: int | None
    phase_text: str  # "2/4", "" when it has no phases
    tasks: tuple[int, int]  # boxes done, total
    parent: WorkstreamId | None
    children: tuple[WorkstreamId, ...]
    aliases: tuple[str, ...]
    tags: tuple[str, ...]
    claim: Claim | None
    branch: str | None
    worktree: str | None
    ahead: int
    behind: int
    merged_at: datetime | None
    merge_commit: CommitId | None
    flags: tuple[str, ...]
    blocked_by: tuple[WorkstreamId, ...]
    dependencies: tuple[WorkstreamId, ...]  # all `blocks` targets
    conflicts: tuple[tuple[WorkstreamId, tuple[str, ...]], ...]  # other in-flight work and the common files
    relations: tuple[Relation, ...]
    artifacts: Artifacts
    documents: tuple[DocumentRef, ...]
    evidence: tuple[Evidence, ...]
    near: tuple[NearMiss, ...]
    drift: tuple[Drift, ...]
    notes: str = ""
    files: tuple[str, ...] = ()  # planned or changed source files, for conflicts and --parallel


@frozen
class Reason:
    weight: int
    text: str


@frozen
class Suggestion:
    id: WorkstreamId
    action: str  # research | plan | implement | continue | review | merge | clean up
    command: str
    score: int
    reasons: tuple[Reason, ...]


@frozen
class StateWord:
    """One row of lifecycle.toml as the screens need it, most advanced first."""

    name: State
    glyph: str
    ascii: str
    style: str
    open: bool  # counts as open work
    group: str = ""


@frozen
class View:
    """Everything derived, one value. Every screen and file is a pure function of it."""

    name: str
    base: Base | None
    updated: datetime | None  # newest evidence
    workstreams: tuple[Workstream, ...]  # sorted by id
    next: tuple[Suggestion, ...]  # best first
    problems: tuple[Problem, ...]
    cycles: tuple[tuple[WorkstreamId, ...], ...]
    claims: tuple[Claim, ...]
    intents: tuple[Intent, ...]
    layouts: tuple[str, ...]
    complete: bool
    branches: int = 0  # unmerged branches, for the first-run screen
    worktrees: int = 0
    words: tuple[StateWord, ...] = ()

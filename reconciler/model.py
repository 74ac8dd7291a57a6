"""Values that every room shares: what was observed, and what was derived from it. Imports nothing of ours.

Times are aware datetimes in UTC. Paths are POSIX strings relative to the repository's root.
Everything is frozen; collections are tuples, sorted where order carries no meaning.
"""

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import date, datetime
from typing import NewType

CommitId = NewType("CommitId", str)  # full hexadecimal object id
BlobId = NewType("BlobId", str)
Slug = NewType("Slug", str)  # a name without date, role and phase: "turn-system"
WorkstreamId = NewType("WorkstreamId", str)  # "turn-system" or "turn-system/phase-2"
Tag = NewType("Tag", str)  # the name of a kind of evidence: "merge-commit"
State = NewType("State", str)


@dataclass(frozen=True, slots=True, order=True)
class Problem:
    """Something that could not be read or is wrong in the input. Never proof that something is gone."""

    code: str  # kebab-case, stable: "unreadable", "bad-frontmatter"
    message: str  # one sentence, control characters already escaped
    path: str = ""  # file relative to the root, or a full ref name
    line: int = 0  # 1-based; 0 = the whole file
    severity: str = "warning"  # error | warning | info
    hint: str = ""
    workstream: str = ""


# -- documents


@dataclass(frozen=True, slots=True)
class Field:
    """One header of a document: front matter key or ``**Key**: value`` line in its head."""

    name: str  # lower case, words joined by "-": "depends-on"
    value: str  # text; for list values one Field per item
    line: int
    origin: str  # "frontmatter" | "head"


@dataclass(frozen=True, slots=True)
class Link:
    """A path or wiki link to another document, as written."""

    target: str  # "./x.md", "/abs/other/machine/.swarm/plans/x.md", "@docs/x.md"
    line: int
    context: str  # "header:<field name>" | "related" | "overview" | "prose"


@dataclass(frozen=True, slots=True)
class DependencyText:
    """An item that may name another workstream; derive/ resolves it or drops it."""

    text: str
    line: int
    relation: str  # blocks | informs | conflicts | parent
    origin: str  # frontmatter | head | list | table | prose
    reverse: bool = False  # "unblocks: x": the edge runs the other way
    reason: str = ""  # somebody's own words for it, where the source has them


@dataclass(frozen=True, slots=True)
class Phase:
    """``## Phase 2: Title`` with the boxes below it."""

    label: str  # "2", "A", "1.6"
    title: str
    line: int
    done: int
    total: int
    status: str = ""  # raw words of a status line inside the section


@dataclass(frozen=True, slots=True)
class Text:
    """What one blob says, wherever it lies. A function of its bytes, its path and the rules; cacheable."""

    title: str = ""
    fields: tuple[Field, ...] = ()
    status: str = ""  # raw words of the document's own status
    status_line: int = 0
    claim: str = ""  # what words.toml makes of them: done, in-progress, ready, draft, parked, verdict-pass, ...
    created: date | None = None  # a date written in its head
    phases: tuple[Phase, ...] = ()
    boxes_done: int = 0
    boxes_total: int = 0
    phase_of: tuple[str, str] = ("", "")  # ("2", "5") from "Phase 2 of 5" in head or title
    links: tuple[Link, ...] = ()
    dependencies: tuple[DependencyText, ...] = ()
    files: tuple[str, ...] = ()  # source files it names
    creates: tuple[str, ...] = ()  # those of them that it marks as to be created
    problems: tuple[Problem, ...] = ()


@dataclass(frozen=True, slots=True)
class Document:
    """An artifact: one path with one content, and the places where exactly that content was seen."""

    path: str
    blob: BlobId
    layout: str  # id of the row in layouts.toml
    kind: str  # research, plan, spec, tasks, checkpoint, validation, review, ticket, support ...
    stage: str  # research | plan | checkpoint | validation | review | support
    slug: Slug  # date, role and phase suffixes gone
    stem: str  # file or folder name without date and extension: "turn-system-all-phases"
    folder: str  # in folder layouts the feature's folder, else ""
    number: str  # "007" from "007-name", else ""
    phase: str  # phase label in the name: "2", "A", "2-3", "all", else ""
    date: date | None  # from the name, else from its head
    archived: bool  # lies in an archive or done folder
    text: Text
    seen_in: tuple[str, ...]  # place names, strongest first; see Place.name


@dataclass(frozen=True, slots=True)
class Place:
    """Where documents were read: the base tip, a work tree's disk, a branch tip."""

    name: str  # base branch name, branch name, or "worktree:<name>" for uncommitted content
    kind: str  # "base" | "branch" | "worktree"
    branch: str = ""  # for a worktree: its branch


@dataclass(frozen=True, slots=True)
class Intent:
    """A hand-written file in .swarm/queue/: an idea, a priority, a decision."""

    path: str
    id: WorkstreamId
    title: str = ""
    type: str = ""
    priority: int | None = None
    decision: str = ""  # "" | shelved | abandoned
    parent: str = ""
    tags: tuple[str, ...] = ()
    aliases: tuple[str, ...] = ()
    dependencies: tuple[DependencyText, ...] = ()
    estimated_phases: int | None = None
    claim: str = ""  # a state somebody recorded elsewhere; never decides
    notes: str = ""
    created: date | None = None
    blob: BlobId = BlobId("")


# -- git


@dataclass(frozen=True, slots=True)
class Change:
    """One path of a diff, renames not detected. Blob ids are all zeros where there is none."""

    path: str
    old: BlobId
    new: BlobId


@dataclass(frozen=True, slots=True)
class Commit:
    id: CommitId
    parents: tuple[CommitId, ...]
    at: datetime  # committer time, UTC
    subject: str
    changes: tuple[Change, ...] = ()  # against its only parent; () for merges
    reverts: tuple[CommitId, ...] = ()  # "This reverts commit X"
    picked: tuple[CommitId, ...] = ()  # "(cherry picked from commit X)"
    squashed: tuple[CommitId, ...] = ()  # "Squashed commit of the following"
    body: tuple[str, ...] = ()  # first lines of the message after its subject


@dataclass(frozen=True, slots=True)
class Branch:
    """One branch name, local and remote-tracking refs taken together; the newer tip speaks."""

    name: str  # "feature/2026-01-18-turn-system"
    ref: str  # full name of the ref that gave the tip
    tip: CommitId
    at: datetime  # committer time of the tip
    local: bool
    remote: bool
    fork: CommitId | None = None  # merge base with the base branch
    own: tuple[Commit, ...] = ()  # commits not reachable from the base, newest first
    ahead: int = 0
    behind: int = 0
    changes: tuple[Change, ...] = ()  # net, fork..tip
    upstream_gone: bool = False


@dataclass(frozen=True, slots=True)
class Worktree:
    path: str  # absolute
    name: str  # folder name, for people
    branch: str  # "" when detached
    head: CommitId | None
    main: bool = False
    detached: bool = False
    locked: bool = False
    prunable: bool = False
    missing: bool = False
    changes: tuple[str, ...] = ()  # paths that differ from its HEAD, artifacts among them; sorted


@dataclass(frozen=True, slots=True)
class Base:
    branch: str
    ref: str
    commit: CommitId
    at: datetime
    why: str  # "origin/HEAD", "init.defaultBranch", "the only branch", ...


@dataclass(frozen=True, slots=True)
class Landing:
    """One verdict on one branch name (derive/landing.py)."""

    branch: str
    verdict: str  # landed | partial | reverted | in-flight | not-started | unknown
    tag: Tag  # merge-commit | fast-forward | squash | rebase | cherry-pick | same-content | merge-subject | ...
    rung: int  # of the ladder in docs/explanation/landing.md
    detail: str
    commit: CommitId | None = None
    at: datetime | None = None
    confidence: str = "high"  # high | medium | low
    reopened: bool = False  # landed once, and has new work since


@dataclass(frozen=True, slots=True)
class History:
    """The base branch as far as it was read."""

    commits: tuple[Commit, ...] = ()  # newest first, every parent walked
    spine: frozenset[CommitId] = frozenset()  # first-parent chain
    tree: Mapping[str, BlobId] = field(default_factory=dict)  # path -> blob at the tip
    shallow: bool = False
    cut: bool = False  # more commits exist than were read


@dataclass(frozen=True, slots=True)
class RefLog:
    """What the reflog of one branch tells, where there is one."""

    branch: str
    created: CommitId | None = None  # where the branch began; None when its first entry is lost
    made: tuple[CommitId, ...] = ()  # commits made while the branch was checked out, newest first
    forwarded: tuple["Forward", ...] = ()  # branches that this one was fast-forwarded to, newest first


@dataclass(frozen=True, slots=True)
class Forward:
    """ "merge X: Fast-forward" in a reflog."""

    branch: str
    old: CommitId | None
    new: CommitId
    at: datetime


@dataclass(frozen=True, slots=True)
class Patch:
    """The text of one diff, boiled down so that two can be compared."""

    old: CommitId
    new: CommitId
    id: str  # equal when the same lines change in the same surroundings of the same files
    lines: frozenset[bytes] = frozenset()  # digests of (path, sign, line); empty when too large


@dataclass(frozen=True, slots=True)
class RepoFacts:
    """Everything that was read from git in one go."""

    name: str
    root: str  # the main work tree, "" when bare without one
    common_dir: str
    base: Base | None
    history: History
    branches: tuple[Branch, ...] = ()
    worktrees: tuple[Worktree, ...] = ()
    reflogs: tuple[RefLog, ...] = ()
    branch_trees: Mapping[str, Mapping[str, BlobId]] = field(default_factory=dict)  # changed paths at the tip
    problems: tuple[Problem, ...] = ()
    complete: bool = True


@dataclass(frozen=True, slots=True)
class Claim:
    """Who holds a workstream, from the runtime facts; empty until somebody claims."""

    workstream: WorkstreamId
    session: str
    since: datetime
    heard: datetime
    host: str = ""
    pid: int | None = None
    worktree: str = ""
    branch: str = ""
    status: str = "active"  # active | idle | stale | unknown


@dataclass(frozen=True, slots=True)
class Snapshot:
    """The observed state of one moment. ``complete`` is False when something needed could not be read."""

    name: str  # the repository's folder name
    root: str  # absolute path of the main work tree, "" when bare without one
    base: Base | None
    history: History
    branches: tuple[Branch, ...] = ()
    landings: tuple[Landing, ...] = ()  # filled between observe and derive, see reconcile.py
    worktrees: tuple[Worktree, ...] = ()
    places: tuple[Place, ...] = ()
    documents: tuple[Document, ...] = ()
    intents: tuple[Intent, ...] = ()
    claims: tuple[Claim, ...] = ()
    layouts: tuple[str, ...] = ()  # ids of the layouts that were found
    problems: tuple[Problem, ...] = ()
    complete: bool = True


# -- derived


@dataclass(frozen=True, slots=True)
class Evidence:
    """One dated fact with its source."""

    tag: Tag
    source: str  # commit id (7), path:line, ref, "runtime"
    detail: str
    at: datetime | None = None
    claim: bool = False  # somebody's words; rules that lean on it are marked


@dataclass(frozen=True, slots=True)
class Relation:
    target: WorkstreamId
    type: str  # blocks | informs | conflicts | parent
    source: str  # path:line
    reason: str


@dataclass(frozen=True, slots=True)
class DocumentRef:
    path: str
    kind: str
    date: date | None
    claims: str  # raw status words, "" when it says nothing
    seen_in: tuple[str, ...]
    shared: bool = False
    why: str = ""  # the reason of the join: "same slug", "**Plan** at .swarm/reviews/x.md:4"


@dataclass(frozen=True, slots=True)
class NearMiss:
    """A rule more advanced than the one that decided, and what it lacked."""

    state: State
    rule: str
    lacks: str


@dataclass(frozen=True, slots=True)
class Drift:
    id: str  # id of the row in drift.toml
    say: str
    source: str  # path:line
    severity: str = "warning"


@dataclass(frozen=True, slots=True)
class Artifacts:
    research: str | None = None
    plan: str | None = None
    validation: str | None = None
    review: str | None = None
    checkpoints: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
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


@dataclass(frozen=True, slots=True)
class Reason:
    weight: int
    text: str


@dataclass(frozen=True, slots=True)
class Suggestion:
    id: WorkstreamId
    action: str  # research | plan | implement | continue | review | merge | clean up
    command: str
    score: int
    reasons: tuple[Reason, ...]


@dataclass(frozen=True, slots=True)
class StateWord:
    """One row of lifecycle.toml as the screens need it, most advanced first."""

    name: State
    glyph: str
    ascii: str
    style: str
    open: bool  # counts as open work
    group: str = ""


@dataclass(frozen=True, slots=True)
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

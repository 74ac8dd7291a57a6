"""Observed: what git holds, who claims what, and the snapshot of one moment."""

from collections.abc import Mapping
from dataclasses import field
from datetime import datetime

from reconciler.frozen import frozen
from reconciler.model.documents import Document, Intent, Place
from reconciler.model.words import BlobId, CommitId, Problem, Tag, WorkstreamId


@frozen
class Change:
    """One path of a diff, renames not detected. Blob ids are all zeros where there is none."""

    path: str
    old: BlobId
    new: BlobId


@frozen
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


@frozen
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


@frozen
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


@frozen
class Base:
    branch: str
    ref: str
    commit: CommitId
    at: datetime
    why: str  # "origin/HEAD", "init.defaultBranch", "the only branch", ...


@frozen
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


@frozen
class History:
    """The base branch as far as it was read."""

    commits: tuple[Commit, ...] = ()  # newest first, every parent walked
    spine: frozenset[CommitId] = frozenset()  # first-parent chain
    tree: Mapping[str, BlobId] = field(default_factory=dict)  # path -> blob at the tip
    root: str = ""  # id of the tip's tree
    shallow: bool = False
    cut: bool = False  # more commits exist than were read


@frozen
class RefLog:
    """What the reflog of one branch tells, where there is one."""

    branch: str
    created: CommitId | None = None  # where the branch began; None when its first entry is lost
    made: tuple[CommitId, ...] = ()  # commits made while the branch was checked out, newest first
    forwarded: tuple["Forward", ...] = ()  # branches that this one was fast-forwarded to, newest first


@frozen
class Forward:
    """ "merge X: Fast-forward" in a reflog."""

    branch: str
    old: CommitId | None
    new: CommitId
    at: datetime


@frozen
class Patch:
    """The text of one diff, boiled down so that two can be compared."""

    old: CommitId
    new: CommitId
    id: str  # equal when the same lines change in the same surroundings of the same files
    lines: frozenset[bytes] = frozenset()  # digests of (path, sign, line); empty when too large


@frozen
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
    key: str = ""  # digest of the refs and reflogs that base, history and branches follow from
    at: datetime | None = None  # of an earlier state that was asked for


@frozen
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


@frozen
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

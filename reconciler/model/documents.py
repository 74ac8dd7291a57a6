"""Observed: documents and intents."""

from datetime import date
from typing import NamedTuple

from reconciler.frozen import frozen
from reconciler.model.words import NO_BLOB, BlobId, Problem, Slug, WorkstreamId


@frozen
class Field:
    """One header of a document: front matter key or ``**Key**: value`` line in its head."""

    name: str  # lower case, words joined by "-": "depends-on"
    value: str  # text; for list values one Field per item
    line: int
    origin: str  # "frontmatter" | "head"


@frozen
class Link:
    """A path or wiki link to another document, as written."""

    target: str  # "./x.md", "/abs/other/machine/.swarm/plans/x.md", "@docs/x.md"
    line: int
    context: str  # "header:<field name>" | "related" | "overview" | "prose"


@frozen
class DependencyText:
    """An item that may name another workstream; derive/ resolves it or drops it."""

    text: str
    line: int
    relation: str  # blocks | informs | conflicts | parent
    origin: str  # frontmatter | head | list | table | prose
    reverse: bool = False  # "unblocks: x": the edge runs the other way
    reason: str = ""  # somebody's own words for it, where the source has them


@frozen
class Phase:
    """``## Phase 2: Title`` with the boxes below it."""

    label: str  # "2", "A", "1.6"
    title: str
    line: int
    done: int
    total: int
    status: str = ""  # raw words of a status line inside the section


class TextKey(NamedTuple):
    """What a text follows from, beside the rules."""

    path: str
    blob: BlobId
    stage: str  # that its path stands for, see Document


@frozen
class Text:
    """What one blob says, wherever it lies. A function of its bytes, its path, its stage and the rules; cacheable."""

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


@frozen
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


@frozen
class Place:
    """Where documents were read: the base tip, a work tree's disk, a branch tip."""

    name: str  # base branch name, branch name, or "worktree:<name>" for uncommitted content
    kind: str  # "base" | "branch" | "worktree"
    branch: str = ""  # for a worktree: its branch


@frozen
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
    recorded: tuple[tuple[str, str], ...] = ()  # rows of an imported registry -> the state it had for them
    notes: str = ""
    created: date | None = None
    blob: BlobId = NO_BLOB

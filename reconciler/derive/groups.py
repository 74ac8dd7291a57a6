"""The working shape between documents and workstreams: what was joined, and why."""

from dataclasses import field

from reconciler.frozen import frozen
from reconciler.model import Branch, Document, Intent, Landing, Worktree


@frozen
class Member:
    """A document of a group, every copy of its path together; the strongest copy speaks."""

    document: Document
    copies: tuple[Document, ...]
    why: str


@frozen
class Line:
    """A branch of a group."""

    branch: Branch
    why: str
    landing: Landing | None = None


@frozen
class Group:
    """Everything that belongs to one workstream, before anything is concluded from it."""

    id: str
    members: tuple[Member, ...] = ()
    shared: tuple[Member, ...] = ()  # documents of others that this one leans on
    lines: tuple[Line, ...] = ()
    worktrees: tuple[Worktree, ...] = ()
    vanished: tuple[Landing, ...] = ()  # verdicts on branches that are gone
    unread: tuple[str, ...] = ()  # full names of refs that are there and cannot be read
    intent: Intent | None = None
    parent: str | None = None
    parent_why: str = ""
    phase: str = ""  # the phase of its parent that it is: "2", "2-3"
    aliases: tuple[str, ...] = ()
    title: str = ""
    joins: tuple[str, ...] = field(default=())

    @property
    def documents(self) -> tuple[Document, ...]:
        return tuple([member.document for member in self.members])

    def of_stage(self, *stages: str) -> tuple[Document, ...]:
        return tuple([m.document for m in self.members if m.document.stage in stages])

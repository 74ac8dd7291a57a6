"""Short ways to write observed values in tests of derive/."""

from datetime import UTC, date, datetime, timedelta
from functools import cache

from reconciler.model import (
    Base,
    BlobId,
    Branch,
    Change,
    Commit,
    CommitId,
    DependencyText,
    Document,
    History,
    Intent,
    Landing,
    Link,
    Slug,
    Snapshot,
    Tag,
    Text,
    WorkstreamId,
    Worktree,
)
from reconciler.observe.rulebook import load_rulebook
from reconciler.policy import Rulebook

DAY = date(2026, 3, 2)
NOON = datetime(2026, 3, 2, 12, tzinfo=UTC)


@cache
def rules() -> Rulebook:
    return load_rulebook()


def document(
    slug: str,
    stage: str = "plan",
    *,
    phase: str = "",
    text: Text | None = None,
    path: str = "",
    folder: str = "",
    number: str = "",
    seen_in: tuple[str, ...] = ("main",),
    day: date | None = DAY,
    archived: bool = False,
) -> Document:
    stem = f"{slug}-phase-{phase}" if phase else slug
    path = path or (f"{folder}/{stage}.md" if folder else f".swarm/{stage}s/{day}-{stem}.md")
    return Document(
        path, BlobId(path), "swarm", stage, stage, Slug(slug), stem if not folder else folder.rpartition("/")[2],
        folder, number, phase, day, archived, text or Text(title=slug.replace("-", " ").title()), seen_in,
    )  # fmt: skip


def needs(*names: str, relation: str = "blocks", origin: str = "frontmatter", reverse: bool = False) -> Text:
    items = tuple(DependencyText(n, i + 2, relation, origin, reverse) for i, n in enumerate(names))
    return Text(dependencies=items)


def links(*targets: str, context: str = "overview", title: str = "") -> Text:
    return Text(title=title, links=tuple(Link(t, 5, context) for t in targets))


def commit(
    name: str,
    subject: str = "work",
    *paths: str,
    at: datetime = NOON,
    new: bool = False,
    parents: int = 1,
    **more: object,
) -> Commit:
    old = "0" * 40 if new else "1" * 40
    changes = tuple(Change(p, BlobId(old), BlobId("2" * 40)) for p in paths)
    above = tuple(CommitId(f"{name}-parent-{i}") for i in range(parents))
    return Commit(CommitId(name), above, at, subject, changes, **more)  # type: ignore[arg-type]  # rest of Commit


def branch(name: str, *paths: str, own: int = 1, at: datetime = NOON) -> Branch:
    commits = tuple(commit(f"{name}-{i}", at=at) for i in range(own))
    changes = tuple(Change(p, BlobId("0" * 40), BlobId("2" * 40)) for p in paths)
    return Branch(
        name, f"refs/heads/{name}", CommitId(f"{name}-tip"), at, True, False, own=commits, ahead=own, changes=changes
    )


def landing(
    name: str, verdict: str = "landed", tag: str = "merge-commit", *, at: datetime = NOON, **more: object
) -> Landing:
    return Landing(name, verdict, Tag(tag), 2, f"{verdict} by test", CommitId("c0ffee"), at, **more)  # type: ignore[arg-type]


def intent(name: str, **more: object) -> Intent:
    return Intent(f".swarm/queue/2026-03-02-{name}.md", WorkstreamId(name), **more)  # type: ignore[arg-type]


def snapshot(
    *documents: Document,
    branches: tuple[Branch, ...] = (),
    landings: tuple[Landing, ...] = (),
    intents: tuple[Intent, ...] = (),
    commits: tuple[Commit, ...] = (),
    tree: tuple[str, ...] = (),
    worktrees: tuple[Worktree, ...] = (),
    **more: object,
) -> Snapshot:
    on_base = {d.path for d in documents if "main" in d.seen_in} | set(tree)
    history = History(commits, frozenset(c.id for c in commits), {p: BlobId("2" * 40) for p in sorted(on_base)})
    base = Base("main", "refs/heads/main", CommitId("b" * 40), NOON + timedelta(days=1), "test")
    return Snapshot("test", "/test", base, history, branches, landings, worktrees, (), documents, intents, **more)  # type: ignore[arg-type]

"""Checks of documents: whether they belong somewhere, lead somewhere, and are named as they should be."""

import posixpath
import re
from collections import defaultdict
from collections.abc import Callable, Iterable, Iterator
from datetime import date, timedelta

from reconciler.derive.checked_ground import CLOSED, Ground, Hit
from reconciler.derive.names import phase_key
from reconciler.derive.references import plain_title
from reconciler.frozen import frozen
from reconciler.model import Change, Commit, Document
from reconciler.policy import Layout

_PLANNED = ("plan", "spec", "research")
_RECORDS = ("checkpoint", "validation", "review")
_DATED = re.compile(r"(\d{4})-(\d{2})-(\d{2})(?=[-_. T]|$)")
_ANY_DATE = re.compile(r"\d{4}-?\d{2}-?\d{2}(?!\d)")
_TEXTS = (".md", ".mdx", ".markdown", ".mdown", ".txt", ".rst")
_AHEAD = timedelta(days=2)  # that a date may be before the clock of whoever commits
_ROUND = timedelta(days=31)  # so near to the same day of another year is the wrong year
_LONG = timedelta(days=2 * 366)


def orphans(ground: Ground) -> Iterable[Hit]:
    """Records of work that nobody planned, and documents that joined nothing at all."""
    stages = {d.path: d.stage for d in ground.documents}
    planned = {
        str(w.id)
        for w in ground.view.workstreams
        if w.branch or w.parent or w.children or any(stages.get(d.path) in _PLANNED for d in w.documents)
    }
    planned |= {stream for i in ground.view.intents if (stream := ground.workstream_at(i.path))}
    for document in ground.documents:
        stream = ground.workstream_at(document.path)
        if not stream and not document.archived:
            yield ground.hit("loose-document", document, kind=document.kind)
        elif stream not in planned and document.stage in _RECORDS:
            yield ground.hit("orphan", document, kind=document.kind)


def dangling_links(ground: Ground) -> Iterable[Hit]:
    """Links in heads and lists of related documents that lead to nothing."""
    for lost in ground.dangling():
        kind, _, name = lost.link.context.partition(":")
        said = f"**{name.replace('-', ' ').capitalize()}**" if kind == "header" else "a related document"
        closed = ground.is_closed(lost.document.path) or lost.document.archived
        removed = f" any more (removed by {lost.removed[:7]})" if lost.removed else ""
        row = "dangling-link-closed" if closed else "dangling-link"
        yield ground.hit(row, lost.document, lost.link.line, field=said, target=lost.target, removed=removed)


def duplicate_research(ground: Ground) -> Iterable[Hit]:
    """Two research documents of one name or one title, and no plan that follows."""
    open_research = [d for d in ground.documents if _is_loose_research(d, ground)]
    pairs: dict[tuple[str, str], tuple[Document, Document, str]] = {}
    for what, key in (("name", _slug_of), ("title", _title_of)):
        alike: dict[str, list[Document]] = defaultdict(list)
        for document in open_research:
            if name := key(document):
                alike[name].append(document)
        for documents in alike.values():
            first, *others = sorted(documents, key=lambda d: (str(d.date), d.path))
            for other in others:
                pairs.setdefault((first.path, other.path), (first, other, what))
    for first, other, what in pairs.values():
        yield ground.hit("duplicate-research", other, what=what, other=first.path)


def _is_loose_research(document: Document, ground: Ground) -> bool:
    stream = ground.streams.get(ground.workstream_at(document.path))
    if document.stage != "research" or document.archived or stream is None or stream.state in CLOSED:
        return False
    return stream.artifacts.plan is None and not any(d.kind == "spec" for d in stream.documents)


def _slug_of(document: Document) -> str:
    key = f"{document.number}-{document.slug}" if document.number else str(document.slug)
    return f"{key}#{document.folder}#{phase_key(document.phase)}"


def _title_of(document: Document) -> str:
    title = plain_title(document.text.title)
    return title if title.count(" ") >= 1 and not document.folder else ""


# -- names and dates


def bad_names(ground: Ground) -> Iterable[Hit]:
    """Dates that are no days or cannot be true, and names without one."""
    births = _births(ground)
    for document in ground.documents:
        name = posixpath.basename(document.folder or document.path)
        match = _DATED.match(name)
        day = _day(match) if match else None
        if match and day is None:
            better = _renamed(document, name, f"YYYY-MM-DD{name[match.end() :]}")
            yield ground.hit("no-such-day", document, day=match[0], better=better)
        elif match and day and (born := births.get(name)) and _is_wrong(day, born):
            better = _renamed(document, name, f"{born.day}{name[match.end() :]}")
            yield ground.hit("wrong-date", document, day=str(day), committed=str(born.day), better=better)
        elif not _ANY_DATE.match(name) and _needs_a_date(document, ground):
            start = births[name].day if name in births else "YYYY-MM-DD"
            better = _renamed(document, name, f"{start}-{name}")
            yield ground.hit("undated", document, name=name, better=better)


def _needs_a_date(document: Document, ground: Ground) -> bool:
    layouts = ground.layouts_of("undated")
    return not document.folder and document.stage != "support" and (not layouts or document.layout in layouts)


def _renamed(document: Document, name: str, better: str) -> str:
    whole = document.folder or document.path
    return whole.removesuffix(name) + better + document.path.removeprefix(whole)


@frozen
class _Birth:
    day: date
    first: bool  # in a commit with which a history begins: the documents may be older than it


def _births(ground: Ground) -> dict[str, _Birth]:
    """Name of a file or folder -> the day when it was first committed, wherever it lay."""
    names = {posixpath.basename(d.folder or d.path) for d in ground.documents}
    found: dict[str, _Birth] = {}
    whole = not ground.snapshot.history.shallow and not ground.snapshot.history.cut
    for commit in _commits(ground):
        for change in commit.changes:
            for name in _new_names(change) & names:
                birth = _Birth(commit.at.date(), first=not commit.parents or not whole)
                found[name] = min(birth, found.get(name, birth), key=lambda b: (b.day, not b.first))
    return found


def _commits(ground: Ground) -> Iterator[Commit]:
    yield from ground.snapshot.history.commits
    for branch in ground.snapshot.branches:
        yield from branch.own


def _new_names(change: Change) -> set[str]:
    return set(change.path.split("/")) if not change.old.strip("0") else set()


def _day(match: re.Match[str]) -> date | None:
    try:
        return date(int(match[1]), int(match[2]), int(match[3]))
    except ValueError:
        return None


def _is_wrong(day: date, born: _Birth) -> bool:
    """A day after the first commit, the same day of another year, or one that is years off."""
    if day > born.day + _AHEAD:
        return True
    if born.first or day.year == born.day.year:
        return False
    years = round((born.day - day) / timedelta(days=365.25))
    near = abs(born.day - day - years * timedelta(days=365.25)) <= _ROUND
    return (years >= 1 and near) or born.day - day > _LONG


# -- files that are not read


def unread_files(ground: Ground) -> Iterable[Hit]:
    """Texts among documents that no pattern takes for one, and dated names in folders that nobody reads."""
    kinds = {posixpath.dirname(d.path): d.kind for d in ground.documents if not d.folder}
    known = {d.path for d in ground.snapshot.documents} | {i.path for i in ground.snapshot.intents}
    layouts = [layout for layout in ground.rulebook.layouts if layout.id in ground.snapshot.layouts]
    main = next((w for w in ground.snapshot.worktrees if w.main), None)
    for path in sorted({*ground.snapshot.history.tree, *(main.changes if main else ())} - known):
        folder, name = posixpath.split(path)
        stem, ending = posixpath.splitext(name)
        found = _layout_of(path, layouts) if ending.casefold() in _TEXTS else None
        if found is None or _is_ignored(path, *found, ground):
            continue
        layout = found[1].id
        if folder in kinds and layout in (ground.layouts_of("unread-file") or (layout,)):
            values = {"kind": kinds[folder], "better": f"{folder}/{stem}.md"}
            if ending != ".md":
                yield Hit("unread-file", values, path)
        elif (
            folder not in kinds and _DATED.match(name) and layout in (ground.layouts_of("misplaced-file") or (layout,))
        ):
            yield Hit("misplaced-file", {}, path)


def _layout_of(path: str, layouts: Iterable[Layout]) -> tuple[str, Layout] | None:
    return next(
        ((f"{root}/", layout) for layout in layouts for root in layout.roots if path.startswith(f"{root}/")), None
    )


def _is_ignored(path: str, root: str, layout: Layout, ground: Ground) -> bool:
    inner = path.removeprefix(root)
    *folders, name = inner.split("/")
    names = ground.rulebook.ignored_names
    return (
        (names is not None and names.fullmatch(posixpath.splitext(name)[0] + ".md") is not None)
        or any(part.casefold() in ground.rulebook.ignored_folders for part in folders)
        or any(pattern.fullmatch(inner) for pattern in (*layout.ignore, *layout.archive))
    )


DOCUMENT_CHECKS: tuple[Callable[[Ground], Iterable[Hit]], ...] = (
    orphans, dangling_links, duplicate_research, bad_names, unread_files,
)  # fmt: skip

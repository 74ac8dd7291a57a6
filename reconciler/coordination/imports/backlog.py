"""Reads Backlog.md: a task file with front matter, or the table of ``backlog board export``."""

import re

from reconciler.coordination.imports.registry import WORDS_OF_PRIORITY
from reconciler.coordination.imports.rows import (
    TITLE_LIMIT,
    Edge,
    Notebook,
    Reading,
    Row,
    date_of,
    line_of,
    shown,
    text_of,
)
from reconciler.frontmatter import Entry, FrontMatter, split_front_matter

_MARKS = re.compile(r"[ \t]*<!-- /?(?:SECTION|AC|DOD)?:?[A-Z_]*:?(?:BEGIN|END) -->[ \t]*\n?")
_CELL = re.compile(
    r"(?:└─\s*)?\*\*(?:└─\s*)?(?P<key>[\w.-]+)\*\*\s*-\s*(?P<title>.*?)"
    r"(?:\s*\[(?P<who>@[^\]]*)\])?"
    r"(?:\s*(?:<br\s*/?>)?\s*(?:\((?P<more>Assignees:.*)\)|[*_](?P<tags>#[^*]*?)[*_]))?\s*",
    re.DOTALL,
)
_EXPORT = "Kanban Board Export"


def is_task(data: str, path: str) -> bool:
    """Does this text begin with the front matter of one task?"""
    names = {entry.name for entry in _matter(data, path).entries}
    return {"id", "title"} <= names and bool(names & {"status", "dependencies", "labels", "assignee"})


def is_board(data: str) -> bool:
    """Is this an exported board?"""
    return _EXPORT in data[:500]


def read_task(data: str, path: str) -> Reading:
    """Return the one task of a file."""
    book = Notebook(path)
    matter = _matter(data, path)
    book.problems.extend(matter.problems)
    fields = {entry.name.replace("-", "_").lower(): entry for entry in matter.entries}
    word = fields.get("priority")
    level = _one(word).lower()
    if level and level not in WORDS_OF_PRIORITY and word:
        book.complain(word.line, f"priority {shown(level)} is not known, and is left out")
    said = [f"{n}: {', '.join(_many(fields.get(n)))}" for n in ("assignee", "milestone", "references") if n in fields]
    body = text_of(_MARKS.sub("", matter.body))
    book.rows.append(
        Row(
            line=1,
            title=line_of(_one(fields.get("title")), TITLE_LIMIT) or _one(fields.get("id")),
            key=line_of(_one(fields.get("id"))),
            type=line_of(_one(fields.get("type"))).lower(),
            priority=WORDS_OF_PRIORITY.get(level),
            recorded=line_of(_one(fields.get("status"))),
            parent=line_of(_one(fields.get("parent_task_id") or fields.get("parent"))),
            edges=tuple(Edge(line_of(name)) for name in _many(fields.get("dependencies")) if line_of(name)),
            tags=tuple(line_of(tag) for tag in _many(fields.get("labels")) if line_of(tag)),
            notes="\n\n".join(part for part in (body, *(s for s in said if not s.endswith(": "))) if part),
            artifacts=(path,),
            created=date_of(_one(fields.get("created_date") or fields.get("created"))),
        )
    )
    return book.reading("backlog task")


def read_board(data: str, path: str) -> Reading:
    """Return the tasks of an exported board, each with its column as state."""
    book = Notebook(path)
    columns: list[str] = []
    for number, text in enumerate(data.splitlines(), start=1):
        if not text.lstrip().startswith("|"):
            continue
        cells = [cell.strip() for cell in re.split(r"(?<!\\)\|", text.strip().removeprefix("|").removesuffix("|"))]
        if not columns or all(re.fullmatch(":?-+:?", cell) for cell in cells):
            columns = columns or cells
            continue
        for column, cell in zip(columns, cells, strict=False):
            if cell:
                _cell(number, column, cell.replace("\\|", "|"), book)
    return book.reading("backlog board")


def _cell(line: int, column: str, cell: str, book: Notebook) -> None:
    match = _CELL.fullmatch(cell)
    if match is None:
        book.skip(line, cell, "not a task of the board")
        return
    key = line_of(match["key"])
    if key in book.seen:
        book.skip(line, f"{key}: {match['title']}", f'the id "{key}" stands twice')
        return
    book.seen.add(key)
    labels = re.search(r"Labels:\s*(.*)", match["more"] or "")
    tags = (
        labels[1].split(",") if labels and labels[1].strip() != "none" else re.findall(r"#(\S+)", match["tags"] or "")
    )
    book.rows.append(
        Row(
            line=line,
            title=line_of(match["title"], TITLE_LIMIT) or key,
            key=key,
            recorded=line_of(column),
            parent=key.rpartition(".")[0],
            tags=tuple(tag for item in tags if (tag := line_of(item))),
            notes=line_of(match["who"] or "", TITLE_LIMIT),
        )
    )


def _matter(data: str, path: str) -> FrontMatter:
    return split_front_matter(data.encode(), path)


def _one(entry: Entry | None) -> str:
    return entry.value.strip() if entry and isinstance(entry.value, str) else ""


def _many(entry: Entry | None) -> list[str]:
    if entry is None:
        return []
    if isinstance(entry.value, list):
        return [item for item in entry.value if isinstance(item, str)]
    return [part.strip() for part in _one(entry).split(",") if part.strip()]

"""Reads beads exports: one JSON object a line (``.beads/issues.jsonl``), or the array of ``bd list --json``."""

from collections.abc import Iterator, Mapping
from typing import Any

from reconciler.coordination.imports.jsontext import parse
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
from reconciler.errors import SwarmError

# what ties two issues together -> our relation; what is missing here is only said in the notes
_RELATIONS = {
    "blocks": "blocks", "conditional-blocks": "blocks", "waits-for": "blocks", "depends-on": "blocks",
    "related": "informs", "relates-to": "informs", "discovered-from": "informs", "tracks": "informs",
}  # fmt: skip
_OTHER_RECORDS = ("memory", "event", "config", "comment", "message")
_TEXTS = {"description": "", "design": "Design", "acceptance_criteria": "Acceptance criteria", "notes": "Notes"}


def read_beads(data: str, path: str) -> Reading:
    """Return the issues. A line that is no JSON makes the whole file refused, with its line."""
    book = Notebook(path)
    for line, value in _objects(data, path):
        _read(line, value, book)
    return book.reading("beads")


def _objects(data: str, path: str) -> Iterator[tuple[int, Any]]:
    if data.lstrip("\ufeff \t\r\n").startswith("["):
        value = parse(data, path).value
        yield from ((0, item) for item in value)
        return
    for number, text in enumerate(data.removeprefix("\ufeff").split("\n"), start=1):
        if not text.strip():
            continue
        if text.startswith(("<<<<<<<", "=======", ">>>>>>>")):
            raise SwarmError(f"{path}:{number}: a merge conflict is not resolved here; nothing of it is taken")
        yield number, parse(text, path, line=number).value


def _read(line: int, value: Any, book: Notebook) -> None:
    if not isinstance(value, dict):
        book.skip(line, shown(value), "not an object")
        return
    key, title = line_of(value.get("id")), line_of(value.get("title"), TITLE_LIMIT)
    kind = line_of(value.get("_type"))
    if kind in _OTHER_RECORDS or not (key or title):
        book.skip(line, shown(value), f"a {kind}, not an issue" if kind else "has neither id nor title")
        return
    if key and key in book.seen:
        book.skip(line, f"{key}: {title}", f'the id "{key}" stands twice')
        return
    book.seen.add(key)
    edges, parent, said = _dependencies(key, value, line, book)
    book.rows.append(
        Row(
            line=line,
            title=title or key,
            key=key,
            type=line_of(value.get("issue_type") or value.get("type")).lower(),
            priority=_priority(value.get("priority"), line, book),
            recorded=line_of(value.get("status")),
            parent=parent,
            edges=edges,
            tags=tuple(tag for item in _list(value.get("labels")) if (tag := line_of(item))),
            notes=_notes(value, said),
            created=date_of(value.get("created_at")),
        )
    )


def _priority(value: Any, line: int, book: Notebook) -> int | None:
    """P0 to P4 become 1 to 5."""
    if value is None:
        return None
    text = line_of(value).upper().removeprefix("P").removesuffix(".0")
    if text in ("0", "1", "2", "3", "4"):
        return int(text) + 1
    book.complain(line, f"priority {shown(value)} is not a number from 0 to 4, and is left out")
    return None


def _dependencies(
    key: str, value: Mapping[str, Any], line: int, book: Notebook
) -> tuple[tuple[Edge, ...], str, list[str]]:
    """(edges, parent, sentences for the notes)"""
    edges, said = [], []
    parent = line_of(value.get("parent") or value.get("parent_id"))
    for item in _list(value.get("dependencies")):
        fields = item if isinstance(item, dict) else {"depends_on_id": item}
        target = line_of(fields.get("depends_on_id") or fields.get("id"))
        kind = line_of(fields.get("type") or fields.get("dep_type") or fields.get("dependency_type")) or "blocks"
        if not target or target == key:
            book.skip(line, shown(item), "a dependency on nothing" if not target else "depends on itself")
        elif kind == "parent-child":
            parent = parent or target
        elif kind in _RELATIONS:
            edges.append(Edge(target, _RELATIONS[kind], "" if kind == "blocks" else kind))
        else:
            said.append(f"{kind}: {target}")
    if not parent and "." in key:
        parent = key.rpartition(".")[0]  # bd-12.3 is a part of bd-12
    return tuple(edges), parent, said


def _notes(value: Mapping[str, Any], said: list[str]) -> str:
    parts = []
    for name, heading in _TEXTS.items():
        if text := text_of(value.get(name)):
            parts.append(f"{heading}:\n{text}" if heading else text)
    for comment in _list(value.get("comments")):
        if isinstance(comment, dict) and (text := text_of(comment.get("text") or comment.get("content"))):
            parts.append(f"{line_of(comment.get('author')) or 'Comment'}: {text}")
    for name in ("assignee", "external_ref", "close_reason", "due_at"):
        if text := line_of(value.get(name), TITLE_LIMIT):
            said.append(f"{name.replace('_', ' ')}: {text}")
    return "\n\n".join([*parts, *said])


def _list(value: Any) -> list[Any]:
    return value if isinstance(value, list) else []

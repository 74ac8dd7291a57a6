"""Reads a hand-kept ``workstreams.json``: a list of rows (version 1) or a map from id to row (version 2)."""

import shlex
from collections.abc import Iterator, Mapping
from typing import Any

from reconciler.coordination.imports.jsontext import Parsed, lines_of_ids, parse
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
from reconciler.printable import printable

_DEPENDENCIES = {
    "dependencies": "blocks", "dependsOn": "blocks", "depends_on": "blocks", "blockedBy": "blocks",
    "blocked_by": "blocks", "requires": "blocks", "informs": "informs", "informedBy": "informs",
    "related": "informs", "conflicts": "conflicts", "conflictsWith": "conflicts",
}  # fmt: skip
WORDS_OF_PRIORITY = {
    "critical": 1,
    "urgent": 1,
    "highest": 1,
    "high": 2,
    "medium": 3,
    "normal": 3,
    "low": 4,
    "lowest": 5,
}


def read_registry(data: str, path: str) -> Reading:
    """Return the rows of a registry. Raises SwarmError when it is ours, or no registry at all."""
    parsed = parse(data, path)
    book = Notebook(path)
    lines = lines_of_ids(data)
    for key, value in _items(parsed, path, lines, book):
        _read(key, value, lines, book)
    return book.reading("registry")


def _items(parsed: Parsed, path: str, lines: Mapping[str, int], book: Notebook) -> Iterator[tuple[str, Any]]:
    value = parsed.value
    if isinstance(value, dict) and str(value.get("schema", "")).startswith("swarm."):
        raise SwarmError(f"{printable(path)} was written by swarm: it is derived, there is nothing to take from it")
    streams = value.get("workstreams", value.get("items", value.get("tasks"))) if isinstance(value, dict) else value
    if isinstance(streams, dict):
        yield from streams.items()
    elif isinstance(streams, list):
        yield from (("", item) for item in streams)
    else:
        raise SwarmError(
            f"{printable(path)}: no list or map of workstreams in it",
            hint=printable(f"mv {shlex.quote(path)} {shlex.quote(f'{path}.old')}"),
        )
    for key, double in parsed.doubles:
        if isinstance(double, dict) and ("title" in double or "state" in double or "status" in double):
            book.skip(
                lines.get(key, 0), f"{key}: {shown(double.get('title', ''))}", f'the key "{shown(key)}" stands twice'
            )
        else:
            book.complain(0, f'the key "{key}" stands twice; the first value ({shown(double)} is the second) counts')


def _read(key: str, value: Any, lines: Mapping[str, int], book: Notebook) -> None:
    own = line_of(value.get("id")) if isinstance(value, dict) else ""
    name = own or line_of(key)
    line = lines.get(own, lines.get(key, 0))
    if not isinstance(value, dict):
        book.skip(line, f"{name}: {shown(value)}" if name else shown(value), "not an object")
        return
    title = line_of(value.get("title") or value.get("name"), TITLE_LIMIT)
    if not name and not title:
        book.skip(line, shown(value), "has neither id nor title")
        return
    if name and name in book.seen:
        book.skip(line, f"{name}: {title}", f'the id "{name}" stands twice')
        return
    book.seen.add(name)
    inner = value.get("implementation")
    work: Mapping[str, Any] = inner if isinstance(inner, dict) else value
    book.rows.append(
        Row(
            line=line,
            title=title or name,
            key=name,
            names_id=True,
            type=line_of(value.get("type")).lower(),
            priority=_priority(value.get("priority"), line, book),
            recorded=line_of(value.get("state") or value.get("status")),
            parent=line_of(value.get("parent")),
            edges=tuple(_edges(value, line, book)),
            tags=tuple(tag for item in _list(value.get("tags") or value.get("labels")) if (tag := line_of(item))),
            phases=_phases(work, value),
            notes=_notes(value, work),
            branch=line_of(work.get("branch"), 250),
            artifacts=tuple(_artifacts(value.get("artifacts"))),
            created=date_of(value.get("created") or value.get("createdAt")),
        )
    )


def _priority(value: Any, line: int, book: Notebook) -> int | None:
    if value is None or value == "":
        return None
    text = line_of(value).lower().removeprefix("p").removesuffix(".0")
    if text in ("1", "2", "3", "4", "5"):
        return int(text)
    if (named := WORDS_OF_PRIORITY.get(text)) is not None:
        return named
    book.complain(line, f"priority {shown(value)} is not a number from 1 to 5, and is left out")
    return None


def _edges(value: Mapping[str, Any], line: int, book: Notebook) -> Iterator[Edge]:
    for name, relation in _DEPENDENCIES.items():
        for item in _list(value.get(name)):
            fields = item if isinstance(item, dict) else {"target": item}
            target = line_of(next((fields[k] for k in ("target", "id", "on", "workstream") if k in fields), ""))
            kind = line_of(fields.get("type")) or relation
            if not target:
                book.skip(line, shown(item), f"{name}: names nothing")
            else:
                known = kind if kind in ("blocks", "informs", "conflicts") else relation
                yield Edge(target, known, line_of(fields.get("reason"), TITLE_LIMIT))


def _phases(*places: Mapping[str, Any]) -> int | None:
    for place in places:
        for key in ("totalPhases", "estimatedPhases", "phases"):
            value = place.get(key)
            if isinstance(value, int) and not isinstance(value, bool) and 0 < value <= 999:
                return value
    return None


def _notes(value: Mapping[str, Any], work: Mapping[str, Any]) -> str:
    parts = [text_of(value.get(key)) for key in ("description", "notes", "summary")]
    if holder := line_of(work.get("assignedInstance") or value.get("assignedTo")):
        parts.append(f"Assigned to {holder}.")
    return "\n\n".join(dict.fromkeys(part for part in parts if part))


def _artifacts(value: Any) -> Iterator[str]:
    fields = value if isinstance(value, dict) else {"plan": value}
    for item in fields.values():
        for path in _list(item):
            if text := line_of(path, 1000):
                yield text


def _list(value: Any) -> list[Any]:
    return value if isinstance(value, list) else [] if value is None or value == "" else [value]

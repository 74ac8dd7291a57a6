"""Which format a file has, told by its content: the FORMATS table; a new one is one reader and its line here."""

import re
from collections.abc import Callable

from reconciler.coordination.imports import backlog, beads, registry, todos, todotxt
from reconciler.coordination.imports.rows import Reading
from reconciler.errors import SwarmError
from reconciler.frozen import frozen
from reconciler.printable import printable


@frozen
class Format:
    """One foreign format."""

    name: str
    fits: Callable[[str, str], bool]  # (text, path)
    read: Callable[[str, str], Reading]


def _is_registry(text: str, path: str) -> bool:
    start = text.lstrip("\ufeff \t\r\n")
    if start.startswith("["):
        return not _has_marks_of_beads(start)
    return start.startswith("{") and not _is_lines_of_objects(start)


def _is_beads(text: str, path: str) -> bool:
    start = text.lstrip("\ufeff \t\r\n")
    if start.startswith("["):
        return _has_marks_of_beads(start)
    return path.endswith(".jsonl") or (start.startswith("{") and _is_lines_of_objects(start))


def _has_marks_of_beads(text: str) -> bool:
    return re.search(r'"(?:issue_type|depends_on_id|created_by)"\s*:', text) is not None


def _is_lines_of_objects(text: str) -> bool:
    first = text.split("\n", 1)[0].strip()
    return first.startswith('{"') and first.endswith("}") and '"workstreams"' not in first


FORMATS: tuple[Format, ...] = (
    Format("beads", _is_beads, beads.read_beads),
    Format("registry", _is_registry, registry.read_registry),
    Format("backlog task", backlog.is_task, backlog.read_task),
    Format("backlog board", lambda text, path: backlog.is_board(text), backlog.read_board),
    Format("todo list", lambda text, path: todos.has_boxes(text), todos.read_todos),
    Format("todo.txt", todotxt.is_todotxt, todotxt.read_todotxt),
    Format("todo list", lambda text, path: todos.has_bullets(text), todos.read_todos),
)


def read_source(path: str, data: bytes) -> Reading:
    """Return what a file of any known format says. Raises SwarmError with path and line for what cannot be read."""
    try:
        text = data.decode("utf-8")
    except UnicodeDecodeError as error:
        line = data.count(b"\n", 0, error.start) + 1
        raise SwarmError(f"{printable(path)}:{line}: not valid UTF-8; nothing of it is taken") from error
    if not text.strip():
        return Reading("empty")
    found = next((f for f in FORMATS if f.fits(text, path)), None)
    if found is None:
        known = ", ".join(dict.fromkeys(f.name for f in FORMATS))
        raise SwarmError(f"{printable(path)}: no format that is known ({known})", hint="swarm import --help")
    return found.read(text, path)

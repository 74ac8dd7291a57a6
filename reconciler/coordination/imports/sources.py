"""Finds the registries and todo files that a repository has, and reads them whole, up to a limit."""

import json
import re
from collections.abc import Iterator
from pathlib import Path

from reconciler import files
from reconciler.coordination.imports.formats import read_source
from reconciler.coordination.imports.rows import Reading
from reconciler.errors import SwarmError
from reconciler.frozen import frozen
from reconciler.printable import printable

LIMIT = 32 * 1024 * 1024
REGISTRY = "workstreams.json"
COMPANIONS = ("instances.json", "queue.json")
PLACES = f".swarm/{REGISTRY}, TODOs.txt, todo.txt, backlog/, .beads/"

_TODO = re.compile(r"todos?\.txt", re.IGNORECASE)
_BACKLOG = ("tasks", "drafts", "completed")
_NOT_ISSUES = re.compile(r"(?:interactions|deletions|molecules|routes|.*\.(?:base|left|right))\.jsonl")


@frozen
class Source:
    """One file: what it says, or why it could not be read."""

    path: str  # for people: below the repository where it lies there
    data: bytes = b""
    reading: Reading | None = None
    error: SwarmError | None = None
    in_the_way: bool = False  # the registry where ours is to be


def read_named(paths: list[Path], target: Path, root: str) -> list[Source]:
    """Read the files that were named on the command line, each once."""
    return [_read(path, target, root) for path in dict.fromkeys(path.resolve() for path in paths)]


def read_found(target: Path, root: str) -> list[Source]:
    """Read what is found in the repository: everything in PLACES that swarm did not write."""
    found = [_read(path, target, root) for path in _found(target, root)]
    return [source for source in found if not (source.in_the_way and is_ours(source.data))]


def foreign_companions(target: Path) -> Iterator[tuple[str, bytes]]:
    """Yield queue.json and instances.json with their bytes where another tool wrote them."""
    with files.open_folder(target.parent, target.name) as folder:
        for name in COMPANIONS:
            data = files.read_file(folder, name, limit=LIMIT) if folder else None
            if data and not is_ours(data):
                yield name, data


def is_ours(data: bytes) -> bool:
    """Did swarm write this JSON?"""
    try:
        document = json.loads(data)
    except (ValueError, RecursionError):
        return False
    return isinstance(document, dict) and str(document.get("schema", "")).startswith("swarm.")


# -- below: one file


def _found(target: Path, root: str) -> Iterator[Path]:
    if REGISTRY in _names(target.parent, target.name):
        yield target / REGISTRY
    if not root:
        return
    top = Path(root)
    yield from (top / name for name in _names(top) if _TODO.fullmatch(name))
    for part in _BACKLOG:
        yield from (top / "backlog" / part / n for n in _names(top, "backlog", part) if n.lower().endswith(".md"))
    beads = [name for name in _names(top, ".beads") if name.endswith(".jsonl")]
    yield from (top / ".beads" / name for name in beads if not _NOT_ISSUES.fullmatch(name))


def _names(anchor: Path, *parts: str) -> tuple[str, ...]:
    try:
        with files.open_folder(anchor, *parts) as folder:
            return files.list_names(folder) if folder else ()
    except SwarmError:
        return ()  # a link or a file of that name: nothing to find there


def _read(path: Path, target: Path, root: str) -> Source:
    name = _shown(path, root)
    in_the_way = path == target / REGISTRY
    try:
        with files.open_folder(path.parent) as folder:
            data = files.read_file(folder, path.name, limit=LIMIT) if folder else None
        if data is None:
            raise SwarmError(f"{printable(name)} does not exist")
    except SwarmError as error:
        message = error.message.replace("swarm does not write there", "only plain files are read")
        return Source(name, error=SwarmError(message, code=error.code), in_the_way=in_the_way)
    try:
        return Source(name, data, read_source(name, data), in_the_way=in_the_way)
    except SwarmError as error:
        return Source(name, data, error=error, in_the_way=in_the_way)


def _shown(path: Path, root: str) -> str:
    if root and path.is_relative_to(root):
        return path.relative_to(root).as_posix()
    return str(path)

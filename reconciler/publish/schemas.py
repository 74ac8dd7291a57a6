"""The JSON Schemas (2020-12) of what swarm writes and prints. They are data, in ``schemas/`` beside this file."""

import json
from pathlib import Path
from typing import Any

FILES = ("archive", "instances", "queue", "workstreams")  # those that describe files
_FOLDER = Path(__file__).with_name("schemas")
_SUFFIX = ".schema.json"


def names() -> tuple[str, ...]:
    """Return the names that ``schema`` knows, sorted."""
    return tuple(sorted(file.name.removesuffix(_SUFFIX) for file in _FOLDER.glob(f"*{_SUFFIX}")))


def schema(name: str) -> dict[str, Any]:
    """Return one schema, whole by itself: what it refers to is copied into its ``$defs``."""
    if name not in names():
        raise KeyError(name)
    document = _read(f"{name}{_SUFFIX}")
    shared = _read("defs.json")
    needed: dict[str, Any] = {}
    open_ends = _references(document)
    while open_ends:
        reference = open_ends.pop()
        if reference not in needed:
            needed[reference] = shared[reference]
            open_ends |= _references(shared[reference])
    return document | ({"$defs": needed} if needed else {})


def _read(file: str) -> dict[str, Any]:
    content: dict[str, Any] = json.loads((_FOLDER / file).read_bytes())
    return content


def _references(part: Any) -> set[str]:
    if isinstance(part, dict):
        own = {str(part["$ref"]).removeprefix("#/$defs/")} if "$ref" in part else set()
        return own.union(*map(_references, part.values()))
    return set().union(*map(_references, part)) if isinstance(part, list) else set()

"""Reads JSON of strangers: bounded depth, no NaN, double keys told apart, and the line of each id."""

import json
import re
from typing import Any

from reconciler.errors import SwarmError
from reconciler.frozen import frozen
from reconciler.printable import printable

_ID = re.compile(r'"id"\s*:\s*"((?:[^"\\]|\\.){1,300})"|"((?:[^"\\]|\\.){1,300})"\s*:\s*\{')
_DEEPEST = 100


@frozen
class Parsed:
    """A JSON value with the keys that stood twice: (key, the later value)."""

    value: Any
    doubles: tuple[tuple[str, Any], ...] = ()


def parse(text: str, path: str, *, line: int = 1) -> Parsed:
    """Return the value. Raises SwarmError with path and line for what is not JSON, or not sanely nested."""
    doubles: list[tuple[str, Any]] = []

    def pairs(items: list[tuple[str, Any]]) -> dict[str, Any]:
        found: dict[str, Any] = {}
        for key, value in items:
            if key in found:
                doubles.append((key, value))
            else:
                found[key] = value
        return found

    def constant(name: str) -> None:
        raise ValueError(f"{name} is not JSON")

    if _is_too_deep(text):
        raise SwarmError(f"{printable(path)}:{line}: nested more than {_DEEPEST} levels deep; nothing of it is taken")
    try:
        value = json.loads(text.removeprefix("\ufeff"), object_pairs_hook=pairs, parse_constant=constant)
    except json.JSONDecodeError as error:
        where = f"{printable(path)}:{line + error.lineno - 1}"
        raise SwarmError(f"{where}: not valid JSON: {error.msg.lower()} in column {error.colno}") from error
    except (ValueError, RecursionError) as error:
        raise SwarmError(f"{printable(path)}:{line}: not valid JSON: {printable(str(error), limit=120)}") from error
    return Parsed(value, tuple(doubles))


def lines_of_ids(text: str) -> dict[str, int]:
    """Return for each ``"id": "x"`` and ``"x": {`` the line where it stands first."""
    found: dict[str, int] = {}
    line, at = 1, 0
    for match in _ID.finditer(text):
        line += text.count("\n", at, match.start())
        at = match.start()
        found.setdefault(match[1] or match[2], line)
    return found


def _is_too_deep(text: str) -> bool:
    depth = 0
    for match in re.finditer(r'"(?:[^"\\]|\\.)*"|[\[{]|[\]}]', text):
        mark = match[0]
        if mark in "[{":
            depth += 1
            if depth > _DEEPEST:
                return True
        elif mark in "]}":
            depth -= 1
    return False

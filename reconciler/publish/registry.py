"""Says whose file lies where we want to write: nobody's, ours, another tool's, a later swarm's, or a torn one."""

import json
import re
import shlex
from collections.abc import Callable, Mapping
from typing import Any

from reconciler.errors import SwarmError
from reconciler.frozen import frozen

_OURS = re.compile(r"swarm\.(?P<kind>[a-z]+)/(?P<version>.*)", re.DOTALL)
_OUR_SCHEMA = "urn:swarm:schema:"
_ARCHIVE = re.compile(r"archive/workstreams-\d{4}-\d{2}\.json")
_NUMBER = re.compile(r"-?[0-9]+")
_ASKED = ("$id", "schema", "workstreams", "id", "status")
_VERSION = 1  # the first one; there is none below it


@frozen
class Found:
    """What lies under one name."""

    whose: str  # nobody | ours | foreign | later | unknown (a version that is no number) | damaged
    states: Mapping[str, str] | None = None  # of the workstreams in a registry or archive


def recognise(name: str, data: bytes | None) -> Found:
    """Say whose ``data`` under ``name`` is, from its own words alone."""
    if data is None:
        return Found("nobody")
    try:
        document = json.loads(data, object_hook=_brief)
    except (ValueError, RecursionError):  # bad JSON, bad UTF-8, endless nesting or digits
        return Found("damaged")
    if not isinstance(document, dict):
        return Found("foreign")
    if name.startswith("schemas/"):
        ours = str(document.get("$id", "")).startswith(_OUR_SCHEMA)
        return Found("ours" if ours else "foreign")
    match = _OURS.fullmatch(str(document.get("schema", "")))
    if match is None or match["kind"] != _kind(name):
        return Found("foreign")
    return Found(_by_version(match["version"]), _states(document.get("workstreams")))


def _brief(value: dict[str, Any]) -> dict[str, Any]:
    """An object with no more than what is asked of it: all of a large registry takes many times its size."""
    return {key: value[key] for key in _ASKED if key in value}


def _states(rows: object) -> dict[str, str] | None:
    if not isinstance(rows, list):
        return None
    pairs = [(row.get("id"), row.get("status")) for row in rows if isinstance(row, dict)]
    return {name: state for name, state in pairs if isinstance(name, str) and isinstance(state, str)}


def _by_version(version: str) -> str:
    if _NUMBER.fullmatch(version) is None:
        return "unknown"
    if version.startswith("-") or not version.strip("0"):
        return "damaged"  # no swarm ever wrote a number below the first
    return "ours" if version.lstrip("0") == str(_VERSION) else "later"


def is_archive(name: str) -> bool:
    """Is this the name of an archive file, whether still wanted or not?"""
    return _ARCHIVE.fullmatch(name) is not None


def needs_import(path: str) -> SwarmError:
    """Return the refusal of a registry that swarm did not write."""
    return SwarmError(f"{path} was not written by swarm, and is not overwritten", hint="swarm import")


def needs_newer(path: str) -> SwarmError:
    """Return the refusal of a file that a later swarm wrote."""
    return SwarmError(
        f"{path} was written by a later version of swarm, and is not overwritten",
        hint="pip install --upgrade swarm-reconciler",
    )


def needs_a_look(path: str) -> SwarmError:
    """Return the refusal of a file that says it is swarm's, of a version that is no number."""
    return SwarmError(
        f"{path} names a schema version that swarm does not know, and is not overwritten",
        hint=f"mv {shlex.quote(path)} {shlex.quote(path + '.old')}",
    )


REFUSALS: Mapping[str, Callable[[str], SwarmError]] = {
    "foreign": needs_import,
    "later": needs_newer,
    "unknown": needs_a_look,
}


def _kind(name: str) -> str:
    return "archive" if is_archive(name) else name.removesuffix(".json")

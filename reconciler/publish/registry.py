"""Says whose file lies where we want to write: nobody's, ours, another tool's, a later swarm's, or a torn one."""

import json
import re
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from reconciler.errors import SwarmError

_OURS = re.compile(r"swarm\.(?P<kind>[a-z]+)/(?P<version>.*)", re.DOTALL)
_OUR_SCHEMA = "urn:swarm:schema:"
_ARCHIVE = re.compile(r"archive/workstreams-\d{4}-\d{2}\.json")
_VERSION = 1


@dataclass(frozen=True, slots=True)
class Found:
    """What lies under one name."""

    whose: str  # nobody | ours | foreign | later | damaged
    document: Mapping[str, Any] | None = None


def recognise(name: str, data: bytes | None) -> Found:
    """Say whose ``data`` under ``name`` is, from its own words alone."""
    if data is None:
        return Found("nobody")
    try:
        document = json.loads(data)
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
    version = match["version"]
    known = version.isdecimal() and int(version[:9]) <= _VERSION and len(version) < 9
    return Found("ours" if known else "later", document)


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


def _kind(name: str) -> str:
    return "archive" if is_archive(name) else name.removesuffix(".json")

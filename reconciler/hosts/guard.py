"""Which files only swarm writes, and what to use instead of an editor; for the hook before a tool."""

import os
import re
from collections.abc import Callable, Iterator, Mapping, Sequence

from reconciler.hosts.host import Host
from reconciler.hosts.wire import Event, text

FOLDER = ".swarm"
# what lies below .swarm -> what makes it, and which command changes what it shows
GENERATED: tuple[tuple[str, str], ...] = (
    (r"workstreams\.json", "To change a workstream: swarm update ID; to renew the file: swarm reconcile"),
    (r"queue\.json", 'To note an idea: swarm add "TITLE"; to change one: swarm update ID'),
    (r"instances\.json", "To take or give back work: swarm claim ID, swarm release ID"),
    (r"archive/workstreams-\d{4}-\d{2}\.json", "To renew the file: swarm reconcile"),
    (r"schemas/swarm\.[^/]+\.schema\.json", "To see a schema: swarm schema NAME; to renew the file: swarm reconcile"),
)
FACTS = "What swarm keeps beside git is written by swarm. To take or give back work: swarm claim ID, swarm release ID."
_PATCHED = re.compile(r"^\*\*\* (?:Add File|Update File|Delete File|Move to): (.+?)\s*$", re.MULTILINE)
_DIFFED = re.compile(r"^(?:\+\+\+|---) (?:[ab]/)?(.+?)\s*$", re.MULTILINE)


def refusal(event: Event, host: Host, folder: str, facts: str, is_ours: Callable[[str, str], bool]) -> str:
    """Return why a tool must not write what it is about to write, "" when it may.

    ``folder`` is where relative paths start, ``facts`` our folder in the git common directory;
    ``is_ours``: (.swarm folder, name below it) -> swarm wrote it, or may.
    """
    if event.tool not in host.edits:
        return ""
    for path in _targets(event.input, host):
        for place in _places(folder, path):
            if place.startswith(f"{os.path.realpath(facts)}/"):
                return FACTS
            name, instead = _generated(place)
            if name and is_ours(place[: -len(name) - 1], name):
                return f"{FOLDER}/{name} is written by swarm, from documents, git and claims. {instead}."
    return ""


# -- below


def _targets(said: object, host: Host) -> Iterator[str]:
    """The files that a tool's input names, in every way it may."""
    if isinstance(said, str):
        yield from _in_patch(said)
        from reconciler.hosts.wire import understand

        said = understand(said.encode("utf-8", "replace"))  # some hosts give JSON as a text
    if not isinstance(said, Mapping):
        return
    yield from (value for name in host.paths if isinstance(value := said.get(name), str))
    for edits in (said.get("edits"), said.get("files")):
        for edit in edits if isinstance(edits, list) else []:
            yield edit if isinstance(edit, str) else text(edit, host.paths)
    for name in host.patches:
        if isinstance(patch := said.get(name), str):
            yield from _in_patch(patch)


def _in_patch(patch: str) -> Iterator[str]:
    yield from _PATCHED.findall(patch)
    yield from _DIFFED.findall(patch)


def _places(folder: str, path: str) -> Sequence[str]:
    """Where a path leads: as the system follows it, and as a tool that tidies it first would."""
    if not path or "\0" in path:
        return ()
    whole = os.path.join(folder, path)  # noqa: PTH118
    return tuple({os.path.realpath(whole): 0, os.path.realpath(os.path.normpath(whole)): 0})


def _generated(place: str) -> tuple[str, str]:
    """(name below .swarm, what to use instead) of a generated file; ("", "") for every other."""
    at = place.rfind(f"/{FOLDER}/")
    name = place[at + len(FOLDER) + 2 :]
    if at < 0:
        return "", ""
    for pattern, instead in GENERATED:
        if re.fullmatch(pattern, name):
            return name, instead
    return "", ""

"""What a session is told: everything of its own when it starts, later what changed. Loaded only when something did."""

import json
import os
import signal
from collections.abc import Iterator, Mapping
from contextlib import contextmanager, suppress
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from reconciler.coordination import told
from reconciler.coordination.holdings import look as who_holds
from reconciler.coordination.identity import here
from reconciler.coordination.leases import Limits
from reconciler.coordination.mine import held
from reconciler.errors import SwarmError
from reconciler.hosts import words

SUGGESTED = 3
SLOW = 10.0  # seconds that a start waits for a look at the repository
QUICK = 1.5  # seconds that a prompt does, after the base moved and no pass of somebody else's told us
_LEANS = ("blocks", "informs")

Row = words.Row


@dataclass(frozen=True, slots=True)
class Picture:
    """The repository as its registry or a look shows it; rows as in ``workstreams.json``."""

    rows: Mapping[str, Row] = field(default_factory=dict)
    suggested: tuple[Row, ...] = ()
    watched: tuple[str, ...] = ()


def opening(root: str, session: str, folder: str, tree: str) -> tuple[str, str]:
    """(what to tell at the start, the workstream that the session works on or "")."""
    with _at_most(SLOW):
        picture = _look(root, folder)
    holds = held(root, session)
    mine = [picture.rows[name] for name in holds if name in picture.rows]
    place = None if mine else _here(picture, tree)
    stream = _remember(root, session, tree, picture, holds, place)
    suggested = [row for row in picture.suggested if row["id"] in picture.rows][:SUGGESTED]
    if not picture.rows:
        return "", stream
    return words.opening(session, mine, place, suggested, picture.rows), stream


def since(root: str, session: str, folder: str, tree: str, last: told.Told | None) -> tuple[str, str]:
    """(one line about what of mine changed or "", the workstream that the session works on or "")."""
    picture = _registry(root, last) if last else None
    if picture is None:
        with _at_most(QUICK):
            picture = _look(root, folder)
    holds = held(root, session)
    place = None if holds else _here(picture, tree)
    stream = _remember(root, session, tree, picture, holds, place)
    return words.line(list(_news(root, session, picture, _seen(last), holds))), stream


# -- what changed


def _news(root: str, session: str, picture: Picture, seen: Mapping[str, Any], holds: list[str]) -> Iterator[str]:
    for name in seen.get("holds", ()):
        if name not in holds:
            yield from _lost(root, session, name)
    for name, before in seen.get("mine", {}).items():
        row = picture.rows.get(name)
        if row is None:
            continue
        for dependency in before.get("waits", ()):
            if _is_merged(picture, dependency):
                yield words.landed(dependency, name)
        for other in row.get("conflicts", ()):
            if other["id"] not in before.get("conflicts", ()):
                yield words.conflict(name, other["id"], len(other["files"]))


def _lost(root: str, session: str, name: str) -> Iterator[str]:
    """What I gave back myself is no news."""
    holding = who_holds(Path(root), name, here(), Limits())
    if holding.record is None or holding.record.session != session:
        yield words.lost(name, holding.session if holding.held else "")


def _seen(last: told.Told | None) -> Mapping[str, Any]:
    try:
        seen = json.loads(last.seen) if last else {}
    except (ValueError, RecursionError):
        return {}
    return seen if isinstance(seen, dict) else {}


def _remember(root: str, session: str, tree: str, picture: Picture, holds: list[str], place: Row | None) -> str:
    """Keep what is known now; returns the workstream that the session works on."""
    stream = holds[0] if holds else str(place["id"]) if place else ""
    names = holds if holds else [stream] if stream else []
    mine = {name: _leaning(picture, name) for name in names if name in picture.rows}
    watched = list(picture.watched)
    record = told.Told(told.signature(root, watched), tree, stream, watched, json.dumps({"holds": holds, "mine": mine}))
    with suppress(OSError):  # a read-only disk: next time is as this time
        told.remember(root, session, record)
    return stream


def _leaning(picture: Picture, name: str) -> dict[str, list[str]]:
    row = picture.rows[name]
    targets = {relation["target"] for relation in row["relations"] if relation["type"] in _LEANS}
    leans = sorted({*row["dependencies"], *targets} & set(picture.rows))
    return {
        "waits": [target for target in leans if not _is_merged(picture, target)],
        "conflicts": [other["id"] for other in row["conflicts"]],
    }


def _is_merged(picture: Picture, name: str) -> bool:
    return bool(name in picture.rows and picture.rows[name]["status"] == "merged")


# -- where it is known from


def _here(picture: Picture, tree: str) -> Row | None:
    """The workstream whose worktree this is."""
    found = (row for row in picture.rows.values() if row.get("worktree") and row["status"] not in ("merged",))
    return next((row for row in found if _is_same(str(row["worktree"]), tree)), None) if tree else None


def _is_same(one: str, other: str) -> bool:
    return os.path.realpath(one) == os.path.realpath(other)


def _look(root: str, folder: str) -> Picture:
    from reconciler import reconcile
    from reconciler.publish.rows import suggestion_row, workstream_row

    seen = reconcile.look(Path(folder), env=os.environ)
    rows = {str(stream.id): workstream_row(stream) for stream in seen.view.workstreams}
    suggested = tuple(suggestion_row(one) for one in seen.view.next)
    common = str(Path(root).parent)
    base = seen.facts.base
    refs = (f"{common}/{base.ref}", f"{common}/packed-refs") if base else ()
    watched = (str(seen.target / "workstreams.json"), *refs, f"{common}/reftable/tables.list")
    return Picture(rows, suggested, watched)


def _registry(root: str, last: told.Told) -> Picture | None:
    """The registry, where it was written after the base moved last."""
    try:
        path, *refs = map(Path, last.watched)
        written = path.stat().st_mtime_ns
        if any(ref.exists() and ref.stat().st_mtime_ns > written for ref in refs):
            return None
        document = json.loads(path.read_bytes())
        rows = {row["id"]: row for row in document["workstreams"]}
        return Picture(rows, tuple(document["next"]), tuple(last.watched))
    except (OSError, ValueError, KeyError, TypeError, RecursionError):
        return None


@contextmanager
def _at_most(seconds: float) -> Iterator[None]:
    """Give up after a while: nobody waits for news. Raises SwarmError."""

    def stop(*_: object) -> None:
        raise SwarmError(f"a look at the repository took more than {seconds:g} s")

    before = signal.signal(signal.SIGALRM, stop)
    signal.setitimer(signal.ITIMER_REAL, seconds)
    try:
        yield
    finally:
        signal.setitimer(signal.ITIMER_REAL, 0.0)
        signal.signal(signal.SIGALRM, before)

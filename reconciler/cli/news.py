"""What a session is told: everything of its own when it starts, later what changed. Loaded only when something did."""

import json
import os
import signal
from collections.abc import Iterator, Mapping
from contextlib import contextmanager, suppress
from dataclasses import field
from pathlib import Path
from typing import Any

from reconciler.coordination import told
from reconciler.coordination.holdings import look as who_holds
from reconciler.coordination.identity import here
from reconciler.coordination.leases import Limits
from reconciler.coordination.mine import held
from reconciler.errors import SwarmError
from reconciler.frozen import frozen
from reconciler.hosts import words

SUGGESTED = 3
SLOW = 10.0  # seconds of processor time that a look at the repository may take at a start
QUICK = 2.0  # with a prompt, after something moved and no pass of somebody else's told us
_LEANS = ("blocks", "informs")

Row = words.Row


@frozen
class Picture:
    """The repository as its registry or a look shows it; rows as in ``workstreams.json``."""

    rows: Mapping[str, Row] = field(default_factory=dict)
    suggested: tuple[Row, ...] = ()
    watched: tuple[str, ...] = ()
    whole: bool = True  # nothing is left out: the registry lacks what was merged long ago


def opening(root: str, session: str, folder: str, tree: str, *, named: bool = True) -> tuple[str, str]:
    """(what to tell at the start, the workstream that the session works on or "").

    ``named``: a command in the session's shells knows by itself which session it is.
    """
    last = told.recall(root, session)
    with _at_most(SLOW):
        picture = _look(root, folder)
    holds, place = held(root, session), _here(picture, tree)
    stream = _remember(root, session, tree, picture, holds, place)
    if not picture.rows:
        return "", stream
    mine = [picture.rows[name] for name in holds if name in picture.rows]
    here = place if place is not None and place["id"] not in holds else None
    suggested = [row for row in picture.suggested if row["id"] in picture.rows][:SUGGESTED]
    changed = words.line(list(_news(root, session, picture, _seen(last), holds)))
    who = words.who(session, named=named)
    return words.opening(who, mine, here, suggested, picture.rows, changed), stream


def since(root: str, session: str, folder: str, tree: str, last: told.Told | None) -> tuple[str, str]:
    """(one line about what of mine changed or "", the workstream that the session works on or "")."""
    picture = _registry(last) if last else None
    if picture is None:
        picture = _look_quickly(root, session, folder, tree, last)
    holds, place = held(root, session), _here(picture, tree)
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
            if dependency in _leans(row) and _is_merged(picture, dependency):
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
    for_here = str(place["id"]) if place else ""
    stream = holds[0] if holds else for_here
    names = holds if holds else [stream] if stream else []
    mine = {name: _leaning(picture, name) for name in names if name in picture.rows}
    watched = list(picture.watched)
    seen = json.dumps({"holds": holds, "mine": mine})
    record = told.Told(told.signature(root, watched), tree, stream, for_here, watched, seen)
    with suppress(OSError):  # a read-only disk: next time is as this time
        told.remember(root, session, record)
    return stream


def _leaning(picture: Picture, name: str) -> dict[str, list[str]]:
    row = picture.rows[name]
    return {
        "waits": [target for target in _leans(row) if not _is_merged(picture, target)],
        "conflicts": [other["id"] for other in row["conflicts"]],
    }


def _leans(row: Row) -> list[str]:
    """What a workstream waits for or is informed by."""
    targets = {relation["target"] for relation in row["relations"] if relation["type"] in _LEANS}
    return sorted({*row["dependencies"], *targets})


def _is_merged(picture: Picture, name: str) -> bool:
    return bool(picture.rows[name]["status"] == "merged") if name in picture.rows else not picture.whole


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


def _look_quickly(root: str, session: str, folder: str, tree: str, last: told.Told | None) -> Picture:
    """A look; where it takes too long it is not tried again before something else moves. Raises SwarmError."""
    try:
        with _at_most(QUICK):
            return _look(root, folder)
    except SwarmError:
        watched = last.watched if last else []
        kept = (last.workstream, last.here, watched, last.seen) if last else ("", "", watched, "{}")
        with suppress(OSError):
            told.remember(root, session, told.Told(told.signature(root, watched), tree, *kept))
        raise


def _registry(last: told.Told) -> Picture | None:
    """The registry, where it was written after the base moved last."""
    try:
        path, *refs = map(Path, last.watched)
        written = path.stat().st_mtime_ns
        if any(ref.exists() and ref.stat().st_mtime_ns > written for ref in refs):
            return None
        document = json.loads(path.read_bytes())
        rows = {row["id"]: row for row in document["workstreams"]}
        return Picture(rows, tuple(document["next"]), tuple(last.watched), whole=False)
    except (OSError, ValueError, KeyError, TypeError, RecursionError):
        return None


class _TooSlowError(BaseException):
    """Past every frame that takes an error for an unreadable file."""


@contextmanager
def _at_most(seconds: float) -> Iterator[None]:
    """Give up after a while, by the clock of this process: nobody waits for news. Raises SwarmError."""

    def stop(*_: object) -> None:
        raise _TooSlowError

    before = signal.signal(signal.SIGPROF, stop)
    signal.setitimer(signal.ITIMER_PROF, seconds)
    try:
        yield
    except _TooSlowError as error:
        raise SwarmError(f"a look at the repository took more than {seconds:g} s of processor time") from error
    finally:
        signal.setitimer(signal.ITIMER_PROF, 0.0)
        signal.signal(signal.SIGPROF, before)

"""The files swarm writes, as pure functions of the view: ``PROJECTIONS`` names them all."""

import json
import re
from collections import defaultdict
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from datetime import UTC, datetime, timedelta
from functools import cache, partial
from io import BytesIO
from json.encoder import encode_basestring
from typing import TypeAlias

from reconciler.frozen import frozen
from reconciler.model import Claim, Intent, View, Workstream, WorkstreamId
from reconciler.printable import UNSAFE
from reconciler.publish import schemas
from reconciler.publish.rows import (
    Row,
    base_row,
    day,
    holder,
    moment,
    problem_row,
    suggestion_row,
    workstream_row,
)

WORKSTREAMS = "swarm.workstreams/1"
ARCHIVE = "swarm.archive/1"
QUEUE = "swarm.queue/1"
INSTANCES = "swarm.instances/1"

ARCHIVE_FOLDER = "archive"
SCHEMA_FOLDER = "schemas"

_STARTED = frozenset({"implementing", "in-review"})  # somebody is on it: no longer waiting in a queue
_OVER = frozenset({"merged", "abandoned"})
_ROW = "\n    "  # how a row of a list begins
_STEERING = re.compile(f"(?!\n){UNSAFE.pattern}")  # the line ends are our own layout


@frozen
class Cut:
    """Which merged workstreams leave the main file: those merged ``archive_after`` days before ``now``."""

    now: datetime
    archive_after: int = 30  # days


Projection: TypeAlias = "Callable[[View, Cut, Rows], Row]"


class Ready(str):
    """JSON that is written already, as it stands in a list of the document."""

    __slots__ = ()


class Later:
    """A row of a list that is made when it is written, so that not all of them stand in memory."""

    __slots__ = ("make",)

    def __init__(self, make: Callable[[], Row]) -> None:
        self.make = make


class Rows:
    """Rows of the documents; none of them is kept."""

    def begin(self) -> None:
        """New files."""

    def row(self, kind: str, stream: Workstream, make: Callable[[], Row], beside: object = None) -> Ready | Later:
        """The row of a workstream, which ``make`` makes of it and of what is ``beside`` it."""
        return Later(make)


class Rendered(Rows):
    """Rows as they were written last, by what they show: one that shows the same values is not made again."""

    def __init__(self) -> None:
        self._rows: dict[tuple[str, str], tuple[Workstream, object, Ready]] = {}
        self._used: set[tuple[str, str]] = set()

    def begin(self) -> None:
        """New files: rows that the last ones did not have are forgotten."""
        if len(self._rows) > len(self._used):
            self._rows = {key: row for key, row in self._rows.items() if key in self._used}
        self._used = set()

    def row(self, kind: str, stream: Workstream, make: Callable[[], Row], beside: object = None) -> Ready:
        """The row of a workstream, which ``make`` makes of it and of what is ``beside`` it."""
        self._used.add((kind, stream.id))
        old = self._rows.get((kind, stream.id))
        if old is not None and old[0] is stream and old[1] == beside:
            return old[2]
        ready = row_text(make())
        self._rows[kind, stream.id] = (stream, beside, ready)
        return ready


def workstreams_document(
    view: View, *, all: bool, now: datetime, archive_after_days: int = 30, rendered: Rows | None = None
) -> Row:
    """Return ``workstreams.json``; with ``all`` the archived ones are in it too. ``rendered``: for :func:`to_json`."""
    cut = Cut(now, archive_after_days)
    shown = [stream for stream in view.workstreams if all or not is_archived(stream, cut)]
    return {
        "schema": WORKSTREAMS,
        "lastUpdated": moment(view.updated),
        "base": base_row(view.base),
        "workstreams": [
            rendered.row("workstreams", stream, partial(workstream_row, stream)) if rendered else workstream_row(stream)
            for stream in sorted(shown, key=_id)
        ],
        "next": [Later(partial(suggestion_row, one)) if rendered else suggestion_row(one) for one in view.next],
        "diagnostics": [problem_row(problem) for problem in sorted(set(view.problems), key=_place)],
    }


def queue_document(view: View, rendered: Rows | None = None) -> Row:
    """Return ``queue.json``."""
    items = waiting(view)
    updated = max((stream.updated for stream, _ in items if stream.updated), default=None)
    rows = [
        rendered.row("queue", stream, partial(_queue_row, stream, intent), intent)
        if rendered
        else _queue_row(stream, intent)
        for stream, intent in items
    ]
    return {"schema": QUEUE, "lastUpdated": moment(updated), "queue": rows}


def waiting(view: View) -> list[tuple[Workstream, Intent | None]]:
    """Return what waits for somebody, and every intent that is not done with."""
    intents = {name: intent for intent in view.intents for name in (intent.id, *intent.aliases)}
    open_states = {word.name for word in view.words if word.open}
    items = []
    for stream in sorted(view.workstreams, key=_id):
        intent = _intent_of(stream, intents)
        if stream.state in _OVER or (open_states and stream.state not in open_states):
            continue
        if intent or stream.state not in _STARTED:
            items.append((stream, intent))
    return items


def instances_document(claims: Sequence[Claim], phases: Mapping[WorkstreamId, str]) -> Row:
    """Return ``instances.json``: one row per session that holds something; ``phases`` by workstream."""
    held: dict[str, list[Claim]] = defaultdict(list)
    for claim in claims:
        held[claim.session].append(claim)
    heard = max((claim.heard for claim in claims), default=None)
    return {
        "schema": INSTANCES,
        "lastUpdated": moment(heard),
        "instances": [_instance_row(session, held[session], phases) for session in sorted(held)],
    }


def archive_documents(view: View, cut: Cut) -> dict[str, Row]:
    """Return the archive files by name, one per month of merging."""
    months: dict[str, list[Workstream]] = defaultdict(list)
    for stream in sorted(view.workstreams, key=_id):
        if is_archived(stream, cut):
            months[str(moment(stream.merged_at))[:7]].append(stream)
    return {
        f"{ARCHIVE_FOLDER}/workstreams-{month}.json": _archive(month, streams)
        for month, streams in sorted(months.items())
    }


def is_archived(stream: Workstream, cut: Cut) -> bool:
    """Was it merged so long ago that it leaves the main file?"""
    if stream.state != "merged" or stream.merged_at is None:
        return False
    merged = stream.merged_at if stream.merged_at.tzinfo else stream.merged_at.replace(tzinfo=UTC)
    now = cut.now if cut.now.tzinfo else cut.now.replace(tzinfo=UTC)
    return now - merged > timedelta(days=cut.archive_after)


PROJECTIONS: Mapping[str, Projection] = {
    "instances.json": lambda view, cut, rendered: instances_document(
        view.claims, {stream.id: stream.phase_text for stream in view.workstreams}
    ),
    "queue.json": lambda view, cut, rendered: queue_document(view, rendered),
    "workstreams.json": lambda view, cut, rendered: workstreams_document(
        view, all=False, now=cut.now, archive_after_days=cut.archive_after, rendered=rendered
    ),
}


def project(
    view: View, *, now: datetime, archive_after_days: int = 30, rendered: Rows | None = None
) -> dict[str, bytes]:
    """Return every file swarm writes below its folder, name to bytes, in the order of writing.

    ``rendered`` keeps rows from one call to the next.
    The archive comes first and the registry last: a reader in between sees a row twice, never not at all.
    """
    rendered = rendered or Rows()
    rendered.begin()
    cut = Cut(now, archive_after_days)
    files = {f"{SCHEMA_FOLDER}/swarm.{name}.schema.json": _schema_file(name) for name in schemas.FILES}
    files |= {name: to_json(document) for name, document in archive_documents(view, cut).items()}
    return files | {name: to_json(make(view, cut, rendered)) for name, make in PROJECTIONS.items()}


@cache
def _schema_file(name: str) -> bytes:
    return to_json(schemas.schema(name))


def to_json(document: Row) -> bytes:
    """Return the one form of JSON that swarm writes: UTF-8, two spaces, sorted, final newline.

    Characters that steer a terminal are written as escapes; what is no character at all (a byte that was
    not UTF-8) as the text ``\\x80``, so that every reader of JSON takes it.
    """
    written = BytesIO()
    written.writelines(_safe(piece).encode() for piece in _pieces(document))
    return written.getvalue()


def _pieces(document: Row) -> Iterator[str]:
    """The text in pieces, the rows of a list one by one: the whole of it stands in memory once."""
    mark = "{"
    for key, part in sorted(document.items()):
        head = f"{mark}\n  {encode_basestring(key)}: "
        if isinstance(part, list) and part:
            yield f"{head}[\n    {_text(part[0], _ROW)}"
            yield from (f",{_ROW}{_text(row, _ROW)}" for row in part[1:])
            yield "\n  ]"
        else:
            yield head + _text(part, "\n  ")
        mark = ","
    yield "\n}\n" if document else "{}\n"


def row_text(row: Row) -> Ready:
    """Return the text of a row of a list, as it stands in the file."""
    return Ready(_safe(_text(row, _ROW)))


def _safe(text: str) -> str:
    return text if text.isascii() and "\x7f" not in text else _STEERING.sub(_escaped, text)


_PLAIN = {None: "null", True: "true", False: "false"}


def _text(value: object, line: str) -> str:
    """The text of json.dumps(indent=2, sort_keys=True), in a quarter of its time; ``line`` begins a line."""
    kind = type(value)
    if kind is Ready:
        return value  # type: ignore[return-value]
    if kind is str:
        return encode_basestring(value)  # type: ignore[arg-type]  # the line above says that it is one
    if value is None or kind is bool:
        return _PLAIN[value]  # type: ignore[index]
    if kind is int:
        return str(value)
    if isinstance(value, dict):
        if not value:
            return "{}"
        inner = line + "  "
        rows = [f"{inner}{encode_basestring(key)}: {_text(part, inner)}" for key, part in sorted(value.items())]
        return f"{{{','.join(rows)}{line}}}"
    if isinstance(value, (list, tuple)):
        if not value:
            return "[]"
        inner = line + "  "
        return f"[{','.join([inner + _text(part, inner) for part in value])}{line}]"
    return _text(value.make(), line) if isinstance(value, Later) else json.dumps(value, ensure_ascii=False)


def _escaped(match: re.Match[str]) -> str:
    code = ord(match[0])
    if 0xDC80 <= code <= 0xDCFF:
        return f"\\\\x{code - 0xDC00:02x}"
    return "\ufffd" if 0xD800 <= code <= 0xDFFF else f"\\u{code:04x}"


def _id(stream: Workstream) -> str:
    return stream.id


def _place(problem: object) -> tuple[str, ...]:
    row = problem_row(problem)  # type: ignore[arg-type]  # only problems come here
    return (
        row["path"] or "",
        f"{row['line'] or 0:09d}",
        row["code"],
        row["message"],
        *map(str, row.values()),
    )


def _archive(month: str, streams: Iterable[Workstream]) -> Row:
    kept = list(streams)
    updated = max((stream.updated for stream in kept if stream.updated), default=None)
    return {
        "schema": ARCHIVE,
        "month": month,
        "lastUpdated": moment(updated),
        "workstreams": [workstream_row(stream) for stream in kept],
    }


def _intent_of(stream: Workstream, intents: Mapping[str, Intent]) -> Intent | None:
    names = (stream.id, *stream.aliases)
    return next((intents[name] for name in names if name in intents), None)


def _queue_row(stream: Workstream, intent: Intent | None) -> Row:
    estimated = intent.estimated_phases if intent else None
    exists = bool(stream.documents or stream.branch or stream.worktree)
    return {
        "id": stream.id,
        "type": stream.type,
        "title": stream.title,
        "priority": stream.priority,
        "status": stream.state,
        "dependencies": list(stream.dependencies),
        "blockedBy": list(stream.blocked_by),
        "estimatedPhases": estimated if estimated is not None else stream.total_phases,
        "notes": intent.notes if intent else stream.notes,
        "assignedTo": holder(stream.claim),
        "workstream": stream.id if exists else None,
        "created": day(stream.created),
        "source": intent.path if intent else None,
    }


def _instance_row(session: str, claims: Iterable[Claim], phases: Mapping[WorkstreamId, str]) -> Row:
    held = sorted(claims, key=lambda claim: (claim.since, claim.workstream))
    newest, last = held[-1], max(held, key=lambda claim: (claim.heard, claim.workstream))
    return {
        "sessionId": session,
        "startedAt": moment(held[0].since),
        "lastHeartbeat": moment(last.heard),
        "workingOn": newest.workstream,
        "holds": sorted(claim.workstream for claim in held),
        "worktree": newest.worktree or None,
        "phase": phases.get(newest.workstream) or None,
        "currentTask": None,
        "status": last.status,
        "host": last.host or None,
        "pid": last.pid,
    }

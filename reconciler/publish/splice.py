"""Puts single rows into files that were written before, without making the other rows again.

Our files have one form: what begins with two spaces and a key belongs to that key, and the rows of a list begin with
four spaces and a brace. A text never holds a line end, so nothing inside a row can look like either.
"""

from collections.abc import Iterable, Mapping, Sequence
from datetime import datetime
from json.encoder import encode_basestring

from reconciler.frozen import frozen
from reconciler.model import View
from reconciler.publish.projections import queue_document, row_text
from reconciler.publish.rows import Row, moment, suggestion_row, workstream_row

REGISTRY, QUEUE = "workstreams.json", "queue.json"
_BEGIN, _KEY, _END = b'{\n  "', b',\n  "', b"\n}\n"
_WORKSTREAMS = b',\n  "workstreams": '
_ID = b'\n      "id": '  # of a row: those of lists inside it stand deeper
_OPEN, _BETWEEN, _CLOSE = b"[\n    {", b"},\n    {", b"}\n  ]"
Rows = Mapping[str, bytes]  # id -> what stands between the braces of its row


@frozen
class Order:
    """Whose rows stand in which list, in which order, and the times at the head of the files."""

    next: Sequence[str]
    queue: Sequence[str]
    updated: datetime | None
    queue_updated: datetime | None


def splice(files: Mapping[str, bytes], before: Order, after: Order, old: View, new: View) -> dict[str, bytes]:
    """Registry and queue with the rows of ``new``, a view of those workstreams alone that changed.

    ``files`` are registry and queue as they were written with the rows of ``old``, the same workstreams before.
    Raises ValueError when they were not, or when the files cannot be ours.
    """
    queue = _take_apart(files[QUEUE])
    queue[b"queue"] = _put_in(queue[b"queue"], before.queue, after.queue, _queue(old), _queue(new))
    queue[b"lastUpdated"] = _time(after.queue_updated)
    data = files[REGISTRY]
    end = data.find(_WORKSTREAMS)  # the last of its keys
    head = _take_apart(data[:end] + _END)
    head[b"next"] = _put_in(head[b"next"], before.next, after.next, _next(old), _next(new))
    head[b"lastUpdated"] = _time(after.updated)
    rows = _replaced(data, end, _workstreams(old), _workstreams(new))
    return {QUEUE: _put_together(queue), REGISTRY: b"".join([_put_together(head)[: -len(_END)], *rows])}


def _replaced(data: bytes, start: int, old: Rows, new: Rows) -> list[bytes | memoryview]:
    """The text from ``start`` on in parts, with some rows replaced: their order is that of the ids, which stay."""
    found = []
    for name, row in old.items():
        mark = _ID + encode_basestring(name).encode() + b","
        at = data.find(mark, start) - row.find(mark)
        if at < start or not data.startswith(row, at):
            raise ValueError("not the rows that were written")
        found.append((at, at + len(row), new[name]))
    whole, parts = memoryview(data), list[bytes | memoryview]()
    for begin, end, row in sorted(found):
        parts += [whole[start:begin], row]
        start = end
    return [*parts, whole[start:]]


def _workstreams(view: View) -> Rows:
    return {stream.id: _inside(workstream_row(stream)) for stream in view.workstreams}


def _next(view: View) -> Rows:
    return {suggestion.id: _inside(suggestion_row(suggestion)) for suggestion in view.next}


def _queue(view: View) -> Rows:
    return {row["id"]: _inside(row) for row in queue_document(view)["queue"]}


def _inside(row: Row) -> bytes:
    return row_text(row)[1:-1].encode()


def _time(at: datetime | None) -> bytes:
    return f'"{moment(at)}"'.encode() if at else b"null"


def _put_in(part: bytes, names: Sequence[str], wanted: Iterable[str], old: Rows, new: Rows) -> bytes:
    """A list with the rows of ``wanted``, in that order. Raises ValueError when one of ``old`` does not stand there."""
    rows = part[len(_OPEN) : -len(_CLOSE)].split(_BETWEEN) if part != b"[]" else []
    known = dict(zip(names, rows, strict=True))
    if any(known.get(name) != row for name, row in old.items()):
        raise ValueError("not the rows that were written")
    inner = _BETWEEN.join([new[name] if name in new else known[name] for name in wanted])
    return _OPEN + inner + _CLOSE if inner else b"[]"


def _take_apart(data: bytes) -> dict[bytes, bytes]:
    """The parts of one of our files by their keys, each as it is written."""
    if not (data.startswith(_BEGIN) and data.endswith(_END)):
        raise ValueError("not an object of ours")
    pairs = (part.partition(b'": ') for part in data[len(_BEGIN) : -len(_END)].split(_KEY))
    return {key: value for key, _, value in pairs}


def _put_together(parts: Mapping[bytes, bytes]) -> bytes:
    return _BEGIN + _KEY.join([key + b'": ' + value for key, value in parts.items()]) + _END

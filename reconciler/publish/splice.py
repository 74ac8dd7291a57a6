"""Puts single rows into files that were written before, without making the other rows again.

Our files have one form: what begins with two spaces and a key belongs to that key, and the rows of a list begin with
four spaces and a brace. A text never holds a line end, so nothing inside a row can look like either.
"""

import re
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime

from reconciler.model import View
from reconciler.publish.projections import Ready, queue_document, row_text, to_json
from reconciler.publish.rows import Row, moment, suggestion_row, workstream_row

REGISTRY, QUEUE = "workstreams.json", "queue.json"
_KEY = re.compile(r'^  "(\w+)": ', re.MULTILINE)
_OPEN, _CLOSE = "[\n    {", "}\n  ]"
_BETWEEN = "},\n    {"
Texts = Mapping[str, Ready]  # id -> its row


@dataclass(frozen=True, slots=True)
class Order:
    """Whose rows stand in which list, in which order, and the times at the head of the files."""

    workstreams: Sequence[str]
    next: Sequence[str]
    queue: Sequence[str]
    updated: datetime | None
    queue_updated: datetime | None


def splice(files: Mapping[str, bytes], before: Order, after: Order, old: View, new: View) -> dict[str, bytes]:
    """Registry and queue with the rows of ``new``, a view of those workstreams alone that changed.

    ``files`` are registry and queue as they were written with the rows of ``old``, the same workstreams before.
    Raises ValueError when they were not, or when the files cannot be ours.
    """
    registry, queue = _take_apart(files[REGISTRY]), _take_apart(files[QUEUE])
    lists = (
        (registry, "workstreams", before.workstreams, after.workstreams, _workstreams),
        (registry, "next", before.next, after.next, _next),
        (queue, "queue", before.queue, after.queue, _queue),
    )
    for document, key, names, wanted, texts in lists:
        document[key] = _put_in(document[key], names, wanted, texts(old), texts(new))
    registry["lastUpdated"], queue["lastUpdated"] = moment(after.updated), moment(after.queue_updated)
    return {QUEUE: to_json(queue), REGISTRY: to_json(registry)}


def _workstreams(view: View) -> Texts:
    return {stream.id: row_text(workstream_row(stream)) for stream in view.workstreams}


def _next(view: View) -> Texts:
    return {suggestion.id: row_text(suggestion_row(suggestion)) for suggestion in view.next}


def _queue(view: View) -> Texts:
    return {row["id"]: row_text(row) for row in queue_document(view)["queue"]}


def _put_in(rows: Sequence[Ready], names: Sequence[str], wanted: Iterable[str], old: Texts, new: Texts) -> list[Ready]:
    """The rows of ``wanted``, in that order. Raises ValueError when one of ``old`` is not what stands there."""
    known = dict(zip(names, rows, strict=True))
    if any(known.get(name) != text for name, text in old.items()):
        raise ValueError("not the rows that were written")
    return [new[name] if name in new else known[name] for name in wanted]


def _take_apart(data: bytes) -> Row:
    """The document of one of our files: each part as it is written there, a list of rows row by row.

    ``to_json`` of it gives the same bytes.
    """
    text = data.decode("utf-8")
    if not (text.startswith("{\n  ") and text.endswith("\n}\n")):
        raise ValueError("not an object of ours")
    keys = list(_KEY.finditer(text))
    ends = [key.start() - len(",\n") for key in keys[1:]] + [len(text) - len("\n}\n")]
    return {key[1]: _part(text[key.end() : end]) for key, end in zip(keys, ends, strict=True)}


def _part(text: str) -> Ready | list[Ready]:
    if text == "[]":
        return []
    if text.startswith(_OPEN) and text.endswith(_CLOSE):
        return [Ready(f"{{{row}}}") for row in text[len(_OPEN) : -len(_CLOSE)].split(_BETWEEN)]
    return Ready(text)

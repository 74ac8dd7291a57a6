"""What passes remember between them, in the git common directory: small values by what they follow from.

Only time depends on it: a file that is torn, foreign or of another version counts as absent, and every answer is
the same without it. Values are written as JSON lists in the order of their dataclass fields.
"""

import hashlib
import json
import os
from collections.abc import Callable
from dataclasses import fields, is_dataclass
from datetime import UTC, date, datetime
from functools import cache
from operator import attrgetter
from pathlib import Path
from types import NoneType, UnionType
from typing import Any, NamedTuple, NewType, Union, get_args, get_origin, get_type_hints

from reconciler import __version__
from reconciler.errors import SwarmError
from reconciler.files import open_folder, read_file, sweep, write_file

FOLDER = ("swarm", "cache")
_ROOMS = ("model", "observe", "derive", "publish", "again")  # whose answers are remembered
DAMAGE = (ValueError, TypeError, KeyError, IndexError, AttributeError, OverflowError, RecursionError)
Turn = Callable[[Any], Any]


class Codec(NamedTuple):
    """To and from plain JSON values."""

    write: Turn
    read: Turn


def _same(value: Any) -> Any:
    return value


_PLAIN = Codec(_same, _same)
_TIME = Codec(lambda at: at.timestamp(), lambda seconds: datetime.fromtimestamp(seconds, UTC))
_DAY = Codec(lambda day: day.toordinal(), date.fromordinal)
_KNOWN: dict[Any, Codec] = {str: _PLAIN, int: _PLAIN, bool: _PLAIN, float: _PLAIN, NoneType: _PLAIN, Any: _PLAIN}
_KNOWN |= {datetime: _TIME, date: _DAY}


def teach(kind: Any, made: Codec) -> None:
    """Name the codec of a type that is no dataclass."""
    _KNOWN[kind] = made


def codec(kind: Any) -> Codec:
    """The codec of a type that the model uses."""
    if kind not in _KNOWN:
        _KNOWN[kind] = _make(kind)
    return _KNOWN[kind]


def _make(kind: Any) -> Codec:
    if isinstance(kind, NewType):
        return codec(kind.__supertype__)
    origin, inner = get_origin(kind), get_args(kind)
    if is_dataclass(kind):
        return _of_dataclass(kind)
    if origin in (Union, UnionType):
        return _of_optional(codec(next(k for k in inner if k is not NoneType)))
    if origin is tuple and len(inner) == 2 and inner[1] is Ellipsis:
        return _of_many(codec(inner[0]), tuple)
    if origin is tuple:
        return _of_row([codec(k) for k in inner], lambda *row: row, tuple)
    if origin is frozenset:
        part = codec(inner[0])
        return Codec(lambda many: sorted(map(part.write, many)), lambda many: frozenset(map(part.read, many)))
    part = codec(inner[1])  # a mapping from text
    return Codec(
        lambda table: {str(k): part.write(v) for k, v in table.items()},
        lambda table: {k: part.read(v) for k, v in table.items()},
    )


def _of_optional(part: Codec) -> Codec:
    if part is _PLAIN:
        return _PLAIN
    return Codec(
        lambda value: None if value is None else part.write(value),
        lambda value: None if value is None else part.read(value),
    )


def _of_many(part: Codec, make: Callable[[Any], Any]) -> Codec:
    if part is _PLAIN:
        return Codec(list, make)
    return Codec(lambda many: [part.write(v) for v in many], lambda many: make([part.read(v) for v in many]))


def _of_dataclass(kind: Any) -> Codec:
    names = [field.name for field in fields(kind) if field.compare]  # the others are no part of the value
    parts = [codec(hint) for hint in _hints(kind)]
    return _of_row(parts, kind, attrgetter(*names) if len(names) > 1 else lambda value: [getattr(value, names[0])])


def _hints(kind: Any) -> list[Any]:
    """The types of the fields. To look for names in them is slow, and few are written as texts."""
    found = [field.type for field in fields(kind) if field.compare]
    if any(map(_has_text, found)):
        known = get_type_hints(kind)
        found = [known[field.name] for field in fields(kind) if field.compare]
    return found


def _has_text(hint: Any) -> bool:
    return isinstance(hint, str) or any(map(_has_text, get_args(hint)))


def _of_row(parts: list[Codec], make: Callable[..., Any], take: Callable[[Any], Any]) -> Codec:
    turned = [(i, part) for i, part in enumerate(parts) if part is not _PLAIN]
    count = len(parts)

    def write(value: Any) -> list[Any]:
        row = list(take(value))
        for i, part in turned:
            row[i] = part.write(row[i])
        return row

    def read(row: Any) -> Any:
        if len(row) != count:
            raise ValueError(count)
        values = list(row)
        for i, part in turned:
            values[i] = part.read(values[i])
        return make(*values)

    return Codec(write, read)


@cache
def shape(kind: Any) -> str:
    """The fields of a type and of all that it holds, for a version that changes with them."""
    seen: dict[str, list[str]] = {}

    def look(one: Any) -> None:
        if isinstance(one, NewType):
            return
        if is_dataclass(one) and isinstance(one, type) and one.__name__ not in seen:
            hints = get_type_hints(one)
            seen[one.__name__] = [f"{name}:{hint}" for name, hint in sorted(hints.items())]
            for hint in hints.values():
                look(hint)
        for part in get_args(one):
            look(part)

    look(kind)
    return hashlib.sha256(repr(sorted(seen.items())).encode()).hexdigest()[:16]


Shelf = dict[str, tuple[str, Any]]  # name of a memory -> its key and value, within one process


@cache
def code() -> str:
    """What changes when our sources do, told by their size and time: a checkout may change under one version."""
    here = Path(__file__).parent
    digest = hashlib.sha256()
    for folder in (here, *(here / room for room in _ROOMS)):
        with os.scandir(folder) as entries:
            found = [(entry.name, entry.stat()) for entry in entries if entry.name.endswith(".py")]
        for name, status in sorted(found, key=lambda pair: pair[0]):
            digest.update(f"{folder.name}/{name} {status.st_size} {status.st_mtime_ns}\n".encode())
    return digest.hexdigest()[:16]


class Memory:
    """One file: a key and a value of a known type."""

    def __init__(self, common: Path, name: str, kind: Any, *, made_of: Any = None, shelf: Shelf | None = None) -> None:
        """``made_of``: the type inside, when ``kind`` leaves it as plain values. ``shelf`` spares reading the file."""
        self._common, self._name, self._kind = common, name, kind
        self._shelf = shelf
        self._version = f"swarm-memory 1 {__version__} {code()} {shape(made_of or kind)}"

    def recall(self, key: str) -> Any | None:
        """The value kept under ``key``; None when there is none or any doubt."""
        held, value = self._shelf.get(self._name, ("", None)) if self._shelf else ("", None)
        if value is None or held != key:
            value = self._read(key)
            self._put(key, value)
        return value

    def latest(self) -> Any | None:
        """What was kept last, under whatever key; None when there is none or any doubt."""
        held = self._shelf.get(self._name) if self._shelf else None
        return held[1] if held else self._read(None)

    def _put(self, key: str, value: Any) -> None:
        if self._shelf is not None and value is not None:
            self._shelf[self._name] = (key, value)

    def _read(self, key: str | None) -> Any | None:
        try:
            with open_folder(self._common, *FOLDER) as folder:
                data = read_file(folder, self._name) if folder else None
            if not data:
                return None
            head, _, body = data.partition(b"\n")
            version, kept, digest = json.loads(head)
            if version != self._version or key not in (kept, None) or digest != hashlib.sha256(body).hexdigest():
                return None
            return codec(self._kind).read(json.loads(body))
        except (SwarmError, OSError, *DAMAGE):
            return None

    def keep(self, key: str, value: Any) -> None:
        """Remember ``value`` instead of what was kept before. What stands in the way is no error."""
        self._put(key, value)
        try:
            text = json.dumps(codec(self._kind).write(value), separators=(",", ":"), ensure_ascii=True)
            body = text.encode("ascii")
            head = json.dumps([self._version, key, hashlib.sha256(body).hexdigest()])
            with open_folder(self._common, *FOLDER, create=True) as folder:
                assert folder is not None  # it was to be created
                sweep(folder)  # another pass at work loses no more than what it would have remembered
                write_file(folder, self._name, head.encode() + b"\n" + body, durable=False)
        except (SwarmError, OSError):
            return

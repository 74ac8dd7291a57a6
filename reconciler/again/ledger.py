"""What a pass leaves for the next process: what each workstream follows from, so that a pass costs what changed.

One file in the git common directory: a line that tells version and digest, a line with what is needed of all
workstreams, and one line for each that is read only when something of it changed. Only time depends on the file:
one that is torn, foreign or of other sources counts as absent.
"""

import hashlib
import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import datetime
from functools import cache
from itertools import accumulate, pairwise
from pathlib import Path

from reconciler import __version__
from reconciler.derive.dependencies import Bearer
from reconciler.derive.dossier import Dossier
from reconciler.errors import SwarmError
from reconciler.files import open_folder, read_file, sweep, write_file
from reconciler.memory import DAMAGE, FOLDER, code, codec
from reconciler.model import Base, BlobId, Problem
from reconciler.observe.artifacts import Disk

NAME = "ledger"
Part = bytes | memoryview  # of the file: it is large, and most of it is only copied


@dataclass(frozen=True, slots=True)
class Entry:
    """What is needed of every workstream, changed or not."""

    id: str
    phase: str
    updated: datetime | None
    queued: bool
    archived: bool
    score: int | None  # of its suggestion


@dataclass(frozen=True, slots=True)
class Lore:
    """What is committed at the path of a document."""

    blobs: Mapping[str, BlobId]  # name of a branch -> what it has there
    past: tuple[BlobId, ...]  # what the base once had there


@dataclass(frozen=True, slots=True)
class Page:
    """One workstream."""

    dossier: Dossier
    lore: Mapping[str, Lore]  # by the path of a document


@dataclass(frozen=True, slots=True)
class Index:
    """What is read each time."""

    key: str  # everything that was asked and must be the same
    since: float  # when it was written, seconds since the epoch
    until: float  # when a merged workstream leaves the registry
    target: str
    files: Mapping[str, str]  # what was written: name -> digest, in the order of writing
    base: Base
    updated: datetime | None  # of the registry
    layouts: tuple[str, ...]
    problems: tuple[Problem, ...]
    disks: tuple[Disk, ...]
    changes: Mapping[str, tuple[str, ...]]  # path of a work tree -> what differs from its HEAD
    unlike: tuple[str, ...]  # paths of the work trees that have documents of their own
    flocks: Mapping[str, tuple[int, ...]]  # path of a work tree -> positions of the workstreams that it serves
    owners: Mapping[str, tuple[int, ...]]  # path of a document -> positions of its workstreams
    entries: tuple[Entry, ...]
    lengths: tuple[int, ...] = ()  # of the lines of the workstreams


@dataclass(frozen=True, slots=True)
class Ledger:
    """An index with the lines of its workstreams as they are written, and one with the names of them all."""

    index: Index
    names: Part
    lines: Sequence[Part]

    @property
    def bearers(self) -> tuple[Bearer, ...]:
        """What texts can mean the workstreams by, in their order. Raises as :meth:`page` does."""
        found: tuple[Bearer, ...] = codec(tuple[Bearer, ...]).read(json.loads(bytes(self.names)))
        return found

    def page(self, position: int) -> Page:
        """The workstream at a position. Raises ValueError, TypeError, … (``DAMAGE``) when the line is not ours."""
        page: Page = codec(Page).read(json.loads(bytes(self.lines[position])))
        return page


def new_ledger(index: Index, bearers: Sequence[Bearer], pages: Sequence[Page]) -> Ledger:
    """A ledger of these pages, one for each entry of the index."""
    names = _json(codec(tuple[Bearer, ...]).write(tuple(bearers))) + b"\n"
    return Ledger(index, names, [_line(page) for page in pages])


def renewed(ledger: Ledger, index: Index, pages: Mapping[int, Page]) -> Ledger:
    """The ledger with another index, and other pages at some positions."""
    lines = list(ledger.lines)
    for position, page in pages.items():
        lines[position] = _line(page)
    return Ledger(index, ledger.names, lines)


def read_ledger(common: Path) -> Ledger | None:
    """The ledger that was written last; None when there is none or any doubt."""
    try:
        with open_folder(common, *FOLDER) as folder:
            data = read_file(folder, NAME) if folder else None
        whole = memoryview(data or b"")
        head, first, names = _ends_of_lines(data or b"", 3)
        if whole[:head] != _head(whole[head:]):
            return None
        index: Index = codec(Index).read(json.loads(bytes(whole[head:first])))
        ends = accumulate(index.lengths, initial=names)
        return Ledger(index, whole[first:names], [whole[start:end] for start, end in pairwise(ends)])
    except (SwarmError, OSError, *DAMAGE):
        return None


def write_ledger(common: Path, ledger: Ledger) -> None:
    """Keep a ledger instead of the last one. What stands in the way is no error."""
    index = replace(ledger.index, lengths=tuple(map(len, ledger.lines)))
    body = (_json(codec(Index).write(index)), b"\n", ledger.names, *ledger.lines)
    whole = b"".join((_head(*body), *body))
    try:
        with open_folder(common, *FOLDER, create=True) as folder:
            assert folder is not None  # it was to be created
            sweep(folder)
            write_file(folder, NAME, whole, durable=False)
    except (SwarmError, OSError):
        return


def _line(page: Page) -> bytes:
    return _json(codec(Page).write(page)) + b"\n"


def _json(value: object) -> bytes:
    return json.dumps(value, separators=(",", ":"), ensure_ascii=True).encode("ascii")


def _head(*body: Part) -> bytes:
    digest = hashlib.sha256()
    for part in body:
        digest.update(part)
    return f"{_version()} {digest.hexdigest()}\n".encode()


def _ends_of_lines(data: bytes, count: int) -> list[int]:
    """Where the first lines end, their line ends included. Raises ValueError when there are fewer."""
    ends = [0]
    for _ in range(count):
        ends.append(data.index(b"\n", ends[-1]) + 1)
    return ends[1:]


@cache
def _version() -> str:
    return f"swarm-ledger 1 {__version__} {code()}"

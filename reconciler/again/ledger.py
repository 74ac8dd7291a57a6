"""What a pass leaves for the next process: what each workstream follows from, so that a pass costs what changed.

One sheaf: what is needed of all workstreams in its head, and a line for each that is read only when something of
it changed.
"""

import json
from collections.abc import Iterable, Mapping, Sequence
from datetime import datetime
from functools import cache
from itertools import chain
from pathlib import Path

from reconciler import __version__
from reconciler.derive.dependencies import Bearer
from reconciler.derive.dossier import Dossier
from reconciler.frozen import frozen
from reconciler.memory import DAMAGE, code, codec
from reconciler.model import Base, BlobId, Problem
from reconciler.observe.artifacts import Disk
from reconciler.sheaf import Sheaf, line, read_sheaf, write_sheaf

NAME = "ledger"


@frozen
class Entry:
    """What is needed of every workstream, changed or not."""

    id: str
    phase: str
    updated: datetime | None
    queued: bool
    archived: bool
    score: int | None  # of its suggestion


@frozen
class Lore:
    """What is committed at the path of a document."""

    blobs: Mapping[str, BlobId]  # name of a branch -> what it has there
    past: tuple[BlobId, ...]  # what the base once had there


@frozen
class Page:
    """One workstream."""

    dossier: Dossier
    lore: Mapping[str, Lore]  # by the path of a document


@frozen
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


@frozen
class Ledger:
    """An index with the lines of its workstreams as they are written, and after them one with the names of all."""

    index: Index
    lines: Sheaf

    @property
    def bearers(self) -> tuple[Bearer, ...]:
        """What texts can mean the workstreams by, in their order. Raises as :meth:`page` does."""
        found: tuple[Bearer, ...] = codec(tuple[Bearer, ...]).read(json.loads(self.lines[len(self)]))
        return found

    def page(self, position: int) -> Page:
        """The workstream at a position. Raises ValueError, TypeError, … (``DAMAGE``) when the line is not ours."""
        page: Page = codec(Page).read(json.loads(self.lines[position]))
        return page

    def __len__(self) -> int:
        """How many workstreams there are."""
        return len(self.index.entries)


def read_ledger(common: Path) -> Ledger | None:
    """The ledger that was written last; None when there is none or any doubt."""
    sheaf = read_sheaf(common, NAME, _version())
    try:
        return Ledger(codec(Index).read(sheaf.head), sheaf) if sheaf else None
    except DAMAGE:
        return None


def write_ledger(common: Path, index: Index, pages: Iterable[Page], bearers: Sequence[Bearer]) -> None:
    """Keep a ledger of these pages, one for each entry of the index, instead of the last one."""
    _write(common, index, map(_line, pages), line(codec(tuple[Bearer, ...]).write(tuple(bearers))))


def renew_ledger(common: Path, ledger: Ledger, index: Index, pages: Mapping[int, Page]) -> None:
    """Keep the ledger with another index, and other pages at some positions."""
    lines = (_line(pages[i]) if i in pages else ledger.lines[i] for i in range(len(ledger)))
    _write(common, index, lines, ledger.lines[len(ledger)])


def _write(common: Path, index: Index, lines: Iterable[bytes], names: bytes) -> None:
    write_sheaf(common, NAME, _version(), codec(Index).write(index), chain(lines, (names,)))


def _line(page: Page) -> bytes:
    return line(codec(Page).write(page))


@cache
def _version() -> str:
    return f"swarm-ledger 1 {__version__} {code()}"

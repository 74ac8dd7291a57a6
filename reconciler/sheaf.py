"""A file of many parts in the git common directory: lines that are read one by one, and a head to find them by.

It is written as it is made, and its lines stay bytes until they are asked for, so that no pass has all of it in
memory as values. Only time depends on it: a file that is torn, foreign or of another version counts as absent.
"""

import hashlib
import json
from array import array
from collections.abc import Iterable, Iterator
from itertools import accumulate
from pathlib import Path
from typing import Any

from reconciler.errors import SwarmError
from reconciler.files import open_folder, read_file, sweep, write_parts
from reconciler.memory import DAMAGE, FOLDER

_ENOUGH = 1 << 16  # bytes that are worth a write


class Sheaf:
    """What a file holds: its head, a JSON value, and the bytes of its lines by their position."""

    def __init__(self, head: Any, data: bytes, lengths: Iterable[int]) -> None:
        self.head = head
        self._data = data
        self._ends = array("Q", accumulate(lengths, initial=0))

    def __len__(self) -> int:
        return len(self._ends) - 1

    def __getitem__(self, position: int) -> bytes:
        """One line, its line end included. Raises IndexError where there is none."""
        if not 0 <= position < len(self):
            raise IndexError(position)
        return self._data[self._ends[position] : self._ends[position + 1]]


def read_sheaf(common: Path, name: str, version: str) -> Sheaf | None:
    """What was written last under a name and version; None when there is nothing or any doubt."""
    try:
        with open_folder(common, *FOLDER) as folder:
            data = read_file(folder, name) if folder else None
        if not data:
            return None
        body = data.rindex(b"\n", 0, -1) + 1
        if data[body:] != _seal(version, hashlib.sha256(memoryview(data)[:body]).hexdigest()):
            return None
        lines = data.rfind(b"\n", 0, body - 1) + 1
        head, lengths = json.loads(data[lines:body])
        return Sheaf(head, data, lengths)
    except (SwarmError, OSError, *DAMAGE):
        return None


def write_sheaf(common: Path, name: str, version: str, head: Any, lines: Iterable[bytes]) -> None:
    """Keep lines (see :func:`line`) and a head instead of what was kept. What stands in the way is no error."""
    try:
        with open_folder(common, *FOLDER, create=True) as folder:
            assert folder is not None  # it was to be created
            sweep(folder)  # another pass at work loses no more than what it would have remembered
            write_parts(folder, name, _gathered(_parts(version, head, lines)), durable=False)
    except (SwarmError, OSError):
        return


def line(value: Any) -> bytes:
    """A line of a JSON value."""
    return json.dumps(value, separators=(",", ":"), ensure_ascii=True).encode("ascii") + b"\n"


def _parts(version: str, head: Any, lines: Iterable[bytes]) -> Iterator[bytes]:
    digest, lengths = hashlib.sha256(), array("Q")
    for part in lines:
        digest.update(part)
        lengths.append(len(part))
        yield part
    last = line([head, list(lengths)])
    digest.update(last)
    yield last
    yield _seal(version, digest.hexdigest())


def _seal(version: str, digest: str) -> bytes:
    return f"{version} {digest}\n".encode()


def _gathered(parts: Iterable[bytes]) -> Iterator[bytes]:
    """The same bytes in fewer pieces."""
    held = bytearray()
    for part in parts:
        held += part
        if len(held) >= _ENOUGH:
            yield bytes(held)
            held.clear()
    yield bytes(held)

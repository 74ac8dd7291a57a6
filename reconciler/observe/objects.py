"""The stream of ``git cat-file``: understands its answers one by one, without keeping large ones."""

from collections.abc import Iterator
from typing import IO

LARGEST_BLOB = 1_000_000


def read_objects(lines: IO[bytes], *, with_bytes: bool) -> Iterator[tuple[str, str, bytes] | None]:
    """One row for each answer of ``cat-file``; None for what is missing, too large or not a blob."""
    while header := lines.readline():
        words = header.split()
        if len(words) != 3 or not words[2].isdigit():
            yield None
            continue
        name, kind, size = words[0].decode("ascii"), words[1].decode("ascii"), int(words[2])
        if not with_bytes:
            yield name, kind, b""
        elif kind == "blob" and size <= LARGEST_BLOB:
            data = lines.read(size + 1)
            yield (name, kind, data[:-1]) if len(data) == size + 1 else None
        else:
            _skip(lines, size + 1)
            yield None


def _skip(lines: IO[bytes], size: int) -> None:
    while size > 0 and (data := lines.read(min(size, 65536))):
        size -= len(data)

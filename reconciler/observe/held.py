"""What one look at the documents leaves for the next: files that are still as they were need no reading.

Only time depends on it. A file counts as unchanged when its signature is the same and was settled when it was read:
what changes within the clock's grain keeps its signature.
"""

import os
import time
from collections.abc import Callable, Collection, Hashable, Iterable, Mapping

from reconciler.model import BlobId, Document, Text
from reconciler.observe.disk import FileOnDisk, join, read_file, signature_of
from reconciler.policy import Match

SETTLED = 2_000_000_000  # nanoseconds since the last change: coarser clocks than that are not met


Past = Mapping[str, Collection[BlobId]]
FileRow = tuple[tuple[int, ...], str, str]  # signature, blob, blob with LF line ends


class Held:
    """Files by their full path, matches by path, documents by (path, blob)."""

    def __init__(self, rows: Mapping[str, FileRow] | None = None) -> None:
        self.rows = dict(rows or {})  # the part that may be kept on disk
        self.matches: dict[str, Match] = {}
        self.news = 0  # files read since the rows were saved
        self._used: set[str] = set()
        self._documents: dict[tuple[str, BlobId], Document] = {}
        self._question: Hashable = None
        self._past: tuple[object, Past] | None = None

    def ask(self, question: Hashable) -> None:
        """What is asked for: matches of other rules, folders or layouts are forgotten."""
        if question != self._question:
            self.matches, self._documents, self._question, self._past = {}, {}, question, None

    def known(self, root: str, path: str) -> FileOnDisk | None:
        """The file without its bytes, if it was read before and is still the same; never a link."""
        full = join(root, path)
        row = self.rows.get(full)
        if row is None:
            return None
        try:
            signature = signature_of(os.lstat(full))
        except OSError:
            return None
        self._used.add(full)
        if signature != tuple(row[0]):
            return None
        return FileOnDisk(None, BlobId(row[1]), lf=BlobId(row[2]), signature=signature)

    def read(self, root: str, path: str, *, sha256: bool) -> FileOnDisk:
        """The file as it is now, to be known next time if it has been still for a while."""
        found = read_file(root, path, sha256=sha256)
        full = join(root, path)
        self.rows.pop(full, None)
        if found.signature and max(found.signature[1:3]) < time.time_ns() - SETTLED:
            self.rows[full] = (found.signature, found.blob, found.lf)
            self._used.add(full)
            self.news += 1
        return found

    def signature(self, root: str, path: str) -> tuple[int, ...]:
        """What the file is known by; () when it was too young, or is no plain file."""
        row = self.rows.get(join(root, path))
        return tuple(row[0]) if row else ()

    def past(self, history: object, gather: Callable[[], Past]) -> Past:
        """What the base once had at each path, gathered once for the same history and the same question."""
        if self._past is None or self._past[0] is not history:
            self._past = (history, gather())
        return self._past[1]

    def settled(self) -> dict[str, FileRow]:
        """The rows of files that are still there, to be saved."""
        self.news = 0
        return dict(sorted(self.rows.items()))

    def document(self, key: tuple[str, BlobId], text: Text, seen_in: tuple[str, ...]) -> Document | None:
        """The document of the last look, if there is no difference: what followed from it is found by it."""
        old = self._documents.get(key)
        return old if old is not None and old.text is text and old.seen_in == seen_in else None

    def keep(self, documents: Iterable[Document], matches: Mapping[str, Match]) -> None:
        """What this look found, for the next one; what it did not meet is forgotten."""
        self._documents = {(document.path, document.blob): document for document in documents}
        self.matches = dict(matches)
        if len(self.rows) > len(self._used):
            self.rows = {path: row for path, row in self.rows.items() if path in self._used}
        self._used = set()

"""What documents say, remembered from pass to pass by path and content: a blob is parsed once for ever."""

import json
from collections.abc import Iterator, Mapping, MutableMapping
from pathlib import Path
from typing import Any, NamedTuple

from reconciler import __version__
from reconciler.memory import DAMAGE, code, codec, shape
from reconciler.model import Text, TextKey
from reconciler.sheaf import Sheaf, line, read_sheaf, write_sheaf

NAME = "texts"


class _Kept(NamedTuple):
    """The file as it is: where the row of a text is, and the rows."""

    places: Mapping[TextKey, int] = {}
    sheaf: Sheaf = Sheaf((), b"", ())

    def row(self, key: TextKey) -> bytes | None:
        place = self.places.get(key)
        return None if place is None else self.sheaf[place]


class Texts(MutableMapping[TextKey, Text]):
    """Texts by the same rules: read when first asked, and only what the last pass used is kept."""

    def __init__(self, common: Path, rules: str) -> None:
        self.rules = rules
        self._common = common
        self._kept: _Kept | None = None  # the file, until the first pass is over
        self._texts: dict[TextKey, Text] = {}
        self._used: set[TextKey] = set()
        self._news = 0
        self._words: dict[str, str] = {}  # of what was read
        self._codec = codec(Text)
        self._version = f"swarm-texts 1 {__version__} {code()} {shape(Text)} {rules}"

    def begin(self) -> None:
        """A new pass: what the one before it did not use is forgotten."""
        self._texts = {key: self._texts[key] for key in self._used}
        self._used = set()

    def __getitem__(self, key: TextKey) -> Text:
        text = self._texts.get(key)
        if text is None:
            text = self._texts[key] = self._recall(key)
        self._used.add(key)
        return text

    def _recall(self, key: TextKey) -> Text:
        self._kept = self._kept or self._read()
        row = self._kept.row(key)
        if row is None:
            raise KeyError(key)
        try:
            text: Text = self._codec.read(_shared(json.loads(row), self._words))
        except DAMAGE:
            raise KeyError(key) from None
        return text

    def _read(self) -> _Kept:
        sheaf = read_sheaf(self._common, NAME, self._version)
        try:
            return _Kept({TextKey(*key): i for i, key in enumerate(sheaf.head)}, sheaf) if sheaf else _Kept()
        except DAMAGE:
            return _Kept()

    def __setitem__(self, key: TextKey, text: Text) -> None:
        self._texts[key] = text
        self._used.add(key)
        self._news += 1

    def __delitem__(self, key: TextKey) -> None:
        del self._texts[key]
        self._used.discard(key)

    def __iter__(self) -> Iterator[TextKey]:
        return iter(self._used)

    def __len__(self) -> int:
        return len(self._used)

    def save(self, *, at_least: int = 1) -> None:
        """Keep what this pass used, when so much of it is new. What it did not ask for is known no more."""
        if self._news >= at_least:
            keys = sorted(self._used)
            write_sheaf(self._common, NAME, self._version, keys, map(self._row, keys))
            self._news = 0
        self._kept, self._words = _Kept(), {}

    def _row(self, key: TextKey) -> bytes:
        row = self._kept.row(key) if self._kept else None
        return row or line(self._codec.write(self._texts[key]))


def _shared(row: list[Any], known: dict[str, str]) -> list[Any]:
    """The row with one object for equal words: rows that were read say much the same, thousands of times."""
    for place, part in enumerate(row):
        if type(part) is str:
            row[place] = known.setdefault(part, part)
        elif type(part) is list:
            _shared(part, known)
    return row

"""Front matter behind a screen: bounded, plain YAML in, text out.

python-frontmatter says where it is, libyaml reads it.
Aliases, anchors, tags, merge keys and deep nesting are refused before anything is built, so no document can
make a small file large or a value an object. Every scalar stays text; who uses a field converts it.
"""

from collections.abc import Iterator
from typing import TYPE_CHECKING, TypeAlias

from reconciler.frozen import frozen
from reconciler.model import Problem
from reconciler.printable import printable

if TYPE_CHECKING:
    import yaml

DOCUMENT_LIMIT = 256 * 1024
LIMIT = 64 * 1024
DEPTH = 32

Value: TypeAlias = str | list["Value"] | dict[str, "Value"]


@frozen
class Entry:
    """One top-level key. Offsets count characters of ``FrontMatter.text``, lines are those of the file."""

    name: str
    value: Value
    line: int
    start: int  # of the key
    colon: int  # just after the key's last character
    value_start: int
    value_end: int
    items: tuple[int, ...] = ()  # lines of a list's items


@frozen
class FrontMatter:
    """A document in two parts. ``entries`` is empty when there is none, or when it was refused."""

    text: str  # the whole document as text
    entries: tuple[Entry, ...] = ()
    start: int = 0  # offset of the first character after the opening line
    end: int = 0  # offset of the closing line
    body_start: int = 0
    problems: tuple[Problem, ...] = ()

    @property
    def values(self) -> dict[str, Value]:
        """The keys with their values, in the file's order."""
        return {entry.name: entry.value for entry in self.entries}

    @property
    def present(self) -> bool:
        """Is there a block between two lines of dashes, readable or not?"""
        return self.body_start > 0

    @property
    def body(self) -> str:
        """What follows the closing line, its line end included."""
        return self.text[self.body_start :]

    @property
    def body_line(self) -> int:
        """The 1-based line of the file on which ``body`` begins."""
        return self.text.count("\n", 0, self.body_start) + 1


class RefusedError(Exception):
    """The block is not what the screen lets through; the line is the file's."""

    def __init__(self, message: str, line: int) -> None:
        super().__init__(message)
        self.message = message
        self.line = line


def split_front_matter(data: bytes, path: str) -> FrontMatter:
    """Split a document and read its front matter; what cannot be read is a problem with its line."""
    problems: list[Problem] = []
    if len(data) > DOCUMENT_LIMIT:
        data = data[:DOCUMENT_LIMIT]
        problems.append(Problem("too-large", "only the first 256 kB of this file were read", path))
    text = _decode(data, path, problems)
    found = _borders(text)
    if found is None:
        if _looks_unclosed(text):
            message = "the front matter has no closing line of dashes"
            problems.append(Problem("bad-frontmatter", message, path, 1))
        return FrontMatter(text, problems=tuple(problems))
    start, end, body_start = found
    try:
        entries = tuple(_entries(text, start, end, problems, path))
    except RefusedError as refused:
        hint = "plain keys with text or lists are understood" if "YAML" not in refused.message else ""
        problems.append(Problem("bad-frontmatter", refused.message, path, refused.line, hint=hint))
        entries = ()
    except NotAMappingError:
        return FrontMatter(text, problems=tuple(problems))
    return FrontMatter(text, entries, start, end, body_start, tuple(problems))


class NotAMappingError(Exception):
    """Between the dashes stands prose: two rules, and no front matter."""


# -- below: finding the block


def _decode(data: bytes, path: str, problems: list[Problem]) -> str:
    try:
        return data.decode("utf-8")
    except UnicodeDecodeError as error:
        if error.start < len(data) - 3 or len(data) < DOCUMENT_LIMIT:  # not just cut in a character
            line = data.count(b"\n", 0, error.start) + 1
            problems.append(Problem("not-utf8", "this file is not valid UTF-8", path, line))
        return data.decode("utf-8", "replace")


def _borders(text: str) -> tuple[int, int, int] | None:
    """Offsets of the block's first character, its closing line and the body."""
    if not text.startswith(("---", "\ufeff---")):
        return None
    from frontmatter.default_handlers import YAMLHandler

    boundary = YAMLHandler().FM_BOUNDARY
    if boundary is None or not boundary.match(text.removeprefix("\ufeff")):
        return None
    start = text.find("\n") + 1
    closing = boundary.search(text, start) if start else None
    if closing is None:
        return None
    line_end = text.find("\n", closing.start())
    return start, closing.start(), line_end + 1 if line_end >= 0 else len(text)


def _looks_unclosed(text: str) -> bool:
    """A rule at the top of a page is no front matter; a rule with a key below it was meant to be."""
    lines = text.removeprefix("\ufeff").split("\n", 2)
    if len(lines) < 2 or lines[0].rstrip() != "---":
        return False
    key, colon, _ = lines[1].partition(":")
    return bool(colon) and key.replace("_", "").replace("-", "").isalnum()


# -- below: reading it


def _entries(text: str, start: int, end: int, problems: list[Problem], path: str) -> Iterator[Entry]:
    if len(text[start:end].encode("utf-8", "replace")) > LIMIT:
        raise RefusedError("the front matter is larger than 64 kB", 1)
    reader = _Reader(text, start, end)
    seen: set[str] = set()
    for entry in reader.entries():
        if entry.name in seen:
            message = f'"{printable(entry.name, limit=60)}" is given twice; the last one counts'
            problems.append(Problem("duplicate-key", message, path, entry.line))
        seen.add(entry.name)
        yield entry


class _Reader:
    """Builds values from libyaml's events, refusing on the way whatever the screen does not let through."""

    def __init__(self, text: str, start: int, end: int) -> None:
        self.start = start
        self.first = text.count("\n", 0, start) + 1
        self.events = _events(text[start:end], self.first)

    def entries(self) -> Iterator[Entry]:
        top = self._next()
        if top is None:
            return
        if _name(top) == "ScalarEvent" and not _plain_start(top):
            raise NotAMappingError
        if _name(top) != "MappingStartEvent":
            raise RefusedError("the front matter is not a list of keys", self._line(top))
        while (key := self._needed()) and _name(key) != "MappingEndEvent":
            name = self._key(key)
            yield self._entry(name, key)

    def _entry(self, name: str, key: "yaml.Event") -> Entry:
        opening = self._needed()
        items: list[int] = []
        value, last = self._value(opening, 2, items)
        return Entry(
            name,
            value,
            self._line(key),
            self.start + _begin(key),
            self.start + _finish(key),
            self.start + _begin(opening),
            self.start + last,
            tuple(items),
        )

    def _value(self, event: "yaml.Event", depth: int, items: list[int] | None = None) -> tuple[Value, int]:
        """The value that begins with ``event``, and the offset where its last visible character ends."""
        kind = _name(event)
        if kind == "ScalarEvent":
            return _scalar(event), _finish(event)
        if depth > DEPTH:
            raise RefusedError(f"the front matter is nested deeper than {DEPTH} levels", self._line(event))
        if kind == "SequenceStartEvent":
            return self._list(event, depth, items)
        return self._mapping(event, depth)

    def _list(self, event: "yaml.Event", depth: int, items: list[int] | None) -> tuple[Value, int]:
        found: list[Value] = []
        last = _finish(event)
        while _name(item := self._needed()) != "SequenceEndEvent":
            value, last = self._value(item, depth + 1)
            found.append(value)
            if items is not None:
                items.append(self._line(item))
        return found, _finish(item) if _is_flow(event) else last

    def _mapping(self, event: "yaml.Event", depth: int) -> tuple[Value, int]:
        found: dict[str, Value] = {}
        last = _finish(event)
        while _name(key := self._needed()) != "MappingEndEvent":
            name = self._key(key)
            found[name], last = self._value(self._needed(), depth + 1)
        return found, _finish(key) if _is_flow(event) else last

    def _key(self, event: "yaml.Event") -> str:
        if _name(event) != "ScalarEvent":
            raise RefusedError("a key of the front matter is not plain text", self._line(event))
        name = _scalar(event)
        if name == "<<" and not getattr(event, "style", None):  # in quotes it is a word like others
            raise RefusedError("the front matter uses a merge key (<<), which is not read", self._line(event))
        return name

    def _next(self) -> "yaml.Event | None":
        for event in self.events:
            kind = _name(event)
            if kind == "AliasEvent":
                raise RefusedError("the front matter uses an alias (*), which is not read", self._line(event))
            if getattr(event, "anchor", None):
                raise RefusedError("the front matter uses an anchor (&), which is not read", self._line(event))
            if getattr(event, "tag", None):
                raise RefusedError("the front matter uses a tag (!), which is not read", self._line(event))
            if not kind.startswith(("Stream", "Document")):
                return event
        return None

    def _needed(self) -> "yaml.Event":
        event = self._next()
        if event is None:
            raise RefusedError("the front matter is not valid YAML: it ends too early", self.first)
        return event

    def _line(self, event: "yaml.Event") -> int:
        mark = event.start_mark
        return self.first + (int(mark.line) if mark else 0)


def _events(block: str, first: int) -> Iterator["yaml.Event"]:
    import yaml

    loader = getattr(yaml, "CBaseLoader", yaml.BaseLoader)
    try:
        yield from yaml.parse(block, Loader=loader)
    except yaml.MarkedYAMLError as error:
        mark = error.problem_mark or error.context_mark
        line = first + (int(mark.line) if mark else 0)
        why = printable(error.problem or error.context or "unreadable", limit=120)
        raise RefusedError(f"the front matter is not valid YAML: {why}", line) from error
    except yaml.reader.ReaderError as error:
        offset = error.position if isinstance(error.position, int) else 0
        line = first + block.encode("utf-8", "replace")[:offset].count(b"\n")
        why = printable(str(error.reason), limit=120)
        raise RefusedError(f"the front matter is not valid YAML: {why}", line) from error
    except (yaml.YAMLError, UnicodeError, RecursionError, ValueError) as error:
        why = printable(str(error), limit=120)
        raise RefusedError(f"the front matter is not valid YAML: {why}", first) from error


def _name(event: object) -> str:
    return type(event).__name__


def _plain_start(event: object) -> bool:
    return bool(getattr(event, "tag", None) or getattr(event, "anchor", None))


def _scalar(event: object) -> str:
    return str(getattr(event, "value", ""))


def _is_flow(event: object) -> bool:
    return bool(getattr(event, "flow_style", False))


def _begin(event: "yaml.Event") -> int:
    return int(event.start_mark.index) if event.start_mark else 0


def _finish(event: "yaml.Event") -> int:
    return int(event.end_mark.index) if event.end_mark else 0

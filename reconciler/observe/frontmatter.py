"""Front matter behind a screen: bounded, without aliases, anchors, tags and merge keys; every scalar is text."""

import re
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any, NoReturn, cast

from reconciler.model import Field, Problem
from reconciler.observe.layouts import folded

MAX_BYTES = 64 * 1024
MAX_DEPTH = 32
MAX_NODES = 5000
MAX_VALUE = 4000

_OPEN = re.compile(r"-{3}[ \t]*\n")
_CLOSE = re.compile(r"^(?:-{3,}|\.{3})[ \t]*$", re.MULTILINE)
_NAMED = ("id", "name", "slug", "target", "feature", "workstream", "path", "title", "ref")


@dataclass(frozen=True, slots=True)
class Front:
    """What stands before the body."""

    fields: tuple[Field, ...] = ()
    length: int = 0  # characters of the text that it takes, 0 = there is none
    problems: tuple[Problem, ...] = ()


@dataclass(frozen=True, slots=True)
class Node:
    """A value with its line. ``value`` is text, a list of nodes, or a list of (key, node) pairs."""

    value: "str | list[Node] | list[tuple[str, Node]]"
    line: int


class RefusedError(ValueError):
    """Front matter that is not read, and the line that is to blame."""

    def __init__(self, message: str, line: int) -> None:
        super().__init__(message)
        self.message, self.line = message, line


def read_front(text: str, *, path: str) -> Front:
    """The fields of the front matter of ``text`` (line breaks are LF). A mistake costs the fields, not the body."""
    if not text.startswith("---") or not _OPEN.match(text):
        return Front()
    start = text.index("\n") + 1
    closing = _CLOSE.search(text, start, start + MAX_BYTES + 1)
    if closing is None:
        return _unclosed(text, start, path)
    block = text[start : closing.start()]
    length = min(closing.end() + 1, len(text))
    try:
        pairs = read_simple(block) if "\t" not in block else None
        if pairs is None:
            pairs = read_yaml(block)
    except RefusedError as refusal:
        message = f"front matter: {refusal.message}"
        return Front((), length, (Problem("bad-frontmatter", message, path, refusal.line + 1),))
    fields, problems = _fields(pairs, path)
    return Front(fields, length, problems)


def _unclosed(text: str, start: int, path: str) -> Front:
    """No end of the block: a horizontal rule when what follows does not look like keys, else a mistake."""
    first = text[start : start + 200].lstrip("\n").partition("\n")[0]
    if not re.match(r"[\w\"' -]{1,60}:(?:\s|$)", first):
        return Front()
    if len(text) - start > MAX_BYTES:
        message = f"front matter: no end within {MAX_BYTES // 1024} kB"
    else:
        message = "front matter: opened with --- and never closed"
    return Front((), 0, (Problem("bad-frontmatter", message, path, 1),))


# -- the common, simple form, without the YAML library

_PLAIN = r"[A-Za-z0-9_./][\w ./@+()&;=-]*(?::[\w./@+()&;=-][\w ./@+()&;=-]*)*"
_KEY_LINE = re.compile(
    rf"([A-Za-z_][\w-]{{0,60}}):(?:[ ]+(?:({_PLAIN})|\"([^\"\\]*)\"|'([^']*)'|\[([\w ./,-]*)\]))?[ ]*"
)
_ITEM_LINE = re.compile(rf"(?:[ ]{{2}})?-[ ]+(?:({_PLAIN})|\"([^\"\\]*)\"|'([^']*)')[ ]*")


def read_simple(block: str) -> list[tuple[str, Node]] | None:
    """``key: value`` lines with plain lists; None when only a YAML reader can tell."""
    pairs: list[tuple[str, Node]] = []
    items: list[Node] | None = None
    for number, line in enumerate(block.split("\n"), 1):
        if not line:
            continue
        if match := _KEY_LINE.fullmatch(line):
            key, plain, double, single, flow = match.groups()
            if flow is not None:
                words = [word.strip() for word in flow.split(",")]
                if any(not w or w.startswith("-") for w in words) and flow.strip():
                    return None
                pairs.append((key, Node([Node(w, number) for w in words if w], number)))
                items = None
                continue
            value = plain if plain is not None else double if double is not None else single
            items = [] if value is None else None
            pairs.append((key, Node(value.rstrip(" ") if plain else value or "", number)))
        elif (match := _ITEM_LINE.fullmatch(line)) and items is not None:
            plain, double, single = match.groups()
            items.append(Node(plain.rstrip(" ") if plain else double or single or "", number))
            pairs[-1] = (pairs[-1][0], Node(items, pairs[-1][1].line))
        else:
            return None
    return pairs


# -- everything else


def read_yaml(block: str) -> list[tuple[str, Node]]:
    """The block's pairs; raises :class:`RefusedError`. Lines count from 1 at the block's first line."""
    import frontmatter  # costs 25 ms; only documents with rich front matter pay
    import yaml

    class Handler(frontmatter.default_handlers.YAMLHandler):
        def load(self, fm: str, **_: object) -> dict[str, Any]:
            return {"": _Screen(yaml, fm).pairs()}

    try:
        metadata, _ = frontmatter.parse(f"---\n{block}---\n", handler=Handler())
    except yaml.MarkedYAMLError as error:
        mark = error.problem_mark or error.context_mark
        raise RefusedError(f"not YAML: {error.problem or error.context}", mark.line + 1 if mark else 1) from None
    except yaml.YAMLError as error:
        raise RefusedError(f"not YAML: {' '.join(str(error).split())[:200]}", 1) from None
    return cast("list[tuple[str, Node]]", metadata.get("", []))


class _Screen:
    """Builds nodes from YAML events and refuses what a header does not need."""

    def __init__(self, yaml: Any, text: str) -> None:
        self._yaml = yaml
        self._events: Iterator[Any] = iter(yaml.parse(text.lstrip("\n"), Loader=yaml.CSafeLoader))
        self._skipped = len(text) - len(text.lstrip("\n"))
        self._count = 0

    def pairs(self) -> list[tuple[str, Node]]:
        yaml = self._yaml
        found: list[tuple[str, Node]] = []
        for event in self._events:
            if isinstance(event, (yaml.StreamStartEvent, yaml.DocumentStartEvent, yaml.DocumentEndEvent)):
                continue
            if isinstance(event, yaml.StreamEndEvent):
                break
            node = self._node(event, 1)
            if isinstance(event, yaml.MappingStartEvent):
                found += node.value  # type: ignore[arg-type]  # a mapping gives pairs
            elif node.value:
                self._refuse("expected keys with values", event)
        return found

    def _node(self, event: Any, depth: int) -> Node:
        yaml = self._yaml
        self._count += 1
        if self._count > MAX_NODES:
            self._refuse(f"more than {MAX_NODES} values", event)
        if depth > MAX_DEPTH:
            self._refuse(f"nested deeper than {MAX_DEPTH}", event)
        if isinstance(event, yaml.AliasEvent) or event.anchor is not None:
            self._refuse("anchors and aliases are not read", event)
        if event.tag is not None:
            self._refuse("tags are not read", event)
        line = self._line(event)
        if isinstance(event, yaml.ScalarEvent):
            return Node(event.value, line)
        if isinstance(event, yaml.SequenceStartEvent):
            return Node(list(self._items(depth)), line)
        return Node(list(self._pairs(depth)), line)

    def _items(self, depth: int) -> Iterator[Node]:
        while not isinstance(event := next(self._events), self._yaml.SequenceEndEvent):
            yield self._node(event, depth + 1)

    def _pairs(self, depth: int) -> Iterator[tuple[str, Node]]:
        while not isinstance(event := next(self._events), self._yaml.MappingEndEvent):
            key = self._node(event, depth + 1)
            if key.value == "<<":
                self._refuse("merge keys are not read", event)
            value = self._node(next(self._events), depth + 1)
            yield (key.value if isinstance(key.value, str) else ""), value

    def _line(self, event: Any) -> int:
        return int(event.start_mark.line) + 1 + self._skipped

    def _refuse(self, message: str, event: Any) -> NoReturn:
        raise RefusedError(message, self._line(event))


# -- fields


def _fields(pairs: list[tuple[str, Node]], path: str) -> tuple[tuple[Field, ...], tuple[Problem, ...]]:
    fields: list[Field] = []
    problems: list[Problem] = []
    seen: set[str] = set()
    for key, node in pairs:
        name = folded(key)
        if name in seen:
            message = f"front matter: {name[:60]!r} stands twice, the first is used"
            problems.append(Problem("bad-frontmatter", message, path, node.line + 1))
            continue
        seen.add(name)
        fields += [Field(n, value, line + 1, "frontmatter") for n, value, line in _flat(name, node, 0)]
    return tuple(fields), tuple(problems)


def _flat(name: str, node: Node, depth: int) -> Iterator[tuple[str, str, int]]:
    """(name, text, line) of every text below a key; keys of inner tables are joined with a dot."""
    if isinstance(node.value, str):
        yield name, node.value.strip()[:MAX_VALUE], node.line
        return
    pairs = [item for item in node.value if isinstance(item, tuple)]
    if pairs:
        if depth and (named := _name_in(pairs)):
            yield name, named, node.line
            return
        for key, inner in pairs:
            yield from _flat(f"{name}.{folded(key)}", inner, depth + 1)
        return
    for item in node.value:
        if isinstance(item, Node):
            yield from _flat(name, item, depth + 1)


def _name_in(pairs: list[tuple[str, Node]]) -> str:
    """The name that a table in a list gives: ``- id: x`` with a type or a reason beside it."""
    texts = {folded(key): node.value for key, node in pairs if isinstance(node.value, str)}
    return next((str(texts[key]).strip() for key in _NAMED if texts.get(key)), "")

"""Front matter as header fields; the screen itself is reconciler/frontmatter.py."""

import re
from collections.abc import Iterator

from reconciler.frontmatter import Entry, Value, split_front_matter
from reconciler.frozen import frozen
from reconciler.model import Field, Problem
from reconciler.observe.layouts import folded

MAX_SIMPLE = 4096  # longer blocks are left to the YAML reader
MAX_VALUE = 4000
MAX_FIELDS = 500

_OPEN = re.compile(r"-{3,}[ \t]*\n")
_CLOSE = re.compile(r"^-{3,}[ \t]*$", re.MULTILINE)
_NAMED = ("id", "name", "slug", "target", "feature", "workstream", "path", "title", "ref")


@frozen
class Front:
    """What stands before the body."""

    fields: tuple[Field, ...] = ()
    length: int = 0  # characters of the text that it takes, 0 = there is none
    problems: tuple[Problem, ...] = ()


def read_front(text: str, *, path: str) -> Front:
    """The fields of the front matter of ``text`` (line breaks are LF). A mistake costs the fields, not the body."""
    if not text.startswith("---") or not _OPEN.match(text):
        return Front()
    start = text.index("\n") + 1
    closing = _CLOSE.search(text, start, start + MAX_SIMPLE)
    pairs = read_simple(text[start : closing.start()]) if closing else None
    if closing and pairs is not None:
        fields = tuple(Field(folded(name), value, line, "frontmatter") for name, value, line in pairs)
        return Front(fields, min(closing.end() + 1, len(text)))
    return _read_yaml(text, path)


def _read_yaml(text: str, path: str) -> Front:
    matter = split_front_matter(text.encode("utf-8", "replace"), path)
    problems = tuple(p for p in matter.problems if p.code not in ("too-large", "not-utf8"))
    last = {folded(entry.name): entry for entry in matter.entries}
    fields = [field for entry in last.values() for field in _fields(entry)]
    return Front(tuple(fields[:MAX_FIELDS]), matter.body_start, problems)


# -- the common, simple form, without the YAML library

_PLAIN = r"[A-Za-z0-9_./][\w ./@+()&;=-]*(?::[\w./@+()&;=-][\w ./@+()&;=-]*)*"
_KEY_LINE = re.compile(
    rf"([A-Za-z_][\w-]{{0,60}}):(?:[ ]+(?:({_PLAIN})|\"([^\"\\]*)\"|'([^']*)'|\[([\w ./,-]*)\]))?[ ]*"
)
_ITEM_LINE = re.compile(rf"(?:[ ]{{2}})?-[ ]+(?:({_PLAIN})|\"([^\"\\]*)\"|'([^']*)')[ ]*")


def read_simple(block: str) -> list[tuple[str, str, int]] | None:
    """(key, text, line of the file) of ``key: value`` lines with plain lists; None when only YAML can tell."""
    found: list[tuple[str, str, int]] = []
    seen: set[str] = set()
    key, key_line, open_list = "", 0, False
    for number, line in enumerate(block.split("\n"), 2):
        if match := _KEY_LINE.fullmatch(line):
            if open_list:
                found.append((key, "", key_line))
            key, plain, double, single, flow = match.groups()
            key_line, open_list = number, False
            if key in seen:
                return None
            seen.add(key)
            if flow is not None:
                words = [word.strip() for word in flow.split(",")] if flow.strip() else []
                if any(not word or word.startswith("-") for word in words):
                    return None
                found += [(key, word, number) for word in words]
            elif plain is None and double is None and single is None:
                open_list = True
            else:
                found.append((key, (plain or double or single or "").strip(" "), number))
        elif (match := _ITEM_LINE.fullmatch(line)) and key and (open_list or key_line == -1):
            plain, double, single = match.groups()
            found.append((key, (plain or double or single or "").strip(" "), number))
            key_line, open_list = -1, False
        elif line:
            return None
    if open_list:
        found.append((key, "", key_line))
    return found


# -- fields


def _fields(entry: Entry) -> Iterator[Field]:
    lines = entry.items if isinstance(entry.value, list) and len(entry.items) == len(entry.value) else ()
    if lines and isinstance(entry.value, list):
        for item, line in zip(entry.value, lines, strict=True):
            for name, value in _flat(folded(entry.name), item, 1):
                yield Field(name, value, line, "frontmatter")
        return
    for name, value in _flat(folded(entry.name), entry.value, 0):
        yield Field(name, value, entry.line, "frontmatter")


def _flat(name: str, value: Value, depth: int) -> Iterator[tuple[str, str]]:
    """(name, text) of every text below a key; keys of inner tables are joined with a dot."""
    if isinstance(value, str):
        yield name, value.strip()[:MAX_VALUE]
    elif isinstance(value, list):
        for item in value:
            yield from _flat(name, item, depth + 1)
    elif depth and (named := _name_in(value)):
        yield name, named
    else:
        for key, inner in value.items():
            yield from _flat(f"{name}.{folded(key)}", inner, depth + 1)


def _name_in(table: dict[str, Value]) -> str:
    """The name that a table in a list gives: ``- id: x`` with a type or a reason beside it."""
    texts = {folded(key): value for key, value in table.items() if isinstance(value, str)}
    return next((texts[key].strip() for key in _NAMED if texts.get(key)), "")

"""Header lines in the head of a document: ``**Status**: X`` and its relatives."""

import re
from collections.abc import Mapping
from functools import lru_cache

from reconciler.model import Field
from reconciler.observe.layouts import folded
from reconciler.observe.page import Page

MAX_HEAD = 80  # lines
MAX_FIELDS = 100
MAX_VALUE = 1000

BOLD = re.compile(r"\*\*([^*:：|\n]{1,60})(?:[:：][ \t]?\*\*|\*\*[ \t]{0,3}[:：])")
_PLAIN = re.compile(r"[ \t]{0,3}(?:[-*+][ \t]+)?[^\w\s#|]{0,8}[ \t]{0,2}(\w[\w \-]{0,40})(?:[:：](?:[ \t]+|$)|：)")
_LIST_ITEM = re.compile(r"[ \t]*(?:[-*+]|\d{1,9}[.)])[ \t]+(.*)")
_folded = lru_cache(maxsize=1024)(folded)  # few names, again and again
_RULE = re.compile(r"[-=:|+ \t]+")


def read_fields(page: Page, names: Mapping[str, str]) -> tuple[Field, ...]:
    """The header fields before the first section; known spellings get the name of their meaning."""
    fields: list[Field] = []
    pending: Field | None = None  # "**Depends on**:" whose values follow as a list
    for number, line in page.numbered(page.first, head_end(page)):
        found = _in_line(line, number, names)
        if found:
            fields += [field for field in found if field.value]
            pending = found[-1] if not found[-1].value else None
        elif pending and (item := _LIST_ITEM.match(line)):
            fields.append(Field(pending.name, item.group(1).strip()[:MAX_VALUE], number, "head"))
        elif line[:1] not in " \t":
            pending = None
        if len(fields) >= MAX_FIELDS:
            break
    return tuple(fields[:MAX_FIELDS])


def head_end(page: Page) -> int:
    """The first line after the head: the first section, or so many lines."""
    first = next((h.line for h in page.headings if h.level > 1), page.end)
    return min(first, page.first + MAX_HEAD)


def _in_line(line: str, number: int, names: Mapping[str, str]) -> list[Field]:
    bare = line.strip()
    if bare[0] == "|":
        return _in_row(bare, number, names)
    if ":" not in line and "：" not in line:
        return []
    found = list(BOLD.finditer(line)) if "**" in line else []
    if found and not any(char.isalnum() for char in line[: found[0].start()].lstrip("0123456789.) \t")):
        ends = [*(after.start() for after in found[1:]), len(line)]
        return [
            _field(match.group(1), line[match.end() : end], number, names)
            for match, end in zip(found, ends, strict=True)
        ]
    if (plain := _PLAIN.match(line)) and _folded(plain.group(1)) in names:
        return [_field(plain.group(1), line[plain.end() :], number, names)]
    return []


def _in_row(row: str, number: int, names: Mapping[str, str]) -> list[Field]:
    cells = [cell.strip().strip("*").strip() for cell in row.strip("|").split("|")]
    if len(cells) % 2 or len(cells) > 8 or _RULE.fullmatch(row):
        return []
    pairs = list(zip(cells[::2], cells[1::2], strict=True))
    if not all(_folded(key.rstrip(":：")) in names for key, _ in pairs):
        return []
    return [_field(key.rstrip(":："), value, number, names) for key, value in pairs]


def _field(name: str, value: str, number: int, names: Mapping[str, str]) -> Field:
    key = _folded(name)
    return Field(names.get(key, key), value.strip().strip("|·•").strip()[:MAX_VALUE], number, "head")

"""What a document says it needs, as raw items; whether they name a workstream is decided elsewhere."""

import re
from collections.abc import Callable, Iterable, Iterator

from reconciler.model import DependencyText, Field
from reconciler.observe.links import targets_in
from reconciler.observe.page import Heading, Page
from reconciler.observe.words import means_nothing
from reconciler.policy import Words

MAX_ITEMS = 400
MAX_ITEM = 200

_RELATIONS = {  # meaning of a header or heading -> (relation, reverse)
    "depends-on": ("blocks", False),
    "unblocks": ("blocks", True),
    "conflicts": ("conflicts", False),
    "parent": ("parent", False),
    "related": ("informs", False),
}
_SECTIONS = frozenset({"depends-on", "unblocks", "conflicts"})
_COMMAS = re.compile(r"[,;、，；]\s*|\s+(?:and|&)\s+(?=\S)|\s\+\s|\n")
_ITEM = re.compile(r"[ \t]*(?:[-*+]|\d{1,9}[.)])[ \t]+(?:\[[ xX]\][ \t]+)?(.*)")
_EXPLAINED = re.compile(r"\s+[-–—]{1,2}\s|[:：]\s|\s+\(|\s+（|\s+->\s|\s+→\s|\.\s")
_MARKS = "*_`'\" \t.,:;"
_LINK = re.compile(r"\[([^\[\]]{1,200})\]\([^()]{1,500}\)")
_QUOTED = re.compile(r"`([^`]{2,120})`")
_RULE = re.compile(r"[-=:|+ \t]+")


def read_dependencies(
    page: Page,
    fields: Iterable[Field],
    words: Words,
    *,
    meaning_of: Callable[[Heading], str],
    in_phase: Callable[[int], bool],
) -> tuple[DependencyText, ...]:
    """Items of front matter, header lines, lists and tables under headings of those names; each once."""
    found: dict[tuple[str, str, bool], DependencyText] = {}
    for item in (*_of_fields(fields, words), *_of_sections(page, words, meaning_of, in_phase)):
        found.setdefault((item.text, item.relation, item.reverse), item)
        if len(found) >= MAX_ITEMS:
            break
    return tuple(found.values())


def split_items(value: str, words: Words) -> Iterator[str]:
    """ "a, b and c (hard)" -> a, b, c; nothing for "None (independent of other phases)"."""
    if means_nothing(value, words):
        return
    plain = _LINK.sub(r"\1", value)
    for part in _split_outside_brackets(plain):
        yield from _names_in(part, words)


def _of_fields(fields: Iterable[Field], words: Words) -> Iterator[DependencyText]:
    for field in fields:
        name, _, inner = field.name.partition(".")
        meaning = words.fields.get(inner.partition(".")[0], "") if inner else ""
        kind = _RELATIONS.get(meaning) or _RELATIONS.get(words.fields.get(name, name))
        if kind is None:
            continue
        origin = "frontmatter" if field.origin == "frontmatter" else "head"
        for text in (*split_items(field.value, words), *targets_in(field.value)):
            yield DependencyText(text, field.line, kind[0], origin, kind[1])


def _of_sections(
    page: Page, words: Words, meaning_of: Callable[[Heading], str], in_phase: Callable[[int], bool]
) -> Iterator[DependencyText]:
    for heading in page.headings:
        meaning = meaning_of(heading)
        if heading.level < 2 or meaning not in _SECTIONS or in_phase(heading.line):
            continue
        relation, reverse = _RELATIONS[meaning]
        inner = next((h.line for h in page.headings if heading.line < h.line < heading.end), heading.end)
        for number, line in page.numbered(heading.line + 1, inner):
            texts, origin = _of_line(line, words)
            for text in texts:
                yield DependencyText(text, number, relation, origin, reverse)


def _of_line(line: str, words: Words) -> tuple[list[str], str]:
    if line.lstrip().startswith("|"):
        if _RULE.fullmatch(line.strip()):
            return [], "table"
        cells = [cell for cell in line.strip().strip("|").split("|") if cell.strip()]
        return [name for cell in cells[:2] for name in _names_in(cell, words)], "table"
    if match := _ITEM.match(line):
        text = match.group(1)
        return [*split_items(text, words), *targets_in(text)], "list"
    return [], "list"


def _names_in(part: str, words: Words) -> Iterator[str]:
    """The name at the front of an item, and names in backticks beside it."""
    head = _EXPLAINED.split(part.strip(), maxsplit=1)[0].strip(_MARKS)
    if head and not means_nothing(head, words):
        yield head[:MAX_ITEM]
    for match in _QUOTED.finditer(part):
        if (name := match.group(1).strip(_MARKS)) and name != head:
            yield name[:MAX_ITEM]


def _split_outside_brackets(text: str) -> Iterator[str]:
    """Splits at commas, semicolons and "and", but not inside brackets."""
    depth = start = 0
    cuts = {match.start(): match.end() for match in _COMMAS.finditer(text)}
    for at, char in enumerate(text):
        if char in "([（":
            depth += 1
        elif char in ")]）":
            depth = max(depth - 1, 0)
        elif at in cuts and depth == 0 and at >= start:
            yield text[start:at]
            start = cuts[at]
    yield text[start:]

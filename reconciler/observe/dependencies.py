"""What a document says it needs, as raw items; whether they name a workstream is decided elsewhere."""

import re
from collections.abc import Callable, Iterable, Iterator

from reconciler.model import DependencyText, Field
from reconciler.observe.links import targets_in
from reconciler.observe.page import Heading, Page
from reconciler.observe.words import means_nothing
from reconciler.policy import Words, fold_phrase

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
_LIST_END = re.compile(r"\s[-–—]{1,2}\s|[:：]\s")
_ITEM = re.compile(r"[ \t]*(?:[-*+]|\d{1,9}[.)])[ \t]+(?:\[[ xX]\][ \t]+)?(.*)")
_PLAIN_MARKS = str.maketrans("", "", "*_`")
_EXPLAINED = re.compile(r"\s+[-–—]{1,2}\s|[:：](?:\s|\*)|\s+\(|\s*（|\s+->\s|\s+→\s|\.\s")
_MARKS = "*_`'\" \t.,:;"
_LINK = re.compile(r"\[([^\[\]]{1,200})\]\([^()]{1,500}\)")
_QUOTED = re.compile(r"`([^`]{2,120})`")
_NAME_LIKE = re.compile(r"[A-Za-z0-9][\w./]*-[\w./-]*\w|\d{2,4}")  # turn-system, specs/007-x, 023
_CODE = re.compile(r"[(){}<>=$]|::|->|\.[A-Za-z]{1,6}\b(?<!\.md)|[a-z][A-Z]|_|^[./@]")
_PATH_LIKE_ID = re.compile(r"\w[\w-]*(?:/\w[\w.-]*)+")  # cli-integration/phase-1.6
_BARE_ID = re.compile(r"(?<![\w/.-])[a-z0-9]+(?:-[a-z0-9]+)+(?![\w/.(-])")
_RULE = re.compile(r"[-=:|+ \t]+")
_ROW_HEADS = frozenset(
    {"feature", "plan", "spec", "ticket", "id", "item", "task"}
)  # a first column that names features
_TABLE_HEADS = frozenset({"depends-on", "unblocks", "conflicts", "parent"})


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


def _of_fields(fields: Iterable[Field], words: Words) -> Iterator[DependencyText]:
    for field in fields:
        name, _, inner = field.name.partition(".")
        meaning = words.fields.get(inner.partition(".")[0], "") if inner else ""
        kind = _RELATIONS.get(meaning) or _RELATIONS.get(words.fields.get(name, name))
        if kind is None:
            continue
        front = field.origin == "frontmatter"
        names = _split(field.value) if front else split_items(field.value, words)
        for text in dict.fromkeys((*names, *targets_in(field.value))):
            if not means_nothing(text, words):
                relation = kind[0] if front else _softened(kind[0], field.value, words)
                yield DependencyText(text, field.line, relation, "frontmatter" if front else "head", kind[1])


def _of_sections(
    page: Page, words: Words, meaning_of: Callable[[Heading], str], in_phase: Callable[[int], bool]
) -> Iterator[DependencyText]:
    starts = [heading.line for heading in page.headings[1:]] + [page.end]
    sections = [
        (heading, following, meaning)
        for heading, following in zip(page.headings, starts, strict=False)
        if heading.level > 1 and (meaning := meaning_of(heading)) in _SECTIONS and not in_phase(heading.line)
    ]
    for heading, following, meaning in sections:
        relation, reverse = _RELATIONS[meaning]
        for number, line in page.numbered(heading.line + 1, min(following, heading.end)):
            if (match := _ITEM.match(line)) and len(line) - len(line.lstrip()) < 2:
                how = _softened(relation, match.group(1), words)
                for text in split_items(match.group(1), words):
                    yield DependencyText(text, number, how, "list", reverse)
    if "|" in page.text:
        for heading, _, meaning in sections:
            yield from _of_tables(page, heading, meaning, words)


# -- tables: a column called "Depends on", or a table under such a heading


def _of_tables(page: Page, heading: Heading, meaning: str, words: Words) -> Iterator[DependencyText]:
    head: list[str] = []
    for number, line in page.numbered(heading.line + 1, heading.end):
        if line.lstrip()[:1] != "|":
            head = []
            continue
        cells = [cell.strip() for cell in line.strip().strip("|").split("|")]
        if not head:
            head = [_column(cell, words) for cell in cells] or [""]
            continue
        if _RULE.fullmatch(line.strip()):
            continue
        for text, kind in _of_cells(cells, head, meaning, words):
            yield DependencyText(text, number, kind[0], "table", kind[1])


def _of_cells(cells: list[str], head: list[str], meaning: str, words: Words) -> Iterator[tuple[str, tuple[str, bool]]]:
    columns = [i for i, name in enumerate(head) if name in _TABLE_HEADS and i < len(cells)]
    for index in columns or ([0] if head[0] in _ROW_HEADS else []):
        kind = _RELATIONS[head[index] if columns else meaning]
        for text in split_items(cells[index], words):
            yield text, kind


def _column(cell: str, words: Words) -> str:
    """What the cells below a head are: a field's meaning, or "feature" where the head is one of its nouns."""
    name = "-".join(cell.strip("*_` ").casefold().split())
    return words.fields.get(name) or ("feature" if name in words.mentions else name)


# -- one value


def _softened(relation: str, value: str, words: Words) -> str:
    """ "informs" for what is optional, or helps if it is there first."""
    if relation != "blocks":
        return relation
    text = value.strip().lstrip(_MARKS)
    if text[:3].casefold() == "if ":
        return "informs"
    explained = _EXPLAINED.search(text)
    rest = fold_phrase(text[explained.start() :].translate(_PLAIN_MARKS)) if explained else ""
    return "informs" if words.soft.within(rest) else relation


def split_items(value: str, words: Words) -> tuple[str, ...]:
    """ "a, b and c (hard)" -> a, b, c; nothing for "None (independent of other phases)" or for code."""
    if means_nothing(value, words):
        return ()
    if len(value) <= MAX_ITEM and _BARE_ID.fullmatch(value):
        return (value,)  # nothing below would find more
    targets = targets_in(value)
    plain = (_LINK.sub(r"\1", value) if "](" in value else value).strip()
    parts = list(_split(plain))
    if not targets and _is_code(parts[0] if len(parts) > 1 else plain):
        parts = [part for part in parts[:1] if _is_numbered(_name_of(part), words)]
    parts = [part for part in parts if targets or not _is_code(part) or _is_numbered(_name_of(part), words)]
    names = [name for part in parts for name in (_name_of(part), _early_name(part, words))]
    found = [text for text in names if text and not means_nothing(text, words)]
    quoted = [
        q for m in _QUOTED.finditer(plain) if _NAME_LIKE.fullmatch(q := m.group(1).strip()) and not _CODE.search(q)
    ]
    return tuple(dict.fromkeys((*found, *quoted, *targets)))


def _early_name(part: str, words: Words) -> str:
    """The id among the first words of a part that says more: "add-export must be implemented first"."""
    match = _BARE_ID.search(part[:MAX_ITEM])
    if match is None:
        return ""
    before = fold_phrase(part[: match.start()]).removeprefix("if").strip()
    return "" if before.count(" ") > 2 or words.around["never"].within(before) else match.group()


def _is_numbered(text: str, words: Words) -> bool:
    noun, _, number = text.rpartition(" ")
    return number.isdigit() and noun.casefold() in words.mentions


def _is_code(item: str) -> bool:
    """An item about a module: its name or what explains it is a source path or a symbol."""
    quoted = [match.group(1) for match in _QUOTED.finditer(item)]
    if quoted:
        return any(_CODE.search(text) for text in quoted)
    head = _EXPLAINED.split(item, maxsplit=1)[0].strip(_MARKS)
    return _CODE.search(head) is not None and _PATH_LIKE_ID.fullmatch(head) is None


def _name_of(part: str) -> str:
    """The name at the front of a part, without its explanation."""
    return _EXPLAINED.split(part.strip(), maxsplit=1)[0].strip(_MARKS)[:MAX_ITEM]


def _split(text: str) -> Iterator[str]:
    """Parts between commas, semicolons and "and", but not inside brackets; an explanation ends the list."""
    text = text[:2000]
    cut = _LIST_END.search(text)
    text = text[: cut.start()] if cut else text
    depth = start = 0
    cuts = {match.start(): match.end() for match in _COMMAS.finditer(text)}
    for at, char in enumerate(text if cuts else ""):
        if char in "([（":
            depth += 1
        elif char in ")]）":
            depth = max(depth - 1, 0)
        elif at in cuts and depth == 0 and at >= start:
            yield text[start:at].strip()
            start = cuts[at]
    if last := text[start:].strip():
        yield last

"""Reads ``TODOs.txt`` and the like: boxes and bullets, nested by whatever indentation people used."""

import re
from collections import defaultdict
from dataclasses import dataclass, field, replace

from reconciler.coordination.imports.rows import TITLE_LIMIT, Edge, Notebook, Reading, Row, line_of

_ITEM = re.compile(r"(?P<indent>[ \t]*)(?:[-*+•]|\d{1,3}[.)])[ \t]+(?:\[(?P<box>[ xX~/-]?)\](?:[ \t]+|$))?(?P<text>.*)")
_NAMED = re.compile(r"(?:[\w.@~-]*/)*\d{4}-\d{2}-\d{2}-[\w.-]*\w|(?:[\w.@~-]+/)+[\w.-]+\.md")
_STATE = re.compile(
    r"\(\s*(in[ -]progress|in[ -]planning|in[ -]review|in[ -]research|wip|done|blocked)\s*\)", re.IGNORECASE
)
_NEEDS = re.compile(r"\(?\b(?:depends on|blocked by|requires|after)\s+([^()]*?)\s*(?:\)|$)", re.IGNORECASE)
_PHASES = re.compile(r"phases?\s+((?:\d+|[A-Z]\b)(?:\s*(?:,|-|&|and|to)\s*(?:\d+|[A-Z]\b))*)\b[\s:.,-]*", re.IGNORECASE)
_LABEL = re.compile(r"(?P<label>[A-Z]|\d{1,3})(?:[.):]\s*|\s+|$)(?P<rest>.*)", re.DOTALL)
_BOX = re.compile(r"^[ \t]*[-*+•][ \t]+\[[ xX~/-]?\]", re.MULTILINE)
_BULLET = re.compile(r"^[ \t]*[-*+•][ \t]+\S", re.MULTILINE)


@dataclass(slots=True)
class _Item:
    line: int
    indent: int
    box: str | None  # None: a bullet without a box
    text: str
    parent: "_Item | None" = None
    children: list["_Item"] = field(default_factory=list)

    @property
    def raw(self) -> str:
        """The item in one spelling: found again by it, whatever its place in the file."""
        mark = "" if self.box is None else f"[{self.box.lower() or ' '}] "
        return line_of(f"- {mark}{self.text}", 2000)


def has_boxes(data: str) -> bool:
    """Is there a box in it?"""
    return _BOX.search(data) is not None


def has_bullets(data: str) -> bool:
    """Is there a bullet in it?"""
    return _BULLET.search(data) is not None


def read_todos(data: str, path: str) -> Reading:
    """Return one row for each item; parts too small to stand alone are kept with the item that they are in."""
    book = Notebook(path)
    items = _items(data, book)
    lettered = _lettered(items)
    rows: dict[int, Row] = {}
    for item in items:
        if item.parent is not None and _is_part(item):
            above = rows[item.parent.line]
            rows[item.parent.line] = replace(above, within=(*above.within, item.raw))
            book.skip(item.line, item.raw, f"a part of line {item.parent.line}: kept in its notes")
            rows[item.line] = above
        else:
            rows[item.line] = _row(item, strip_letter=lettered[id(item.parent)])
    parts = {skip.line for skip in book.skipped}
    book.rows.extend(row for line, row in rows.items() if line not in parts)
    return book.reading("todo list")


def _items(data: str, book: Notebook) -> list[_Item]:
    items: list[_Item] = []
    stack: list[_Item] = []
    comments: list[int] = []
    near = False  # no blank line since the last item
    for number, text in enumerate(data.removeprefix("\ufeff").splitlines(), start=1):
        match = _ITEM.fullmatch(text)
        if match and line_of(match["text"]):
            item = _Item(number, len(match["indent"].expandtabs(4)), match["box"], match["text"].strip())
            _place(item, stack, near=near)
            items.append(item)
            near = True
        elif match:
            book.skip(number, text.strip(), "an empty item")
        elif not text.strip():
            near = False
        elif text.lstrip().startswith(("#", "//", "---", "===")):
            comments.append(number)
            near = False
        elif near:
            items[-1].text = f"{items[-1].text} {text.strip()}"
        else:
            book.skip(number, text.strip(), "not an item: no bullet and no box")
    if comments:
        book.skip(comments[0], f"{len(comments)} lines of comments and headings", "comments are not items")
    return items


def _place(item: _Item, stack: list[_Item], *, near: bool) -> None:
    """Hang an item below the last one that is less indented, or below a bullet that heads boxes beside it."""
    while stack and stack[-1].indent >= item.indent and not _heads(stack[-1], item, near=near):
        stack.pop()
    if stack:
        item.parent = stack[-1]
        stack[-1].children.append(item)
    stack.append(item)


def _heads(above: _Item, item: _Item, *, near: bool) -> bool:
    return near and above.indent == item.indent and above.box is None and item.box is not None


def _lettered(items: list[_Item]) -> dict[int, bool]:
    """For each parent: do its items bear letters for names, so that "E build" is "build"?"""
    found: dict[int, bool] = defaultdict(bool)
    for item in items:
        found[id(item.parent)] |= re.fullmatch(r"[A-Z]", _bare(item.text)) is not None
    return found


def _bare(text: str) -> str:
    return _NEEDS.sub("", _STATE.sub("", text)).strip(" .:;,()")


def _is_part(item: _Item) -> bool:
    """Only a letter or a number: no name that could stand alone."""
    return not item.children and re.fullmatch(r"[A-Za-z]|\d+", _bare(item.text)) is not None


def _row(item: _Item, *, strip_letter: bool) -> Row:
    label, text = "", item.text
    match = _LABEL.fullmatch(text)
    if match and match["rest"] and (match["label"].isdigit() or strip_letter):
        label, text = match["label"], match["rest"]
    phases = _PHASES.match(text)
    state = _STATE.search(text)
    named = tuple(line_of(name, 500) for name in _NAMED.findall(text))
    return Row(
        line=item.line,
        title=_title(text, named),
        key=f"line:{item.line}",
        recorded="done" if item.box in ("x", "X") else state[1].lower() if state else "",
        decides=False,
        parent=f"line:{item.parent.line}" if item.parent else "",
        edges=tuple(_edges(text)),
        artifacts=named,
        text=item.raw,
        label=label,
        phase_labels=_phase_labels(phases[1]) if phases and item.parent else (),
    )


def _title(text: str, named: tuple[str, ...]) -> str:
    plain = _NEEDS.sub("", _STATE.sub("", text))
    plain = re.sub(r"\(\s*[\w./@~-]+\.md\s*\)|[`*]{1,2}", "", plain).strip(" .:;,")
    if named and plain in (named[0], named[0].rpartition("/")[2]):
        stem = plain.rpartition("/")[2].removesuffix(".md")
        return line_of(re.sub(r"^\d{4}-\d{2}-\d{2}-", "", stem).replace("-", " ").replace("_", " "), TITLE_LIMIT)
    head = re.split(r"\s+[-–—]\s+", plain, maxsplit=1)[0]
    return line_of(head if len(head.split()) > 1 else plain, TITLE_LIMIT) or line_of(text, TITLE_LIMIT)


def _edges(text: str) -> list[Edge]:
    names = [name for match in _NEEDS.finditer(text) for name in re.split(r"\s*(?:,|;|&|\band\b)\s*", match[1])]
    return [Edge(line_of(name)) for name in names if line_of(name)]


def _phase_labels(text: str) -> tuple[str, ...]:
    """ "2,3" gives 2 and 3, "2-4" gives 2, 3 and 4."""
    labels: list[str] = []
    for first, last in re.findall(r"(\d+|[A-Za-z]\b)(?:\s*(?:-|to)\s*(\d+))?", text):
        many = first.isdigit() and last and int(first) < int(last) <= int(first) + 50
        labels += [str(n) for n in range(int(first), int(last) + 1)] if many else [first.lower()]
    return tuple(labels)

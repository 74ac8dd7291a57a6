"""Changes one place in JSON with comments and leaves every other byte alone; proves it by reading the result."""

import json
import re
from collections.abc import Sequence
from typing import Any

from reconciler.frozen import frozen
from reconciler.hosts.installs.jsontree import BadJson, Child, Node, Plain, at, line_of, parse, plain
from reconciler.hosts.installs.splices import Splice, Undo, inverse, splice

Path = tuple[int, ...]
_LEADING = re.compile(r"[ \t]*")


class Unsafe(ValueError):
    """The change would not leave the rest as it is; nothing was changed. ``line``: where."""

    def __init__(self, line: int) -> None:
        super().__init__("cannot be changed without changing the rest")
        self.line = line


@frozen
class Draft:
    """A text on its way, and the way back."""

    text: str
    undo: Undo = ()

    def tree(self) -> Node | None:
        return parse(self.text)

    def change(self, splices: Sequence[Splice]) -> "Draft":
        return Draft(splice(self.text, splices), (inverse(self.text, splices), *self.undo))


def start(draft: Draft, value: dict[str, Any]) -> Draft:
    """Put the first value into a text of space and comments."""
    newline = _newline(draft.text)
    text = draft.text
    before = "" if text in ("", "\ufeff") or text.endswith("\n") else newline
    made = _render(value, _Style("  ", newline, True, ": "), "")
    return draft.change((Splice(len(text), len(text), before + made + newline),))


def add(draft: Draft, path: Path, key: str, value: Any) -> Draft:
    """Put a member (or, with key "", an item) at the end of the object or list at ``path``. Raises Unsafe."""
    root = _root(draft)
    where = at(root, path)
    style = _style(draft.text, root)
    splices = _addition(draft.text, where, key, value, style)
    wanted = (key, plain(json.dumps(value), _parsed(json.dumps(value))))
    children = (*_children(draft.text, where), wanted)
    return _proven(draft, splices, path, (where.kind, children))


def remove(draft: Draft, path: Path) -> Draft:
    """Take out the member or item at ``path``. Raises Unsafe."""
    *above, index = path
    where = at(_root(draft), tuple(above))
    children = _children(draft.text, where)
    left = (where.kind, (*children[:index], *children[index + 1 :]))
    gone = where.children[index]
    said = _comments(draft.text[gone.start : gone.node.end])
    for splices in _removals(draft.text, where, index):
        try:
            return _proven(draft, splices, tuple(above), left, said=said)
        except Unsafe:
            continue
    raise Unsafe(line_of(draft.text, where.children[index].start))


def replace(draft: Draft, path: Path, value: Any) -> Draft:
    """Put another scalar at ``path``."""
    node = at(_root(draft), path)
    said = json.dumps(value, ensure_ascii=False)
    return _proven(draft, (Splice(node.start, node.end, said),), path, said)


# -- below: proof


def _root(draft: Draft) -> Node:
    return _parsed(draft.text)


def _parsed(text: str) -> Node:
    root = parse(text)
    assert root is not None  # there is a value: the caller has looked
    return root


def _children(text: str, node: Node) -> tuple[tuple[str, Plain], ...]:
    return tuple((child.key, plain(text, child.node)) for child in node.children)


def _proven(draft: Draft, splices: Sequence[Splice], path: Path, wanted: Plain, *, said: int = 0) -> Draft:
    """The changed draft, if reading it gives what was there with nothing but ``wanted`` at ``path``.

    ``said``: how many comments may go, because they stand inside of what goes.
    """
    root = _root(draft)
    changed = draft.change(splices)
    try:
        after = parse(changed.text)
    except BadJson:
        after = None
    if after is None or plain(changed.text, after) != _with(plain(draft.text, root), path, wanted):
        raise Unsafe(line_of(draft.text, at(root, path).start))
    if _comments(draft.text) - _comments(changed.text) > said:
        raise Unsafe(line_of(draft.text, at(root, path).start))
    return changed


def _comments(text: str) -> int:
    """How many comments there are, or what looks like one: no change may swallow any."""
    return text.count("//") + text.count("/*")


def _with(value: Plain, path: Path, wanted: Plain) -> Plain:
    if not path:
        return wanted
    assert isinstance(value, tuple)
    kind, children = value
    index, *rest = path
    key, child = children[index]
    return kind, (*children[:index], (key, _with(child, tuple(rest), wanted)), *children[index + 1 :])


# -- below: adding


@frozen
class _Style:
    unit: str
    newline: str
    spread: bool  # over several lines
    colon: str


def _style(text: str, root: Node) -> _Style:
    inner = text[root.start : root.end]
    spread = "\n" in inner or not root.children
    unit = "  "
    if root.children and "\n" in text[root.start : root.children[0].start]:
        unit = _indent(text, root.children[0].start)[len(_indent(text, root.start)) :] or ""
    colon = ":" if re.search(r'":[^\s]', inner) and not re.search(r'":\s', inner) else ": "
    return _Style(unit, _newline(text), spread, colon)


def _newline(text: str) -> str:
    first = text.find("\n")
    return "\r\n" if first > 0 and text[first - 1] == "\r" else "\n"


def _indent(text: str, offset: int) -> str:
    """The white space at the beginning of the line in which ``offset`` stands."""
    found = _LEADING.match(text, text.rfind("\n", 0, offset) + 1, offset)
    return found[0].lstrip("\ufeff") if found else ""


def _addition(text: str, where: Node, key: str, value: Any, style: _Style) -> tuple[Splice, ...]:
    closing = where.end - 1
    spread = "\n" in text[where.filled : closing] if where.filled > where.start + 1 else style.spread
    base = _indent(text, where.start)
    inner = base + style.unit
    if where.children and "\n" in text[where.start : where.children[-1].start]:
        inner = _indent(text, where.children[-1].start)
    this = _Style(style.unit, style.newline, spread, style.colon)
    said = _render(value, this, inner)
    if where.kind == "object":
        said = json.dumps(key, ensure_ascii=False) + style.colon + said
    if where.filled == where.start + 1:  # nothing inside, not even a comment
        inside = f"{style.newline}{inner}{said}{style.newline}{base}" if spread else said
        return (Splice(where.start + 1, closing, inside),)
    return _behind(text, where, said, f"{style.newline}{inner}" if spread else " " if style.colon == ": " else "")


def _behind(text: str, where: Node, said: str, gap: str) -> tuple[Splice, ...]:
    """After the last thing inside, be it a value, its comma or a comment."""
    last = where.children[-1] if where.children else None
    own = "," if last and last.comma >= 0 else ""
    addition = Splice(where.filled, where.filled, gap + said + own)
    if last is None or last.comma >= 0:
        return (addition,)
    if last.node.end == where.filled:
        return (Splice(where.filled, where.filled, f",{gap}{said}"),)
    return Splice(last.node.end, last.node.end, ","), addition


def _render(value: Any, style: _Style, indent: str) -> str:
    if not style.spread:
        comma = ", " if style.colon == ": " else ","
        return json.dumps(value, ensure_ascii=False, separators=(comma, style.colon))
    said = json.dumps(value, ensure_ascii=False, indent=style.unit or 2, separators=(",", style.colon))
    return said.replace("\n", style.newline + indent)


# -- below: taking out


def _removals(text: str, where: Node, index: int) -> tuple[tuple[Splice, ...], ...]:
    """Ways to take one child out, the tidiest first; the first that proves right is taken."""
    child = where.children[index]
    end = child.comma + 1 if child.comma >= 0 else child.node.end
    start = _back_over_space(text, child.start)
    if len(where.children) == 1 and where.filled == end and not text[where.start + 1 : child.start].strip():
        return ((Splice(where.start + 1, where.end - 1, ""),),)
    if index and index == len(where.children) - 1:
        return _last(text, where.children[index - 1], child, start, end)
    after = _over_space(text, end)
    ways = (Splice(start, end, ""),), (Splice(child.start, after, ""),), (Splice(child.start, end, ""),)
    if child.comma < 0:
        return ways
    comma = Splice(child.comma, child.comma + 1, "")  # a comment stands between the two
    return (*ways, (Splice(start, child.node.end, ""), comma), (Splice(child.start, child.node.end, ""), comma))


def _last(text: str, before: Child, child: Child, start: int, end: int) -> tuple[tuple[Splice, ...], ...]:
    """The comma of the one before goes, unless the one to go had a comma of its own: that is how they write lists."""
    if child.comma >= 0:
        return (Splice(start, end, ""),), (Splice(child.start, end, ""),)
    comma = Splice(before.comma, before.comma + 1, "")
    if start <= before.comma + 1:
        return ((Splice(before.comma, end, ""),),)
    return (comma, Splice(start, end, "")), (comma, Splice(child.start, end, ""))


def _back_over_space(text: str, offset: int) -> int:
    while text[offset - 1] in " \t\r\n":
        offset -= 1
    return offset


def _over_space(text: str, offset: int) -> int:
    while text[offset : offset + 1] in (" ", "\t", "\r", "\n"):
        offset += 1
    return offset

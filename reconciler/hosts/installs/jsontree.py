"""Reads JSON with comments so that the text can be edited in place: every value knows where it stands.

Strict otherwise: no bare words, no single quotes, no control characters in strings, one value, nothing after it.
"""

import re
from json import JSONDecodeError
from json.decoder import scanstring  # type: ignore[attr-defined]  # there, though not in the stubs

from reconciler.frozen import frozen

DEPTH = 200
_SPACE = re.compile(r"[ \t\r\n]*")
_SCALAR = re.compile(r"-?(?:0|[1-9][0-9]*)(?:\.[0-9]+)?(?:[eE][+-]?[0-9]+)?|true|false|null")
_AFTER_SCALAR = re.compile(r"[0-9A-Za-z_.+-]")

Plain = str | tuple[str, tuple[tuple[str, "Plain"], ...]]


class BadJson(ValueError):
    """The text is not JSON with comments; ``line`` says where."""

    def __init__(self, message: str, line: int) -> None:
        super().__init__(message)
        self.message = message
        self.line = line


@frozen
class Child:
    """A member of an object, or an item of a list (key ""). ``comma``: where the comma behind it stands, -1 = none."""

    start: int
    key: str
    node: "Node"
    comma: int = -1


@frozen
class Node:
    """One value. ``text``: of a string what it says, of another scalar how it is written."""

    kind: str  # object | list | string | scalar
    start: int
    end: int
    text: str = ""
    children: tuple[Child, ...] = ()
    filled: int = 0  # where the last thing inside ends: value, comma or comment

    def member(self, key: str) -> int:
        """The index of the member in force (the last of that name), -1 = none."""
        return max((i for i, child in enumerate(self.children) if child.key == key), default=-1)


def parse(text: str) -> Node | None:
    """The value of the text; None when there is only space and comments. Raises BadJson."""
    return _Reader(text).document()


def plain(text: str, node: Node) -> Plain:
    """The value without its places, with order, duplicate keys and the spelling of every scalar."""
    if node.kind in ("object", "list"):
        return node.kind, tuple((child.key, plain(text, child.node)) for child in node.children)
    return text[node.start : node.end]


def at(root: Node, path: tuple[int, ...]) -> Node:
    """The value to which these indexes lead."""
    for index in path:
        root = root.children[index].node
    return root


def line_of(text: str, offset: int) -> int:
    """The number of the line in which ``offset`` stands."""
    return text.count("\n", 0, offset) + 1


class _Reader:
    def __init__(self, text: str) -> None:
        self.text = text
        self.at = 1 if text.startswith("\ufeff") else 0
        self.last = self.at  # where the last thing that is no space ends

    def document(self) -> Node | None:
        self.skip()
        if self.at == len(self.text):
            return None
        node = self.value(0)
        self.skip()
        if self.at != len(self.text):
            raise self.wrong("something stands after the end of the value")
        return node

    def skip(self) -> None:
        """Go to the next token; keep in mind where the last comment ends."""
        while True:
            found = _SPACE.match(self.text, self.at)
            self.at = found.end() if found else self.at
            opening = self.text[self.at : self.at + 2]
            if opening == "//":
                end = self.text.find("\n", self.at)
                end = len(self.text) if end < 0 else end - (self.text[end - 1] == "\r")
            elif opening == "/*":
                end = self.text.find("*/", self.at + 2)
                if end < 0:
                    raise self.wrong("a comment has no end")
                end += 2
            else:
                return
            self.at = self.last = end

    def token(self, length: int = 1) -> None:
        self.at += length
        self.last = self.at

    def value(self, depth: int) -> Node:
        if depth > DEPTH:
            raise self.wrong(f"nested deeper than {DEPTH}")
        start, sign = self.at, self.text[self.at : self.at + 1]
        if sign == "{":
            return self.container("object", "}", depth)
        if sign == "[":
            return self.container("list", "]", depth)
        if sign == '"':
            said = self.string()
            return Node("string", start, self.at, said)
        found = _SCALAR.match(self.text, self.at)
        if found is None or _AFTER_SCALAR.match(self.text, found.end()):
            raise self.wrong("a value was expected")
        self.token(len(found[0]))
        return Node("scalar", start, self.at, found[0])

    def string(self) -> str:
        try:
            said, end = scanstring(self.text, self.at + 1, True)
            self.token(end - self.at)
            return str(said)
        except JSONDecodeError as error:
            raise BadJson(error.msg[:1].lower() + error.msg[1:], error.lineno) from error

    def container(self, kind: str, closing: str, depth: int) -> Node:
        start = self.at
        children: list[Child] = []
        self.token()
        while True:
            self.skip()
            if self.text[self.at : self.at + 1] == closing:
                filled = self.last
                self.token()
                return Node(kind, start, self.at, "", tuple(children), filled)
            if children and children[-1].comma < 0:
                raise self.wrong(f'"," or "{closing}" was expected')
            children.append(self.child(kind, depth))

    def child(self, kind: str, depth: int) -> Child:
        start, key = self.at, ""
        if kind == "object":
            if self.text[self.at : self.at + 1] != '"':
                raise self.wrong("a key in double quotes was expected")
            key = self.string()
            self.skip()
            if self.text[self.at : self.at + 1] != ":":
                raise self.wrong('":" was expected')
            self.token()
            self.skip()
        node = self.value(depth + 1)
        ended, last = self.at, self.last
        self.skip()
        if self.text[self.at : self.at + 1] == ",":
            self.token()
            return Child(start, key, node, self.at - 1)
        if self.at == ended:
            self.last = last
        return Child(start, key, node)

    def wrong(self, message: str) -> BadJson:
        return BadJson(message, line_of(self.text, self.at))

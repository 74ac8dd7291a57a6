"""Puts one table into a TOML file and takes it out again; every other byte stays, and reading the result proves it."""

import json
import re
import tomllib
from collections.abc import Iterator
from typing import Any

from reconciler.frozen import frozen
from reconciler.hosts.installs.commands import is_server
from reconciler.hosts.installs.jsonedit import Draft, Unsafe
from reconciler.hosts.installs.settings import NotOurs
from reconciler.hosts.installs.splices import Splice

_STRINGS = re.compile(
    r'"""(?:[^"\\]|\\.|"(?!""))*"""|\'\'\'(?:[^\']|\'(?!\'\'))*\'\'\'|"(?:[^"\\\n]|\\.)*"|\'[^\'\n]*\'|#[^\n]*',
    re.DOTALL,
)


class BadToml(ValueError):
    """The text is not TOML; ``line`` says where."""

    def __init__(self, message: str, line: int) -> None:
        super().__init__(message)
        self.message = message
        self.line = line


@frozen
class _Line:
    """A line that begins outside of strings and lists. It ends where the next such line begins."""

    start: int
    end: int
    text: str

    @property
    def is_said(self) -> bool:
        return bool(self.text.strip()) and not self.text.lstrip().startswith("#")


def parse(text: str) -> dict[str, Any]:
    """The values of the text. Raises BadToml."""
    try:
        return tomllib.loads(text.removeprefix("\ufeff"))
    except tomllib.TOMLDecodeError as error:
        line = re.search(r"line (\d+)", str(error))
        message = str(error)[:1].lower() + str(error)[1:]
        raise BadToml(message, int(line[1]) if line else 1) from error
    except RecursionError as error:
        raise BadToml("nested too deep", 1) from error


def has_server(text: str, where: tuple[str, ...]) -> bool:
    """Whether swarm's MCP server is registered here. Raises BadToml."""
    return _is_our_server(_value(parse(text), where))


def put_in(text: str, where: tuple[str, ...], value: dict[str, Any]) -> Draft:
    """Add the table at the end, unless it is there. Raises NotOurs, BadToml."""
    before = parse(text)
    there = _value(before, where)
    name = ".".join(where)
    if _is_our_server(there):
        return Draft(text)
    if there is not None:
        raise NotOurs(f'"{name}" is another server', _line_of(text, where), "install with --no-mcp, or rename it")
    newline = "\r\n" if "\r\n" in text else "\n"
    rows = [f"[{name}]", *(f"{key} = {json.dumps(item)}" for key, item in value.items()), ""]
    gap = "" if not text.removeprefix("\ufeff") else newline if text.endswith("\n") else newline * 2
    draft = Draft(text).change((Splice(len(text), len(text), gap + newline.join(rows)),))
    try:
        after = parse(draft.text)
    except BadToml:
        after = {}
    if after != _put(before, where, value):
        message = f"[{where[0]}] is written in a way to which no table can be added"
        raise NotOurs(message, _line_of(text, where[:1]), "install with --no-mcp, or write it as a table of its own")
    return draft


def take_out(text: str, where: tuple[str, ...]) -> Draft:
    """Take the table out again, if it is ours. Raises Unsafe, BadToml."""
    before = parse(text)
    if not _is_our_server(_value(before, where)):
        return Draft(text)
    draft = Draft(text).change(tuple(_ours(text, where)))
    try:
        after = parse(draft.text)
    except BadToml:
        raise Unsafe(_line_of(text, where)) from None
    if _dropped(after, where) != _dropped(before, where) or _value(after, where) is not None:
        raise Unsafe(_line_of(text, where))
    return draft


# -- below: values


def _value(data: object, where: tuple[str, ...]) -> Any:
    for name in where:
        data = data.get(name) if isinstance(data, dict) else None
    return data


def _put(data: dict[str, Any], where: tuple[str, ...], value: Any) -> dict[str, Any]:
    name, *rest = where
    below = data.get(name, {})
    return {**data, name: _put(below if isinstance(below, dict) else {}, tuple(rest), value) if rest else value}


def _dropped(data: dict[str, Any], where: tuple[str, ...]) -> dict[str, Any]:
    """Without that value, and without what would hold nothing then."""
    name, *rest = where
    left = {key: item for key, item in data.items() if key != name}
    below = data.get(name)
    if rest and isinstance(below, dict) and (deeper := _dropped(below, tuple(rest))):
        return {**left, name: deeper}
    return left


def _is_our_server(value: Any) -> bool:
    if not isinstance(value, dict):
        return False
    command, arguments = value.get("command"), value.get("args", [])
    if not isinstance(command, str) or not isinstance(arguments, list):
        return False
    return is_server([command, *(a for a in arguments if isinstance(a, str))])


# -- below: lines


def _ours(text: str, where: tuple[str, ...]) -> Iterator[Splice]:
    """The lines of the table and of those below it, with the empty line before; remarks after it stay."""
    lines = list(_lines(text))
    for index, line in enumerate(lines):
        if _header(line.text)[: len(where)] != where:
            continue
        end = line.end
        for after in lines[index + 1 :]:
            if _header(after.text):
                break
            end = after.end if after.is_said else end
        start = lines[index - 1].start if index and not lines[index - 1].text.strip() else line.start
        yield Splice(start + (start == 0 and text.startswith("\ufeff")), end, "")


def _lines(text: str) -> Iterator[_Line]:
    """Every line at whose beginning no string and no list is open."""
    start, depth, at = 0, 0, 0
    while at < len(text):
        if text[at] in "\"'#" and (found := _STRINGS.match(text, at)):
            at = found.end()
            continue
        depth += {"[": 1, "{": 1, "]": -1, "}": -1}.get(text[at], 0)
        at += 1
        if text[at - 1] == "\n" and depth <= 0:
            yield _Line(start, at, text[start:at])
            start, depth = at, 0
    if start < len(text):
        yield _Line(start, len(text), text[start:])


def _header(line: str) -> tuple[str, ...]:
    """The names in ``[a.b]``; () for any other line."""
    if not line.lstrip("\ufeff \t").startswith("["):
        return ()
    try:
        data: Any = tomllib.loads(line.removeprefix("\ufeff"))
    except tomllib.TOMLDecodeError:
        return ()
    names: list[str] = []
    while isinstance(data, dict) and len(data) == 1:
        ((name, data),) = data.items()
        names.append(name)
    return tuple(names)


def _line_of(text: str, where: tuple[str, ...]) -> int:
    """The first line that speaks of it."""
    found = re.search(rf"^.*{re.escape(where[-1])}.*$", text, re.MULTILINE)
    return text.count("\n", 0, found.start()) + 1 if found else 1

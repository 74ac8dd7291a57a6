"""The lines of a Markdown document that speak for it: no fences, comments or quotes; with headings and boxes."""

import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass

MAX_LINE = 4000  # what stands further right in a line is not looked at

_MASK = re.compile(r"^[ \t]*(?:(`{3,}|~{3,})[^\n]*|<!--)", re.MULTILINE)
_INLINE_COMMENT = re.compile(r"<!--.{0,1000}?-->")
_BOX = re.compile(r"[ \t]*(?:[-*+]|\d{1,9}[.)])[ \t]{1,8}\[([ xX✓✔])\](?:[ \t]|$)")
_BULLETS = frozenset("-*+0123456789")


@dataclass(frozen=True, slots=True)
class Heading:
    level: int
    title: str  # marks of the heading itself gone
    line: int
    end: int  # first line after its section, sub-sections included


@dataclass(frozen=True, slots=True)
class Page:
    """Line numbers are those of the file, 1-based."""

    first: int  # number of the first line in ``lines``
    lines: tuple[str, ...]  # lines that do not speak are empty
    headings: tuple[Heading, ...]
    boxes: tuple[tuple[int, bool], ...]  # line, ticked

    def numbered(self, start: int, end: int) -> Iterator[tuple[int, str]]:
        """(number, line) of the lines that are not empty, from ``start`` up to before ``end``."""
        low = max(start - self.first, 0)
        for number, line in enumerate(self.lines[low : max(end - self.first, 0)], self.first + low):
            if line:
                yield number, line

    @property
    def end(self) -> int:
        return self.first + len(self.lines)


def read_page(body: str, *, first: int = 1) -> Page:
    """Takes a document without its front matter apart."""
    lines = [_speaking(line) for line in _masked(body).split("\n")]
    headings: list[tuple[int, str, int]] = []
    boxes: list[tuple[int, bool]] = []
    for number, line in enumerate(lines, first):
        if not line:
            continue
        bare = line.lstrip()
        mark = bare[:1]
        if mark == "#" and len(line) - len(bare) < 4:
            level = len(bare) - len(bare.lstrip("#"))
            if level <= 6 and bare[level : level + 1] in (" ", "\t"):
                headings.append((level, bare[level:].strip().rstrip("#").rstrip(), number))
        elif mark in _BULLETS and "[" in bare and (box := _BOX.match(line)):
            boxes.append((number, box.group(1) != " "))
        elif mark == "=" and not bare.strip("= \t") and number > first and (above := lines[number - first - 1]):
            headings.append((1, above.strip(), number - 1))
    return Page(first, tuple(lines), _with_ends(headings, first + len(lines)), tuple(boxes))


def _speaking(line: str) -> str:
    if not line or line.isspace():
        return ""
    if line.lstrip()[0] == ">":
        return ""
    if len(line) > MAX_LINE:
        line = line[:MAX_LINE]
    return _INLINE_COMMENT.sub("", line) if "<!--" in line else line


def _with_ends(headings: Sequence[tuple[int, str, int]], last: int) -> tuple[Heading, ...]:
    """A section ends where the next heading of its level or a higher one begins."""
    ends = [last] * len(headings)
    opened: list[int] = []
    for index, (level, _, line) in enumerate(headings):
        while opened and headings[opened[-1]][0] >= level:
            ends[opened.pop()] = line
        opened.append(index)
    return tuple(Heading(level, title, line, ends[i]) for i, (level, title, line) in enumerate(headings))


def _masked(text: str) -> str:
    """The text with fenced code and comments emptied; line breaks stay."""
    if "```" not in text and "~~~" not in text and "<!--" not in text:
        return text
    parts: list[str] = []
    at = 0
    while found := _MASK.search(text, at):
        end = _fence_end(text, found) if found.group(1) else _comment_end(text, found)
        if found.group(1) and found.group(1)[0] == "`" and "`" in found.group()[found.end(1) - found.start() :]:
            parts.append(text[at : found.end()])  # ```inline``` on one line opens nothing
            at = found.end()
            continue
        parts.append(text[at : found.start()])
        parts.append("\n" * text.count("\n", found.start(), end))
        at = end
    parts.append(text[at:])
    return "".join(parts)


_CLOSERS: dict[tuple[str, int], re.Pattern[str]] = {}


def _fence_end(text: str, opening: re.Match[str]) -> int:
    mark = opening.group(1)
    key = (mark[0], min(len(mark), 99))
    if key not in _CLOSERS:
        _CLOSERS[key] = re.compile(rf"^[ \t]*{re.escape(mark[0])}{{{key[1]},}}[ \t]*$", re.MULTILINE)
    closing = _CLOSERS[key].search(text, opening.end())
    return closing.end() if closing else len(text)


def _comment_end(text: str, opening: re.Match[str]) -> int:
    end = text.find("-->", opening.end())
    return end + 3 if end >= 0 else len(text)

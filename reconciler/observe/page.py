"""The lines of a Markdown document that speak for it: no fences, comments or quotes; with headings and boxes."""

import re
from collections.abc import Iterator, Sequence

from reconciler.frozen import frozen

MAX_LINE = 4000  # what stands further right in a line is not looked at

_INLINE_COMMENT = re.compile(r"<!--.{0,1000}?-->")
_BOX = re.compile(r"[ \t]*(?:[-*+]|\d{1,9}[.)])[ \t]{1,8}\[([ xX✓✔])\](?:[ \t]|$)")
_CLOSERS: dict[tuple[str, int], re.Pattern[str]] = {}
_BULLETS = frozenset("-*+0123456789")


@frozen
class Heading:
    level: int
    title: str  # marks of the heading itself gone
    line: int
    end: int  # first line after its section, sub-sections included


@frozen
class Page:
    """Line numbers are those of the file, 1-based."""

    first: int  # number of the first line in ``lines``
    lines: tuple[str, ...]  # lines that do not speak are empty
    text: str  # the lines as one: what stands nowhere in it needs no look at each of them
    headings: tuple[Heading, ...]
    boxes: tuple[tuple[int, bool], ...]  # line, ticked

    def numbered(self, start: int, end: int) -> Iterator[tuple[int, str]]:
        """(number, line) of the lines that are not empty, from ``start`` up to before ``end``."""
        low = max(start - self.first, 0)
        lines = self.lines[low : max(end - self.first, 0)]
        return ((number, line) for number, line in enumerate(lines, self.first + low) if line)

    def holding(self, *words: str) -> Iterator[tuple[int, str]]:
        """(number, line) of the lines that hold one of the words, without a look at each of the others."""
        text = self.text
        places = sorted([place for word in words if word in text for place in _places(text, word)])
        row, last, seen = 0, 0, -1
        for place in places:
            row, last = row + text.count("\n", last, place), place
            if row > seen:
                seen = row
                yield self.first + row, self.lines[row]

    @property
    def end(self) -> int:
        return self.first + len(self.lines)


def read_page(body: str, *, first: int = 1) -> Page:
    """Takes a document without its front matter apart."""
    lines = _masked(body).split("\n")
    if "<!--" in body:
        lines = [_INLINE_COMMENT.sub("", line[:MAX_LINE]) if "<!--" in line else line for line in lines]
    headings: list[tuple[int, str, int]] = []
    boxes: list[tuple[int, bool]] = []
    for index, line in enumerate(lines):
        if line[:1].isalpha() and len(line) <= MAX_LINE:
            continue  # prose, as most lines are
        bare = line.lstrip()
        mark = bare[:1]
        if not mark or mark == ">":
            lines[index] = ""
            continue
        if len(line) > MAX_LINE:
            line = lines[index] = line[:MAX_LINE].rstrip()
        if mark == "#":
            if len(line) - len(bare) < 4 and (heading := _heading(bare)):
                headings.append((*heading, first + index))
        elif mark in _BULLETS:
            if "[" in bare and (box := _BOX.match(line)):
                boxes.append((first + index, box.group(1) != " "))
        elif mark == "=" and index and lines[index - 1] and not bare.strip("= \t"):
            headings.append((1, lines[index - 1].strip(), first + index - 1))
    return Page(first, tuple(lines), "\n".join(lines), _with_ends(headings, first + len(lines)), tuple(boxes))


def _places(text: str, word: str) -> Iterator[int]:
    """The first place in each line where the word stands."""
    place = text.find(word)
    while place >= 0:
        yield place
        end = text.find("\n", place)
        place = text.find(word, end) if end >= 0 else -1


def _heading(bare: str) -> tuple[int, str] | None:
    level = len(bare) - len(bare.lstrip("#"))
    if level > 6 or bare[level : level + 1] not in (" ", "\t"):
        return None
    return level, bare[level:MAX_LINE].strip().rstrip("#").rstrip()


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
    parts: list[str] = []
    at = 0
    for start, opening in _openings(text):
        if start < at:
            continue
        end = _comment_end(text, start) if opening == "<!--" else _fence_end(text, start)
        if end:
            parts.append(text[at:start])
            parts.append("\n" * text.count("\n", start, end))
            at = end
    return "".join((*parts, text[at:])) if parts else text


def _openings(text: str) -> Iterator[tuple[int, str]]:
    """Places where a fence or a comment begins a line, in order."""
    places: list[tuple[int, str]] = []
    for mark in ("```", "~~~", "<!--"):
        start = text.find(mark) if mark[0] in text else -1  # one character is found much quicker
        while start >= 0:
            line = text.rfind("\n", 0, start) + 1
            if not text[line:start].strip(" \t"):
                places.append((start, mark))
            end = text.find("\n", start)
            start = text.find(mark, end) if end >= 0 else -1
    return iter(sorted(places))


def _fence_end(text: str, start: int) -> int:
    """The end of the fenced block that begins at ``start``; 0 when nothing is fenced there."""
    mark = text[start]
    line_end = text.find("\n", start)
    opening = text[start : line_end if line_end >= 0 else len(text)]
    length = len(opening) - len(opening.lstrip(mark))
    if mark == "`" and "`" in opening[length:]:
        return 0  # ```inline``` on one line opens nothing
    key = (mark, min(length, 99))
    if key not in _CLOSERS:
        _CLOSERS[key] = re.compile(rf"\n[ \t]*{re.escape(mark)}{{{key[1]},}}[ \t]*(?=\n|\Z)")
    closing = _CLOSERS[key].search(text, start)
    return closing.end() if closing else len(text)


def _comment_end(text: str, start: int) -> int:
    end = text.find("-->", start)
    return end + 3 if end >= 0 else len(text)

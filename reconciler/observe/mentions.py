"""Sentences that name another feature by its number: "builds on milestone 023", "017/US1"."""

import re
from collections.abc import Iterator

from reconciler.model import DependencyText
from reconciler.observe.page import Page
from reconciler.policy import Words, fold_phrase

MAX_MENTIONS = 200
MAX_RANGE = 30

_NUMBER = re.compile(r"(?<![\w.])\d{2,4}(?![\d.]*[\w%])")
_LAST_WORD = re.compile(r"([^\W\d_]+)[ \t-]{1,3}#?\Z")
_RANGE_END = re.compile(r"[ \t]?[-–][ \t]?(\d{2,4})(?![\w%])")
_LIST_MORE = re.compile(r"(?:,| and| or| &|/|\+|, and)[ \t]{0,2}(\d{2,4})(?![\w%])")
_STORY = re.compile(r"/US\d{1,2}\b")
_SENTENCE_END = re.compile(r"[.!?;][*_)`]*[ \t]+(?=[A-Z(`*\[])")


def read_mentions(page: Page, words: Words) -> tuple[DependencyText, ...]:
    """Each number once, hard when a sentence that names it says so. ``text`` is "milestone 023" or "017/US1"."""
    found: dict[str, DependencyText] = {}
    for number, line in page.numbered(page.first, page.end):
        if line.lstrip()[:1] == "#":
            continue
        for text, at in _in_line(line, words):
            known = found.get(text)
            if known is not None and known.relation == "blocks":
                continue
            relation = "blocks" if words.hard.within(fold_phrase(_sentence(line, at))) else "informs"
            if known is None or relation == "blocks":
                found[text] = DependencyText(text, number, relation, "prose")
        if len(found) >= MAX_MENTIONS:
            break
    return tuple(found.values())


def _in_line(line: str, words: Words) -> Iterator[tuple[str, int]]:
    """(name, place in the line) of every feature that the line names by number."""
    for match in _NUMBER.finditer(line):
        start, end = match.span()
        if story := _STORY.match(line, end):
            yield line[start : story.end()], start
            continue
        before = _LAST_WORD.search(line, max(start - 16, 0), start)
        if before is None:
            continue
        noun = before.group(1).casefold()
        if noun not in words.mentions:
            continue
        for value in (match.group(), *_following(line, match)):
            yield f"{noun.removesuffix('s')} {value}", start


def _following(line: str, match: re.Match[str]) -> Iterator[str]:
    """The other numbers of "007-010" and of "023, 024 and 025"."""
    first, at = match.group(), match.end()
    if until := _RANGE_END.match(line, at):
        last = int(until.group(1))
        if 0 < last - int(first) <= MAX_RANGE:
            yield from (str(value).zfill(len(first)) for value in range(int(first) + 1, last + 1))
        at = until.end()
    for _ in range(MAX_RANGE):
        more = _LIST_MORE.match(line, at)
        if more is None:
            return
        yield more.group(1)
        at = more.end()


def _sentence(line: str, at: int) -> str:
    """The sentence of a line around a place in it."""
    start = 0
    for end in _SENTENCE_END.finditer(line):
        if end.end() > at:
            return line[start : end.start() + 1]
        start = end.end()
    return line[start:]

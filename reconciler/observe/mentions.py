"""Sentences that name another feature by its number: "builds on milestone 023", "017/US1"."""

import re
from collections.abc import Callable, Iterator
from dataclasses import dataclass

from reconciler.model import DependencyText
from reconciler.observe.page import Page
from reconciler.policy import Words, fold_phrase

MAX_MENTIONS = 200
MAX_RANGE = 30
MAX_BLOCK = 40  # lines

NEAR, FAR = 30, 90  # characters before and after a number that may speak about it

_NUMBER = re.compile(r"(?<![\w.#$])\d{2,4}(?![\d.]*[\w%])")
_LAST_WORD = re.compile(r"([^\W\d_]+)[ \t\n-]{1,3}#?\Z")
_RANGE_END = re.compile(r"[ \t]?[-–][ \t]?(\d{2,4})(?![\w%])")
_LIST_MORE = re.compile(r"(?:,| and| or| &|/|\+|, and)[ \t\n]{0,2}(\d{2,4})(?![\w%])")
_STORY = re.compile(r"/US\d{1,2}\b")
_OWNER = re.compile(r"['’]s\b")
_SENTENCE_END = re.compile(r"[.!?;][*_)`\"]*[ \t\n]+(?=[A-Z(`*\[\"])")
_NEW_BLOCK = re.compile(r"[ \t]*(?:[-*+]|\d{1,3}[.)])[ \t]|[ \t]*\||\*\*[^*]{1,60}(?:\*\*[:：]|[:：]\*\*)")
_MARKS = str.maketrans("", "", "*`_")


@dataclass(frozen=True, slots=True)
class _Block:
    """A paragraph, list item or table row; its text may span lines."""

    line: int
    text: str
    is_first: bool  # the first one below its heading


def read_mentions(page: Page, words: Words, *, context_of: Callable[[int], str]) -> tuple[DependencyText, ...]:
    """Each number once; ``text`` is "milestone 023", "017/US1" or "017".

    The relation is "blocks" when a sentence that names it says that it comes first, or opens the
    background with it; else "informs".
    """
    found: dict[str, DependencyText] = {}
    for block in _blocks(page):
        for text, at in _in_text(block.text, words):
            known = found.get(text)
            if known is not None and known.relation == "blocks":
                continue
            line = block.line + block.text.count("\n", 0, at)
            relation, reverse = _relation(block, at, words, context_of)
            if known is None or relation == "blocks":
                found[text] = DependencyText(text, line, relation, "prose", reverse)
        if len(found) >= MAX_MENTIONS:
            break
    return tuple(found.values())


def _blocks(page: Page) -> Iterator[_Block]:
    """Blocks with a number in them, headings left out."""
    lines: list[str] = []
    start, first = page.first, True
    for number, line in enumerate((*page.lines, ""), page.first):
        is_heading = line[:1] == "#"
        if lines and (not line or is_heading or len(lines) >= MAX_BLOCK or _NEW_BLOCK.match(line)):
            if _NUMBER.search(text := "\n".join(lines)):
                yield _Block(start, text, first)
            lines, first = [], False
        if is_heading:
            first = True
        elif line:
            if not lines:
                start = number
            lines.append(line)


def _in_text(text: str, words: Words) -> Iterator[tuple[str, int]]:
    """(name, place) of every feature that the text names by number."""
    for match in _NUMBER.finditer(text):
        start, end = match.span()
        if story := _STORY.match(text, end):
            yield text[start : story.end()], start
        elif len(match.group()) == 3 and match.group()[0] == "0" and _OWNER.match(text, end):
            yield match.group(), start
        elif before := _LAST_WORD.search(text, max(start - 16, 0), start):
            noun = before.group(1).casefold()
            if noun in words.mentions:
                for value in (match.group(), *_following(text, match)):
                    yield f"{noun.removesuffix('s')} {value}", start


def _following(text: str, match: re.Match[str]) -> Iterator[str]:
    """The other numbers of "007-010" and of "023, 024 and 025"."""
    first, at = match.group(), match.end()
    if until := _RANGE_END.match(text, at):
        last = int(until.group(1))
        if 0 < last - int(first) <= MAX_RANGE:
            yield from (str(value).zfill(len(first)) for value in range(int(first) + 1, last + 1))
        at = until.end()
    for _ in range(MAX_RANGE):
        more = _LIST_MORE.match(text, at)
        if more is None:
            return
        yield more.group(1)
        at = more.end()


def _relation(block: _Block, at: int, words: Words, context_of: Callable[[int], str]) -> tuple[str, bool]:
    """("blocks" or "informs", is it the other one that waits)."""
    start, sentence = _sentence(block.text, at)
    before = fold_phrase(sentence[: at - start].translate(_MARKS))
    after = fold_phrase(sentence[at - start :].translate(_MARKS))
    around = words.around
    if around["never"].within(before[-NEAR:]):
        return "informs", False
    if around["reverse"].within(before[-NEAR:]):
        return "blocks", True
    if around["before"].within(before[-FAR:]) or around["after"].within(after[:FAR]):
        return "blocks", False
    if around["when"].within(before[-NEAR:]) and around["then"].within(after[:FAR]):
        return "blocks", False
    opens = block.is_first and start == 0 and at < 60 and block.text[0].isalpha()
    return ("blocks" if opens and context_of(block.line) == "overview" else "informs"), False


def _sentence(text: str, at: int) -> tuple[int, str]:
    """Where the sentence around a place begins, and the sentence."""
    start = 0
    for end in _SENTENCE_END.finditer(text):
        if end.end() > at:
            return start, text[start : end.start() + 1]
        start = end.end()
    return start, text[start:]

"""Sentences that name another feature by its number: "builds on milestone 023", "017/US1"."""

import re
from collections.abc import Callable, Iterator

from reconciler.frozen import frozen
from reconciler.model import DependencyText
from reconciler.observe.page import Page
from reconciler.policy import Words, fold_phrase

MAX_MENTIONS = 200
MAX_RANGE = 30
MAX_BLOCK = 40  # lines

NEAR, FAR = 30, 90  # characters before and after a number that may speak about it

_NUMBER = re.compile(r"\d(?<![\w.#$]\d)\d{1,3}(?![\d.]*[\w%])")  # begins with a digit so that searching is quick
_LAST_WORD = re.compile(r"([^\W\d_]+)[ \t\n-]{1,3}#?\Z")
_BEFORE_NUMBER = frozenset(" \n-\t#")
_RANGE_END = re.compile(r"[ \t]?[-–][ \t]?(\d{2,4})(?![\w%])")
_LIST_MORE = re.compile(r"(?:,| and| or| &|/|\+|, and)[ \t\n]{0,2}(\d{2,4})(?![\w%]|/US)")
_STORY = re.compile(r"/US\d{1,2}\b")
_SENTENCE_END = re.compile(r"[.!?;][*_)`\"]*[ \t\n]+(?=[A-Z(`*\[\"])")
_NEW_BLOCK = re.compile(r"[ \t]*(?:[-*+]|\d{1,3}[.)])[ \t]|[ \t]*\||\*\*[^*]{1,60}(?:\*\*[:：]|[:：]\*\*)")
_CLAUSE_END = re.compile(r"[;:—–]\s|\s-\s")
_MARKS = str.maketrans("", "", "*`_")


@frozen
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
    text = page.text
    found: dict[str, DependencyText] = {}
    row = last = 0
    for names, at in _names(text, words):
        row, last = row + text.count("\n", last, at), at
        if all(name in found and found[name].relation == "blocks" for name in names):
            continue
        block, start = _block_around(page, row)
        inside = at - (text.rfind("\n", 0, at) + 1) + start
        relation, reverse = _relation(block, inside, words, context_of)
        for name in names:
            if name not in found or (relation == "blocks" and found[name].relation != "blocks"):
                found[name] = DependencyText(name, page.first + row, relation, "prose", reverse)
        if len(found) >= MAX_MENTIONS:
            break
    return tuple(found.values())


def _names(text: str, words: Words) -> Iterator[tuple[list[str], int]]:
    """(names, place) wherever the text names features by number."""
    for match in _NUMBER.finditer(text):
        start, end = match.span()
        before = text[max(start - 2, 0) : start]
        if text.startswith("/US", end) and (story := _STORY.match(text, end)):
            yield [text[start : story.end()]], start
        elif end - start == 3 and text[start] == "0" and text[end : end + 2] in ("'s", "’s"):
            yield [match.group()], start
        elif (
            before[-1:] in _BEFORE_NUMBER
            and not before[0].isdecimal()  # in the middle of a date
            and (word := _LAST_WORD.search(text, max(start - 16, 0), start))
        ):
            noun = word.group(1).casefold()
            if noun in words.mentions:
                singular = noun.removesuffix("s")
                yield [f"{singular} {number}" for number in (match.group(), *_following(text, match))], start


def _block_around(page: Page, row: int) -> tuple[_Block, int]:
    """The block with the line of index ``row``, and where in its text that line begins."""
    lines = page.lines
    low = row
    while low > 0 and row - low < MAX_BLOCK and not _NEW_BLOCK.match(lines[low]) and _continues(lines[low - 1]):
        low -= 1
    high = row + 1
    while (
        high < len(lines) and high - row < MAX_BLOCK and _continues(lines[high]) and not _NEW_BLOCK.match(lines[high])
    ):
        high += 1
    above = next((lines[i] for i in range(low - 1, max(low - 4, -1), -1) if lines[i]), "#")
    block = _Block(page.first + low, "\n".join(lines[low:high]), above[:1] == "#")
    return block, sum(len(line) + 1 for line in lines[low:row])


def _continues(line: str) -> bool:
    return bool(line) and line[0] != "#"


def _following(text: str, match: re.Match[str]) -> Iterator[str]:
    """The other numbers of "007-010" and of "023, 024 and 025"."""
    first, at = match.group(), match.end()
    if until := _RANGE_END.match(text, at):
        last = int(until.group(1))
        if 0 < last - int(first) <= MAX_RANGE:
            yield from (str(number).zfill(len(first)) for number in range(int(first) + 1, last + 1))
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
    before = fold_phrase(_CLAUSE_END.split(sentence[: at - start].translate(_MARKS))[-1])
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

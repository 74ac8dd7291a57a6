"""Sentences that name another feature by its number: "builds on milestone 023", "017/US1"."""

import re
from collections.abc import Iterator

from reconciler.model import DependencyText
from reconciler.observe.page import Page
from reconciler.policy import Words

MAX_MENTIONS = 200

_NUMBERS = re.compile(
    r"[ \t-]{1,3}#?(\d{2,4})(?:\s?[-–]\s?(\d{2,4}))?((?:(?:,| and| or| &|/|\+)[ \t]{0,2}\d{2,4}\b){0,8})(?![\w.%])"
)
_STORY = re.compile(r"(?<![\w/#-])(\d{3,4})/US\d{1,2}\b")
_MORE = re.compile(r"\d{2,4}")
_SENTENCE = re.compile(r"(?<=[.!?;])\s+(?=[A-Z(`*\[])")
MAX_RANGE = 30


def read_mentions(page: Page, words: Words) -> tuple[DependencyText, ...]:
    """Each number once, hard when a sentence that names it says so. ``text`` is "milestone 023" or "017/US1"."""
    found: dict[str, DependencyText] = {}
    for number, line in page.numbered(page.first, page.end):
        if not any(char.isdigit() for char in line):
            continue
        for text, relation in _in_line(line, words):
            known = found.get(text)
            if known is None or (known.relation == "informs" and relation == "blocks"):
                found[text] = DependencyText(text, number, relation, "prose")
        if len(found) >= MAX_MENTIONS:
            break
    return tuple(found.values())


def _in_line(line: str, words: Words) -> Iterator[tuple[str, str]]:
    if words.mentions is None:
        return
    if not words.mentions.search(line) and "/US" not in line:
        return
    for sentence in _SENTENCE.split(line):
        hard = words.hard is not None and words.hard.search(sentence) is not None
        relation = "blocks" if hard else "informs"
        for match in _STORY.finditer(sentence):
            yield match.group(), relation
        for noun in words.mentions.finditer(sentence):
            if numbers := _NUMBERS.match(sentence, noun.end()):
                singular = noun.group().casefold().removesuffix("s")
                for value in _spread(numbers):
                    yield f"{singular} {value}", relation


def _spread(match: re.Match[str]) -> Iterator[str]:
    first, last, more = match.groups()
    yield first
    if last and 0 < int(last) - int(first) <= MAX_RANGE:
        for value in range(int(first) + 1, int(last) + 1):
            yield str(value).zfill(len(first))
    yield from _MORE.findall(more or "")

"""Compares titles by the stems of their words, so that "produce buildings" finds "Building production"."""

import re
import unicodedata

_WORD = re.compile(r"[^\W_]+")
_ENDINGS = ("tions", "tion", "ions", "ion", "ings", "ing", "ments", "ment", "es", "s", "ed", "e")
_STOP = frozenset((
    "a", "an", "the", "of", "on", "in", "for", "to", "and", "or", "with", "at", "by", "from", "is", "are", "be",
    "as", "it", "its", "we", "i", "phase", "phases", "system", "systems", "feature", "features", "implement",
    "implementation", "plan", "add", "support", "new",
))  # fmt: skip


def words(text: str) -> tuple[str, ...]:
    """The words of a text, folded."""
    return tuple(_WORD.findall(unicodedata.normalize("NFKC", text).casefold()))


def stems(text: str) -> frozenset[str]:
    """What a title is about: its words without endings, and without those that every title has."""
    plain = re.sub(r"n['’]t\b", " not", text)
    return frozenset(_stem(word) for word in words(plain) if word not in _STOP)


def _stem(word: str) -> str:
    if not word.isascii():
        return word
    for ending in _ENDINGS:
        if word.endswith(ending) and len(word) - len(ending) >= 3:
            return word[: -len(ending)]
    return word

"""What status words claim, by words.toml."""

import re

from reconciler.observe.layouts import folded
from reconciler.policy import Words, fold_phrase

MAX_STATUS = 200

_MARKS = "*_`\"' \t|"
_AROUND_NOTHING = _MARKS + ".,;:()"
_AFTER_NOTHING = frozenset("(（,.;:—–、。")
_LEADING = re.compile(r"^(?:\[[xX ✓]\]|[^\w\[<{(]|_)+")
_ALTERNATIVES = re.compile(r"\S\s*\|\s*\S|\s/\s.*\s/\s")


def tidy_status(raw: str) -> str:
    """The words of a status as people wrote them, without marks around them."""
    return " ".join(raw.split())[:MAX_STATUS].strip(_MARKS)


def claim_of(status: str, words: Words, *, stage: str) -> str:
    """What the status of a document of ``stage`` claims; "" when it says nothing.

    One of done, in-progress, ready, draft, parked, verdict-pass, verdict-fail, research-done, research-open.
    """
    return words.once(stage, status, lambda text: _claim(text, words, stage)) if status else ""


def _claim(status: str, words: Words, stage: str) -> str:
    if is_placeholder(status, words):
        return ""
    text = _LEADING.sub("", status)[:MAX_STATUS]
    claim = _first_claim(text, words, stage)
    table = words.translate.get(stage)
    if not claim or table is None:
        return claim
    return table.get(claim, table.get("*", claim))


def is_placeholder(status: str, words: Words) -> bool:
    """Template text, several alternatives, or only the name of a document kind."""
    text = status[:MAX_STATUS].strip()
    if folded(text.strip(_MARKS)) in words.kinds:
        return True
    if any(pattern.fullmatch(text) for pattern in words.placeholders):
        return True
    return _ALTERNATIVES.search(text) is not None or _is_slashed_choice(text)


def _is_slashed_choice(text: str) -> bool:
    """ "PASS / NEEDS ATTENTION": capitals on both sides of a slash."""
    left, slash, right = text.partition("/")
    return bool(slash) and left.strip().isupper() and right.strip().isupper() and len(right.strip()) > 2


def _first_claim(text: str, words: Words, stage: str) -> str:
    text = fold_phrase(text)
    for word in words.claims:
        if word.stages and stage not in word.stages:
            continue
        if word.start.begin(text) or word.within.within(text):
            return word.claim
    return ""


def means_nothing(value: str, words: Words) -> bool:
    """Whether a dependency value says that there is none: "None (independent of other phases)", "-"."""
    text = fold_phrase(value.strip(_AROUND_NOTHING))
    if not text[:1].isalnum() and not any(char.isalnum() for char in text):
        return True
    return text.startswith(words.nothing.literals) and any(
        text.startswith(phrase) and (text[len(phrase) :].lstrip()[:1] or ".") in _AFTER_NOTHING
        for phrase in words.nothing.literals
    )

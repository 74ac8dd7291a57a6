"""The title of a document, without the words that only say which kind of document it is."""

import re

from reconciler.policy import Words

MAX_TITLE = 200

_BETWEEN = " \t:：-–—"
_MARKUP = re.compile(r"\[([^\[\]]{1,200})\]\([^()]{1,500}\)|[`*]")
_PLACEHOLDER = re.compile(r"\[[A-Z][A-Z _-]{2,}\]|<[a-z][\w .-]{0,40}>|\{\{[^{}]{1,60}\}\}|\{[a-z][\w -]{0,40}\}")


def tidy_title(raw: str, words: Words) -> str:
    """ "Plan: Turn System — Implementation Plan" -> "Turn System"; "" for template text."""
    text = " ".join(_MARKUP.sub(lambda match: match.group(1) or "", raw[: MAX_TITLE * 2]).split())
    if _PLACEHOLDER.search(text) or _is_role(text, words):
        return ""
    return _without_suffix(_without_prefix(text, words), words)[:MAX_TITLE]


def _is_role(text: str, words: Words) -> bool:
    """A title that only says what kind of document it is: "Requirements Document"."""
    folded = text.casefold()
    return folded in words.title_prefixes or folded in words.title_suffixes


def _without_prefix(text: str, words: Words) -> str:
    folded = text.casefold()
    for prefix in words.title_prefixes if folded.startswith(words.title_prefixes) else ():
        if folded.startswith(prefix):
            rest = text[len(prefix) :]
            bare = rest.lstrip(_BETWEEN)
            if bare and rest.lstrip(" \t")[:1] in (":", "：", "-", "–", "—"):
                return bare
    return text


def _without_suffix(text: str, words: Words) -> str:
    folded = text.casefold()
    for suffix in words.title_suffixes if folded.endswith(words.title_suffixes) else ():
        if folded.endswith(suffix) and len(text) > len(suffix):
            rest = text[: -len(suffix)]
            bare = rest.rstrip(_BETWEEN)
            if bare and rest != bare:
                return bare
    return text

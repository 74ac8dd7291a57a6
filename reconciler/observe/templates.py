"""Turns path templates and globs of the rules into regular expressions that take linear or nearly linear time.

Rules may come with a repository, so they never contain regular expressions themselves.
A template knows ``{date} {slug} {number} {phase} {name} {any}``, ``*`` (inside one folder or file name),
``**`` (any folders), and ``[...]`` for a part that may be missing.
"""

import re
from collections.abc import Iterable

MAX_OPEN = 3  # open-ended parts of one template; bounds the work on a hostile path
MAX_TEMPLATE = 200

_TOKEN = re.compile(r"\{([a-z]*)\}|\*\*/|\*\*|\*|\[|\]|[^{}*\[\]]+|[{}]")
_PARTS = {
    "date": r"(?P<date>\d{4}-\d{2}-\d{2}|\d{8})",
    "slug": r"(?P<slug>[^/]+)",
    "number": r"(?P<number>\d{1,14}(?:\.\d{1,4})?)",
    "phase": r"(?P<phase>[0-9A-Za-z.]+)",
    "name": r"[^/]+",
    "any": r".+",
}
_GLOBS = {"**/": r"(?:[^/]+/)*", "**": r".*", "*": r"[^/]*"}
_OPEN = frozenset({"slug", "name", "any", "phase"})


class TemplateError(ValueError):
    """A template that cannot be used; the message says why."""


def compile_template(template: str) -> re.Pattern[str]:
    """The expression for ``fullmatch`` on a path; raises :class:`TemplateError`."""
    return re.compile(_translate(template), re.IGNORECASE | re.DOTALL)


def compile_globs(globs: Iterable[str]) -> re.Pattern[str] | None:
    """One expression for ``fullmatch`` that holds when any of the globs does; None for no globs."""
    parts = [_translate(glob, groups=False) for glob in globs]
    return re.compile("|".join(f"(?:{part})" for part in parts), re.IGNORECASE | re.DOTALL) if parts else None


def _translate(template: str, *, groups: bool = True) -> str:
    if not template or len(template) > MAX_TEMPLATE or not template.isprintable():
        raise TemplateError(f"a template has 1 to {MAX_TEMPLATE} printable characters")
    parts: list[str] = []
    used: set[str] = set()
    opened = depth = 0
    for token in _TOKEN.finditer(template):
        text, name = token.group(), token.group(1)
        if name is not None:
            parts.append(_placeholder(name, used, groups=groups))
            opened += name in _OPEN
        elif text in _GLOBS:
            parts.append(_GLOBS[text])
            opened += 1
        elif text in "[]":
            depth += 1 if text == "[" else -1
            if depth not in (0, 1):
                raise TemplateError("square brackets do not pair, or nest")
            parts.append("(?:" if text == "[" else ")?")
        elif text in "{}":
            raise TemplateError("a curly bracket stands alone")
        else:
            parts.append(re.escape(text))
    if depth:
        raise TemplateError("square brackets do not pair, or nest")
    if opened > MAX_OPEN:
        raise TemplateError(f"more than {MAX_OPEN} open-ended parts")
    return "".join(parts)


def _placeholder(name: str, used: set[str], *, groups: bool) -> str:
    if name not in _PARTS:
        raise TemplateError(f"unknown placeholder {{{name}}}, expected one of {', '.join(sorted(_PARTS))}")
    if name in used and name not in ("name", "any"):
        raise TemplateError(f"{{{name}}} stands twice")
    used.add(name)
    part = _PARTS[name]
    return part if groups else re.sub(r"\(\?P<[a-z]+>", "(?:", part)


_PHRASE_GAP = r".{0,60}?"


def compile_phrases(phrases: Iterable[str]) -> re.Pattern[str] | None:
    """One expression for whole words; ``*`` in a phrase stands for a few words,
    ``#`` for numbers ("1-2", "1 & 2"); None for no phrases.

    >>> compile_phrases(["ready for *review"]).search("ready for user review").group()
    'ready for user review'
    """
    parts = [_phrase(phrase) for phrase in phrases]
    return re.compile(rf"(?:{'|'.join(parts)})", re.IGNORECASE) if parts else None


def _phrase(phrase: str) -> str:
    if not phrase.strip() or len(phrase) > MAX_TEMPLATE or not phrase.isprintable() or phrase.count("*") > 2:
        raise TemplateError(f"a phrase has 1 to {MAX_TEMPLATE} printable characters and at most two *")
    words = [r"[ _-]+".join(map(_word, piece.split())) for piece in phrase.split("*")]
    gaps = [f" ?{_PHRASE_GAP}" if i else "" for i in range(len(words))]
    body = "".join(f"{gap}{word}" for gap, word in zip(gaps, words, strict=True))
    before = r"(?<!\w)" if phrase[:1].isascii() and phrase[:1].isalnum() else ""
    after = r"(?!\w)" if phrase[-1:].isascii() and phrase[-1:].isalnum() else ""
    return f"{before}{body}{after}"


_NUMBERS = r"[0-9A-Za-z.]{1,5}(?:[ ,&–+-]{1,3}(?:and )?[0-9A-Za-z.]{1,5}){0,6}?"


def _word(word: str) -> str:
    return _NUMBERS if word == "#" else re.escape(word)

"""Turns path templates and globs of the rules into regular expressions that take linear or nearly linear time.

Rules may come with a repository, so they never contain regular expressions themselves.
A template knows ``{date} {slug} {number} {phase} {name} {any}``, ``*`` (inside one folder or file name),
``**`` (any folders), and ``[...]`` for a part that may be missing.
"""

import re
from collections.abc import Iterable

from reconciler.policy import Phrases, Wild, fold_phrase

MAX_OPEN = 3  # open-ended parts of one template; bounds the work on a hostile path
MAX_TEMPLATE = 200

_TOKEN = re.compile(r"\{([a-z]*)\}|\*\*/|\*\*|\*|\[|\]|[^{}*\[\]]+|[{}]")
_PARTS = {
    "date": r"(?P<date>\d{4}-\d{2}-\d{2}|\d{8})",
    "slug": r"(?P<slug>[^/]+)",
    "number": r"(?P<number>\d{1,14}(?:\.\d{1,4}){0,3})",
    "phase": r"(?P<phase>[0-9A-Za-z.]+)",
    "name": r"[^/]+",
    "any": r".+",
}
_GLOBS = {"**/": r"(?:[^/]+/)*", "**": r".*", "*": r"[^/]*"}
_OPEN = frozenset({"slug", "name", "any", "phase"})


class Lazy:
    """A regular expression that is compiled when it is first needed."""

    __slots__ = ("_compiled", "source")

    def __init__(self, source: str) -> None:
        self.source = source
        self._compiled: re.Pattern[str] | None = None

    @property
    def groups(self) -> frozenset[str]:
        """The names of its parts."""
        return frozenset(_GROUP.findall(self.source))

    def compiled(self) -> re.Pattern[str]:
        if self._compiled is None:
            self._compiled = re.compile(self.source, re.IGNORECASE | re.DOTALL)
        return self._compiled

    def fullmatch(self, string: str, /) -> re.Match[str] | None:
        return self.compiled().fullmatch(string)

    def match(self, string: str, /) -> re.Match[str] | None:
        return self.compiled().match(string)

    def search(self, string: str, /) -> re.Match[str] | None:
        return self.compiled().search(string)

    def __repr__(self) -> str:
        return f"Lazy({self.source!r})"


_GROUP = re.compile(r"\(\?P<([a-z]+)>")


class TemplateError(ValueError):
    """A template that cannot be used; the message says why."""


def compile_template(template: str) -> Lazy:
    """The expression for whole paths or names; raises :class:`TemplateError`."""
    return Lazy(rf"\A(?:{_translate(template)})\Z")


def compile_globs(globs: Iterable[str]) -> Lazy | None:
    """One expression that holds for a whole text when any of the globs does; None for no globs."""
    parts = [_translate(glob, groups=False) for glob in globs]
    return Lazy(rf"\A(?:{'|'.join(parts)})\Z") if parts else None


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


_GAP = r" ?.{0,60}?"
_NUMBERS = r"[0-9a-z.]{1,5}(?:[ ,&–+]{1,3}(?:and )?[0-9a-z.]{1,5}){0,6}?"


def compile_phrases(phrases: Iterable[str]) -> Phrases:
    """Whole words to look for in folded text; ``*`` stands for a few words, ``#`` for numbers ("1-2", "1 & 2")."""
    literals: list[str] = []
    wild: list[Wild] = []
    for phrase in phrases:
        _check_phrase(phrase)
        if "*" in phrase or "#" in phrase:
            wild.append(_wild(fold_phrase(phrase)))
        else:
            literals.append(fold_phrase(phrase))
    return Phrases(tuple(literals), tuple(wild))


def _check_phrase(phrase: str) -> None:
    if not fold_phrase(phrase) or len(phrase) > MAX_TEMPLATE or not phrase.isprintable() or phrase.count("*") > 2:
        raise TemplateError(f"a phrase has 1 to {MAX_TEMPLATE} printable characters and at most two *")


def _wild(phrase: str) -> Wild:
    pieces = [" ".join(_NUMBERS if w == "#" else re.escape(w) for w in p.split()) for p in phrase.split("*")]
    body = pieces[0] + "".join(_GAP + piece for piece in pieces[1:])
    before = r"(?<![0-9a-z])" if phrase[0].isascii() and phrase[0].isalnum() else ""
    after = r"(?![0-9a-z])" if phrase[-1].isascii() and phrase[-1].isalnum() else ""
    return Wild(tuple(filter(None, map(str.strip, re.split("[*#]", phrase)))), Lazy(f"{before}{body}{after}"))

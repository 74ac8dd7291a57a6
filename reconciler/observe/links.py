"""Links to other documents, as written, with the part of the document in which they stand."""

import re
from collections.abc import Callable, Iterable, Iterator

from reconciler.model import Field, Link
from reconciler.observe.page import Page

MAX_LINKS = 500
MAX_TARGET = 500

_MARKDOWN = re.compile(r"\]\(<?([^()<>\s]{1,500})")
_WIKI = re.compile(r"\[\[([^\[\]|#\n]{1,200})")
_BETWEEN = re.compile(r"[\s`\"'<>()\[\]|,;*{}]+")
_DATED = re.compile(r"@?\d{4}-?\d{2}-?\d{2}[-_]")


def read_links(
    page: Page, fields: Iterable[Field], *, context_of: Callable[[int], str], relations: frozenset[str]
) -> tuple[Link, ...]:
    """All links in order, each once per context.

    ``context_of`` tells the context of a line; values of the fields named in ``relations`` count even
    when they are no path.
    """
    found: dict[tuple[str, str], Link] = {}
    header_lines: set[int] = set()
    for field in fields:
        header_lines.add(field.line)
        context = f"header:{field.name}"
        targets = targets_in(field.value)
        if not targets and field.name in relations and (value := field.value.strip(" `'\"*_<>")):
            targets = (value[:MAX_TARGET],)
        for target in targets:
            found.setdefault((target, context), Link(target, field.line, context))
    for number, line in page.holding(".md", "[["):
        if number not in header_lines and (targets := targets_in(line)):
            context = context_of(number)
            for target in targets:
                found.setdefault((target, context), Link(target, number, context))
        if len(found) >= MAX_LINKS:
            break
    return tuple(found.values())


def targets_in(text: str) -> tuple[str, ...]:
    """Paths of Markdown files and wiki links in one line or value, each once."""
    if ".md" not in text and "[[" not in text:
        return ()
    return tuple(dict.fromkeys(_candidates(text)))


def _candidates(text: str) -> Iterator[str]:
    if "](" in text:
        for match in _MARKDOWN.finditer(text):
            if _ends_in_md(match.group(1)) and "://" not in match.group(1):
                yield match.group(1)
        text = _MARKDOWN.sub(" ", text)
    if "[[" in text:
        for match in _WIKI.finditer(text):
            yield f"[[{match.group(1).strip()}]]"
    if ".md" in text:
        for token in _BETWEEN.split(text):
            if ".md" in token and _ends_in_md(token) and (path := _path_of(token)):
                yield path


def _ends_in_md(token: str) -> bool:
    if ".md" not in token or len(token) > MAX_TARGET:
        return False
    after = token[token.rfind(".md") + 3 :]
    return not after or not (after[0].isalnum() or after[0] in "_/-\\")


def _path_of(token: str) -> str:
    path = token[: token.rfind(".md") + 3].lstrip("(.:" if not token.startswith(".") else "")
    if "://" in path:
        return ""
    if "/" in path or "\\" in path or path.startswith("@") or _DATED.match(path):
        return path
    return ""

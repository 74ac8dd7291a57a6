"""Source files that a document names, and those that it wants created."""

import re

from reconciler.observe.page import Page
from reconciler.policy import Words, fold_phrase

MAX_FILES = 1000

_QUOTED = re.compile(r"`([\w./\\@~+\-\[\]()]{3,300})(?::[\d,\-–: ]{1,40})?`")
_BARE = re.compile(r"(?<![\w./\\@~+\-`])((?:[\w.@~+\-]{1,100}[/\\]){1,20}[\w.@+\-]{1,100})(?![\w/\\`])")
_NAME = re.compile(r"\.?[\w@+\-\[\]()][\w.@+\-\[\]()]*\.([A-Za-z]\w{0,9})")
_DOCUMENT = re.compile(
    r"(?:^|/)(?:\.swarm|thoughts|specs|openspec|\.kiro|\.planning|\.agents|backlog|plans)/|(?:^|/)\d{4}-\d{2}-\d{2}-"
)


def read_files(page: Page, words: Words) -> tuple[tuple[str, ...], tuple[str, ...]]:
    """(all files named, those marked as new), each once, in the order of the text."""
    files: dict[str, None] = {}
    creates: dict[str, None] = {}
    new_until = 0
    headings = {h.line: h for h in page.headings}
    for number, line in page.numbered(page.first, page.end):
        if (heading := headings.get(number)) and _is_new(heading.title, words):
            new_until = max(new_until, heading.end)
        if "/" not in line and "`" not in line and "\\" not in line:
            continue
        found = list(_in_line(line, words))
        if not found:
            continue
        files.update(dict.fromkeys(found))
        if number < new_until or _is_new(line, words):
            creates.update(dict.fromkeys(found))
        if len(files) >= MAX_FILES:
            break
    return tuple(files), tuple(creates)


def _is_new(text: str, words: Words) -> bool:
    return words.create.within(fold_phrase(text))


def _in_line(line: str, words: Words) -> list[str]:
    found = [m.group(1) for m in _QUOTED.finditer(line)] if "`" in line else []
    if "/" in line or "\\" in line:
        found += [m.group(1) for m in _BARE.finditer(line)]
    return [path for raw in found if (path := _path(raw, words))]


def _path(raw: str, words: Words) -> str:
    """The path with forward slashes, or "" when it is no source file."""
    path = raw.replace("\\", "/").removeprefix("@").removeprefix("./").rstrip(".,")
    folder, slash, name = path.rpartition("/")
    match = _NAME.fullmatch(name)
    if match is None or "//" in path or folder.startswith("-"):
        return ""
    ending = match.group(1).casefold()
    if ending == "md" and (not slash or _DOCUMENT.search(path)):
        return ""
    return path if ending in words.extensions else ""

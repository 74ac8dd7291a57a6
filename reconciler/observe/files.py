"""Source files that a document names, and those that it wants created."""

import re
from collections.abc import Iterator

from reconciler.observe.page import Page
from reconciler.policy import Phrases, Words, fold_phrase

MAX_FILES = 1000

_QUOTED = re.compile(r"`([\w./\\@~+\-\[\]()]{3,300})(?::[\d,\-–: ]{1,40})?`")
_BARE = re.compile(r"(?<![\w./\\@~+\-`])((?:[\w.@~+\-]{1,100}[/\\]){1,20}[\w.@+\-]{1,100})(?![\w/\\`])")
_NAME = re.compile(r"\.?[\w@+\-\[\]()][\w.@+\-\[\]()]*\.([A-Za-z]\w{0,9})")
_DOCUMENT = re.compile(
    r"(?:^|/)(?:\.swarm|thoughts|specs|openspec|\.kiro|\.planning|\.agents|backlog|plans)/"
    r"|(?:^|/)\d{4}-\d{2}-\d{2}-"
)
_LEAD = re.compile(r"[ \t]*(?:[-*+]|\d{1,3}[.)])?[ \t]*(?:\[[ xX]\])?[ \t]*[#*_`| \t]*(?:\d{1,2}[.):]\d{0,2})?[ \t*]*")
_PLACE = re.compile(r"\b(?:in|to|into|from|using|with|for|like|following|via|based|per|inside|within|of)\b")
_LABEL = re.compile(r"[ \t]*[-*#]*[ \t]*\**[^`|]{0,60}[:：]\**[ \t]*$")


def read_files(page: Page, words: Words) -> tuple[tuple[str, ...], tuple[str, ...]]:
    """(all files named, those marked as new), each once, in the order of the text."""
    files: dict[str, None] = {}
    creates: dict[str, None] = {}
    headings = {h.line: h for h in page.headings}
    new_until, in_new_list = 0, False
    for number, line in page.numbered(page.first, page.end):
        if heading := headings.get(number):
            in_new_list = False
            if _only_new(heading.title, words):
                new_until = max(new_until, heading.end)
        elif line[0] not in " \t-*+|" or _LABEL.match(line):
            in_new_list = bool(_LABEL.match(line)) and _only_new(line, words)
        found = list(_in_line(line, words))
        files.update((path, None) for path, _ in found)
        if number < new_until or in_new_list:
            creates.update((path, None) for path, _ in found if not _says(line, words.modify))
        elif found:
            creates.update((path, None) for path in _created_in(line, found, words))
        if len(files) >= MAX_FILES:
            break
    return tuple(files), tuple(creates)


def _only_new(title: str, words: Words) -> bool:
    """ "Files to Create", but not "Files to Create/Modify"."""
    return _says(title, words.create) and not _says(title, words.modify)


def _says(text: str, phrases: Phrases) -> bool:
    return phrases.within(fold_phrase(text))


def _created_in(line: str, found: list[tuple[str, int]], words: Words) -> Iterator[str]:
    """Files of a line that begins with "Create", or that are followed by "(new)"; a table row with "Create"."""
    if not _says(line, words.create):
        return
    if line.lstrip()[:1] == "|":
        cells = [cell.strip(" *`_").casefold() for cell in line.strip().strip("|").split("|")]
        if any(cell.startswith(words.create.literals) for cell in cells[1:]) and not _says(line, words.modify):
            yield found[0][0]
        return
    lead = _LEAD.match(line)
    begin = lead.end() if lead else 0
    starts_so = fold_phrase(line[begin : begin + 40]).startswith(words.create.literals)
    for path, at in found:
        after = fold_phrase(line[at + len(path) : at + len(path) + 20].strip("`* :"))
        is_marked = after.startswith(("(new", "[new", "(create", "(新規"))
        if is_marked or (starts_so and not _PLACE.search(line[begin:at])):
            yield path


def _in_line(line: str, words: Words) -> Iterator[tuple[str, int]]:
    """(path, place in the line) of every source file."""
    if "`" in line:
        for match in _QUOTED.finditer(line):
            if path := _path(match.group(1), words):
                yield path, match.start()
    if "/" in line or "\\" in line:
        for match in _BARE.finditer(line):
            if path := _path(match.group(1), words):
                yield path, match.start()


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

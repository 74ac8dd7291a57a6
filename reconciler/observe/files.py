"""Source files that a document names, and those that it wants created."""

import re
from collections.abc import Iterator

from reconciler.observe.page import Page
from reconciler.policy import Phrases, Words, fold_phrase

MAX_FILES = 1000
MAX_PATH = 300

_PATH = re.compile(r"[\w./\\@~+\-\[\]()]+")
_LINE_NUMBER = re.compile(r"(?::|#L)[\d,\-–: L]*\Z")
_DOCUMENT = re.compile(
    r"(?:^|/)(?:\.swarm|thoughts|specs|openspec|\.kiro|\.planning|\.agents|backlog|plans)/"
    r"|(?:^|/)\d{4}-\d{2}-\d{2}-"
)
_LEAD = re.compile(r"[ \t]*(?:[-*+]|\d{1,3}[.)])?[ \t]*(?:\[[ xX]\])?[ \t]*[#*_`| \t]*(?:\d{1,2}[.):]\d{0,2})?[ \t*]*")
_PLACE = re.compile(r"\b(?:in|to|into|from|using|with|for|like|following|via|based|per|inside|within|of)\b")


def read_files(page: Page, words: Words) -> tuple[tuple[str, ...], tuple[str, ...]]:
    """(all files named, those marked as new), each once, in the order of the text."""
    files: dict[str, None] = {}
    creates: dict[str, None] = {}
    new_until, in_new_list = 0, False
    for number, line in page.numbered(page.first, page.end):
        if line[0] == "#":
            in_new_list = False
            if _only_new(line, words):
                new_until = _end_of_section(page, number)
        elif in_new_list and line[0] not in " \t-*+|":
            in_new_list = False
        if line[-1] in ":：* " and _is_label(line):
            in_new_list = _only_new(line, words)
        if "." not in line or ("`" not in line and "/" not in line and "\\" not in line):
            continue
        found = _in_line(line, words)
        if not found:
            continue
        files.update((path, None) for path, _ in found)
        if number < new_until or in_new_list:
            creates.update((path, None) for path, _ in found if not _says(line, words.modify))
        else:
            creates.update((path, None) for path in _created_in(line, found, words))
        if len(files) >= MAX_FILES:
            break
    return tuple(files), tuple(creates)


def _is_label(line: str) -> bool:
    """ "**Files to create:**" alone on its line."""
    bare = line.strip(" \t*-#")
    return 0 < len(bare) <= 80 and bare[-1] in ":：" and "`" not in bare


def _end_of_section(page: Page, line: int) -> int:
    return next((heading.end for heading in page.headings if heading.line == line), 0)


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


def _in_line(line: str, words: Words) -> list[tuple[str, int]]:
    """(path, place in the line) of every source file, in backticks or bare."""
    found = []
    at = 0
    for index, part in enumerate(line.split("`")):
        if "." in part:
            if index % 2:
                if " " not in part.strip() and (path := _path(part, words)):
                    found.append((path, at))
            elif "/" in part or "\\" in part:
                found += [(path, at) for path in _bare_paths(part, words)]
        at += len(part) + 1
    return found


def _bare_paths(text: str, words: Words) -> Iterator[str]:
    for token in text.split():
        if "." in token and ("/" in token or "\\" in token):
            token = token.strip("*_|()[]{}<>\"',;:.")
            if "](" in token:
                token = token.partition("](")[2]
            if path := _path(token, words):
                yield path


def _path(raw: str, words: Words) -> str:
    """The path with forward slashes and without line numbers, or "" when it is no source file."""
    stem, _, ending = raw.strip().rpartition(".")
    ending = _LINE_NUMBER.sub("", ending)
    if ending.casefold() not in words.extensions or len(raw) > MAX_PATH:
        return ""
    path = f"{stem}.{ending}"
    if _PATH.fullmatch(path) is None:
        return ""
    path = path.replace("\\", "/").removeprefix("@").removeprefix("./")
    if "//" in path or path.startswith("-") or not stem.rpartition("/")[2].strip(".~"):
        return ""
    if ending.casefold() == "md" and ("/" not in path or _DOCUMENT.search(path)):
        return ""
    return path

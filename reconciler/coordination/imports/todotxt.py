"""Reads the todo.txt format: ``(A) 2026-01-18 Title +project @context due:2026-02-01``, ``x`` in front when done."""

import re
from urllib.parse import unquote

from reconciler.coordination.imports.rows import TITLE_LIMIT, Edge, Notebook, Reading, Row, date_of, line_of

_LINE = re.compile(
    r"(?P<done>x )?(?:\((?P<priority>[A-Z])\) )?(?P<dates>(?:\d{4}-\d{2}-\d{2} ){0,2})(?P<text>\S.*)", re.DOTALL
)
_KEY = re.compile(r"(id|title|dep|informs|conflicts|parent|p|type|status|tag|pri|phases|due|t|rec):(\S+)")
_RELATIONS = {"dep": "blocks", "informs": "informs", "conflicts": "conflicts"}
_SIGNS = re.compile(r"^(?:x |\([A-Z]\) |.*(?:^|\s)(?:[+@]\w|(?:due|pri):\S))", re.MULTILINE)


def is_todotxt(data: str, path: str) -> bool:
    """Is this a todo.txt, by its name or by its marks?"""
    name = path.rpartition("/")[2].lower()
    return name in ("todo.txt", "done.txt") or name.endswith(".todo.txt") or _SIGNS.search(data) is not None


def read_todotxt(data: str, path: str) -> Reading:
    """Return one row for each line."""
    book = Notebook(path)
    for number, text in enumerate(data.removeprefix("\ufeff").splitlines(), start=1):
        match = _LINE.fullmatch(text.strip())
        if match is None or text.lstrip().startswith("#"):
            if text.strip():
                book.skip(number, text.strip(), "a comment, not an item")
            continue
        _read(number, match, book)
    return book.reading("todo.txt")


def _read(line: int, match: re.Match[str], book: Notebook) -> None:
    words, keys = _split(match["text"])
    tags = [w[1:] if w.startswith("+") else w for w in words if _is_tag(w)]
    tags += [f"{key}:{value}" for key, value in keys if key in ("due", "t", "rec")]
    tags += [unquote(value) for key, value in keys if key == "tag"]
    single = {key: unquote(value) for key, value in keys}
    plain = " ".join(word for word in words if not _is_tag(word))
    title = line_of(single.get("title") or plain or match["text"], TITLE_LIMIT)
    key = line_of(single.get("id"), 200)
    if key and key in book.seen:
        book.skip(line, match[0], f'the id "{key}" stands twice')
        return
    book.seen.add(key)
    dates = match["dates"].split()
    book.rows.append(
        Row(
            line=line,
            title=title,
            key=key or f"line:{line}",
            names_id=bool(key),
            type=line_of(single.get("type")).lower(),
            priority=_priority(match["priority"] or single.get("pri", "")),
            recorded=line_of(single.get("status")) or ("done" if match["done"] else ""),
            decides=False,
            parent=line_of(single.get("parent") or single.get("p"), 200),
            edges=tuple(Edge(line_of(unquote(v), 200), _RELATIONS[k]) for k, v in keys if k in _RELATIONS),
            tags=tuple(dict.fromkeys(tag for item in tags if (tag := line_of(item)))),
            phases=int(single["phases"]) if re.fullmatch("[0-9]{1,3}", single.get("phases", "")) else None,
            created=date_of(dates[-1]) if dates else None,
            text="" if key else line_of(match[0], 2000),
        )
    )


def _split(text: str) -> tuple[list[str], list[tuple[str, str]]]:
    words, keys = [], []
    for word in text.split():
        found = _KEY.fullmatch(word)
        if found:
            keys.append((found[1], found[2]))
        else:
            words.append(word)
    return words, keys


def _is_tag(word: str) -> bool:
    return len(word) > 1 and word[0] in "+@"


def _priority(letter: str) -> int | None:
    """A to E are 1 to 5, all below is 5."""
    return min(ord(letter) - ord("A") + 1, 5) if re.fullmatch("[A-Z]", letter) else None

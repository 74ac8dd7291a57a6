"""The text of an intent file: a new one, or an old one with a few keys changed and all else byte for byte."""

import shlex
from collections.abc import Mapping

from reconciler.coordination.intent_values import KEYS
from reconciler.coordination.intents import SPELLINGS, normal
from reconciler.coordination.yamltext import Writable, to_yaml
from reconciler.errors import SwarmError
from reconciler.frontmatter import Entry, FrontMatter, Value, split_front_matter
from reconciler.printable import printable


def document(values: Mapping[str, Writable | None], note: str) -> str:
    """Return a new intent file; keys without a value are left out."""
    lines = [f"{key}: {to_yaml(value)}" for key in KEYS if (value := values.get(key)) is not None]
    body = f"\n{note}\n" if note else ""
    return "\n".join(["---", *lines, "---", body])


def edited(data: bytes, values: Mapping[str, Writable | None], note: str = "", *, path: str) -> bytes:
    """Return the document with these keys set (None: removed) and the note at its end; the rest is untouched.

    The result is read again and compared: an edit that would touch another key is refused.
    """
    try:
        text = data.decode("utf-8")
    except UnicodeDecodeError as error:
        line = data.count(b"\n", 0, error.start) + 1
        raise SwarmError(f"{printable(path)}:{line}: not valid UTF-8; it is not changed") from error
    before = split_front_matter(data, path)
    for problem in before.problems:
        message = f"{printable(path)}:{problem.line}: {problem.message}; it is not changed"
        raise SwarmError(message, hint=_by_hand(path))
    for key, value in values.items():
        text = _set(text, key, value)
    if note:
        end = _line_end(text)
        text = f"{text.rstrip()}{end}{end}{note.replace(chr(10), end)}{end}"
    after = split_front_matter(text.encode(), path)
    if after.problems or not _is_as_meant(before, after, values):
        raise SwarmError(f"{printable(path)}: this front matter cannot be changed safely", hint=_by_hand(path))
    return text.encode()


# -- below: one key


def _set(text: str, key: str, value: Writable | None) -> str:
    """The text with one key set; a second spelling of it goes, or it would still count."""
    found = _entries(_matter(text), key)
    for entry in reversed(found[1:] if value is not None else found):
        text = _without(text, entry)
    if value is None:
        return text
    if not found:
        return _with_line(_matter(text), f"{key}: {to_yaml(value)}")
    return _with_value(text, _entries(_matter(text), key)[0], to_yaml(value))


def _without(text: str, entry: Entry) -> str:
    start = text.rfind("\n", 0, entry.start) + 1
    end = text.find("\n", _last(text, entry)) + 1
    return text[:start] + text[end:]


def _with_value(text: str, entry: Entry, value: str) -> str:
    colon = text.index(":", entry.colon) + 1
    same_line = "\n" not in text[colon : entry.value_start]
    if same_line and entry.value_start < entry.value_end:
        return text[: entry.value_start] + value + text[_last(text, entry) :]
    return f"{text[:colon]} {value}{text[max(colon, _last(text, entry)) :]}"


def _with_line(matter: FrontMatter, line: str) -> str:
    text = matter.text
    end = _line_end(text)
    if matter.present:
        return f"{text[: matter.end]}{line}{end}{text[matter.end :]}"
    mark = "\ufeff" if text.startswith("\ufeff") else ""
    gap = end if text.removeprefix(mark) else ""
    return f"{mark}---{end}{line}{end}---{end}{gap}{text.removeprefix(mark)}"


def _matter(text: str) -> FrontMatter:
    return split_front_matter(text.encode(), "")


def _entries(matter: FrontMatter, key: str) -> list[Entry]:
    """The entries that set ``key`` in one of its spellings, in the file's order."""
    names = SPELLINGS.get(key, (key,))
    return [entry for entry in matter.entries if normal(entry.name) in names]


def _last(text: str, entry: Entry) -> int:
    """Where the value ends, without the line ends that a block of text takes with it."""
    end = entry.value_end
    while end > entry.value_start and text[end - 1] in "\r\n":
        end -= 1
    return end


def _line_end(text: str) -> str:
    return "\r\n" if "\r\n" in text[: text.find("\n") + 1] else "\n"


def _is_as_meant(before: FrontMatter, after: FrontMatter, values: Mapping[str, Writable | None]) -> bool:
    own = {name for key in values for name in SPELLINGS.get(key, (key,))}
    others = [[(e.name, e.value) for e in part.entries if normal(e.name) not in own] for part in (before, after)]
    wanted = {key: _as_read(value) for key, value in values.items() if value is not None}
    found = {key: entry.value for key in values for entry in _entries(after, key)}
    return (
        others[0] == others[1]
        and wanted == found
        and after.body.strip("\ufeff\r\n").startswith(before.body.strip("\ufeff\r\n").rstrip())
    )


def _as_read(value: Writable) -> Value:
    if isinstance(value, str | int):
        return str(value)
    return dict(value) if isinstance(value, Mapping) else [str(item) for item in value]


def _by_hand(path: str) -> str:
    return printable(f"$EDITOR {shlex.quote(path)}")

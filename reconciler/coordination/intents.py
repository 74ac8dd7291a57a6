"""Reads intent files, ``.swarm/queue/YYYY-MM-DD-<slug>.md``: ideas, priorities and decisions of people."""

import hashlib
import os
import re
from collections.abc import Iterator
from datetime import date
from pathlib import Path

from reconciler import files
from reconciler.coordination.slugs import clean_id
from reconciler.errors import SwarmError
from reconciler.frontmatter import DOCUMENT_LIMIT, Entry, FrontMatter, Value, split_front_matter
from reconciler.model import BlobId, DependencyText, Intent, Problem, WorkstreamId
from reconciler.printable import printable

FOLDER = "queue"
DECISIONS = frozenset({"shelved", "abandoned"})
# The spellings of each key; the first is the one swarm writes.
SPELLINGS = {
    "depends_on": ("depends_on", "dependencies", "blocked_by", "requires"),
    "conflicts": ("conflicts", "conflicts_with"),
    "tags": ("tags", "labels"),
    "aliases": ("aliases", "alias"),
    "estimated_phases": ("estimated_phases", "phases"),
    "created": ("created", "date"),
}

_RELATIONS = {
    **dict.fromkeys(SPELLINGS["depends_on"], ("blocks", False)),
    **dict.fromkeys(("blocks", "unblocks"), ("blocks", True)),
    **dict.fromkeys(("informs", "informed_by", "related"), ("informs", False)),
    **dict.fromkeys(SPELLINGS["conflicts"], ("conflicts", False)),
}
_NAME = re.compile(r"(?:(\d{4}-\d{2}-\d{2})-)?(.+)\.md", re.IGNORECASE | re.DOTALL)
_NOT_INTENTS = re.compile(r"[._].*|(readme|index|template)\b.*", re.IGNORECASE | re.DOTALL)
_NOTHING = frozenset({"", "none", "null", "~", "n/a", "-"})
_CONTROL = re.compile("[\x00-\x1f\x7f-\x9f\u2028\u2029]+")
_HEADING = re.compile(r"\s*#[ \t]+(.+)")


def read_intents(target: Path) -> tuple[tuple[Intent, ...], tuple[Problem, ...]]:
    """Return the intents below ``target`` (our folder), sorted by path, and what could not be read.

    Where two files have one id the first counts, and the other is a problem.
    """
    intents: dict[str, Intent] = {}
    problems: list[Problem] = []
    for path, data in _files(target, problems):
        intent, found = intent_of(path, data)
        problems.extend(found)
        first = intents.setdefault(intent.id, intent)
        if first is not intent:
            message = f'"{printable(intent.id)}" is already the id of {printable(first.path)}'
            hint = "give one of them another id"
            problems.append(Problem("duplicate-intent", message, path, 1, hint=hint))
    return tuple(intents.values()), tuple(problems)


def intent_of(path: str, data: bytes) -> tuple[Intent, tuple[Problem, ...]]:
    """Return what one intent file says, and what is wrong with it. A function of its path and bytes."""
    matter = split_front_matter(data, path)
    reader = _Keys(path, matter)
    day, stem = _name_parts(reader)
    body = matter.body.strip("\ufeff\r\n")
    status = reader.word("status").lower()
    decision = status if status in DECISIONS else ""
    intent = Intent(
        path=path,
        id=WorkstreamId(clean_id(reader.word("id")) or clean_id(stem) or "idea"),
        title=one_line(reader.text("title")) or _heading(body),
        type=one_line(reader.word("type")).lower(),
        priority=reader.priority(),
        decision=decision,
        parent=clean_id(reader.word("parent")),
        tags=reader.texts("tags"),
        aliases=reader.texts("aliases"),
        dependencies=tuple(reader.dependencies()),
        estimated_phases=reader.phases(),
        recorded=tuple(sorted(reader.mapping("recorded").items())),
        claim="" if decision else re.sub(r"[^a-z0-9]+", "-", status).strip("-")[:40],
        notes=body.strip(),
        created=day or reader.day(),
        blob=BlobId(hashlib.sha1(b"blob %d\0" % len(data) + data, usedforsecurity=False).hexdigest()),
    )
    return intent, (*matter.problems, *reader.problems)


def one_line(text: str) -> str:
    """Return ``text`` on one line, without control characters."""
    return " ".join(_CONTROL.sub(" ", text).split())


def normal(name: str) -> str:
    """Return a key in one spelling: ``Depends-On`` is depends_on."""
    return re.sub(r"[\s-]+", "_", name.strip().lower())


# -- below: files and names


def _files(target: Path, problems: list[Problem]) -> Iterator[tuple[str, bytes]]:
    try:
        with files.open_folder(target.parent, target.name, FOLDER) as folder:
            if folder is None:
                return
            for name in files.list_names(folder):
                if not name.lower().endswith(".md") or _NOT_INTENTS.fullmatch(name):
                    continue
                path = f"{target.name}/{FOLDER}/{name}"
                try:
                    data = files.read_file(folder, name, limit=DOCUMENT_LIMIT)
                except SwarmError as error:
                    problems.append(_unread(error, folder.path / name, path))
                    continue
                if data is not None:
                    yield path, data
    except SwarmError as error:
        if os.path.lexists(target / FOLDER):  # else there is nothing to miss
            problems.append(_unread(error, target / FOLDER, f"{target.name}/{FOLDER}"))


def _unread(error: SwarmError, full: Path, path: str) -> Problem:
    """A refusal to open something, told as one to read it."""
    message = error.message.removeprefix(printable(str(full))).strip()
    return Problem(
        "unreadable", message.replace("; swarm does not write there", ", so it is not read"), path, 0, "error"
    )


def _name_parts(reader: "_Keys") -> tuple[date | None, str]:
    match = _NAME.fullmatch(reader.path.rpartition("/")[2])
    if match is None:
        return None, reader.path
    day = _date(match[1]) if match[1] else None
    if match[1] and day is None:
        reader.complain(None, f"{match[1]} in the file's name is not a date")
    return day, match[2]


def _date(text: str) -> date | None:
    try:
        return date.fromisoformat(text.strip()[:10])
    except ValueError:
        return None


def _heading(body: str) -> str:
    match = _HEADING.match(body)
    return one_line(match[1].rstrip("# \t")) if match else ""


# -- below: keys


class _Keys:
    """The front matter of one intent, asked key by key; what does not fit becomes a problem."""

    def __init__(self, path: str, matter: FrontMatter) -> None:
        self.path = path
        self.entries = {normal(entry.name): entry for entry in matter.entries}
        self.problems: list[Problem] = []

    def text(self, key: str) -> str:
        entry = self._entry(key)
        if entry is None:
            return ""
        if not isinstance(entry.value, str):
            self.complain(entry, f"{key} must be text, not a list")
            return ""
        return entry.value.strip()

    def word(self, key: str) -> str:
        """Like ``text``, where "none" means that there is none."""
        text = self.text(key)
        return "" if text.lower() in _NOTHING else text

    def texts(self, key: str) -> tuple[str, ...]:
        entry = self._entry(key)
        return tuple(one_line(text) for text, _, _ in _items(entry)) if entry else ()

    def priority(self) -> int | None:
        return self._number("priority", 1, 5)

    def phases(self) -> int | None:
        return self._number("estimated_phases", 0, 999)

    def day(self) -> date | None:
        return _date(self.word("created"))

    def dependencies(self) -> Iterator[DependencyText]:
        reasons = self.mapping("reasons")
        for name, entry in self.entries.items():
            if name not in _RELATIONS:
                continue
            relation, reverse = _RELATIONS[name]
            for text, line, item in _items(entry):
                kind = item.get("type", relation)
                yield DependencyText(
                    one_line(text),
                    line,
                    kind if kind in ("blocks", "informs", "conflicts") else relation,
                    "frontmatter",
                    reverse,
                    item.get("reason", reasons.get(text, "")),
                )

    def mapping(self, key: str) -> dict[str, str]:
        entry = self.entries.get(key)
        if entry is None or not isinstance(entry.value, dict):
            return {}
        return {key: one_line(value) for key, value in entry.value.items() if isinstance(value, str)}

    def complain(self, entry: Entry | None, message: str) -> None:
        line = entry.line if entry else 0
        self.problems.append(Problem("bad-intent", printable(message, limit=200), self.path, line))

    def _entry(self, key: str) -> Entry | None:
        return next((self.entries[k] for k in SPELLINGS.get(key, (key,)) if k in self.entries), None)

    def _number(self, key: str, least: int, most: int) -> int | None:
        entry, text = self._entry(key), self.word(key).lower()
        if not text:
            return None
        digits = text.removeprefix("p") if key == "priority" else text
        if re.fullmatch("[0-9]{1,3}", digits) and least <= int(digits) <= most:
            return int(digits)
        self.complain(entry, f"{key} must be a number from {least} to {most}, not {text!r}")
        return None


def _items(entry: Entry) -> Iterator[tuple[str, int, dict[str, str]]]:
    """Every item of a list, or of "a, b": its text, its line, and its own keys where it has some."""
    if isinstance(entry.value, list):
        lines = entry.items + (entry.line,) * (len(entry.value) - len(entry.items))
        pairs: list[tuple[Value, int]] = list(zip(entry.value, lines, strict=False))
    else:
        parts = entry.value.split(",") if isinstance(entry.value, str) else list(entry.value)
        pairs = [(part, entry.line) for part in parts]
    for value, line in pairs:
        keys = {k: v for k, v in value.items() if isinstance(v, str)} if isinstance(value, dict) else {}
        text = next((keys[k] for k in ("id", "target", "workstream", "on") if k in keys), "")
        text = (value if isinstance(value, str) else text).strip()
        if text.lower() not in _NOTHING:
            yield text, line, keys

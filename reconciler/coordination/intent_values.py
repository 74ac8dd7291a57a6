"""What may stand in an intent file: each value is proved to fit its key before anything is written."""

import re
from collections.abc import Mapping
from typing import Final

from reconciler.coordination.intents import DECISIONS
from reconciler.coordination.yamltext import Writable
from reconciler.errors import SwarmError
from reconciler.printable import printable, visible

TITLE_LIMIT = 300
WORD_LIMIT = 200
NOTE_LIMIT = 64 * 1024
# in the order in which they are written
KEYS: Final = (
    "title", "id", "type", "priority", "status", "parent", "depends_on", "informs", "conflicts", "tags",
    "aliases", "estimated_phases", "reasons", "recorded",
)  # fmt: skip
_LINE_ENDS = frozenset("\n\r\v\f\x1c\x1d\x1e\x85\u2028\u2029")


def checked(values: Mapping[str, object]) -> dict[str, Writable | None]:
    """Return the values, each proved to fit its key; None and empty ones become None. SwarmError otherwise."""
    fitting: dict[str, Writable | None] = {}
    for key, value in values.items():
        if key not in KEYS:
            raise SwarmError(f'unknown key "{printable(key)}"', hint=f"known keys: {', '.join(KEYS)}")
        fitting[key] = _check(key, value)
    return fitting


def checked_line(key: str, value: object, limit: int = WORD_LIMIT) -> str:
    """Return one line of text without control characters, at most ``limit`` long; SwarmError otherwise."""
    text = value.strip() if isinstance(value, str) else ""
    if not text:
        raise SwarmError(f"{key} must not be empty")
    if len(text) > limit:
        raise SwarmError(
            f"{key} is {len(text)} characters long; at most {limit} are taken",
            hint="swarm add TITLE --note TEXT",
        )
    if _LINE_ENDS & set(text):
        raise SwarmError(f"{key} must be a single line", hint="swarm add TITLE --note TEXT")
    _refuse_controls(key, text)
    return text


def checked_note(note: str) -> str:
    """Return a note as it will stand in the file: bounded, without control characters; SwarmError otherwise."""
    text = note.replace("\r\n", "\n").strip("\n").rstrip()
    if len(text.encode("utf-8", "replace")) > NOTE_LIMIT:
        raise SwarmError(f"the note is larger than {NOTE_LIMIT // 1024} kB")
    _refuse_controls("note", text.replace("\n", "").replace("\t", ""))
    return text


# -- below: one value


def _check(key: str, value: object) -> Writable | None:
    if key == "title":
        return checked_line(key, value, TITLE_LIMIT) if value is not None else None
    if value is None or value in ("", (), [], {}):
        return None
    if key in ("priority", "estimated_phases"):
        return _number(value, *((1, 5) if key == "priority" else (0, 999)), key=key)
    if key in ("depends_on", "informs", "conflicts", "tags", "aliases"):
        if not isinstance(value, list | tuple):
            raise SwarmError(f"{key} must be a list")
        return [checked_line(key, item) for item in value]
    if key in ("reasons", "recorded"):
        if not isinstance(value, Mapping):
            raise SwarmError(f"{key} must be names with a text each")
        return {checked_line(key, k): checked_line(key, v, TITLE_LIMIT) for k, v in value.items()}
    text = checked_line(key, value)
    if key == "status" and text not in DECISIONS:
        raise SwarmError(
            f'"{printable(text)}" is no decision; states follow from what is there',
            hint=f"decisions: {', '.join(sorted(DECISIONS))}",
        )
    return text


def _number(value: object, least: int, most: int, *, key: str) -> int:
    if isinstance(value, bool) or not isinstance(value, int) or not least <= value <= most:
        shown = printable(str(value), limit=60)
        raise SwarmError(f"{key} must be a number from {least} to {most}, not {shown}")
    return value


def _refuse_controls(key: str, text: str) -> None:
    bad = re.search("[\x00-\x1f\x7f-\x9f\ud800-\udfff\ufffe\uffff\ufeff]", text)
    if bad:
        raise SwarmError(f"{key} contains the control character {visible(bad[0])}")

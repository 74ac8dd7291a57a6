"""Text that is safe on a terminal: cleaning, measuring, cutting. Strings in, strings out."""

import re
import unicodedata
from functools import lru_cache

HIDDEN = frozenset("\u115f\u1160\u3164\uffa0")  # letters that draw nothing
SHORT = {"\n": "\\n", "\r": "\\r", "\t": "\\t"}
PUNCTUATION = str.maketrans(
    {
        "–": "-",
        "—": "-",
        "‑": "-",
        "‘": "'",
        "’": "'",
        "“": '"',
        "”": '"',
        "…": "...",
        "⋯": "..",
        "→": "->",
        "•": "*",
        "·": "-",
        "×": "x",
        "\xa0": " ",
    }
)
STACK = 4  # combining marks on one character; more are drawn over the neighbours
VS16 = "\ufe0f"  # asks for the wide, coloured form of the character before it


def clean(text: str, *, unicode: bool = True) -> str:
    """``text`` with everything a terminal would obey, hide or reorder written as a visible escape.

    Without ``unicode`` every character beyond ASCII is written as an escape, too. Cleaning twice changes nothing.
    """
    if text.isascii() and text.isprintable():
        return text
    shown: list[str] = []
    marks = 0
    for char in text:
        marks = marks + 1 if _is_mark(char) else 0
        plain = _is_plain(char) and marks <= STACK and (unicode or char.isascii())
        shown.append(char if plain else escape(char))
    return "".join(shown)


def escape(char: str) -> str:
    """One character as ``\\n``, ``\\x1b``, ``\\u202e`` or ``\\U000e0001``."""
    code = ord(char)
    if char in SHORT:
        return SHORT[char]
    if code < 0x100:
        return f"\\x{code:02x}"
    return f"\\u{code:04x}" if code < 0x10000 else f"\\U{code:08x}"


def plain_punctuation(text: str) -> str:
    """``text`` with typographic dashes, quotes and arrows as their ASCII twins; for prose, never for ids."""
    return text if text.isascii() else text.translate(PUNCTUATION)


def width(text: str) -> int:
    """Columns that cleaned ``text`` takes at most."""
    if text.isascii():
        return len(text)
    return sum(_cells(text))


def cut(text: str, room: int, mark: str) -> str:
    """The beginning of ``text`` in ``room`` columns, ``mark`` at its end when something is gone."""
    if width(text) <= room:
        return text
    if room <= width(mark):
        return _head(mark, max(room, 0))
    return _head(text, room - width(mark)) + mark


def shorten(text: str, room: int, mark: str) -> str:
    """Both ends of ``text`` in ``room`` columns, ``mark`` in the middle when something is gone."""
    if width(text) <= room:
        return text
    left = room - width(mark)
    if left < 2:
        return cut(text, room, mark)
    tail = _tail(text, left // 2)
    return _head(text, left - width(tail)) + mark + tail


def take(text: str, room: int) -> tuple[str, str]:
    """``text`` parted so that the first piece fits in ``room`` columns; at least one character is taken."""
    head = _head(text, room) or text[:1]
    return head, text[len(head) :]


def pad(text: str, room: int, *, right: bool = False) -> str:
    """``text`` filled with spaces to ``room`` columns; ``right`` puts it at the right edge."""
    gap = " " * max(0, room - width(text))
    return gap + text if right else text + gap


def natural(text: str) -> tuple[tuple[int, int, str], ...]:
    """A sort key that puts ``phase-2`` before ``phase-10``."""
    parts = re.split(r"([0-9]+)", text)
    return tuple((1, int(p), p) if p.isdecimal() and p.isascii() else (0, 0, p) for p in parts if p)


@lru_cache(maxsize=4096)
def _is_plain(char: str) -> bool:
    return unicodedata.category(char) not in {"Cc", "Cf", "Cs", "Co", "Cn", "Zl", "Zp"} and char not in HIDDEN


@lru_cache(maxsize=4096)
def _is_mark(char: str) -> bool:
    return unicodedata.category(char) in {"Mn", "Me"}


@lru_cache(maxsize=4096)
def _cell(char: str) -> int:
    if _is_mark(char):
        return 0
    return 2 if unicodedata.east_asian_width(char) in {"W", "F"} else 1


def _cells(text: str) -> list[int]:
    """Columns of each character; a wide-form mark counts for the column that it adds."""
    cells: list[int] = []
    before = 0
    for char in text:
        cell = 1 if char == VS16 and before == 1 else _cell(char)
        cells.append(cell)
        before = cell if cell else before
    return cells


def _head(text: str, room: int) -> str:
    """The longest beginning that fits; marks stay with their character."""
    text = text[: (room + 2) * (STACK + 1)]
    for index, cell in enumerate(_cells(text)):
        room -= cell
        if room < 0:
            return text[:index]
    return text


def _tail(text: str, room: int) -> str:
    """The longest end that fits and does not begin with a mark of the character before it."""
    text = text[-(room + 2) * (STACK + 1) :]
    cells = _cells(text)
    start = len(text)
    while start > 0 and cells[start - 1] <= room:
        start -= 1
        room -= cells[start]
    while start < len(text) and _is_mark(text[start]):
        start += 1
    return text[start:]

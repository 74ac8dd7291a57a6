"""Spans, lines and marks: what every screen is drawn with. Cleaning happens here, so nothing can pass it by."""

import re
import shlex
import unicodedata
from collections.abc import Iterable, Sequence
from datetime import UTC, datetime
from typing import Protocol

from reconciler.cli.screens.look import Look
from reconciler.cli.screens.text import clean, cut, pad, plain_punctuation, width
from reconciler.cli.screens.themes import themed
from reconciler.frozen import frozen
from reconciler.hosts.words import field
from reconciler.model import State
from reconciler.policy import FlagRow, Layout, StateRow

STYLES = frozenset({"bold", "dim", "reverse", "red", "green", "yellow", "cyan", "magenta"})
_ACTING = re.compile(r"[<>`{}$|*#\"]")  # fields, tags, fences, templates and headings begin with these
FUTURE = 300  # seconds that another machine's clock may be ahead before its times are doubted


class Rules(Protocol):
    """The part of the rulebook that the screens show."""

    @property
    def states(self) -> tuple[StateRow, ...]: ...
    @property
    def flags(self) -> tuple[FlagRow, ...]: ...
    @property
    def layouts(self) -> tuple[Layout, ...]: ...


@frozen
class Span:
    """A piece of text in one style. Control characters cannot get in."""

    text: str
    style: str = ""

    def __post_init__(self) -> None:
        object.__setattr__(self, "text", clean(self.text))


Line = tuple[Span, ...]


@frozen
class Ink:
    """What drawing needs to know: the look, the moment, the rules."""

    look: Look
    now: datetime
    rules: Rules

    def text(self, text: str) -> str:
        """``text`` as it will stand on the screen; measure this, not the raw one."""
        shown = clean(text, unicode=self.look.unicode)
        return _ACTING.sub(lambda found: f"\\u{ord(found[0]):04x}", shown) if self.look.prompt else shown

    def prose(self, text: str) -> str:
        """As ``text``, with typographic punctuation folded where only ASCII is drawn."""
        return self.text(text if self.look.unicode else plain_punctuation(text))

    def field(self, text: str) -> str:
        """As ``prose`` for what documents and files are called or say; where a model reads it, between quotes."""
        return clean(field(text), unicode=self.look.unicode) if self.look.prompt else self.prose(text)

    def cut(self, text: str, room: int) -> str:
        return cut(text, room, self.look.mark)

    def state(self, name: State) -> Span:
        """The glyph of a state."""
        row = next((r for r in self.rules.states if r.name == name), None)
        if row is None:
            return Span("?")
        return Span(glyph(row.glyph, row.ascii, unicode=self.look.unicode), style_of(row.style))

    def flag(self, name: str) -> FlagRow | None:
        return next((row for row in self.rules.flags if row.name == name), None)

    def flag_style(self, name: str) -> str:
        row = self.flag(name)
        return style_of(row.style) if row else ""

    def when(self, at: datetime | None) -> str:
        """A relative age on a screen, an ISO time where the output is piped."""
        if at is None:
            return "-"
        return iso(at) if self.look.piped else age(at, self.now)

    def ago(self, at: datetime) -> str:
        """``5h ago``, ``5 hours ago`` for those who listen, an ISO time where the output is piped."""
        if self.look.accessible:
            return spoken_age(at, self.now)
        short = self.when(at)
        return "in the future" if short == "?" else short if self.look.piped else f"{short} ago"

    def lasting(self, at: datetime) -> str:
        """``5h`` on a screen, ``since 2026-01-19T07:03:22Z`` where the output is piped."""
        return f"since {iso(at)}" if self.look.piped else age(at, self.now)


def line(*parts: str | Span) -> Line:
    """A line of spans and plain strings."""
    return tuple(part if isinstance(part, Span) else Span(part) for part in parts)


def length(spans: Iterable[Span]) -> int:
    return sum(width(span.text) for span in spans)


def glyph(wanted: str, twin: str, *, unicode: bool) -> str:
    """One column wide whatever a rule file says: the glyph, else its ASCII twin, else ``?``."""
    shown = clean(wanted)
    if unicode and len(shown) == 1 and unicodedata.east_asian_width(shown) in {"N", "Na"} and width(shown) == 1:
        return shown
    return twin if len(twin) == 1 and twin.isascii() and twin.isprintable() and twin != " " else "?"


def style_of(words: str) -> str:
    """The part of a style that is allowed: sixteen foreground colours, bold, dim; nothing else."""
    return " ".join(word for word in words.lower().split() if word in STYLES)


def iso(at: datetime) -> str:
    return at.astimezone(UTC).strftime("%Y-%m-%dT%H:%M:%SZ")


def age(at: datetime, now: datetime) -> str:
    """``12m``, ``5h``, ``2d``, ``15w``, ``3y``: three columns; ``?`` for a time in the future."""
    seconds = int((now - at).total_seconds())
    if seconds < -FUTURE:
        return "?"
    minutes = max(0, seconds) // 60
    if minutes < 60:
        return f"{minutes}m"
    if minutes < 24 * 60:
        return f"{minutes // 60}h"
    days = minutes // (24 * 60)
    if days < 100:
        return f"{days}d"
    return f"{days // 7}w" if days < 700 else f"{days // 365}y"


def spoken_age(at: datetime, now: datetime) -> str:
    """``12 minutes ago``: the age for people who listen."""
    short = age(at, now)
    if short == "?":
        return "at a time in the future"
    words = {"m": "minute", "h": "hour", "d": "day", "w": "week", "y": "year"}
    return f"{plural(int(short[:-1]), words[short[-1]])} ago"


def plural(number: int, noun: str, many: str = "") -> str:
    """``1 row``, ``2 rows``."""
    return f"{number} {noun if number == 1 else many or noun + 's'}"


def command(*words: str) -> str:
    """A command that can be pasted: what comes from a name is quoted, and never taken for a flag."""
    *verb, name = words
    guard = ["--"] if name.startswith("-") else []
    return " ".join([*verb, *guard, shlex.quote(name)])


def columns(rows: Sequence[Sequence[str]], *, gap: int = 2, right: frozenset[int] = frozenset()) -> list[str]:
    """Rows of cells as aligned lines; the last cell is never padded."""
    widths = [max(map(width, cells)) for cells in zip(*rows, strict=True)]
    return [
        (" " * gap).join(pad(cell, widths[i], right=i in right) for i, cell in enumerate(row)).rstrip() for row in rows
    ]


def edge(left: Line, right: str, look: Look) -> list[Line]:
    """``left`` with ``right`` at the right edge; on a line of its own when both do not fit."""
    gap = 2
    if look.width is None:
        return [(*left, Span(" " * gap + right))] if right else [left]
    if not right:
        return [left]
    room = look.width - length(left) - width(right)
    if room >= gap:
        return [(*left, Span(" " * room + right))]
    return [left, line(" " * max(look.width - width(right), 0) + right)]


def paint(lines: Iterable[Line], look: Look) -> str:
    """The lines as text with a final newline: cleaned again, cut to the width, coloured if the look says so."""
    drawn = (_draw(spans, look).rstrip(" ") for spans in lines)
    if look.accessible:
        return "".join((text if text.endswith((".", ":")) else text + ".") + "\n" for text in drawn if text)
    return "".join(text + "\n" for text in drawn)


def _draw(spans: Line, look: Look) -> str:
    cleaned = [(clean(span.text, unicode=look.unicode), span.style) for span in spans]
    if look.width is not None and not look.accessible:
        cleaned = _fit(cleaned, look.width, look.mark)
    while cleaned and not cleaned[-1][0].strip(" "):
        cleaned.pop()
    if not look.colour:
        return "".join(text for text, _ in cleaned)
    return "".join(_colour(text, style, look.theme) for text, style in cleaned)


def _fit(spans: list[tuple[str, str]], room: int, mark: str) -> list[tuple[str, str]]:
    if sum(width(text) for text, _ in spans) <= room:
        return spans
    kept: list[tuple[str, str]] = []
    left = room
    for index, (text, style) in enumerate(spans):
        rest = sum(width(after) for after, _ in spans[index + 1 :])
        if width(text) + (width(mark) if rest else 0) > left:
            kept.append((cut(text + (" " * left if rest else ""), left, mark), style))
            break
        kept.append((text, style))
        left -= width(text)
    return kept


def _colour(text: str, style: str, theme: str) -> str:
    allowed = themed(style_of(style), theme)
    if not allowed or not text:
        return text
    from rich.color import ColorSystem
    from rich.style import Style

    return Style.parse(allowed).render(text, color_system=ColorSystem.STANDARD)

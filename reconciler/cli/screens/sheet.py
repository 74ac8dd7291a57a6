"""A headline and labelled entries with their sources at the right edge: explain, show, blocked, doctor."""

from collections.abc import Iterable

from reconciler.cli.screens.ink import Ink, Line, Span, length, line
from reconciler.cli.screens.text import pad, take, width
from reconciler.frozen import frozen

EDGE = 120  # the right edge of sources and commands, however wide the terminal


@frozen
class Entry:
    """One row. An empty label continues the block above it."""

    label: str
    text: str
    source: str = ""
    style: str = ""  # of the label


def sheet(head: str, entries: Iterable[Entry], ink: Ink) -> list[Line]:
    """The lines: texts wrap and are never cut; a source that does not fit takes a line of its own."""
    rows = tuple(entries)
    if ink.look.accessible:
        return _spoken(head, rows, ink)
    room = max((width(ink.text(row.label)) for row in rows), default=0)
    lines = wrapped((), ink.prose(head), ink) if head else []
    for row in rows:
        start = line("  ", Span(pad(ink.text(row.label), room), row.style), " ")
        lines += sourced(start, ink.prose(row.text), ink.text(row.source), ink)
    return lines


def sourced(start: Line, text: str, source: str, ink: Ink) -> list[Line]:
    """``start text      source``."""
    if ink.look.width is None:
        return [(*start, Span(text + ("  " + source if source else "")))]
    lines = wrapped(start, text, ink)
    if not source:
        return lines
    edge = min(ink.look.width, EDGE)
    gap = edge - length(lines[-1]) - width(source)
    if gap >= 2:
        return [*lines[:-1], (*lines[-1], Span(" " * gap + source))]
    pieces = wrap(source, max(edge - 2, 8))
    return [*lines, *(line(" " * max(edge - width(piece), 0) + piece) for piece in pieces)]


def wrapped(start: Line, text: str, ink: Ink) -> list[Line]:
    """``start text`` on as many lines as it takes, the text in one column; on one for those who listen."""
    indent = length(start)
    if ink.look.width is None or ink.look.accessible:
        return [(*start, Span(text))]
    pieces = wrap(text, max(min(ink.look.width, EDGE) - indent, 8))
    return [(*start, Span(pieces[0])), *(line(" " * indent + piece) for piece in pieces[1:])]


def wrap(text: str, room: int) -> list[str]:
    """``text`` in lines of at most ``room`` columns, broken at spaces; a longer word is broken where it must."""
    lines = [""]
    for word in text.split(" "):
        joined = f"{lines[-1]} {word}" if lines[-1] else word
        if width(joined) <= room:
            lines[-1] = joined
            continue
        if lines[-1]:
            lines.append("")
        while width(word) > room:
            head, word = take(word, room)
            lines[-1] = head
            lines.append("")
        lines[-1] = word
    return lines


def flowing(start: Line, pieces: Iterable[str], ink: Ink, *, gap: str = "  ") -> list[Line]:
    """``start`` and pieces, each kept whole where it fits, continued below the first one."""
    indent = length(start)
    unbounded = ink.look.width is None or ink.look.accessible
    room = None if unbounded else max((ink.look.width or 0) - indent, 8)
    rows = [""]
    for piece in pieces:
        joined = f"{rows[-1]}{gap}{piece}" if rows[-1] else piece
        if room is None or width(joined) <= room:
            rows[-1] = joined
        else:
            rows += wrap(piece, room) if rows[-1] else []
            rows = rows if rows[0] else wrap(piece, room)
    return [(*start, Span(rows[0])), *(line(" " * indent + row) for row in rows[1:])]


def _spoken(head: str, rows: tuple[Entry, ...], ink: Ink) -> list[Line]:
    """One sentence per entry; a continued block says its label again."""
    lines = [line(ink.prose(head.rstrip(".:") + "."))] if head else []
    label = ""
    for row in rows:
        label = row.label or label
        source = f", source {row.source}" if row.source else ""
        said = f"{label}: {row.text.rstrip('.')}" if label else row.text.rstrip(".")
        lines.append(line(ink.prose(said + source + ".")))
    return lines

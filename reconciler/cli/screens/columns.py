"""Which columns a status row has at a width, and how wide they are. Docs: docs/reference/screens.md."""

from typing import Literal

from reconciler.cli.screens.ink import Ink, Line, Span, length
from reconciler.cli.screens.text import cut, pad, shorten, width
from reconciler.frozen import frozen
from reconciler.model import State

STATE = 12  # as wide as "implementing" and "merged today"
STATE_WIDE = 20
ID_KEPT = 23  # other columns go before an id is shortened below this
ID_LEAST = 8
NOTE_LEAST = 20
REASON_LEAST = 45
NOTE_BELOW = 60  # under this width the note takes a second line
REASON_FROM = 120
TITLE_FROM = 160
TITLE_MOST = 36
DROPPED = ("title", "reason", "priority", "age", "who")  # in this order; never id, state, "!"
Column = Literal["title", "reason", "priority", "age", "who"]


@frozen
class Cells:
    """One workstream, ready to be laid out. All text is already cleaned."""

    state: State
    needs: bool
    id: str
    priority: str
    phase: str
    who: str
    age: str
    ahead: str
    title: str
    note: tuple[Span, ...]  # short
    reason: tuple[Span, ...]  # long


@frozen
class Grid:
    """Column widths; 0 where a column is left out."""

    state: int
    id: int
    phase: int
    priority: int = 0
    who: int = 0
    age: int = 0
    ahead: int = 0
    title: int = 0
    reason: bool = False
    second: bool = False  # the note has its own line
    hidden: int = 0  # columns that have something to show and no room


def grid_for(rows: list[Cells], ink: Ink) -> Grid:
    """The columns for these rows at the width of the look."""
    state = max([STATE, *(width(ink.text(row.state)) for row in rows)])
    if ink.look.width is None:
        return _whole(rows, state)
    room = ink.look.width
    state = min(state, STATE_WIDE if room >= REASON_FROM else STATE)
    shown = set(DROPPED) - _too_early(room)
    empty = _empty(rows)
    shown -= empty
    for name in DROPPED:
        if _least(rows, state, shown, room) <= room:
            break
        shown.discard(name)
    return _widths(rows, state, shown, room, hidden=len(set(DROPPED) - shown - empty))


def draw_row(cells: Cells, grid: Grid, ink: Ink, *, named: bool) -> list[Line]:
    """One row, or two where the note has its own line; ``named`` repeats the state's word."""
    mark = ink.look.mark
    row_style = ink.state(cells.state)
    word = pad(shorten(ink.text(cells.state), grid.state, mark) if named else "", grid.state)
    spans = [
        Span("!", "yellow bold") if cells.needs else Span(" "),
        row_style,
        Span(" "),
        Span(word, row_style.style if named else ""),
        Span(" " + pad(shorten(cells.id, grid.id, mark), grid.id), "bold" if cells.needs else ""),
    ]
    if grid.priority:
        spans.append(Span(" " + pad(cells.priority, grid.priority)))
    spans.append(Span(" " + pad(shorten(cells.phase, grid.phase, mark), grid.phase, right=True)))
    for text, room in ((cells.who, grid.who), (cells.age, grid.age), (cells.ahead, grid.ahead)):
        if room:
            spans.append(Span(" " + pad(shorten(text, room, mark), room)))
    if grid.title:
        spans.append(Span(" " + pad(cut(cells.title, grid.title, mark), grid.title), "dim"))
    note = cells.reason if grid.reason else cells.note
    if grid.second:
        indent = min(grid.state + 4, 16)
        return [tuple(spans), *([(Span(" " * indent), *note)] if note else [])]
    return [(*spans, Span(" "), *note)]


def _whole(rows: list[Cells], state: int) -> Grid:
    def most(name: str) -> int:
        return max((width(str(getattr(row, name))) for row in rows), default=0)

    return Grid(
        state=state,
        id=most("id"),
        phase=most("phase"),
        priority=most("priority"),
        who=most("who"),
        age=most("age"),
        ahead=most("ahead"),
        title=most("title"),
        reason=True,
    )


def _too_early(room: int) -> set[str]:
    late = {"title"} if room < TITLE_FROM else set()
    return late | ({"reason"} if room < REASON_FROM else set())


def _empty(rows: list[Cells]) -> set[str]:
    """Columns that would say nothing."""
    empty = set()
    if not any(row.priority for row in rows):
        empty.add("priority")
    if not any(row.title for row in rows):
        empty.add("title")
    if all(row.who == "-" for row in rows):
        empty.add("who")
    return empty


def _fixed(rows: list[Cells], state: int, shown: set[str]) -> int:
    """Columns of everything but id, title and note, spaces included."""
    total = 2 + 1 + state + 1 + 1 + _phase(rows)
    total += 1 + _most(rows, "priority") if "priority" in shown else 0
    total += 1 + _most(rows, "who") if "who" in shown else 0
    total += 1 + max(3, _most(rows, "age")) if "age" in shown else 0
    return total + (1 + _most(rows, "ahead") if "reason" in shown and _most(rows, "ahead") else 0)


def _least(rows: list[Cells], state: int, shown: set[str], room: int) -> int:
    note = 0 if room < NOTE_BELOW else 1 + (REASON_LEAST if "reason" in shown else NOTE_LEAST)
    title = 1 + min(TITLE_MOST, _most(rows, "title")) if "title" in shown else 0
    return _fixed(rows, state, shown) + min(ID_KEPT, _most(rows, "id")) + title + note


def _widths(rows: list[Cells], state: int, shown: set[str], room: int, *, hidden: int) -> Grid:
    fixed = _fixed(rows, state, shown)
    title = min(TITLE_MOST, _most(rows, "title")) if "title" in shown else 0
    second = room < NOTE_BELOW
    wanted = max((length(row.reason if "reason" in shown else row.note) for row in rows), default=0)
    left = room - fixed - (1 + title if title else 0)
    needed = _most(rows, "id")
    kept = min(ID_KEPT, needed)
    least = 0 if second else NOTE_LEAST + 1
    ident = max(min(needed, left - (0 if second else wanted + 1)), min(kept, left - least), ID_LEAST)
    return Grid(
        state=state,
        id=min(ident, needed) if needed >= ID_LEAST else needed,
        phase=_phase(rows),
        priority=_most(rows, "priority") if "priority" in shown else 0,
        who=_most(rows, "who") if "who" in shown else 0,
        age=max(3, _most(rows, "age")) if "age" in shown else 0,
        ahead=_most(rows, "ahead") if "reason" in shown else 0,
        title=title,
        reason="reason" in shown,
        second=second,
        hidden=hidden,
    )


def _most(rows: list[Cells], name: str) -> int:
    cap = {"who": 9, "phase": 7, "ahead": 11}.get(name, 10**9)
    return min(cap, max((width(str(getattr(row, name))) for row in rows), default=0))


def _phase(rows: list[Cells]) -> int:
    return max(3, _most(rows, "phase"))

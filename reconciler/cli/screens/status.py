"""`swarm status`: states first, "Needs you" and "Next" last, beside the prompt."""

from dataclasses import replace
from datetime import datetime

from reconciler.cli.screens.columns import Cells, draw_row, grid_for
from reconciler.cli.screens.foot import foot
from reconciler.cli.screens.head import first_run, head, nothing_found
from reconciler.cli.screens.ink import Ink, Line, Rules, Span, edge, length, line, paint
from reconciler.cli.screens.look import Look
from reconciler.cli.screens.needs import Need, needs_of, needy_ids
from reconciler.cli.screens.notes import Around, note_spans, notes_of
from reconciler.cli.screens.spoken import spoken_status
from reconciler.cli.screens.text import width
from reconciler.cli.screens.words import in_order, is_open, last_seen, listed, phase_of, states_of, who_names
from reconciler.frozen import frozen
from reconciler.model import State, View, Workstream, WorkstreamId


@frozen
class Filters:
    """What `--status`, `--type`, `--tag` and `--mine` ask for; empty asks for everything."""

    states: tuple[str, ...] = ()
    types: tuple[str, ...] = ()
    tags: tuple[str, ...] = ()
    session: str = ""

    def __bool__(self) -> bool:
        return bool(self.states or self.types or self.tags or self.session)

    def admits(self, stream: Workstream) -> bool:
        return (
            (not self.states or stream.state in self.states)
            and (not self.types or stream.type in self.types)
            and (not self.tags or bool(set(self.tags) & set(stream.tags)))
            and (not self.session or (stream.claim is not None and stream.claim.session == self.session))
        )

    def words(self) -> str:
        said = [f"--status {s}" for s in self.states] + [f"--type {t}" for t in self.types]
        said += [f"--tag {t}" for t in self.tags] + (["--mine"] if self.session else [])
        return " ".join(said)


def status(
    view: View,
    rules: Rules,
    now: datetime,
    look: Look,
    *,
    all: bool = False,
    filters: Filters | None = None,
) -> str:
    """The whole screen as text. ``now`` carries the time zone in which "today" is meant.

    ``all`` lists closed workstreams one by one; so does a filter. Whatever is left out is counted.
    """
    ink = Ink(look, now, rules)
    wanted = filters or Filters()
    if not view.workstreams:
        return paint(first_run(view, ink), look)
    chosen = tuple(stream for stream in view.workstreams if wanted.admits(stream))
    if not chosen:
        return paint(nothing_found(view, wanted.words(), ink), look)
    shown = replace(view, workstreams=chosen, next=tuple(s for s in view.next if s.id in {c.id for c in chosen}))
    needs = everything = needs_of(view, ink)
    if wanted:
        needs = tuple(need for need in needs if set(need.ids) & {c.id for c in chosen})
    if look.accessible:
        return paint(spoken_status(view, shown, needs, ink, all=all or bool(wanted)), look)
    every = all or bool(wanted)
    needy = len(needy_ids(everything))
    return paint(_screen(view, shown, needs, ink, every=every, filtered=wanted.words(), count=needy), look)


def _screen(
    view: View, shown: View, needs: tuple[Need, ...], ink: Ink, *, every: bool, filtered: str, count: int
) -> list[Line]:
    needy = needy_ids(needs)
    today: set[WorkstreamId] = set() if every else {s.id for s in shown.workstreams if landed_today(s, ink)}
    listed_rows = [s for s in shown.workstreams if every or is_open(s, ink) or (ink.look.piped and s.id in today)]
    around, names = Around.of(view, ink), who_names(view)
    groups = {
        state: [
            cells_of(stream, around, names, ink, needs=stream.id in needy)
            for stream in in_order(s for s in listed_rows if s.state == state)
        ]
        for state in states_of(shown, ink)
    }
    grid = grid_for([cells for group in groups.values() for cells in group], ink)
    lines = head(view, count, ink, hidden=grid.hidden, shown=len(shown.workstreams), filtered=filtered)
    lines.append(())
    for group in groups.values():
        for index, cells in enumerate(group):
            lines += draw_row(cells, grid, ink, named=index == 0 or ink.look.piped)
    if not every:
        lines += _closed(shown, today, grid.state, ink)
    return lines + foot(shown, needs, ink, all=every)


def cells_of(stream: Workstream, around: Around, names: dict[str, str], ink: Ink, *, needs: bool) -> Cells:
    """One workstream as the texts of its columns."""
    notes = notes_of(stream, around, ink)
    long = note_spans(notes, ink, long=True)
    if stream.reason and (ink.look.piped or not stream.flags):
        long = (*long, Span("; " if long else ""), Span(ink.field(stream.reason)))
    who = stream.claim.session if stream.claim else "-"
    blank = "-" if ink.look.piped else ""
    return Cells(
        state=stream.state,
        needs=needs,
        id=ink.text(stream.id),
        priority=blank if stream.priority is None else f"p{stream.priority}",
        phase=ink.text(phase_of(stream)),
        who=ink.text(who if ink.look.piped else names.get(who, who)),
        age=ink.when(last_seen(stream)),
        ahead=f"+{stream.ahead} -{stream.behind}" if stream.ahead or stream.behind else blank,
        title=ink.field(stream.title),
        note=note_spans(notes, ink, long=False),
        reason=long,
    )


def landed_today(stream: Workstream, ink: Ink) -> bool:
    """Closed, and landed on the day of ``now``."""
    if stream.merged_at is None or is_open(stream, ink):
        return False
    return stream.merged_at.astimezone(ink.now.tzinfo).date() == ink.now.date()


def _closed(view: View, today: set[WorkstreamId], state_room: int, ink: Ink) -> list[Line]:
    """``✓ merged today a, b     41 older: --all``, a row per state: nothing closed goes unmentioned."""
    closed = [s for s in view.workstreams if not is_open(s, ink)]
    lines: list[Line] = []
    for state in _states(closed, ink):
        here = in_order(s for s in closed if s.state == state)
        left = sum(s.id not in today for s in here)
        landed = [] if ink.look.piped else [s.id for s in here if s.id in today]
        dated = any(s.merged_at for s in here)
        rest = f"{left} {'older' if dated else 'not listed'}: --all" if left else ""
        if landed or rest:
            lines += _closed_row(state, landed, rest, state_room, ink)
    return lines


def _closed_row(state: State, landed: list[WorkstreamId], rest: str, state_room: int, ink: Ink) -> list[Line]:
    mark = ink.state(state)
    word = f" {ink.text(state)} today " if landed else f" {ink.text(state)} "
    start = line(" ", mark, Span(word.ljust(state_room + 2), mark.style))
    room = None if ink.look.width is None else ink.look.width - length(start)
    text = listed(landed, ink, room and max(room - width(rest) - 2, 12), counted="+{n}")
    return edge((*start, Span(text)), rest, ink.look)


def _states(streams: list[Workstream], ink: Ink) -> list[State]:
    here = {s.state for s in streams}
    return [row.name for row in ink.rules.states if row.name in here]

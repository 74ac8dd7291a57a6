"""What the rules say, for people: the legend, `swarm help states|flags|files`, the table of the docs."""

from datetime import datetime

from reconciler.cli.screens.ink import Ink, Line, Rules, Span, glyph, line, paint, plural, style_of
from reconciler.cli.screens.look import Look
from reconciler.cli.screens.sheet import Entry, sheet, wrapped
from reconciler.cli.screens.text import clean, pad, width
from reconciler.policy import FlagRow, Layout, StateRow

TOPICS = ("states", "flags", "files")
OWN = (
    (".swarm/workstreams.json", "every workstream, derived; may be deleted at any time"),
    (".swarm/queue.json", "the intents with what was derived for them"),
    (".swarm/instances.json", "live sessions and what they hold"),
    (".swarm/schemas/", "JSON Schemas of these files"),
    ("<git common dir>/swarm/", "claims, heartbeats, cache: shared by all worktrees, on no branch"),
)


def legend(rules: Rules, now: datetime, look: Look) -> str:
    """Every mark of the screens with its word and meaning."""
    ink = Ink(look, now, rules)
    lines = [line(Span("States", "bold")), *_marks(rules.states, ink)]
    lines += [line(Span("Flags", "bold")), *_marks(rules.flags, ink)]
    lines += _row(Span("!", "yellow bold"), "(margin)", 12, "needs you: see the last lines of swarm status", ink)
    return paint(lines, look)


def help_topic(topic: str, rules: Rules, now: datetime, look: Look) -> str:
    """The text of ``swarm help TOPIC``, one of TOPICS."""
    ink = Ink(look, now, rules)
    if topic == "states":
        intro = "A state is derived from evidence; the first that holds wins, most advanced first."
        return paint([*wrapped((), intro, ink), *_marks(rules.states, ink)], look)
    if topic == "flags":
        intro = "Flags stand beside the state. A ! in the margin means that one of them waits for you."
        return paint([*wrapped((), intro, ink), *_marks(rules.flags, ink)], look)
    reads = [Entry(one.id, one.title + _also(one)) for one in rules.layouts]
    intro = f"Read, never written ({plural(len(reads), 'layout')}; .swarm/queue/ holds your own intents):"
    lines = sheet(intro, reads, ink)
    lines += sheet("Written by swarm, never read as a source:", [Entry(path, text) for path, text in OWN], ink)
    return paint(lines, look)


def _also(layout: Layout) -> str:
    """The roots that the title does not name."""
    named = {word.strip("/") for word in layout.title.split()}
    roots = [root for root in layout.roots if not any(f"{one}/".startswith(f"{root}/") for one in named)]
    if not roots:
        return ""
    return ", anywhere" if "." in roots else f"; also {', '.join(f'{root}/' for root in roots)}"


def marks_table(rules: Rules) -> str:
    """The colour and glyph table of docs/reference/screens.md, as Markdown."""
    rows = ["| word | glyph | ASCII | colour | open | means |", "|---|---|---|---|---|---|"]
    for state in rules.states:
        rows.append(_markdown(state, "yes" if state.open else "no"))
    rows += ["", "| flag | glyph | ASCII | colour | needs you | means |", "|---|---|---|---|---|---|"]
    for flag in rules.flags:
        rows.append(_markdown(flag, "yes" if flag.attention else "no"))
    return "\n".join(rows) + "\n"


def _markdown(row: StateRow | FlagRow, word: str) -> str:
    unicode, plain = glyph(row.glyph, row.ascii, unicode=True), glyph(row.glyph, row.ascii, unicode=False)
    cells = (row.name, f"`{unicode}`", f"`{plain}`", style_of(row.style) or "default", word, row.meaning)
    return "| " + " | ".join(clean(cell).replace("|", "\\|") for cell in cells) + " |"


def _marks(rows: tuple[StateRow, ...] | tuple[FlagRow, ...], ink: Ink) -> list[Line]:
    room = max([12, *(width(ink.text(row.name)) for row in rows)])
    lines: list[Line] = []
    for row in rows:
        mark = Span(glyph(row.glyph, row.ascii, unicode=ink.look.unicode), style_of(row.style))
        closed = "" if getattr(row, "open", True) else " (closed)"
        lines += _row(mark, ink.text(row.name), room, ink.prose(row.meaning + closed), ink)
    return lines


def _row(mark: Span, word: str, room: int, meaning: str, ink: Ink) -> list[Line]:
    if ink.look.accessible:
        return [line(f"{word}, mark {mark.text}: {meaning}.")]
    start = line(" ", mark, " ", Span(pad(word, room), mark.style), " ")
    return wrapped(start, meaning, ink)

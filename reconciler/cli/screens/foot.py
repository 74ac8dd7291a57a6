"""The last lines of `swarm status`: "Needs you" and "Next"."""

from reconciler.cli.screens.ink import Ink, Line, Span, length, line
from reconciler.cli.screens.needs import Need
from reconciler.cli.screens.sheet import wrap
from reconciler.cli.screens.text import width
from reconciler.model import View

MOST_NEEDS = 5
MOST_NEXT = 3
KIND = 9
NEXT_COMMAND = "swarm next"
TEXT_LEAST = 36  # a text longer than a line is cut to no less; else its command moves to the next line


def foot(view: View, needs: tuple[Need, ...], ink: Ink, *, all: bool) -> list[Line]:
    """A blank line, what waits for a person with the command for it, and what to start."""
    most = len(needs) if all or ink.look.width is None else MOST_NEEDS
    room = max([KIND, *(width(ink.text(need.kind)) for need in needs[:most])])
    lines: list[Line] = [()]
    if needs:
        lines.append(line(Span("Needs you", "bold")))
    for need in needs[:most]:
        kind = Span(f" {ink.text(need.kind)}".ljust(room + 2), need.style)
        lines += with_command(line(kind), need.text, need.command, ink)
    if len(needs) > most:
        lines += with_command(line(" " * (room + 2)), f"{len(needs) - most} more", "swarm status --all", ink)
    following = _next(view, room, ink)
    return lines + following if needs or following else []


def with_command(start: Line, text: str, run: str, ink: Ink) -> list[Line]:
    """``start text        command``. A text that fits a line of its own is not cut; nor is the command."""
    said = ink.field(text)
    if ink.look.width is None:
        return [(*start, Span(f"{said}  {ink.text(run)}"))]
    shown = ink.text(run)
    room = ink.look.width - length(start) - width(shown) - 2
    alone = width(said) <= ink.look.width - length(start)
    if room >= width(said) or (room >= TEXT_LEAST and not alone):
        fitted = ink.cut(said, room)
        return [(*start, Span(fitted + " " * (room - width(fitted) + 2)), Span(shown))]
    gap = max(ink.look.width - width(shown), 0)
    return [*_two_lines(start, said, ink), line(" " * gap + shown)]


def _two_lines(start: Line, said: str, ink: Ink) -> list[Line]:
    """The text on at most two lines; what is left is cut."""
    room = max((ink.look.width or 0) - length(start), 8)
    first, *rest = wrap(said, room)
    second = [line(" " * length(start) + ink.cut(" ".join(rest), room))] if rest else []
    return [(*start, Span(first)), *second]


def _next(view: View, room: int, ink: Ink) -> list[Line]:
    if not view.next:
        return []
    start = line(Span("Next".ljust(room + 2), "bold"))
    texts = [
        ", ".join(f"{one.action} {one.id}" for one in view.next[:shown])
        for shown in range(min(MOST_NEXT, len(view.next)), 0, -1)
    ]
    alone = 10**9 if ink.look.width is None else ink.look.width - length(start)
    beside = alone - width(NEXT_COMMAND) - 2
    chosen = next((text for text in texts[:-1] if width(ink.text(text)) <= beside), None)  # two or more
    chosen = chosen or next((text for text in texts if width(ink.text(text)) <= alone), texts[-1])
    return with_command(start, chosen, NEXT_COMMAND, ink)

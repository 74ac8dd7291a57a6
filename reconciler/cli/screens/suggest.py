"""`swarm next` and `swarm queue`: what to start, with the reasons and their weights."""

from collections import Counter
from datetime import datetime

from reconciler.cli.screens.ink import Ink, Line, Rules, command, line, paint, plural
from reconciler.cli.screens.look import Look
from reconciler.cli.screens.sheet import flowing, wrapped
from reconciler.cli.screens.text import natural, pad, shorten, width
from reconciler.cli.screens.words import is_open
from reconciler.frozen import frozen
from reconciler.model import Intent, Suggestion, View, Workstream, WorkstreamId

ID_MOST = 30
OBSTACLES = ("blocked", "held", "conflicting", "with open parts", "without a next step")


@frozen
class LeftOut:
    """A suggestion that cannot run beside the chosen ones, and why: ``conflict unit-combat``."""

    id: WorkstreamId
    why: str


@frozen
class Parallel:
    """What may run at the same time. ``compared`` has the number of files known for each chosen one."""

    ids: tuple[WorkstreamId, ...]
    left_out: tuple[LeftOut, ...] = ()
    compared: tuple[int, ...] = ()


def next_screen(
    view: View, rules: Rules, now: datetime, look: Look, *, n: int = 3, parallel: Parallel | None = None
) -> str:
    """The best ``n`` suggestions, or those of ``parallel``; then what was left out, with counts."""
    ink = Ink(look, now, rules)
    if parallel is None:
        chosen = view.next[:n]
    else:
        by_id = {one.id: one for one in view.next}
        chosen = tuple(by_id[one] for one in parallel.ids if one in by_id)
    lines = _spoken(chosen, ink) if look.accessible else _table(chosen, ink)
    if parallel is not None and len(chosen) > 1:
        lines += wrapped((), _together(parallel, chosen), ink)
    left = _left_out(view, chosen, parallel, ink)
    pieces = [ink.prose(f"{text},") for text in left[:-1]] + [ink.prose(text) for text in left[-1:]]
    lines += flowing(line("Left out: "), pieces, ink, gap=" ") if left else []
    if not chosen:
        return paint([line("Nothing to suggest: no open work is free."), *lines], look)
    return paint([*lines, line("Start one: swarm claim ID")], look)


def queue(view: View, rules: Rules, now: datetime, look: Look) -> str:
    """Every hand-written intent with the state that was derived for it: open ones first, most urgent first."""
    ink = Ink(look, now, rules)
    if not view.intents:
        return paint([line('The queue is empty. Add to it: swarm add "TITLE"')], look)
    streams = {stream.id: stream for stream in view.workstreams}
    over = {stream.id for stream in view.workstreams if not is_open(stream, ink)}
    order = sorted(
        view.intents,
        key=lambda one: (one.id in over, one.priority or 3, one.created is None, one.created, one.id),
    )
    room = min(max(width(ink.text(one.id)) for one in order), ID_MOST if look.width else 10**9)
    lines: list[Line] = []
    for one in order:
        state = streams[one.id].state if one.id in streams else "unknown"
        ident = pad(shorten(ink.text(one.id), room, look.mark), room)
        priority = f"p{one.priority}" if one.priority is not None else "- "
        title = ink.field(one.title or one.id)
        if look.accessible:
            lines.append(line(ink.prose(f"{one.id}, {priority.strip()}, {state}: {title}{_after(one, ink)}.")))
            continue
        start = line(f"{priority} {ident} {pad(ink.text(state), 12)} ")
        lines += flowing(start, [title + _after(one, ink)], ink)
    return paint(lines, look)


def _after(intent: Intent, ink: Ink) -> str:
    names = [item.text for item in intent.dependencies if item.relation == "blocks" and not item.reverse]
    said = [f"decision: {intent.decision}"] if intent.decision else []
    said += [f"after {', '.join(names)}"] if names else []
    return ink.text(f" ({'; '.join(said)})") if said else ""


def _table(chosen: tuple[Suggestion, ...], ink: Ink) -> list[Line]:
    numbers = len(str(len(chosen)))
    actions = max([10, *(width(ink.text(one.action)) for one in chosen)])
    longest = max((width(ink.text(one.id)) for one in chosen), default=0)
    ids = longest if ink.look.width is None else min(longest, max(ink.look.width // 3, 8))
    lines: list[Line] = []
    for index, one in enumerate(chosen, start=1):
        name = pad(shorten(ink.text(one.id), ids, ink.look.mark), ids)
        head = f"{index:>{numbers}} {pad(ink.text(one.action), actions)} "
        reasons = [ink.prose(f"{reason.weight:>+3} {reason.text}") for reason in one.reasons]
        lines += flowing(line(f"{head}{name}  "), reasons, ink)
        if one.command != command("swarm claim", one.id):
            lines += wrapped(line(" " * len(head)), ink.text(one.command), ink)
    return lines


def _spoken(chosen: tuple[Suggestion, ...], ink: Ink) -> list[Line]:
    lines = []
    for index, one in enumerate(chosen, start=1):
        why = ", ".join(f"{reason.text} ({reason.weight:+})" for reason in one.reasons)
        text = f"{index}, {one.action} {one.id}, {one.score} points: {why}; run {one.command}."
        lines.append(line(ink.prose(text)))
    return lines


def _together(parallel: Parallel, chosen: tuple[Suggestion, ...]) -> str:
    counts = [str(count) for count in parallel.compared[: len(chosen)]]
    files = ", ".join(counts[:-1]) + f" and {counts[-1]}" if len(counts) > 1 else "".join(counts)
    noun = "file" if counts[-1:] == ["1"] else "files"
    return "Together: no dependency, no conflict, no common file" + (f" ({files} {noun} compared)." if files else ".")


def _left_out(view: View, chosen: tuple[Suggestion, ...], parallel: Parallel | None, ink: Ink) -> list[str]:
    """Named ones first, then what is not free, then how many more were suggested; each is counted once."""
    named = parallel.left_out if parallel else ()
    said = [f"{one.id} ({one.why})" for one in sorted(named, key=lambda one: natural(one.id))]
    gone = {one.id for one in view.next} | {one.id for one in named}
    rest = [s for s in view.workstreams if is_open(s, ink) and s.id not in gone]
    closed = {s.id for s in view.workstreams if not is_open(s, ink)}
    counts = Counter(_obstacle(stream, closed) for stream in rest)
    said += [f"{counts[name]} {name}" for name in OBSTACLES if counts[name]]
    more = len({one.id for one in view.next} - {one.id for one in chosen} - {one.id for one in named})
    run = f"swarm next -n {len(view.next)}"
    return said + ([f"{plural(more, 'more suggestion', 'more suggestions')}: {run}"] if more else [])


def _obstacle(stream: Workstream, closed: set[WorkstreamId]) -> str:
    """Why nothing is suggested for it, one of OBSTACLES: the first that holds."""
    if stream.blocked_by or "blocked" in stream.flags:
        return "blocked"
    if stream.claim is not None:
        return "held"
    if stream.conflicts or "conflicted" in stream.flags:
        return "conflicting"
    return "with open parts" if set(stream.children) - closed else "without a next step"

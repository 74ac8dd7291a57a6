"""`swarm graph`, `blocked`, `unblocks`: what waits for what, as text, Mermaid or Graphviz."""

from collections.abc import Callable, Iterable, Iterator
from datetime import datetime

from reconciler.cli.screens.ink import Ink, Line, Rules, Span, command, line, paint, plural
from reconciler.cli.screens.look import Look
from reconciler.cli.screens.notes import Around, Note, note_spans, notes_of, unblocking
from reconciler.cli.screens.sheet import wrapped
from reconciler.cli.screens.text import clean, natural, pad, shorten, width
from reconciler.cli.screens.words import is_open
from reconciler.model import View, Workstream, WorkstreamId

Near = dict[WorkstreamId, tuple[WorkstreamId, ...]]
Edge = tuple[WorkstreamId, WorkstreamId, str]  # from, to, type
ARROWS = {
    "blocks": ("-->", ""),
    "informs": ("-.->", "style=dashed"),
    "conflicts": ("x--x", 'dir=none, color="red"'),
    "parent": ("---", "arrowhead=odiamond"),
}


def graph(view: View, rules: Rules, now: datetime, look: Look, *, format: str = "text", all: bool = False) -> str:
    """What waits for what. ``format`` is text, mermaid or dot; ``all`` adds workstreams without a relation."""
    ink = Ink(look, now, rules)
    if format == "mermaid":
        return _unbounded(_mermaid(view, ink, all=all), look)
    if format == "dot":
        return _unbounded(_dot(view, ink, all=all), look)
    return paint(_forest(view, ink, all=all), look)


def blocked(view: View, id: WorkstreamId, rules: Rules, now: datetime, look: Look) -> str:
    """Why ``id`` waits: its blockers, and theirs."""
    ink = Ink(look, now, rules)
    near = {stream.id: stream.blocked_by for stream in view.workstreams}
    rows = list(_walk(near, near.get(id, ()), {id}))
    if not rows:
        return paint([line(ink.text(f"{id} is not blocked."))], look)
    count = len({one for one, _, _ in rows})
    free = sorted({one for one, _, _ in rows if not near.get(one)}, key=natural)
    lines = [line(ink.text(f"{id} waits for {plural(count, 'workstream')}:"))]
    lines += _tree(rows, view, ink, source=id)
    run = command("swarm explain", free[0] if free else id)
    said = f"Not blocked themselves: {', '.join(free)}." if free else "A cycle: none of them can go first."
    return paint([*lines, *wrapped((), ink.text(said), ink), line(ink.text(f"Go on: {run}"))], look)


def unblocks(view: View, id: WorkstreamId, rules: Rules, now: datetime, look: Look) -> str:
    """What waits for ``id``, directly and through others."""
    ink = Ink(look, now, rules)
    near = _waiting(view)
    rows = list(_walk(near, near.get(id, ()), {id}))
    if not rows:
        return paint([line(ink.text(f"Nothing waits for {id}."))], look)
    count = plural(len({one for one, _, _ in rows}), "workstream waits", "workstreams wait")
    return paint([line(ink.text(f"{count} for {id}:")), *_tree(rows, view, ink)], look)


def _waiting(view: View) -> Near:
    """For each workstream those that it blocks."""
    near: dict[WorkstreamId, list[WorkstreamId]] = {}
    for stream in view.workstreams:
        for target in stream.blocked_by:
            near.setdefault(target, []).append(stream.id)
    return {one: tuple(sorted(ids, key=natural)) for one, ids in near.items()}


def _walk(
    near: Near, start: Iterable[WorkstreamId], above: set[WorkstreamId]
) -> Iterator[tuple[WorkstreamId, int, bool]]:
    """Depth first: id, depth, and whether what hangs below it was shown before. Ends in every graph."""
    shown = set(above)
    stack = [(one, 0) for one in reversed(tuple(start))]
    while stack:
        one, depth = stack.pop()
        again = one in shown
        yield one, depth, again
        if not again:
            shown.add(one)
            stack += [(below, depth + 1) for below in reversed(near.get(one, ()))]


def _forest(view: View, ink: Ink, *, all: bool) -> list[Line]:
    near = _waiting(view)
    waits = {stream.id for stream in view.workstreams if stream.blocked_by}
    roots = [one for one in near if one not in waits]
    rows = list(_walk(near, sorted(roots, key=natural), set()))
    seen = {one for one, _, _ in rows}
    for one in sorted(waits - seen, key=natural):  # only cycles are left
        if one not in seen:
            rows += _walk(near, (one,), seen)
            seen |= {row[0] for row in rows}
    lone = sorted(s.id for s in view.workstreams if is_open(s, ink) and s.id not in seen)
    if all:
        rows += [(one, 0, False) for one in lone]
    lines = _tree(rows, view, ink)
    if lone and not all:
        text = f"{plural(len(lone), 'open workstream')} without dependencies: swarm graph --all"
        lines += wrapped((), text, ink)
    return lines or [line("No open workstream depends on another.")]


def _tree(
    rows: list[tuple[WorkstreamId, int, bool]], view: View, ink: Ink, *, source: WorkstreamId | None = None
) -> list[Line]:
    streams = {stream.id: stream for stream in view.workstreams}
    around = Around.of(view, ink)
    deepest = 8 if ink.look.width is None else max(ink.look.width // 12, 1)
    longest = max((2 * min(d, deepest) + width(ink.text(one)) for one, d, _ in rows), default=0)
    room = longest if ink.look.width is None else min(longest, max(ink.look.width // 2 - 4, 12))
    return [_row(row, streams.get(row[0]), around, ink, room, deepest) for row in rows]


def _row(
    row: tuple[WorkstreamId, int, bool],
    stream: Workstream | None,
    around: Around,
    ink: Ink,
    room: int,
    deepest: int,
) -> Line:
    one, depth, again = row
    if ink.look.accessible:
        state = stream.state if stream else "unknown"
        said = [one, state, *(note.long for note in _notes(stream, around, ink) if note.long and not again)]
        return line(ink.prose(f"Level {depth + 1}: {', '.join([*said, 'listed above'] if again else said)}."))
    indent = " " * (2 * min(depth, deepest))
    name = shorten(ink.text(one), max(room - len(indent), 6), ink.look.mark)
    mark = ink.state(stream.state) if stream else Span("?")
    word = pad(ink.text(stream.state) if stream else "unknown", 12)
    start = line(" ", indent, mark, " ", pad(name, max(room - len(indent), 0)), " ", Span(word, mark.style))
    if again:
        return (*start, Span(" (above)"))
    return (*start, Span(" "), *note_spans(_notes(stream, around, ink), ink, long=False))


def _notes(stream: Workstream | None, around: Around, ink: Ink) -> tuple[Note, ...]:
    """The notes of a row, and always what it unblocks: a graph is read for that."""
    if stream is None:
        return ()
    return tuple(dict.fromkeys((*unblocking(stream, around), *notes_of(stream, around, ink))))


def _edges(view: View) -> list[Edge]:
    """(from, to, type), sorted: the blocker points at what waits for it."""
    found = set()
    for stream in view.workstreams:
        for relation in stream.relations:
            pair = (relation.target, stream.id)
            if relation.type == "conflicts":
                pair = (min(pair), max(pair))
            found.add((*pair, relation.type))
        found |= {(target, stream.id, "blocks") for target in stream.dependencies}
        if stream.parent:
            found.add((stream.parent, stream.id, "parent"))
    return sorted(found)


def _nodes(
    view: View, edges: list[tuple[WorkstreamId, WorkstreamId, str]], ink: Ink, *, all: bool
) -> list[WorkstreamId]:
    ends = {one for edge in edges for one in edge[:2]}
    opens = {stream.id for stream in view.workstreams if all or is_open(stream, ink)}
    return sorted(ends | opens, key=natural)


def _mermaid(view: View, ink: Ink, *, all: bool) -> Iterator[str]:
    edges = _edges(view)
    nodes = _nodes(view, edges, ink, all=all)
    names = {one: f"n{index}" for index, one in enumerate(nodes)}
    yield "flowchart LR"
    for one, label in _labels(view, nodes, ink):
        yield f'  {names[one]}["{_escaped(label, _mermaid_char)}"]'
    for start, end, kind in edges:
        yield f"  {names[start]} {ARROWS.get(kind, ARROWS['informs'])[0]} {names[end]}"


def _dot(view: View, ink: Ink, *, all: bool) -> Iterator[str]:
    edges = _edges(view)
    nodes = _nodes(view, edges, ink, all=all)
    names = {one: f"n{index}" for index, one in enumerate(nodes)}
    yield "digraph swarm {"
    yield "  rankdir=LR;"
    for one, label in _labels(view, nodes, ink):
        yield f'  {names[one]} [label="{_escaped(label, _dot_char)}"];'
    for start, end, kind in edges:
        style = ARROWS.get(kind, ARROWS["informs"])[1]
        yield f"  {names[start]} -> {names[end]}" + (f" [{style}];" if style else ";")
    yield "}"


def _labels(view: View, nodes: list[WorkstreamId], ink: Ink) -> Iterator[tuple[WorkstreamId, str]]:
    states = {stream.id: stream.state for stream in view.workstreams}
    for one in nodes:
        yield one, ink.text(f"{one} ({states.get(one, 'unknown')})")


def _escaped(text: str, each: Callable[[str], str]) -> str:
    return "".join(char if char.isalnum() or char in " -_./:,()" else each(char) for char in clean(text))


def _mermaid_char(char: str) -> str:
    """Everything with a meaning somewhere in Mermaid as a number, brackets and percent signs among them."""
    return f"#{ord(char)};"


def _dot_char(char: str) -> str:
    return f"\\{char}" if char in '"\\' else char


def _unbounded(rows: Iterable[str], look: Look) -> str:
    """Text for another program: neither cut nor coloured."""
    return paint([line(row) for row in rows], Look(unicode=look.unicode))

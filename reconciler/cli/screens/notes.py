"""What a row says at its end: flags in words, short for narrow screens and long for wide ones."""

from collections import Counter
from collections.abc import Callable

from reconciler.cli.screens.ink import Ink, Span, plural
from reconciler.cli.screens.words import warnings_of
from reconciler.frozen import frozen
from reconciler.model import View, Workstream, WorkstreamId


@frozen
class Note:
    short: str
    long: str
    style: str = ""


@frozen
class Around:
    """What a note needs to know of the other workstreams."""

    by_id: dict[WorkstreamId, Workstream]
    waiting: Counter[WorkstreamId]  # how many wait for it
    open: frozenset[WorkstreamId]
    cycles: tuple[tuple[WorkstreamId, ...], ...]
    unreadable: frozenset[str]

    @classmethod
    def of(cls, view: View, ink: Ink) -> "Around":
        """Everything looked up once for a whole screen."""
        closed = {row.name for row in ink.rules.states if not row.open}
        streams = view.workstreams
        return cls(
            by_id={stream.id: stream for stream in streams},
            waiting=Counter(one for s in streams if s.state not in closed for one in s.blocked_by),
            open=frozenset(stream.id for stream in streams if stream.state not in closed),
            cycles=view.cycles,
            unreadable=frozenset(p.workstream for p in view.problems if p.code == "unreadable"),
        )


def notes_of(stream: Workstream, around: Around, ink: Ink) -> tuple[Note, ...]:
    """The notes of a workstream, the gravest first; remarks only where nothing is wrong."""
    grave: list[Note] = []
    for name in FLAGS:
        note = FLAGS[name](stream, around, ink)
        if note:
            grave.append(Note(note[0], note[1], ink.flag_style(name)))
    known = set(FLAGS) - {"idle"}
    for name in sorted(set(stream.flags) - known):
        row = ink.flag(name)
        grave.append(Note(name, row.meaning if row else name, ink.flag_style(name)))
    return tuple(grave) or _remarks(stream, around)


def note_spans(notes: tuple[Note, ...], ink: Ink, *, long: bool) -> tuple[Span, ...]:
    """The notes as spans, with ``, `` between short and ``; `` between long ones."""
    spans: list[Span] = []
    for note in notes:
        words = note.long if long else note.short
        if spans and words:
            spans.append(Span("; " if long else ", "))
        if words:
            spans.append(Span(ink.field(words), note.style))
    return tuple(spans)


def _conflict(stream: Workstream, around: Around, ink: Ink) -> tuple[str, str] | None:
    if not stream.conflicts:
        return ("conflict", "conflict") if "conflicted" in stream.flags else None
    first, files = stream.conflicts[0]
    more = _more(len(stream.conflicts))
    named = f": {files[0]}{_more(len(files))}" if files else ""
    return f"conflict {first}{more}", f"conflict with {first}{more}{named}"


def _cycle(stream: Workstream, around: Around, ink: Ink) -> tuple[str, str] | None:
    members = next((ring for ring in around.cycles if stream.id in ring), ())
    if not members and "cycle" not in stream.flags:
        return None
    others = [member for member in members if member != stream.id]
    return "cycle", f"cycle with {', '.join(others)}" if others else "cycle: waits for itself"


def _unreadable(stream: Workstream, around: Around, ink: Ink) -> tuple[str, str] | None:
    if "unreadable" not in stream.flags and stream.id not in around.unreadable:
        return None
    return "unreadable", "a document or branch of it could not be read"


def _stale(stream: Workstream, around: Around, ink: Ink) -> tuple[str, str] | None:
    claim = stream.claim
    if "stale" not in stream.flags and not (claim and claim.status == "stale"):
        return None
    since = claim.heard if claim else stream.updated
    if since is None:
        return "stale", "stale"
    lasting = ink.lasting(since)
    return f"stale {lasting}", f"stale, not heard {lasting if ink.look.piped else 'for ' + lasting}"


def _idle(stream: Workstream, around: Around, ink: Ink) -> tuple[str, str] | None:
    status = stream.claim.status if stream.claim else ""
    if status == "idle":
        return "idle", "idle"
    return ("unheard", "when its holder was last heard is unknown") if status == "unknown" else None


def _drift(stream: Workstream, around: Around, ink: Ink) -> tuple[str, str] | None:
    if "drift" not in stream.flags:
        return None
    found = warnings_of(stream)
    return "drift", f"{found[0].say}{_more(len(found))}" if found else "drift"


def _reopened(stream: Workstream, around: Around, ink: Ink) -> tuple[str, str] | None:
    if "reopened" not in stream.flags:
        return None
    taken_back = any(fact.tag == "reverted" for fact in stream.evidence)
    return "reopened", "merged once, and taken back" if taken_back else "merged once, worked on again"


def _blocked(stream: Workstream, around: Around, ink: Ink) -> tuple[str, str] | None:
    if not stream.blocked_by:
        return ("blocked", "blocked") if "blocked" in stream.flags else None
    named = [f"{one} ({around.by_id[one].state})" if one in around.by_id else one for one in stream.blocked_by]
    return f"blocked {stream.blocked_by[0]}{_more(len(named))}", f"blocked by {', '.join(named)}"


FLAGS: dict[str, Callable[[Workstream, Around, Ink], tuple[str, str] | None]] = {
    "conflicted": _conflict,
    "cycle": _cycle,
    "unreadable": _unreadable,
    "stale": _stale,
    "idle": _idle,
    "drift": _drift,
    "reopened": _reopened,
    "blocked": _blocked,
}


def _remarks(stream: Workstream, around: Around) -> tuple[Note, ...]:
    """What is good to know of a workstream that nothing holds up."""
    said: list[Note] = []
    if any(fact.tag == "merges-cleanly" for fact in stream.evidence):
        said.append(Note("merges cleanly", "merges cleanly"))
    if stream.id in around.open and not stream.claim:
        if stream.priority == 1:
            said.append(Note("p1", ""))
        said += unblocking(stream, around)
    parts = [one for one in stream.children if one in around.open]
    if parts and stream.id in around.open:
        counted = plural(len(parts), "open part")
        said.append(Note(counted, f"{counted}: {', '.join(parts[:3])}{', ...' if len(parts) > 3 else ''}"))
    return tuple(said)


def unblocking(stream: Workstream, around: Around) -> tuple[Note, ...]:
    """How many open workstreams wait for it directly."""
    waiting = around.waiting[stream.id] if stream.id in around.open else 0
    return (Note(f"unblocks {waiting}", f"unblocks {plural(waiting, 'workstream')}"),) if waiting else ()


def _more(count: int) -> str:
    return f" +{count - 1}" if count > 1 else ""

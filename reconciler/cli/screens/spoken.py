"""`swarm status` for people who listen: ASCII, one full sentence per line, nothing aligned."""

from reconciler.cli.screens.head import CLAIMS, counts
from reconciler.cli.screens.ink import Ink, Line, line, plural, spoken_age
from reconciler.cli.screens.needs import Need, needy_ids
from reconciler.cli.screens.notes import Around, notes_of
from reconciler.cli.screens.words import in_order, is_open, last_seen, states_of
from reconciler.model import View, Workstream


def spoken_status(view: View, shown: View, needs: tuple[Need, ...], ink: Ink, *, all: bool) -> list[Line]:
    """Sentences: the counts, each workstream, what needs a person, what is next."""
    around = Around.of(view, ink)
    said = [_summary(view, len(needy_ids(needs)), ink)]
    if not view.complete:
        said.append("Something could not be read; swarm doctor says what.")
    for state in states_of(shown, ink):
        rows = [s for s in shown.workstreams if s.state == state and (all or is_open(s, ink))]
        said += [_sentence(stream, around, ink) for stream in in_order(rows)]
    hidden = 0 if all else sum(not is_open(s, ink) for s in shown.workstreams)
    if hidden:
        said.append(f"{plural(hidden, 'closed workstream')} not listed; swarm status --all lists them.")
    said += [f"Needs you, {need.kind}: {need.text}; run {need.command}." for need in needs]
    said += [f"Next, {one.action} {one.id}." for one in shown.next[:3]]
    return [line(ink.prose(text)) for text in said]


def _summary(view: View, needy: int, ink: Ink) -> str:
    opens, blocked, sessions = counts(view, ink)
    base = f"{view.base.branch} at {view.base.commit[:7]}" if view.base else "no base branch"
    live = [f"{plural(sessions[name], name + ' session')}" for name in CLAIMS if sessions[name]]
    parts = [plural(opens, "open workstream"), *live, f"{blocked} blocked", f"{needy} in need of you"]
    return f"{view.name}, {base}: {', '.join(parts)}."


def _sentence(stream: Workstream, around: Around, ink: Ink) -> str:
    parts = [f"{stream.id} stands at {stream.state}"]
    done, _, total = stream.phase_text.partition("/")
    if total:
        parts.append(f"phase {done} of {total}")
    if stream.priority is not None:
        parts.append(f"priority {stream.priority}")
    parts.append(f"held by {stream.claim.session}" if stream.claim else "held by nobody")
    at = last_seen(stream)
    if at:
        parts.append(f"{'last heard' if stream.claim else 'changed'} {spoken_age(at, ink.now)}")
    parts += [note.long for note in notes_of(stream, around, ink) if note.long]
    return ", ".join(parts) + "."

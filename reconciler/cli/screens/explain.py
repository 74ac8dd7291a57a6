"""`swarm explain ID`: the evidence, the rule that decided, the rules that nearly did, the drift."""

from collections.abc import Iterator
from datetime import datetime

from reconciler.cli.screens.ink import Ink, Rules, command, iso, paint, spoken_age
from reconciler.cli.screens.look import Look
from reconciler.cli.screens.sheet import Entry, sheet
from reconciler.model import Evidence, View, Workstream, WorkstreamId


def explain(view: View, id: WorkstreamId, rules: Rules, now: datetime, look: Look) -> str:
    """Why ``id`` is in its state. ``id`` must be one of the view's: resolving names is the caller's."""
    ink = Ink(look, now, rules)
    stream = next(one for one in view.workstreams if one.id == id)
    entries = [
        *_block("because", _because(stream, ink)),
        *_block("drift", _drift(stream), ink.flag_style("drift")),
        *_block("blocked", _blocked(stream, view), ink.flag_style("blocked")),
        *_block("conflict", _conflicts(stream), ink.flag_style("conflicted")),
        *_block("nearly", (Entry("", f"{one.state}: {one.lacks}") for one in stream.near)),
        *_block("to change", _change(stream, view)),
    ]
    return paint(sheet(headline(stream), entries, ink), look)


def headline(stream: Workstream) -> str:
    """``fog-of-war is implementing, phase 1 of 3 (rule implementing, confidence high)``."""
    done, _, total = stream.phase_text.partition("/")
    phase = f", phase {done} of {total}" if total else ""
    return f"{stream.id} is {stream.state}{phase} (rule {stream.rule}, confidence {stream.confidence})"


def _block(label: str, rows: Iterator[Entry], style: str = "") -> Iterator[Entry]:
    """The label on the first row only."""
    for index, row in enumerate(rows):
        yield Entry(label if index == 0 else "", row.text, row.source, style)


def _because(stream: Workstream, ink: Ink) -> Iterator[Entry]:
    if not stream.evidence:
        yield Entry("", stream.reason or "no evidence is recorded")
    for fact in stream.evidence:
        words = " (somebody's words)" if fact.claim else ""
        yield Entry("", (fact.detail or fact.tag) + words, _source(fact, ink))


def _source(fact: Evidence, ink: Ink) -> str:
    if fact.at is None:
        return fact.source
    when = iso(fact.at) if ink.look.piped else spoken_age(fact.at, ink.now)
    if not ink.look.accessible and not ink.look.piped and when.endswith("ago"):
        when = f"{ink.when(fact.at)} ago"
    return f"{fact.source}  {when}".strip()


def _drift(stream: Workstream) -> Iterator[Entry]:
    for one in stream.drift:
        yield Entry("", one.say, one.source)


def _blocked(stream: Workstream, view: View) -> Iterator[Entry]:
    states = {one.id: one.state for one in view.workstreams}
    for target in stream.blocked_by:
        relation = next((r for r in stream.relations if r.target == target and r.type == "blocks"), None)
        source = relation.source if relation else ""
        yield Entry("", f"by {target} ({states.get(target, 'unknown')})", source)


def _conflicts(stream: Workstream) -> Iterator[Entry]:
    for other, files in stream.conflicts:
        yield Entry("", f"with {other}: {', '.join(files)}" if files else f"with {other}")


def _change(stream: Workstream, view: View) -> Iterator[Entry]:
    """What would change the picture; swarm itself stores no state that could be edited."""
    parts = [one.command for one in view.next if one.id == stream.id][:1]
    if stream.branch and not stream.merged_at and not parts:
        parts.append(f"merge the branch {stream.branch}")
    if stream.drift:
        parts.append("set the status in the document back")
    parts += [f"finish {target} first" for target in stream.blocked_by[:1]]
    if not parts and stream.near:
        parts.append(f"for {stream.near[0].state}: {stream.near[0].lacks}")
    if not parts:
        parts.append(command("swarm update", stream.id) + " records a decision")
    yield Entry("", ", or ".join(parts) + "; then swarm reconcile")

"""`swarm explain ID`: the evidence, the rule that decided, the rules that nearly did, the drift."""

import re
from collections.abc import Iterator
from datetime import datetime

from reconciler.cli.screens.ink import Ink, Rules, command, iso, paint, spoken_age
from reconciler.cli.screens.look import Look
from reconciler.cli.screens.sheet import Entry, sheet
from reconciler.cli.screens.words import is_open
from reconciler.model import Evidence, View, Workstream, WorkstreamId

FULL_ID = re.compile(r"[0-9a-f]{40}([0-9a-f]{24})?")


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
        *_block("to change", _change(stream, view, ink)),
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
    """One entry per fact; facts that would read the same are said once."""
    if not stream.evidence:
        yield Entry("", stream.reason or "no evidence is recorded")
    for text, source in dict.fromkeys(_fact(fact, ink) for fact in stream.evidence):
        yield Entry("", text, source)


def _fact(fact: Evidence, ink: Ink) -> tuple[str, str]:
    """The words of a fact, and its source with its age; a source that the words name already is left out."""
    text = fact.detail or fact.tag
    source = fact.source[:7] if FULL_ID.fullmatch(fact.source) else fact.source
    said = [] if source in text else [source]
    if fact.at is not None:
        said.append(_when(fact.at, ink))
    return text + (" (somebody's words)" if fact.claim else ""), "  ".join(said)


def _when(at: datetime, ink: Ink) -> str:
    if ink.look.piped:
        return iso(at)
    if ink.look.accessible:
        return spoken_age(at, ink.now)
    short = ink.when(at)
    return "in the future" if short == "?" else f"{short} ago"


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


def _change(stream: Workstream, view: View, ink: Ink) -> Iterator[Entry]:
    """What would change the picture; swarm itself stores no state that could be edited."""
    parts = [one.command for one in view.next if one.id == stream.id][:1]
    if stream.branch and not stream.merged_at and not parts:
        parts.append(f"merge the branch {stream.branch}")
    if stream.drift:
        parts.append("correct the status in the document")
    parts += [f"finish {target} first" for target in stream.blocked_by[:1]]
    if not parts and is_open(stream, ink):
        parts.append(command("swarm update", stream.id) + " records a decision")
    if parts:
        yield Entry("", ", or ".join(parts) + "; then swarm reconcile")

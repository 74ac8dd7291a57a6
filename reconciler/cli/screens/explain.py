"""`swarm explain ID`: the evidence, the rule that decided, the rules that nearly did, the drift."""

import re
from collections.abc import Iterator
from datetime import datetime

from reconciler.cli.screens.ink import Ink, Rules, paint
from reconciler.cli.screens.look import Look
from reconciler.cli.screens.sheet import Entry, sheet
from reconciler.cli.screens.steps import steps_of
from reconciler.cli.screens.words import is_remark
from reconciler.model import Evidence, Tag, View, Workstream, WorkstreamId

FULL_ID = re.compile(r"[0-9a-f]{40}([0-9a-f]{24})?")
MOST_FACTS = 8  # on a screen; nothing is left out of a pipe

Fact = tuple[str, str]  # words, source


def explain(view: View, id: WorkstreamId, rules: Rules, now: datetime, look: Look) -> str:
    """Why ``id`` is in its state. ``id`` must be one of the view's: resolving names is the caller's."""
    ink = Ink(look, now, rules)
    stream = next(one for one in view.workstreams if one.id == id)
    steps = steps_of(stream, view, ink)
    entries = [
        *_evidence(stream, ink),
        *_block("drift", _drift(stream, remarks=False), ink.flag_style("drift")),
        *_block("words", _drift(stream, remarks=True)),
        *_block("blocked", _blocked(stream, view), ink.flag_style("blocked")),
        *_block("conflict", _conflicts(stream), ink.flag_style("conflicted")),
        *_block("nearly", (Entry("", f"{one.state}: {one.lacks}") for one in stream.near)),
        *_block("to change", iter([Entry("", ", or ".join(steps) + "; then swarm reconcile")] if steps else [])),
    ]
    return paint(sheet(headline(stream), entries, ink), look)


def headline(stream: Workstream) -> str:
    """``fog-of-war is implementing, phase 1 of 3 (rule implementing, confidence high)``."""
    done, _, total = stream.phase_text.partition("/")
    phase = f", phase {done} of {total}" if total else ""
    if done == "0":
        phase = f", no phase of {total} done"
    state = "an idea" if stream.state == "idea" else stream.state
    return f"{stream.id} is {state}{phase} (rule {stream.rule}, confidence {stream.confidence})"


def _block(label: str, rows: Iterator[Entry], style: str = "") -> Iterator[Entry]:
    """The label on the first row only."""
    for index, row in enumerate(rows):
        yield Entry(label if index == 0 else "", row.text, row.source, style)


def _evidence(stream: Workstream, ink: Ink) -> Iterator[Entry]:
    """Under "because" what the deciding rule names, under "also" the rest; facts that read the same once."""
    decided, others = _parted(stream, ink)
    most = len(decided) + len(others) if ink.look.piped else MOST_FACTS
    first, rest = decided[:most], others[: max(most - len(decided), 0)]
    hidden = len(decided) + len(others) - len(first) - len(rest)
    yield from _block("because", (Entry("", text, source) for text, source in first))
    yield from _block("also", (Entry("", text, source) for text, source in rest))
    if hidden:
        yield Entry("", f"({hidden} more: --json)")


def _parted(stream: Workstream, ink: Ink) -> tuple[list[Fact], list[Fact]]:
    """What the rule names, and the rest; a rule that names none of them is spoken for by its reason."""
    named = _named(stream, ink)
    chosen = [fact for fact in stream.evidence if fact.tag in named]
    chosen = chosen or [fact for fact in stream.evidence if fact.detail and fact.detail == stream.reason]
    decided = list(dict.fromkeys(_fact(fact, ink) for fact in chosen))
    others = [fact for fact in dict.fromkeys(_fact(one, ink) for one in stream.evidence) if fact not in decided]
    if not decided and (stream.reason or not others):
        decided = [(stream.reason or "no evidence is recorded", "")]
    return (decided, others) if decided else (others, [])


def _named(stream: Workstream, ink: Ink) -> frozenset[Tag]:
    """The tags of the rule that decided."""
    found = (rule for row in ink.rules.states for rule in row.rules if rule.id == stream.rule)
    rule = next(found, None)
    return rule.when.all | rule.when.any if rule else frozenset()


def _fact(fact: Evidence, ink: Ink) -> Fact:
    """The words of a fact, and its source with its age; a source that the words name already is left out."""
    text = (fact.detail or fact.tag) + (" (somebody's words)" if fact.claim else "")
    source = fact.source[:7] if FULL_ID.fullmatch(fact.source) else fact.source
    said = [] if source in text or _is_named_ref(source, text) else [source]
    if fact.at is not None and ink.look.accessible:
        text += f", {ink.ago(fact.at)}"
    elif fact.at is not None:
        said.append(ink.ago(fact.at))
    return text, "  ".join(said)


def _is_named_ref(source: str, text: str) -> bool:
    """``refs/heads/x`` where the words speak of ``branch x``."""
    kind, _, name = source.removeprefix("refs/").partition("/")
    return kind == "heads" and re.search(rf"\bbranch {re.escape(name)}(?![^\s:,;])", text) is not None


def _drift(stream: Workstream, *, remarks: bool) -> Iterator[Entry]:
    for one in stream.drift:
        if is_remark(one) == remarks:
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

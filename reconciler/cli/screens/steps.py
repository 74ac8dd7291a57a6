"""What would move a workstream on: the last line of `swarm explain`, one row per state."""

from collections.abc import Callable

from reconciler.cli.screens.ink import Ink, command
from reconciler.cli.screens.words import is_open, is_remark
from reconciler.frozen import frozen
from reconciler.model import Drift, View, Workstream, WorkstreamId

LIVE = frozenset({"active", "idle", "unknown"})


@frozen
class Here:
    """A workstream and what a step needs to know around it."""

    stream: Workstream
    states: dict[WorkstreamId, str]
    closed: frozenset[str]
    suggested: str  # the command that `swarm next` gives for it, "" when it gives none

    @property
    def tags(self) -> frozenset[str]:
        return frozenset(fact.tag for fact in self.stream.evidence)

    @property
    def is_in_flight(self) -> bool:
        """Has a branch with commits that are not merged."""
        return bool(self.stream.branch) and ("in-flight" in self.tags or self.stream.ahead > 0)

    @property
    def is_held(self) -> bool:
        return self.stream.claim is not None and self.stream.claim.status in LIVE

    def source(self, tag: str) -> str:
        """Where the first fact of this tag was read, for people."""
        return next((fact.source for fact in self.stream.evidence if fact.tag == tag and fact.source), "")


def steps_of(stream: Workstream, view: View, ink: Ink) -> list[str]:
    """The steps that a person can choose from, the most useful first; none where all is as it should be."""
    closed = frozenset(str(row.name) for row in ink.rules.states if not row.open)
    suggested = next((one.command for one in view.next if one.id == stream.id), "")
    here = Here(stream, {one.id: str(one.state) for one in view.workstreams}, closed, suggested)
    steps = _ways(here, opened=is_open(stream, ink))
    return list(dict.fromkeys([*steps, *(_correction(one) for one in stream.drift if not is_remark(one))]))


def _ways(here: Here, *, opened: bool) -> list[str]:
    stream = here.stream
    if not opened:
        return _closed(here)
    if "cycle" in stream.flags:
        return ["take one dependency of the cycle away"]
    waiting = [one for one in stream.blocked_by if here.states.get(one) not in here.closed]
    at_work = stream.state in ("implementing", "in-review")
    if waiting and not at_work:
        return [f"finish {waiting[0]} first ({here.states.get(waiting[0], 'unknown')})"]
    children = [one for one in stream.children if here.states.get(one) not in here.closed]
    if children and not here.is_in_flight:
        return [f"finish what is open in it: {', '.join(children[:3])}" + (" ..." if len(children) > 3 else "")]
    return WAYS.get(str(stream.state), _other)(here)


def _closed(here: Here) -> list[str]:
    if any(tag.startswith("decision:") for tag in here.tags):
        return [f"{command('swarm update --status open', here.stream.id)} takes the decision back"]
    return [here.suggested] if here.suggested else []


def _in_review(here: Here) -> list[str]:
    return [_merge(here) if here.stream.branch else here.suggested or "merge its branch"]


def _implementing(here: Here) -> list[str]:
    """The next of: somebody who goes on, a review, the merge."""
    stream = here.stream
    steps = []
    if stream.claim is not None and not here.is_held:
        steps.append(f"go on with it: {command('swarm claim', stream.id)}")
    done, _, total = stream.phase_text.partition("/")
    if total and done != total:
        steps.append(f"finish its phases ({done} of {total} done)")
    elif not stream.artifacts.review:
        steps.append("write a review")
    return [*steps, _merge(here)] if here.is_in_flight else steps


def _ready(here: Here) -> list[str]:
    if here.is_held:
        return ["commit work on a branch of it"]
    return [f"start it: {command('swarm claim', here.stream.id)}"]


def _planning(here: Here) -> list[str]:
    draft = here.source("claim:draft")
    if draft:
        return [f"finish the plan; its status says draft at {draft}"]
    return ["fill in the template" if "template" in here.tags else "write the plan"]


def _researched(here: Here) -> list[str]:
    return [_by_claim("write a plan", here)]


def _researching(here: Here) -> list[str]:
    where = here.stream.artifacts.research
    return [f"finish the research {where}" if where else _by_claim("write the research down", here)]


def _idea(here: Here) -> list[str]:
    return [_by_claim("research or plan it", here)]


def _other(here: Here) -> list[str]:
    """A state that a rule file brought."""
    return [here.suggested or f"{command('swarm update', here.stream.id)} records a decision"]


WAYS: dict[str, Callable[[Here], list[str]]] = {
    "in-review": _in_review,
    "implementing": _implementing,
    "ready": _ready,
    "planning": _planning,
    "researched": _researched,
    "researching": _researching,
    "idea": _idea,
}


def _merge(here: Here) -> str:
    if here.suggested.startswith("git merge "):
        return f"merge it: {here.suggested}"
    return f"merge the branch {here.stream.branch}"


def _by_claim(what: str, here: Here) -> str:
    return what if here.is_held else f"{what}: {command('swarm claim', here.stream.id)}"


def _correction(drift: Drift) -> str:
    return f"correct the words at {drift.source}" if drift.source else "correct the words in the document"

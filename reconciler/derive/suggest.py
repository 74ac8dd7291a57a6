"""What to do next, and why: rows of suggestions.toml applied to each workstream."""

import shlex
from collections.abc import Mapping, Sequence
from datetime import datetime

from reconciler.derive.graph import has_path
from reconciler.derive.hurdles import is_held, is_in_flight
from reconciler.frozen import frozen
from reconciler.model import Reason, Relation, Suggestion, Tag, Workstream, WorkstreamId
from reconciler.policy import Rulebook, WeightRule


@frozen
class Together:
    """A set that can run at the same time, and who was left out of it, with the reason."""

    chosen: tuple[Suggestion, ...]
    left_out: tuple[tuple[str, str], ...]
    files: tuple[int, ...]  # how many files of each chosen one were compared


def suggest(
    workstreams: Sequence[Workstream],
    tags: Mapping[str, frozenset[Tag]],
    unblocks: Mapping[str, tuple[str, ...]],
    newest: datetime | None,
    rulebook: Rulebook,
) -> tuple[Suggestion, ...]:
    """Suggestions, best first: unblocked, unheld, not in conflict with work in flight.

    ``newest`` is the time of the newest evidence: ages are counted from it, not from the clock, so that
    the order does not change while nothing else does.
    """
    found = []
    back = held_back(workstreams)
    for workstream in workstreams:
        if workstream.id in back:
            continue
        waiting = len(unblocks.get(workstream.id, ()))
        if (suggestion := suggest_one(workstream, tags[workstream.id], waiting, newest, rulebook)) is not None:
            found.append(suggestion)
    return tuple(sorted(found, key=lambda s: (-s.score, s.id)))


def held_back(workstreams: Sequence[Workstream]) -> frozenset[WorkstreamId]:
    """What nobody is to take up now: blocked, held, with open children, or in the way of work in flight."""
    beside = _beside_flights(workstreams)
    flying = frozenset(w.id for w in workstreams if is_in_flight(w))
    still_open = frozenset(w.id for w in workstreams if w.state not in ("merged", "abandoned"))
    return frozenset(
        w.id
        for w in workstreams
        if w.blocked_by or is_held(w) or w.id in beside or not still_open.isdisjoint(w.children) or _collides(w, flying)
    )


def suggest_one(
    workstream: Workstream, tags: frozenset[Tag], unblocks: int, newest: datetime | None, rulebook: Rulebook
) -> Suggestion | None:
    """What to do for one workstream that nothing holds back; ``unblocks``: how many wait for it."""
    return _apply(workstream, tags, _facts(workstream, unblocks, newest), rulebook)


def choose_together(suggestions: Sequence[Suggestion], workstreams: Sequence[Workstream], count: int) -> Together:
    """The best ``count`` suggestions with no dependency, conflict or common file between any two."""
    by_id = {w.id: w for w in workstreams}
    relations = {str(w.id): w.relations for w in workstreams}
    chosen: list[Suggestion] = []
    left_out: list[tuple[str, str]] = []
    for suggestion in suggestions:
        if len(chosen) == count:
            break
        why = next(filter(None, (_clash(by_id[suggestion.id], by_id[c.id], relations) for c in chosen)), "")
        if why:
            left_out.append((suggestion.id, why))
        else:
            chosen.append(suggestion)
    return Together(tuple(chosen), tuple(left_out), tuple(len(by_id[c.id].files) for c in chosen))


def _clash(one: Workstream, other: Workstream, relations: Mapping[str, Sequence[Relation]]) -> str:
    if any(r.type == "conflicts" and r.target == b.id for a, b in ((one, other), (other, one)) for r in a.relations):
        return f"conflict {other.id}"
    if has_path(relations, one.id, other.id):
        return f"depends on {other.id} or the other way round"
    common = sorted(set(one.files) & set(other.files))
    return f"common file {common[0]} with {other.id}" if common else ""


def _beside_flights(workstreams: Sequence[Workstream]) -> frozenset[str]:
    """What is not begun and declared to conflict with work that is in flight or held."""
    flying = {w.id for w in workstreams if is_in_flight(w)}
    pairs = [(w.id, r.target) for w in workstreams for r in w.relations if r.type == "conflicts" and r.target != w.id]
    both = [*pairs, *((other, one) for one, other in pairs)]
    return frozenset(one for one, other in both if other in flying and one not in flying)


def _collides(workstream: Workstream, flying: frozenset[str]) -> bool:
    """Both are in flight and change the same files: a person decides which of them goes on."""
    return any(other in flying for other, _ in workstream.conflicts)


def _facts(workstream: Workstream, unblocks: int, newest: datetime | None) -> dict[str, int]:
    facts = {"unblocks": unblocks}
    if workstream.priority is not None:
        facts["priority"] = workstream.priority
    if workstream.phase_text:
        facts["progress"] = int(workstream.phase_text.partition("/")[0])
    if newest and workstream.created:
        facts["age-days"] = max((newest.date() - workstream.created).days, 0)
    return facts


def _apply(
    workstream: Workstream, tags: frozenset[Tag], facts: Mapping[str, int], rulebook: Rulebook
) -> Suggestion | None:
    rule = next((r for r in rulebook.suggestions if r.when.holds(tags)), None)
    if rule is None:
        return None
    reasons = [Reason(rule.weight, rule.say)]
    for weight in rulebook.weights:
        points = _points(weight, facts.get(weight.fact))
        if points:
            reasons.append(Reason(points, weight.say.replace("{n}", str(facts[weight.fact]))))
    places = {"id": workstream.id, "branch": _as_revision(workstream), "worktree": workstream.worktree or ""}
    command = rule.command
    for name, value in places.items():
        command = command.replace("{" + name + "}", shlex.quote(value))
    ordered = tuple(sorted(reasons, key=lambda r: -r.weight))
    return Suggestion(workstream.id, rule.action, command, sum(r.weight for r in reasons), ordered)


def _as_revision(workstream: Workstream) -> str:
    """The branch as git finds it: with its remote where no local one has the name, whole where it looks like a flag."""
    name = workstream.branch or ""
    sources = [e.source for e in workstream.evidence if e.tag == "branch" and e.source.endswith(f"/{name}")]
    if sources and f"refs/heads/{name}" not in sources:
        return sources[0].removeprefix("refs/remotes/")
    return f"refs/heads/{name}" if name.startswith("-") else name


def _points(rule: WeightRule, fact: int | None) -> int:
    if not fact:
        return 0
    if rule.points:
        return rule.points[min(max(fact, 1), len(rule.points)) - 1]
    return min(fact * rule.each, rule.cap)

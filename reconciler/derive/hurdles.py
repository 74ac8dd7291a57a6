"""What stands in the way of taking a workstream: its state, what it waits for, what it must not run beside."""

from collections.abc import Mapping
from datetime import UTC

from reconciler.frozen import frozen
from reconciler.model import View, Workstream, WorkstreamId

IN_FLIGHT = frozenset({"implementing", "in-review"})
LIVE = frozenset({"active", "idle", "unknown"})  # states of a claim that keep others out


@frozen
class Hurdle:
    """One reason against taking a workstream; only ``merged`` cannot be overruled."""

    kind: str  # merged | abandoned | blocked | conflict
    say: str  # one clause for people
    others: tuple[WorkstreamId, ...] = ()


def hurdles(view: View, workstream: Workstream, session: str = "") -> tuple[Hurdle, ...]:
    """Everything that stands in the way of ``session``, gravest first."""
    if workstream.state == "merged":
        return (Hurdle("merged", "is merged"),)
    states = {w.id: w for w in view.workstreams}
    found = []
    if workstream.state == "abandoned":
        found.append(Hurdle("abandoned", "is abandoned"))
    if workstream.blocked_by:
        named = ", ".join(f"{b} ({_doing(states[b])})" if b in states else b for b in workstream.blocked_by)
        found.append(Hurdle("blocked", f"waits for {named}", workstream.blocked_by))
    flying = tuple(n for n in neighbours(view)[workstream.id] if n in states and is_in_flight(states[n], session))
    if flying:
        named = ", ".join(f"{n} ({_doing(states[n])})" for n in flying)
        found.append(Hurdle("conflict", f"must not run beside {named}", flying))
    return tuple(found)


def neighbours(view: View) -> Mapping[WorkstreamId, tuple[WorkstreamId, ...]]:
    """For each workstream those that are declared to conflict with it, on whichever side it was written."""
    found: dict[WorkstreamId, set[WorkstreamId]] = {w.id: set() for w in view.workstreams}
    for workstream in view.workstreams:
        for relation in workstream.relations:
            if relation.type == "conflicts" and relation.target in found and relation.target != workstream.id:
                found[workstream.id].add(relation.target)
                found[relation.target].add(workstream.id)
    return {name: tuple(sorted(others)) for name, others in found.items()}


def is_in_flight(workstream: Workstream, session: str = "") -> bool:
    """Is somebody on it: work on a branch, or a live claim of another session than ``session``?"""
    if workstream.state in ("merged", "abandoned"):
        return False
    claim = workstream.claim
    return workstream.state in IN_FLIGHT or (claim is not None and claim.status in LIVE and claim.session != session)


def is_held(workstream: Workstream) -> bool:
    """Does a session hold it that is not known to be gone?"""
    return workstream.claim is not None and workstream.claim.status in LIVE


def _doing(workstream: Workstream) -> str:
    """Its state, and who is on it: on which host, since when, last heard."""
    claim = workstream.claim
    if claim is None or not is_held(workstream):
        return str(workstream.state)
    since, heard = (f"{time.astimezone(UTC):%Y-%m-%dT%H:%M:%SZ}" for time in (claim.since, claim.heard))
    host = f" on {claim.host}" if claim.host else ""
    holder = claim.session or "somebody whose record cannot be read"
    return f"{workstream.state}, held by {holder}{host} since {since}, last heard {heard}, {claim.status}"

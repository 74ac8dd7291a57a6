"""Taking work and giving it back, for the commands, the MCP server and worktrees. Prints nothing."""

from collections.abc import Sequence
from typing import TYPE_CHECKING, Any, NoReturn

from reconciler.cli.ground import Ground, holder_row
from reconciler.cli.screens.ink import command
from reconciler.cli.screens.instances import holder_words
from reconciler.cli.session import find, now, take_a_look
from reconciler.coordination.claims import Result, remember, renew
from reconciler.coordination.claims import claim as take
from reconciler.coordination.claims import claim_next as take_next
from reconciler.coordination.claims import release as give_back
from reconciler.coordination.holdings import Holding, claims, look
from reconciler.derive.hurdles import Hurdle, hurdles, neighbours
from reconciler.errors import Exit, SwarmError, UnknownWorkstream
from reconciler.frozen import frozen
from reconciler.model import View, Workstream
from reconciler.printable import printable

if TYPE_CHECKING:
    from reconciler.reconcile import Look


class Held(SwarmError):
    """Somebody else has it; ``document`` is what ``--json`` prints about them."""

    code = Exit.HELD

    def __init__(self, name: str, holding: Holding, *, hint: str) -> None:
        super().__init__(f'"{name}" is held by {holder_words(holding, now())}', hint=hint)
        row = holder_row(holding)
        self.document: dict[str, Any] = {"schema": "swarm.refused/1", "id": name, "outcome": "refused", **row}


@frozen
class Granted:
    """A claim that was given, and how it stood before."""

    workstream: Workstream
    result: Result
    before: Holding


def refuse_held(place: Ground, name: str, *, steal: bool = True) -> None:
    """Raise Held where another session holds ``name``. Reads that claim and nothing else."""
    _refuse_held(name, look(place.root, name, place.here, place.limits), place, steal=steal)


def claim_one(
    seen: "Look", place: Ground, chosen: Workstream,
    *, force: bool = False, steal: bool = True, generation: int | None = None,
) -> Granted:  # fmt: skip
    """Take one workstream; with ``generation`` only renew that hold. Raises Held, or SwarmError for other hurdles."""
    stored = stored_as(chosen)
    before = look(place.root, stored, place.here, place.limits)
    mine = before.held and before.session == place.who.session
    found = hurdles(seen.view, chosen, place.who.session)
    if any(one.kind == "merged" for one in found):
        hint = command("swarm", "release" if mine else "show", chosen.id)
        raise SwarmError(f'"{chosen.id}" is merged; there is nothing left to claim', hint=hint)
    if not force:
        _refuse_held(chosen.id, before, place, steal=steal)
    if found and not (mine or force):
        _refuse(chosen, found)
    if generation is not None:
        renewed = renew(place.root, stored, place.who, place.here, generation=generation, limits=place.limits)
        _refuse_outdated(chosen.id, generation, renewed)
        return _granted(chosen, renewed, before)
    result = take(
        place.root, stored, place.who, place.here, limits=place.limits, force=force, steal=steal,
        against=() if mine or force else _rivals(chosen, stored, neighbours(seen.view)[chosen.id]),
        note="" if mine else "; ".join(f"forced although it {one.say}" for one in found),
    )  # fmt: skip
    return _granted(chosen, result, before)


def claim_next(seen: "Look", place: Ground, *, steal: bool = True) -> Granted:
    """Take the best suggestion that is free. Raises SwarmError when none is."""
    streams = {w.id: w for w in seen.view.workstreams}
    beside = neighbours(seen.view)
    free = [streams[s.id] for s in seen.view.next if not hurdles(seen.view, streams[s.id], place.who.session)]
    names = {stored_as(one): one for one in free}
    befores = {name: look(place.root, name, place.here, place.limits) for name in names}
    against = {name: _rivals(one, name, beside[one.id]) for name, one in names.items()}
    result = take_next(place.root, names, place.who, place.here, limits=place.limits, steal=steal, against=against)
    if result is None:
        waiting = sum(bool(w.blocked_by) for w in seen.view.workstreams)
        held = sum(holding.held for holding in befores.values()) + sum(w.claim is not None for w in streams.values())
        message = f"nothing is free to be claimed: {held} held, {waiting} blocked"
        raise SwarmError(message, hint="swarm instances", code=Exit.BLOCKED)
    return _granted(names[result.workstream], result, befores[result.workstream])


def claimed_document(seen: "Look", granted: Granted, place: Ground) -> dict[str, Any]:
    """What ``claim --json`` prints."""
    chosen, result, before = granted.workstream, granted.result, granted.before
    document = {
        "schema": "swarm.claimed/1", "id": chosen.id, "outcome": result.outcome, "status": chosen.state,
        "action": action_of(seen, chosen), "generation": result.generation,
        "previous": before.session or None if before.session != place.who.session else None,
        "note": (before.record.note or None) if before.record and not before.held else None,
    }  # fmt: skip
    return document | (holder_row(result.holder) if result.holder else {})


def action_of(seen: "Look", chosen: Workstream) -> str | None:
    """What ``next`` suggests for it."""
    return next((s.action for s in seen.view.next if s.id == chosen.id), None)


def release_all(
    place: Ground, name: str | None,
    *, everything: bool = False, force: bool = False, note: str = "", generation: int | None = None,
) -> list[tuple[str, Result]]:  # fmt: skip
    """Give back one workstream (with ``generation`` only that hold), or what the session holds. Raises Held."""
    chosen = [_held_name(place, name)] if name is not None else _mine(place, everything=everything)
    rows = []
    for one in chosen:
        result = give_back(
            place.root, one, place.who, place.here, generation=generation, limits=place.limits, force=force,
            steal=True, note=printable(note),
        )  # fmt: skip
        shown = name if name is not None else one
        _refuse_outdated(shown, generation, result)
        if result.outcome == "refused" and result.holder is not None:
            hint = f"{command('swarm', 'release', shown)} --force, if you know that nobody works on it"
            raise Held(shown, result.holder, hint=hint)
        rows.append((one, result))
    return rows


def released_document(rows: Sequence[tuple[str, Result]]) -> dict[str, Any]:
    """What ``release --json`` prints."""
    released = [
        {"id": one, "outcome": result.outcome, "generation": result.generation,
         "sessionId": result.holder.session if result.holder else None}
        for one, result in rows
    ]  # fmt: skip
    number = rows[0][1].generation if len(rows) == 1 else None
    return {"schema": "swarm.released/1", "released": released, "generation": number}


def found(view: View, name: str) -> Workstream:
    """The workstream of that name; where something could not be read, its absence proves nothing, and that is said."""
    try:
        return find(view, name)
    except UnknownWorkstream as error:
        unread = [p for p in view.problems if p.severity == "error" or p.code == "unreadable"]
        if not unread:
            raise
        message = f"{error.message}; but not everything could be read: {unread[0].path} {unread[0].message}"
        raise UnknownWorkstream(message, hint="swarm doctor") from error


def stored_as(chosen: Workstream) -> str:
    """The name of its claim: the id, or the earlier name under which somebody holds it still."""
    live = chosen.claim is not None and chosen.claim.status != "stale"
    return str(chosen.claim.workstream) if live and chosen.claim is not None else str(chosen.id)


# -- below: the steps


def _rivals(chosen: Workstream, stored: str, beside: Sequence[str]) -> tuple[str, ...]:
    """What must not be in other hands while this is in mine: its neighbours, and itself under another name."""
    return tuple(dict.fromkeys(n for n in (chosen.id, *chosen.aliases, *beside) if n != stored))


def _refuse_held(name: str, holding: Holding, place: Ground, *, steal: bool) -> None:
    """Say it before anything is tried: who holds it matters more than what it waits for."""
    if not holding.held or holding.session == place.who.session:
        return
    if not (steal and holding.verdict.status == "stale"):
        remember(place.root, holding, place.here)
        raise _held(name, holding)


def _refuse_outdated(name: str, generation: int | None, result: Result) -> None:
    """A number of an earlier hold: whoever acts in its name acts too late."""
    if result.outcome != "outdated":
        return
    holder = result.holder
    by = f"held under number {holder.generation} by {holder_words(holder, now())}" if holder else "held by nobody"
    message = f'number {generation} of "{name}" is out of date: it is {by}'
    raise SwarmError(message, hint=command("swarm", "claim", name), code=Exit.HELD)


def _refuse(chosen: Workstream, against: Sequence[Hurdle]) -> NoReturn:
    said = ", and ".join(one.say for one in against)
    why = "blocked" if against[0].kind == "blocked" else "show"
    code = Exit.USAGE if all(one.kind == "abandoned" for one in against) else Exit.BLOCKED
    again = command("swarm", "claim", chosen.id)
    hint = f"{command('swarm', why, chosen.id)}, or take it all the same: {again} --force"
    raise SwarmError(f'"{chosen.id}" {said}', hint=hint, code=code)


def _held(name: str, holding: Holding) -> Held:
    again = command("swarm", "claim", name) + ("" if holding.verdict.status == "stale" else " --force")
    return Held(name, holding, hint=f"swarm claim --next, or take it over: {again}")


def _granted(chosen: Workstream, result: Result, before: Holding) -> Granted:
    holder = result.holder
    if result.ok or holder is None:
        return Granted(chosen, result, before)
    if result.outcome == "refused" or holder.workstream in (chosen.id, *chosen.aliases):
        raise _held(chosen.id, holder)
    taken_by = holder_words(holder, now())
    message = f'"{chosen.id}" must not run beside {holder.workstream}, taken a moment ago by {taken_by}'
    raise SwarmError(message, hint="swarm claim --next", code=Exit.BLOCKED)


def _held_name(place: Ground, name: str) -> str:
    """Under which name it is held. Without a look where the name itself is held: its workstream may be gone."""
    if name and look(place.root, name, place.here, place.limits).held:
        return name
    chosen = found(take_a_look().view, name)
    return str(chosen.claim.workstream) if chosen.claim is not None else str(chosen.id)


def _mine(place: Ground, *, everything: bool) -> list[str]:
    names = [h.workstream for h in claims(place.root, place.here, place.limits) if h.session == place.who.session]
    if len(names) > 1 and not everything:
        message = f"{place.who.session} holds {len(names)}: {', '.join(names)}"
        raise SwarmError(message, hint="swarm release ID for one of them, or swarm release --all")
    return names

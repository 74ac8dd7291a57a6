"""Who has what: claim, release, heartbeat. Every refusal says who holds the work, and the command to go on."""

import os
from collections.abc import Sequence
from pathlib import Path
from typing import TYPE_CHECKING, NoReturn

import click

from reconciler.cli.options import common_options, json_option, settings
from reconciler.cli.session import find, now, print_json, remark, say, take_a_look
from reconciler.errors import Exit, SwarmError, UnknownWorkstream
from reconciler.model import View, Workstream
from reconciler.printable import printable

if TYPE_CHECKING:
    from reconciler.cli.ground import Ground
    from reconciler.coordination.claims import Result
    from reconciler.coordination.holdings import Holding
    from reconciler.derive.hurdles import Hurdle
    from reconciler.reconcile import Look

_SESSION = click.option("--session", default="", metavar="S", help="Who asks; found by itself unless given.")


@click.command(epilog="Examples:  swarm claim fog-of-war    swarm claim --next --json")
@click.argument("name", metavar="ID", required=False)
@click.option("--next", "following", is_flag=True, help="Take the best suggestion that is free.")
@_SESSION
@click.option("--force", is_flag=True, help="For people: although it is held, blocked, conflicting or given up.")
@click.option(
    "--steal-stale/--no-steal-stale", "steal", default=True, show_default=True,
    help="Take over from a session that is not heard any more.",
)  # fmt: skip
@json_option
@common_options
def claim(name: str | None, following: bool, session: str, force: bool, steal: bool, as_json: bool) -> None:
    """Take a workstream, so that nobody else does. Claiming again what is yours renews it."""
    if (name is None) != following:
        raise SwarmError("name one workstream, or ask for the best one", hint="swarm claim ID, or swarm claim --next")
    if following and force:
        raise SwarmError("--force needs the ID of a workstream", hint="swarm claim ID --force")
    from reconciler.cli.ground import ground

    seen = take_a_look()
    place = ground(seen.config, Path(seen.facts.common_dir), session)
    if name is None:
        _claim_next(seen, place, steal=steal, as_json=as_json)
    else:
        _claim_one(seen, place, _found(seen.view, name), force=force, steal=steal, as_json=as_json)


def _claim_one(seen: "Look", place: "Ground", chosen: Workstream, *, force: bool, steal: bool, as_json: bool) -> None:
    from reconciler.cli.screens.ink import command
    from reconciler.coordination.claims import claim as take
    from reconciler.coordination.holdings import look
    from reconciler.derive.hurdles import hurdles, neighbours

    stored = _stored_as(chosen)
    before = look(place.root, stored, place.here, place.limits)
    mine = before.held and before.session == place.who.session
    found = hurdles(seen.view, chosen, place.who.session)
    if any(one.kind == "merged" for one in found):
        hint = command("swarm", "release" if mine else "show", chosen.id)
        raise SwarmError(f'"{chosen.id}" is merged; there is nothing left to claim', hint=hint)
    _refuse_held(chosen, before, place, force=force, steal=steal, as_json=as_json)
    if found and not (mine or force):
        _refuse(chosen, found)
    result = take(
        place.root, stored, place.who, place.here, limits=place.limits, force=force, steal=steal,
        against=() if mine or force else _rivals(chosen, stored, neighbours(seen.view)[chosen.id]),
        note="" if mine else "; ".join(f"forced although it {one.say}" for one in found),
    )  # fmt: skip
    _answer(seen, chosen, result, before, place, as_json=as_json)


def _claim_next(seen: "Look", place: "Ground", *, steal: bool, as_json: bool) -> None:
    from reconciler.coordination.claims import claim_next
    from reconciler.coordination.holdings import look
    from reconciler.derive.hurdles import hurdles, neighbours

    streams = {w.id: w for w in seen.view.workstreams}
    beside = neighbours(seen.view)
    free = [streams[s.id] for s in seen.view.next if not hurdles(seen.view, streams[s.id], place.who.session)]
    names = {_stored_as(one): one for one in free}
    befores = {name: look(place.root, name, place.here, place.limits) for name in names}
    against = {name: _rivals(one, name, beside[one.id]) for name, one in names.items()}
    result = claim_next(
        place.root, names, place.who, place.here, limits=place.limits, steal=steal, against=against
    )  # fmt: skip
    if result is None:
        waiting = sum(bool(w.blocked_by) for w in seen.view.workstreams)
        held = sum(holding.held for holding in befores.values()) + sum(w.claim is not None for w in streams.values())
        message = f"nothing is free to be claimed: {held} held, {waiting} blocked"
        raise SwarmError(message, hint="swarm next", code=Exit.BLOCKED)
    _answer(seen, names[result.workstream], result, befores[result.workstream], place, as_json=as_json)


def _found(view: View, name: str) -> Workstream:
    """The workstream of that name; where something could not be read, its absence proves nothing, and that is said."""
    try:
        return find(view, name)
    except UnknownWorkstream as error:
        unread = [p for p in view.problems if p.severity == "error" or p.code == "unreadable"]
        if not unread:
            raise
        message = f"{error.message}; but not everything could be read: {unread[0].path} {unread[0].message}"
        raise UnknownWorkstream(message, hint="swarm doctor") from error


def _stored_as(chosen: Workstream) -> str:
    """The name of its claim: the id, or the earlier name under which somebody holds it still."""
    live = chosen.claim is not None and chosen.claim.status != "stale"
    return str(chosen.claim.workstream) if live and chosen.claim is not None else str(chosen.id)


def _rivals(chosen: Workstream, stored: str, beside: Sequence[str]) -> tuple[str, ...]:
    """What must not be in other hands while this is in mine: its neighbours, and itself under another name."""
    return tuple(dict.fromkeys(n for n in (chosen.id, *chosen.aliases, *beside) if n != stored))


def _refuse_held(
    chosen: Workstream, holding: "Holding", place: "Ground", *, force: bool, steal: bool, as_json: bool
) -> None:
    """Say it before anything is tried: who holds it matters more than what it waits for."""
    if not holding.held or holding.session == place.who.session or force:
        return
    if not (steal and holding.verdict.status == "stale"):
        _held(chosen.id, holding, place, as_json=as_json)


def _refuse(chosen: Workstream, found: Sequence["Hurdle"]) -> NoReturn:
    from reconciler.cli.screens.ink import command

    said = ", and ".join(one.say for one in found)
    why = "blocked" if found[0].kind == "blocked" else "show"
    code = Exit.USAGE if all(one.kind == "abandoned" for one in found) else Exit.BLOCKED
    again = command("swarm", "claim", chosen.id)
    hint = f"{command('swarm', why, chosen.id)}, or take it all the same: {again} --force"
    raise SwarmError(f'"{chosen.id}" {said}', hint=hint, code=code)


def _held(name: str, holding: "Holding", place: "Ground", *, as_json: bool) -> NoReturn:
    from reconciler.cli.ground import holder_row
    from reconciler.cli.screens.ink import command
    from reconciler.cli.screens.instances import holder_words

    if as_json:
        print_json({"schema": "swarm.refused/1", "id": name, "outcome": "refused", **holder_row(holding)})
    again = command("swarm", "claim", name) + ("" if holding.verdict.status == "stale" else " --force")
    hint = f"swarm claim --next, or take it over: {again}"
    raise SwarmError(f'"{name}" is held by {holder_words(holding, now())}', hint=hint, code=Exit.HELD)


def _answer(
    seen: "Look", chosen: Workstream, result: "Result", before: "Holding", place: "Ground", *, as_json: bool
) -> None:
    from reconciler.cli.ground import holder_row
    from reconciler.cli.screens.instances import claimed

    holder = result.holder
    if not result.ok and holder is not None:
        own = holder.workstream in (chosen.id, *chosen.aliases)
        if result.outcome == "refused" or own:
            _held(chosen.id, holder, place, as_json=as_json)
        message = f'"{chosen.id}" must not run beside {holder.workstream}, held by {holder.session} since a moment ago'
        raise SwarmError(message, hint="swarm claim --next", code=Exit.BLOCKED)
    for note in result.notes:
        remark(f"warning: {note}")
    action = next((s.action for s in seen.view.next if s.id == chosen.id), None)
    if not as_json:
        say(claimed(chosen, result, before, place.who.session, action or ""))
        return
    document = {
        "schema": "swarm.claimed/1", "id": chosen.id, "outcome": result.outcome, "status": chosen.state,
        "action": action, "generation": result.generation,
        "previous": before.session if before.session != place.who.session else None,
        "note": (before.record.note or None) if before.record and not before.held else None,
    }  # fmt: skip
    print_json(document | (holder_row(holder) if holder else {}))


@click.command(epilog='Examples:  swarm release    swarm release fog-of-war --note "tests fail on src/fog.py"')
@click.argument("name", metavar="[ID]", required=False)
@_SESSION
@click.option("--all", "everything", is_flag=True, help="Everything that the session holds.")
@click.option("--force", is_flag=True, help="For people: also what a living session holds.")
@click.option("--note", default="", metavar="T", help="What the next one should know.")
@json_option
@common_options
def release(name: str | None, session: str, everything: bool, force: bool, note: str, as_json: bool) -> None:
    """Give work back: ID, or what the session holds. What a dead session holds can be given back by anybody."""
    from reconciler.cli.ground import open_ground
    from reconciler.coordination.claims import release as give_back

    if name is not None and everything:
        raise SwarmError("--all gives back everything; leave out the ID", hint="swarm release --all")
    place = open_ground(session)
    chosen = [_held_name(place, name)] if name is not None else _mine(place, everything=everything)
    rows = []
    for one in chosen:
        shown = name if name is not None else one
        result = give_back(
            place.root, one, place.who, place.here, limits=place.limits, force=force, steal=True, note=printable(note)
        )  # fmt: skip
        if result.outcome == "refused" and result.holder is not None:
            _not_yours(shown, result.holder, as_json=as_json)
        for word in result.notes:
            remark(f"warning: {word}")
        rows.append((one, result))
    _tell_released(rows, place, as_json=as_json)


def _held_name(place: "Ground", name: str) -> str:
    """Under which name it is held. Without a look where the name itself is held: its workstream may be gone."""
    from reconciler.coordination.holdings import look

    if name and look(place.root, name, place.here, place.limits).held:
        return name
    return _stored_or_id(take_a_look().view, name)


def _stored_or_id(view: View, name: str) -> str:
    chosen = _found(view, name)
    return str(chosen.claim.workstream) if chosen.claim is not None else str(chosen.id)


def _mine(place: "Ground", *, everything: bool) -> list[str]:
    from reconciler.coordination.holdings import claims

    names = [h.workstream for h in claims(place.root, place.here, place.limits) if h.session == place.who.session]
    if len(names) > 1 and not everything:
        message = f"{place.who.session} holds {len(names)}: {', '.join(names)}"
        raise SwarmError(message, hint="swarm release ID for one of them, or swarm release --all")
    return names


def _not_yours(name: str, holding: "Holding", *, as_json: bool) -> NoReturn:
    from reconciler.cli.ground import holder_row
    from reconciler.cli.screens.ink import command
    from reconciler.cli.screens.instances import holder_words

    if as_json:
        print_json({"schema": "swarm.refused/1", "id": name, "outcome": "refused", **holder_row(holding)})
    hint = f"{command('swarm', 'release', name)} --force, if you know that nobody works on it"
    raise SwarmError(f'"{name}" is held by {holder_words(holding, now())}', hint=hint, code=Exit.HELD)


def _tell_released(rows: Sequence[tuple[str, "Result"]], place: "Ground", *, as_json: bool) -> None:
    if as_json:
        released = [
            {"id": one, "outcome": result.outcome, "generation": result.generation,
             "sessionId": result.holder.session if result.holder else None}
            for one, result in rows
        ]  # fmt: skip
        number = rows[0][1].generation if len(rows) == 1 else None
        print_json({"schema": "swarm.released/1", "released": released, "generation": number})
        return
    if not rows:
        remark(f"{place.who.session} holds nothing")
    for one, result in rows:
        of = result.holder.session if result.holder else ""
        theirs = f", which {of} held" if of and of != place.who.session else ""
        say(f"released {printable(one)}{theirs}" if result.ok else f"nobody holds {printable(one)}")


@click.command(epilog="Example:  swarm heartbeat --session claude-7c   (hooks call it; it is silent and never fails)")
@_SESSION
@click.option("--end", "ended", is_flag=True, help="Say good-bye: what the session holds can be taken at once.")
@json_option
@common_options
def heartbeat(session: str, ended: bool, as_json: bool) -> None:
    """Say that the session lives. Silent, and exit code 0 whatever happens: no hook fails by it."""
    from reconciler.coordination import beat
    from reconciler.coordination.identity import here, identity_from
    from reconciler.coordination.sessions import end
    from reconciler.coordination.sessions import heartbeat as tell

    folder = settings().folder
    who, moment = identity_from(os.environ, session=session, folder=folder), here()
    try:
        root = Path(beat.find_repository(str(folder))[0], beat.HOME)
    except OSError:
        notes: tuple[str, ...] = ("no repository",)
    else:
        notes = end(root, who, moment) if ended else tell(root, who, moment)
    if as_json:
        heard = round(moment.now, 3)
        print_json(
            {"schema": "swarm.heartbeat/1", "sessionId": who.session, "heard": heard, "written": not notes}
        )  # fmt: skip

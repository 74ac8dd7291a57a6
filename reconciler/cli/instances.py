"""Who does what, and where: instances, sessions, port."""

from pathlib import Path
from typing import TYPE_CHECKING, Any

import click

from reconciler.cli.options import common_options, json_option, settings
from reconciler.cli.session import drawing, find, now, print_json, remark, say, take_a_look
from reconciler.errors import Exit, SwarmError
from reconciler.printable import printable

if TYPE_CHECKING:
    from reconciler.cli.ground import Ground
    from reconciler.cli.screens.sessions import Told
    from reconciler.coordination.holdings import Holding, Instance
    from reconciler.coordination.sessions import Stint
    from reconciler.reconcile import Look


@click.command(epilog="Examples:  swarm instances    swarm instances --cleanup")
@click.option("--cleanup", is_flag=True, help="Forget sessions that are gone and hold nothing; sweep up.")
@json_option
@common_options
def instances(cleanup: bool, as_json: bool) -> None:
    """Show who is there: active, idle, stale or unknown; what they hold, since when."""
    from reconciler.cli.ground import open_ground
    from reconciler.coordination.disks import network_disk
    from reconciler.coordination.holdings import claims
    from reconciler.coordination.holdings import instances as read
    from reconciler.coordination.sessions import cleanup as clean

    place = open_ground()
    said = clean(place.root, place.here, place.limits) if cleanup else ()
    held: dict[str, list[Holding]] = {}
    for holding in claims(place.root, place.here, place.limits):
        held.setdefault(holding.session, []).append(holding)
    found = read(place.root, place.here, place.limits)
    disk = network_disk(place.root)
    if as_json:
        print_json(_instances_document(found, held, disk, said))
        return
    from reconciler.cli.screens.instances import instances_screen
    from reconciler.observe.rulebook import load_rulebook

    rules = load_rulebook(overrides=None)
    rows = [_row(one, held.get(one.session, [])) for one in found]
    say(instances_screen(rows, rules, now(), drawing(), disk=disk, said=said))


def _row(one: "Instance", held: list["Holding"]) -> Any:
    from reconciler.cli.ground import when
    from reconciler.cli.screens.instances import Row

    starts = [one.started] if one.started is not None else [h.record.since for h in held if h.record]
    stamp = one.sign.heard if one.sign.heard is not None else one.sign.touched or None
    return Row(
        session=one.session or "unreadable",
        status=one.verdict.status,
        since=when(min(starts)) if starts else None,
        heard=when(stamp) if stamp is not None else None,
        holds=one.holds,
        host=one.sign.host,
        worktree=one.sign.worktree,
        why=one.verdict.why,
    )


def _instances_document(
    found: "tuple[Instance, ...]", held: "dict[str, list[Holding]]", disk: str, said: tuple[str, ...]
) -> dict[str, Any]:
    from reconciler.publish.rows import moment

    rows = []
    for one in found:
        row = _row(one, held.get(one.session, []))
        newest = max(held.get(one.session, []), key=lambda h: h.record.since if h.record else 0.0, default=None)
        heard = moment(row.heard or row.since)
        rows.append(
            {
                "sessionId": row.session, "startedAt": moment(row.since or row.heard), "lastHeartbeat": heard,
                "workingOn": newest.workstream if newest else None, "holds": list(row.holds),
                "worktree": row.worktree or None, "phase": None, "currentTask": None, "status": row.status,
                "host": row.host or None, "pid": one.sign.pid, "branch": one.sign.branch or None,
                "why": row.why or None,
            }
        )  # fmt: skip
    return {
        "schema": "swarm.instance-list/1",
        "lastUpdated": max((row["lastHeartbeat"] for row in rows if row["lastHeartbeat"]), default=None),
        "instances": rows,
        "networkDisk": disk or None,
        "cleaned": list(said),
    }


@click.command(epilog="Examples:  swarm sessions    swarm sessions fog-of-war --json")
@click.argument("name", metavar="[ID]", required=False)
@json_option
@common_options
def sessions(name: str | None, as_json: bool) -> None:
    """Show which sessions worked on what, and what came of it: commits, documents, steps."""
    from reconciler.cli.ground import ground
    from reconciler.coordination.sessions import sessions as read

    seen = take_a_look()
    place = ground(seen.config, Path(seen.facts.common_dir))
    chosen = find(seen.view, name) if name is not None else None
    wanted = {chosen.id, *chosen.aliases} if chosen else set()
    stints = [stint for stint in read(place.root) if not wanted or stint.workstream in wanted]
    told = [_told(stint, seen, place) for stint in stints]
    if as_json:
        from reconciler.cli.screens.sessions import as_row

        rows = [as_row(one) for one in told]
        print_json({"schema": "swarm.sessions/1", "id": chosen.id if chosen else None, "sessions": rows})
        return
    from reconciler.cli.screens.sessions import sessions_screen

    say(sessions_screen(told, seen.rulebook, now(), drawing(), id=chosen.id if chosen else ""))


def _told(stint: "Stint", seen: "Look", place: "Ground") -> "Told":
    """A stint with its outcome; one that nobody ended lasts until the session was last heard, or until now."""
    from reconciler.cli.ground import when
    from reconciler.cli.screens.sessions import Told
    from reconciler.coordination.holdings import look
    from reconciler.derive.outcomes import Outcome, Spell, outcome

    holding = look(place.root, stint.workstream, place.here, place.limits)
    holds = stint.until is None and holding.held and holding.session == stint.session
    status = holding.verdict.status if holds else ""
    end = stint.until if stint.until is not None else place.here.now
    if holds and status == "stale" and holding.sign.heard is not None:
        end = min(end, max(stint.since, holding.sign.heard))
    names = (w for w in seen.view.workstreams if stint.workstream == w.id or stint.workstream in w.aliases)
    chosen = min(names, key=lambda w: w.id != stint.workstream, default=None)
    spell = Spell(when(stint.since), when(end), stint.branch)
    return Told(
        session=stint.session,
        workstream=stint.workstream,
        since=when(stint.since),
        until=when(stint.until) if stint.until is not None else None,
        how=stint.how,
        status=status,
        branch=stint.branch,
        worktree=stint.worktree,
        note=stint.note,
        outcome=outcome(spell, chosen, seen.snapshot) if chosen else Outcome(),
    )


@click.command(epilog="Examples:  swarm port    swarm port feature/2026-01-18-my-feature --env-file .env.local")
@click.argument("branch", required=False)
@click.option("--env-file", "env_file", metavar="FILE", help="Set PORT in this file of the work tree, nothing else.")
@json_option
@common_options
def port(branch: str | None, env_file: str | None, as_json: bool) -> None:
    """Say the port of a branch: the same everywhere, and never that of another branch."""
    from reconciler.cli.ground import open_ground
    from reconciler.coordination.ports import port as find_port

    place = open_ground()
    chosen = branch or place.who.branch
    if not chosen:
        raise SwarmError("no branch is checked out here", hint="swarm port BRANCH", code=Exit.USAGE)
    first, last = place.config.port_range
    found = find_port(place.root, chosen, first=first, last=last)
    if not found.recorded:
        remark("warning: the port could not be recorded, so it may be another one next time")
    written = _write_env(place, env_file, found.number) if env_file is not None else False
    if as_json:
        print_json(
            {
                "schema": "swarm.port-of/1", "branch": chosen, "port": found.number, "computed": found.computed,
                "why": found.why or None, "recorded": found.recorded, "envFile": env_file, "written": written,
            }
        )  # fmt: skip
        return
    say(str(found.number))
    if found.why:
        remark(f"{found.computed} is what {printable(chosen)} gives; {found.why}")
    if env_file is not None:
        verb = "set PORT in" if written else "PORT was right in"
        remark(f"{verb} {env_file}")


def _write_env(place: "Ground", env_file: str, number: int) -> bool:
    from reconciler.coordination.envfile import set_port

    if not place.who.worktree:
        raise SwarmError("there is no work tree here to write into", hint="swarm -C WORKTREE port --env-file FILE")
    return set_port(Path(place.who.worktree), settings().folder, env_file, number)

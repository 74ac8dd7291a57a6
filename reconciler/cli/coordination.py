"""Who has what: claim, release, heartbeat. Every refusal says who holds the work, and the command to go on."""

import os
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path
from typing import TYPE_CHECKING

import click

from reconciler.cli.options import common_options, json_option, settings
from reconciler.cli.session import print_json, remark, say, take_a_look
from reconciler.errors import SwarmError
from reconciler.printable import printable

if TYPE_CHECKING:
    from reconciler.cli.ground import Ground
    from reconciler.coordination.claims import Result

_SESSION = click.option("--session", default="", metavar="S", help="Who asks; found by itself unless given.")
_GENERATION = click.option(
    "--generation", type=click.IntRange(1), metavar="N",
    help="Only if it is still held under the number that the claim was given; an old one is refused.",
)  # fmt: skip


@click.command(epilog="Examples:  swarm claim fog-of-war    swarm claim --next --json")
@click.argument("name", metavar="ID", required=False)
@click.option("--next", "following", is_flag=True, help="Take the best suggestion that is free.")
@_SESSION
@click.option("--force", is_flag=True, help="For people: although it is held, blocked, conflicting or given up.")
@click.option(
    "--steal-stale/--no-steal-stale", "steal", default=True, show_default=True,
    help="Take over from a session that is not heard any more.",
)  # fmt: skip
@_GENERATION
@json_option
@common_options
def claim(
    name: str | None, following: bool, session: str, force: bool, steal: bool, generation: int | None, as_json: bool
) -> None:
    """Take a workstream, so that nobody else does. Claiming again what is yours renews it."""
    if (name is None) != following:
        raise SwarmError("name one workstream, or ask for the best one", hint="swarm claim ID, or swarm claim --next")
    if following and force:
        raise SwarmError("--force needs the ID of a workstream", hint="swarm claim ID --force")
    _need_id(generation, name, force=force)
    from reconciler.cli import taking
    from reconciler.cli.ground import ground, open_ground

    with _refusals(as_json=as_json):
        place = open_ground(session)
        if name and not force:  # who is refused need not wait until everything was read
            taking.refuse_held(place, name, steal=steal)
        seen = take_a_look(place.git)
        place = ground(seen.config, Path(seen.facts.common_dir), session)
        if name is None:
            granted = taking.claim_next(seen, place, steal=steal)
        else:
            chosen = taking.found(seen.view, name)
            granted = taking.claim_one(seen, place, chosen, force=force, steal=steal, generation=generation)
    for note in granted.result.notes:
        remark(f"warning: {note}")
    if as_json:
        print_json(taking.claimed_document(seen, granted, place))
        return
    from reconciler.cli.screens.instances import claimed

    action = taking.action_of(seen, granted.workstream) or ""
    say(claimed(granted.workstream, granted.result, granted.before, place.who.session, action))


def _need_id(generation: int | None, name: str | None, *, force: bool) -> None:
    if generation is not None and (name is None or force):
        raise SwarmError("--generation needs the ID, and no --force", hint="swarm claim ID --generation N")


@contextmanager
def _refusals(*, as_json: bool) -> Iterator[None]:
    """With --json a refusal says on stdout who holds the work."""
    from reconciler.cli.taking import Held

    try:
        yield
    except Held as error:
        if as_json:
            print_json(error.document)
        raise


@click.command(epilog='Examples:  swarm release    swarm release fog-of-war --note "tests fail on src/fog.py"')
@click.argument("name", metavar="[ID]", required=False)
@_SESSION
@click.option("--all", "everything", is_flag=True, help="Everything that the session holds.")
@click.option("--force", is_flag=True, help="For people: also what a living session holds.")
@click.option("--note", default="", metavar="T", help="What the next one should know.")
@_GENERATION
@json_option
@common_options
def release(
    name: str | None, session: str, everything: bool, force: bool, note: str, generation: int | None, as_json: bool
) -> None:
    """Give work back: ID, or what the session holds. What a dead session holds can be given back by anybody."""
    _need_id(generation, name, force=force)
    from reconciler.cli import taking
    from reconciler.cli.ground import open_ground

    place = open_ground(session)
    with _refusals(as_json=as_json):
        rows = taking.release_all(place, name, everything=everything, force=force, note=note, generation=generation)
    for word in (word for _, result in rows for word in result.notes):
        remark(f"warning: {word}")
    if as_json:
        print_json(taking.released_document(rows))
    else:
        _tell_released(rows, place)


def _tell_released(rows: Sequence[tuple[str, "Result"]], place: "Ground") -> None:
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
        root = Path(beat.no_link(f"{beat.find_repository(str(folder))[0]}/{beat.HOME}"))
    except OSError:
        notes: tuple[str, ...] = ("no repository",)
    else:
        notes = end(root, who, moment) if ended else tell(root, who, moment)
    if as_json:
        heard = round(moment.now, 3)
        print_json(
            {"schema": "swarm.heartbeat/1", "sessionId": who.session, "heard": heard, "written": not notes}
        )  # fmt: skip

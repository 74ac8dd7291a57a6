"""The commands that write intent files: add, update; and queue, which shows them."""

import shlex
from collections.abc import Sequence
from typing import TYPE_CHECKING, Any

import click

from reconciler.cli.options import common_options, json_option
from reconciler.cli.session import drawing, find, now, print_json, say, take_a_look
from reconciler.errors import SwarmError

if TYPE_CHECKING:
    from reconciler.coordination.intent_files import Draft, Written
    from reconciler.reconcile import Look


@click.command(epilog='Examples:  swarm add "Fog of war" --priority 2 --depends-on vision-system --note "see issue 12"')
@click.argument("title")
@click.option("--id", "name", default="", metavar="ID", help="The id; made from the title unless given.")
@click.option("--priority", "-p", type=click.IntRange(1, 5), help="1 is most urgent.")
@click.option("--type", "kind", default="", metavar="TYPE", help="feature, epic, bug …")
@click.option("--depends-on", multiple=True, metavar="ID", help="Must be merged first; may be repeated.")
@click.option("--conflicts", multiple=True, metavar="ID", help="Not at the same time; may be repeated.")
@click.option("--parent", default="", metavar="ID", help="The workstream that it is a part of.")
@click.option("--tag", "tags", multiple=True, metavar="TAG", help="May be repeated.")
@click.option("--phases", type=click.IntRange(1, 999), help="How many phases it may take.")
@click.option("--note", default="", help="Free text, kept in the file.")
@json_option
@common_options
def add(
    title: str,
    name: str,
    priority: int | None,
    kind: str,
    depends_on: tuple[str, ...],
    conflicts: tuple[str, ...],
    parent: str,
    tags: tuple[str, ...],
    phases: int | None,
    note: str,
    as_json: bool,
) -> None:
    """Note an idea as a file in .swarm/queue/."""
    from reconciler.coordination.intent_files import Draft

    seen = take_a_look()
    draft = Draft(
        title=title, id=name, type=kind, priority=priority, parent=known(seen, parent),
        depends_on=all_known(seen, depends_on), conflicts=all_known(seen, conflicts), tags=tags,
        estimated_phases=phases, note=note,
    )  # fmt: skip
    _tell(note_idea(seen, draft), as_json=as_json)


def note_idea(seen: "Look", draft: "Draft") -> "Written":
    """Write the file of an idea, under an id that nothing has yet."""
    from pathlib import Path

    from reconciler.coordination.intent_files import write_intent

    taken = {str(n) for w in seen.view.workstreams for n in (w.id, *w.aliases)}
    common = Path(seen.facts.common_dir)
    return write_intent(seen.target, draft, today=now().date(), common_dir=common, taken=taken)


def intent_document(written: "Written") -> dict[str, Any]:
    """What ``add --json`` and ``update --json`` print."""
    return {
        "schema": "swarm.intent/1", "id": written.id, "path": written.path,
        "created": written.created, "changed": written.changed,
    }  # fmt: skip


@click.command(epilog="Examples:  swarm update fog-of-war --priority 1    swarm update old-idea --status abandoned")
@click.argument("name", metavar="ID")
@click.option("--title", help="A new title.")
@click.option("--priority", "-p", type=click.IntRange(0, 5), help="1 is most urgent; 0 takes it away.")
@click.option("--type", "kind", metavar="TYPE", help='"" takes it away.')
@click.option(
    "--status", "decision", type=click.Choice(["shelved", "abandoned", "open"]),
    help="A decision; open takes it back. Other states follow from git.",
)  # fmt: skip
@click.option("--depends-on", multiple=True, metavar="ID", help="Adds a dependency; may be repeated.")
@click.option("--not-depends-on", multiple=True, metavar="ID", help="Takes one away; may be repeated.")
@click.option("--conflicts", multiple=True, metavar="ID", help="Adds a conflict; may be repeated.")
@click.option("--parent", metavar="ID", help='"" takes it away.')
@click.option("--tag", "tags", multiple=True, metavar="TAG", help="Adds a tag; may be repeated.")
@click.option("--phases", type=click.IntRange(1, 999), help="How many phases it may take.")
@click.option("--note", default="", help="Appended to the file.")
@json_option
@common_options
def update(name: str, as_json: bool, note: str, **asked: Any) -> None:
    """Change priority, dependencies, parent, tags or a decision; its file is made when there is none."""
    from pathlib import Path

    from reconciler.coordination.intent_files import update_intent

    seen = take_a_look()
    workstream = find(seen.view, name)
    changes = _changes(seen, workstream.id, asked)
    if not changes and not note:
        raise SwarmError("nothing to change was named", hint=f"swarm update --priority 2 {shlex.quote(workstream.id)}")
    written = update_intent(
        seen.target, workstream.id, changes, today=now().date(), common_dir=Path(seen.facts.common_dir), note=note
    )
    _tell(written, as_json=as_json)


def _changes(seen: "Look", name: str, asked: dict[str, Any]) -> dict[str, Any]:
    intent = next((i for i in seen.view.intents if name in (i.id, *i.aliases)), None)
    current = (
        {k: tuple(d.text for d in intent.dependencies if d.relation == k) for k in ("blocks", "conflicts")}
        if intent
        else {}
    )
    changes: dict[str, Any] = {}
    if asked["title"]:
        changes["title"] = asked["title"]
    if asked["priority"] is not None:
        changes["priority"] = asked["priority"] or None
    if asked["kind"] is not None:
        changes["type"] = asked["kind"] or None
    if asked["decision"]:
        changes["status"] = None if asked["decision"] == "open" else asked["decision"]
    if asked["parent"] is not None:
        changes["parent"] = known(seen, asked["parent"]) or None
        if changes["parent"] == name:
            raise SwarmError(f"{name} cannot be its own parent", hint=f"swarm show {shlex.quote(name)}")
    if asked["phases"]:
        changes["estimated_phases"] = asked["phases"]
    if asked["depends_on"] or asked["not_depends_on"]:
        wanted = dict.fromkeys((*current.get("blocks", ()), *all_known(seen, asked["depends_on"])))
        changes["depends_on"] = tuple(d for d in wanted if d not in asked["not_depends_on"]) or None
    if asked["conflicts"]:
        changes["conflicts"] = tuple(
            dict.fromkeys((*current.get("conflicts", ()), *all_known(seen, asked["conflicts"])))
        )
    if asked["tags"]:
        changes["tags"] = tuple(dict.fromkeys((*(intent.tags if intent else ()), *asked["tags"])))
    return changes


def known(seen: "Look", name: str) -> str:
    """The id that ``name`` means, so that a slip is said now and not as a diagnostic later."""
    return str(find(seen.view, name).id) if name else ""


def all_known(seen: "Look", names: Sequence[str]) -> tuple[str, ...]:
    return tuple(known(seen, name) for name in names)


def _tell(written: "Written", *, as_json: bool) -> None:
    if as_json:
        print_json(intent_document(written))
        return
    verb = "created" if written.created else "changed" if written.changed else "nothing to change in"
    say(f"{verb} {written.path}\nshow it: swarm show {shlex.quote(written.id)}")


@click.command(epilog="Example:  swarm queue --json")
@json_option
@common_options
def queue(as_json: bool) -> None:
    """Show every noted idea and decision, with the state of each."""
    seen = take_a_look()
    if as_json:
        from reconciler.publish.projections import queue_document

        print_json(queue_document(seen.view))
        return
    from reconciler.cli.screens import suggest as screen

    say(screen.queue(seen.view, seen.rulebook, now(), drawing()))

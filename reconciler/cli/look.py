"""The commands that show: status, next, show, explain, graph, blocked, unblocks. None of them writes."""

import os
from collections.abc import Sequence
from dataclasses import replace
from typing import TYPE_CHECKING, Any

import click

from reconciler.cli.durations import Seconds
from reconciler.cli.options import at_option, common_options, exit_zero_option, json_option, settings
from reconciler.cli.session import drawing, find, now, print_json, remark, remembering, say, take_a_look, time_of
from reconciler.errors import Exit, SwarmError
from reconciler.frozen import frozen
from reconciler.model import State, View, Workstream, WorkstreamId

if TYPE_CHECKING:
    from reconciler.cli.screens.suggest import Parallel
    from reconciler.reconcile import Look


@click.command(epilog="Examples:  swarm status --status ready    swarm status --at 7d --json    swarm status --watch")
@click.option("--status", "states", multiple=True, metavar="STATE", help="Only this state; may be repeated.")
@click.option("--type", "types", multiple=True, metavar="TYPE", help="Only this type: feature, epic, phase, bug …")
@click.option("--tag", "tags", multiple=True, metavar="TAG", help="Only workstreams with this tag.")
@click.option("--mine", is_flag=True, help="Only what this session holds.")
@click.option("--all", "everything", is_flag=True, help="Closed workstreams too, one by one.")
@click.option("--legend", is_flag=True, help="Explain the glyphs and colours.")
@click.option("--watch", is_flag=True, help="Again whenever something changes, until Ctrl-C; writes nothing.")
@click.option("--interval", type=Seconds(0.1, 86400), help="With --watch: look at least so often. Default: 60.")
@at_option
@json_option
@exit_zero_option
@common_options
def status(
    states: tuple[str, ...] = (), types: tuple[str, ...] = (), tags: tuple[str, ...] = (), mine: bool = False,
    everything: bool = False, legend: bool = False, watch: bool = False, interval: float | None = None,
    as_json: bool = False,
) -> int:  # fmt: skip
    """Show every workstream in its true state."""
    earlier = settings().at is not None
    _refuse_together(mine and earlier, "--mine and --at exclude each other: claims of the past are not known")
    _refuse_together(watch and earlier, "--watch and --at exclude each other: the past does not change")
    _refuse_together(watch and legend, "--watch and --legend exclude each other")
    _refuse_together(interval is not None and not watch, "--interval goes with --watch")
    if as_json and not (states or types or tags or mine or earlier or watch):
        _print_all(everything=everything)
        return Exit.OK
    wanted = _Wanted(states, types, tags, _this_session() if mine else "", everything)
    if watch:
        return _follow(wanted, interval=60.0 if interval is None else interval, as_json=as_json)
    seen = take_a_look()
    check_states(seen, states)
    if legend and not as_json:
        from reconciler.cli.screens import reference

        say(reference.legend(seen.rulebook, time_of(seen), drawing()))
    elif as_json:
        print_json(_status_document(seen, wanted))
    else:
        say(_status_screen(seen, wanted))
        for text in _conditions(seen.view):
            remark(text)
    return Exit.OK


@frozen
class _Wanted:
    """What the filters of ``status`` ask for; empty asks for everything."""

    states: tuple[str, ...]
    types: tuple[str, ...]
    tags: tuple[str, ...]
    session: str
    everything: bool


def _refuse_together(wrong: bool, message: str) -> None:
    if wrong:
        raise SwarmError(message, hint="swarm status --help")


def _follow(wanted: _Wanted, *, interval: float, as_json: bool) -> int:
    from reconciler.cli.following import Frame, follow

    def draw(seen: "Look") -> Frame:
        check_states(seen, wanted.states)
        if as_json:
            return Frame(document=_status_document(seen, wanted))
        return Frame(_status_screen(seen, wanted), _conditions(seen.view))

    return follow(draw, interval=interval)


def _print_all(*, everything: bool) -> None:
    from reconciler.observe.git import open_git
    from reconciler.publish.projections import Rows, workstreams_document

    git = open_git(settings().folder)
    keep = remembering(git, "status", "--json", *(["--all"] if everything else []))
    seen = take_a_look(git)
    days = seen.config.archive_after
    document = workstreams_document(seen.view, all=everything, now=now(), archive_after_days=days, rendered=Rows())
    keep(seen, print_json(document))


def _this_session() -> str:
    from reconciler.coordination.identity import identity_from

    return identity_from(os.environ, folder=settings().folder).session


def check_states(seen: "Look", states: Sequence[str]) -> None:
    """Raises SwarmError for a state that no rule knows."""
    known = [row.name for row in seen.rulebook.states]
    for state in states:
        if state not in known:
            raise SwarmError(f'no state "{state}"', hint="swarm help states")


def _status_screen(seen: "Look", wanted: _Wanted) -> str:
    from reconciler.cli.screens import status as screen

    filters = screen.Filters(wanted.states, wanted.types, wanted.tags, wanted.session)
    return screen.status(seen.view, seen.rulebook, time_of(seen), drawing(), all=wanted.everything, filters=filters)


def _status_document(seen: "Look", wanted: _Wanted) -> dict[str, Any]:
    """What ``status --json`` prints."""
    from reconciler.publish.projections import workstreams_document
    from reconciler.publish.rows import moment

    def is_wanted(workstream: Workstream) -> bool:
        return (
            (not wanted.states or workstream.state in wanted.states)
            and (not wanted.types or workstream.type in wanted.types)
            and (not wanted.tags or bool(set(wanted.tags) & set(workstream.tags)))
            and (not wanted.session or (workstream.claim is not None and workstream.claim.session == wanted.session))
        )

    view = replace(seen.view, workstreams=tuple(w for w in seen.view.workstreams if is_wanted(w)))
    chosen = wanted.everything or bool(wanted.states)
    days = seen.config.archive_after
    document = workstreams_document(view, all=chosen, now=time_of(seen), archive_after_days=days)
    return document | ({"at": moment(seen.facts.at)} if seen.facts.at else {})


def _conditions(view: View) -> tuple[str, ...]:
    """What limits the sight, and the first of what is wrong, one line each."""
    limits = [p for p in view.problems if p.code in ("shallow", "bare", "detached")]
    said = [f"note: {condition.message}" + (f" ({condition.hint})" if condition.hint else "") for condition in limits]
    wrong = [p for p in view.problems if p.severity != "info" and p.code != "shallow"]
    if wrong:
        first = wrong[0]
        where = f"{first.path}:{first.line}: " if first.line else f"{first.path}: " if first.path else ""
        more = f" ({len(wrong) - 1} more: swarm doctor)" if len(wrong) > 1 else " (swarm doctor)"
        said.append(f"{first.severity}: {where}{first.message}{more}")
    return tuple(said)


@click.command("next", epilog="Examples:  swarm next -n 5    swarm next --parallel 3 --json")
@click.option("-n", "count", type=click.IntRange(1, 1000), default=3, show_default=True, help="How many.")
@click.option("--parallel", type=click.IntRange(1, 100), help="A set that can run at the same time.")
@json_option
@at_option
@exit_zero_option
@common_options
def next_(count: int, parallel: int | None, as_json: bool) -> None:
    """Say what to do next, and why."""
    from reconciler.cli.screens import suggest as screen

    seen = take_a_look()
    together = choose_set(seen.view, parallel) if parallel else None
    if not as_json:
        say(screen.next_screen(seen.view, seen.rulebook, time_of(seen), drawing(), n=count, parallel=together))
        return
    print_json(next_document(seen.view, count, together))


def next_document(view: View, count: int, together: "Parallel | None" = None) -> dict[str, Any]:
    """What ``next --json`` prints."""
    from reconciler.publish.rows import suggestion_row

    ids = together.ids if together else tuple(s.id for s in view.next[:count])
    rows = [suggestion_row(s) for s in view.next if s.id in ids]
    left = [{"id": one.id, "why": one.why} for one in together.left_out] if together else []
    return {"schema": "swarm.next/1", "next": rows, "more": len(view.next) - len(rows), "leftOut": left}


def choose_set(view: View, count: int) -> "Parallel":
    """What so many can do at the same time."""
    from reconciler.cli.screens.suggest import LeftOut, Parallel
    from reconciler.derive.suggest import choose_together

    chosen = choose_together(view.next, view.workstreams, count)
    return Parallel(
        tuple(s.id for s in chosen.chosen),
        tuple(LeftOut(WorkstreamId(name), why) for name, why in chosen.left_out),
        chosen.files,
    )


@click.command(epilog="Example:  swarm show turn-system")
@click.argument("name", metavar="ID")
@json_option
@at_option
@exit_zero_option
@common_options
def show(name: str, as_json: bool) -> None:
    """Show everything about one workstream."""
    from reconciler.cli.screens import show as screen

    seen = take_a_look()
    workstream = find(seen.view, name)
    if as_json:
        print_json(show_document(workstream))
    else:
        say(screen.show(seen.view, workstream.id, seen.rulebook, time_of(seen), drawing()))


@click.command(epilog="Example:  swarm explain fog-of-war")
@click.argument("name", metavar="ID")
@json_option
@at_option
@exit_zero_option
@common_options
def explain(name: str, as_json: bool) -> None:
    """Prove a state: the evidence, the rule that decided, the rules that nearly did, the drift."""
    from reconciler.cli.screens import explain as screen

    seen = take_a_look()
    workstream = find(seen.view, name)
    if as_json:
        print_json(explain_document(workstream))
    else:
        say(screen.explain(seen.view, workstream.id, seen.rulebook, time_of(seen), drawing()))


def show_document(workstream: Workstream) -> dict[str, Any]:
    """What ``show --json`` prints."""
    from reconciler.publish.rows import workstream_row

    return {"schema": "swarm.workstream/1", "workstream": workstream_row(workstream)}


def explain_document(workstream: Workstream) -> dict[str, Any]:
    """What ``explain --json`` prints."""
    row = show_document(workstream)["workstream"]
    kept = ("id", "status", "rule", "reason", "confidence", "evidence", "drift", "documents", "flags")
    near = [{"status": n.state, "rule": n.rule, "lacks": n.lacks} for n in workstream.near]
    return {"schema": "swarm.explain/1", **{k: row[k] for k in kept}, "nearly": near}


@click.command(epilog="Examples:  swarm graph    swarm graph --format mermaid")
@click.option(
    "--format", "form", type=click.Choice(["text", "mermaid", "dot", "json"]), default="text", show_default=True,
    help="How to draw.",
)  # fmt: skip
@click.option("--all", "everything", is_flag=True, help="Workstreams without a relation too.")
@json_option
@at_option
@exit_zero_option
@common_options
def graph(form: str, everything: bool, as_json: bool) -> None:
    """Draw the dependency graph."""
    from reconciler.cli.screens import graph as screen

    seen = take_a_look()
    if as_json or form == "json":
        print_json(graph_document(seen.view))
    else:
        say(screen.graph(seen.view, seen.rulebook, time_of(seen), drawing(), format=form, all=everything))


def graph_document(view: View) -> dict[str, Any]:
    """What ``graph --json`` prints."""
    nodes = [{"id": w.id, "title": w.title, "status": w.state, "flags": list(w.flags)} for w in view.workstreams]
    edges = [
        {"from": w.id, "to": r.target, "type": r.type, "source": r.source}
        for w in view.workstreams
        for r in w.relations
    ]
    return {"schema": "swarm.graph/1", "nodes": nodes, "edges": edges, "cycles": [list(c) for c in view.cycles]}


@click.command(epilog="Example:  swarm blocked hotseat")
@click.argument("name", metavar="ID")
@json_option
@at_option
@exit_zero_option
@common_options
def blocked(name: str, as_json: bool) -> None:
    """Say why a workstream waits."""
    from reconciler.cli.screens import graph as screen

    seen = take_a_look()
    workstream = find(seen.view, name)
    if as_json:
        print_json({"schema": "swarm.blocked/1", "id": workstream.id, "blockedBy": _blockers(seen.view, workstream)})
    else:
        say(screen.blocked(seen.view, workstream.id, seen.rulebook, time_of(seen), drawing()))


def _blockers(view: View, workstream: Workstream) -> list[dict[str, Any]]:
    states = {w.id: w.state for w in view.workstreams}
    sources = {r.target: r.source for r in workstream.relations if r.type == "blocks"}
    return [{"id": b, "status": states.get(b, State("")), "source": sources.get(b)} for b in workstream.blocked_by]


@click.command(epilog="Example:  swarm unblocks diplomacy")
@click.argument("name", metavar="ID")
@json_option
@at_option
@exit_zero_option
@common_options
def unblocks(name: str, as_json: bool) -> None:
    """Say what waits for a workstream."""
    from reconciler.cli.screens import graph as screen

    seen = take_a_look()
    workstream = find(seen.view, name)
    if as_json:
        waiting = _waiting(seen.view, workstream.id)
        print_json({"schema": "swarm.unblocks/1", "id": workstream.id, "unblocks": waiting})
    else:
        say(screen.unblocks(seen.view, workstream.id, seen.rulebook, time_of(seen), drawing()))


def _waiting(view: View, name: WorkstreamId) -> list[dict[str, Any]]:
    """Everything open that waits for ``name``, with the number of steps between them."""
    found: dict[str, int] = {}
    frontier, steps = {str(name)}, 0
    while frontier:
        steps += 1
        waits = {str(w.id) for w in view.workstreams if frontier & set(map(str, w.blocked_by))}
        frontier = waits - set(found) - {str(name)}
        found.update(dict.fromkeys(frontier, steps))
    return [{"id": n, "steps": s} for n, s in sorted(found.items(), key=lambda item: (item[1], item[0]))]

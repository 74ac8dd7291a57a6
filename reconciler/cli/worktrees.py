"""``swarm worktree start`` and ``finish``: the one command that changes branches and work trees, step by step."""

from collections.abc import Callable, Iterator
from typing import TYPE_CHECKING, Any, NoReturn, TypeAlias

import click

from reconciler.cli.options import common_options, json_option, settings
from reconciler.cli.session import print_json, remark, say, take_a_look
from reconciler.errors import SwarmError

if TYPE_CHECKING:
    from reconciler.cli.treework import Work
    from reconciler.trees.plan import Step

Told: TypeAlias = "tuple[Step, str, str]"  # a step, is | would | done | failed, and what else to know
Plan: TypeAlias = "Callable[[], tuple[Step, ...]]"
_TRUST = click.option("--trust", is_flag=True, help="Let hooks and filters that this repository names run.")
_SESSION = click.option("--session", default="", metavar="S", help="Who asks; found by itself unless given.")


@click.group(epilog="Examples:  swarm worktree start hotseat    swarm worktree finish hotseat --dry-run")
@common_options
def worktree() -> None:
    """Work trees by git: start one for a workstream, finish it when the work is done."""


@worktree.command(epilog="Example:  swarm worktree start hotseat --base main")
@click.argument("name", metavar="ID")
@click.option("--dry-run", is_flag=True, help="Change nothing; print the steps.")
@_TRUST
@_SESSION
@json_option
@common_options
def start(name: str, dry_run: bool, trust: bool, session: str, as_json: bool) -> None:
    """Claim ID, make its branch and a work tree beside this one, and write its port to .env.local there."""
    from reconciler.cli.treework import open_work
    from reconciler.trees.starting import plan_start

    work = open_work(take_a_look(), name, session=session, trust=trust)
    _carry_out(work, "start", lambda: plan_start(work.site("start")), dry=dry_run, as_json=as_json)


@worktree.command(epilog="Examples:  swarm worktree finish hotseat --dry-run    swarm worktree finish hotseat --push")
@click.argument("name", metavar="ID")
@click.option("--into", default="", metavar="BASE", help="The branch to merge into; the base branch unless given.")
@click.option("--push", is_flag=True, help="Push BASE when the landing is proven.")
@click.option("--dry-run", is_flag=True, help="Change nothing; print the steps.")
@_TRUST
@_SESSION
@json_option
@common_options
def finish(name: str, into: str, push: bool, dry_run: bool, trust: bool, session: str, as_json: bool) -> None:
    """Merge ID's branch; once it is proven to have landed, remove its work tree and branch and give ID back."""
    from reconciler.cli.treework import open_work
    from reconciler.trees.finishing import plan_finish

    if into:
        settings().base = into
    work = open_work(take_a_look(), name, session=session, trust=trust)
    deed = "push" if push else "merge"
    _carry_out(work, "finish", lambda: plan_finish(work.site(deed), push=push), dry=dry_run, as_json=as_json)


def _carry_out(work: "Work", action: str, plan: "Plan", *, dry: bool, as_json: bool) -> None:
    """Print each step as it is done; stop at the first that cannot be, with the way on."""
    from reconciler.cli.screens.trees import step_line

    told: list[Told] = []
    stop: SwarmError | None = None
    try:
        for one in _steps(work, action, plan, dry=dry):
            told.append(one)
            if not as_json:
                say(step_line(*one))
    except SwarmError as error:
        stop = error
    if as_json:
        print_json(_document(work, action, told, stop, dry=dry))
    if stop is not None:
        _tell_way(stop, as_json=as_json)
    if not as_json and not dry:
        for line in work.farewell(action):
            remark(line)


def _steps(work: "Work", action: str, plan: "Plan", *, dry: bool) -> Iterator["Told"]:
    """Each step with what became of it. A step that stops is there, too, before its error is raised."""
    for step in plan():
        if dry or step.done:
            yield step, "is" if step.done else "would", ""
            continue
        try:
            more = work.do(step, action)
        except SwarmError:
            yield step, "failed", ""
            raise
        yield step, "done", more


def _tell_way(stop: SwarmError, *, as_json: bool) -> NoReturn:
    way = _way(stop)
    if not as_json and len(way) > 1:
        for line in ("way on:", *(f"  {command}" for command in way)):
            remark(line)
    raise stop


def _way(stop: SwarmError) -> tuple[str, ...]:
    return getattr(stop, "way", (stop.hint,) if stop.hint else ())


def _document(work: "Work", action: str, told: "list[Told]", stop: SwarmError | None, *, dry: bool) -> dict[str, Any]:
    from reconciler.trees.plan import git

    rows = [
        {"name": step.name, "say": step.say, "state": state, "detail": more or None,
         "commands": [git(one.folder, *one.words) for one in step.commands]}
        for step, state, more in told
    ]  # fmt: skip
    return {
        "schema": "swarm.worktree/1", "id": work.chosen.id, "action": action, "dryRun": dry,
        "branch": work.branch, "worktree": work.path or None, "base": work.base,
        "done": stop is None and not dry, "steps": rows,
        "stopped": _stopped(stop) if stop else None,
    }  # fmt: skip


def _stopped(stop: SwarmError) -> dict[str, Any]:
    return {"kind": getattr(stop, "kind", "refused"), "why": stop.message, "way": list(_way(stop))}

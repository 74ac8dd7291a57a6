"""``swarm hooks``: install, uninstall and status of the git hooks. ``swarm hook``: what hooks call."""

import os
import sys
from collections.abc import Iterable, Sequence
from pathlib import Path
from typing import TYPE_CHECKING

import click

from reconciler.cli.options import common_options, json_option, settings
from reconciler.cli.session import print_json, say
from reconciler.errors import Exit, SwarmError
from reconciler.printable import printable

if TYPE_CHECKING:
    from reconciler.hooks.install import Place, Step
    from reconciler.hooks.proof import Proof
    from reconciler.observe.git import GitRepo

_DONE = {
    "create": ("wrote", "would write"),
    "append": ("added lines to", "would add lines to"),
    "chain": ("wrote, and moved aside", "would write, and move aside"),
    "update": ("brought up to date", "would bring up to date"),
    "remove": ("removed", "would remove"),
    "trim": ("took the lines out of", "would take the lines out of"),
    "restore": ("put back", "would put back"),
}
dry_option = click.option("--dry-run", is_flag=True, help="Write nothing; say what would be done.")


@click.group(epilog="Examples:  swarm hooks install    swarm hooks status    SWARM_HOOKS=0 git merge topic")
@common_options
def hooks() -> None:
    """Git hooks that keep the files right after merge, commit, rewrite and checkout."""


@hooks.command(epilog="Example:  swarm hooks install --dry-run")
@dry_option
@json_option
@common_options
def install(dry_run: bool, as_json: bool) -> int:
    """Install the hooks. A hook that is there already is kept and still runs first."""
    from reconciler.hooks.install import apply, plan_install, read_hooks

    place = find_place()
    steps = plan_install(place, read_hooks(place), sys.executable)
    if not dry_run:
        apply(place, steps)
    return _report(place, steps, dry=dry_run, as_json=as_json)


@hooks.command(epilog="Example:  swarm hooks uninstall")
@dry_option
@json_option
@common_options
def uninstall(dry_run: bool, as_json: bool) -> int:
    """Take the hooks out; what was there before is again as it was, byte for byte."""
    from reconciler.hooks.install import apply, plan_uninstall, read_hooks

    place = find_place()
    steps = plan_uninstall(read_hooks(place))
    if not dry_run:
        apply(place, steps)
    return _report(place, steps, dry=dry_run, as_json=as_json)


@hooks.command(epilog="Example:  swarm hooks status --json")
@json_option
@common_options
def status(as_json: bool) -> int:
    """Say for each hook whether git would run it and whether it reaches swarm; exit 1 when one does not."""
    from reconciler.hooks.install import read_hooks
    from reconciler.hooks.proof import prove

    place = find_place()
    proofs = [prove(place, hook, os.environ) for hook in read_hooks(place)]
    good = all(proof.runs for proof in proofs)
    if as_json:
        print_json({"schema": "swarm.hooks-status/1", "folder": str(place.folder), "owner": place.owner or None,
                    "ok": good, "hooks": [_proof_row(proof) for proof in proofs]})  # fmt: skip
    else:
        say("\n".join([f"hooks in {printable(str(place.folder))}", *(_proof_line(proof) for proof in proofs)]))
    return Exit.OK if good else Exit.FOUND


@click.command(
    context_settings={"ignore_unknown_options": True},
    epilog="Examples:  swarm hook git post-merge    swarm hook claude SessionStart < event.json",
)
@click.argument("host")
@click.argument("event")
@click.argument("rest", nargs=-1)
@common_options
def hook(host: str, event: str, rest: Sequence[str]) -> int:
    """What hooks call: HOST is git or a coding agent (claude, codex, cursor, copilot, opencode, gemini).

    EVENT is the host's own name of the hook; an agent gives JSON about it on stdin and is answered in JSON, or not
    at all. It never fails: what is not known does nothing, and what goes wrong is in swarm/hook.log in git's folder.
    """
    if host == "git":
        from reconciler.cli.hooked import git_hook

        return git_hook()
    from reconciler.cli.hosted import host_hook

    return host_hook([host, event])


# -- where git looks


def find_place() -> "Place":
    """The folder in which git looks for hooks, and who else has it."""
    from reconciler.hooks import managers
    from reconciler.hooks.install import Place
    from reconciler.observe.git import open_git

    git = open_git(settings().folder)
    configured = _hooks_path(git)
    if not configured:
        folder = git.common_dir / "hooks"
        root = git.root
        if folder.is_symlink():  # what it leads to may be tracked, or shared by repositories
            return Place(folder, "a link")
        return Place(folder, "", _configurations(root) if root else ())
    inner = git.run("-c", f"core.hooksPath={configured}", "rev-parse", "--git-path", "hooks")
    folder = Path(git.folder, os.fsdecode(inner).removesuffix("\n"))
    owner = managers.folder_owner(configured)
    by_hand = tuple(folder.parent / event for event in _events()) if owner == "husky" else ()
    return Place(folder, owner, (*by_hand, *(folder / event for event in _events())))


def _events() -> tuple[str, ...]:
    from reconciler.hooks.block import EVENTS

    return EVENTS


def _configurations(root: Path) -> tuple[Path, ...]:
    names = ("lefthook.yml", "lefthook.yaml", ".lefthook.yml", "lefthook-local.yml", ".pre-commit-config.yaml")
    return tuple(root / name for name in (*names, *(f".husky/{event}" for event in _events())))


def _hooks_path(git: "GitRepo") -> str:
    """``core.hooksPath`` as somebody configured it; our own setting of it (we let no hook run) does not count."""
    rows = os.fsdecode(git.run("config", "--list", "-z", "--includes", "--show-scope")).split("\0")
    found = ""
    for scope, row in zip(rows[::2], rows[1::2], strict=False):
        key, _, value = row.partition("\n")
        if key == "core.hookspath" and scope != "command":
            found = value
    return found


# -- words


def _report(place: "Place", steps: "Iterable[Step]", *, dry: bool, as_json: bool) -> int:
    steps = tuple(steps)
    missing = [step for step in steps if step.action in ("managed", "blocked")]
    if as_json:
        rows = [_step_row(step) for step in steps]
        print_json({"schema": "swarm.hooks/1", "folder": str(place.folder), "dryRun": dry, "hooks": rows})
    else:
        lines = [_step_line(step, dry=dry) for step in steps]
        say("\n".join(line for line in lines if line) or "nothing to do")
    if not missing:
        return Exit.OK
    if as_json:
        return Exit.USAGE
    managed = [step.manager for step in missing if step.manager]
    hint = f"add the lines above to {managed[0].where}" if managed else f"mv {missing[0].path} {missing[0].path}.old"
    raise SwarmError(f"{len(missing)} of {len(steps)} hooks in {place.folder} are not ours to change", hint=hint)


def _step_line(step: "Step", *, dry: bool) -> str:
    path = printable(str(step.path))
    if step.action in _DONE:
        text = f"{_DONE[step.action][dry]} {path}"
        return f"{text} ({step.say})" if step.say else text
    if step.action == "managed" and step.manager:
        return f"{path} {step.say}; add to {printable(step.manager.where)}\n    {step.manager.line}"
    return f"{path}: {step.say}" if step.say else ""


def _step_row(step: "Step") -> dict[str, object]:
    manager = step.manager
    return {
        "event": step.event, "path": str(step.path), "action": step.action, "why": step.say or None,
        "owner": manager.name if manager else None, "addTo": manager.where if manager else None,
        "line": manager.line if manager else None,
    }  # fmt: skip


def _proof_line(proof: "Proof") -> str:
    verdict = "runs" if proof.runs else proof.state if proof.state in ("missing", "managed") else "does not run"
    said = "; ".join((*proof.wrong, *proof.notes))
    chained = ", after the hook from before" if proof.state == "chained" else ""
    return printable(f"  {proof.event:<14} {verdict}{chained}" + (f": {said}" if said else ""))


def _proof_row(proof: "Proof") -> dict[str, object]:
    return {
        "event": proof.event, "path": proof.path, "state": proof.state, "runs": proof.runs,
        "wrong": list(proof.wrong), "notes": list(proof.notes),
    }  # fmt: skip

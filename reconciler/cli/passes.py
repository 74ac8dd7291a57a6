"""``swarm reconcile``: one pass that writes what changed."""

import os
from typing import TYPE_CHECKING

import click

from reconciler.cli.options import common_options, json_option, settings
from reconciler.cli.patience import patience
from reconciler.cli.session import drawing, now, print_json, remark, remembering, say, take_a_look
from reconciler.errors import Exit
from reconciler.model import WorkstreamId

if TYPE_CHECKING:
    from reconciler.again.catchup import Passed
    from reconciler.reconcile import Outcome


@click.command(epilog="Examples:  swarm reconcile    swarm reconcile --check   (exit 1 when files are out of date)")
@click.option("--check", is_flag=True, help="Write nothing; exit 1 if a pass would.")
@click.option("--dry-run", is_flag=True, help="Write nothing; say what a pass would do.")
@json_option
@common_options
def reconcile(check: bool, dry_run: bool, as_json: bool) -> int:
    """Look once and write what changed; say what moved and why."""
    from reconciler import reconcile as passes
    from reconciler.again import catchup
    from reconciler.files import lock
    from reconciler.observe.git import open_git

    dry = check or dry_run
    if dry:
        seen = take_a_look()
        outcome = passes.write(seen, now=now(), check=True)
        return _tell(catchup.passed(seen, outcome), check=check, dry=True, as_json=as_json)[0]
    chosen = settings()
    flags = {"base": chosen.base or None}
    git = open_git(chosen.folder)
    with patience(quiet=chosen.quiet), lock(git.common_dir) as held:
        keep = remembering(git, "reconcile", *(["--json"] if as_json else []))
        passed = catchup.run(chosen.folder, env=os.environ, now=now(), flags=flags, git=git, held=held)
    code, told = _tell(passed, check=False, dry=False, as_json=as_json)
    outcome = passed.outcome
    if passed.seen and told.isascii() and not (outcome.written or outcome.problems or outcome.moves):
        keep(passed.seen, told)
    return code


def _tell(passed: "Passed", *, check: bool, dry: bool, as_json: bool) -> tuple[int, bytes]:
    """Say what a pass did; returns the exit code and what stdout got."""
    from reconciler.cli.screens import report as screen

    outcome = passed.outcome
    for problem in outcome.problems:
        remark(f"{problem.severity}: {problem.path} {problem.message}" + (f" ({problem.hint})" if problem.hint else ""))
    code = Exit.FOUND if check and outcome.written else Exit.OK
    if as_json:
        return code, print_json(_document(outcome, dry=dry))
    shown = tuple(screen.Move(WorkstreamId(m.id), m.old, m.new, m.reason) for m in outcome.moves)
    folder = passed.target.name
    paths = tuple(f"{folder}/{name}" for name in outcome.written)
    written = screen.Written(paths, len(outcome.unchanged), dry=dry, first=outcome.first)
    report = screen.reconcile_report(
        shown, written, passed.rulebook, now(), drawing(),
        workstreams=passed.workstreams, problems=passed.problems,
    )  # fmt: skip
    say(report)
    return code, report.encode("utf-8", "backslashreplace")


def _document(outcome: "Outcome", *, dry: bool) -> dict[str, object]:
    return {
        "schema": "swarm.reconcile/1",
        "dryRun": dry,
        "written": sorted(outcome.written),
        "unchanged": len(outcome.unchanged),
        "moved": [{"id": m.id, "from": m.old or None, "to": m.new or None, "reason": m.reason} for m in outcome.moves],
    }

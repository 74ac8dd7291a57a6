"""``swarm check``: contradictions, mistakes and leftovers, for people, for CI and for code scanning."""

import os
import sys
from typing import TYPE_CHECKING

import click

from reconciler import __version__
from reconciler.cli.options import common_options, exit_zero_option, json_option
from reconciler.cli.session import drawing, now, print_json, remark, say, take_a_look
from reconciler.errors import Exit
from reconciler.model import Finding

if TYPE_CHECKING:
    from collections.abc import Sequence

    from reconciler.reconcile import Look


@click.command(epilog="Examples:  swarm check    swarm check --strict --format github    swarm check --format sarif")
@click.option("--strict", is_flag=True, help="Remarks count, too: each is listed, and one is enough to end with 1.")
@click.option("--all", "everything", is_flag=True, help="List each remark; many of a kind are one line otherwise.")
@click.option(
    "--format", "form", type=click.Choice(["text", "json", "github", "sarif"]), default="text", show_default=True,
    help="Text, JSON, GitHub annotations, or SARIF 2.1.0.",
)  # fmt: skip
@json_option
@exit_zero_option
@common_options
def check(strict: bool, everything: bool, form: str, as_json: bool) -> int:
    """Find drift and mistakes: claims against evidence, dangling links, bad names, leftovers, conflicts.

    Ends with 1 when there is an error or a warning (with --strict: or a remark), else with 0. Writes nothing.
    """
    from reconciler.derive.findings import fold

    seen = take_a_look()
    found = _find(seen)
    shown = found if strict or everything else fold(found, seen.rulebook)
    if as_json or form == "json":
        _print_json(seen, found)
    elif form == "sarif":
        _print_sarif(seen, found)
    elif form == "github":
        from reconciler.publish.sarif import annotations

        sys.stdout.write(annotations(shown))
    else:
        _print_text(seen, shown, whole=strict or everything)
    counted = found if strict else [one for one in found if one.severity != "info"]
    return Exit.FOUND if counted else Exit.OK


def _find(seen: "Look") -> tuple[Finding, ...]:
    """All findings. What documents name and git ignores is looked for on the disk first."""
    from reconciler.derive.findings import find_findings, paths_to_look_for

    wanted = paths_to_look_for(seen.snapshot, seen.view, seen.rulebook) if seen.snapshot.root else ()
    there = frozenset(path for path in wanted if os.path.lexists(os.path.join(seen.snapshot.root, path)))  # noqa: PTH118
    return find_findings(seen.snapshot, seen.view, seen.rulebook, on_disk=there)


def _print_text(seen: "Look", shown: "Sequence[Finding]", *, whole: bool) -> None:
    from reconciler.cli.screens import check as screen
    from reconciler.cli.screens.ink import plural

    look = drawing()
    documents = len({d.path for d in seen.snapshot.documents})
    looked_at = f"{plural(len(seen.view.workstreams), 'workstream')}, {plural(documents, 'document')}"
    text = screen.check_screen(
        shown, seen.rulebook.checks, seen.rulebook, now(), look, looked_at=looked_at, whole=whole
    )
    if text:
        say(text)
    if look.piped:
        remark(f"{screen.counts(shown)}; {looked_at}")


def _print_json(seen: "Look", found: "Sequence[Finding]") -> None:
    from reconciler.cli.screens.check import as_row

    base = seen.view.base
    counts = {severity: sum(one.severity == severity for one in found) for severity in ("error", "warning", "info")}
    print_json(
        {
            "schema": "swarm.check/1",
            "base": {"branch": base.branch, "commit": base.commit} if base else None,
            "findings": [as_row(one) for one in found],
            "counts": counts,
        }
    )


def _print_sarif(seen: "Look", found: "Sequence[Finding]") -> None:
    from reconciler.publish.sarif import sarif

    anchors = {str(w.id): d.path for w in seen.view.workstreams for d in reversed(w.documents) if not d.shared}
    print_json(sarif(found, seen.rulebook.checks, version=__version__, anchors=anchors))

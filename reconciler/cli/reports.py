"""``swarm report`` and ``swarm history``: progress, from what git and documents say about the past."""

from datetime import datetime
from typing import TYPE_CHECKING, Any

import click

from reconciler.cli.moments import LONGEST, read_moment
from reconciler.cli.options import common_options, json_option
from reconciler.cli.session import drawing, find, now, print_json, say, take_a_look
from reconciler.errors import SwarmError
from reconciler.printable import printable

if TYPE_CHECKING:
    from reconciler.cli.screens.ink import Ink
    from reconciler.derive.report import Report
    from reconciler.reconcile import Look


@click.command(
    epilog="Examples:  swarm report    swarm report --since 7d --format md    swarm report --since 2026-01-18"
)
@click.option("--since", default="1d", metavar="WHEN", show_default=True, help="24h, 1d, 7d, 2w, or a date.")
@click.option(
    "--format", "form", type=click.Choice(["text", "md", "html"]), default="text", show_default=True,
    help="How to write it.",
)  # fmt: skip
@json_option
@common_options
def report(since: str, form: str, as_json: bool) -> None:
    """Say what was merged, what moved, what is stuck and how work flows, since a moment."""
    seen, until = take_a_look(), now()
    found = read_report(seen, since, until)
    ink = _ink(seen, until)
    if as_json:
        print_json(report_document(seen, found, ink))
        return
    from reconciler.cli.screens import pages, progress

    if form == "text":
        say(progress.report_screen(found, seen.view, ink))
        return
    title, parts = progress.heading(found, seen.view), progress.sections(found, seen.view, ink)
    say(pages.markdown_page(title, parts) if form == "md" else pages.html_page(title, parts, _drawn(found)))


@click.command(epilog="Example:  swarm history turn-system")
@click.argument("name", metavar="ID")
@json_option
@common_options
def history(name: str, as_json: bool) -> None:
    """Say when a workstream changed its state, with the evidence of each change."""
    from reconciler.cli.screens.progress import history_screen
    from reconciler.derive.history import Past

    seen = take_a_look()
    stream = find(seen.view, name)
    steps = Past(seen.snapshot, seen.rulebook).steps(stream)
    if as_json:
        from reconciler.publish.progress import history_document

        print_json(history_document(stream, steps))
    else:
        say(history_screen(stream, steps, _ink(seen, now())))


def read_report(seen: "Look", since: str, until: datetime) -> "Report":
    """The report since what was typed. Raises SwarmError for what is no moment of the past."""
    from reconciler.derive.report import report as derive_report

    return derive_report(seen.view, seen.snapshot, seen.rulebook, moment_of(since, until), until)


def report_document(seen: "Look", found: "Report", ink: "Ink") -> dict[str, Any]:
    """What ``report --json`` prints."""
    from reconciler.cli.screens.needs import needs_of, needy_ids
    from reconciler.publish.progress import report_document as document

    return document(found, needs_you=len(needy_ids(needs_of(seen.view, ink))))


def moment_of(text: str, until: datetime) -> datetime:
    """``24h``, ``7d``, ``2w`` before ``until``; or a date or time of its zone, midnight unless a time is given."""
    hint = "swarm report --since 7d, or --since 2026-01-18"
    since = read_moment(text, until)
    if since is None:
        raise SwarmError(f'"{printable(text, limit=40)}" is no date and no time ago', hint=hint)
    if not until - LONGEST <= since < until:
        raise SwarmError(f'"{printable(text, limit=40)}" is not in the last ten years', hint=hint)
    return since


def _drawn(found: "Report") -> "tuple[Any, ...]":
    return found.points if found.is_weekly else ()


def _ink(seen: "Look", at: datetime) -> "Ink":
    from reconciler.cli.screens.ink import Ink

    return Ink(drawing(), at, seen.rulebook)

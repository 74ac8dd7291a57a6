"""``swarm statusline`` with all options; the plain form is answered in segment.py before click is imported."""

import json
from pathlib import Path
from typing import TYPE_CHECKING, Any

import click

from reconciler.cli import segment
from reconciler.cli.options import common_options, settings
from reconciler.cli.session import drawing, now, take_a_look

if TYPE_CHECKING:
    from reconciler.reconcile import Look


@click.command(
    epilog="Examples:  swarm statusline    swarm statusline --format '{glyph} {id} {phase}'    swarm statusline --fresh"
)
@click.option(
    "--format", "template", default=segment.FORMAT, metavar="T", show_default=True,
    help="Words and {glyph} {id} {state} {phase} {branch} {needs}.",
)  # fmt: skip
@click.option("--fresh", is_flag=True, help="Look now, however long it takes.")
@common_options
def statusline(template: str, fresh: bool) -> None:
    """One segment for a prompt or an agent's status line: what this session holds or this work tree is for.

    It answers at once from what the last look kept, and starts a new look behind when that is older than ten
    seconds. A host's JSON on stdin (cwd, session_id) is heard. It never fails and never waits.
    """
    chosen = settings()
    if fresh:
        keep(take_a_look())
    segment.show(template, str(chosen.folder.absolute()), ascii_only=chosen.ascii)


def keep(seen: "Look") -> None:
    """Keep what the line needs of a look. What stands in the way is no error."""
    from contextlib import suppress

    from reconciler.errors import SwarmError
    from reconciler.files import open_folder, write_file

    data = json.dumps(_document(seen), ensure_ascii=True).encode("ascii")
    with suppress(SwarmError), open_folder(Path(seen.facts.common_dir), "swarm", "cache", create=True) as folder:
        assert folder is not None  # it was to be created
        write_file(folder, segment.NAME, data, durable=False)


def _document(seen: "Look") -> dict[str, Any]:
    from reconciler.cli.screens.ink import Ink, glyph
    from reconciler.cli.screens.needs import needs_of, needy_ids

    ink = Ink(drawing(), now(), seen.rulebook)
    rows = {row.name: row for row in seen.rulebook.states}
    streams = []
    for stream in seen.view.workstreams:
        row = rows[stream.state]
        streams.append({
            "id": stream.id, "state": stream.state, "phase": stream.phase_text, "branch": stream.branch or "",
            "worktree": stream.worktree or "", "glyph": glyph(row.glyph, row.ascii, unicode=True),
            "ascii": glyph(row.glyph, row.ascii, unicode=False),
        })  # fmt: skip
    return {"needs": len(needy_ids(needs_of(seen.view, ink))), "streams": streams}

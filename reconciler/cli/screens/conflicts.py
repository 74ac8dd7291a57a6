"""`swarm conflicts`: pairs of branches in flight, and where a merge of them stops."""

from collections.abc import Iterator, Sequence
from datetime import datetime
from typing import Any

from reconciler.cli.screens.ink import Ink, Rules, line, paint, plural
from reconciler.cli.screens.look import Look
from reconciler.cli.screens.sheet import Entry, sheet, wrapped
from reconciler.frozen import frozen


@frozen
class Pair:
    """Two workstreams in flight. ``clashes``: (path, kind, hunks); ``why``: it could not be tried."""

    ids: tuple[str, str]
    branches: tuple[str, str]
    files: tuple[str, ...]  # changed by both
    clashes: tuple[tuple[str, str, int], ...] = ()
    uncommitted: tuple[str, ...] = ()  # of the common files those that somebody has changed and not committed
    why: str = ""
    declared: bool = False  # somebody wrote that they must not run side by side

    @property
    def result(self) -> str:
        if self.why:
            return "unknown"
        return "conflict" if self.clashes else "clean"


def conflicts_screen(pairs: Sequence[Pair], rules: Rules, now: datetime, look: Look, *, left_out: int = 0) -> str:
    """Those that collide first; then those that could not be tried; those that merge cleanly last."""
    ink = Ink(look, now, rules)
    if not pairs:
        return paint([line("No two branches in flight change the same file.")], look)
    order = {"conflict": 0, "unknown": 1, "clean": 2}
    ordered = sorted(pairs, key=lambda pair: (order[pair.result], pair.ids))
    colliding = sum(pair.result == "conflict" for pair in pairs)
    changing = plural(len(pairs), "pair in flight changes", "pairs in flight change")
    head = f"{changing} the same files, {colliding} will collide"
    lines = sheet(head, [entry for pair in ordered for entry in _entries(pair, ink)], ink)
    if left_out:
        lines += wrapped(
            (), f"{plural(left_out, 'pair')} not tried: swarm conflicts --most {len(pairs) + left_out}", ink
        )
    return paint([*lines, *wrapped((), "Only what is committed was merged, and nothing was kept.", ink)], look)


def as_row(pair: Pair) -> dict[str, Any]:
    """One pair as JSON."""
    return {
        "ids": list(pair.ids),
        "branches": list(pair.branches),
        "result": pair.result,
        "declared": pair.declared,
        "commonFiles": list(pair.files),
        "conflicts": [{"path": path, "kind": kind, "hunks": hunks} for path, kind, hunks in pair.clashes],
        "uncommitted": list(pair.uncommitted),
        "why": pair.why or None,
    }


def _entries(pair: Pair, ink: Ink) -> Iterator[Entry]:
    labels = {"conflict": "conflict", "unknown": "not tried", "clean": "clean"}
    style = ink.flag_style("conflicted") if pair.clashes else ""
    said = f"{pair.ids[0]} with {pair.ids[1]}"
    if pair.why:
        said += f": {pair.why}; both change {', '.join(pair.files) or 'nothing in common'}"
    elif not pair.clashes:
        said += f": {', '.join(pair.files) or 'no common file'} merges cleanly"
    yield Entry(labels[pair.result], said + (", declared to conflict" if pair.declared else ""), style=style)
    for path, kind, hunks in pair.clashes:
        yield Entry("", f"{path}: {plural(hunks, 'hunk') if hunks else kind}")
    if pair.uncommitted:
        yield Entry("", f"not committed yet: {', '.join(pair.uncommitted)}")

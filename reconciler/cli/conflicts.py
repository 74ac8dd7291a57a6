"""``swarm conflicts``: which branches in flight will collide, by merging them for real and keeping nothing."""

from typing import TYPE_CHECKING, Any

import click

from reconciler.cli.options import common_options, exit_zero_option, json_option, settings
from reconciler.cli.session import drawing, now, print_json, remark, say, take_a_look

if TYPE_CHECKING:
    from reconciler.cli.screens.conflicts import Pair
    from reconciler.reconcile import Look


@click.command(epilog="Example:  swarm conflicts --json")
@click.option("--most", type=click.IntRange(1, 10_000), default=50, show_default=True, help="Pairs to merge at most.")
@json_option
@exit_zero_option
@common_options
def conflicts(most: int, as_json: bool) -> None:
    """Show which branches in flight will collide. Pairs that change a common file are merged, without a trace."""
    from reconciler.cli.screens import conflicts as screen

    seen = take_a_look()
    pairs, left = _pairs(seen, most)
    if as_json:
        rows = [screen.as_row(pair) for pair in pairs]
        print_json({"schema": "swarm.conflicts/1", "pairs": rows, "leftOut": left})
        return
    say(screen.conflicts_screen(pairs, seen.rulebook, now(), drawing(), left_out=left))


def _pairs(seen: "Look", most: int) -> "tuple[tuple[Pair, ...], int]":
    """Every pair that shares a file or is declared to conflict, and how many were left out."""
    from reconciler.cli.screens.conflicts import Pair
    from reconciler.observe.collisions import NEEDED, Trial, can_try, try_merges
    from reconciler.observe.git import open_git

    tips = {branch.name: branch.tip for branch in seen.snapshot.branches}
    streams = {w.id: w for w in seen.view.workstreams}
    shared = [(w, streams[o], files) for w in seen.view.workstreams for o, files in w.conflicts if w.id < o]
    kept, ready = shared[:most], can_try(seen.git.version())
    merged = [(tips.get(one.branch or ""), tips.get(other.branch or "")) for one, other, files in kept]
    both = [(a, b) for a, b in merged if a and b] if ready else []
    base = seen.facts.history.tree.get(".gitattributes")
    trials = iter(try_merges(open_git(settings().folder), both, attributes=base))
    if kept and not ready:
        remark(f"git {'.'.join(map(str, NEEDED))} or newer is needed to try merges; this is {seen.git.version()}")
    open_files = {t.branch: set(t.changes) for t in seen.snapshot.worktrees if t.branch}
    pairs = []
    for (one, other, files), (a, b) in zip(kept, merged, strict=True):
        trial = next(trials) if a and b and ready else Trial(why="not tried" if not ready else "no branch")
        pending: set[Any] = open_files.get(one.branch or "", set()) | open_files.get(other.branch or "", set())
        uncommitted = tuple(f for f in files if f in pending)
        clashes = tuple((c.path, c.kind, c.hunks) for c in trial.clashes)
        ids, branches = (one.id, other.id), (one.branch or "", other.branch or "")
        pairs.append(Pair(ids, branches, files, clashes, uncommitted, trial.why, declared=_declared(one, other)))
    return tuple(pairs), len(shared) - len(kept)


def _declared(one: Any, other: Any) -> bool:
    return any(r.type == "conflicts" and r.target == b.id for a, b in ((one, other), (other, one)) for r in a.relations)

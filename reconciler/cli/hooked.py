"""What ``swarm hook git EVENT`` runs: joins the hook with a pass. Imports the pass only where it runs."""

from reconciler.hooks import run

TYPE_CHECKING = False
if TYPE_CHECKING:  # typing itself costs milliseconds
    from pathlib import Path

BUSY_WAIT = 2.0  # seconds to wait for git to finish what it is doing


def git_hook() -> int:
    """Answer one call of a git hook; always 0."""
    return run.main(_common_dir, _work, _is_settled)


def _is_settled(common: str) -> bool:
    from reconciler.gate import is_settled

    return is_settled(common)


def _common_dir(folder: str) -> str:
    from reconciler.coordination.beat import find_repository

    return find_repository(folder)[0]


def _work(start: str, common: str) -> str:
    """One pass; the line about what moved, "" when nothing did."""
    import os
    from datetime import datetime
    from pathlib import Path

    from reconciler import gatekeeper
    from reconciler.again import catchup
    from reconciler.errors import SwarmError
    from reconciler.files import lock
    from reconciler.observe.git import open_git

    _wait_for_git(Path(common))
    now = datetime.now().astimezone()
    try:
        git = open_git(Path(start))
        with lock(git.common_dir) as held:
            begun = gatekeeper.begin(git)
            passed = catchup.run(Path(start), env=os.environ, now=now, git=git, held=held)
        if passed.seen and not passed.outcome.problems:
            gatekeeper.keep(begun, passed.seen, ("hook",), b"", now=now)
    except SwarmError as error:
        run.log(common, error.message)
        return ""
    return _line([(move.id, move.old, move.new) for move in passed.outcome.moves])


def _wait_for_git(common: "Path") -> None:
    """git calls some hooks before it has put everything in place; a merge or rebase may have more to come."""
    import time

    from reconciler.watch.gitwork import is_at_work

    end = time.monotonic() + BUSY_WAIT
    while is_at_work(common) and time.monotonic() < end:
        time.sleep(0.01)


def _line(moves: list[tuple[str, str, str]]) -> str:
    from reconciler.printable import printable

    if not moves:
        return ""
    name, old, new = moves[0]
    more = f" (+{len(moves) - 1} more: swarm status)" if len(moves) > 1 else ""
    what = f"{old} -> {new}" if old and new else new or f"gone, was {old}"
    return printable(f"swarm: {name}: {what}{more}", limit=200)

"""Carries a plan out: the ledger first, then file by file, each whole or not at all."""

import os
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from pathlib import Path

from reconciler.errors import SwarmError
from reconciler.files import HOME, failed, list_names, lock, open_folder, remove_file
from reconciler.hosts.installs import ledger, places
from reconciler.hosts.installs.ledger import Ledger
from reconciler.hosts.installs.places import Ground
from reconciler.hosts.installs.plan import Change, Work


@contextmanager
def opened(ground: Ground, *, dry: bool, taking_out: bool = False) -> Iterator[Ledger]:
    """The ledger of one scope, with everybody else kept out; ``dry``: to look at only.

    ``taking_out``: where nothing may be written, nothing is installed or writing it says why it cannot go.
    """
    if dry or (taking_out and not _may_be_kept(ground)):
        yield ledger.load(ground.state)
        return
    made = [folder for folder in (ground.state, *ground.state.parents) if not folder.exists()]
    try:
        ground.state.mkdir(parents=True, exist_ok=True)
    except OSError as error:
        raise failed("create", ground.state, error) from error
    with lock(ground.state):
        found = ledger.load(ground.state)
        found.folders |= {ground.key(folder) for folder in made if _has_key(ground, folder)}
        try:
            yield found
        finally:
            _leave_nothing_behind(ground, found)


def carry_out(work: Work) -> None:
    """Write what the plan says. Raises SwarmError at the first file that cannot be written; what is done stays done.

    The ledger goes first: an entry for a file that was not written after all matches nothing and does no harm.
    """
    writing = [change for change in work.changes if change.writes]
    for folder in work.folders:
        places.sweep(folder)
    for change in writing:
        if change.entry is not None:
            work.ledger.note(work.ground.key(change.spot.path), change.entry)
            made = (f for f in places.missing(change.spot) if _has_key(work.ground, f))
            work.ledger.folders |= {work.ground.key(folder) for folder in made}
    if writing:
        ledger.save(work.ground.state, work.ledger)
    for change in writing:
        _carry_out(work, change)
    for key in work.forgotten:
        work.ledger.forget(key)
    if writing or work.forgotten:
        _forget_the_gone(work, writing)
        ledger.save(work.ground.state, work.ledger)


def _may_be_kept(ground: Ground) -> bool:
    above = next(folder for folder in (ground.state / HOME, *(ground.state / HOME).parents) if folder.exists())
    return os.access(above, os.W_OK)


def _carry_out(work: Work, change: Change) -> None:
    try:
        if change.action == "removed":
            places.remove(change.spot)
            return
        assert change.after is not None  # only a removal has nothing to write
        places.write(work.ground, change.spot, change.after)
    except OSError as error:
        raise failed("write", change.spot.path, error) from error


def _has_key(ground: Ground, folder: Path) -> bool:
    """A folder to which a link led has another path; it is not ours to remove."""
    return ground.root is None or folder.is_relative_to(ground.root)


def _forget_the_gone(work: Work, writing: list[Change]) -> None:
    for change in writing:
        if change.entry is None:
            work.ledger.forget(work.ground.key(change.spot.path))
    names = {skill.id for skill in work.rows.skills}
    for change in writing:
        if change.action == "removed":
            for folder in change.spot.path.parents:
                ours = work.ground.key(folder) in work.ledger.folders if _has_key(work.ground, folder) else False
                if not (ours or folder.name in names) or not _removed_if_empty(folder):
                    break
                work.ledger.folders.discard(work.ground.key(folder))


def _removed_if_empty(folder: Path) -> bool:
    with suppress(OSError, SwarmError), open_folder(folder.parent) as above:
        if above is not None:
            os.rmdir(folder.name, dir_fd=above.fd)
            return True
    return False


def _leave_nothing_behind(ground: Ground, found: Ledger) -> None:
    """With nothing left to remember, the ledger goes; of the user's state folder, all of ours."""
    if found.files:
        return
    with suppress(SwarmError, OSError), open_folder(ground.state, HOME) as home:
        if home is None:
            return
        if ledger.NAME in list_names(home):
            remove_file(home, ledger.NAME)
        if ground.root is None and list_names(home) == ("lock",):
            remove_file(home, "lock")
            _removed_if_empty(home.path)
    if ground.root is None:
        for folder in sorted(found.folders, key=len, reverse=True):
            _removed_if_empty(Path(folder))

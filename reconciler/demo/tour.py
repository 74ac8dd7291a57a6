"""The tour of the demo: what a newcomer would type, in this order, and what there is to see."""

import os
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import datetime
from pathlib import Path

from reconciler.demo.replay import Replayed, replay
from reconciler.demo.sealed import sealed_env
from reconciler.errors import SwarmError
from reconciler.frozen import frozen
from reconciler.printable import printable

WORLD = Path(__file__).with_name("world") / "history.toml"
NAME = "civ"
_ABOUT_SCREENS = ("SWARM_ASCII", "SWARM_THEME")


@frozen
class Stop:
    """One command of the tour, with one sentence about it."""

    say: str
    words: tuple[str, ...]

    @property
    def command(self) -> str:
        return " ".join(("swarm", *self.words))


TOUR = (
    Stop("Every workstream in its true state, found from documents, branches, merges and work trees.", ("status",)),
    Stop("One of them says it is complete. This is the proof that it is not.", ("explain", "fog-of-war")),
    Stop("What three people could do now without getting in each other's way.", ("next", "--parallel", "3")),
    Stop("The same picture as files that other tools can read.", ("reconcile",)),
    Stop("Nothing changed meanwhile, so a second pass writes nothing.", ("reconcile",)),
)


@contextmanager
def home(keep: Path | None) -> Iterator[Path]:
    """The folder that the world is built in: ``keep``, new or empty, or one that is removed afterwards."""
    if keep is None:
        with tempfile.TemporaryDirectory(prefix="swarm-demo-", ignore_cleanup_errors=True) as folder:
            yield Path(folder).resolve()
        return
    try:
        keep.mkdir(parents=True, exist_ok=True)
        full = any(keep.iterdir())
    except OSError as error:
        reason = (error.strerror or "not possible").lower()
        raise SwarmError(f"cannot use {printable(str(keep))}: {reason}", hint="swarm demo --keep NEW-FOLDER") from None
    if full:
        raise SwarmError(f"{printable(str(keep))} is not empty", hint="swarm demo --keep NEW-FOLDER")
    yield keep.resolve()


def build(folder: Path, *, now: datetime) -> Replayed:
    """Build the world in ``folder``, its times counted back from ``now``."""
    return replay(WORLD, folder, name=NAME, now=now)


@contextmanager
def quiet_surroundings() -> Iterator[None]:
    """The process's environment without anybody's git or swarm configuration; what concerns the screen stays."""
    before = dict(os.environ)
    kept = {k: v for k, v in before.items() if not k.startswith(("GIT_", "SWARM_")) or k in _ABOUT_SCREENS}
    sealed = {k: v for k, v in sealed_env().items() if k not in ("LC_ALL", "TZ")}
    os.environ.clear()
    os.environ.update(kept | sealed)
    try:
        yield
    finally:
        os.environ.clear()
        os.environ.update(before)

"""Who looks at a world: a watcher that lives on, commands, hooks; and the cold pass that tells what is right."""

import io
import os
import shutil
import sys
import tempfile
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress
from datetime import datetime
from pathlib import Path

import click

from reconciler import gate, gatekeeper, reconcile
from reconciler.cli import app, hooked, watching
from reconciler.cli.options import Settings
from reconciler.errors import SwarmError
from reconciler.observe import held
from reconciler.observe.git import open_git
from reconciler.publish.projections import project
from reconciler.watch.loop import Touched
from tests.gitrepo import sealed
from tests.machine.world import World

STATUS = ("status", "--all", "--json")


class People:
    """Everybody works in this process, in the sealed environment that ``surroundings`` makes."""

    def __init__(self, world: World) -> None:
        self.world = world
        self._watch: Callable[[Touched], object] | None = None

    def watch(self, touched: Touched = Touched()) -> None:  # noqa: B008  (immutable)
        """A pass of the watcher, which is started when there is none, and hears of everything or what is touched."""
        if self._watch is None:
            with click.Context(click.Command("watch"), obj=Settings(folder=self.world.repo.path)):
                self._watch = watching._pass(open_git(self.world.repo.path))
        with suppress(SwarmError):
            self._watch(touched)

    def kill(self) -> None:
        self._watch = None

    def hook(self) -> None:
        """What the detached part of a hook does."""
        common = str(self.world.common)
        with suppress(OSError, ValueError):
            if gate.is_settled(common):
                return
        hooked._work(str(self.world.repo.path), common)

    def command(self, *words: str) -> tuple[int, bytes]:
        """Exit code and stdout of a command, answered as the entry of the program answers it."""
        line = ["-C", str(self.world.repo.path), *words]
        with heard() as out:
            code = gate.answer(line)
            if code is None:
                code = app.run(line)
            return code, out()

    def cold(self) -> tuple[tuple[int, bytes], dict[str, bytes]]:
        """What ``status`` says, and the files that a pass would write, when nothing is remembered.

        No file below ``.swarm`` is touched: what was remembered before is still of use afterwards.
        """
        cache, aside = self.world.common / "swarm/cache", self.world.top / "kept"
        with suppress(FileNotFoundError):
            cache.rename(aside)
        try:
            return self.command(*STATUS), self._files()
        finally:
            shutil.rmtree(cache, ignore_errors=True)
            with suppress(FileNotFoundError):
                aside.rename(cache)

    def _files(self) -> dict[str, bytes]:
        try:
            seen = reconcile.look(self.world.repo.path, env=os.environ)
        except SwarmError:
            return {}
        files = project(seen.view, now=datetime.now().astimezone(), archive_after_days=seen.config.archive_after)
        return {name: data for name, data in files.items() if not name.startswith("schemas/")}


def own_paths(folder: Path) -> list[Path]:
    return [folder / name for name in ("workstreams.json", "queue.json", "instances.json", "archive")]


def own_bytes(folder: Path) -> dict[str, bytes]:
    """The bytes of the files that swarm derives, by their names below ``folder``."""
    files = [file for path in own_paths(folder) for file in (path.rglob("*.json") if path.is_dir() else [path])]
    return {file.relative_to(folder).as_posix(): file.read_bytes() for file in sorted(files) if file.is_file()}


@contextmanager
def heard() -> Iterator[Callable[[], bytes]]:
    """Keep what is printed, by whatever way, from the terminal."""
    with tempfile.TemporaryFile() as file:
        before = sys.stdout, sys.stderr
        sys.stdout = io.TextIOWrapper(file, encoding="utf-8", write_through=True)
        sys.stderr = io.StringIO()

        def read() -> bytes:
            sys.stdout.flush()
            size = os.fstat(file.fileno()).st_size
            return os.pread(file.fileno(), size, 0)

        try:
            yield read
        finally:
            sys.stdout.detach()
            sys.stdout, sys.stderr = before


@contextmanager
def surroundings(home: Path) -> Iterator[None]:
    """This process's environment as sealed git sees it; files count as old as soon as they are written."""
    before, young, settled = dict(os.environ), gatekeeper.YOUNG, held.SETTLED
    os.environ.clear()
    os.environ.update(sealed(home))
    gatekeeper.YOUNG = held.SETTLED = 0
    try:
        yield
    finally:
        gatekeeper.YOUNG, held.SETTLED = young, settled
        os.environ.clear()
        os.environ.update(before)

"""Who looks at a world: a watcher that lives on, commands, hooks; and the cold pass that tells what is right."""

import io
import os
import sys
import tempfile
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress
from pathlib import Path

import click

from reconciler import gate, gatekeeper
from reconciler.cli import app, hooked, watching
from reconciler.cli.options import Settings
from reconciler.errors import SwarmError
from reconciler.observe.git import open_git
from tests.gitrepo import sealed
from tests.machine.world import World

STATUS = ("status", "--all", "--json")


class People:
    """Everybody works in this process, in the sealed environment that ``surroundings`` makes."""

    def __init__(self, world: World) -> None:
        self.world = world
        self._watch: Callable[[], object] | None = None

    def watch(self) -> None:
        """A pass of the watcher, which is started when there is none."""
        if self._watch is None:
            with click.Context(click.Command("watch"), obj=Settings(folder=self.world.repo.path)):
                self._watch = watching._pass(open_git(self.world.repo.path))
        with suppress(SwarmError):
            self._watch()

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
        """What ``status`` says and which files ``reconcile`` writes when nothing is remembered or written yet."""
        kept = self.world.top / "kept"
        ours, cache = self.world.repo.path / ".swarm", self.world.common / "swarm/cache"
        kept.mkdir()
        moved = [(path, kept / path.name) for path in (cache, *own_paths(ours))]
        for path, aside in moved:
            with suppress(FileNotFoundError):
                path.rename(aside)
        try:
            said = self.command(*STATUS)
            self.command("reconcile")
            return said, own_bytes(ours)
        finally:
            for path in (cache, *own_paths(ours)):
                _forget(path)
            for path, aside in moved:
                with suppress(FileNotFoundError):
                    aside.rename(path)
            kept.rmdir()


def own_paths(folder: Path) -> list[Path]:
    return [folder / name for name in ("workstreams.json", "queue.json", "instances.json", "archive")]


def own_bytes(folder: Path) -> dict[str, bytes]:
    """The bytes of the files that swarm derives, by their names below ``folder``."""
    files = [file for path in own_paths(folder) for file in (path.rglob("*.json") if path.is_dir() else [path])]
    return {file.relative_to(folder).as_posix(): file.read_bytes() for file in sorted(files) if file.is_file()}


def _forget(path: Path) -> None:
    for file in [*path.rglob("*"), path] if path.exists() else []:
        if file.is_file():
            file.unlink()
    for folder in sorted((p for p in [*path.rglob("*"), path] if p.is_dir()), reverse=True):
        folder.rmdir()


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
    before, young = dict(os.environ), gatekeeper.YOUNG
    os.environ.clear()
    os.environ.update(sealed(home))
    gatekeeper.YOUNG = 0
    try:
        yield
    finally:
        gatekeeper.YOUNG = young
        os.environ.clear()
        os.environ.update(before)

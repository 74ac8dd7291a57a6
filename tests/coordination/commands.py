"""The command line in a repository of its own, run in this process, as any session that a test names."""

import io
import json
import os
from collections.abc import Iterator
from contextlib import contextmanager, redirect_stderr, redirect_stdout
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from reconciler.cli.app import run
from tests.gitrepo import GitBuilder, sealed


@dataclass(frozen=True, slots=True)
class Said:
    """What came of one command line."""

    code: int
    out: str
    err: str

    @property
    def json(self) -> dict[str, Any]:
        found: dict[str, Any] = json.loads(self.out)
        return found

    @property
    def all(self) -> str:
        return self.out + self.err


class World(GitBuilder):
    """A repository with ways to write down work and to speak to swarm."""

    @property
    def root(self) -> Path:
        """Where the facts lie."""
        return self.path / ".git" / "swarm"

    def idea(self, name: str, *head: str) -> "World":
        """An intent file, with more lines of front matter."""
        self.write(f".swarm/queue/2026-03-01-{name}.md", "\n".join(["---", f"id: {name}", *head, "---", ""]))
        return self

    def swarm(self, *words: str, as_: str = "ann", at: Path | None = None, **more: str) -> Said:
        """Run one command line as a session, in the main work tree or ``at`` another folder."""
        out, err = (io.TextIOWrapper(io.BytesIO(), encoding="utf-8", newline="\n") for _ in range(2))
        with surroundings(self.path, SWARM_SESSION=as_, **more), redirect_stdout(out), redirect_stderr(err):
            code = run(["-C", str(at or self.path), *words])
        out.flush()
        err.flush()
        texts = [stream.buffer.getvalue().decode("utf-8") for stream in (out, err)]
        return Said(code, *texts)


@contextmanager
def surroundings(home: Path, **more: str) -> Iterator[None]:
    """An environment in which neither git nor swarm sees this machine, nor a session above us."""
    before = dict(os.environ)
    os.environ.clear()
    os.environ.update(sealed(home) | {"SWARM_AGENT_PID": "0"} | more)
    try:
        yield
    finally:
        os.environ.clear()
        os.environ.update(before)

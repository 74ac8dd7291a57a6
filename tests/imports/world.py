"""A repository to import into, and the commands run in it as a process would, sealed from the machine."""

import json
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pytest

from reconciler.cli.app import run
from tests.gitrepo import GitBuilder


@dataclass(slots=True)
class World:
    """A repository and what the last command said."""

    repo: GitBuilder
    capture: pytest.CaptureFixture[bytes]
    errors: str = ""

    @property
    def queue(self) -> Path:
        return self.repo.path / ".swarm/queue"

    def swarm(self, *words: str) -> tuple[int, str]:
        """(exit code, stdout) of one command."""
        self.capture.readouterr()
        code = run(["-C", str(self.repo.path), *words])
        out, errors = self.capture.readouterr()
        self.errors = errors.decode()
        return code, out.decode()

    def json(self, *words: str) -> dict[str, Any]:
        code, out = self.swarm(*words, "--json")
        assert code in (0, 2), self.errors
        return json.loads(out)

    def rows(self, *words: str) -> dict[str, tuple[str, str]]:
        """Title -> (outcome, workstream) of one import."""
        return {row["title"]: (row["outcome"], row["workstream"] or "") for row in self.json("import", *words)["rows"]}

    def streams(self) -> dict[str, dict[str, Any]]:
        rows = json.loads(self.swarm("export", "--all")[1])["workstreams"]
        assert len({row["id"] for row in rows}) == len(rows), "an id stands twice"
        return {row["id"]: row for row in rows}

    def files(self) -> dict[str, bytes]:
        """Everything below .swarm, path to bytes."""
        root = self.repo.path / ".swarm"
        return {p.relative_to(root).as_posix(): p.read_bytes() for p in sorted(root.rglob("*")) if p.is_file()}

"""Builds the repositories of fixtures/ by replaying their histories."""

import tomllib
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from reconciler.demo.replay import Rewrite, replay

FIXTURES = Path(__file__).resolve().parents[2] / "fixtures"


@dataclass(frozen=True, slots=True)
class Scenario:
    """One folder of fixtures/."""

    folder: Path

    @property
    def name(self) -> str:
        return self.folder.name

    def history(self) -> dict[str, Any]:
        """What history.toml says."""
        return tomllib.loads((self.folder / "history.toml").read_text("utf-8"))

    def expected(self, file: str) -> str:
        """The reviewed text of one file of expected/, "" when there is none yet."""
        path = self.folder / "expected" / file
        return path.read_text("utf-8") if path.is_file() else ""

    def build(self, into: Path, *, rewrite: Rewrite | None = None) -> Path:
        """Replay into ``into``, every document through ``rewrite``; the root of the repository."""
        file = self.folder / "history.toml"
        return (replay(file, into, rewrite=rewrite) if rewrite else replay(file, into)).root


def scenario(name: str) -> Scenario:
    """One scenario by its name."""
    return Scenario(FIXTURES / name)


def scenarios() -> list[Scenario]:
    """All scenarios, by name."""
    return [Scenario(path.parent) for path in sorted(FIXTURES.glob("*/history.toml"))]

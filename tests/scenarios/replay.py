"""Builds the repositories of fixtures/ by replaying their histories."""

import atexit
import os
import shutil
import subprocess
import tempfile
import tomllib
from dataclasses import dataclass
from functools import cache
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
        if rewrite:
            return replay(file, into, rewrite=rewrite).root
        made = _made(file)
        if made is None:
            return replay(file, into).root
        into.mkdir(parents=True, exist_ok=True)
        subprocess.run(["cp", "-a", f"{_pattern()}/{self.name}/.", str(into)], check=True)
        return into / made


@cache
def _pattern() -> Path:
    """Where this process keeps repositories to copy: that takes a fifth of the time of making them."""
    folder = Path(tempfile.mkdtemp(prefix="swarm-scenarios-", dir=os.environ.get("PYTEST_DEBUG_TEMPROOT")))
    atexit.register(shutil.rmtree, folder, ignore_errors=True)
    return folder


@cache
def _made(file: Path) -> Path | None:
    """Replay once, to be copied; the root within the copy. None when something in it names the place where it is."""
    place = _pattern() / file.parent.name
    root = replay(file, place).root
    names_it = subprocess.run(["grep", "-rqF", str(place), str(place)], check=False).returncode == 0
    return None if names_it else root.relative_to(place)


def scenario(name: str) -> Scenario:
    """One scenario by its name."""
    return Scenario(FIXTURES / name)


def scenarios() -> list[Scenario]:
    """All scenarios, by name."""
    return [Scenario(path.parent) for path in sorted(FIXTURES.glob("*/history.toml"))]

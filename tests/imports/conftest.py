"""Fixtures of the import tests."""

import os
from pathlib import Path

import pytest

from tests.gitrepo import GitBuilder, sealed
from tests.imports.world import World


@pytest.fixture(autouse=True)
def _sealed(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    for name in [name for name in os.environ if name.startswith(("GIT_", "SWARM_", "CLAUDE_", "XDG_"))]:
        monkeypatch.delenv(name)
    for name, value in sealed(tmp_path).items():
        monkeypatch.setenv(name, value)


@pytest.fixture
def world(tmp_path: Path, capfdbinary: pytest.CaptureFixture[bytes]) -> World:
    """An empty repository with one commit."""
    repo = GitBuilder(tmp_path / "repo")
    repo.commit("Start", {"README.md": "# A game\n"})
    return World(repo, capfdbinary)

"""A branch on which only swarm has written is no work: a second pass finds what the first one found."""

from pathlib import Path

import pytest

from reconciler.cli.app import run
from tests.gitrepo import GitBuilder, sealed


def test_our_own_files_on_a_new_branch_are_no_work(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    for name, value in sealed(tmp_path).items():
        monkeypatch.setenv(name, value)
    repo = GitBuilder(tmp_path / "repo")
    repo.write(".swarm/plans/2026-03-02-fog.md", "# Plan: Fog\n\n- [ ] `src/fog.py`\n").commit("Plan fog")
    repo.checkout("other", new=True)
    assert run(["-C", str(repo.path), "reconcile"]) == 0
    assert run(["-C", str(repo.path), "reconcile", "--check"]) == 0
    assert "nothing to write: 1 workstream" in capsys.readouterr().out
    repo.write("src/begun.py", "begun = 1\n")
    assert run(["-C", str(repo.path), "reconcile", "--check"]) == 1

"""Each scenario in a real repository: the verdict, and the same verdict from every place one can stand."""

from pathlib import Path

import pytest

from reconciler.derive.landing import candidates, judge, survey
from reconciler.model import Landing
from reconciler.observe.git import open_git
from reconciler.observe.patches import patch_ids
from reconciler.observe.repo import read_repository
from tests.gitrepo import GitBuilder
from tests.landing.scenarios import SCENARIOS, Scenario

NOTHING = Landing("f", "nothing", "", 0, "")  # type: ignore[arg-type]


def verdicts(folder: Path) -> dict[str, Landing]:
    """All verdicts as seen from a folder."""
    git = open_git(folder)
    ground = survey(read_repository(git))
    return {landing.branch: landing for landing in judge(ground, patch_ids(git, candidates(ground)))}


def verdict(folder: Path, row: Scenario) -> Landing:
    return verdicts(folder).get(row.branch, NOTHING)


@pytest.fixture(autouse=True)
def _sealed(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("GIT_CONFIG_GLOBAL", "/dev/null")
    monkeypatch.setenv("GIT_CONFIG_NOSYSTEM", "1")


@pytest.mark.parametrize("row", SCENARIOS, ids=lambda row: row.name)
def test_scenario(tmp_path: Path, row: Scenario) -> None:
    repo = GitBuilder(tmp_path / "r")
    row.build(repo)
    found = verdict(repo.path, row)
    assert (found.verdict, found.tag, found.rung, found.reopened) == (
        row.verdict,
        row.tag,
        row.rung,
        row.reopened,
    ), found.detail
    blind = repo.clone(tmp_path / "bare.git", "--mirror")
    seen = verdict(blind.path, row)
    assert seen.verdict == (row.blind or row.verdict), seen.detail


def test_names_are_unique() -> None:
    assert len({row.name for row in SCENARIOS}) == len(SCENARIOS)

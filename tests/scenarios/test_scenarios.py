"""Each scenario of fixtures/: what its reader expects, and the whole view as it was reviewed."""

from pathlib import Path

import pytest

from reconciler.demo.sealed import git
from tests.scenarios.conftest import Looks
from tests.scenarios.expect import differences
from tests.scenarios.replay import Scenario, scenarios
from tests.scenarios.views import status_text, trimmed_text, whole_document

EACH = pytest.mark.parametrize("scenario", scenarios(), ids=lambda scenario: scenario.name)
HINT = "python -m tests.scenarios.regold NAME rewrites it; read the difference first"


def test_there_are_enough_scenarios() -> None:
    assert len(scenarios()) >= 20


@EACH
def test_reader_and_program_agree(scenario: Scenario, looks: Looks) -> None:
    assert differences(scenario.history()["expect"], whole_document(looks.at(scenario))) == []


@EACH
def test_the_view_is_the_reviewed_one(scenario: Scenario, looks: Looks) -> None:
    assert trimmed_text(looks.at(scenario)) == scenario.expected("workstreams.json"), HINT


@EACH
def test_the_screen_is_the_reviewed_one(scenario: Scenario, looks: Looks) -> None:
    assert status_text(looks.at(scenario)) == scenario.expected("status.txt"), HINT


@EACH
def test_a_replay_gives_the_same_commits_each_time(scenario: Scenario, tmp_path: Path) -> None:
    refs = [git(scenario.build(tmp_path / name), "for-each-ref") for name in ("one", "two")]
    assert refs[0] == refs[1] != ""

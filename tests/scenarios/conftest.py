"""Every test here runs sealed from the machine, and builds a scenario where it wants to."""

from collections.abc import Iterator
from pathlib import Path

import pytest

from reconciler.reconcile import Look
from tests.scenarios.replay import Scenario
from tests.scenarios.sealed import sealed
from tests.scenarios.views import see


@pytest.fixture(autouse=True)
def _no_machine() -> Iterator[None]:
    with sealed():
        yield


@pytest.fixture(scope="session")
def looks(tmp_path_factory: pytest.TempPathFactory) -> "Looks":
    """Looks at scenarios that nobody changes, each built once."""
    return Looks(tmp_path_factory)


class Looks:
    def __init__(self, folders: pytest.TempPathFactory) -> None:
        self._folders = folders
        self._seen: dict[str, Look] = {}

    def at(self, scenario: Scenario) -> Look:
        """The look at one scenario, with the claims of its history."""
        if scenario.name not in self._seen:
            place: Path = scenario.build(self._folders.mktemp("scenario"))
            self._seen[scenario.name] = see(place, scenario.history().get("claim", ()))
        return self._seen[scenario.name]

"""The small form of the races, for every run of the tests. The full one: ``python -m tests.races --full``."""

import errno
import sys
from pathlib import Path

import pytest

from reconciler.coordination import store
from tests.coordination.faults import Disk
from tests.races.__main__ import build
from tests.races.askers import Answer, Command, Library
from tests.races.others import read_beside_writers, take_over
from tests.races.race import Race, run


@pytest.mark.parametrize("give_back", [0.0, 0.5])
@pytest.mark.parametrize(("seed", "kills"), [(1, 0), (2, 12), (3, 12)])
def test_sixteen_processes_and_forty_workstreams(tmp_path: Path, seed: int, kills: int, give_back: float) -> None:
    race = Race(processes=16, workstreams=40, kills=kills, seed=seed, give_back=give_back)
    root = tmp_path / "swarm"
    verdict = run(race, root, tmp_path / "diaries", lambda session: Library(root, session))
    assert verdict.clean, verdict
    assert verdict.killed == kills
    assert verdict.calls >= 16 * 40


def test_the_command_line_in_a_small_race(tmp_path: Path) -> None:
    place = tmp_path / "civ"
    place.mkdir()
    build(place, 4)
    command = (sys.executable, "-m", "reconciler")
    race = Race(processes=4, workstreams=4, kills=2, seed=5, give_back=0.3)
    verdict = run(race, place / ".git/swarm", tmp_path / "diaries", lambda name: Command(command, place, name))
    assert verdict.clean, verdict
    assert verdict.calls >= 16


def test_a_disk_without_links(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(store, "os", Disk(fail_at=0, broken={"link": errno.EPERM}))
    race = Race(processes=16, workstreams=30, kills=8, seed=4, give_back=0.5)
    root = tmp_path / "swarm"
    verdict = run(race, root, tmp_path / "diaries", lambda session: Library(root, session))
    assert verdict.clean, verdict


def test_a_reader_beside_writers_never_meets_half_a_file(tmp_path: Path) -> None:
    found = read_beside_writers(tmp_path / "swarm", 5_000)
    assert found.pop("generations") > 20
    assert found == {"torn": 0, "missing": 0, "backwards": 0, "beats torn": 0}


def test_of_eight_takers_one_wins(tmp_path: Path) -> None:
    assert take_over(tmp_path / "swarm", 50) == {1: 50}


class Careless:
    """Claims as many tools do: look, then write. The race must catch it."""

    def __init__(self, root: Path, session: str) -> None:
        self.root, self.session = root, session

    def claim(self, key: str) -> Answer:
        path = self.root / "careless" / key
        path.parent.mkdir(parents=True, exist_ok=True)
        if path.exists() and (owner := path.read_text()) not in ("", self.session):
            return Answer("refused", owner)
        path.write_text(self.session)
        return Answer("claimed")

    def release(self, key: str) -> Answer:
        (self.root / "careless" / key).unlink()
        return Answer("released")


def test_the_race_sees_a_careless_way_to_claim(tmp_path: Path) -> None:
    root = tmp_path / "swarm"
    race = Race(processes=16, workstreams=150, seed=1)
    verdict = run(race, root, tmp_path / "diaries", lambda session: Careless(root, session))
    assert not verdict.clean
    assert verdict.vanished or verdict.double

"""Real events of a real disk, by the system and by polling; what the eyes read themselves is not heard."""

import logging
from collections.abc import Iterator
from pathlib import Path

import pytest

from reconciler.watch.eyes import Eyes
from reconciler.watch.ground import Ground, spots
from tests.watch.make import wait_for


@pytest.fixture(params=["events", "polling"])
def looking(request: pytest.FixtureRequest, tmp_path: Path) -> Iterator[tuple[Path, Eyes, list[str]]]:
    top = tmp_path / "civ"
    (top / ".git/refs/heads").mkdir(parents=True)
    (top / ".swarm/plans").mkdir(parents=True)
    heard: list[str] = []
    eyes = Eyes(heard.append, lambda: None, is_silent=lambda _: request.param == "polling", period=0.05)
    eyes.look_at(spots(place(top)))
    yield top, eyes, heard
    eyes.close()


def place(top: Path) -> Ground:
    return Ground(top / ".git", (top,), (".swarm",), (), top / ".swarm")


def test_writing_renaming_and_removing_are_heard(looking: tuple[Path, Eyes, list[str]]) -> None:
    top, _, heard = looking
    path = top / ".swarm/plans/x.md"
    for change in (
        lambda: path.write_text("a"),
        lambda: path.write_text("ab"),
        lambda: path.rename(path.with_name("y.md")),
        lambda: path.with_name("y.md").unlink(),
    ):
        heard.clear()
        change()
        wait_for(lambda: any("/plans/" in one for one in heard), "an event")
    heard.clear()
    (top / ".git/refs/heads/feature").mkdir()
    (top / ".git/refs/heads/feature/x").write_text("1")
    wait_for(lambda: f"{top}/.git/refs/heads/feature/x" in heard, "a branch")


def test_reading_is_not_heard(looking: tuple[Path, Eyes, list[str]]) -> None:
    top, _, heard = looking
    path = top / ".swarm/plans/x.md"
    path.write_text("a")
    wait_for(lambda: str(path) in heard, "the write")
    marker = top / ".swarm/plans/marker.md"
    for _ in range(50):
        path.read_text()
        list(top.rglob("*"))
    seen = len([one for one in heard if one == str(path)])
    marker.write_text("b")
    wait_for(lambda: str(marker) in heard, "the marker")
    assert len([one for one in heard if one == str(path)]) <= seen + 1  # the late "closed" of the write itself


def test_a_folder_that_was_renamed_and_came_back_is_heard_again(looking: tuple[Path, Eyes, list[str]]) -> None:
    top, eyes, heard = looking
    (top / ".swarm").rename(top / "away")
    wait_for(lambda: any(one == f"{top}/.swarm" for one in heard), "the rename")
    eyes.look_at(spots(place(top)))
    (top / ".swarm/plans").mkdir(parents=True)
    wait_for(lambda: heard.count(f"{top}/.swarm") > 1, "the new one")
    assert eyes.look_at(spots(place(top)))
    heard.clear()
    (top / ".swarm/plans/x.md").write_text("a")
    wait_for(lambda: f"{top}/.swarm/plans/x.md" in heard, "the write in the new folder")


def test_a_folder_that_was_removed_and_made_again_is_watched_again(looking: tuple[Path, Eyes, list[str]]) -> None:
    top, eyes, heard = looking
    (top / ".swarm/plans").rmdir()
    (top / ".swarm").rmdir()
    (top / ".swarm/plans").mkdir(parents=True)  # often with the inode of the old one
    path = top / ".swarm/plans/x.md"

    def is_heard() -> bool:
        eyes.look_at(spots(place(top)))  # as after every pass
        path.write_text("a")
        return str(path) in heard

    wait_for(is_heard, "a write in the new folder")


def test_vanished_folders_are_let_go(looking: tuple[Path, Eyes, list[str]]) -> None:
    _, eyes, _ = looking
    assert eyes.watched
    eyes.forget()
    assert (eyes.watched, eyes.polled) == (0, ())


def test_dropped_events_are_told(tmp_path: Path) -> None:
    lost: list[bool] = []
    eyes = Eyes(lambda _: None, lambda: lost.append(True), is_silent=lambda _: False)
    logging.getLogger("watchdog.observers.inotify_c").warning("Inotify queue overflowed; filesystem events were lost")
    eyes.close()
    assert lost == [True]
    logging.getLogger("watchdog").warning("overflow")
    assert lost == [True]

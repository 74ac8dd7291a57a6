"""The loop with a clock, eyes and passes in the test's hands: nothing here waits."""

from pathlib import Path

import pytest

from reconciler.errors import NoRepository
from reconciler.watch import loop
from reconciler.watch.ground import Ground
from tests.publish.make import merged, workstream
from tests.watch.make import Desk, view


@pytest.fixture
def desk(tmp_path: Path) -> Desk:
    top = tmp_path / "civ"
    (top / ".git").mkdir(parents=True)
    return Desk(Ground(top / ".git", (top,), (".swarm",), (), top / ".swarm"))


def test_it_looks_at_the_start_and_every_interval(desk: Desk) -> None:
    assert desk.watcher.step() == 0.0
    assert desk.after(1.0) == 59.0
    assert desk.after(59.0) == 0.0
    assert desk.passes == 2


def test_a_change_is_one_pass_after_the_quiet(desk: Desk) -> None:
    desk.watcher.step()
    for _ in range(100):
        desk.hear()
        desk.after(0.001)
    assert desk.passes == 1
    desk.after(0.06)
    desk.after(0.06)
    assert desk.passes == 2


def test_changes_during_a_pass_are_one_more(desk: Desk) -> None:
    desk.watcher.step()
    desk.hear()
    desk.after(0.0)
    desk.during = lambda: [desk.hear() for _ in range(5)] and None
    desk.after(0.06)
    desk.during = lambda: None
    desk.after(0.0)
    for _ in range(5):
        desk.after(0.06)
    assert desk.passes == 3


def test_a_repository_that_goes_during_a_pass_is_looked_for_at_once(desk: Desk, tmp_path: Path) -> None:
    def away() -> None:
        (tmp_path / "civ").rename(tmp_path / "elsewhere")

    desk.during = away
    assert desk.watcher.step() == 0.0
    desk.during = lambda: None
    desk.after(0.06)
    assert desk.passes == 2


def test_what_means_nothing_wakes_nobody(desk: Desk) -> None:
    desk.watcher.step()
    for inner in (".swarm/plans/.x.md.swp", ".git/index", ".git/index.lock", "src/app.py", ".swarm/workstreams.json"):
        desk.hear(inner)
    assert desk.after(1.0) > 50
    assert desk.passes == 1


def test_the_sleep_of_the_machine_leads_to_a_fresh_look(desk: Desk) -> None:
    desk.watcher.step()
    desk.time.slept = 3600.0
    desk.after(1.0)
    desk.after(0.06)
    assert (desk.passes, desk.sight.forgotten) == (2, 1)


def test_dropped_events_lead_to_a_fresh_look(desk: Desk) -> None:
    desk.watcher.step()
    desk.ears.lose()
    desk.after(0.0)
    desk.after(0.06)
    assert (desk.passes, desk.sight.forgotten) == (2, 1)


def test_a_flood_of_paths_is_bounded(desk: Desk) -> None:
    desk.watcher.step()
    for _ in range(loop.MOST + 10):
        desk.hear()
    assert len(desk.ears.heard) == loop.MOST
    desk.after(0.0)
    desk.after(0.06)
    assert (desk.passes, desk.sight.forgotten) == (2, 1)


def test_a_newly_watched_folder_is_looked_into_at_once(desk: Desk) -> None:
    desk.during = lambda: setattr(desk.sight, "added", True)
    desk.watcher.step()
    desk.during = lambda: None
    assert desk.after(0.0) == 0.0
    assert desk.passes == 2


def test_a_pass_that_fails_is_told_once_and_tried_again(desk: Desk) -> None:
    desk.views = [NoRepository("gone"), NoRepository("gone"), view(workstream()), NoRepository("gone")]
    for _ in range(4):
        desk.hear()
        desk.after(0.0)
        desk.after(60.0)
    assert [error.message for error in desk.told.errors] == ["gone", "gone"]
    assert desk.told.looks == 1


def test_events_are_told_and_notices_confirmed_by_a_second_pass(desk: Desk) -> None:
    free = workstream("alpha", "ready")
    held = workstream("alpha", "ready", flags=("blocked",), blocked_by=("beta",))
    done = merged("beta")
    desk.views = [view(held, workstream("beta", "implementing")), view(free, done), view(free, done)]
    desk.watcher.step()
    desk.hear()
    desk.after(0.0)
    desk.after(0.06)
    assert [event.sentence() for event in desk.told.events] == [
        "alpha: blocked → ready (beta landed in ccccccc)",
        "beta: implementing → merged (a plan)",
    ]
    assert desk.told.notices == []
    desk.after(loop.CONFIRM)
    assert [notice.text for notice in desk.told.notices] == ["2 need you: unblocked alpha, landed beta  swarm status"]
    desk.after(60)
    assert len(desk.told.notices) == 1


def test_a_pass_hears_what_was_touched_and_nothing_else(desk: Desk) -> None:
    desk.watcher.step()
    desk.hear(".swarm/plans/x.md")
    desk.hear(".swarm/plans/.x.md.swp")
    desk.hear(".swarm/plans/x.md")
    desk.after(0.0)
    desk.after(0.06)
    top = desk.ground.worktrees[0]
    assert desk.touched == [frozenset(), {f"{top}/.swarm/plans/x.md"}]


def test_a_pass_at_what_was_touched_is_followed_by_one_at_everything(desk: Desk) -> None:
    desk.watcher.step()
    for _ in range(30):  # an edit each 100 ms: the whole look is not put off by them
        desk.hear()
        desk.after(0.0)
        desk.after(0.06)
        desk.after(0.04)
    whole = [number for number, touched in enumerate(desk.touched) if not touched]
    assert len(whole) == 3
    assert desk.after(loop.SETTLE) == 0.0
    assert desk.touched[-1] == frozenset()
    assert desk.after(0.0) == 60.0


def test_what_went_before_the_sieve_could_know_it_is_written_again(desk: Desk) -> None:
    desk.is_there = False
    assert desk.watcher.step() == 0.0
    desk.is_there = True
    assert desk.after(0.0) == 0.0
    assert desk.after(0.0) == 60.0
    assert desk.touched == [frozenset(), frozenset()]


@pytest.mark.parametrize("why", ["failed", "lost", "slept", "due"])
def test_when_more_may_have_changed_everything_is_looked_at(desk: Desk, why: str) -> None:
    desk.watcher.step()
    if why == "failed":
        desk.views = [NoRepository("gone"), view()]
        desk.hear()
        desk.after(0.0)
        desk.after(0.06)
    elif why == "lost":
        desk.ears.lose()
    elif why == "slept":
        desk.time.slept = 3600.0
    desk.hear()
    desk.after(60.0 if why == "due" else 0.0)
    desk.after(0.06)
    assert desk.touched[-1] == frozenset()


def test_stopping_ends_the_loop(desk: Desk) -> None:
    desk.during = desk.watcher.stop
    desk.watcher.run()
    assert desk.passes == 1

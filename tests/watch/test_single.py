"""One watcher for each repository, told by the kernel's lock and nothing else."""

import os
from datetime import UTC, datetime
from pathlib import Path

import pytest

from reconciler.errors import Busy, Exit, SwarmError
from reconciler.watch.single import Holder, holder, only_watcher, stop

NOW = datetime(2026, 3, 2, 9, tzinfo=UTC)


def test_nobody_watches_at_first_and_asking_writes_nothing(tmp_path: Path) -> None:
    assert holder(tmp_path) is None
    assert stop(tmp_path) is None
    assert list(tmp_path.iterdir()) == []


def test_a_second_one_is_told_who_watches(tmp_path: Path) -> None:
    with only_watcher(tmp_path, now=NOW):
        held = holder(tmp_path)
        assert held is not None
        assert (held.pid, held.since) == (os.getpid(), "2026-03-02T09:00:00+00:00")
        with (
            pytest.raises(Busy, match=f"process {os.getpid()} on .* since 2026") as caught,
            only_watcher(tmp_path, now=NOW),
        ):
            pass
        assert caught.value.code == Exit.BUSY
    assert holder(tmp_path) is None


def test_what_a_dead_one_left_behind_says_nothing(tmp_path: Path) -> None:
    with only_watcher(tmp_path, now=NOW):
        pass
    path = tmp_path / "swarm/watch.lock"
    path.write_text('{"pid": 1, "host": "x", "since": "y", "born": "z"}')
    assert holder(tmp_path) is None
    with only_watcher(tmp_path, now=NOW):
        assert holder(tmp_path) != Holder(1, "x", "y", "z")


@pytest.mark.parametrize("text", ["", "{", "[]", '{"pid": "x"}', '{"pid": 1}'])
def test_a_lock_without_a_name_stops_nobody(tmp_path: Path, text: str) -> None:
    with only_watcher(tmp_path, now=NOW):
        (tmp_path / "swarm/watch.lock").write_text(text)
        with pytest.raises(SwarmError):
            stop(tmp_path)


def test_a_process_that_took_the_number_is_not_ended(tmp_path: Path) -> None:
    with only_watcher(tmp_path, now=NOW):
        path = tmp_path / "swarm/watch.lock"
        path.write_text(path.read_text().replace('"born": "', '"born": "9'))
        with pytest.raises(SwarmError, match="does not say which process"):
            stop(tmp_path)


def test_a_link_in_the_place_of_the_lock_is_refused(tmp_path: Path) -> None:
    (tmp_path / "swarm").mkdir()
    (tmp_path / "swarm/watch.lock").symlink_to(tmp_path / "victim")
    with pytest.raises(SwarmError), only_watcher(tmp_path, now=NOW):
        pass
    assert not (tmp_path / "victim").exists()


def test_who_begins_afresh_brings_the_lock_along(tmp_path: Path) -> None:
    with only_watcher(tmp_path, now=NOW) as lock:
        handed = os.dup(lock)
        os.set_inheritable(handed, True)
        with only_watcher(tmp_path, now=NOW, handed=handed) as again:
            assert again == handed
            assert not os.get_inheritable(handed)
        os.close(handed)
        with pytest.raises(Busy), only_watcher(tmp_path, now=NOW, handed=handed):
            pass

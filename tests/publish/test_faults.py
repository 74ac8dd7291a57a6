"""Every step of publishing may fail or be the last: files are old or new, and the next run leaves nothing over."""

import errno
import os
import shutil
import stat
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest

from reconciler import files
from reconciler.errors import SwarmError
from reconciler.publish.projections import project
from reconciler.publish.store import publish
from tests.publish.faults import CHANGES, Disk, dies
from tests.publish.make import NOON, full_view, merged, tree, view, workstream

NOW = NOON + timedelta(days=1)
OLD = project(view(workstream("a"), merged("m", datetime(2025, 5, 5, tzinfo=UTC))), now=NOW)
NEW = project(full_view(), now=NOW)
TORN = b'{"schema": "swarm.que'


@pytest.fixture(scope="module")
def before(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Old files, one of them torn, one missing: every kind of step is needed to reach the new ones."""
    root = tmp_path_factory.mktemp("before")
    (root / ".git").mkdir()
    publish(root / ".swarm", OLD, common_dir=root / ".git")
    (root / ".swarm/queue.json").write_bytes(TORN)
    (root / ".swarm/instances.json").unlink()
    (root / ".swarm/workstreams.json").chmod(0o604)
    return root


def again(before: Path, root: Path) -> Path:
    shutil.rmtree(root, ignore_errors=True)
    shutil.copytree(before, root)
    return root


def put(root: Path) -> None:
    publish(root / ".swarm", NEW, common_dir=root / ".git")


def steps_of(root: Path, kinds: tuple[str, ...], monkeypatch: pytest.MonkeyPatch) -> list[str]:
    disk = Disk(steps=kinds)
    with monkeypatch.context() as patch:
        patch.setattr(files, "os", disk)
        put(root)
    return disk.calls


def is_whole(root: Path, *, litter: bool) -> bool:
    """Is every file the old one or the new one? Temporary files only where they are allowed."""
    for name, data in tree(root / ".swarm").items():
        if ".tmp" in name:
            if not litter:
                return False
        elif data not in (OLD.get(name), NEW.get(name), TORN):
            return False
    kept = tree(root / ".git").items()
    return all(data == TORN for name, data in kept if "damaged" in name and ".tmp" not in name)


def assert_recovers(root: Path) -> None:
    put(root)
    assert tree(root / ".swarm") == dict(sorted(NEW.items()))
    assert [name for name in tree(root) if ".tmp" in name] == []
    assert [data for name, data in tree(root / ".git").items() if "damaged" in name] in ([TORN], [])


@pytest.mark.parametrize("error", [errno.ENOSPC, errno.EIO, errno.EACCES], ids=["full", "broken", "denied"])
def test_a_failing_step_leaves_old_or_new(
    before: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, error: int
) -> None:
    steps = steps_of(again(before, tmp_path / "count"), CHANGES, monkeypatch)
    assert set(steps) >= {"write", "fsync", "replace", "unlink", "mkdir", "fchmod"}
    for at in range(1, len(steps) + 1):
        root = again(before, tmp_path / "run")
        with monkeypatch.context() as patch:
            patch.setattr(files, "os", Disk(at=at, error=error, steps=CHANGES))
            with pytest.raises(SwarmError) as caught:
                put(root)
        assert str(root) in caught.value.message
        assert is_whole(root, litter=False), f"{steps[at - 1]}, step {at}"
        assert_recovers(root)


def test_a_reading_step_that_fails_is_no_traceback(
    before: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    steps = steps_of(again(before, tmp_path / "count"), ("open", "read", "fstat", "listdir"), monkeypatch)
    root = again(before, tmp_path / "run")
    for at in range(1, len(steps) + 1):
        with monkeypatch.context() as patch:
            patch.setattr(files, "os", Disk(at=at, error=errno.EIO, steps=("open", "read", "fstat", "listdir")))
            try:
                put(root)
            except SwarmError:
                assert is_whole(root, litter=False), f"{steps[at - 1]}, step {at}"
    assert_recovers(root)


@pytest.mark.parametrize("after", [False, True], ids=["before", "after"])
def test_a_process_that_dies_leaves_old_or_new_and_no_lock(
    before: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, after: bool
) -> None:
    steps = steps_of(again(before, tmp_path / "count"), CHANGES, monkeypatch)
    for at in range(1, len(steps) + 1):
        root = again(before, tmp_path / "run")
        assert dies(Disk(at=at, after=after, steps=CHANGES), lambda root=root: put(root))  # type: ignore[misc]
        assert is_whole(root, litter=True), f"{steps[at - 1]}, step {at}"
        assert_recovers(root)


def test_a_disk_that_writes_little_by_little(before: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    root = again(before, tmp_path / "run")
    with monkeypatch.context() as patch:
        patch.setattr(files, "os", Disk(short=True, steps=("write",)))
        put(root)
    assert tree(root / ".swarm") == dict(sorted(NEW.items()))


def test_a_folder_that_cannot_be_flushed_is_no_error(
    before: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    root = again(before, tmp_path / "run")
    real = os.fsync

    def fsync(fd: int) -> None:
        if stat.S_ISDIR(os.fstat(fd).st_mode):
            raise OSError(errno.EINVAL, "folders cannot be flushed here")
        real(fd)

    monkeypatch.setattr(os, "fsync", fsync)
    put(root)
    assert tree(root / ".swarm") == dict(sorted(NEW.items()))


def test_a_full_disk_says_how_to_look(before: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    root = again(before, tmp_path / "run")
    monkeypatch.setattr(files, "os", Disk(at=1, error=errno.ENOSPC, steps=("write",)))
    with pytest.raises(SwarmError) as caught:
        put(root)
    assert caught.value.message.endswith(": no space left on device")
    assert caught.value.hint.startswith("df -h ")

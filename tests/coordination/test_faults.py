"""Every call on the disk fails or kills once: the old or the new state stands, and the next run leaves nothing over."""

import errno
import os
import signal
from collections.abc import Callable
from pathlib import Path

import pytest

from reconciler.coordination import events as log
from reconciler.coordination.claims import claim, release
from reconciler.coordination.holdings import claims, instances
from reconciler.coordination.ports import port
from reconciler.coordination.sessions import end
from tests.coordination.faults import BROKEN, ERRORS, FINE, REFUSED, Disk, calls_of, run_on
from tests.coordination.people import at, beat, who

ANN, BOB = who("ann"), who("bob")
NOBODY, HELD_BY_ANN = (), (("x", "ann"),)


def nothing(root: Path) -> None:
    root.mkdir(parents=True)


def held(root: Path) -> None:
    claim(root, "x", ANN, at(0))


def often_held(root: Path) -> None:
    for _ in range(6):
        claim(root, "x", BOB, at(0))
        release(root, "x", BOB, at(0))
    claim(root, "x", ANN, at(0))


def full_log(root: Path) -> None:
    held(root)
    with (root / "events" / "ann.jsonl").open("a") as file:
        file.write(" " * log.LARGEST + "\n")


# name -> (before, action, allowed owners afterwards, owners after the action is run once more)
CASES: dict[str, tuple[Callable[[Path], None], Callable[[Path], object], set[object], object]] = {
    "first claim": (nothing, lambda root: claim(root, "x", ANN, at(0)), {NOBODY, HELD_BY_ANN}, HELD_BY_ANN),
    "renewal": (held, lambda root: claim(root, "x", ANN, at(0)), {HELD_BY_ANN}, HELD_BY_ANN),
    "takeover": (held, lambda root: claim(root, "x", BOB, at(2)), {HELD_BY_ANN, (("x", "bob"),)}, (("x", "bob"),)),
    "takeover that prunes": (
        often_held,
        lambda root: claim(root, "x", BOB, at(2)),
        {HELD_BY_ANN, (("x", "bob"),)},
        (("x", "bob"),),
    ),
    "release": (held, lambda root: release(root, "x", ANN, at(0)), {HELD_BY_ANN, NOBODY}, NOBODY),
    "release that rotates the log": (
        full_log,
        lambda root: release(root, "x", ANN, at(0)),
        {HELD_BY_ANN, NOBODY},
        NOBODY,
    ),
    "end": (held, lambda root: end(root, ANN, at(0)), {HELD_BY_ANN}, HELD_BY_ANN),
    "port": (held, lambda root: port(root, "b", is_free=lambda _: True), {HELD_BY_ANN}, HELD_BY_ANN),
}
LINKS = {"links": {}, "no links": {"link": errno.EPERM}}


def owners(root: Path) -> object:
    found = claims(root, at(0))
    assert all(holding.record is not None for holding in found)
    return tuple((holding.workstream, holding.session) for holding in found)


def leftovers(root: Path) -> list[str]:
    return sorted(str(path.relative_to(root)) for path in root.rglob(".tmp-*"))


@pytest.mark.parametrize("broken", LINKS.values(), ids=LINKS)
@pytest.mark.parametrize("name", CASES)
@pytest.mark.parametrize("error", [*ERRORS, 0], ids=["ENOSPC", "EIO", "EACCES", "kill"])
def test_each_call_fails_once(tmp_path: Path, name: str, error: int, broken: dict[str, int]) -> None:
    before, action, allowed, after = CASES[name]
    before(tmp_path / "0")
    calls = calls_of(lambda: action(tmp_path / "0"), broken=broken)
    assert len(calls) > 3
    for number, call in enumerate(calls, 1):
        root = tmp_path / str(number)
        before(root)
        apart = not error or call == "unlink"  # what a process cannot remove is swept when it is gone
        code = run_on(Disk(number, error, broken), lambda root=root: action(root), apart=apart)
        assert code in ((FINE, REFUSED) if error else (-signal.SIGKILL,)), (number, code)
        assert code != BROKEN
        assert owners(root) in allowed, number
        action(root)  # the next run
        assert owners(root) == after, number
        beat(root, "ann", at(0))
        assert leftovers(root) == [], number
        assert all(instance.started is not None for instance in instances(root, at(0)))


def test_a_full_disk_is_said_with_the_place(tmp_path: Path) -> None:
    disk = Disk(fail_at=0, broken={"write": errno.ENOSPC})
    assert run_on(disk, lambda: claim(tmp_path, "x", ANN, at(0))) == REFUSED
    assert owners(tmp_path) == NOBODY


@pytest.mark.skipif(os.geteuid() == 0, reason="root may write everywhere")
def test_a_folder_without_write_permission(tmp_path: Path) -> None:
    tmp_path.chmod(0o555)
    assert run_on(Disk(0), lambda: claim(tmp_path / "swarm", "x", ANN, at(0))) == REFUSED


def test_without_links_one_of_two_wins_too(tmp_path: Path) -> None:
    no_links = {"link": errno.EPERM}
    assert run_on(Disk(0, broken=no_links), lambda: claim(tmp_path, "x", ANN, at(0))) == FINE
    assert owners(tmp_path) == HELD_BY_ANN
    assert run_on(Disk(0, broken=no_links), lambda: claim(tmp_path, "x", BOB, at(0))) == FINE
    assert owners(tmp_path) == HELD_BY_ANN
    assert (tmp_path / "claims" / "x" / "lock").exists()

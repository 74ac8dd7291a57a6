"""Instances, events, who worked on what, cleaning up, ports and disks."""

import json
import os
from pathlib import Path

import pytest

from reconciler.coordination import events as log
from reconciler.coordination.claims import claim, release
from reconciler.coordination.disks import network_disk
from reconciler.coordination.events import events
from reconciler.coordination.holdings import claims, instances
from reconciler.coordination.ports import computed_port, forget_ports, port, with_port
from reconciler.coordination.sessions import Stint, cleanup, end, sessions
from reconciler.errors import SwarmError
from tests.coordination.people import DAY, HOUR, NOON, at, beat, who

ANN, BOB = who("ann"), who("bob")


def test_instances_show_what_they_hold_and_whether_they_live(tmp_path: Path) -> None:
    claim(tmp_path, "x", ANN, at(0))
    claim(tmp_path, "a/b", ANN, at(0))
    claim(tmp_path, "y", BOB, at(0.8))
    beat(tmp_path, "cleo", at(1.2))
    shown = [(one.session, one.verdict.status, one.holds) for one in instances(tmp_path, at(1.3))]
    assert shown == [("ann", "stale", ("a/b", "x")), ("bob", "idle", ("y",)), ("cleo", "active", ())]


def test_a_holder_without_heartbeat_file_is_an_instance_too(tmp_path: Path) -> None:
    claim(tmp_path, "x", ANN, at(0))
    (tmp_path / "instances" / "ann").unlink()
    (found,) = instances(tmp_path, at(0.1))
    assert (found.session, found.started, found.holds) == ("ann", NOON, ("x",))


def test_an_instance_that_cannot_be_read_is_shown_as_unknown(tmp_path: Path) -> None:
    beat(tmp_path, "ann", at(0))
    (tmp_path / "instances" / "ann").write_text("{")
    os.utime(tmp_path / "instances" / "ann", (NOON, NOON))
    assert [(one.session, one.verdict.status) for one in instances(tmp_path, at(0))] == [("ann", "unknown")]
    assert [one.verdict.status for one in instances(tmp_path, at(1))] == ["stale"]


def test_events_tell_the_story_without_heartbeats(tmp_path: Path) -> None:
    claim(tmp_path, "x", ANN, at(0))
    beat(tmp_path, "ann", at(0.1))
    claim(tmp_path, "x", ANN, at(0.2))
    release(tmp_path, "x", ANN, at(0.5), note="half\ndone")
    end(tmp_path, ANN, at(0.6))
    told = [(event.event, event.workstream, event.how, event.note) for event in events(tmp_path, "ann")]
    assert told == [
        ("start", "", "", ""),
        ("claim", "x", "claimed", ""),
        ("release", "x", "released", "half\ndone"),
        ("end", "", "", ""),
    ]
    lines = (tmp_path / "events" / "ann.jsonl").read_bytes().splitlines()
    assert all(json.loads(line)["session"] == "ann" for line in lines)


def test_lines_that_cannot_be_read_hide_no_others(tmp_path: Path) -> None:
    claim(tmp_path, "x", ANN, at(0))
    with (tmp_path / "events" / "ann.jsonl").open("ab") as file:
        file.write(b'{"at":\n\xff\n[]\n{"at":1,"event":"prompt","session":"ann"}\n')
    release(tmp_path, "x", ANN, at(0))
    assert [event.event for event in events(tmp_path, "ann")] == ["start", "claim", "release"]


def test_the_log_is_bounded(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(log, "LARGEST", 2_000)
    for _ in range(60):
        claim(tmp_path, "x", ANN, at(0))
        release(tmp_path, "x", ANN, at(0))
    sizes = {path.name: path.stat().st_size for path in (tmp_path / "events").glob("ann*")}
    assert sorted(sizes) == ["ann.jsonl", "ann.jsonl.1"]
    assert all(size < 2_500 for size in sizes.values())
    assert events(tmp_path, "ann")[-1].event == "release"


def test_sessions_of_a_workstream(tmp_path: Path) -> None:
    claim(tmp_path, "x", ANN, at(0))
    release(tmp_path, "x", ANN, at(1), note="tests missing")
    claim(tmp_path, "x", BOB, at(2))
    claim(tmp_path, "y", BOB, at(3))
    end(tmp_path, BOB, at(4))
    claim(tmp_path, "z", who("cleo"), at(5))
    assert sessions(tmp_path, "x") == (
        Stint("ann", "x", NOON, NOON + HOUR, "claimed", "b", "/trees/ann", "tests missing"),
        Stint("bob", "x", NOON + 2 * HOUR, NOON + 4 * HOUR, "claimed", "b", "/trees/bob", "the session ended"),
    )
    assert [(stint.session, stint.workstream, stint.until) for stint in sessions(tmp_path)][2:] == [
        ("bob", "y", NOON + 4 * HOUR),
        ("cleo", "z", None),
    ]


def test_cleanup_forgets_dead_sessions_that_hold_nothing(tmp_path: Path) -> None:
    claim(tmp_path, "x", ANN, at(0))
    beat(tmp_path, "bob", at(0))
    beat(tmp_path, "cleo", at(1.5))
    old = tmp_path / "events" / "old.jsonl"
    old.write_text("{}\n")
    os.utime(old, (NOON - 99 * DAY, NOON - 99 * DAY))
    said = cleanup(tmp_path, at(1.6))
    assert said == ("forgot session bob: not heard for too long", "removed the log of old")
    assert [one.session for one in instances(tmp_path, at(1.6))] == ["ann", "cleo"]
    assert [held.session for held in claims(tmp_path, at(1.6))] == ["ann"]
    assert cleanup(tmp_path, at(1.6)) == ()


def test_the_port_of_the_design() -> None:
    assert computed_port("feature/2026-01-18-my-feature") == 3367
    assert {3001 <= computed_port(f"b{number}") <= 3999 for number in range(500)} == {True}


def test_a_port_stays_once_recorded_even_while_its_own_server_runs(tmp_path: Path) -> None:
    first = port(tmp_path, "b", is_free=lambda _: True)
    assert first.number == computed_port("b")
    assert port(tmp_path, "b", is_free=lambda _: False).number == first.number


def test_a_port_in_use_is_passed_over_and_the_exception_recorded(tmp_path: Path) -> None:
    wanted = computed_port("b")
    got = port(tmp_path, "b", is_free=lambda number: number != wanted)
    assert (got.number, got.why) == (wanted + 1, f"{wanted} is in use")
    again = port(tmp_path, "b", is_free=lambda _: True)
    assert (again.number, again.why) == (wanted + 1, "recorded earlier")


def test_two_branches_never_share_a_port(tmp_path: Path) -> None:
    numbers = [port(tmp_path, f"b{n}", is_free=lambda _: True, first=4000, last=4009).number for n in range(10)]
    assert sorted(numbers) == list(range(4000, 4010))
    with pytest.raises(SwarmError, match="no port from 4000 to 4009"):
        port(tmp_path, "one more", is_free=lambda _: True, first=4000, last=4009)
    assert forget_ports(tmp_path, frozenset({f"b{n}" for n in range(9)})) == ("b9",)
    assert port(tmp_path, "one more", is_free=lambda _: True, first=4000, last=4009).number == numbers[9]


@pytest.mark.parametrize(("first", "last"), [(0, 5), (5, 4), (1, 70000)])
def test_a_range_that_is_none(tmp_path: Path, first: int, last: int) -> None:
    with pytest.raises(SwarmError, match="port_range"):
        port(tmp_path, "b", first=first, last=last)


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("", "PORT=3367\n"),
        ("A=1", "A=1\nPORT=3367\n"),
        ("A=1\nexport PORT = 1 # x\nPORTAL=2\n", "A=1\nexport PORT=3367\nPORTAL=2\n"),
    ],
)
def test_the_line_in_an_env_file(text: str, expected: str) -> None:
    assert with_port(text, 3367) == expected


def test_a_network_disk_is_told_by_the_mounts(tmp_path: Path) -> None:
    mounts = "\n".join(
        [
            "1 0 8:1 / / rw - ext4 /dev/sda rw",
            f"2 1 0:5 / {tmp_path}/with\\040space rw shared:1 - nfs4 server:/x rw",
            f"3 1 0:6 / {tmp_path}/with\\040space/local rw - xfs /dev/sdb rw",
            "garbage",
        ]
    )
    assert network_disk(tmp_path / "with space" / "repo", mounts) == "nfs4"
    assert network_disk(tmp_path / "with space" / "local" / "repo", mounts) == ""
    assert network_disk(tmp_path / "with", mounts) == ""
    assert network_disk(tmp_path, "") == ""

"""Claims: one owner, numbered holds, takeover, and what a reader sees."""

import json
import os
from pathlib import Path

import pytest

from reconciler.coordination.claims import Result, claim, claim_next, holds, release, renew
from reconciler.coordination.holdings import as_claim, claims, generations
from reconciler.coordination.sessions import end
from reconciler.errors import SwarmError
from tests.coordination.people import DAY, NOON, at, beat, who

ANN, BOB = who("ann"), who("bob")


def folder(root: Path, name: str = "x") -> Path:
    return root / "claims" / name


def said(result: Result) -> tuple[str, int]:
    return result.outcome, result.generation


def test_the_first_gets_it_the_second_is_told_who_has_it(tmp_path: Path) -> None:
    assert said(claim(tmp_path, "x", ANN, at(0))) == ("claimed", 1)
    refused = claim(tmp_path, "x", BOB, at(0.6))
    assert said(refused) == ("refused", 0)
    assert refused.holder is not None
    assert as_claim(refused.holder).session == "ann"
    assert as_claim(refused.holder).status == "idle"
    assert as_claim(refused.holder).heard.isoformat() == "2026-01-18T12:00:00+00:00"
    assert as_claim(refused.holder).host == "desk"


def test_claiming_again_renews_and_keeps_since(tmp_path: Path) -> None:
    claim(tmp_path, "x", ANN, at(0))
    again = claim(tmp_path, "x", ANN, at(0.7))
    assert said(again) == ("renewed", 2)
    (held,) = claims(tmp_path, at(0.8))
    assert as_claim(held).since.timestamp() == NOON
    assert held.verdict.status == "active"


def test_release_and_claim_by_another(tmp_path: Path) -> None:
    claim(tmp_path, "x", ANN, at(0))
    assert said(release(tmp_path, "x", ANN, at(0.1), note="half done")) == ("released", 2)
    assert claims(tmp_path, at(0.1)) == ()
    assert said(claim(tmp_path, "x", BOB, at(0.2))) == ("claimed", 3)


def test_only_the_holder_or_force_releases(tmp_path: Path) -> None:
    assert release(tmp_path, "x", BOB, at(0)).outcome == "free"
    claim(tmp_path, "x", ANN, at(0))
    assert release(tmp_path, "x", BOB, at(0)).outcome == "refused"
    assert release(tmp_path, "x", BOB, at(0), force=True).outcome == "released"


def test_an_old_number_is_refused(tmp_path: Path) -> None:
    first = claim(tmp_path, "x", ANN, at(0))
    taken = claim(tmp_path, "x", BOB, at(1.5))
    assert said(taken) == ("taken-over", 2)
    assert release(tmp_path, "x", ANN, at(1.6), generation=first.generation).outcome == "outdated"
    assert renew(tmp_path, "x", ANN, at(1.6), generation=first.generation).outcome == "outdated"
    assert not holds(tmp_path, "x", "ann", first.generation, at(1.6))
    assert holds(tmp_path, "x", "bob", taken.generation, at(1.6))


def test_a_number_of_an_earlier_hold_of_mine_is_refused_one_of_this_hold_is_not(tmp_path: Path) -> None:
    claim(tmp_path, "x", ANN, at(0))
    release(tmp_path, "x", ANN, at(0))
    claim(tmp_path, "x", ANN, at(0))  # 3
    assert said(renew(tmp_path, "x", ANN, at(0.1), generation=3)) == ("renewed", 4)
    assert release(tmp_path, "x", ANN, at(0.2), generation=1).outcome == "outdated"
    assert release(tmp_path, "x", ANN, at(0.2), generation=5).outcome == "outdated"
    assert said(release(tmp_path, "x", ANN, at(0.2), generation=3)) == ("released", 5)


def test_a_living_holder_is_only_passed_by_force_and_that_is_recorded(tmp_path: Path) -> None:
    claim(tmp_path, "x", ANN, at(0))
    assert said(claim(tmp_path, "x", BOB, at(0.1), force=True)) == ("forced", 2)
    record = json.loads((folder(tmp_path) / "0000000002").read_text())
    assert (record["how"], record["previous"]) == ("forced", "ann")


def test_a_heartbeat_keeps_a_claim_alive(tmp_path: Path) -> None:
    claim(tmp_path, "x", ANN, at(0))
    beat(tmp_path, "ann", at(0.9))
    assert claim(tmp_path, "x", BOB, at(1.5)).outcome == "refused"
    assert claim(tmp_path, "x", BOB, at(1.9)).outcome == "taken-over"


def test_stale_is_left_alone_if_asked(tmp_path: Path) -> None:
    claim(tmp_path, "x", ANN, at(0))
    assert claim(tmp_path, "x", BOB, at(2), steal=False).outcome == "refused"


def test_a_session_that_ended_is_taken_over_and_one_that_comes_back_is_not(tmp_path: Path) -> None:
    claim(tmp_path, "x", ANN, at(0))
    claim(tmp_path, "y", ANN, at(0))
    end(tmp_path, ANN, at(0.1))
    assert claim(tmp_path, "x", BOB, at(0.2)).outcome == "taken-over"
    beat(tmp_path, "ann", at(0.3))
    assert claim(tmp_path, "y", BOB, at(0.4)).outcome == "refused"


@pytest.mark.parametrize("clock", [DAY, -DAY])
def test_a_jump_of_the_clock_steals_nothing_and_keeps_nothing_for_ever(tmp_path: Path, clock: float) -> None:
    claim(tmp_path, "x", ANN, at(0))
    assert claim(tmp_path, "x", BOB, at(0.2, clock=clock)).outcome == "refused"
    assert claim(tmp_path, "x", BOB, at(1.2, clock=clock)).outcome == "taken-over"


def test_a_claim_of_another_host_ahead_in_time_ends_an_hour_after_it_was_first_met(tmp_path: Path) -> None:
    lab = who("lab", host="lab", boot="boot-9")
    claim(tmp_path, "x", lab, at(0, clock=99 * DAY, host="lab", boot="boot-9"))
    for path in (folder(tmp_path) / "0000000001", tmp_path / "instances" / "lab"):
        os.utime(path, (NOON + 99 * DAY, NOON + 99 * DAY))
    first = claim(tmp_path, "x", BOB, at(0))
    assert first.holder is not None
    assert (first.outcome, first.holder.verdict.status) == ("refused", "unknown")
    assert claim(tmp_path, "x", BOB, at(0.9)).outcome == "refused"
    assert claim(tmp_path, "x", BOB, at(1.0)).outcome == "taken-over"


def test_before_another_host_is_taken_for_dead_the_disk_is_asked_for_its_time(tmp_path: Path) -> None:
    claim(tmp_path, "x", who("lab", host="lab", boot="boot-9"), at(0, host="lab", boot="boot-9"))
    os.utime(tmp_path / "instances" / "lab")  # a moment ago, by the disk's own clock
    in_years = at(24 * 365 * 100)  # but our clock says that was long ago
    assert claim(tmp_path, "x", BOB, in_years).outcome == "refused"
    os.utime(tmp_path / "instances" / "lab", (NOON, NOON))
    os.utime(folder(tmp_path) / "0000000001", (NOON, NOON))
    assert claim(tmp_path, "x", BOB, in_years).outcome == "taken-over"


@pytest.mark.parametrize("data", [b"", b"{", b"[]", b'{"schema":"swarm.claim/2"}', b"\xff\xfe", b"[" * 50_000])
def test_what_cannot_be_read_is_held_by_nobody_we_know_until_it_is_old(tmp_path: Path, data: bytes) -> None:
    folder(tmp_path).mkdir(parents=True)
    path = folder(tmp_path) / "0000000004"
    path.write_bytes(data)
    os.utime(path, (NOON, NOON))
    claim(tmp_path, "good", ANN, at(0))
    assert [(held.workstream, held.verdict.status) for held in claims(tmp_path, at(0.5))] == [
        ("good", "idle"),
        ("x", "unknown"),
    ]
    assert claim(tmp_path, "x", BOB, at(0.5)).outcome == "refused"
    assert claim(tmp_path, "x", BOB, at(0.5), force=True).generation == 5
    assert claim(tmp_path, "x", BOB, at(0.6)).outcome == "renewed"


def test_old_generations_go_and_the_highest_never_does(tmp_path: Path) -> None:
    for _ in range(15):
        claim(tmp_path, "x", ANN, at(0))
        release(tmp_path, "x", ANN, at(0))
    numbers = generations(folder(tmp_path))
    assert numbers == list(range(23, 31))
    assert said(claim(tmp_path, "x", BOB, at(0))) == ("claimed", 31)


def test_a_number_that_was_used_and_removed_is_worth_nothing(tmp_path: Path) -> None:
    """A writer that slept since generation 1 links its number 2 after 2 was removed: it has not won."""
    from reconciler.coordination.claims import _append
    from reconciler.coordination.records import record_of

    for _ in range(10):
        claim(tmp_path, "x", ANN, at(0))
        release(tmp_path, "x", ANN, at(0))
    claim(tmp_path, "x", ANN, at(0))
    sleeper = record_of(BOB, at(0), workstream="x", generation=2, grant=2, since=NOON)
    assert _append(tmp_path, sleeper) is False
    assert min(generations(folder(tmp_path))) > 2
    assert [held.session for held in claims(tmp_path, at(0))] == ["ann"]


def test_next_takes_the_first_that_is_free(tmp_path: Path) -> None:
    claim(tmp_path, "a", ANN, at(0))
    got = claim_next(tmp_path, ["a", "b", "c"], BOB, at(0))
    again = claim_next(tmp_path, ["a", "b", "c"], BOB, at(0))
    assert got is not None
    assert again is not None
    assert (got.workstream, again.workstream) == ("b", "c")
    assert claim_next(tmp_path, ["a", "b", "c"], BOB, at(0)) is None


def test_a_neighbour_in_other_hands_gives_it_back(tmp_path: Path) -> None:
    claim(tmp_path, "a", ANN, at(0))
    result = claim(tmp_path, "b", BOB, at(0), against=["a", "c"])
    assert result.outcome == "conflicting"
    assert result.holder is not None
    assert result.holder.workstream == "a"
    assert [held.workstream for held in claims(tmp_path, at(0))] == ["a"]
    assert claim(tmp_path, "b", ANN, at(0), against=["a"]).outcome == "claimed"


@pytest.mark.parametrize("name", ["a/b", "..", "A", "ä", "con", "x" * 900, "-rf", "a\nb", "\udcff", "lock", "seen"])
def test_any_id_can_be_claimed_and_listed(tmp_path: Path, name: str) -> None:
    root = tmp_path / "git" / "swarm"
    assert claim(root, name, ANN, at(0)).ok
    assert [held.workstream for held in claims(root, at(0))] == [name]
    assert {path.name for path in (*tmp_path.iterdir(), *root.parent.iterdir(), *root.iterdir())} == {
        "git",
        "swarm",
        "claims",
        "instances",
        "events",
    }


def test_no_id_is_refused(tmp_path: Path) -> None:
    with pytest.raises(SwarmError, match="empty"):
        claim(tmp_path, "", ANN, at(0))


def test_strangers_in_the_folder_change_nothing(tmp_path: Path) -> None:
    claim(tmp_path, "x", ANN, at(0))
    for name in ("99999999999", "0000000002.bak", "١٢٣٤٥٦٧٨٩٠", ".tmp-a-1-b", "notes"):
        (folder(tmp_path) / name).write_text("?")
    (tmp_path / "claims" / "README").write_text("?")
    assert [held.session for held in claims(tmp_path, at(0))] == ["ann"]
    assert said(claim(tmp_path, "x", ANN, at(0))) == ("renewed", 2)


def test_reading_writes_nothing_and_needs_no_permission_to(tmp_path: Path) -> None:
    assert claims(tmp_path / "nowhere", at(0)) == ()
    claim(tmp_path, "x", ANN, at(0))
    before = sorted((path, path.stat().st_mtime_ns) for path in tmp_path.rglob("*"))
    claims(tmp_path, at(5))
    assert sorted((path, path.stat().st_mtime_ns) for path in tmp_path.rglob("*")) == before

"""Who is alive: every rule, with clocks that jump, machines that sleep and pids that come back."""

import pytest

from reconciler.coordination.identity import Here
from reconciler.coordination.leases import Limits, Seen, Sign, key_of, liveness, newest
from tests.coordination.people import DAY, HOUR, NOON, at

LIMITS = Limits()
HEARD = Sign(
    heard=NOON,
    mono=DAY,
    boot="boot-1",
    host="desk",
    space="s",
    pid=7,
    pid_start="70",
    worktree="/w",
    touched=NOON,
)
FAR = Sign(heard=NOON, mono=5.0, boot="other", host="lab", space="t", pid=7, pid_start="70", worktree="/w")


def status(sign: Sign, here: Here, seen: Seen | None = None) -> str:
    return liveness(sign, here, LIMITS, seen).status


@pytest.mark.parametrize(
    ("hours", "expected"),
    [(0, "active"), (0.49, "active"), (0.5, "idle"), (0.99, "idle"), (1, "stale"), (900, "stale")],
)
def test_age_alone(hours: float, expected: str) -> None:
    assert status(HEARD, at(hours)) == expected
    assert status(FAR, at(hours)) == expected


@pytest.mark.parametrize("clock", [DAY, -DAY, HOUR, -HOUR, 40 * 365 * DAY])
def test_a_jump_of_our_clock_changes_nothing_on_this_boot(clock: float) -> None:
    assert status(HEARD, at(0.1, clock=clock)) == "active"
    assert status(HEARD, at(0.6, clock=clock)) == "idle"
    assert status(HEARD, at(1.1, clock=clock)) == "stale"


def test_a_night_of_sleep_is_not_silence() -> None:
    woken = at(0.1, clock=10 * HOUR)  # the steady clock stood still, the wall clock went on
    assert liveness(HEARD, woken, LIMITS).age == pytest.approx(0.1 * HOUR)
    assert status(HEARD, woken) == "active"


def test_daylight_saving_does_not_exist_in_seconds_since_1970() -> None:
    autumn = Sign(heard=1_792_976_400.0 - 60, boot="other", host="lab")  # one minute before 2026-10-25T03:00+02:00
    here = Here(now=1_792_976_400.0 + 60, mono=0.0, host="desk", boot="boot-1", space="s")
    assert liveness(autumn, here, LIMITS).age == 120.0


def test_its_process_is_gone() -> None:
    verdict = liveness(HEARD, at(0, gone=((7, "70"),)), LIMITS)
    assert (verdict.status, verdict.why) == ("stale", "its process 7 is gone")


def test_a_reused_pid_is_another_process() -> None:
    younger = Here(
        now=NOON, mono=DAY, host="desk", boot="boot-1", space="s", process=lambda pid, start: (pid, start) == (7, "99")
    )
    assert status(HEARD, younger) == "stale"


def test_a_process_that_cannot_be_asked_decides_nothing() -> None:
    mute = Here(now=NOON, mono=DAY, host="desk", boot="boot-1", space="s", process=lambda pid, start: None)
    assert status(HEARD, mute) == "active"


@pytest.mark.parametrize("place", [{"space": "container"}, {"boot": "boot-2", "booted": NOON - DAY}])
def test_pids_of_other_containers_and_boots_are_not_looked_up(place: dict[str, str]) -> None:
    assert status(HEARD, at(0, gone=((7, "70"),), **place)) == "active"


def test_after_a_restart_all_of_before_are_gone() -> None:
    restarted = at(0.2, boot="boot-2", booted=NOON + 0.1 * HOUR)
    assert liveness(HEARD, restarted, LIMITS).why == "the machine was restarted since"


def test_another_machine_of_the_same_name_is_not_taken_for_a_restart() -> None:
    twin = at(0.2, boot="boot-2", booted=NOON - HOUR)
    assert status(HEARD, twin) == "active"


def test_its_worktree_is_gone() -> None:
    assert liveness(HEARD, at(0, missing=("/w",)), LIMITS).why == "its worktree is gone"
    assert status(FAR, at(0, missing=("/w",))) == "active"  # another host has other folders
    assert status(HEARD, at(0, space="container", missing=("/w",))) == "active"  # so has a container


def test_a_session_that_said_good_bye() -> None:
    assert status(Sign(heard=NOON, mono=DAY, boot="boot-1", ended=True), at(0)) == "stale"


def test_a_stamp_from_the_future_is_unknown_and_ends_when_time_has_passed_it() -> None:
    ahead = Sign(heard=NOON + DAY, boot="other", host="lab")
    assert status(ahead, at(0)) == "unknown"
    assert status(ahead, at(24)) == "active"
    assert status(ahead, at(25.1)) == "stale"


def test_a_small_difference_between_clocks_is_no_future() -> None:
    assert status(Sign(heard=NOON + 60, boot="other", host="lab"), at(0)) == "active"


def test_a_stamp_from_the_future_ends_by_the_age_of_its_file() -> None:
    ahead = Sign(heard=NOON + 900 * DAY, boot="other", host="lab", touched=NOON)
    assert status(ahead, at(0.9)) == "unknown"
    assert status(ahead, at(1.1)) == "stale"


@pytest.mark.parametrize("heard", [NOON + 900 * DAY, None])
def test_what_nothing_dates_ends_when_it_was_seen_unchanged_for_long_enough(heard: float | None) -> None:
    sign = Sign(heard=heard, boot="other", host="lab", touched=NOON + 900 * DAY)
    seen = Seen(key=key_of(sign, 3), at=NOON, mono=DAY, boot="boot-1")
    assert status(sign, at(0.5), seen) == "unknown"
    assert status(sign, at(1.0), seen) == "stale"
    assert status(sign, at(0.5, clock=DAY), seen) == "unknown"  # our own clock jumped
    assert status(sign, at(1.0, boot="boot-2"), seen) == "stale"  # we were restarted


def test_the_key_of_a_sign_changes_with_every_heartbeat() -> None:
    later = Sign(heard=NOON + 1, mono=6.0, boot="other", host="lab")
    assert len({key_of(FAR, 1), key_of(FAR, 2), key_of(later, 1)}) == 3


def test_a_clock_that_is_slow_on_the_other_host_is_helped_by_the_time_of_the_file() -> None:
    slow = Sign(heard=NOON - DAY, boot="other", host="lab", touched=NOON)
    assert status(slow, at(0.1)) == "active"
    assert status(slow, at(1.1)) == "stale"


def test_without_boot_ids_the_smaller_age_counts() -> None:
    mac = Sign(heard=NOON, mono=DAY, host="desk")
    assert status(mac, at(0.1, boot="", clock=DAY)) == "active"
    assert status(mac, at(1.1, boot="")) == "stale"
    fresh_boot = Here(now=NOON + 2 * HOUR, mono=60.0, host="desk", boot="", space="")
    assert status(mac, fresh_boot) == "stale"


def test_the_newest_sign_is_told_by_the_steady_clock_then_by_the_disk() -> None:
    older = Sign(heard=NOON + DAY, mono=1.0, boot="b", touched=9.0)
    newer = Sign(heard=NOON, mono=2.0, boot="b", touched=1.0)
    assert newest(older, newer) == newest(newer, older) == newer
    elsewhere = Sign(heard=0.0, mono=0.0, boot="c", touched=10.0)
    assert newest(older, elsewhere) == newest(elsewhere, older) == elsewhere

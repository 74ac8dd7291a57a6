"""When to look: quiet, longest wait, interval, git at work, a machine that slept."""

from hypothesis import given
from hypothesis import strategies as st

from reconciler.watch.pace import GLANCE, Pace, Rhythm, Sleep

PACE = Pace(quiet=0.05, longest=2.0, interval=60.0)


def calm() -> bool:
    return False


def after_first_look() -> Rhythm:
    rhythm = Rhythm(PACE, 0.0)
    assert rhythm.wait(0.0, calm) == 0.0
    rhythm.begin(0.0)
    return rhythm


def test_the_first_look_is_due_at_once_and_the_next_after_the_interval() -> None:
    assert after_first_look().wait(1.0, calm) == 59.0


def test_a_change_is_looked_at_after_the_quiet() -> None:
    rhythm = after_first_look()
    rhythm.hear(10.0)
    assert rhythm.wait(10.0, calm) == 0.05000000000000071
    assert rhythm.wait(10.051, calm) == 0.0


def test_each_change_prolongs_the_quiet_up_to_the_longest_wait() -> None:
    rhythm = after_first_look()
    looked = None
    for step in range(200):
        now = 10.0 + step * 0.04
        rhythm.hear(now)
        if rhythm.wait(now, calm) == 0.0:
            looked = now
            break
    assert looked is not None
    assert 11.99 <= looked <= 12.04


def test_what_is_heard_during_a_look_leads_to_one_more() -> None:
    rhythm = after_first_look()
    rhythm.hear(10.0)
    rhythm.begin(10.1)
    rhythm.hear(10.15)
    rhythm.hear(10.16)
    assert rhythm.wait(10.3, calm) == 0.0
    rhythm.begin(10.3)
    assert rhythm.wait(10.4, calm) > 59


def test_git_at_work_puts_a_look_off_for_the_longest_wait_and_no_longer() -> None:
    rhythm = after_first_look()
    rhythm.hear(10.0)
    assert rhythm.wait(10.1, lambda: True) == GLANCE
    assert rhythm.wait(11.99, lambda: True) <= 0.011
    assert rhythm.wait(12.0, lambda: True) == 0.0


def test_a_rebase_that_is_left_lying_does_not_stop_the_interval() -> None:
    rhythm = after_first_look()
    assert rhythm.wait(60.5, lambda: True) == GLANCE
    assert rhythm.wait(62.0, lambda: True) == 0.0


def test_a_look_that_was_asked_for_comes_at_its_time() -> None:
    rhythm = after_first_look()
    rhythm.ask(5.0)
    assert rhythm.wait(4.0, calm) == 1.0
    assert rhythm.wait(5.0, calm) == 0.0


@given(st.lists(st.floats(0.0, 0.5), min_size=1, max_size=200))
def test_no_change_waits_longer_than_the_longest_wait(gaps: list[float]) -> None:
    rhythm = after_first_look()
    now, first = 1.0, 1.0
    for gap in gaps:
        rhythm.hear(now)
        left = rhythm.wait(now, calm)
        assert left <= max(0.0, first + PACE.longest - now) + 1e-9
        if left == 0.0:
            rhythm.begin(now)
            first = now + gap
        now += gap


def test_sleep_is_noticed_and_a_small_correction_of_the_clock_is_not() -> None:
    sleep = Sleep(100.0, 5000.0)
    assert not sleep.was_long(130.0, 5030.0)
    assert not sleep.was_long(131.0, 5033.0)
    assert sleep.was_long(132.0, 8633.0)
    assert not sleep.was_long(133.0, 8634.0)

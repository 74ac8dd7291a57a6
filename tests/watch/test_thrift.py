"""What is given back, and when."""

import gc
from collections.abc import Iterator
from pathlib import Path

import pytest

from reconciler.watch.thrift import MOST, Thrift, resident, trimmer


@pytest.fixture(autouse=True)
def _as_others_expect_it() -> Iterator[None]:
    yield
    gc.enable()
    gc.unfreeze()


@pytest.fixture
def given() -> list[int]:
    return []


def test_a_rest_after_a_pass_gives_back_once(given: list[int]) -> None:
    thrift = Thrift(lambda: given.append(1))
    thrift.rest(60)
    assert given == [] and gc.isenabled()
    thrift.passed()
    assert not gc.isenabled()
    thrift.rest(0.1)
    assert given == []
    thrift.rest(5)
    thrift.rest(5)
    assert given == [1]
    thrift.end()
    assert gc.isenabled()


def test_without_a_rest_it_is_done_now_and_then(given: list[int]) -> None:
    thrift = Thrift(lambda: given.append(1))
    for _ in range(MOST * 2):
        thrift.passed()
        thrift.rest(0.05)
    assert given == [1, 1]


def test_where_memory_cannot_be_given_back_nothing_is_done() -> None:
    assert trimmer()() in (None, 0, 1)  # 1: the C library gave some back


@pytest.mark.parametrize("sizes", [(30, 41, 43, 43), (100, 130, 140, 140)])
def test_who_has_grown_a_lot_is_worn_when_it_rests(sizes: tuple[int, ...]) -> None:
    held = iter(sizes)
    thrift = Thrift(lambda: None, lambda: next(held) << 20)
    for seconds, worn in ((5, False), (5, False), (0.1, False), (5, True)):
        thrift.passed()
        thrift.rest(seconds)
        assert thrift.is_worn is worn


def test_this_process_knows_its_size() -> None:
    assert resident() > 1 << 20 or not Path("/proc/self/statm").exists()

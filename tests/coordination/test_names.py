"""File names: reversible, and never the same for two names on any file system."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from reconciler.coordination.names import LONGEST, clean_session, decode, encode

HOSTILE = {
    "cli-integration/phase-2": "cli-integration%2fphase-2",
    "..": "%2e%2e",
    ".": "%2e",
    "a.": "a%2e",
    "a.b": "a.b",
    "../../etc/passwd": "%2e.%2f..%2fetc%2fpasswd",
    "A": "%41",
    "con": "%63on",
    "nul.txt": "%6eul.txt",
    "com1": "%63om1",
    "a b": "a%20b",
    "ü": "%c3%bc",
    "100%": "100%25",
    "\x1b[31m": "%1b%5b31m",
    "a\nb": "a%0ab",
    "\udcff": "%ed%b3%bf",
}


@pytest.mark.parametrize(("name", "file_name"), HOSTILE.items(), ids=range(len(HOSTILE)))
def test_hostile_names_become_plain_ones_and_come_back(name: str, file_name: str) -> None:
    assert encode(name) == file_name
    assert decode(file_name) == name


@given(st.text(min_size=1, max_size=400), st.text(min_size=1, max_size=400))
def test_two_names_never_share_a_file_even_where_case_is_ignored(one: str, other: str) -> None:
    names = [encode(one), encode(other)]
    assert (names[0].casefold() == names[1].casefold()) == (one == other)
    for name in names:
        assert name.isascii()
        assert 0 < len(name) <= LONGEST
        assert not set(name) & set('/\\:*?"<>| ')
        assert not name.startswith(".")
        assert not name.endswith(".")


@given(st.text(min_size=1, max_size=60))
def test_what_is_not_shortened_can_be_read_back(name: str) -> None:
    shortened = "%-" in encode(name)
    assert decode(encode(name)) == (None if shortened else name)


def test_long_names_keep_their_head_and_stay_apart() -> None:
    one, other = encode("x" * 5000), encode("x" * 5001)
    assert len(one) == len(other) == LONGEST
    assert one != other
    assert one.startswith("x" * 90)
    assert decode(one) is None


@pytest.mark.parametrize("file_name", ["", "%zz", "%", "A", "%ff", "%61", ".tmp-1", "lock%"])
def test_file_names_of_others_are_not_read(file_name: str) -> None:
    assert decode(file_name) is None


def test_session_names_are_bounded_and_safe_to_show() -> None:
    assert clean_session("claude-7c") == "claude-7c"
    assert clean_session("  a b\n") == "a b"
    assert clean_session("\x1b[31mred\u202e") == "%1b[31mred%e2%80%ae"
    assert clean_session("a\nb") == "a%0ab"
    long = clean_session("x" * 1_000_000)
    assert len(long) < 100
    assert long != clean_session("x" * 1_000_001)

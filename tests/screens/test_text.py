"""Cleaning, measuring and cutting of single strings."""

from datetime import timedelta

import pytest

from reconciler.cli.screens.ink import Span, age, command, glyph, line, paint, plural, style_of
from reconciler.cli.screens.look import Look
from reconciler.cli.screens.text import clean, cut, natural, pad, shorten, width

from .world import NOW


@pytest.mark.parametrize(
    ("raw", "shown"),
    [
        ("plain", "plain"),
        ("a\x1b[31mb", "a\\x1b[31mb"),
        ("two\nlines\r\tend", "two\\nlines\\r\\tend"),
        ("over\u202eride", "over\\u202eride"),
        ("zero\u200bwidth", "zero\\u200bwidth"),
        ("c1\x9b31m", "c1\\x9b31m"),
        ("\ue0b0", "\\ue0b0"),
        ("\udc80", "\\udc80"),
        ("\U000e0041", "\\U000e0041"),
        ("line\u2028sep", "line\\u2028sep"),
        ("\u3164", "\\u3164"),
        ("é漢🚀", "é漢🚀"),
    ],
)
def test_clean_shows_what_a_terminal_would_obey(raw: str, shown: str) -> None:
    assert clean(raw) == shown
    assert clean(shown) == shown


def test_clean_without_unicode_is_ascii() -> None:
    assert clean("é漢🚀", unicode=False) == "\\xe9\\u6f22\\U0001f680"


def test_clean_limits_stacked_marks() -> None:
    assert clean("e" + "\u0301" * 6) == "e" + "\u0301" * 4 + "\\u0301" * 2


@pytest.mark.parametrize(
    ("text", "columns"), [("abc", 3), ("漢字", 4), ("e\u0301", 1), ("🚀", 2), ("❤\ufe0f", 2), ("", 0)]
)
def test_width_counts_columns(text: str, columns: int) -> None:
    assert width(text) == columns


@pytest.mark.parametrize(
    ("text", "room", "short"),
    [
        ("turn-system", 11, "turn-system"),
        ("turn-system", 8, "turn⋯tem"),
        ("漢字漢字", 6, "漢⋯字"),
        ("abcdef", 2, "a⋯"),
        ("abcdef", 1, "⋯"),
        ("abcdef", 0, ""),
    ],
)
def test_shorten_keeps_both_ends(text: str, room: int, short: str) -> None:
    assert shorten(text, room, "⋯") == short


def test_cut_marks_the_end() -> None:
    assert cut("conflict save-format-v2", 22, "⋯") == "conflict save-format-⋯"
    assert cut("漢字", 3, "⋯") == "漢⋯"
    assert cut("e\u0301e\u0301e\u0301", 2, "⋯") == "e\u0301⋯"


def test_pad_measures_columns() -> None:
    assert pad("漢", 4) == "漢  "
    assert pad("-", 3, right=True) == "  -"


def test_natural_order_counts() -> None:
    assert sorted(["p-10", "p-2", "p"], key=natural) == ["p", "p-2", "p-10"]


@pytest.mark.parametrize(
    ("back", "shown"),
    [
        (timedelta(seconds=59), "0m"),
        (timedelta(minutes=12), "12m"),
        (timedelta(minutes=60), "1h"),
        (timedelta(hours=23, minutes=59), "23h"),
        (timedelta(days=1), "1d"),
        (timedelta(days=99), "99d"),
        (timedelta(days=100), "14w"),
        (timedelta(days=699), "99w"),
        (timedelta(days=730), "2y"),
        (timedelta(seconds=-30), "0m"),
        (timedelta(hours=-1), "?"),
    ],
)
def test_age_takes_three_columns(back: timedelta, shown: str) -> None:
    assert age(NOW - back, NOW) == shown


def test_a_pasted_command_cannot_do_more_than_it_says() -> None:
    assert command("swarm explain", "fog-of-war") == "swarm explain fog-of-war"
    assert command("swarm explain", "x; rm -rf ~") == "swarm explain 'x; rm -rf ~'"
    assert command("swarm explain", "--all") == "swarm explain -- --all"


def test_rules_cannot_bring_backgrounds_links_or_wide_glyphs() -> None:
    assert style_of("bold white on red blink link http://x cyan") == "bold red cyan"
    assert glyph("🚀", "r", unicode=True) == "r"
    assert glyph("\x1b", "\x07", unicode=True) == "?"
    assert glyph("◕", "o", unicode=True) == "◕"
    assert glyph("◕", "o", unicode=False) == "o"


def test_nothing_passes_by_the_span() -> None:
    assert Span("a\nb\x1b").text == "a\\nb\\x1b"
    assert paint([line("a\x07", Span("b\u202e"))], Look()) == "a\\x07b\\u202e\n"


def test_paint_cuts_across_spans() -> None:
    look = Look(width=6)
    assert paint([line("abc", "def")], look) == "abcdef\n"
    assert paint([line("abc", "defg")], look) == "abcde⋯\n"
    assert paint([line("abcdef", "g")], look) == "abcde⋯\n"
    assert paint([line("a", "漢字漢")], look) == "a漢字⋯\n"


def test_plural() -> None:
    assert plural(1, "branch", "branches") == "1 branch"
    assert plural(2, "branch", "branches") == "2 branches"

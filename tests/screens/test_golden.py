"""Each screen of the demo as a whole. A change is meant: `python -m tests.screens.regold`, then review the diff."""

import pytest

from .cases import GOLDEN, PAGE, goldens, page

TEXTS = goldens()


@pytest.mark.parametrize("name", sorted(TEXTS))
def test_screen_is_as_recorded(name: str) -> None:
    assert TEXTS[name] == (GOLDEN / f"{name}.txt").read_text(encoding="utf-8")


def test_no_recorded_screen_is_left_over() -> None:
    assert {path.stem for path in GOLDEN.glob("*.txt")} == set(TEXTS)


def test_the_reference_page_shows_the_screens_as_they_are() -> None:
    text = PAGE.read_text(encoding="utf-8")
    assert page(text, TEXTS) == text


def test_twelve_workstreams_fit_a_small_terminal() -> None:
    lines = TEXTS["status-80-utf8-none"].splitlines()
    assert len(lines) <= 23  # one line is left for the prompt


def test_ascii_screens_are_ascii() -> None:
    for name, text in TEXTS.items():
        if "-ascii" in name or name.endswith("-accessible"):
            assert text.replace("␛", "").isascii(), name


def test_colour_changes_nothing_but_colour() -> None:
    import re

    for name, text in TEXTS.items():
        if name.endswith("-colour"):
            bare = re.sub(r"␛\[[0-9;]*m", "", text)
            plain = TEXTS[name.replace("-colour", "-none")]
            assert [row.rstrip() for row in bare.splitlines()] == plain.splitlines()


def test_only_the_sixteen_colours_of_the_foreground() -> None:
    import re

    codes = {code for text in TEXTS.values() for code in re.findall(r"␛\[([0-9;]*)m", text)}
    allowed = {"0", "1", "2", "31", "32", "33", "34", "35", "36"}  # 34, blue, in the light theme only
    assert {part for code in codes for part in code.split(";")} <= allowed


def test_a_theme_changes_colours_and_nothing_else() -> None:
    import re

    light, dark = TEXTS["status-80-utf8-light"], TEXTS["status-80-utf8-colour"]
    for pale, readable in (("33", "35"), ("36", "34")):
        dark = re.sub(rf"(␛\[(?:1;)?){pale}m", rf"\g<1>{readable}m", dark)
    assert light == dark
    assert not any("34m" in text for name, text in TEXTS.items() if not name.endswith("-light"))


def test_a_sentence_per_line_for_those_who_listen() -> None:
    for name, text in TEXTS.items():
        if name.endswith("-accessible") and "mermaid" not in name and "dot" not in name:
            assert all(row.endswith((".", ":")) for row in text.splitlines()), name

"""The look follows from stream, environment and flags."""

import subprocess
import sys
from dataclasses import dataclass
from pathlib import Path

import pytest

from reconciler.cli.screens.look import Look, look_from
from tests.coordination.commands import World


@dataclass
class Out:
    """A stream as far as a look asks."""

    terminal: bool = True
    encoding: str | None = "utf-8"

    def isatty(self) -> bool:
        return self.terminal

    def fileno(self) -> int:
        raise OSError("not a file")


def test_a_terminal_has_colour_and_width() -> None:
    assert look_from(Out(), {"COLUMNS": "97", "LANG": "en_GB.UTF-8"}) == Look(True, True, 97)


@pytest.mark.parametrize(
    ("theme", "ground", "colour", "chosen"),
    [
        ("auto", "", True, "dark"), ("auto", "15;0", True, "dark"), ("auto", "0;15", True, "light"),
        ("auto", "0;default;7", True, "light"), ("auto", "\x1b;", True, "dark"), ("dark", "0;15", True, "dark"),
        ("light", "", True, "light"), ("none", "0;15", False, "none"),
    ],
)  # fmt: skip
def test_a_theme_is_the_one_asked_for_or_fits_the_ground(theme: str, ground: str, colour: bool, chosen: str) -> None:
    look = look_from(Out(), {"COLORFGBG": ground}, theme=theme)
    assert (look.colour, look.theme) == (colour, chosen)


def test_a_theme_comes_from_flag_environment_or_own_file_and_no_repository(tmp_path: Path) -> None:
    world = World(tmp_path / "r")
    world.write(".swarm/plans/2026-03-02-fog.md", "# Fog\n\n**Status**: Draft\n").commit("Plan")
    world.write(".swarm/config.toml", 'theme = "none"\n')
    own = tmp_path / "own" / "swarm" / "config.toml"
    own.parent.mkdir(parents=True)

    def colours(*words: str, **env: str) -> set[str]:
        said = world.swarm("status", *words, FORCE_COLOR="1", XDG_CONFIG_HOME=str(tmp_path / "own"), **env)
        assert said.code == 0
        return {code for code in ("34", "36") if f"\x1b[{code}m" in said.out}

    assert colours() == {"36"}
    assert colours(SWARM_THEME="light") == {"34"} == colours("--theme", "light", SWARM_THEME="dark")
    own.write_text('theme = "light"\n')
    assert colours() == {"34"}
    assert colours(SWARM_THEME="none") == set() == colours("--theme", "none")
    wrong = world.swarm("status", "--theme", "pink")
    assert (wrong.code, wrong.out) == (2, "")
    assert "'auto', 'dark', 'light', 'none'" in wrong.err
    said = world.swarm("status", "--json", SWARM_THEME="pink").json["diagnostics"]
    assert [row["message"] for row in said if row["path"] == "environment"] == [
        'theme must be "auto", "dark", "light" or "none", not \'pink\''
    ]
    assert [row["message"] for row in said if row["path"] == ".swarm/config.toml"] == [
        '"theme" is not taken from a repository, only from flags and your own configuration'
    ]


def test_a_pipe_has_neither() -> None:
    assert look_from(Out(terminal=False), {"COLUMNS": "97"}) == Look(True, False, None)


def test_a_terminal_without_size_is_eighty_wide() -> None:
    assert look_from(Out(), {}).width == 80
    assert look_from(Out(), {"COLUMNS": "0"}).width == 80
    assert look_from(Out(), {"COLUMNS": "many"}).width == 80
    assert look_from(Out(), {"COLUMNS": "3"}).width == 20


@pytest.mark.parametrize("env", [{"NO_COLOR": "1"}, {"NO_COLOR": "1", "FORCE_COLOR": "1"}, {"TERM": "dumb"}])
def test_colour_can_be_refused(env: dict[str, str]) -> None:
    assert not look_from(Out(), env).colour


def test_colour_can_be_forced_into_a_pipe() -> None:
    assert look_from(Out(terminal=False), {"FORCE_COLOR": "1"}).colour
    assert not look_from(Out(terminal=False), {"FORCE_COLOR": "0"}).colour
    assert not look_from(Out(terminal=False), {"FORCE_COLOR": "1"}, no_color=True).colour


def test_an_empty_no_color_says_nothing() -> None:
    assert look_from(Out(), {"NO_COLOR": ""}).colour


@pytest.mark.parametrize(
    "env",
    [
        {"SWARM_ASCII": "1"},
        {"TERM": "dumb"},
        {"ACCESSIBLE": "1"},
        {"LC_ALL": "C"},
        {"LC_ALL": "POSIX", "LANG": "en_GB.UTF-8"},
        {"LANG": "de_DE.ISO-8859-1"},
    ],
)
def test_ascii_when_asked_or_needed(env: dict[str, str]) -> None:
    assert not look_from(Out(), env).unicode


@pytest.mark.parametrize("locale", ["en_GB.UTF-8", "C.utf8", "ca_ES.UTF-8@valencia"])
def test_utf8_locales(locale: str) -> None:
    assert look_from(Out(), {"LC_CTYPE": locale}).unicode


def test_a_stream_that_cannot_say_it_gets_ascii() -> None:
    assert not look_from(Out(encoding="latin-1"), {"LANG": "en_GB.UTF-8"}).unicode
    assert not look_from(Out(encoding=None), {}).unicode
    assert not look_from(Out(), {}, ascii_only=True).unicode


def test_accessible_is_plain() -> None:
    look = look_from(Out(), {"ACCESSIBLE": "1", "COLUMNS": "80"})
    assert (look.accessible, look.colour, look.unicode) == (True, False, False)


def test_rich_and_click_are_not_needed_without_colour() -> None:
    code = (
        "import sys; from reconciler.cli.screens import status, suggest, explain, show, graph, report, reference;"
        "print(sorted({'rich', 'click', 'networkx', 'git'} & set(sys.modules)))"
    )
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert done.stdout == "[]\n"

"""The look follows from stream, environment and flags."""

import subprocess
import sys
from dataclasses import dataclass

import pytest

from reconciler.cli.screens.look import Look, look_from


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

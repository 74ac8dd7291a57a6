"""Progress on a terminal: late, gone afterwards, and never anywhere else. A real terminal, no real second."""

import os
import pty
import select
import subprocess
import sys
from collections.abc import Callable
from io import StringIO

import pytest

from reconciler import progress
from reconciler.cli.patience import patience

SLOW = """
import sys, time
from reconciler import progress
from reconciler.cli.patience import patience
after, wait = map(float, sys.argv[1:])
with patience(after=after):
    progress.step("reading \\x1b[2Jdocuments")
    time.sleep(wait)
    progress.step("deriving")
print("done")
"""


def on_terminal(after: str, wait: str) -> str:
    """What appears on a terminal."""
    ours, theirs = pty.openpty()
    env = {**os.environ, "TERM": "xterm", "COLUMNS": "80", "PYTHONIOENCODING": "utf-8"}
    process = subprocess.Popen([sys.executable, "-c", SLOW, after, wait], stdout=theirs, stderr=theirs, env=env)
    os.close(theirs)
    text = b""
    while select.select([ours], [], [], 20.0)[0]:
        try:
            data = os.read(ours, 65536)
        except OSError:
            break
        if not data:
            break
        text += data
    os.close(ours)
    assert process.wait(20) == 0
    return text.decode()


def test_a_slow_pass_says_what_it_does_and_leaves_no_line() -> None:
    text = on_terminal("0.01", "2.0")
    assert "reading \\x1b[2Jdocuments" in text
    assert text.endswith("\x1b[2Kdone\r\n")


def test_a_quick_pass_shows_nothing() -> None:
    assert on_terminal("60", "0") == "done\r\n"


@pytest.mark.parametrize("make", [StringIO])
def test_off_a_terminal_nothing_is_shown(make: Callable[[], StringIO]) -> None:
    stream = make()
    with patience(stream, {}, after=0.0):
        progress.step("reading")
    assert stream.getvalue() == ""


def test_steps_reach_whoever_listens_and_nobody_else() -> None:
    heard: list[str] = []
    progress.step("before")
    with progress.listening(heard.append):
        progress.step("during")
    progress.step("after")
    assert heard == ["during"]

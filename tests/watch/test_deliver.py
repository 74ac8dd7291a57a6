"""How notices reach a person, and how --on-change is run."""

import json
import sys
from io import StringIO
from pathlib import Path

import pytest

from reconciler.watch import deliver
from reconciler.watch.notices import Notice

NOTICE = Notice("swarm civ", "fog: drift; <b>x</b>", ("fog",))


class Terminal(StringIO):
    def isatty(self) -> bool:
        return True


@pytest.mark.parametrize(
    ("env", "begin"),
    [
        ({"TERM_PROGRAM": "iTerm.app"}, "\x1b]9;swarm civ: fog: drift, <b>x</b>\x1b\\"),
        ({"KITTY_WINDOW_ID": "1"}, "\x1b]99;i=swarm:d=0:p=title;swarm civ\x1b\\"),
        ({"VTE_VERSION": "7600"}, "\x1b]777;notify;swarm civ;fog: drift, <b>x</b>\x1b\\"),
        ({"VTE_VERSION": "7600", "TMUX": "/tmp/t"}, ""),
        ({"TERM": "xterm"}, ""),
    ],
)
def test_sequences_of_terminals(env: dict[str, str], begin: str) -> None:
    found = deliver.sequence_for(NOTICE, env)
    assert found.startswith(begin)
    assert bool(found) == bool(begin)


def test_the_first_way_that_works() -> None:
    screen = Terminal()
    assert deliver.deliver(NOTICE, screen, {"TERM_PROGRAM": "WezTerm"}) == "terminal"
    assert deliver.deliver(NOTICE, screen, {"TERM": "xterm"}) == "bell"
    assert screen.getvalue().endswith("\a")
    assert deliver.deliver(NOTICE, StringIO(), {"TERM_PROGRAM": "WezTerm"}) == ""


@pytest.mark.skipif(sys.platform == "darwin", reason="its desktop is asked by osascript")
def test_words_of_the_desktop_are_arguments_and_no_markup() -> None:
    words = deliver.desktop_command(NOTICE, {"DISPLAY": ":0"}, lambda name: f"/usr/bin/{name}")
    assert words[-3:] == ["--", "swarm civ", "fog: drift; &lt;b&gt;x&lt;/b&gt;"]
    assert deliver.desktop_command(NOTICE, {"DISPLAY": ":0"}, lambda name: None) == []


def script(tmp_path: Path, body: str) -> list[str]:
    path = tmp_path / "program.py"
    path.write_text(body)
    return [sys.executable, str(path), str(tmp_path / "out"), "two words; $(touch x)"]


def test_a_program_gets_events_in_order_and_no_shell(tmp_path: Path) -> None:
    words = script(tmp_path, "import sys\nopen(sys.argv[1], 'a').write(sys.argv[2] + sys.stdin.read())\n")
    said: list[str] = []
    runner = deliver.Runner(words, said.append)
    for number in range(3):
        runner.give({"id": f"fog-{number}\ud800"})
    runner.close(20.0)
    lines = (tmp_path / "out").read_text().splitlines()
    assert [json.loads(line.removeprefix(words[3]))["id"][:5] for line in lines] == ["fog-0", "fog-1", "fog-2"]
    assert said == []


def test_a_program_that_hangs_is_ended_with_all_it_started(tmp_path: Path) -> None:
    body = "import subprocess, sys\nsubprocess.run([sys.executable, '-c', 'import time; time.sleep(600)'])\n"
    assert deliver.run(script(tmp_path, body), b"{}", patience=0.3) is None


def test_a_program_that_fails_or_is_missing_is_told_once(tmp_path: Path) -> None:
    said: list[str] = []
    runner = deliver.Runner([str(tmp_path / "missing")], said.append)
    for _ in range(3):
        runner.give({})
    runner.close(20.0)
    assert said == [f"--on-change: {tmp_path / 'missing'} could not be run, or took more than 30 s"]
    assert deliver.run(script(tmp_path, "raise SystemExit(3)"), b"") == 3


def test_a_program_that_does_not_read_is_no_trouble(tmp_path: Path) -> None:
    assert deliver.run(script(tmp_path, "pass"), b"x" * 1_000_000) == 0

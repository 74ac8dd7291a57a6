"""``swarm status --watch``: the screen again after a change, in place on a terminal; nothing is written."""

import fcntl
import json
import os
import select
import signal
import struct
import subprocess
import sys
import termios
import time
from pathlib import Path

from tests.gitrepo import GitBuilder, sealed
from tests.watch.make import PLAN, Running, own_bytes, repository, swarm


def plan(repo: GitBuilder, name: str) -> None:
    repo.write(f".swarm/plans/2026-03-02-{name}.md", PLAN.format(name, "Draft"))


def test_piped_one_screen_follows_the_other(tmp_path: Path) -> None:
    repo = repository(tmp_path / "civ")
    with Running(repo.path, "--watch", command="status") as running, Running(repo.path) as beside:
        running.until("plan alpha  swarm next\n")
        beside.until("watching", stream="stderr")
        plan(repo, "beta")
        text = running.until("plan alpha, plan beta  swarm next\n")
        assert running.end(signal.SIGINT) == 130
        assert beside.end(signal.SIGTERM) == 0
    first, second = text.split("\n\nciv  main ")
    assert first.startswith("civ  main ") and "beta" not in first
    assert second.rstrip("\n") + "\n" == swarm(repo.path, "status").stdout.removeprefix("civ  main ")


def test_json_is_one_object_a_line_and_nothing_is_written(tmp_path: Path) -> None:
    repo = repository(tmp_path / "civ")
    words = ("--watch", "--json", "--status", "planning", "--interval", "100ms")
    with Running(repo.path, *words, command="status") as running:
        running.until("\n")
        repo.write("notes.txt", "no news").write("docs/other.py", "")
        plan(repo, "beta")
        text = running.until('"id": "beta"', then="\n")
        assert running.end(signal.SIGTERM) == 0
    frames = [json.loads(line) for line in text.splitlines()]
    assert [frame["schema"] for frame in frames] == ["swarm.workstreams/1"] * 2
    assert [[row["id"] for row in frame["workstreams"]] for frame in frames] == [["alpha"], ["alpha", "beta"]]
    assert own_bytes(repo.path) == {}
    assert [path.name for path in (repo.path / ".git/swarm").iterdir()] == ["cache"]


def test_a_terminal_is_drawn_over_and_its_size_heeded(tmp_path: Path) -> None:
    repo = repository(tmp_path / "civ")
    with Terminal(repo.path, rows=4, columns=100, NO_COLOR="1") as terminal:
        first = terminal.until("\x1b[J\r\n")
        assert first.startswith("\x1b[Hciv  main ")
        assert "planning" not in first and "Next" in first
        assert first.count("\n") == 3, "three lines, and the cursor below them"
        for name in ("beta", "gamma", "delta", "epsilon"):
            plan(repo, name)
        terminal.until("5 open")
        terminal.resize(rows=40, columns=60)
        terminal.until("planning     alpha")  # the first row, which a low screen leaves out
        assert terminal.end() == 130


def test_for_who_listens_nothing_is_drawn_over(tmp_path: Path) -> None:
    repo = repository(tmp_path / "civ")
    with Terminal(repo.path, ACCESSIBLE="1") as terminal:
        text = terminal.until("Next, plan alpha.")
        plan(repo, "beta")
        text += terminal.until("Next, plan beta.")
        assert terminal.end() == 130
    assert "\x1b" not in text
    assert text.count("open workstream") == 2


def test_who_stops_reading_ends_it_quietly(tmp_path: Path) -> None:
    repo = repository(tmp_path / "civ")
    with Running(repo.path, "--watch", command="status") as running:
        running.until("plan alpha  swarm next\n")
        assert running.process.stdout and running.process.stderr
        running.process.stdout.close()
        plan(repo, "beta")
        assert running.process.wait(20) == 0
        assert running.process.stderr.read() == b""
        running.process.stdout = None


def test_mistakes_are_told_at_once(tmp_path: Path) -> None:
    repo = repository(tmp_path / "civ")
    for words in (
        ["--watch", "--at", "1d"], ["--watch", "--legend"], ["--interval", "1s"], ["--watch", "--interval", "0"],
        ["--watch", "--status", "reday"],
    ):  # fmt: skip
        done = swarm(repo.path, "status", *words)
        assert (done.returncode, done.stdout) == (2, ""), words
        assert done.stderr.startswith("error: "), words
    assert swarm(tmp_path, "status", "--watch").returncode == 7


class Terminal:
    """``swarm status --watch`` on a terminal of its own."""

    def __init__(self, folder: Path, *, rows: int = 24, columns: int = 80, **env: str) -> None:
        self._ours, theirs = os.openpty()
        self.resize(rows=rows, columns=columns, fd=theirs)
        self._process = subprocess.Popen(
            [sys.executable, "-P", "-m", "reconciler", "-C", str(folder), "status", "--watch"],
            stdin=theirs, stdout=theirs, stderr=theirs, env={**sealed(folder), "TERM": "xterm", **env},
            start_new_session=True,
        )  # fmt: skip
        os.close(theirs)

    def resize(self, *, rows: int, columns: int, fd: int = -1) -> None:
        fcntl.ioctl(self._ours if fd < 0 else fd, termios.TIOCSWINSZ, struct.pack("HHHH", rows, columns, 0, 0))
        if fd < 0:
            self._process.send_signal(signal.SIGWINCH)

    def until(self, word: str) -> str:
        """Everything that is printed from now on to the word."""
        text, end = b"", time.monotonic() + 30
        while word.encode() not in text:
            ready, _, _ = select.select([self._ours], [], [], max(0.0, end - time.monotonic()))
            assert ready, f"{word!r} was not printed: {text!r}"
            text += os.read(self._ours, 65536)
        return text.decode().replace("\r\n", "\n")

    def end(self) -> int:
        self._process.send_signal(signal.SIGINT)
        return self._process.wait(20)

    def __enter__(self) -> "Terminal":
        return self

    def __exit__(self, *_: object) -> None:
        self._process.kill()
        self._process.wait(20)
        os.close(self._ours)

"""Brings notices to a person: the terminal where it can show them, the desktop, the bell. And runs --on-change."""

import json
import os
import queue
import shutil
import signal
import subprocess
import sys
from collections.abc import Callable, Mapping, Sequence
from contextlib import suppress
from html import escape
from threading import Thread
from typing import TextIO

from reconciler.watch.notices import Notice

PATIENCE = 30.0  # seconds that a program may take
MOST = 1000  # events that wait for it
_NOTIFY = 5.0
_OSC9 = frozenset({"iTerm.app", "WezTerm", "ghostty", "WarpTerminal"})


def sequence_for(notice: Notice, env: Mapping[str, str]) -> str:
    """The escape sequence with which this terminal shows a notice, "" when it is not known to have one.

    Inside tmux and screen only the bell gets through.
    """
    title, text = (part.replace(";", ",") for part in (notice.title, notice.text))
    if env.get("TMUX") or env.get("STY") or env.get("TERM", "").startswith(("screen", "tmux")):
        return ""
    if env.get("KITTY_WINDOW_ID") or env.get("TERM") == "xterm-kitty":
        return f"\x1b]99;i=swarm:d=0:p=title;{title}\x1b\\\x1b]99;i=swarm:d=1:p=body;{text}\x1b\\"
    if env.get("TERM_PROGRAM") in _OSC9 or env.get("WT_SESSION"):
        return f"\x1b]9;{title}: {text}\x1b\\"
    if env.get("VTE_VERSION") or env.get("TERM", "").startswith(("rxvt", "foot")):
        return f"\x1b]777;notify;{title};{text}\x1b\\"
    return ""


def desktop_command(notice: Notice, env: Mapping[str, str], which: Callable[[str], str | None]) -> list[str]:
    """The program that shows a notice on this desktop with its arguments, [] when there is none."""
    if sys.platform == "darwin" and (program := which("osascript")):
        script = ("on run argv", "display notification (item 2 of argv) with title (item 1 of argv)", "end run")
        return [program, *(word for line in script for word in ("-e", line)), notice.title, notice.text]
    if (env.get("DISPLAY") or env.get("WAYLAND_DISPLAY")) and (program := which("notify-send")):
        return [program, "--app-name=swarm", "--", escape(notice.title), escape(notice.text)]
    return []


def deliver(notice: Notice, terminal: TextIO | None, env: Mapping[str, str]) -> str:
    """Show a notice by the first way that works; the name of that way, "" for none."""
    shown = terminal if terminal is not None and terminal.isatty() else None
    if shown and (sequence := sequence_for(notice, env)):
        _write(shown, sequence)
        return "terminal"
    command = desktop_command(notice, env, shutil.which)
    if command and run(command, b"", patience=_NOTIFY) == 0:
        return "desktop"
    if shown:
        _write(shown, "\a")
        return "bell"
    return ""


def run(words: Sequence[str], data: bytes, *, patience: float = PATIENCE) -> int | None:
    """Run a program without a shell with ``data`` on its stdin; its exit code, None when it could not or took too long.

    It gets a process group of its own, and ends with all it started when its time is over.
    """
    try:
        process = subprocess.Popen(  # noqa: S603  (words of the user's own flag or configuration)
            list(words),
            stdin=subprocess.PIPE,
            stdout=subprocess.DEVNULL,
            stderr=subprocess.DEVNULL,
            start_new_session=True,
            env={name: value for name, value in os.environ.items() if not name.startswith("GIT_")},
        )
    except (OSError, ValueError):
        return None
    try:
        process.communicate(data, timeout=patience)
        return process.returncode
    except subprocess.TimeoutExpired:
        with suppress(ProcessLookupError, PermissionError):
            os.killpg(process.pid, signal.SIGKILL)
        process.wait()
        return None


class Runner:
    """Runs ``--on-change`` for one event after the other, in a thread of its own, so that it never holds up a pass."""

    def __init__(self, words: Sequence[str], complain: Callable[[str], None], *, patience: float = PATIENCE) -> None:
        self._words = tuple(words)
        self._complain = complain
        self._patience = patience
        self._waiting: queue.Queue[bytes | None] = queue.Queue(MOST)
        self._said = ""
        self._thread = Thread(target=self._work, name="on-change", daemon=True)
        self._thread.start()

    def give(self, document: Mapping[str, object]) -> None:
        """Hand over one event; when too many wait, it is left out and that is said."""
        data = json.dumps(document, ensure_ascii=False, sort_keys=True).encode("utf-8", "backslashreplace") + b"\n"
        try:
            self._waiting.put_nowait(data)
        except queue.Full:
            self._say(f"--on-change is too slow: more than {MOST} events wait, some are left out")

    def close(self, patience: float = 5.0) -> None:
        """Wait a moment for what is still to be run."""
        with suppress(queue.Full):
            self._waiting.put(None, timeout=patience)
        self._thread.join(patience)

    def _work(self) -> None:
        while (data := self._waiting.get()) is not None:
            code = run(self._words, data, patience=self._patience)
            if code is None:
                self._say(f"--on-change: {self._words[0]} could not be run, or took more than {self._patience:g} s")
            elif code:
                self._say(f"--on-change: {self._words[0]} ended with {code}")
            else:
                self._said = ""

    def _say(self, text: str) -> None:
        if text != self._said:  # the same trouble is told once
            self._said = text
            self._complain(text)


def _write(terminal: TextIO, text: str) -> None:
    with suppress(OSError, ValueError):
        terminal.write(text)
        terminal.flush()

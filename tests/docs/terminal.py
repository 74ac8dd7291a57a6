"""The demo's world and a terminal in it: what the transcripts and pictures of the documentation are made with."""

import os
import pty
import re
import socket
import subprocess
import sys
import sysconfig
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path

from reconciler.demo.sealed import sealed_env

from .paths import PROJECT

WIDTH = 80
#
_WORKING = re.compile(
    "\x1b\\[\\?25l.*?\x1b\\[\\?25h\\r\x1b\\[1A\x1b\\[2K", re.DOTALL
)  # what a slow pass shows meanwhile
_LOOSE = (  # what differs from run to run, and how it is compared
    (re.compile(r"\b(?=[0-9a-f]*\d)[0-9a-f]{7,40}\b"), "ID"),
    (re.compile(r"\d{4}-\d\d-\d\dT[\d:]+Z"), "TIME"),
    (re.compile(r"\d{4}-\d\d-\d\d"), "DATE"),
    (re.compile(r"\b\d+[mhdwy]\b"), "AGE"),
    (re.compile(r"\b\d+ days? old"), "AGE old"),
    (re.compile(r" +"), " "),
)


@dataclass(frozen=True, slots=True)
class Terminal:
    """A terminal of 80 columns in the demo's repository, sealed from the machine."""

    root: Path

    def run(self, line: str, *, colour: bool = False) -> tuple[str, int]:
        """What a command line shows (both streams, as on a screen), and the code it ends with."""
        ours, theirs = pty.openpty()
        process = subprocess.Popen(
            ["/bin/bash", "-c", line], cwd=self.root, env=self._environment(colour=colour),
            stdin=subprocess.DEVNULL, stdout=theirs, stderr=theirs,
        )  # fmt: skip
        os.close(theirs)
        shown = _read_all(ours)
        code = process.wait()
        text = _WORKING.sub("", shown.decode("utf-8")).replace("\r\n", "\n")
        text = text.replace(str(self.root.parent), "~").replace(f" on {socket.gethostname()}", " on desk")
        return text, code

    def _environment(self, *, colour: bool) -> dict[str, str]:
        scripts = sysconfig.get_path("scripts")
        env = sealed_env() | {
            "PATH": f"{scripts}{os.pathsep}{os.environ.get('PATH', os.defpath)}",
            "PYTHONPATH": str(PROJECT),
            "COLUMNS": str(WIDTH),
            "TERM": "xterm",
            "LC_ALL": "C.UTF-8",
            "TZ": noon(datetime.now(UTC)),
            "GIT_PAGER": "cat",
            "SWARM_SESSION": "agent-1",
            "HOME": str(self.root.parent),
        }
        del env["GIT_AUTHOR_DATE"], env["GIT_COMMITTER_DATE"]
        return env if colour else env | {"NO_COLOR": "1"}


def noon(now: datetime) -> str:
    """A time zone in which it is about noon, so that what happened minutes ago happened today."""
    return f"DOC{now.hour - 12:+d}"


def demo(folder: Path) -> Terminal:
    """``swarm demo --keep`` in ``folder``, and a terminal in what it built."""
    words = [sys.executable, "-m", "reconciler", "demo", "--keep", str(folder)]
    env = sealed_env() | {"PYTHONPATH": str(PROJECT), "LC_ALL": "C.UTF-8"}
    subprocess.run(words, env=env, check=True, stdin=subprocess.DEVNULL, stdout=subprocess.DEVNULL)
    return Terminal(folder.resolve() / "civ")


def loosely(text: str) -> str:
    """``text`` without what differs from run to run: ids, dates, ages, and how wide they are."""
    for pattern, name in _LOOSE:
        text = pattern.sub(name, text)
    return "\n".join(line.strip() for line in text.strip("\n").split("\n"))


def _read_all(descriptor: int) -> bytes:
    """Everything until the other side is closed, which some systems tell by an error."""
    found = bytearray()
    try:
        while piece := os.read(descriptor, 65536):
            found += piece
    except OSError:
        pass
    finally:
        os.close(descriptor)
    return bytes(found)

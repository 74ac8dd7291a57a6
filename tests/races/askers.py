"""Two ways to ask for work: the library in this process, or a command. Both answer in the same words."""

import json
import os
import subprocess
import sys
import tempfile
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Protocol

from reconciler.__main__ import main
from reconciler.coordination import machine
from reconciler.coordination.claims import Result, claim, release
from reconciler.coordination.identity import Identity, here
from reconciler.errors import SwarmError


@dataclass(frozen=True, slots=True)
class Answer:
    said: str
    holder: str = ""
    generation: int = 0


class Asker(Protocol):
    def claim(self, key: str) -> Answer: ...

    def release(self, key: str) -> Answer: ...


@dataclass(frozen=True, slots=True)
class Library:
    """Asks through reconciler.coordination; this process is the agent."""

    root: Path
    session: str

    def claim(self, key: str) -> Answer:
        return _answer(claim(self.root, key, self._who(), here()))

    def release(self, key: str) -> Answer:
        return _answer(release(self.root, key, self._who(), here()))

    def _who(self) -> Identity:
        pid = os.getpid()
        found = machine.process(pid) or {"started": ""}
        place = {"host": machine.host(), "boot": machine.boot_id(), "space": machine.pid_space()}
        return Identity(session=self.session, pid=pid, pid_start=found["started"], **place)


@dataclass(frozen=True, slots=True)
class Command:
    """Asks through a command line; this process is the agent and outlives each command."""

    words: tuple[str, ...]  # ("python", "-m", "reconciler"), or FORKED
    repository: Path
    session: str

    def claim(self, key: str) -> Answer:
        return self._run("claim", key, "ok")

    def release(self, key: str) -> Answer:
        return self._run("release", key, "released")

    def _run(self, request: str, key: str, done: str) -> Answer:
        words = ["-C", str(self.repository), request, key, "--session", self.session, "--json"]
        environ = {**os.environ, "SWARM_AGENT_PID": str(os.getpid())}
        ran = run_forked(words, environ) if self.words == FORKED else _run_apart([*self.words, *words], environ)
        said = {0: done, 4: "refused"}.get(ran.code)
        if said is None:
            raise SwarmError(f"{words} ended with {ran.code}: {ran.err[-2000:]}")
        try:
            told = json.loads(ran.out)
        except ValueError:
            told = {}
        number = told.get("generation")
        return Answer(said, generation=number if isinstance(number, int) and said == done else 0)


FORKED = ("forked",)


@dataclass(frozen=True, slots=True)
class Ran:
    code: int
    out: str
    err: str


def _run_apart(words: Sequence[str], environ: Mapping[str, str]) -> Ran:
    ran = subprocess.run(words, env=environ, capture_output=True, text=True, check=False)
    return Ran(ran.returncode, ran.stdout, ran.stderr)


def run_forked(words: Sequence[str], environ: Mapping[str, str]) -> Ran:
    """Run the command's own ``main`` in a process of its own, without the start of Python and the imports.

    They are most of a command's time and touch no fact: without them more calls meet.
    """
    with tempfile.TemporaryFile() as out, tempfile.TemporaryFile() as err:
        pid = os.fork()
        if pid == 0:
            os.dup2(out.fileno(), 1)
            os.dup2(err.fileno(), 2)
            os._exit(_main(words, environ))
        code = os.waitstatus_to_exitcode(os.waitpid(pid, 0)[1])
        out.seek(0)
        err.seek(0)
        return Ran(code, out.read().decode(), err.read().decode())


def _main(words: Sequence[str], environ: Mapping[str, str]) -> int:
    sys.stdout, sys.stderr = (os.fdopen(number, "w", closefd=False) for number in (1, 2))
    os.environ.update(environ)
    sys.argv = ["swarm", *words]
    code = 99
    try:
        code = main()
    finally:
        sys.stdout.flush()
        sys.stderr.flush()
    return code


def _answer(result: Result) -> Answer:
    if result.outcome == "refused" and result.holder is not None:
        return Answer("refused", result.holder.session)
    return Answer(result.outcome, generation=result.generation)

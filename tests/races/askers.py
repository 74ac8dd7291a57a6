"""Two ways to ask for work: the library in this process, or a command. Both answer in the same words."""

import json
import os
import subprocess
from dataclasses import dataclass
from pathlib import Path
from typing import Protocol

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

    words: tuple[str, ...]  # ("python", "-m", "reconciler")
    repository: Path
    session: str

    def claim(self, key: str) -> Answer:
        return self._run("claim", key, "ok")

    def release(self, key: str) -> Answer:
        return self._run("release", key, "released")

    def _run(self, request: str, key: str, done: str) -> Answer:
        words = [*self.words, "-C", str(self.repository), request, key, "--session", self.session, "--json"]
        environ = {**os.environ, "SWARM_AGENT_PID": str(os.getpid())}
        ran = subprocess.run(words, env=environ, capture_output=True, text=True, check=False)
        said = {0: done, 4: "refused"}.get(ran.returncode)
        if said is None:
            raise SwarmError(f"{words} ended with {ran.returncode}: {ran.stderr[-2000:]}")
        try:
            told = json.loads(ran.stdout)
        except ValueError:
            told = {}
        number = told.get("generation")
        return Answer(said, generation=number if isinstance(number, int) and said == done else 0)


def _answer(result: Result) -> Answer:
    if result.outcome == "refused" and result.holder is not None:
        return Answer("refused", result.holder.session)
    return Answer(result.outcome, generation=result.generation)

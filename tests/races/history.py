"""What each process asked and was answered, written down as it happens so that a kill loses nothing but the answer."""

import json
import os
import time
from dataclasses import dataclass
from pathlib import Path

NEVER = 1 << 62  # the end of a call that was never answered


@dataclass(frozen=True, slots=True)
class Call:
    """One request on one workstream. ``answer`` is "" when the asker was killed before it heard."""

    key: str
    session: str
    request: str  # claim | release | read
    start: int
    end: int = NEVER
    answer: str = ""  # claimed, renewed, taken-over, ok, refused, released, free; for read: "held" or "free"
    holder: str = ""  # read, refused: who has it; taken-over: who had it; "" = was not said
    generation: int = 0


class Diary:
    """The log of one process: a line before each call and one after it, each by a single write."""

    def __init__(self, path: Path) -> None:
        self._fd = os.open(path, os.O_WRONLY | os.O_CREAT | os.O_APPEND, 0o666)

    def ask(self, key: str, session: str, request: str) -> None:
        self._put({"key": key, "session": session, "request": request, "start": time.monotonic_ns()})

    def hear(self, answer: str, holder: str = "", generation: int = 0) -> None:
        self._put({"answer": answer, "holder": holder, "generation": generation, "end": time.monotonic_ns()})

    def _put(self, values: dict[str, object]) -> None:
        os.write(self._fd, (json.dumps(values) + "\n").encode())


def read_diaries(folder: Path) -> list[Call]:
    """Return the calls of all processes."""
    calls = []
    for path in sorted(folder.glob("*.diary")):
        open_call: dict[str, object] = {}
        for line in path.read_text().splitlines():
            values = json.loads(line)
            if "answer" in values:
                calls.append(Call(**open_call, **values))
                open_call = {}
            else:
                open_call = values
        if open_call:
            calls.append(Call(**open_call))
    return calls

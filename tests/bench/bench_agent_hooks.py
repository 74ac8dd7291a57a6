"""What a hook of a coding agent costs: a prompt and the end of a turn while nothing moved, beside an empty Python."""

import json
import shlex
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

from reconciler.demo.sealed import sealed_env
from tests.bench.cases import PROJECT, Case
from tests.bench.world import build

SWARM = (sys.executable, "-m", "reconciler", "hook", "claude")
TOLD = 64 * 1024  # characters of the prompt


def cases(place: Path) -> Iterator[Case]:
    """The hooks that run with every prompt, in a repository where many have claimed; the session is known."""
    root = build(place / "civ", artifacts=300, branches=10)
    said = place / "event.json"
    said.write_text(json.dumps({"session_id": "bench", "cwd": str(root), "prompt": "x" * TOLD}))
    for number in range(100):
        _run(root, [sys.executable, "-m", "reconciler", "heartbeat"], session=f"s{number}")
    _run(root, [*SWARM, "SessionStart"], stdin=said)
    for event in ("UserPromptSubmit", "Stop"):
        quiet = ("sh", "-c", f"exec {shlex.join([*SWARM, event])} < {shlex.quote(str(said))}")
        empty = ("sh", "-c", f"exec {shlex.quote(sys.executable)} -c pass < {shlex.quote(str(said))}")
        yield Case(f"swarm hook claude {event} / python -c pass", quiet, empty, root, most=2.0)


def _run(root: Path, words: list[str], *, session: str = "bench", stdin: Path | None = None) -> None:
    env = sealed_env() | {"PYTHONPATH": str(PROJECT), "SWARM_SESSION": session}
    with (stdin or Path("/dev/null")).open("rb") as file:
        subprocess.run(words, cwd=root, env=env, check=True, stdin=file, stdout=subprocess.DEVNULL)

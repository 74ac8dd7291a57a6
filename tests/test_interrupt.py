"""Ctrl-C at any step of a pass leaves whole files, no lock, and the exit code that shells expect."""

import json
import subprocess
import sys
from pathlib import Path

from tests.gitrepo import sealed
from tests.watch.make import PLAN, own_bytes, repository, swarm

DRIVER = """
import os, signal, sys

wanted, count = int(sys.argv.pop(1)), 0
STEPS = {"os.rename", "os.remove", "os.mkdir", "os.link", "fcntl.flock"}


def see(event, args):
    global count
    if event in STEPS or (event == "open" and isinstance(args[2], int) and args[2] & (os.O_WRONLY | os.O_RDWR)):
        count += 1
        if count == wanted:
            os.kill(os.getpid(), signal.SIGINT)


from reconciler.__main__ import main

signal.signal(signal.SIGINT, signal.default_int_handler)  # what runs in the background may have it ignored
sys.addaudithook(see)
sys.exit(main())
"""


def interrupted(folder: Path, step: int) -> int:
    """The exit code of a pass that Ctrl-C hits at its step of that number."""
    words = [sys.executable, "-c", DRIVER, str(step), "-C", str(folder), "reconcile"]
    return subprocess.run(words, env=sealed(folder), capture_output=True, check=False, timeout=60).returncode


def test_nothing_is_left_half_written(tmp_path: Path) -> None:
    repo = repository(tmp_path / "civ")
    assert swarm(repo.path, "reconcile").returncode == 0
    codes = []
    for step in range(1, 200, 3):
        old = own_bytes(repo.path)
        repo.write(f".swarm/plans/2026-03-02-plan-{step}.md", PLAN.format(f"plan-{step}", "Draft"))
        codes.append(interrupted(repo.path, step))
        for name, data in own_bytes(repo.path).items():
            assert data == old[name] or json.loads(data)
        if codes[-1] == 0:
            break
    assert set(codes[:-1]) == {130}
    assert codes[-1] == 0, "no pass has so many steps"
    assert len(codes) > 5
    kept = own_bytes(repo.path)
    assert b"plan-1" in kept["workstreams.json"]
    assert not [path for path in repo.path.rglob("*") if ".swarm-" in path.name or path.name.startswith(".tmp-")]

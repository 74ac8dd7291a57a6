"""The disk fails or the process dies at any call: every file is the old or the new one, and a second run puts it right.

The long form tries every call: ``python -m pytest -m slow tests/hosts/install/test_faults.py``.
"""

import errno
import os
import signal
from pathlib import Path

import pytest

from reconciler import files
from reconciler.errors import SwarmError
from reconciler.hosts.installs import places
from tests.coordination.faults import Disk
from tests.hosts.install.world import CASES, HOSTS, Desk, desk, settings

LOCAL = ".claude/settings.local.json"
ERRORS = (0, errno.ENOSPC)  # 0: killed


def apart(at: Desk, disk: Disk, *words: str) -> int:
    """Run one command on ``disk`` in a child; its exit code, or minus the signal that killed it."""
    pid = os.fork()
    if pid == 0:
        vars(files)["os"] = disk
        os._exit(at.swarm(*words).code)
    return os.waitstatus_to_exitcode(os.waitpid(pid, 0)[1])


def calls(folder: Path, *before: str, words: tuple[str, ...]) -> int:
    """How many calls a run makes when all goes well."""
    at = desk(folder)
    for line in before:
        assert at.swarm(*line.split()).code == 0
    disk = Disk(fail_at=0)
    kept, vars(files)["os"] = vars(files)["os"], disk
    try:
        assert at.swarm(*words).code == 0
    finally:
        vars(files)["os"] = kept
    return len(disk.calls)


def try_all(folder: Path, step: int) -> None:
    text = CASES["rich"](settings(HOSTS["claude"])[0])
    for error in ERRORS:
        for n in range(1, calls(folder / f"count{error}", words=("install", "claude", "--local")) + 1, step):
            at = desk(folder / f"{error}-{n}")
            at.repo.write(LOCAL, text)
            before = at.picture()
            code = apart(at, Disk(n, error), "install", "claude", "--local")
            assert code in ((-signal.SIGKILL, 0) if not error else (0, 2)), (error, n)
            now = (at.repo.path / LOCAL).read_text("utf-8")
            assert now == text or now.count("swarm hook claude") == len(settings(HOSTS["claude"])[0].groups)
            assert at.swarm("install", "claude", "--local").code == 0
            assert at.swarm("uninstall", "claude").code == 0
            assert at.picture() == before, (error, n)


def test_a_call_fails_or_kills(tmp_path: Path) -> None:
    try_all(tmp_path, step=9)


@pytest.mark.slow
def test_every_call_fails_or_kills(tmp_path: Path) -> None:
    try_all(tmp_path, step=1)


def test_who_was_faster_is_not_overwritten(tmp_path: Path) -> None:
    """A host that writes its settings between our look and our write keeps what it wrote."""
    at = desk(tmp_path)
    at.repo.write(LOCAL, "{}")
    ground = at.ground("local")
    spot = places.look(ground, at.repo.path / LOCAL)
    at.repo.write(LOCAL, '{"new": 1}')
    with pytest.raises(SwarmError, match="was changed by somebody at this moment"):
        places.write(ground, spot, b"ours")
    with pytest.raises(SwarmError, match="was changed by somebody at this moment"):
        places.remove(spot)
    absent = places.look(ground, at.repo.path / "AGENTS.md")
    at.repo.write("AGENTS.md", "theirs")
    with pytest.raises(SwarmError, match="was changed by somebody at this moment"):
        places.write(ground, absent, b"ours")
    assert ((at.repo.path / LOCAL).read_text(), (at.repo.path / "AGENTS.md").read_text()) == ('{"new": 1}', "theirs")

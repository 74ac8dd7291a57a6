"""Processes and derived sessions, on this machine."""

import os
import subprocess
import sys
from pathlib import Path

import pytest

from reconciler.coordination import machine
from reconciler.coordination.identity import here, identity_from, is_there
from tests.coordination.people import who

PROJECT = Path(__file__).parents[2]
linux = pytest.mark.skipif(sys.platform != "linux", reason="asks /proc")


@linux
def test_this_process_lives_and_is_known_by_its_start() -> None:
    found = machine.process(os.getpid())
    assert found is not None
    assert machine.is_alive(os.getpid(), found["started"]) is True
    assert machine.is_alive(os.getpid(), str(int(found["started"]) - 1)) is False  # the pid was reused
    assert machine.is_alive(os.getpid(), "") is None


@linux
def test_a_zombie_and_a_finished_process_are_gone() -> None:
    child = subprocess.Popen([sys.executable, "-c", ""], stdin=subprocess.DEVNULL)
    found = machine.process(child.pid)
    assert found is not None
    os.waitid(os.P_PID, child.pid, os.WEXITED | os.WNOWAIT)  # ended, not yet fetched
    assert machine.is_alive(child.pid, found["started"]) is False
    child.wait()
    assert machine.is_alive(child.pid, found["started"]) is False
    assert machine.is_alive(child.pid, "") is False


@pytest.mark.parametrize("pid", [0, -1, 1 << 31, 1 << 64])
def test_what_is_no_pid_cannot_be_told(pid: int) -> None:
    assert machine.is_alive(pid, "1") is None


@linux
def test_the_session_of_a_shell_is_the_same_in_all_its_commands() -> None:
    code = "from reconciler.coordination.identity import identity_from; print(identity_from({}).session)"
    script = f"'{sys.executable}' -c '{code}'; '{sys.executable}' -c '{code}'; echo $$"
    ran = subprocess.run(["sh", "-c", script], capture_output=True, text=True, check=True, cwd=PROJECT)
    first, second, pid = ran.stdout.split()
    assert first == second
    if first.startswith("shell-"):  # unless an agent runs these tests
        assert first.split("-")[1] == pid


@linux
def test_the_agent_process_can_be_named() -> None:
    found = machine.process(os.getpid())
    assert found is not None
    identity = identity_from({"SWARM_AGENT_PID": str(os.getpid()), "SWARM_SESSION": "ann"})
    assert (identity.session, identity.pid, identity.pid_start) == ("ann", os.getpid(), found["started"])
    assert identity_from({"SWARM_AGENT_PID": "1e9", "SWARM_SESSION": "ann"}).session == "ann"
    derived = identity_from({"SWARM_AGENT_PID": str(os.getpid())}).session
    assert derived.startswith(f"{found['name']}-{os.getpid()}-{found['started']}-")


def test_the_order_in_which_sessions_are_named() -> None:
    environ = {"SWARM_SESSION": "two", "CLAUDE_CODE_SESSION_ID": "three"}
    assert identity_from(environ, session="one").session == "one"
    assert identity_from(environ).session == "two"
    assert identity_from({"CLAUDE_CODE_SESSION_ID": "three"}).session == "three"
    assert identity_from({"SWARM_SESSION": "x" * 10**6}).session != who("x").session
    assert len(identity_from({"SWARM_SESSION": "x" * 10**6}).session) <= 100


def test_here_is_now() -> None:
    place = here(now=5.0)
    assert place.now == 5.0
    assert place.host == os.uname().nodename[:100]
    assert place.folder("/") is True
    assert place.folder("/no/such/folder") is False


def test_a_folder_that_cannot_be_asked_about_is_not_gone() -> None:
    assert is_there("a\0b") is None
    assert is_there("x" * 5000) is None

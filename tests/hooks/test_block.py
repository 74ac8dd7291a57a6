"""The lines in a hook: put in, brought up to date, taken out byte for byte. Real shells run them."""

import os
import shutil
import subprocess
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from reconciler.hooks import block

PYTHON = "/opt/it's here/python"
texts = st.binary(max_size=200) | st.sampled_from([b"#!/bin/sh", b"#!/bin/sh\n", b"#!/bin/sh\necho a\n\n\n", b""])


@given(texts)
def test_taking_out_restores_every_byte(data: bytes) -> None:
    once = block.with_block(data, "post-merge", PYTHON)
    parts = block.split(once)
    if block.split(data) is None:
        assert parts is not None
        assert parts.rest == data


@given(texts)
def test_putting_in_twice_changes_nothing(data: bytes) -> None:
    once = block.with_block(data, "post-merge", PYTHON)
    assert block.with_block(once, "post-merge", PYTHON) == once


def test_another_interpreter_is_brought_up_to_date_in_place() -> None:
    old = block.with_block(b"#!/bin/sh\necho a", "post-merge", "/old") + b"echo after\n"
    new = block.with_block(old, "post-merge", "/new")
    assert b"/old" not in new
    assert new.endswith(b"echo after\n")
    parts = block.split(new)
    assert parts is not None
    assert parts.rest == b"#!/bin/sh\necho a\necho after\n"


@pytest.mark.parametrize(
    ("data", "expected"),
    [
        (b"#!/bin/sh\n", True),
        (b"#!/usr/bin/env bash\n", True),
        (b"#! /usr/bin/env -S bash -e\n", True),
        (b"#!/usr/bin/zsh -f\n", True),
        (b"echo no first line\n", True),
        (b"#!/usr/bin/env python3\n", False),
        (b"#!/usr/bin/fish\n", False),
        (b"#!/bin/sh\r\necho a\r\n", False),
        (b"\x7fELF\x02\x01\0\0", False),
        (b"#!\n", False),
    ],
)
def test_which_hooks_take_lines_of_sh(data: bytes, expected: bool) -> None:
    assert block.is_shell(data) is expected


@pytest.mark.parametrize(
    ("body", "leaves", "lines"),
    [
        (b"echo a\n", False, ()),
        (b"exit 0\n", True, (2,)),
        (b"exec git lfs post-merge \"$@\"\n# the end\n\n", True, (2,)),
        (b"run; exit $?\n", True, (2,)),
        (b"[ -n \"$CI\" ] && exit 0\necho a\n", False, (2,)),
        (b"if a; then exit 1; fi\necho a\n", False, (2,)),
        (b"exec >>log 2>&1\n", False, ()),
        (b"exec 3<file\n", False, ()),
        (b"echo exit\nexiting=1\n", False, ()),
        (b"# exit 0\n", False, ()),
    ],
)  # fmt: skip
def test_hooks_that_end_before_their_end(body: bytes, leaves: bool, lines: tuple[int, ...]) -> None:
    data = b"#!/bin/sh\n" + body
    assert block.leaves_before_its_end(data) is leaves
    assert block.early_exits(data) == lines


def _shells() -> list[str]:
    return [shell for shell in ("sh", "dash", "bash", "zsh", "ksh", "busybox") if shutil.which(shell)]


@pytest.mark.parametrize("shell", _shells())
@pytest.mark.parametrize("head", ["", "set -eu\n", "set -f\nIFS=x\n"])
@pytest.mark.parametrize("status", [0, 3])
def test_lines_keep_status_arguments_and_stdin(tmp_path: Path, shell: str, head: str, status: int) -> None:
    folder = tmp_path / "it's $(here)"
    folder.mkdir()
    python = folder / "python"
    python.write_text(f'#!/bin/sh\nprintf "%s|" "$@" >"{tmp_path}/called"; cat >>"{tmp_path}/called"; exit 7\n')
    python.chmod(0o755)
    hook = tmp_path / "post-rewrite"
    body = f"{head}cat >{tmp_path}/stdin\n" + (f"(exit {status})" if status else "")
    hook.write_bytes(block.with_block(body.encode(), "post-rewrite", str(python)))
    words = [shell, *(["sh"] if shell == "busybox" else []), str(hook), "a b", "*", ""]
    done = subprocess.run(words, input=b"old new\n", capture_output=True, check=False, cwd=tmp_path, timeout=20)
    assert (done.returncode, done.stdout, done.stderr) == (status, b"", b"")
    assert (tmp_path / "stdin").read_bytes() == b"old new\n"
    if status and "-e" in head:
        return  # the hook itself ended there, as it did without our lines
    read_when_there(tmp_path / "called", "-P|-m|reconciler|hook|git|post-rewrite|a b|*||")


def read_when_there(path: Path, expected: str) -> None:
    """The call goes on beside git: wait for it."""
    from tests.watch.make import wait_for

    wait_for(lambda: path.exists() and path.read_text() == expected, f"{path} says {expected}")


def test_without_swarm_nothing_happens(tmp_path: Path) -> None:
    hook = tmp_path / "post-merge"
    hook.write_bytes(block.fresh("post-merge", str(tmp_path / "gone")))
    env = {"PATH": str(tmp_path)}
    done = subprocess.run([shutil.which("sh") or "sh", str(hook)], capture_output=True, check=False, env=env)
    assert (done.returncode, done.stdout, done.stderr) == (0, b"", b"")


def test_swarm_of_the_path_is_taken_when_the_interpreter_is_gone(tmp_path: Path) -> None:
    swarm = tmp_path / "bin/swarm"
    swarm.parent.mkdir()
    swarm.write_text(f'#!/bin/sh\nprintf "%s|" "$@" >"{tmp_path}/called"\n')
    swarm.chmod(0o755)
    hook = tmp_path / "post-merge"
    hook.write_bytes(block.fresh("post-merge", str(tmp_path / "gone")))
    env = {"PATH": f"{swarm.parent}{os.pathsep}{os.environ['PATH']}"}
    subprocess.run(["sh", str(hook), "0"], check=True, env=env)
    read_when_there(tmp_path / "called", "hook|git|post-merge|0|")

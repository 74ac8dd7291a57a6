"""Starts a watcher that outlives its terminal, and waits until it watches."""

import os
import subprocess
import sys
import time
from collections.abc import Mapping, Sequence
from pathlib import Path

from reconciler import files
from reconciler.errors import Busy, SwarmError
from reconciler.printable import printable
from reconciler.watch.single import LOG, Holder, holder

PATIENCE = 20.0  # seconds
_FLAGS = os.O_WRONLY | os.O_CREAT | os.O_TRUNC | os.O_APPEND | os.O_NOFOLLOW | os.O_CLOEXEC


def start(words: Sequence[str], common_dir: Path, env: Mapping[str, str]) -> Holder:
    """Run ``swarm WORDS`` in a session of its own, its output in ``watch.log``; who watches then.

    Raises Busy when somebody watches already, SwarmError with its last line when it ends.
    """
    held = holder(common_dir)
    if held is not None:
        message = f"already watched by process {held.pid} on {printable(held.host)} since {held.since}"
        raise Busy(message, hint="swarm watch --stop")
    with files.open_folder(common_dir, files.HOME, create=True) as home:
        assert home is not None  # it was to be created
        try:
            log = os.open(LOG, _FLAGS, 0o666, dir_fd=home.fd)
        except OSError as error:
            raise files.failed("write", home.path / LOG, error) from error
    try:
        process = subprocess.Popen(  # noqa: S603  (ourselves)
            [sys.executable, "-P", "-m", "reconciler", *words],  # -P: no module of the current folder
            stdin=subprocess.DEVNULL, stdout=log, stderr=log, start_new_session=True, env=dict(env), cwd="/",
        )  # fmt: skip
    finally:
        os.close(log)
    return _await(process, common_dir)


def _await(process: "subprocess.Popen[bytes]", common_dir: Path) -> Holder:
    end = time.monotonic() + PATIENCE
    while time.monotonic() < end:
        held = holder(common_dir)
        if held is not None and held.pid == process.pid:
            process.returncode = 0  # it is not ours to wait for any more
            return held
        if process.poll() is not None:
            raise SwarmError(f"the watcher ended: {_last_line(common_dir)}", hint="swarm watch")
        time.sleep(0.02)
    raise Busy(f"the watcher has not begun within {PATIENCE:g} s", hint=f"kill {process.pid}")


def _last_line(common_dir: Path) -> str:
    text = (common_dir / files.HOME / LOG).read_text("utf-8", "replace").strip()
    return printable(text.splitlines()[0], limit=300) if text else "it said nothing"

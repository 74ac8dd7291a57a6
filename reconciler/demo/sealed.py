"""Runs git sealed from the machine: no configuration but ours, a fixed identity, dates as told."""

import os
import subprocess
from collections.abc import Mapping
from datetime import UTC, datetime
from pathlib import Path

from reconciler.errors import NoRepository, SwarmError
from reconciler.printable import printable

_KEPT = ("PATH", "SYSTEMROOT", "TEMP", "TMP", "TMPDIR")
_CONFIG = {
    "init.defaultBranch": "main",
    "commit.gpgSign": "false",
    "tag.gpgSign": "false",
    "core.autocrlf": "false",
    "core.hooksPath": os.devnull,
    "core.fsmonitor": "false",
    "gc.auto": "0",
    "maintenance.auto": "false",
    "advice.detachedHead": "false",
    "merge.renames": "true",
    "rerere.enabled": "false",
}
_WHO = {"NAME": "dev", "EMAIL": "dev@example.org"}
EPOCH = datetime(2026, 1, 1, tzinfo=UTC)


def sealed_env(at: datetime = EPOCH, *, inherit: Mapping[str, str] | None = None) -> dict[str, str]:
    """An environment in which git sees neither the user's nor the system's configuration.

    ``at`` is the date of what git creates; of ``inherit`` (the process's own by default) only what a program
    needs to run is kept, nothing that begins with ``GIT_``.
    """
    own = os.environ if inherit is None else inherit
    env = {name: own[name] for name in _KEPT if name in own}
    stamp = f"{int(at.timestamp())} +0000"
    env |= {
        "HOME": os.devnull,
        "XDG_CONFIG_HOME": os.devnull,
        "LC_ALL": "C",
        "TZ": "UTC",
        "GIT_CONFIG_GLOBAL": os.devnull,
        "GIT_CONFIG_SYSTEM": os.devnull,
        "GIT_CONFIG_NOSYSTEM": "1",
        "GIT_TERMINAL_PROMPT": "0",
        "GIT_EDITOR": "true",
        "GIT_MERGE_AUTOEDIT": "no",
        "GIT_AUTHOR_DATE": stamp,
        "GIT_COMMITTER_DATE": stamp,
        "GIT_CONFIG_COUNT": str(len(_CONFIG)),
    }
    env |= {f"GIT_{role}_{key}": value for role in ("AUTHOR", "COMMITTER") for key, value in _WHO.items()}
    for number, (key, value) in enumerate(_CONFIG.items()):
        env |= {f"GIT_CONFIG_KEY_{number}": key, f"GIT_CONFIG_VALUE_{number}": value}
    return env


def git(folder: Path, *words: str, at: datetime = EPOCH) -> str:
    """What git prints for ``words`` in ``folder``; a failure is a SwarmError with git's own last line."""
    try:
        done = subprocess.run(  # noqa: S603  # the words are ours, no shell
            ["git", *words],  # noqa: S607  # git of the user's PATH
            cwd=folder,
            env=sealed_env(at),
            capture_output=True,
            stdin=subprocess.DEVNULL,
            check=False,
        )
    except FileNotFoundError:
        raise NoRepository("git is not on PATH", hint="install git 2.31 or newer") from None
    if done.returncode:
        said = (done.stderr or done.stdout).decode("utf-8", "replace").strip().splitlines()
        raise SwarmError(f"git {' '.join(words)}: {printable(said[-1]) if said else 'failed'}")
    return done.stdout.decode("utf-8", "surrogateescape").strip()

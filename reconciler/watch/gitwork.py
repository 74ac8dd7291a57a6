"""Whether git is in the middle of something: then a look would see half of it. No git is asked."""

import os
from pathlib import Path

_SIGNS = (
    "index.lock",
    "HEAD.lock",
    "packed-refs.lock",
    "rebase-merge",
    "rebase-apply",
    "MERGE_HEAD",
    "CHERRY_PICK_HEAD",
)


def is_at_work(common_dir: Path) -> bool:
    """A lock, a rebase or a merge in the main work tree or in a linked one."""
    return any(os.path.lexists(f"{folder}/{sign}") for folder in _git_folders(common_dir) for sign in _SIGNS)


def _git_folders(common_dir: Path) -> list[str]:
    linked = f"{common_dir}/worktrees"
    try:
        names = os.listdir(linked)  # noqa: PTH208  (names that are no text survive in os)
    except OSError:
        names = []
    return [str(common_dir), *(f"{linked}/{name}" for name in names)]

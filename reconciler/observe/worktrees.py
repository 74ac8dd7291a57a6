"""Work trees: where they are, what they have checked out, and which paths differ from their HEAD."""

import os
from collections.abc import Iterable, Sequence
from dataclasses import replace
from pathlib import Path

from reconciler.model import CommitId, Problem, Worktree
from reconciler.observe.git import GitError, GitRepo, worktree_blocks

MOST = 32  # work trees whose files are looked at, one process each
_MOST_FILTERS = 500
_STATUS = (
    "status",
    "--porcelain=v2",
    "-z",
    "--no-renames",
    "--untracked-files=all",
    "--ignore-submodules=all",
    "--no-ahead-behind",
)
CONFIG = ("config", "--list", "-z", "--includes")
_FILTER_KEYS = ("clean", "smudge", "process")
Settings = tuple[tuple[str, str], ...]


def read_worktrees(git: GitRepo, config: Sequence[tuple[str, str]]) -> tuple[tuple[Worktree, ...], tuple[Problem, ...]]:
    """All work trees, main one first, with their uncommitted paths; and what could not be looked at."""
    found = list_worktrees(git)
    present = [tree for tree in found if not tree.missing]
    problems = [
        Problem("worktree-missing", "its folder is gone", path=tree.path, severity="info", hint="git worktree prune")
        for tree in found
        if tree.missing and not tree.locked
    ]
    if len(present) > MOST:
        left = len(present) - MOST
        problems.append(
            Problem("worktrees-left-out", f"uncommitted changes of {left} more work trees were not looked at")
        )
    changes: dict[str, tuple[str, ...]] = {}
    for tree in present[:MOST]:
        try:
            changes[tree.path] = read_changes(git, Path(tree.path), config)
        except GitError as error:
            problems.append(Problem("unreadable-worktree", error.message, path=tree.path))
    done = tuple(replace(tree, changes=changes.get(tree.path, ())) for tree in found)
    return done, tuple(problems)


def list_worktrees(git: GitRepo) -> tuple[Worktree, ...]:
    """The work trees that git knows; a bare repository itself is none."""
    found = []
    for number, block in enumerate(worktree_blocks(git)):
        if "bare" in block or "worktree" not in block:
            continue
        path = git.root if number == 0 and git.root else Path(block["worktree"])
        head = block.get("HEAD", "")
        found.append(
            Worktree(
                path=str(path),
                name=path.name,
                branch=block.get("branch", "").removeprefix("refs/heads/"),
                head=CommitId(head) if head.strip("0") else None,
                main=number == 0,
                detached="detached" in block,
                locked="locked" in block,
                prunable="prunable" in block,
                missing=git_folder(path, git.common_dir) is None,
            )
        )
    return tuple(found)


def git_folder(tree: Path, common: Path) -> Path | None:
    """The git folder of a work tree, when the tree is there and says itself that it belongs to ``common``.

    What the repository notes about its work trees may point anywhere: another repository's folder is not ours.
    """
    link = tree / ".git"
    try:
        if link.is_dir():
            return common if link.samefile(common) else None
        with link.open("rb") as file:
            target = os.fsdecode(file.read(5000)).rstrip("\r\n")
        if not target.startswith("gitdir: "):
            return None
        folder = (tree / target.removeprefix("gitdir: ")).resolve(strict=True)
        whole = common.resolve()
        return folder if folder == whole or folder.parent == whole / "worktrees" else None
    except (OSError, ValueError):
        return None


def quiet_filters(config: Iterable[tuple[str, str]]) -> Settings:
    """Settings that empty every filter driver that a configuration defines, whatever its name holds."""
    drivers = set()
    for key, _ in config:
        section, _, rest = key.partition(".")
        driver, _, _ = rest.rpartition(".")
        if section.lower() == "filter" and "." in rest:  # a driver's name may be empty
            drivers.add(driver)
    return tuple(
        (f"filter.{driver}.{key}", value)
        for driver in sorted(drivers)
        for key, value in (*((name, "") for name in _FILTER_KEYS), ("required", "false"))
    )


def parse_status(data: bytes) -> tuple[str, ...]:
    """Paths in ``status --porcelain=v2 -z`` output, sorted; ignored ones never."""
    paths = set()
    for row in data.split(b"\0"):
        skipped = {b"1": 8, b"u": 10, b"?": 1}.get(row[:1])
        if skipped is not None and not row.endswith(b"/"):  # a folder: another repository or work tree
            paths.add(row.split(b" ", skipped)[-1].decode("utf-8", "surrogateescape"))
    return tuple(sorted(paths))


def parse_config(data: bytes) -> tuple[tuple[str, str], ...]:
    """Pairs of ``config --list -z``; a key without a value counts as "true"."""
    rows = (row.partition("\n") for row in data.decode("utf-8", "surrogateescape").split("\0") if row)
    return tuple((key, value if mark else "true") for key, mark, value in rows)


def read_config(git: GitRepo) -> tuple[tuple[str, str], ...]:
    """The configuration in force, includes followed."""
    return parse_config(git.run_once(*CONFIG))


def status_command(git: GitRepo, tree: Path, config: Sequence[tuple[str, str]]) -> tuple[tuple[str, ...], Settings]:
    """What lists the paths of one work tree that differ from its HEAD, and the settings that keep it harmless."""
    folder = git_folder(tree, git.common_dir)
    if folder is None:
        raise GitError("its folder is not a work tree of this repository")
    place = (f"--git-dir={folder}", f"--work-tree={tree}")
    if _differs_by_place(config):
        config = parse_config(git.run(*place, *CONFIG, cwd=tree))
    settings = quiet_filters(config)
    if len(settings) > _MOST_FILTERS * (len(_FILTER_KEYS) + 1):
        raise GitError(f"{len(settings) // 4} filter drivers are configured: files not compared")
    return (*place, *_STATUS), settings


def read_changes(
    git: GitRepo, tree: Path, config: Sequence[tuple[str, str]], *, among: Sequence[str] = ()
) -> tuple[str, ...]:
    """Paths of one work tree that differ from its HEAD, untracked ones among them; all, or those of ``among``.

    Raises GitError.
    """
    command, settings = status_command(git, tree, config)
    return parse_status(git.run(*command, "--", *among, cwd=tree, settings=settings))


def _differs_by_place(config: Iterable[tuple[str, str]]) -> bool:
    """Whether another work tree may see other settings: conditional includes, a file of its own."""
    return any(
        key.startswith("includeif.") or (key == "extensions.worktreeconfig" and value.lower() not in ("false", "0", ""))
        for key, value in config
    )

"""Which folders to watch, and which of the paths that change in them say anything. Reads no file."""

import os
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path

from reconciler.frozen import frozen

Identity = tuple[int, int]  # device and inode: a folder that was replaced by another has a new one

OWN = ".swarm"  # intents, configuration and rules, whatever the layouts are
_REFS = ("refs/heads", "refs/remotes", "reftable", "worktrees", "swarm/claims", "swarm/queue")
_FILES = frozenset({"HEAD", "packed-refs", "config", "shallow", "refs", "swarm"})
_OF_WORKTREES = frozenset({"HEAD", "gitdir", "locked"})
_SHARED = frozenset({"pyproject.toml", ""})
_OUTPUTS = ("workstreams.json", "queue.json", "instances.json")
_OUTPUT_FOLDERS = ("archive", "schemas")
_PASSING_ENDS = ("~", ".swp", ".swx", ".swpx", ".tmp", ".lock")
_PASSING_STARTS = (".swarm-", ".tmp-", ".#", ".goutputstream-", "tmp_obj_", "incoming-")


@frozen
class Ground:
    """Where the facts of one repository lie. Paths are absolute and real."""

    common_dir: Path
    worktrees: tuple[Path, ...] = ()
    roots: tuple[str, ...] = ()  # folders of documents, relative to a work tree, with all that is below
    folders: tuple[str, ...] = ()  # the same without what is below
    target: Path | None = None  # where swarm writes


@dataclass(frozen=True, slots=True, order=True)
class Spot:
    """One folder to watch; ``deep`` = with everything below it."""

    path: str
    deep: bool = False


def spots(ground: Ground) -> dict[Spot, Identity]:
    """The folders to watch that exist, each with its identity.

    The folders above a wanted one are watched too (not what else is in them): so one that is created, renamed
    or removed is noticed.
    """
    found: dict[Spot, Identity] = {}
    common = str(ground.common_dir)
    for inner in _REFS:
        _add(found, common, inner, deep=True)
    if ground.target and not ground.target.is_relative_to(ground.common_dir):
        _add(found, str(ground.target.parent), ground.target.name, deep=True)
    for worktree in ground.worktrees:
        for root in {OWN, *ground.roots} - {"", "."}:
            _add(found, str(worktree), root, deep=True)
        for folder in ground.folders:
            _add(found, str(worktree), folder, deep=False)
    deep = [spot.path for spot in found if spot.deep]
    covered = {path for path in deep for other in deep if path.startswith(other + "/")}
    return {
        spot: identity
        for spot, identity in sorted(found.items())
        if spot.path not in covered and (spot.deep or not _is_below(spot.path, deep))
    }


class Sieve:
    """Tells the paths that matter from those that do not, swarm's own writing among them."""

    def __init__(self, ground: Ground) -> None:
        self._own: dict[str, tuple[int, ...]] = {}
        self.move_to(ground)

    def move_to(self, ground: Ground) -> None:
        """Take the folders of ``ground`` from here on."""
        self._common = f"{ground.common_dir}/"
        self._target = f"{ground.target}/" if ground.target else "\0"
        self._worktrees = tuple(sorted((f"{path}/" for path in ground.worktrees), key=len, reverse=True))
        self._roots = tuple({OWN, *ground.roots} - {"", "."})
        self._folders = frozenset(ground.folders)

    def remember_own(self) -> None:
        """Note how swarm's own files look now: what looks the same later was not touched by anybody else."""
        self._own = {path: _signature(path) for path in _own_files(self._target)}

    def is_news(self, path: str) -> bool:
        """Whether a change of that path may change what a pass sees or should write."""
        name = path.rpartition("/")[2]
        if name.endswith(_PASSING_ENDS) or name.startswith(_PASSING_STARTS) or name == "4913":  # vim's trial file
            return False
        if path.startswith(self._target) and (own := self._is_own(path[len(self._target) :])):
            return own == "foreign"
        if path.startswith(self._common):
            return _is_git_news(path[len(self._common) :])
        for worktree in self._worktrees:
            if path.startswith(worktree) or path + "/" == worktree:
                return self._is_work_news(path[len(worktree) :])
        return path + "/" == self._common

    def _is_own(self, inner: str) -> str:
        """ "ours" or "foreign" for a file that swarm writes, "" for others."""
        first, _, rest = inner.partition("/")
        if inner not in _OUTPUTS and first not in _OUTPUT_FOLDERS:
            return ""
        if first == "archive" and rest and not (rest.startswith("workstreams-") and rest.endswith(".json")):
            return ""  # documents may lie there
        path = self._target + inner
        return "ours" if self._own.get(path, ()) == _signature(path) else "foreign"

    def _is_work_news(self, inner: str) -> bool:
        if inner in _SHARED or inner.rpartition("/")[0] in self._folders:
            return True
        if inner.startswith(f"{OWN}/") and inner.removeprefix(f"{OWN}/") in _OUTPUTS:
            return False  # another work tree's copy: never a source
        return any(f"{inner}/".startswith(f"{root}/") or f"{root}/".startswith(f"{inner}/") for root in self._roots)


def _is_git_news(inner: str) -> bool:
    if inner in _FILES or inner in _REFS:
        return True
    if inner.startswith("worktrees/"):
        parts = inner.split("/")
        return len(parts) == 2 or (len(parts) == 3 and parts[2] in _OF_WORKTREES)
    if inner.startswith("swarm/claims/"):
        return not inner.endswith("/seen")  # a note of somebody who wants to take it over
    return inner.startswith(tuple(f"{place}/" for place in _REFS))


def _add(found: dict[Spot, Identity], top: str, inner: str, *, deep: bool) -> None:
    """``top/inner`` and the folders from ``top`` down to it, as far as they exist and are no links."""
    path = top
    identity = _identity(path)
    for part in inner.split("/"):
        if identity is None:
            return
        found.setdefault(Spot(path), identity)
        path = f"{path}/{part}"
        identity = _identity(path)
    if identity is not None:
        found.setdefault(Spot(path, deep), identity)


def _identity(path: str) -> Identity | None:
    try:
        status = os.lstat(path)
    except OSError:
        return None
    return (status.st_dev, status.st_ino) if os.path.isdir(path) and not os.path.islink(path) else None  # noqa: PTH112, PTH114


def _is_below(path: str, tops: Iterable[str]) -> bool:
    return any(path == top or path.startswith(top + "/") for top in tops)


def _own_files(target: str) -> Iterator[str]:
    for name in (*_OUTPUTS, *_OUTPUT_FOLDERS):
        yield target + name
    for folder in _OUTPUT_FOLDERS:
        try:
            yield from (f"{target}{folder}/{name}" for name in os.listdir(target + folder))  # noqa: PTH208
        except OSError:
            continue


def _signature(path: str) -> tuple[int, ...]:
    try:
        status = os.lstat(path)
    except OSError:
        return ()
    if os.path.isdir(path):  # noqa: PTH112
        return (status.st_ino,)
    return (status.st_ino, status.st_size, status.st_mtime_ns)


def places(mounts: Mapping[str, str], path: str) -> str:
    """The kind of file system that ``path`` lies on; ``mounts``: mount point -> kind."""
    real = os.path.realpath(path)
    best = max((m for m in mounts if real == m or real.startswith(m.rstrip("/") + "/")), key=len, default="")
    return mounts.get(best, "")

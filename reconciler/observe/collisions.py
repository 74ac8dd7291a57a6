"""Tries merges of branches for real, in memory as it were: nothing of the repository changes, not even its objects.

``git merge-tree --write-tree`` runs in a bare repository of its own in a temporary folder, which borrows the objects of
the real one and keeps what it makes. So no configuration, hook, filter or merge driver of the real one is in reach.
"""

import re
import shutil
from collections.abc import Iterable, Iterator, Sequence
from contextlib import contextmanager, suppress
from dataclasses import replace
from pathlib import Path
from tempfile import TemporaryDirectory

from reconciler.frozen import frozen
from reconciler.model import BlobId, CommitId
from reconciler.observe.complaints import GitError
from reconciler.observe.git import GitRepo

NEEDED = (2, 38)
_ATTRIBUTE_LINE = re.compile(rb'\s*("(?:[^"\\]|\\.)*"|[^\s#\[]\S*)\s+(.*)')
_MERGE_WORDS = frozenset({b"merge", b"-merge", b"!merge", b"merge=text", b"merge=binary", b"merge=union", b"binary"})
_CONFLICT = re.compile(r"CONFLICT \((.*)\)")


@frozen
class Clash:
    """One file that git cannot merge by itself. ``hunks`` 0: not a matter of lines, see ``kind``."""

    path: str
    kind: str  # as git names it: contents | modify/delete | rename/rename | binary | ...
    hunks: int = 0


@frozen
class Trial:
    """What came of merging two commits. ``why`` is not empty when it could not be tried."""

    clashes: tuple[Clash, ...] = ()
    why: str = ""


def can_try(version: str) -> bool:
    """Tell whether this git can merge without a work tree. ``version``: as ``git version`` says it."""
    numbers = re.findall(r"\d+", version)[:2]
    return tuple(map(int, numbers)) >= NEEDED


def try_merges(
    git: GitRepo, pairs: Sequence[tuple[CommitId, CommitId]], *, attributes: BlobId | None = None
) -> tuple[Trial, ...]:
    """One answer for each pair. ``attributes`` is the blob of ``.gitattributes`` on the base branch."""
    if not pairs:
        return ()
    rules = git.blobs([attributes]).get(attributes, b"") if attributes else b""
    with _borrowing(git, _harmless(rules)) as aside:
        return tuple(_try(aside, one, other) for one, other in pairs)


@contextmanager
def _borrowing(git: GitRepo, attributes: bytes) -> Iterator[GitRepo]:
    """A bare repository in a temporary folder that reads the objects of ``git`` and writes its own."""
    with TemporaryDirectory(prefix="swarm-") as name:
        home = Path(name).resolve()
        for folder in ("objects/info", "refs", "info"):
            (home / folder).mkdir(parents=True)
        (home / "real").symlink_to(git.common_dir / "objects")  # its path may hold what a list of paths cannot
        (home / "objects/info/alternates").write_text(f"{home}/real\n", "utf-8")
        (home / "HEAD").write_text("ref: refs/heads/none\n", "utf-8")
        (home / "info/attributes").write_bytes(attributes)
        other = git.object_format != "sha1"
        extension = f"[extensions]\n\tobjectformat = {git.object_format}\n" if other else ""
        version = f"[core]\n\trepositoryformatversion = {int(other)}\n\tbare = true\n"
        (home / "config").write_text(version + extension, "utf-8")
        with suppress(FileNotFoundError):
            shutil.copyfile(git.common_dir / "shallow", home / "shallow")
        yield replace(git, folder=home, git_dir=home, common_dir=home, root=None, is_bare=True, _kept={})


def _harmless(rules: bytes) -> bytes:
    """Of ``.gitattributes`` what says how git itself merges; a driver that somebody named is merged as text."""
    kept = []
    for row in rules.splitlines():
        if match := _ATTRIBUTE_LINE.fullmatch(row):
            words = [word for word in match[2].split() if word in _MERGE_WORDS]
            if words:
                kept.append(b" ".join([match[1], *words]))
    return b"".join(row + b"\n" for row in kept)


def _try(aside: GitRepo, one: CommitId, other: CommitId) -> Trial:
    code, out, complaint = aside.ask("merge-tree", "--write-tree", "-z", one, other, settings=_RENAMES)
    if code == 0:
        return Trial()
    if code != 1:
        return Trial(why=_first_line(complaint) or "git could not merge them")
    head, _, messages = out.partition(b"\0\0")
    tree, *rows = head.split(b"\0")
    paths = {row.partition(b"\t")[2] for row in rows}
    kinds = dict(_kinds(messages))
    try:
        hunks = _hunks(aside, tree.decode("ascii"), sorted(paths), one)
    except GitError as error:
        return Trial(why=error.message)
    return Trial(
        tuple(
            Clash(_text(path), kinds.get(path, "contents" if hunks.get(path) else "other"), hunks.get(path, 0))
            for path in sorted(paths)
        )
    )


_RENAMES = (("merge.renames", "true"), ("merge.directoryRenames", "conflict"), ("merge.conflictStyle", "merge"))


def _kinds(messages: bytes) -> Iterable[tuple[bytes, str]]:
    """Each path with its kind of conflict, of ``count NUL paths NUL kind NUL sentence NUL`` again and again."""
    words = iter(messages.split(b"\0"))
    for count in words:
        if not count.strip().isdigit():
            return
        paths = [next(words, b"") for _ in range(int(count))]
        kind = _CONFLICT.match(next(words, b"").decode("utf-8", "replace"))
        next(words, b"")
        if kind:
            yield from ((path, kind[1]) for path in paths)


def _hunks(aside: GitRepo, tree: str, paths: Sequence[bytes], one: CommitId) -> dict[bytes, int]:
    """How often git marked a conflict in each file of the merged tree; the marks carry the id of the first commit."""
    names = [path.decode("utf-8", "surrogateescape") for path in paths]
    rows = aside.run("ls-tree", "-z", tree, "--", *names).split(b"\0")
    found = {row.partition(b"\t")[2]: BlobId(row.split(b"\t")[0].split()[-1].decode("ascii")) for row in rows if row}
    blobs = aside.blobs(found.values())
    mark = b"<<<<<<< " + one.encode("ascii")
    return {
        path: sum(row.startswith(mark) for row in blobs.get(blob, b"").split(b"\n")) for path, blob in found.items()
    }


def _text(path: bytes) -> str:
    return path.decode("utf-8", "surrogateescape")


def _first_line(complaint: bytes) -> str:
    return complaint.decode("utf-8", "replace").strip().partition("\n")[0].removeprefix("fatal: ")

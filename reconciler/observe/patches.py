"""Patches of chosen diffs, boiled down for comparison. One git process for all of them."""

import hashlib
import re
from collections.abc import Iterator, Sequence

from reconciler.model import CommitId, Patch
from reconciler.observe.git import GitError, GitRepo

_DIFF = ("diff-tree", "--stdin", "-p", "-r", "--no-renames", "--no-ext-diff", "--no-textconv", "--full-index")
_SHAPE = ("--src-prefix=a/", "--dst-prefix=b/", "--no-color", "--no-relative", "--diff-algorithm=myers", "-U3")
_MOST_LINES = 20_000
_HEAD = re.compile(rb"^([0-9a-f]{40}|[0-9a-f]{64})$")
_HUNK = re.compile(rb"^@@ [^@]* @@")
Pair = tuple[CommitId, CommitId]


def patch_ids(git: GitRepo, pairs: Sequence[Pair]) -> tuple[Patch, ...]:
    """The patches (old, new) that can be read. Pairs with equal ids change the same lines alike."""
    wanted = sorted(set(pairs), key=lambda pair: (pair[1], pair[0]))
    if not wanted:
        return ()
    try:
        out = git.run(*_DIFF, *_SHAPE, input="".join(f"{new} {old}\n" for old, new in wanted).encode("ascii"))
    except GitError:
        if len(wanted) == 1:
            return ()
        half = len(wanted) // 2
        return patch_ids(git, wanted[:half]) + patch_ids(git, wanted[half:])
    return tuple(_read(out, wanted))


def _read(out: bytes, wanted: Sequence[Pair]) -> Iterator[Patch]:
    """One patch for each answer; an answer starts with the new commit's id on a line of its own."""
    waiting = iter(wanted)
    rows: list[bytes] = []
    pair: Pair | None = None
    for line in out.removesuffix(b"\n").split(b"\n"):
        if _HEAD.match(line):
            if pair:
                yield _boil(pair, rows)
            name = line.decode("ascii")
            pair, rows = next((p for p in waiting if p[1] == name), None), []
        elif pair:
            rows.append(line)
    if pair:
        yield _boil(pair, rows)


def _boil(pair: Pair, rows: Sequence[bytes]) -> Patch:
    """Everything counts but where in the file a hunk stands, and the blobs of text files."""
    digest = hashlib.sha256()
    lines: set[bytes] = set()
    path = blobs = b""
    for row in rows:
        if row.startswith(b"diff --git "):
            path, blobs = row, b""
        if row.startswith(b"index "):
            blobs = row
            continue
        if row.startswith(b"Binary files "):
            row = blobs
        digest.update(b"@@" if _HUNK.match(row) else row)
        digest.update(b"\n")
        if row[:1] in (b"+", b"-") and row[:4] not in (b"+++ ", b"--- ") and len(row.strip()) > 3:
            lines.add(path + row)
    kept = frozenset(lines) if len(lines) <= _MOST_LINES else frozenset()
    return Patch(pair[0], pair[1], digest.hexdigest(), kept)

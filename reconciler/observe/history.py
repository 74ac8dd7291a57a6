"""Commits with their changes, read by one ``git log`` and understood from its bytes."""

import re
from collections.abc import Iterable, Iterator, Sequence
from datetime import UTC, datetime

from reconciler.model import BlobId, Change, Commit, CommitId
from reconciler.observe.git import GitRepo

_LOG = (
    "log",
    "--raw",
    "-r",
    "-z",
    "--root",
    "--no-renames",
    "--no-abbrev",
    "--no-ext-diff",
    "--no-textconv",
    "--no-relative",
    "--no-mailmap",
    "--no-show-signature",
    "--no-notes",
    "--no-decorate",
    "--no-color",
    "--ignore-submodules=none",
    "--encoding=UTF-8",
    "--format=%x01%H%x00%T%x00%P%x00%ct%x00%s%x00%b%x00",
)
_REVERTS = re.compile(r"\brevert(?:s|ed)?\s(?:commits?\s)?((?:[0-9a-f]{7,64}\b(?:,? and |, ?| & )?)+)", re.IGNORECASE)
_ID = re.compile(r"\b[0-9a-f]{7,64}\b")
_PICKED = re.compile(r"\(cherry picked from commit ([0-9a-f]{7,64})\)")
_SQUASHED = re.compile(r"^commit ([0-9a-f]{40,64})$", re.MULTILINE)
_SQUASH_TITLE = "Squashed commit of the following"
_BODY_LINES = 80
_BODY_BYTES = 32_000
_SUBJECT_BYTES = 4_000
EPOCH = datetime.fromtimestamp(0, UTC)


def read_commits(
    git: GitRepo, tips: Sequence[CommitId], *, without: Iterable[CommitId] = (), limit: int = 0
) -> list[Commit]:
    """Commits reachable from ``tips`` and not from ``without``, newest first, at most ``limit``."""
    return [commit for commit, _ in read_log(git, tips, without=without, limit=limit)]


def read_log(
    git: GitRepo, tips: Sequence[CommitId], *, without: Iterable[CommitId] = (), limit: int = 0
) -> list[tuple[Commit, str]]:
    """Like ``read_commits``, each commit with the id of its tree."""
    if not tips:
        return []
    bound = (f"--max-count={limit}",) if limit else ()
    words = [*tips, *(f"^{tip}" for tip in without)]
    return list(parse_log(git.run(*_LOG, *bound, "--stdin", input=_lines(words))))


def read_alone(git: GitRepo, tips: Iterable[CommitId]) -> list[Commit]:
    """Just these commits, without what lies below them."""
    wanted = sorted(set(tips))
    if not wanted:
        return []
    return [commit for commit, _ in parse_log(git.run(*_LOG, "--no-walk", "--stdin", input=_lines(wanted)))]


def parse_log(data: bytes) -> Iterator[tuple[Commit, str]]:
    """The commits of a log in our format, each with its tree."""
    words = data.split(b"\0")
    paths: dict[bytes, str] = {}
    at, end = 0, len(words)
    while at < end:
        if not words[at].startswith(b"\x01"):
            at += 1
            continue
        head = words[at : at + 6]
        at += 6
        if len(head) < 6:
            return
        changes, at = _read_changes(words, at, paths)
        yield _commit(head, changes), head[1].decode("ascii")


def parse_changes(words: Sequence[bytes]) -> tuple[Change, ...]:
    """The changes of ``--raw -z`` output that has been split at its NULs."""
    return _read_changes(words, 0, {})[0]


def read_time(seconds: bytes | str) -> datetime:
    """A git timestamp; the epoch for one that no calendar knows."""
    try:
        return datetime.fromtimestamp(int(seconds), UTC)
    except (ValueError, OverflowError, OSError):
        return EPOCH


def _read_changes(words: Sequence[bytes], at: int, paths: dict[bytes, str]) -> tuple[tuple[Change, ...], int]:
    """The changes from ``at`` on, and where they end."""
    changes = []
    end = len(words) - 1
    while at < end:
        word = words[at]
        if not word.startswith((b":", b"\n:")):
            if word:
                break
            at += 1
            continue
        row = word.split(b" ")
        raw = words[at + 1]
        path = paths.get(raw)
        if path is None:
            path = paths[raw] = raw.decode("utf-8", "surrogateescape")
        changes.append(Change(path, BlobId(row[2].decode("ascii")), BlobId(row[3].decode("ascii"))))
        at += 2
    return tuple(changes), at


def _commit(head: Sequence[bytes], changes: tuple[Change, ...]) -> Commit:
    name, _, parents, seconds, subject, body = head
    title = subject[:_SUBJECT_BYTES].decode("utf-8", "replace")
    text = body[:_BODY_BYTES].decode("utf-8", "replace") if body else ""
    squash = _SQUASH_TITLE in text or _SQUASH_TITLE in title
    return Commit(
        id=CommitId(name[1:].decode("ascii")),
        parents=tuple(CommitId(p) for p in parents.decode("ascii").split()),
        at=read_time(seconds),
        subject=title,
        changes=changes,
        reverts=_reverts(f"{title}\n{text}"),
        picked=_ids(_PICKED, text) if text else (),
        squashed=_ids(_SQUASHED, text) if squash else (),
        body=tuple(line.strip() for line in text.splitlines() if line.strip())[:_BODY_LINES],
    )


def _reverts(text: str) -> tuple[CommitId, ...]:
    """Ids in "This reverts commit X", "Reverts commits X, Y and Z", "Revert X"."""
    if "evert" not in text:
        return ()
    return tuple(dict.fromkeys(CommitId(name) for row in _REVERTS.findall(text) for name in _ID.findall(row)))


def _ids(pattern: re.Pattern[str], text: str) -> tuple[CommitId, ...]:
    return tuple(dict.fromkeys(CommitId(found) for found in pattern.findall(text)))


def _lines(words: Iterable[str]) -> bytes:
    return "".join(f"{word}\n" for word in words).encode("ascii")

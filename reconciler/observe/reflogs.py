"""Reflogs of local branches: where each began and which commits were made on it. One bounded process."""

import os
import re
from collections.abc import Iterable, Iterator, Mapping, Sequence
from datetime import datetime
from pathlib import Path

from reconciler.model import CommitId, Forward, RefLog
from reconciler.observe.git import GitError, GitRepo
from reconciler.observe.history import read_time

_MOST = 20_000
_LOG = (
    "log",
    "--walk-reflogs",
    "-z",
    "--date=unix",
    "--no-show-signature",
    "--no-decorate",
    "--no-notes",
    "--no-color",
    "--encoding=UTF-8",
    f"--max-count={_MOST}",
    "--format=%gD%x00%H%x00%gs",
    "--stdin",
)
_MADE = re.compile(r"(commit(?! \(merge\))|cherry-pick|revert|am\b|rebase|pull .*rebase)")
_ONTO = re.compile(r"\bonto ([0-9a-f]{7,64})")
_FORWARD = re.compile(r"merge (\S+): Fast-forward")
_BEGUN = re.compile(r"branch: Created from (.*)")
Entry = tuple[CommitId, str, datetime]


def read_reflogs(git: GitRepo, refs: Sequence[str], *, until: datetime | None = None) -> tuple[RefLog, ...]:
    """The reflogs of local refs, those that have one; as they were at ``until`` if given."""
    logs = read_entries(git, refs)
    if until is not None:
        logs = {ref: [entry for entry in log if entry[2] <= until] for ref, log in logs.items()}
    return _understand_all(logs)


def read_entries(git: GitRepo, refs: Sequence[str]) -> dict[str, list[Entry]]:
    """The entries of each ref that has a reflog, newest first."""
    if not refs:
        return {}
    words = "".join(f"{ref}\n" for ref in refs)
    try:
        out = git.run(*_LOG, input=words.encode("utf-8", "surrogateescape"))
    except GitError:  # no reflog at all, or one that names lost commits: nothing is known
        return {}
    rows = out.split(b"\0")
    triples = zip(rows[0::3], rows[1::3], rows[2::3], strict=False)
    return _entries(tuple(_text(word) for word in row) for row in triples)


def is_begun(ref: str, entries: Sequence[Entry]) -> bool:
    """Whether the branch itself began with its oldest entry, rather than a copy of one that was there."""
    return _understand(ref.removeprefix("refs/heads/"), entries).created is not None


def signature(common: Path) -> str:
    """What changes when a reflog of a local branch, or how far a shallow history goes, does."""
    parts = [_sign(common / "shallow")]
    for folder, names, files in os.walk(common / "logs/refs/heads"):
        names.sort()
        parts += [f"{name} {_sign(Path(folder, name))}" for name in sorted(files)]
    return "\n".join(parts)


def _sign(path: Path) -> str:
    try:
        found = path.lstat()
    except OSError:
        return "-"
    return f"{found.st_mtime_ns} {found.st_size} {found.st_ino}"


def parse_reflogs(rows: Iterable[tuple[str, ...]]) -> tuple[RefLog, ...]:
    """Rows of (``ref@{seconds}``, commit, message), newest first within a ref."""
    return _understand_all(_entries(rows))


def _entries(rows: Iterable[tuple[str, ...]]) -> dict[str, list[Entry]]:
    entries: dict[str, list[Entry]] = {}
    for name, commit, message in rows:
        ref, _, seconds = name.rpartition("@{")
        entries.setdefault(ref, []).append((CommitId(commit), message, read_time(seconds.rstrip("}"))))
    return entries


def _understand_all(logs: Mapping[str, Sequence[Entry]]) -> tuple[RefLog, ...]:
    return tuple(_understand(ref.removeprefix("refs/heads/"), log) for ref, log in sorted(logs.items()) if log)


def _understand(branch: str, entries: Sequence[Entry]) -> RefLog:
    begun = _BEGUN.match(entries[-1][1])
    foreign = any(_is_foreign(message, branch) for _, message, _ in entries)
    return RefLog(
        branch=branch,
        created=entries[-1][0] if begun and not foreign else None,
        made=tuple(dict.fromkeys(commit for commit, message, _ in entries if _is_made(commit, message))),
        forwarded=tuple(_forwards(entries)),
    )


def _is_foreign(message: str, branch: str) -> bool:
    """Whether an entry brought commits that were made elsewhere, or took the branch over from a remote."""
    if message.startswith(("pull", "fetch", "push", "update by push", "clone")):
        return True
    if "refs/remotes/" in message:
        return True
    named = f"/{branch}" in message  # few messages do, and an expression for each branch takes its time to compile
    return named and re.search(rf"(?<!refs/heads)/{re.escape(branch)}(?![\w/-])", message) is not None


def _forwards(entries: Sequence[Entry]) -> Iterator[Forward]:
    for number, (commit, message, at) in enumerate(entries):
        found = _FORWARD.match(message)
        if found:
            before = entries[number + 1][0] if number + 1 < len(entries) else None
            yield Forward(found[1], before, commit, at)


def _is_made(commit: CommitId, message: str) -> bool:
    """Whether an entry stands for a new commit, not for a move to one that was there."""
    if not _MADE.match(message):
        return False
    onto = _ONTO.search(message)
    return not (onto and commit.startswith(onto[1]))


def _text(word: bytes) -> str:
    return word.decode("utf-8", "surrogateescape")

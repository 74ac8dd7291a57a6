"""Which programs a repository's own configuration names. None of them runs unless the user says so.

The user's own configuration (system, global) is the user's: its filters, signing program and ssh run as ever.
"""

import re
from collections.abc import Iterable

OWN = frozenset({"local", "worktree"})  # scopes that come with a repository
_CHECKOUT = r"filter\..*\.(clean|smudge|process)"
_MERGE = r"merge\..*\.driver|gpg\.(.*\.)?program|gpg\.ssh\.defaultkeycommand"
_PUSH = r"core\.(sshcommand|askpass|gitproxy)|credential\.(.*\.)?helper|remote\..*\.(receivepack|uploadpack|vcs)"
RUNS = {
    "checkout": re.compile(_CHECKOUT, re.DOTALL),
    "merge": re.compile(f"{_CHECKOUT}|{_MERGE}", re.DOTALL),
    "push": re.compile(f"{_CHECKOUT}|{_MERGE}|{_PUSH}", re.DOTALL),
}


def named_programs(data: bytes, deed: str) -> tuple[str, ...]:
    """Keys of ``git config --list -z --show-scope`` that would run something of the repository's in a ``deed``."""
    return tuple(sorted({key for scope, key, value in _rows(data) if scope in OWN and value and _runs(key, deed)}))


def _runs(key: str, deed: str) -> bool:
    return RUNS[deed].fullmatch(_folded(key)) is not None


def _folded(key: str) -> str:
    """Section and name in lower case; what stands between them is the user's."""
    section, _, rest = key.partition(".")
    middle, dot, name = rest.rpartition(".")
    return f"{section.lower()}.{middle}{dot}{name.lower()}"


def _rows(data: bytes) -> Iterable[tuple[str, str, str]]:
    parts = data.decode("utf-8", "surrogateescape").split("\0")
    for scope, pair in zip(parts[::2], parts[1::2], strict=False):
        key, mark, value = pair.partition("\n")
        yield scope, key, value if mark else "true"

"""Differences between commits, and the files of one tree: one ``git diff-tree`` for all of them."""

from collections.abc import Iterator, Sequence
from dataclasses import field

from reconciler.frozen import frozen
from reconciler.model import BlobId, Change, CommitId
from reconciler.observe.git import GitError, GitRepo
from reconciler.observe.history import parse_changes

_DIFF = ("diff-tree", "--stdin", "--raw", "-r", "-z", "--no-renames", "--no-abbrev", "--no-ext-diff")
_NO_FILES = {  # the tree without files, which git knows without having it
    "sha1": "4b825dc642cb6eb9a060e54bf8d69288fbee4904",
    "sha256": "6ef19b41225c5369f1c104d45d8d85efa9b057b53b14b4b9b939dd74decc5321",
}
Pair = tuple[CommitId, CommitId]  # (new, old)


@frozen
class Diffs:
    changes: dict[Pair, tuple[Change, ...]] = field(default_factory=dict)
    bad: frozenset[Pair] = frozenset()  # cannot be compared
    files: dict[str, BlobId] | None = None  # of the tree that was asked for


def read_diffs(git: GitRepo, pairs: Sequence[Pair], tree: str = "") -> Diffs:
    """What leads from old to new, for each pair; and every file of ``tree``. Halves what git cannot read."""
    rows = [f"{_NO_FILES[git.object_format]} {tree}\n"] if tree else []
    rows += [f"{new} {old}\n" for new, old in pairs]
    if not rows:
        return Diffs()
    try:
        out = git.run(*_DIFF, input="".join(rows).encode("ascii"))
    except GitError:
        return _halved(git, pairs, tree)
    files: dict[str, BlobId] | None = None
    if tree:
        _, _, out = out.partition(b"\n")
    answers = list(_answers(out.split(b"\0"), starts_bare=bool(tree)))
    if tree:
        files = {change.path: change.new for change in answers.pop(0)[1]}
    return Diffs(_matched(answers, pairs), files=files)


def _halved(git: GitRepo, pairs: Sequence[Pair], tree: str) -> Diffs:
    """Narrow down what is damaged."""
    if tree and pairs:
        listed, rest = read_diffs(git, (), tree), read_diffs(git, pairs)
        return Diffs(rest.changes, rest.bad, listed.files)
    if len(pairs) < 2:
        return Diffs(bad=frozenset(pairs))
    half = len(pairs) // 2
    left, right = read_diffs(git, pairs[:half]), read_diffs(git, pairs[half:])
    return Diffs({**left.changes, **right.changes}, left.bad | right.bad)


def _answers(words: Sequence[bytes], *, starts_bare: bool) -> Iterator[tuple[str, tuple[Change, ...]]]:
    """Pieces of the output, each with the id it starts with; a listing stands first and has none."""
    at, end = 0, len(words) - 1
    while at < end or starts_bare:
        head = "" if starts_bare else words[at].decode("ascii")
        start = at = at if starts_bare else at + 1
        starts_bare = False
        while at < end and words[at].startswith(b":"):
            at += 2
        yield head, parse_changes([*words[start:at], b""])


def _matched(
    answers: Sequence[tuple[str, tuple[Change, ...]]], pairs: Sequence[Pair]
) -> dict[Pair, tuple[Change, ...]]:
    """Answers by their pairs, which come in the same order; git says nothing of equal ones."""
    found: dict[Pair, tuple[Change, ...]] = dict.fromkeys(pairs, ())
    waiting = iter(pairs)
    for head, changes in answers:
        found[next(pair for pair in waiting if pair[0] == head)] = changes
    return found

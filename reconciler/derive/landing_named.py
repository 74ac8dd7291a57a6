"""Rung 9: what messages say. A name proves a landing only with the files agreeing and the times in order."""

from collections.abc import Sequence

from reconciler.derive.landing_content import Match, Patches, near, own_pair
from reconciler.derive.landing_ground import Ground
from reconciler.derive.landing_subjects import mentions, without_number, words
from reconciler.model import Branch, Commit, CommitId, Tag

_SAME_FILES = 0.7
_TOO_DIFFERENT = 0.1


def find_named(
    ground: Ground, branch: Branch, real: Sequence[Commit], patches: Patches, held: frozenset[CommitId]
) -> Match | None:
    """A base commit that says it holds this branch: hand-resolved squashes and merges of a rewritten branch."""
    listed = _listed(ground, real)
    if listed:
        return Match(Tag("squash-subject"), 9, (listed,), "squash that lists its commits")
    newest = max((commit.at for commit in real), default=branch.at)
    for commit, _ in near(ground, branch, _SAME_FILES):
        if commit.at < newest or commit.id in held or not _is_named(commit, branch, real):
            continue
        if branch.fork and commit.parents and _differs(branch, commit, patches):
            continue
        return Match(Tag("squash-subject"), 9, (commit,), "squash that names it", "medium")
    return _rewritten(ground, branch, real)


def _listed(ground: Ground, real: Sequence[Commit]) -> Commit | None:
    """A "Squashed commit of the following" with every own commit in it."""
    for commit in ground.squashed.get(real[-1].id, ()) if real else ():
        if {own.id for own in real} <= set(commit.squashed):
            return commit
    return None


def _is_named(commit: Commit, branch: Branch, real: Sequence[Commit]) -> bool:
    """Whether a message points at this branch: by number and title, by its commits' subjects, or by name."""
    title, number = without_number(commit.subject)
    title = title.casefold()
    subjects = {own.subject.casefold() for own in real}
    bullets = {line.lstrip("*- ").strip().casefold() for line in commit.body if line.startswith(("*", "-"))}
    if number and len(subjects) > 1 and subjects <= bullets:
        return True
    if number and (title in subjects or words(title) == words(branch.name.rpartition("/")[2])):
        return True
    if number and words(title) == words(branch.name):
        return True
    return mentions(commit.subject, branch.name)


def _differs(branch: Branch, commit: Commit, patches: Patches) -> bool:
    """A name is not enough when the lines have nothing in common."""
    if branch.fork is None:
        return False
    return patches.likeness((branch.fork, branch.tip), own_pair(commit)) < _TOO_DIFFERENT


def _rewritten(ground: Ground, branch: Branch, real: Sequence[Commit]) -> Match | None:
    """A merge names this branch, is younger than all its commits, and brought the same files."""
    paths = {change.path for change in branch.changes}
    newest = max((commit.at for commit in real), default=branch.at)
    for merge in ground.merges.get(branch.name, ()):
        if merge.at < newest or not ground.is_since(merge.id, branch.fork):
            continue
        brought = {c.path for p in merge.parents[1:] for s in ground.side(p) for c in s.changes}
        if paths and paths <= brought:
            return Match(Tag("merge-subject"), 9, (merge,), "merge commit names it", "medium")
    return None

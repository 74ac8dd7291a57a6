"""Rung 9: what messages say. A name proves a landing only with the files agreeing and the times in order."""

from collections.abc import Sequence

from reconciler.derive.landing_content import Match, Patches, near, own_pair
from reconciler.derive.landing_ground import Ground
from reconciler.derive.landing_subjects import mentions, without_number, words
from reconciler.model import Branch, Commit, CommitId, Tag

_SAME_FILES = 0.7
_WITH_NUMBER = 0.1  # share of the branch's changed lines that the commit must have
_MENTIONED = 0.3


def find_named(
    ground: Ground, branch: Branch, real: Sequence[Commit], patches: Patches, held: frozenset[CommitId]
) -> Match | None:
    """A base commit that says it holds this branch: hand-resolved squashes and merges of a rewritten branch."""
    listed = _listed(ground, real)
    if listed:
        return Match(Tag("squash-subject"), 9, (listed,), "squash that lists its commits")
    newest = max((commit.at for commit in real), default=branch.at)
    for commit, _ in near(ground, branch, _SAME_FILES):
        if commit.at < newest or commit.id in held or not commit.parents or branch.fork is None:
            continue
        enough = _enough(commit, branch, real)
        if enough and patches.likeness((branch.fork, branch.tip), own_pair(commit)) >= enough:
            return Match(Tag("squash-subject"), 9, (commit,), "squash that names it", "medium")
    return _rewritten(ground, branch, real)


def _listed(ground: Ground, real: Sequence[Commit]) -> Commit | None:
    """A "Squashed commit of the following" with every own commit in it."""
    for commit in ground.squashed.get(real[-1].id, ()) if real else ():
        if {own.id for own in real} <= set(commit.squashed):
            return commit
    return None


def _enough(commit: Commit, branch: Branch, real: Sequence[Commit]) -> float:
    """Share of common lines that a message's pointing at this branch asks for; 0 when it does not point at it.

    A pull request's number with its title, or with the subjects of the branch, says more than a mere mention.
    """
    title, number = without_number(commit.subject)
    title = title.casefold()
    subjects = {own.subject.casefold() for own in real}
    bullets = {line.lstrip("*- ").strip().casefold() for line in commit.body if line.startswith(("*", "-"))}
    if number and len(subjects) > 1 and subjects <= bullets:
        return _WITH_NUMBER
    names = (words(branch.name), words(branch.name.rpartition("/")[2]))
    if number and (title in subjects or words(title) in names):
        return _WITH_NUMBER
    return _MENTIONED if mentions(commit.subject, branch.name) else 0


def _rewritten(ground: Ground, branch: Branch, real: Sequence[Commit]) -> Match | None:
    """A merge names this branch, is younger than all its commits, and brought the same files."""
    paths = {change.path for change in branch.changes}
    newest = max((commit.at for commit in real), default=branch.at)
    for merge in ground.merges.get(branch.name, ()):
        if merge.at < newest or not ground.is_since(merge.id, branch.fork):
            continue
        if branch.fork in merge.parents[1:]:
            continue  # it took the branch as it was then: what the branch has beyond it was not in it
        brought = {c.path for p in merge.parents[1:] for s in ground.side(p) for c in s.changes}
        if paths and paths <= brought:
            return Match(Tag("merge-subject"), 9, (merge,), "merge commit names it", "medium")
    return None

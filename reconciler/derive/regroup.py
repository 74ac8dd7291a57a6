"""Groups of a later snapshot from those of an earlier one, where nothing changed that decides who belongs together."""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import replace
from operator import attrgetter
from typing import Any

from reconciler.derive.grouping import let_own_copy_speak, speaker
from reconciler.derive.groups import Group, Member
from reconciler.model import Document, Snapshot, Worktree

Copies = Mapping[str, tuple[Document, ...]]
_SAYS_HOW_FAR = frozenset({"status"})  # header fields that grouping never looks at


def regroup(before: Snapshot, groups: Sequence[Group], now: Snapshot) -> tuple[Group, ...] | None:
    """``groups`` of ``before`` with the documents and work trees of ``now``; untouched groups are the same objects.

    None when the change may decide which documents, branches and relations belong together: then
    they are to be found afresh. The result is what ``find_parents(build_groups(...))`` would give.
    """
    if not _same_surroundings(before, now):
        return None
    trees = {tree.path: tree for tree in now.worktrees}
    changed = _changed_copies(before.documents, now.documents)
    if changed is None:
        return None
    found = [renew(group, changed, trees, now) for group in groups]
    return None if any(group is None for group in found) else tuple(group for group in found if group)


def _same_surroundings(before: Snapshot, now: Snapshot) -> bool:
    """Everything but documents, and those changes of work trees that say nothing about groups."""
    plain: Callable[[Snapshot], Any] = attrgetter(
        "base", "branches", "landings", "intents", "layouts", "history", "complete"
    )
    return plain(before) == plain(now) and list(map(_standing, before.worktrees)) == list(map(_standing, now.worktrees))


def _standing(tree: Worktree) -> tuple[Worktree, bool]:
    """A work tree without its changes, and whether it has any besides documents of ours."""
    return replace(tree, changes=()), any(not path.startswith(".swarm/") for path in tree.changes)


def _changed_copies(before: Sequence[Document], now: Sequence[Document]) -> Copies | None:
    """Path -> its copies now, where they are others than before; None when a path came or went, or looks different."""
    old, new = _by_path(before), _by_path(now)
    if old.keys() != new.keys():
        return None
    return {path: new[path] for path, copies in old.items() if not _are_same(copies, new[path])}


def _by_path(documents: Sequence[Document]) -> Copies:
    copies: dict[str, tuple[Document, ...]] = {}
    for document in documents:
        copies[document.path] = (*copies.get(document.path, ()), document)
    return copies


def _are_same(left: Sequence[Document], right: Sequence[Document]) -> bool:
    return len(left) == len(right) and all(a is b for a, b in zip(left, right, strict=True))


def renew(group: Group, changed: Copies, trees: Mapping[str, Worktree], now: Snapshot) -> Group | None:
    """The group with these copies, or None when one of its documents looks different to those that find groups."""
    worktrees = tuple(trees[tree.path] for tree in group.worktrees)
    both = (*group.members, *group.shared)
    if not any(m.document.path in changed for m in both):
        return group if worktrees == group.worktrees else replace(group, worktrees=worktrees)
    if any(_face(speaker(m.copies, now)) != _face(_with_copies(m, changed, now).document) for m in both):
        return None
    members = tuple(_with_copies(m, changed, now) for m in group.members)
    shared = tuple(_with_copies(m, changed, now) for m in group.shared)
    found = let_own_copy_speak(replace(group, members=members, shared=shared, worktrees=worktrees), now)
    pairs = zip(both, (*found.members, *found.shared), strict=True)
    return found if all(_face(a.document) == _face(b.document) for a, b in pairs) else None


def _with_copies(member: Member, changed: Copies, now: Snapshot) -> Member:
    copies = changed.get(member.document.path, member.copies)
    return Member(speaker(copies, now), copies, member.why)


_named: Callable[[Document], Any] = attrgetter(
    "path", "layout", "kind", "stage", "slug", "stem", "folder", "number", "phase", "date", "archived"
)
_told: Callable[[Document], Any] = attrgetter("text.title", "text.created", "text.links", "text.dependencies")


def _face(document: Document) -> tuple[Any, ...]:
    """What grouping, families and relations see of a document: not how far it says that things are."""
    fields = [field for field in document.text.fields if field.name not in _SAYS_HOW_FAR]
    return _named(document), _told(document), fields

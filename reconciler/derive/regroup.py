"""Groups of a later snapshot from those of an earlier one, where nothing changed that decides who belongs together."""

from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import replace
from operator import attrgetter
from typing import Any

from reconciler.derive.grouping import let_own_copy_speak, speaker
from reconciler.derive.groups import Group, Member
from reconciler.model import DependencyText, Document, Field, Link, Snapshot, Text, Worktree

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
    old, new = set(map(id, before)), set(map(id, now))
    paths = {d.path for d in before if id(d) not in new} | {d.path for d in now if id(d) not in old}
    copies = _by_path(document for document in now if document.path in paths)
    return copies if copies.keys() == {d.path for d in before if d.path in paths} else None


def _by_path(documents: Iterable[Document]) -> Copies:
    copies: dict[str, tuple[Document, ...]] = {}
    for document in documents:
        copies[document.path] = (*copies.get(document.path, ()), document)
    return copies


def renew(group: Group, changed: Copies, trees: Mapping[str, Worktree], now: Snapshot) -> Group | None:
    """The group with these copies, or None when one of its documents looks different to those that find groups."""
    worktrees = tuple(trees[tree.path] for tree in group.worktrees)
    both = (*group.members, *group.shared)
    if not any(m.document.path in changed for m in both):
        return group if worktrees == group.worktrees else replace(group, worktrees=worktrees)
    members = tuple(_with_copies(m, changed, now) for m in group.members)
    shared = tuple(_with_copies(m, changed, now) for m in group.shared)
    found = let_own_copy_speak(replace(group, members=members, shared=shared, worktrees=worktrees), now)
    joined = [(speaker(m.copies, now), new.document) for m, new in zip(both, (*members, *shared), strict=True)]
    spoken = [(m.document, new.document) for m, new in zip(both, (*found.members, *found.shared), strict=True)]
    if any(_face(old) != _face(new) for old, new in (*joined, *spoken)):
        return None
    return _with_reasons(found, _moved(joined), _moved(spoken))


def _with_copies(member: Member, changed: Copies, now: Snapshot) -> Member:
    copies = changed.get(member.document.path, member.copies)
    return Member(speaker(copies, now), copies, member.why)


# -- what grouping, families and relations see of a document: not how far it says that things are

_named: Callable[[Document], Any] = attrgetter(
    "path", "layout", "kind", "stage", "slug", "stem", "folder", "number", "phase", "date", "archived"
)
_link: Callable[[Link], Any] = attrgetter("target", "context")
_field: Callable[[Field], Any] = attrgetter("name", "value", "origin")
_item: Callable[[DependencyText], Any] = attrgetter("text", "origin", "reverse", "reason")


def _face(document: Document) -> tuple[Any, ...]:
    """What decides who belongs together; where in the text it stands does not."""
    text = document.text
    links, fields, parents = _marks(text)
    told = (list(map(_link, links)), list(map(_field, fields)), list(map(_item, parents)))
    return _named(document), text.title, text.created, *told


def _marks(text: Text) -> tuple[list[Link], list[Field], list[DependencyText]]:
    return (
        [link for link in text.links if link.context != "prose"],
        [field for field in text.fields if field.name not in _SAYS_HOW_FAR],
        [item for item in text.dependencies if item.relation == "parent"],
    )


# -- the reasons name lines, which move when something is written above them


def _moved(pairs: Sequence[tuple[Document, Document]]) -> dict[str, str]:
    """Where something stands that a reason can name, as it was and as it is: "path:line" -> "path:line"."""
    found: dict[str, str] = {}
    for old, new in pairs:
        for before, now in zip(_lines(old.text), _lines(new.text), strict=True):
            found[f"{old.path}:{before}"] = f"{new.path}:{now}"
    return found


def _lines(text: Text) -> list[int]:
    links, fields, parents = _marks(text)
    return [*(link.line for link in links), *(field.line for field in fields), *(item.line for item in parents)]


def _with_reasons(group: Group, joined: Mapping[str, str], spoken: Mapping[str, str]) -> Group:
    """The group with the lines in its reasons brought up to date."""
    if all(old == new for moves in (joined, spoken) for old, new in moves.items()):
        return group
    return replace(
        group,
        members=tuple(replace(m, why=_brought(m.why, joined)) for m in group.members),
        shared=tuple(replace(m, why=_brought(m.why, joined)) for m in group.shared),
        lines=tuple(replace(line, why=_brought(line.why, joined)) for line in group.lines),
        parent_why=_brought(group.parent_why, spoken),
    )


def _brought(why: str, moves: Mapping[str, str]) -> str:
    head, mark, place = why.rpartition(" at ")
    return f"{head}{mark}{moves.get(place, place)}"

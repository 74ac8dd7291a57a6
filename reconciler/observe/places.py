"""Where documents can be: branch tips and work trees, what they are called, and which of them speaks first."""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import field

from reconciler.frozen import frozen
from reconciler.model import BlobId, Document, Place


@frozen
class Tree:
    """Committed files: the base tip's, or those that a branch changed and still has at its tip."""

    name: str
    files: Mapping[str, BlobId]


@frozen
class WorkTree:
    """A work tree on disk. What equals ``head`` (files of its HEAD) or is not ``changed`` is no news."""

    label: str
    branch: str
    path: str
    head: Mapping[str, BlobId] = field(default_factory=dict)
    changed: frozenset[str] = frozenset()  # paths that differ from its HEAD; empty = none, or not known


def strength_of(base: Tree | None, branches: Sequence[Tree], worktrees: Sequence[WorkTree]) -> dict[str, int]:
    """Place name -> rank: work trees speak first, then branches, the base last."""
    order = {f"worktree:{work.label}": 0 for work in worktrees}
    order.update({tree.name: 1 for tree in branches})
    if base:
        order[base.name] = 2
    return order


def sort_documents(documents: Iterable[Document], order: Mapping[str, int]) -> tuple[Document, ...]:
    """By path; of several copies, the one whose place speaks first (see :func:`strength_of`) stands first."""
    return tuple(sorted(documents, key=lambda d: (d.path, order.get(d.seen_in[0], 0), d.seen_in, d.blob)))


def places_of(
    documents: Sequence[Document],
    base: Tree | None,
    branches: Sequence[Tree],
    worktrees: Sequence[WorkTree],
) -> tuple[Place, ...]:
    """The places where at least one document was seen, by name."""
    known = {f"worktree:{work.label}": Place(f"worktree:{work.label}", "worktree", work.branch) for work in worktrees}
    known.update({tree.name: Place(tree.name, "branch", tree.name) for tree in branches})
    if base:
        known[base.name] = Place(base.name, "base", base.name)
    used = {name for document in documents for name in document.seen_in}
    return tuple(known[name] for name in sorted(used))

"""What the checks share: the documents as they lie at hand, whose they are, and which paths exist."""

import posixpath
import re
from collections import defaultdict
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import field
from urllib.parse import unquote

from reconciler.derive.references import tidy_target
from reconciler.frozen import frozen
from reconciler.model import CommitId, Document, Link, Snapshot, View, Workstream
from reconciler.policy import Rulebook

CLOSED = ("merged", "abandoned")
_FIELDS = frozenset({"plan", "research", "spec", "design", "validation", "review", "checkpoint", "ticket", "related"})
_EXAMPLE = re.compile(r"[<>{}*$|~]|YYYY|NNN|XXX|\.\.\.|…|://|^mailto:|^[A-Za-z]:/|[\x00-\x1f]")


@frozen
class Hit:
    """A finding before it is worded: ``values`` fill the words of its row, ``check`` is the row of its kind."""

    id: str
    values: Mapping[str, str]
    path: str = ""
    line: int = 0
    workstream: str = ""
    check: str = ""
    severity: str = ""
    place: str = ""
    hint: str = ""


@frozen
class Dangling:
    """A link to nothing: the paths that it could mean, and the commit that removed one of them."""

    document: Document
    link: Link
    target: str
    meant: tuple[str, ...]
    removed: CommitId | None


@frozen
class Ground:
    """Snapshot and view, with indexes. ``documents`` has one copy of each path: the one at hand."""

    snapshot: Snapshot
    view: View
    rulebook: Rulebook
    streams: Mapping[str, Workstream]
    documents: tuple[Document, ...]
    at_hand: frozenset[str]  # places whose files the user sees
    on_disk: frozenset[str] = frozenset()
    _places: Mapping[str, str] = field(default_factory=dict)
    _owners: Mapping[str, str] = field(default_factory=dict)

    @classmethod
    def of(cls, snapshot: Snapshot, view: View, rulebook: Rulebook, on_disk: frozenset[str] = frozenset()) -> "Ground":
        """The ground of one look."""
        main = next((w for w in snapshot.worktrees if w.main), None)
        base = snapshot.base.branch if snapshot.base else ""
        near = [f"worktree:{main.name}", f"worktree:{main.branch}", main.branch, base] if main else [base]
        order = {place: number for number, place in reversed(list(enumerate(near)))}
        copies: dict[str, Document] = {}
        for document in sorted(snapshot.documents, key=lambda d: (_nearness(d, order), d.seen_in, d.blob)):
            copies.setdefault(document.path, document)
        names = {str(n): str(w.id) for w in view.workstreams for n in w.aliases} | {
            str(w.id): str(w.id) for w in view.workstreams
        }
        own = {d.path: str(w.id) for w in view.workstreams for d in w.documents if not d.shared}
        own |= {i.path: names[i.id] for i in view.intents if i.id in names}
        return cls(
            snapshot=snapshot,
            view=view,
            rulebook=rulebook,
            streams={str(w.id): w for w in view.workstreams},
            documents=tuple(d for _, d in sorted(copies.items())),
            at_hand=frozenset(near),
            on_disk=on_disk,
            _places={p: d.seen_in[0] for p, d in copies.items() if d.seen_in and not set(d.seen_in) & set(near)},
            _owners=own,
        )

    def workstream_at(self, path: str) -> str:
        """The workstream that a document belongs to, "" when none."""
        return self._owners.get(path, "")

    def place_of(self, path: str) -> str:
        """The branch or work tree that has a document which is not at hand; "" for all others."""
        return self._places.get(path, "")

    def is_closed(self, path: str) -> bool:
        """Whether a document belongs to finished work."""
        stream = self.streams.get(self.workstream_at(path))
        return stream is not None and stream.state in CLOSED

    def layouts_of(self, check: str) -> tuple[str, ...]:
        """The layouts to which a row of checks.toml is bound; () = all."""
        return next((rule.layouts for rule in self.rulebook.checks if rule.id == check), ())

    def hit(self, id: str, document: Document, line: int = 0, **values: str) -> Hit:
        """A finding on one document."""
        path = document.path
        return Hit(id, values, path, line, self.workstream_at(path), place=self.place_of(path))

    def paths(self) -> Iterator[str]:
        """Every path that some place has: the base, a branch, a work tree, a document."""
        yield from self.snapshot.history.tree
        for branch in self.snapshot.branches:
            yield from (change.path for change in branch.changes if change.new.strip("0"))
        for tree in self.snapshot.worktrees:
            yield from tree.changes
        yield from (document.path for document in self.snapshot.documents)
        yield from (intent.path for intent in self.snapshot.intents)
        yield from self.on_disk

    def dangling(self) -> tuple[Dangling, ...]:
        """Header links and related links of documents at hand that resolve to nothing."""
        asked = [(d, link, t) for d in self.documents for link in d.text.links if (t := _path_in(link, d))]
        wanted = {posixpath.basename(target) for _, _, target in asked}
        there: dict[str, list[list[str]]] = defaultdict(list)
        for path in self.paths():
            if (name := posixpath.basename(path)) in wanted:
                there[name].append(path.split("/"))
        lost = [entry for entry in asked if not _is_there(entry[2], there)]
        gone = self._removed({posixpath.basename(target) for _, _, target in lost}) if lost else {}
        return tuple(
            Dangling(d, link, target, _meant(target, d.path), _latest(gone, target)) for d, link, target in lost
        )

    def _removed(self, names: set[str]) -> dict[str, list[tuple[str, CommitId]]]:
        """Base name -> (path, commit) of what the base had and lost, newest first."""
        found: dict[str, list[tuple[str, CommitId]]] = defaultdict(list)
        for commit in self.snapshot.history.commits:
            for change in commit.changes:
                if not change.new.strip("0") and (name := posixpath.basename(change.path)) in names:
                    found[name].append((change.path, commit.id))
        return found


def _nearness(document: Document, order: Mapping[str, int]) -> int:
    return min((order.get(place, len(order)) for place in document.seen_in), default=len(order))


# -- links


def _path_in(link: Link, document: Document) -> str:
    """The path that a link names inside the repository; "" when it names none, or only an example."""
    kind, _, name = link.context.partition(":")
    if not (kind == "related" or (kind == "header" and name in _FIELDS)) or link.target.startswith("[["):
        return ""
    target = unquote(tidy_target(link.target))
    if not target.endswith(".md") or _EXAMPLE.search(target):
        return ""
    folder = posixpath.dirname(document.path)
    outside = posixpath.normpath(posixpath.join(folder, target)).startswith("..")
    if not outside and not target.startswith("/"):
        return target
    found = [target[target.rfind(f"/{root}/") + 1 :] for root in _roots(document) if f"/{root}/" in target]
    return max(found, key=len, default="")  # of another machine's path what lies below our own folders


def _roots(document: Document) -> Iterable[str]:
    """The folders above a document, nearest last: "thoughts", "thoughts/shared"."""
    parts = posixpath.dirname(document.path).split("/")
    return ("/".join(parts[:n]) for n in range(1, len(parts) + 1) if parts[0])


def _is_there(target: str, there: Mapping[str, list[list[str]]]) -> bool:
    """Whether some path ends as the target does: in two parts, or in all that it has."""
    parts = [part for part in target.split("/") if part not in ("", ".", "..")]
    need = min(len(parts), 2)
    return any(parts[-need:] == path[-need:] for path in there.get(posixpath.basename(target), ()))


def _meant(target: str, at: str) -> tuple[str, ...]:
    """The paths from the root that a target can mean."""
    if target.startswith("/"):
        return ()
    tried = (posixpath.normpath(target), posixpath.normpath(posixpath.join(posixpath.dirname(at), target)))
    return tuple(dict.fromkeys(path for path in tried if not path.startswith("..")))


def _latest(gone: Mapping[str, list[tuple[str, CommitId]]], target: str) -> CommitId | None:
    parts = [part for part in target.split("/") if part not in ("", ".", "..")]
    need = min(len(parts), 2)
    for path, commit in gone.get(posixpath.basename(target), ()):
        if path.split("/")[-need:] == parts[-need:]:
            return commit
    return None

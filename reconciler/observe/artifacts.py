"""Reads the documents of all places: the base tip, branch tips, work trees on disk."""

import os
from collections import defaultdict
from collections.abc import Callable, Mapping, MutableMapping, Sequence
from dataclasses import dataclass, field

from reconciler.model import BlobId, Document, Place, Problem, Slug, Text
from reconciler.observe import disk
from reconciler.observe.markdown import parse
from reconciler.observe.matching import PathMatcher
from reconciler.policy import Match, Rulebook

Fetch = Callable[[Sequence[BlobId]], Mapping[BlobId, bytes]]
Cache = MutableMapping[tuple[str, str], Text]  # (blob, path and rules) -> what it says


@dataclass(frozen=True, slots=True)
class Tree:
    """Committed files: the base tip's, or those that a branch changed and still has at its tip."""

    name: str
    files: Mapping[str, BlobId]


@dataclass(frozen=True, slots=True)
class WorkTree:
    """A work tree on disk.

    ``head`` gives the files of its HEAD where they are known: such content is not news. ``changed`` are the
    paths that differ from its HEAD as git tells it: any other committed path is just an older form (None: unknown).
    """

    label: str
    branch: str
    path: str
    head: Mapping[str, BlobId] = field(default_factory=dict)
    changed: frozenset[str] | None = None


@dataclass(frozen=True, slots=True)
class Reading:
    """All documents, sorted by path, and where they were read."""

    documents: tuple[Document, ...]
    places: tuple[Place, ...]
    problems: tuple[Problem, ...]


def read_documents(
    rulebook: Rulebook,
    *,
    base: Tree | None,
    branches: Sequence[Tree] = (),
    worktrees: Sequence[WorkTree] = (),
    fetch: Fetch,
    cache: Cache | None = None,
    sha256: bool = False,
) -> Reading:
    """The documents of every place; ``fetch`` gives the committed blobs that were not met on disk, in one call."""
    reader = _Reader(rulebook, {} if cache is None else cache, sha256=sha256)
    for tree in (*branches, *((base,) if base else ())):
        reader.see_tree(tree)
    for work in worktrees:
        reader.see_disk(work, base=base, branches=branches)
    reader.fetch_missing(fetch)
    order = _strength(base, branches, worktrees)
    documents = reader.documents(order)
    return Reading(documents, _places(documents, base, branches, worktrees), tuple(sorted(reader.problems)))


class _Reader:
    """Collects (path, blob) pairs with the places that have them, and the text of each pair once."""

    def __init__(self, rulebook: Rulebook, cache: Cache, *, sha256: bool) -> None:
        self._rulebook = rulebook
        self._matcher = PathMatcher(rulebook)
        self._cache = cache
        self._sha256 = sha256
        self._matches: dict[str, Match] = {}
        self._seen: dict[tuple[str, BlobId], set[str]] = defaultdict(set)
        self._texts: dict[tuple[str, BlobId], Text] = {}
        self.problems: set[Problem] = set()

    def match(self, path: str) -> Match | None:
        known = self._matches.get(path)
        if known is None and (known := self._matcher.match(path)):
            self._matches[path] = known
        return known

    def see_tree(self, tree: Tree) -> None:
        for path, blob in tree.files.items():
            if self.match(path):
                self._seen[path, blob].add(tree.name)

    def see_disk(self, work: WorkTree, *, base: Tree | None, branches: Sequence[Tree]) -> None:
        committed = [tree.files for tree in branches if tree.name == work.branch]
        committed += [base.files] if base else []
        place = f"worktree:{work.label}"
        for path, _ in disk.walk(work.path, iter(self._roots(work.path))):
            match = self.match(path)
            if match is None:
                continue
            found = disk.read_file(work.path, path, sha256=self._sha256)
            known = {files[path] for files in (*committed, work.head) if path in files}
            blob = self._committed_as(found, known)
            if blob is None and known and work.changed is not None and path not in work.changed:
                continue
            if blob is None:
                self._seen[path, found.blob].add(place)
                self._note(path, found.blob, found, match)
            elif (path, blob) in self._seen:
                self._note(path, blob, found, match)

    def _committed_as(self, found: disk.FileOnDisk, known: set[BlobId]) -> BlobId | None:
        """The committed blob that this content is, line ends aside."""
        if not known or found.blob in known:
            return found.blob if known else None
        if found.data is not None and b"\r\n" in found.data:
            blob = disk.blob_id(disk.with_lf(found.data), sha256=self._sha256)
            return blob if blob in known else None
        return None

    def _note(self, path: str, blob: BlobId, found: disk.FileOnDisk, match: Match) -> None:
        if found.problem:
            self.problems.add(found.problem)
        if (path, blob) not in self._texts:
            self._texts[path, blob] = self._text(path, blob, found, match)

    def _text(self, path: str, blob: BlobId, found: disk.FileOnDisk, match: Match) -> Text:
        if found.data is None:
            return Text(problems=(found.problem,) if found.problem else ())
        key = (str(blob), f"{self._rulebook.digest}:{path}")
        text = self._cache.get(key)
        if text is None:
            text = self._cache[key] = parse(path, found.data, match, self._rulebook)
        return text

    def fetch_missing(self, fetch: Fetch) -> None:
        missing = sorted(key for key in self._seen if key not in self._texts)
        wanted = []
        for path, blob in missing:
            text = self._cache.get((str(blob), f"{self._rulebook.digest}:{path}"))
            if text is None:
                wanted.append((path, blob))
            else:
                self._texts[path, blob] = text
        contents = fetch(sorted({blob for _, blob in wanted})) if wanted else {}
        for path, blob in wanted:
            data = contents.get(blob)
            problem = None if data is not None else Problem("unreadable", f"blob {blob[:7]} is missing", path)
            self._note(path, blob, disk.FileOnDisk(data, blob, problem), self._matches[path])

    def documents(self, order: Mapping[str, int]) -> tuple[Document, ...]:
        found = []
        for (path, blob), places in self._seen.items():
            match = self._matches[path]
            text = self._texts.get((path, blob), Text())
            self.problems.update(text.problems)
            seen = tuple(sorted(places, key=lambda name: (order.get(name, 0), name)))
            found.append(_document(path, blob, match, text, seen))
        found.sort(key=lambda d: (d.path, order.get(d.seen_in[0], 0), d.seen_in, d.blob))
        return self._plentiful(found)

    def _plentiful(self, documents: list[Document]) -> tuple[Document, ...]:
        """Without the documents of layouts that have too few of them to be meant."""
        least = {layout.id: layout.at_least for layout in self._rulebook.layouts if layout.at_least}
        if not least:
            return tuple(documents)
        paths: dict[str, set[str]] = defaultdict(set)
        for document in documents:
            paths[document.layout].add(document.path)
        return tuple(d for d in documents if len(paths[d.layout]) >= least.get(d.layout, 0))

    def _roots(self, top: str) -> list[str]:
        """Roots of the layouts, without those that lie in another one."""
        roots = sorted({root for layout in self._rulebook.layouts for root in layout.roots})
        kept = [root for root in roots if not any(root.startswith(f"{other}/") for other in roots)]
        for root in kept:
            if os.path.islink(os.path.join(top, root)):  # noqa: PTH114, PTH118
                message = "a link to a folder, not followed; its documents are read where they are committed"
                self.problems.add(Problem("link", message, root, severity="info"))
        return [root for root in kept if not os.path.islink(os.path.join(top, root))]  # noqa: PTH114, PTH118


def _document(path: str, blob: BlobId, match: Match, text: Text, seen: tuple[str, ...]) -> Document:
    return Document(
        path=path,
        blob=blob,
        layout=match.layout,
        kind=match.kind,
        stage=match.stage,
        slug=Slug(match.slug),
        stem=match.stem,
        folder=match.folder,
        number=match.number,
        phase=match.phase,
        date=match.date or text.created,
        archived=match.archived,
        text=text,
        seen_in=seen,
    )


def _strength(base: Tree | None, branches: Sequence[Tree], worktrees: Sequence[WorkTree]) -> dict[str, int]:
    order = {f"worktree:{work.label}": 0 for work in worktrees}
    order.update({tree.name: 1 for tree in branches})
    if base:
        order[base.name] = 2
    return order


def _places(
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

"""Reads the documents of all places: the base tip, branch tips, work trees on disk."""

from collections import Counter, defaultdict
from collections.abc import Callable, Collection, Iterable, Iterator, Mapping, MutableMapping, Sequence
from dataclasses import field

from reconciler.frozen import frozen
from reconciler.model import BlobId, Commit, Document, Place, Problem, Slug, Text, TextKey
from reconciler.observe import disk
from reconciler.observe.held import Held
from reconciler.observe.markdown import parse
from reconciler.observe.matching import PathMatcher
from reconciler.observe.places import Tree, WorkTree, places_of, sort_documents, strength_of
from reconciler.policy import Match, Rulebook

__all__ = ["Again", "Disk", "Reading", "Tree", "WorkTree", "read_documents"]

Fetch = Callable[[Sequence[BlobId]], Mapping[BlobId, bytes]]
Cache = MutableMapping[TextKey, Text]  # of the same rules
Key = tuple[str, BlobId]  # one path with one content


@frozen
class Disk:
    """What one work tree had when it was walked: a look that meets the same again can only differ in the texts."""

    path: str
    roots: tuple[str, ...]  # the folders that were asked for
    files: Mapping[str, tuple[int, ...]]  # document -> its signature, () when it was too young to be known by it
    others: frozenset[str]  # what lies beside them


@frozen
class Again:
    """A look at single documents of which all is known but what they say."""

    files: Mapping[str, Sequence[str]]  # path of a work tree -> documents in it
    past: Mapping[str, frozenset[BlobId]] | None = None  # path of a document -> what the base once had there


@frozen
class Reading:
    """All documents, sorted by path, and where they were read."""

    documents: tuple[Document, ...]
    places: tuple[Place, ...]
    layouts: tuple[str, ...]  # ids of those that were found
    problems: tuple[Problem, ...]
    disks: tuple[Disk, ...] = field(default=(), compare=False)
    plain: bool = field(default=False, compare=False)  # no links on disk, and nothing there that could not be read


def read_documents(
    rulebook: Rulebook,
    *,
    base: Tree | None,
    branches: Sequence[Tree] = (),
    worktrees: Sequence[WorkTree] = (),
    fetch: Fetch,
    exclude: Sequence[str] = (),
    layouts: Sequence[str] = (),
    history: Iterable[Commit] = (),
    cache: Cache | None = None,
    sha256: bool = False,
    held: Held | None = None,
    again: Again | None = None,
) -> Reading:
    """The documents of every place.

    ``fetch`` gives the committed blobs that were not met on disk, in one call. ``exclude`` are folders and
    globs without documents, ``layouts`` the ids to look for (none = all), ``history`` commits of the base:
    a work tree that still has what the base had once says nothing new. ``held`` is what an earlier look left.
    ``again``: only these documents, in places without links that were read before.
    """
    links = {} if again else _links(rulebook, layouts, worktrees)
    matcher = PathMatcher(rulebook, exclude=exclude, layouts=layouts, links=links)
    held = Held() if held is None else held
    held.ask((rulebook.digest, tuple(exclude), tuple(layouts), tuple(sorted(links.items()))))
    reader = _Reader(rulebook, matcher, {} if cache is None else cache, held, sha256=sha256, again=again)
    for tree in (*branches, *((base,) if base else ())):
        reader.see_tree(tree)
    for work in worktrees:
        own = [tree.files for tree in branches if tree.name == work.branch]
        reader.see_disk(work, [*own, *([base.files] if base else []), work.head], history)
    reader.fetch_missing(fetch)
    documents = reader.documents(strength_of(base, branches, worktrees))
    found = {document.layout for document in documents}
    return Reading(
        documents,
        places_of(documents, base, branches, worktrees),
        tuple(layout.id for layout in rulebook.layouts if layout.id in found),
        tuple(sorted({*reader.problems, *matcher.problems})),
        tuple(reader.disks),
        reader.plain and not links,
    )


def _links(rulebook: Rulebook, layouts: Sequence[str], worktrees: Sequence[WorkTree]) -> dict[str, str]:
    """Folder -> the root of a layout that is a link to it."""
    roots = PathMatcher(rulebook, layouts=layouts).roots
    return {folder: root for work in reversed(worktrees) for folder, root in disk.linked_roots(work.path, roots)}


class _Reader:
    """Collects (path, blob) pairs with the places that have them, and the text of each pair once."""

    def __init__(
        self, rulebook: Rulebook, matcher: PathMatcher, cache: Cache, held: Held, *, sha256: bool, again: Again | None
    ) -> None:
        self._rulebook = rulebook
        self._matcher = matcher
        self._cache = cache
        self._held = held
        self._matches: dict[str, Match] = {}
        self._seen: dict[Key, set[str]] = defaultdict(set)
        self._texts: dict[Key, Text] = {}
        self._least = {layout.id: layout.at_least for layout in rulebook.layouts}
        self._past: Mapping[str, Collection[BlobId]] | None = again.past if again else None
        self._sha256 = sha256
        self._again = again
        self.problems: set[Problem] = set()
        self.disks: list[Disk] = []
        self.plain = True

    def _match(self, path: str) -> Match | None:
        known = self._matches.get(path)
        if known is None and (known := self._would_match(path)):
            self._matches[path] = known
        return known

    def _would_match(self, path: str) -> Match | None:
        """As ``_match``, for a path that may be nowhere any more: its folder is not looked into for it."""
        return self._held.matches.get(path) or self._matcher.match(path)

    # -- committed files

    def see_tree(self, tree: Tree) -> None:
        for path, blob in tree.files.items():
            if self._match(path):
                self._seen[path, blob].add(tree.name)

    def fetch_missing(self, fetch: Fetch) -> None:
        """Texts of everything that no disk had."""
        wanted: list[Key] = []
        for key in sorted(self._seen.keys() - self._texts.keys()):
            text = self._cache.get(self._cache_key(key))
            if text is None:
                wanted.append(key)
            else:
                self._texts[key] = text
        contents = fetch(sorted({blob for _, blob in wanted})) if wanted else {}
        for path, blob in wanted:
            data = contents.get(blob)
            why = f"blob {blob[:7]} is missing, damaged or very large"
            problem = Problem("unreadable", why, path) if data is None else None
            self._note((path, blob), disk.FileOnDisk(data, blob, problem))

    # -- files on disk

    def see_disk(self, work: WorkTree, committed: Sequence[Mapping[str, BlobId]], history: Iterable[Commit]) -> None:
        files: dict[str, tuple[int, ...]] = {}
        others: list[str] = []
        asked = self._roots()
        for path in self._again.files.get(work.path, ()) if self._again else self._walk(work, asked):
            if self._match(path):
                found = self._held.known(work.path, path)
                if found and self._see_file(work, path, found, committed, history):
                    files[path] = found.signature
                else:
                    found = self._held.read(work.path, path, sha256=self._sha256)
                    self._see_file(work, path, found, committed, history)
                    files[path] = self._held.signature(work.path, path)
                self.plain = self.plain and not (found.linked or found.problem)
            else:
                others.append(path)
        self.disks.append(Disk(work.path, asked, files, frozenset(others)))

    def _walk(self, work: WorkTree, asked: Sequence[str]) -> Iterator[str]:
        problems: set[Problem] = set()
        roots, links = disk.open_roots(work.path, asked)
        yield from disk.walk(work.path, roots, problems)
        self.problems.update(links, problems)
        self.plain = self.plain and not (links or problems)

    def _see_file(
        self,
        work: WorkTree,
        path: str,
        found: disk.FileOnDisk,
        committed: Sequence[Mapping[str, BlobId]],
        history: Iterable[Commit],
    ) -> bool:
        """Take in what a work tree has at a path. False, and nothing is done, when it takes the bytes to tell."""
        known = {files[path] for files in committed if path in files}
        blob = self._committed_as(found, known)
        if blob is None and found.problem and (known or found.odd):
            self.problems.add(found.problem)
            return True
        key = (path, found.blob if blob is None else blob)
        text = self._texts.get(key)
        if text is None and not found.is_read:
            text = self._cache.get(self._cache_key(key))
            if text is None:
                return False
        if blob is None and self._is_news(path, found.blob, work, is_known=bool(known), history=history):
            self._seen[key].add(f"worktree:{work.label}")
        if key in self._seen:
            self._note(key, found, text)
        return True

    def _roots(self) -> tuple[str, ...]:
        """Folders to look into: those of the layouts, and those where documents are committed."""
        roots = set(self._matcher.roots)
        if self._matcher.looks_anywhere:
            roots |= {path.rpartition("/")[0] for path in self._matches if "/" in path}
        return tuple(sorted(root for root in roots if not _parents(root) & roots))

    def _is_news(self, path: str, blob: BlobId, work: WorkTree, *, is_known: bool, history: Iterable[Commit]) -> bool:
        """Not merely what the base had when this work tree was made."""
        if is_known and work.changed and path not in work.changed:
            return False
        return blob not in self._blobs_once_at(path, history)

    def _committed_as(self, found: disk.FileOnDisk, known: set[BlobId]) -> BlobId | None:
        """The committed blob that this content is, line ends aside."""
        if found.blob in known:
            return found.blob
        return found.lf if found.lf in known else None

    def _blobs_once_at(self, path: str, history: Iterable[Commit]) -> Collection[BlobId]:
        """What the base once had at a path; gathered when it is first asked for."""
        if self._past is None:
            self._past = self._held.past(history, lambda: past_of(history, self._would_match))
        return self._past.get(path, ())

    # -- texts

    def _note(self, key: Key, found: disk.FileOnDisk, text: Text | None = None) -> None:
        if found.problem:
            self.problems.add(found.problem)
        if key not in self._texts:
            self._texts[key] = self._text(key, found) if text is None else text

    def _text(self, key: Key, found: disk.FileOnDisk) -> Text:
        if found.problem:
            return Text(problems=(found.problem,))
        text = None if found.linked else self._cache.get(self._cache_key(key))
        if text is None:
            assert found.data is not None  # see _see_file
            text = parse(key[0], found.data, self._matches[key[0]], self._rulebook)
            if not found.linked:  # its target may change and leave the blob as it is
                self._cache[self._cache_key(key)] = text
        return text

    def _cache_key(self, key: Key) -> TextKey:
        return TextKey(*key, self._matches[key[0]].stage)

    def documents(self, order: Mapping[str, int]) -> tuple[Document, ...]:
        """All of them, but not those in folders with too few of their layout."""
        counts = {} if self._again else self._counts()
        found = []
        for key, places in self._seen.items():
            match = self._matches[key[0]]
            if self._again or self._is_meant(key[0], counts):
                text = self._texts.get(key, Text())
                self.problems.update(text.problems)
                seen = tuple(sorted(places, key=lambda name: (order.get(name, 0), name)))
                found.append(self._held.document(key, text, seen) or _document(key, match, text, seen))
        if not self._again:
            self._held.keep(found, self._matches)
        return sort_documents(found, order)

    def _is_meant(self, path: str, counts: Mapping[tuple[str, str], int]) -> bool:
        """Whether a folder has enough documents of its layout for them to be meant as such."""
        layout = self._matches[path].layout
        return counts[layout, path.rpartition("/")[0]] >= self._least[layout]

    def _counts(self) -> Counter[tuple[str, str]]:
        paths = {path for path, _ in self._seen}
        return Counter((self._matches[path].layout, path.rpartition("/")[0]) for path in paths)


def past_of(history: Iterable[Commit], is_wanted: Callable[[str], object]) -> dict[str, set[BlobId]]:
    """Path -> every content that the base's commits put there or took away."""
    past: dict[str, set[BlobId]] = defaultdict(set)
    wanted: dict[str, bool] = {}
    for commit in history:
        for change in commit.changes:
            if change.path not in wanted:
                wanted[change.path] = bool(is_wanted(change.path))
            if wanted[change.path]:
                past[change.path].update((change.old, change.new))
    return past


def _parents(folder: str) -> set[str]:
    parts = folder.split("/")
    return {"/".join(parts[:n]) for n in range(1, len(parts))}


def _document(key: Key, match: Match, text: Text, seen: tuple[str, ...]) -> Document:
    return Document(
        path=key[0],
        blob=key[1],
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

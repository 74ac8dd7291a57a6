"""Which workstream a row of a foreign source is: by id, alias, branch, artifact, or the words of its title."""

from collections import Counter, defaultdict
from collections.abc import Collection, Iterable, Mapping

from reconciler.coordination.imports.rows import Row
from reconciler.coordination.imports.wording import stems, words
from reconciler.coordination.slugs import clean_id
from reconciler.frozen import frozen
from reconciler.model import Document, Intent, Workstream

# how much each way of naming says; what git names outweighs what was typed
_WEIGHT = {"imported before": 20, "branch": 4, "id": 3, "also named": 3, "artifact": 3}
_ENOUGH_WORDS = 2  # of a title, to be told by its words
_TOO_MANY = 50  # workstreams of one title: it says nothing
_ENOUGH_INSIDE = 3  # of a title that stands within another


@frozen
class Match:
    """The workstream that a row is, and how that is known."""

    id: str
    why: str


class Known:
    """Everything by which a workstream can be recognised; grows by each row that is taken."""

    def __init__(
        self, workstreams: Iterable[Workstream], intents: Iterable[Intent], documents: Iterable[Document] = ()
    ) -> None:
        self.parents: dict[str, str] = {}
        self._ids: dict[str, str] = {}
        self._aliases: dict[str, set[str]] = defaultdict(set)
        self._branches: dict[str, set[str]] = defaultdict(set)
        self._paths: dict[str, str] = {}
        self._files: dict[str, set[str]] = defaultdict(set)
        self._titles: dict[tuple[str, ...], set[str]] = defaultdict(set)
        self._stems: dict[frozenset[str], set[str]] = defaultdict(set)
        self._lines: dict[str, set[str]] = defaultdict(set)
        self._before: dict[str, str] = {}
        self._sources: dict[str, set[str]] = defaultdict(set)
        for stream in workstreams:
            self._learn_workstream(stream)
        for intent in intents:
            self._learn_intent(intent)
        self._links = _links(documents, self._paths)

    def find(self, name: str) -> str:
        """The id that a name means, "" when none or several can be meant."""
        key = clean_id(name)
        return self._ids.get(key) or _only(self._aliases.get(key)) or self._by_file(name)

    def is_taken(self, name: str) -> bool:
        return name in self._ids or name in self._aliases

    def is_id(self, name: str) -> bool:
        return name in self._ids

    def match(
        self, row: Row, *, source: str, parent: str = "", not_its_own: frozenset[str] = frozenset()
    ) -> Match | None:
        """The workstream that ``row`` is. ``not_its_own`` are artifacts that belong to its parent."""
        votes = Counter[str]()
        reasons: dict[str, list[str]] = defaultdict(list)
        for target, why in self._named(row, parent, not_its_own):
            if target and why not in reasons[target]:
                votes[target] += _WEIGHT[why]
                reasons[target].append(why)
        if votes:
            best = max(votes, key=lambda target: (votes[target], "id" in reasons[target], target))
            return Match(best, ", ".join(reasons[best]))
        return self._by_title(row, source, parent) or self._by_plan(row, not_its_own)

    def learn(self, id: str, row: Row, *, source: str, parent: str = "") -> None:
        """Remember that ``row`` is this workstream."""
        if not row.text and (key := clean_id(row.key)) and key != id:
            self._aliases[key].add(id)
        self._ids.setdefault(id, id)
        self.parents.setdefault(id, parent)
        self._title(id, row.title)
        self._sources[id].add(source)

    # -- below: learning

    def _learn_workstream(self, stream: Workstream) -> None:
        id = str(stream.id)
        self._ids[id] = id
        self.parents[id] = str(stream.parent or "")
        for alias in stream.aliases:
            self._aliases[clean_id(alias)].add(id)
        if stream.branch:
            self._branches[stream.branch].add(id)
        self._title(id, stream.title)
        for document in stream.documents:
            if not document.shared:
                self._paths[document.path] = id
                self._files[_file(document.path)].add(id)

    def _learn_intent(self, intent: Intent) -> None:
        id = self._ids.get(str(intent.id)) or next((i for a in intent.aliases if (i := self.find(a))), str(intent.id))
        for key, _ in intent.recorded:
            self._before[key] = id
        for line in intent.notes.splitlines():
            if line.strip():
                self._lines[line.rstrip()].add(id)

    def _title(self, id: str, title: str) -> None:
        self._titles[words(title)].add(id)
        if len(about := stems(title)) >= _ENOUGH_WORDS:
            self._stems[about].add(id)

    # -- below: recognising

    def _named(self, row: Row, parent: str, not_its_own: frozenset[str]) -> Iterable[tuple[str, str]]:
        if row.text:
            yield self._by_line(row.text, parent), "imported before"
            for label in row.phase_labels:
                yield self.find(f"{parent}/phase-{label}"), "id"
        else:
            yield self._before.get(row.key, ""), "imported before"
            key = clean_id(row.key)
            yield self._ids.get(key, ""), "id"
            yield _only(self._aliases.get(key)), "also named"
        if row.branch:
            yield _only(self._branches.get(row.branch)), "branch"
        for path in row.artifacts:
            if path not in not_its_own:
                yield self._by_file(path), "artifact"

    def _by_line(self, text: str, parent: str) -> str:
        """The workstream whose notes have this line: the same words can stand below several parents."""
        ids = self._lines.get(text, set())
        return _only(i for i in ids if self.parents.get(i, "") == parent) or _only(
            i for i in ids if not self.parents.get(i, "")
        )

    def _by_file(self, name: str) -> str:
        if name in self._paths:
            return self._paths[name]
        return _only(self._files.get(_file(name))) if "/" in name or "-" in name else ""

    def _by_title(self, row: Row, source: str, parent: str) -> Match | None:
        """Two rows of one structured source are never one only for their title; two lines of a text can be."""
        same = self._candidates(self._titles.get(words(row.title), ()), "" if row.text else source)
        one = _only(i for i in same if not parent or self.parents.get(i, "") == parent) if words(row.title) else ""
        if one:
            return Match(one, "same title")
        alike = self._candidates(self._stems.get(stems(row.title), ()), source)
        one = _only(i for i in alike if not parent or self.parents.get(i, "") in ("", parent))
        return Match(one, "same words in the title") if one else None

    def _candidates(self, ids: Collection[str], source: str) -> list[str]:
        if len(ids) > _TOO_MANY:
            return []
        return [id for id in ids if not source or source not in self._sources.get(id, ())]

    def _by_plan(self, row: Row, not_its_own: frozenset[str]) -> Match | None:
        """A part of a plan: the one workstream that names this plan and whose title stands within the row's."""
        about = stems(row.title)
        found = set()
        for path in not_its_own & set(row.artifacts):
            for id, title in self._links.get(_file(path), ()):
                if len(title) >= _ENOUGH_INSIDE and title <= about and id != self._by_file(path):
                    found.add(id)
        one = _only(found)
        return Match(one, "title, and it names the same plan") if one else None


def _links(
    documents: Iterable[Document], owners: Mapping[str, str]
) -> dict[str, tuple[tuple[str, frozenset[str]], ...]]:
    """File name of a document -> (workstream, stems of its plan's title) of those whose plans name it."""
    found: dict[str, dict[str, frozenset[str]]] = defaultdict(dict)
    for document in documents:
        if document.stage == "plan" and document.path in owners:
            for link in document.text.links:
                found[_file(link.target)][owners[document.path]] = stems(document.text.title)
    return {name: tuple(sorted(entries.items())) for name, entries in found.items()}


def _file(path: str) -> str:
    return path.rstrip("/").rpartition("/")[2].removesuffix(".md").lower()


def _only(ids: Iterable[str] | None) -> str:
    found = set(ids or ())
    return found.pop() if len(found) == 1 else ""

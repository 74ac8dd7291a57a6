"""Edges between workstreams from what documents and intents say; what resolves to nothing is no edge."""

import posixpath
import re
import shlex
from collections import defaultdict
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import field, replace

from reconciler.derive.groups import Group
from reconciler.derive.references import NameIndex, PathIndex
from reconciler.frozen import frozen
from reconciler.model import DependencyText, Problem, Relation, WorkstreamId

_NUMBERED = re.compile(
    r"\b(?:milestones?|features?|specs?|changes?|epics?)\s+#?(\d{1,4})(?:\s*(?:-|–|to)\s*(\d{1,4}))?\b"
    r"|(?:^\W{0,3}|[,/&(]\s*|\b(?:on|after|and|or|needs|requires)\s+|(?<![\w#.\-])(?=\d{3}[/ ]US\d))"
    r"(\d{3})(?:/[A-Z]+\d+)?(?![\w.])",
    re.IGNORECASE,
)
_PART = re.compile(r"(\d{1,6}(?:\.\d+)?-\d{2})-[A-Z]+\.md\Z")  # one of the plans of a phase, "01-02-PLAN.md"
_QUOTED = re.compile(r"`([^`\n]{2,200})`|\[\[([^\]\n]{2,200})\]\]|\[[^\]\n]*\]\(([^)\n]{2,300})\)")
_PATH = re.compile(r"[\w./@\\-]*\d{4}-\d{2}-\d{2}-[\w.-]+|[\w./@\\-]+/[\w./-]+\.md")
_STRENGTH = {"parent": 0, "blocks": 1, "conflicts": 2, "informs": 3}


@frozen
class Edges:
    """Relations of each workstream, sorted, and the front matter ids that mean nobody."""

    relations: dict[str, tuple[Relation, ...]]
    problems: tuple[Problem, ...]
    resolver: "Resolver" = field(compare=False)


Named = dict[tuple[str, str], Relation]  # (source, target) -> the strongest relation between them


def find_relations(groups: Sequence[Group]) -> Edges:
    """All edges between ``groups``; the strongest type for each pair, with its source and words."""
    resolver = Resolver(map(bearer_of, groups))
    found: Named = {}
    problems: list[Problem] = []
    for group in groups:
        problems += name_relations(group, resolver, found)
    relations: dict[str, list[Relation]] = defaultdict(list)
    for (source, _), relation in sorted(found.items()):
        relations[source].append(relation)
    return Edges({k: tuple(v) for k, v in relations.items()}, tuple(sorted(set(problems))), resolver)


def name_relations(group: Group, resolver: "Resolver", found: Named) -> list[Problem]:
    """Add to ``found`` what one group says of itself and others; returns what it says that means nobody."""
    problems: list[Problem] = []
    above = resolver.above
    for path, item in _texts(group):
        targets = resolver.resolve(item, path)
        is_stray = item.origin == "frontmatter" and item.relation != "informs"
        if not targets and is_stray and not resolver.is_own_part(item, group.id):
            problems.append(_unresolved(group.id, path, item))
        for target in targets:
            source, end = (target, group.id) if item.reverse else (group.id, target)
            if source == end and is_stray:
                problems.append(_unresolved(group.id, path, item, "names the workstream itself"))
            if source != end and not _is_kin(source, end, above):
                words = item.reason or item.text
                _keep(found, source, Relation(WorkstreamId(end), item.relation, f"{path}:{item.line}", words))
    for member in group.shared:
        owner = resolver.owner.get(member.document.path)
        leans = member.why.startswith("named in")  # one in a list of references is only listed
        if owner and owner != group.id and leans and not _is_kin(group.id, owner, above):
            _keep(found, group.id, Relation(WorkstreamId(owner), "informs", member.document.path, member.why))
    if group.parent:
        _keep(found, group.id, Relation(WorkstreamId(group.parent), "parent", group.parent_why, "parent"))
    return problems


def find_again(edges: Edges, before: Sequence[Group], groups: Sequence[Group]) -> Edges | None:
    """The edges between ``groups``, the same at a later time; None when they lead elsewhere than ``before``."""
    relations = edges.relations
    for old, new in zip(before, groups, strict=True):
        own = relations.get(old.id, ())
        found = name_again(own, old, new, lambda: edges.resolver)
        if found is None:
            return None
        if found is not own:
            relations = {**relations, old.id: found}
    return edges if relations is edges.relations else replace(edges, relations=relations)


def name_again(
    relations: tuple[Relation, ...], old: Group, new: Group, resolver: Callable[[], "Resolver"]
) -> tuple[Relation, ...] | None:
    """The relations of a group at a later time; None when they lead elsewhere, or others are told more by it.

    What others say of it stays: between two that say the same of a pair, the names of their documents decide.
    """
    if _says_the_same(old, new):
        return relations
    said, says = Named(), Named()
    problems = [name_relations(group, resolver(), found) for group, found in ((old, said), (new, says))]
    others = [{pair: r for pair, r in found.items() if pair[0] != new.id} for found in (said, says)]
    types = [{pair: r.type for pair, r in found.items()} for found in (said, says)]
    if any(problems) or others[0] != others[1] or types[0] != types[1]:
        return None
    own = {relation: says[pair] for pair, relation in said.items() if pair[0] == new.id}
    return tuple(own.get(relation, relation) for relation in relations)


def _says_the_same(one: Group, other: Group) -> bool:
    """Do both, the same group at two times, name the same relations in the same places?"""
    return one is other or (
        list(_texts(one)) == list(_texts(other))
        and one.parent_why == other.parent_why
        and [m.why for m in one.shared] == [m.why for m in other.shared]
    )


def _texts(group: Group) -> Iterator[tuple[str, DependencyText]]:
    for document in group.documents:
        for item in document.text.dependencies:
            mention = item.origin == "prose" and item.relation == "informs"
            if item.relation != "parent" and not mention:  # a mention is a suggestion, never an edge
                yield document.path, item
    if group.intent:
        for item in group.intent.dependencies:
            yield group.intent.path, item


def _keep(found: Named, source: str, relation: Relation) -> None:
    key = (source, relation.target)
    old = found.get(key)
    if old is None or (_STRENGTH[relation.type], relation.source) < (_STRENGTH[old.type], old.source):
        found[key] = relation


def _is_kin(source: str, target: str, above: Mapping[str, str | None]) -> bool:
    """Is one the ancestor of the other? A family is told by parents, not by dependencies."""
    return source in _line(target, above) or target in _line(source, above)


def _line(start: str, above: Mapping[str, str | None]) -> set[str]:
    seen: set[str] = set()
    step = above.get(start)
    while step is not None and step not in seen:
        seen.add(step)
        step = above.get(step)
    return seen


def _unresolved(owner: str, path: str, item: DependencyText, why: str = "names no workstream") -> Problem:
    message = f'{item.relation} "{item.text[:80]}" {why}'
    return Problem(
        "unknown-dependency", message, path, item.line, hint=f"swarm show {shlex.quote(owner)}", workstream=owner
    )


@frozen
class Bearer:
    """What a text can mean a workstream by."""

    id: str
    names: tuple[str, ...]
    titles: tuple[str, ...]
    documents: tuple[str, ...]  # paths
    intent: str  # its path; "" when there is none
    numbers: tuple[int, ...]  # of its folders
    parent: str | None


def bearer_of(group: Group) -> Bearer:
    """The names of one group."""
    titles = dict.fromkeys([group.title, *(d.text.title for d in group.documents if d.stage in ("plan", "spec"))])
    numbers = (int(d.number) for d in group.documents if d.folder and d.number.isdigit())
    return Bearer(
        id=group.id,
        names=(group.id, *group.aliases),
        titles=tuple(titles),
        documents=tuple(d.path for d in group.documents),
        intent=group.intent.path if group.intent else "",
        numbers=tuple(dict.fromkeys(numbers)),
        parent=group.parent,
    )


class Resolver:
    """Finds the workstreams that a text means, among those that bear the names."""

    def __init__(self, bearers: Iterable[Bearer]) -> None:
        self.owner: dict[str, str] = {}
        self.above: dict[str, str | None] = {}
        self._names = NameIndex()
        self._numbers: dict[int, set[str]] = defaultdict(set)
        self._branch_numbers: dict[int, set[str]] = defaultdict(set)
        self._parts: dict[str, set[str]] = defaultdict(set)
        intents: dict[str, str] = {}
        for bearer in bearers:
            self._add(bearer, intents)
        self.owner.update(intents)
        self._paths = PathIndex(self.owner)
        for path, owner in self.owner.items():
            if part := _PART.match(posixpath.basename(path)):
                self._parts[part[1]].add(owner)

    def _add(self, bearer: Bearer, intents: dict[str, str]) -> None:
        name = bearer.id
        self.above[name] = bearer.parent
        self._names.add(name, names=bearer.names, titles=bearer.titles)
        self.owner.update((path, name) for path in bearer.documents)
        if bearer.intent:
            intents[bearer.intent] = name
        for number in bearer.numbers:
            self._numbers[number].add(name)
        head = name.partition("-")[0]
        if not bearer.documents and head.isdigit() and len(head) == 3:
            self._branch_numbers[int(head)].add(name)

    def is_own_part(self, item: DependencyText, owner: str) -> bool:
        """Whether it names a document of the workstream itself: "01-01" for 01-01-PLAN.md."""
        return owner in self._parts.get(item.text.strip(), ())

    def resolve(self, item: DependencyText, path: str) -> tuple[str, ...]:
        """The workstreams that one item names, sorted; nothing when it is not sure."""
        if item.origin == "frontmatter" and self.is_own_part(item, self.owner.get(path, "")):
            return ()
        whole = self._one(item.text, path)
        if whole:
            return (whole,)
        found = {self._one(text, path) for text in self._candidates(item)}
        found |= set(self._numbered(item))
        return tuple(sorted(f for f in found if f))

    def _one(self, text: str, path: str) -> str | None:
        if len(owners := self._parts.get(text.strip(), set())) == 1:
            return next(iter(owners))
        if name := self._names.find(text):
            return name
        found = self._paths.find(text, at=path) if "/" in text or text.endswith(".md") else None
        return self.owner[found] if found else None

    def _candidates(self, item: DependencyText) -> Iterable[str]:
        for match in _QUOTED.finditer(item.text):
            yield next(g for g in match.groups() if g)
        for match in _PATH.finditer(item.text):
            yield match[0]
        if item.origin in ("frontmatter", "head", "list", "table"):
            yield re.split(r"\s+[-–—(:]\s*|\s*[(:]", item.text, maxsplit=1)[0]

    def _numbered(self, item: DependencyText) -> Iterator[str]:
        for first, last, bare in _NUMBERED.findall(item.text):
            low = int(first or bare)
            high = int(last) if last else low
            for number in range(low, high + 1 if 0 <= high - low <= 50 else low + 1):
                owners = self._numbers.get(number) or self._branch_numbers.get(number, set())
                if len(owners) == 1:
                    yield from owners

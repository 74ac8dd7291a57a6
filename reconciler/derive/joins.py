"""Which documents belong together, strongest reason first (docs/explanation/grouping.md)."""

from collections import defaultdict
from collections.abc import Iterable, Sequence

from reconciler.derive.names import BranchNames, phase_key
from reconciler.derive.references import PathIndex, plain_title, slugify
from reconciler.model import Document, Link
from reconciler.policy import Rulebook

PRIMARY = ("plan", "spec", "research")
_IDENTITY = ("feature", "workstream", "id", "feature-id", "change-id")
_HEADER_LINKS = ("plan", "research", "spec", "design", "validation", "review", "checkpoint", "ticket")


class Unions:
    """Disjoint sets of document paths and of the names that tie them (``slug:x``, ``branch:y``)."""

    def __init__(self) -> None:
        self._parent: dict[str, str] = {}
        self.why: dict[str, str] = {}

    def find(self, node: str) -> str:
        root = node
        while (above := self._parent.setdefault(root, root)) != root:
            root = above
        while self._parent[node] != root:
            self._parent[node], node = root, self._parent[node]
        return root

    def join(self, node: str, other: str, why: str) -> None:
        left, right = self.find(node), self.find(other)
        if left != right:
            self._parent[max(left, right)] = min(left, right)
        self.why.setdefault(node, why)

    def same(self, node: str, other: str) -> bool:
        return self.find(node) == self.find(other)


class Joiner:
    """Joins documents, one path each, into sets; :attr:`shared` lists who leans on whose research."""

    def __init__(self, documents: Sequence[Document], rulebook: Rulebook, names: BranchNames) -> None:
        self.documents = documents
        self.by_path = {d.path: d for d in documents}
        self.paths = PathIndex(self.by_path)
        self.sets = Unions()
        self.shared: dict[str, dict[str, str]] = defaultdict(dict)  # research path -> plan path -> how it is named
        self._names = names
        self._rulebook = rulebook
        self._primary_slugs = {slug_node(d) for d in documents if d.stage in PRIMARY}
        self._titles = _unique_titles(documents)

    def run(self) -> list[list[Document]]:
        """Sets of documents, each sorted by path, in a stable order."""
        for document in self.documents:
            self._identify(document)
        for document in self.documents:
            if not document.folder and document.stage not in PRIMARY:
                self._attach(document)
        for document in self.documents:
            if document.stage == "research":
                self._claimed_by_header(document)
        self._give_research_to_plans()
        self._join_tickets()
        groups: dict[str, list[Document]] = defaultdict(list)
        for document in self.documents:
            groups[self.sets.find(document.path)].append(document)
        return [sorted(group, key=lambda d: d.path) for _, group in sorted(groups.items())]

    # -- identity: folder, explicit id, slug

    def _identify(self, document: Document) -> None:
        if document.folder:
            self.sets.join(document.path, f"folder:{document.folder}", f"in {document.folder}/")
            self.sets.join(f"folder:{document.folder}", slug_node(document), "folder name")
        for field in document.text.fields:
            if field.origin == "frontmatter" and field.name in _IDENTITY and (name := slugify(field.value)):
                self.sets.join(document.path, f"slug:{name}#", f"{field.name}: at {document.path}:{field.line}")
                return
        if not document.folder and document.stage in PRIMARY:
            self.sets.join(document.path, slug_node(document), "same slug")

    # -- checkpoints, validations, reviews

    def _attach(self, document: Document) -> None:
        for link, target in self._targets(document, "header:"):
            if target.stage in PRIMARY:
                name = link.context.partition(":")[2]
                self.sets.join(document.path, target.path, f"{name}: at {document.path}:{link.line}")
                return
        node, why = self._node_of_attachment(document)
        self.sets.join(document.path, node, why)

    def _node_of_attachment(self, document: Document) -> tuple[str, str]:
        for field in document.text.fields:
            if field.name == "branch" and (node := self._slug_of_branch(field.value)):
                return node, f"branch: at {document.path}:{field.line}"
        for node in (slug_node(document), f"slug:{document.slug}#"):
            if node in self._primary_slugs:
                return node, "same slug"
        if path := self._titles.get(plain_title(document.text.title)) or self._title_of_feature(document):
            return path, f"title at {document.path}"
        for context in ("related", "overview"):
            plans = {target.path for _, target in self._targets(document, context) if target.stage == "plan"}
            if len(plans) == 1:
                return plans.pop(), f"link in {document.path}"
        return f"slug:{document.slug}#", "same slug"

    def _slug_of_branch(self, value: str) -> str:
        slug, phase = self._names.parse(value)
        for node in (f"slug:{slug}#{phase}", f"slug:{slug}#"):
            if slug and node in self._primary_slugs:
                return node
        return ""

    def _title_of_feature(self, document: Document) -> str | None:
        for field in document.text.fields:
            if field.name == "feature" and (path := self._titles.get(plain_title(field.value))):
                return path
        return None

    # -- research

    def _claimed_by_header(self, document: Document) -> None:
        for link, target in self._targets(document, "header:"):
            if target.stage == "plan" and link.context == "header:plan":
                self.sets.join(document.path, target.path, f"plan: at {document.path}:{link.line}")

    def _give_research_to_plans(self) -> None:
        named: dict[str, dict[str, list[Document]]] = defaultdict(lambda: defaultdict(list))
        for plan in self.documents:
            if plan.stage not in ("plan", "spec"):
                continue
            for link, target in self._targets(plan, ""):
                if target.stage == "research" and not target.folder and link.context != "prose":
                    named[target.path][link.context.partition(":")[0]].append(plan)
        planned = {self.sets.find(d.path) for d in self.documents if d.stage in ("plan", "spec")}
        for path, contexts in sorted(named.items()):
            owner = self._owner(self.by_path[path], contexts) if self.sets.find(path) not in planned else None
            if owner is not None:
                self.sets.join(path, owner.path, "")
                self.sets.why[path] = f"named in {owner.path}"
            for context, plans in sorted(contexts.items(), reverse=True):
                for other in plans:
                    if not self.sets.same(path, other.path):
                        how = "listed in" if context == "related" else "named in"
                        self.shared[path][other.path] = min(how, self.shared[path].get(other.path, how), key=_surest)

    def _owner(self, research: Document, contexts: dict[str, list[Document]]) -> Document | None:
        everyone = [p for group in contexts.values() for p in group]
        for plans in (contexts.get("header", []), everyone):
            owners = {self.sets.find(p.path): p for p in plans}
            if len(owners) == 1:
                return next(iter(owners.values()))
        alike = {self.sets.find(p.path): p for p in everyone if _share_beginning(research.slug, p.slug)}
        return next(iter(alike.values())) if len(alike) == 1 else None

    def _join_tickets(self) -> None:
        """Weakest of all: what bears a ticket's key joins the one plan that bears it too. Keys are reused."""
        bearers: dict[str, list[Document]] = defaultdict(list)
        for document in self.documents:
            if not document.folder and _is_ticket(document.number):
                bearers[document.number.casefold()].append(document)
        planned = {self.sets.find(d.path) for d in self.documents if d.stage in ("plan", "spec")}
        for key, documents in sorted(bearers.items()):
            plans = {self.sets.find(d.path): d.path for d in documents if d.stage == "plan"}
            for document in documents if len(plans) == 1 else ():
                if self.sets.find(document.path) not in planned:
                    self.sets.join(document.path, next(iter(plans.values())), f"ticket {key}")
                    self.sets.why[document.path] = f"ticket {key}"

    def _targets(self, document: Document, context: str) -> Iterable[tuple[Link, Document]]:
        for link in document.text.links:
            if link.context.startswith(context):
                if context == "header:" and link.context.partition(":")[2] not in _HEADER_LINKS:
                    continue
                path = self.paths.find(link.target, at=document.path)
                if path is not None and path != document.path:
                    yield link, self.by_path[path]


def slug_node(document: Document) -> str:
    """The name that ties documents of one slug; a number in front keeps reused slugs apart."""
    if document.folder and document.number:
        return f"slug:{document.number}-{document.slug}#"
    return f"slug:{document.slug}#{phase_key(document.phase)}"


def _unique_titles(documents: Sequence[Document]) -> dict[str, str]:
    """Folded title -> path, for plans and specifications whose title nobody else bears."""
    owners: dict[str, set[str]] = defaultdict(set)
    for document in documents:
        title = plain_title(document.text.title)
        if document.stage == "plan" and title.count(" ") >= 1:
            owners[title].add(document.path)
    return {title: next(iter(paths)) for title, paths in owners.items() if len(paths) == 1}


def _is_ticket(number: str) -> bool:
    """A tracker's key such as "ENG-1234", not a bare number."""
    return bool(number) and not number.isdigit()


def _surest(how: str) -> bool:
    return how != "named in"


def _share_beginning(left: str, right: str) -> bool:
    a, b = left.split("-"), right.split("-")
    return len(a) >= 2 and len(b) >= 2 and a[:2] == b[:2]

"""Parents and children: phases with documents of their own, slices of an epic, declared parents."""

from collections.abc import Sequence
from dataclasses import replace

from reconciler.derive.grouping import chief
from reconciler.derive.groups import Group
from reconciler.derive.joins import PRIMARY
from reconciler.derive.names import phase_key
from reconciler.derive.references import NameIndex, PathIndex, plain_title, words
from reconciler.model import Document


def name_index(groups: Sequence[Group]) -> NameIndex:
    """Every name by which a text can mean a group."""
    index = NameIndex()
    for group in groups:
        titles = {group.title, *(d.text.title for d in group.documents if d.stage in ("plan", "spec"))}
        index.add(group.id, names=(group.id, *group.aliases), titles=titles)
    return index


def find_parents(groups: Sequence[Group]) -> tuple[Group, ...]:
    """The groups with their parents; phases of a parent get path-like ids. Sorted by id."""
    kin = _Kin(groups)
    found = {g.id: kin.parent_of(g) for g in groups}
    found = {child: parent for child, parent in found.items() if parent and not _is_above(child, parent[0], found)}
    new_ids = {g.id: _child_id(g, found.get(g.id), groups) for g in groups}
    result = []
    for group in groups:
        parent = found.get(group.id)
        name = new_ids[group.id]
        if parent is None and name == group.id:
            result.append(group)
            continue
        aliases = tuple(sorted({*group.aliases, group.id} - {name}))
        result.append(
            replace(
                group,
                id=name,
                aliases=aliases if name != group.id else group.aliases,
                parent=new_ids[parent[0]] if parent else None,
                parent_why=parent[1] if parent else "",
                phase=parent[2] if parent else "",
            )
        )
    return tuple(sorted(result, key=lambda g: g.id))


def _is_above(child: str, parent: str, found: dict[str, tuple[str, str, str] | None]) -> bool:
    """Would this parent close a circle? The smallest id of a circle loses its parent."""
    seen, above = {child}, parent
    while above not in seen:
        seen.add(above)
        step = found.get(above)
        if step is None:
            return False
        above = step[0]
    return above == child and child == min(seen)


class _Kin:
    def __init__(self, groups: Sequence[Group]) -> None:
        self._ids = {g.id: g for g in groups}
        self._names = name_index(groups)
        self._owner = {d.path: g.id for g in groups for d in g.documents}
        self._paths = PathIndex(self._owner)
        self._slugs: dict[str, str] = {}
        self._titles: dict[str, set[str]] = {}
        for group in groups:
            for document in group.documents:
                if document.stage in PRIMARY and not phase_key(document.phase):
                    self._slugs.setdefault(str(document.slug), group.id)
                    if len(words(document.text.title)) > 1:
                        title = " ".join(words(document.text.title))
                        self._titles.setdefault(title, set()).add(group.id)

    def parent_of(self, group: Group) -> tuple[str, str, str] | None:
        """(parent id, why, phase of the parent) or None."""
        return self._declared(group) or self._by_path_id(group) or self._by_phase(group)

    def _declared(self, group: Group) -> tuple[str, str, str] | None:
        if group.intent and group.intent.parent:
            parent = self._names.find(group.intent.parent)
            if parent and parent != group.id:
                return parent, f"parent: at {group.intent.path}", ""
        for document in group.documents:
            for item in document.text.dependencies:
                if item.relation == "parent":
                    path = self._paths.find(item.text, at=document.path)
                    parent = self._owner[path] if path else self._names.find(item.text)
                    if parent and parent != group.id:
                        return parent, f"{document.path}:{item.line}", _phase_of(document)
        return None

    def _by_path_id(self, group: Group) -> tuple[str, str, str] | None:
        above, _, last = group.id.rpartition("/")
        return (above, "id", last.removeprefix("phase-")) if above in self._ids else None

    def _by_phase(self, group: Group) -> tuple[str, str, str] | None:
        for document in sorted(group.documents, key=lambda d: (d.stage != "plan", d.path)):
            phase = phase_key(document.phase) or _title_phase(document.text.title)
            if document.stage not in PRIMARY or not phase or document.folder:
                continue
            parent = self._slugs.get(str(document.slug)) if phase_key(document.phase) else None
            parent = parent or self._by_title(document) or self._by_link(group, document)
            if parent and parent != group.id:
                return parent, f"phase {phase} of it, {document.path}", phase
        return None

    def _by_title(self, document: Document) -> str | None:
        owners = self._titles.get(plain_title(document.text.title), set())
        return next(iter(owners)) if len(owners) == 1 else None

    def _by_link(self, group: Group, document: Document) -> str | None:
        """The one plan without a phase that this one links, or that links this one."""
        linked = {
            self._owner[path]
            for link in document.text.links
            if link.context != "prose" and (path := self._paths.find(link.target, at=document.path))
        }
        linked |= {
            other
            for other, candidate in self._ids.items()
            for d in candidate.of_stage("plan")
            for link in d.text.links
            if link.context != "prose" and self._paths.find(link.target, at=d.path) == document.path
        }
        whole = {p for p in linked - {group.id} if self._ids[p].of_stage("plan") and not _phase_of_group(self._ids[p])}
        return next(iter(whole)) if len(whole) == 1 else None


def _phase_of(document: Document) -> str:
    return phase_key(document.phase) or _title_phase(document.text.title)


def _phase_of_group(group: Group) -> str:
    return _phase_of(chief(group.documents)) if group.documents else ""


def _title_phase(title: str) -> str:
    """ "2-3" of "Command Layer (Phases 2-3)"; "" when the title names no phase."""
    parts = words(title)
    for i, word in enumerate(parts[:-1]):
        if word in ("phase", "phases") and (parts[i + 1].isdigit() or len(parts[i + 1]) == 1):
            rest = [p for p in parts[i + 2 :] if p not in ("and", "to")]
            return f"{parts[i + 1]}-{rest[0]}" if word == "phases" and rest and rest[0].isdigit() else parts[i + 1]
    return ""


def _child_id(group: Group, parent: tuple[str, str, str] | None, groups: Sequence[Group]) -> str:
    if parent is None or "/" in group.id or not group.documents:
        return group.id
    head = chief(group.documents)
    above = next(g for g in groups if g.id == parent[0])
    slugs = {str(d.slug) for d in above.documents if d.stage in PRIMARY}
    if phase_key(head.phase) and str(head.slug) in slugs:
        return f"{above.id}/phase-{phase_key(head.phase)}"
    return group.id

"""From observed documents, branches and intents to groups: one for each workstream."""

from collections import defaultdict
from collections.abc import Iterable, Sequence
from dataclasses import replace

from reconciler.derive.groups import Group, Member
from reconciler.derive.joins import PRIMARY, Joiner
from reconciler.derive.lines import give_branches
from reconciler.derive.names import BranchNames, phase_key
from reconciler.derive.references import slugify, without_date, words
from reconciler.model import Document, Intent, Snapshot
from reconciler.policy import Rulebook

_STAGE_ORDER = ("plan", "spec", "research", "review", "validation", "checkpoint", "support")


def build_groups(snapshot: Snapshot, rulebook: Rulebook) -> tuple[Group, ...]:
    """Groups sorted by id, each with documents, branches, worktrees and intent; parents are found later."""
    names = BranchNames(rulebook)
    copies = _copies(snapshot)
    joiner = Joiner([speaker(c, snapshot) for _, c in sorted(copies.items())], rulebook, names)
    sets = [documents for documents in joiner.run() if _makes_a_workstream(documents)]
    groups = _named(sets, joiner, copies)
    groups = _with_shared(groups, joiner, copies)
    groups = _with_intents(groups, snapshot.intents)
    groups = give_branches(groups, snapshot, names)
    return tuple(sorted((let_own_copy_speak(g, snapshot) for g in groups), key=lambda g: g.id))


def _copies(snapshot: Snapshot) -> dict[str, list[Document]]:
    copies: dict[str, list[Document]] = defaultdict(list)
    for document in snapshot.documents:
        copies[document.path].append(document)
    return copies


def speaker(copies: Sequence[Document], snapshot: Snapshot) -> Document:
    """The copy that speaks while nothing is known of branches: the one on the base, else the strongest."""
    base = snapshot.base.branch if snapshot.base else ""
    return min(copies, key=lambda d: (base not in d.seen_in, d.seen_in, d.blob))


def _makes_a_workstream(documents: Sequence[Document]) -> bool:
    return any(d.stage != "support" for d in documents)


def chief(documents: Iterable[Document]) -> Document:
    """The document that names a group: its plan, else its specification, research, review …"""
    return min(
        documents,
        key=lambda d: (
            _STAGE_ORDER.index(d.stage),
            d.archived,
            phase_key(d.phase) != "",
            str(d.date),
            d.path,
        ),
    )


def _named(sets: Sequence[Sequence[Document]], joiner: Joiner, copies: dict[str, list[Document]]) -> list[Group]:
    groups: list[Group] = []
    taken: set[str] = set()
    for documents in sets:
        head = chief(documents)
        name = _own_id(documents) or _stem_id(head)
        name = _free(name, taken)
        taken.add(name)
        members = tuple(Member(d, tuple(copies[d.path]), joiner.sets.why.get(d.path, "same slug")) for d in documents)
        groups.append(Group(name, members, title=_title(head, documents), aliases=_aliases(documents, name)))
    return groups


def _own_id(documents: Sequence[Document]) -> str:
    for document in sorted(documents, key=lambda d: (_STAGE_ORDER.index(d.stage), d.path)):
        for field in document.text.fields:
            if field.origin == "frontmatter" and field.name in ("feature", "workstream", "id"):
                parts = [slugify(part) for part in field.value.split("/")]
                if all(parts) and not parts[-1].isdigit() and len(field.value) <= 80:
                    return "/".join(parts)
    return ""


def _stem_id(head: Document) -> str:
    if head.folder:
        dateless = head.stem if head.number else without_date(head.stem)  # a number of eight digits is no date
        return slugify(dateless) or slugify(head.stem) or "unnamed"
    phase = phase_key(head.phase) if head.stage in PRIMARY else ""
    return f"{head.slug}-phase-{phase}" if phase else str(head.slug) or "unnamed"


def _free(name: str, taken: set[str]) -> str:
    candidate, count = name, 1
    while candidate in taken:
        count += 1
        candidate = f"{name}-{count}"
    return candidate


def _title(head: Document, documents: Sequence[Document]) -> str:
    speaking = (head, *(d for d in documents if d.stage in PRIMARY or not head.folder))
    titles = [d.text.title for d in speaking if d.text.title]
    name = set(words(head.slug.replace("-", " ")))
    alike = [title for title in titles if name & set(words(title))] if head.folder else []
    return next(iter(alike or titles), head.slug.replace("-", " "))


def _aliases(documents: Sequence[Document], name: str) -> tuple[str, ...]:
    found: set[str] = set()
    for document in documents:
        if document.stage in PRIMARY or document.folder:
            found.add(slugify(without_date(document.stem)))
            if not phase_key(document.phase):
                found.add(str(document.slug))
        if document.folder and document.number:
            found.add(document.number)
        if document.stage in PRIMARY and document.number and not document.folder:
            found.add(f"{name}-{document.slug}")  # a branch "task-7-sow-seeds" of the task with the id "task-7"
    return tuple(sorted(a for a in found if a and a != name))


def _with_shared(groups: list[Group], joiner: Joiner, copies: dict[str, list[Document]]) -> list[Group]:
    owner = {d.path: i for i, g in enumerate(groups) for d in g.documents}
    extra: dict[int, list[Member]] = defaultdict(list)
    for research, plans in sorted(joiner.shared.items()):
        for index in sorted({owner[p] for p in plans if p in owner} - {owner.get(research, -1)}):
            plan, how = min((p, how) for p, how in plans.items() if owner.get(p) == index)
            why = f"{how} {plan}"
            extra[index].append(Member(joiner.by_path[research], tuple(copies[research]), why))
    return [replace(g, shared=tuple(extra[i])) if i in extra else g for i, g in enumerate(groups)]


def _with_intents(groups: list[Group], intents: Sequence[Intent]) -> list[Group]:
    by_name: dict[str, int] = {}
    for position, group in enumerate(groups):
        for alias in group.aliases:
            by_name.setdefault(alias, position)
    by_name.update({g.id: i for i, g in enumerate(groups)})
    for intent in sorted(intents, key=lambda i: (i.id, i.path)):
        names = (intent.id, *intent.aliases, slugify(intent.id))  # "a/phase-2" is still "a-phase-2" here
        index: int | None = next((by_name[n] for n in names if n in by_name), None)
        if index is not None and groups[index].intent is None:
            group = groups[index]
            aliases = tuple(sorted({*group.aliases, *intent.aliases} - {group.id}))
            groups[index] = replace(group, intent=intent, title=intent.title or group.title, aliases=aliases)
        elif index is None:
            by_name[intent.id] = len(groups)
            groups.append(Group(intent.id, intent=intent, title=intent.title or intent.id, aliases=intent.aliases))
    return groups


def let_own_copy_speak(group: Group, snapshot: Snapshot) -> Group:
    """The copy in the feature's own worktree speaks first, then the one on its branch, then the base's."""
    own = [f"worktree:{w.name}" for w in group.worktrees] + [line.branch.name for line in group.lines]
    base = snapshot.base.branch if snapshot.base else ""
    edited = [f"worktree:{w.name}" for w in snapshot.worktrees if w.main and w.branch == base]
    order = {place: i for i, place in enumerate([*own, *edited, base])}

    def strength(document: Document) -> tuple[int, str, str]:
        return (
            min((order.get(p, len(order)) for p in document.seen_in), default=len(order)),
            str(document.seen_in),
            document.blob,
        )

    if all(len(m.copies) == 1 for m in group.members):
        return group
    members = tuple(replace(m, document=min(m.copies, key=strength)) for m in group.members)
    return replace(group, members=members)

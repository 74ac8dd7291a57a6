"""Which branch and which worktree serves which workstream."""

from collections import defaultdict
from collections.abc import Iterable, Sequence
from dataclasses import replace

from reconciler.derive.groups import Group, Line
from reconciler.derive.names import BranchNames, without_remote
from reconciler.derive.references import slugify, without_date
from reconciler.model import Branch, Landing, Snapshot, Worktree


class _Finder:
    def __init__(self, groups: Sequence[Group], names: BranchNames) -> None:
        self._names = names
        self._header: dict[str, tuple[int, str]] = {}
        self._slugs: dict[tuple[str, str], set[int]] = defaultdict(set)
        self._paths: dict[str, int] = {}
        self._numbers: dict[str, set[int]] = defaultdict(set)
        for index, group in enumerate(groups):
            self._index(index, group)

    def _index(self, index: int, group: Group) -> None:
        for name in (group.id, *group.aliases):
            self._slugs[self._names.cut_phase(name.replace("/", "-"))].add(index)
        for member in group.members:
            document = member.document
            self._paths.update({document.path: index})
            if document.folder and document.number:
                self._numbers[document.number].add(index)
            for field in document.text.fields:
                ran_elsewhere = document.stage == "research" and field.origin == "frontmatter"
                if field.name in ("branch", "feature-branch") and not ran_elsewhere:
                    name = field.value.strip("`'\" ").removeprefix("origin/")
                    self._header.setdefault(name, (index, f"branch: at {document.path}:{field.line}"))

    def find(self, name: str, branch: Branch | None) -> tuple[int, str] | None:
        """(group, why) for a branch name; the branch's own changes help when it still exists."""
        slug, phase = self._names.parse(name)
        for key in ((slug, phase), (slug, "")):
            owners = self._slugs.get(key, set())
            if slug and len(owners) == 1:
                return next(iter(owners)), "same slug"
        if name in self._header:
            return self._header[name]
        return self._by_content(branch, slug) if branch is not None else None

    def _by_content(self, branch: Branch, slug: str) -> tuple[int, str] | None:
        added, touched = set(), set()
        for change in branch.changes:
            if (index := self._paths.get(change.path)) is not None:
                touched.add(index)
                if not change.old.strip("0"):
                    added.add(index)
        if len(added) == 1:
            return added.pop(), "the branch brings its documents"
        number = slug.partition("-")[0]
        if number.isdigit() and len(owners := self._numbers[number] & touched) == 1:
            return owners.pop(), f"number {number}, and the branch edits its documents"
        return None


def give_branches(groups: list[Group], snapshot: Snapshot, names: BranchNames) -> list[Group]:
    """The groups with their branches, verdicts and worktrees; new groups for branches that nobody owns."""
    finder = _Finder(groups, names)
    verdicts = {landing.branch: landing for landing in snapshot.landings}
    trees = _worktrees_by_branch(snapshot)
    lines: dict[int, list[Line]] = defaultdict(list)
    alone: dict[str, list[Line]] = defaultdict(list)
    for branch in sorted(snapshot.branches, key=lambda b: b.name):
        if names.is_ignored(branch.name) or (snapshot.base and branch.name == snapshot.base.branch):
            continue
        verdict = verdicts.pop(branch.name, None)
        found = finder.find(branch.name, branch)
        if found:
            lines[found[0]].append(Line(branch, found[1], verdict))
        elif _has_work(branch, verdict, trees):
            alone[_own_name(branch.name, names)].append(Line(branch, "a branch without documents", verdict))
    gone = _vanished(verdicts.values(), finder)
    unread, lost = _unread(snapshot, finder, names)
    groups = [
        replace(
            g,
            lines=tuple(lines[i]),
            vanished=tuple(gone[i]),
            unread=unread.get(i, ()),
            aliases=_with_names(g, lines[i]),
        )
        if i in lines or i in gone or i in unread
        else g
        for i, g in enumerate(groups)
    ]
    taken = {g.id for g in groups}
    for name in sorted({*alone, *lost}):
        free = name if name not in taken else f"{name}-branch"
        group = Group(free, lines=tuple(alone.get(name, ())), unread=lost.get(name, ()), title=name.replace("-", " "))
        groups.append(group)
    return _with_worktrees(groups, snapshot, names)


def _has_work(branch: Branch, verdict: Landing | None, trees: dict[str, list[Worktree]]) -> bool:
    landed = verdict is not None and verdict.verdict in ("landed", "partial", "reverted")
    busy = any(not path.startswith(".swarm/") for tree in trees.get(branch.name, ()) for path in tree.changes)
    return bool(branch.own) or landed or busy


def _own_name(branch: str, names: BranchNames) -> str:
    slug, phase = names.parse(branch)
    name = slug or slugify(without_date(branch)) or "branch"
    return f"{name}-phase-{phase}" if phase else name


def _with_names(group: Group, lines: Sequence[Line]) -> tuple[str, ...]:
    return tuple(sorted({*group.aliases, *(line.branch.name for line in lines)}))


def _vanished(verdicts: Iterable[Landing], finder: _Finder) -> dict[int, list[Landing]]:
    gone: dict[int, list[Landing]] = defaultdict(list)
    for verdict in sorted(verdicts, key=lambda v: v.branch):
        if found := finder.find(verdict.branch, None):
            gone[found[0]].append(verdict)
    return gone


def _unread(
    snapshot: Snapshot, finder: _Finder, names: BranchNames
) -> tuple[dict[int, tuple[str, ...]], dict[str, tuple[str, ...]]]:
    """Refs that cannot be read, by group; and those that no group owns, by a name of their own.

    Another ref of the same branch that can be read speaks for it.
    """
    known = {branch.name for branch in snapshot.branches} | {snapshot.base.branch if snapshot.base else ""}
    owned: dict[int, tuple[str, ...]] = defaultdict(tuple)
    alone: dict[str, tuple[str, ...]] = defaultdict(tuple)
    for ref in sorted({p.path for p in snapshot.problems if p.code == "unreadable-ref"}):
        name = without_remote(ref)
        if name in known or names.is_ignored(name):
            continue
        if found := finder.find(name, None):
            owned[found[0]] += (ref,)
        else:
            alone[_own_name(name, names)] += (ref,)
    return owned, alone


def _worktrees_by_branch(snapshot: Snapshot) -> dict[str, list[Worktree]]:
    trees: dict[str, list[Worktree]] = defaultdict(list)
    for tree in snapshot.worktrees:
        trees[tree.branch].append(tree)
    return trees


def _with_worktrees(groups: list[Group], snapshot: Snapshot, names: BranchNames) -> list[Group]:
    by_branch = {line.branch.name: i for i, g in enumerate(groups) for line in g.lines}
    by_name = {name: i for i, g in enumerate(groups) for name in (*g.aliases, g.id)}
    given: dict[int, list[Worktree]] = defaultdict(list)
    for tree in sorted(snapshot.worktrees, key=lambda w: (not w.main, w.path)):
        if tree.main and (not tree.branch or (snapshot.base and tree.branch == snapshot.base.branch)):
            continue
        index = by_branch.get(tree.branch) if tree.branch else _by_folder(tree, by_name)
        if index is not None:
            given[index].append(tree)
    return [replace(g, worktrees=tuple(given[i])) if i in given else g for i, g in enumerate(groups)]


def _by_folder(tree: Worktree, by_name: dict[str, int]) -> int | None:
    """A detached worktree serves the workstream whose name ends its folder's name."""
    folder = slugify(tree.name)
    hits = [n for n in by_name if "-" in n and (folder == n or folder.endswith(f"-{n}"))]
    return by_name[max(hits, key=len)] if hits else None

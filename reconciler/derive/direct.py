"""Work that reached the base without a branch: direct commits, and the files that a plan promised.

The guards come from reading real histories: research alone never counts, a commit that touches documents
of three or more features proves little, the source files must be named in the plan, and a commit older
than the plan's own date cannot be its work (names are reused).
"""

import math
import posixpath
from collections import Counter, defaultdict
from collections.abc import Container, Iterable, Sequence
from datetime import UTC, date, datetime, time, timedelta

from reconciler.derive.groups import Group
from reconciler.derive.references import PathIndex, tidy_target, without_date
from reconciler.derive.subjects import Subject, covers, is_about, name_words, read_subject
from reconciler.frozen import frozen
from reconciler.model import Change, Commit, CommitId, Document, History

BULK = 3  # a commit with documents of that many features proves little
HIGH_SHARE = 0.75  # of the files to create: strong yes (79-100 % in 19 of 20 merged plans)
_ZONES = timedelta(days=1)  # a date in a name may be a day off in UTC
_EVERYWHERE = """
    readme.md changelog.md index.ts index.js index.html main.py main.rs main.ts main.go mod.rs lib.rs __init__.py
    types.ts types.py utils.ts utils.py package.json cargo.toml pyproject.toml
"""
_COMMON_NAMES = frozenset(_EVERYWHERE.split())  # such a name proves nothing about one plan


@frozen
class DirectWork:
    """What the base's own commits say about one group; commits newest first."""

    direct: tuple[Commit, ...] = ()  # touch a plan-stage document and source files named in it
    named: tuple[Commit, ...] = ()  # their subject names it and they touch source files named in its plan
    bulk: tuple[Commit, ...] = ()  # as direct, but with documents of three or more features
    code: tuple[Commit, ...] = ()  # touch much of what the plan names, whatever they are called
    beside: tuple[Commit, ...] = ()  # touch its plan and some source files, named or not, and few other features
    created: int = 0  # files to create that exist at the tip, added since the plan
    to_create: int = 0
    removed: int = 0  # files to create that were added since the plan and are gone again
    on_base: bool = False  # one of its documents lies on the base

    @property
    def files_exist(self) -> bool:
        return self.to_create >= 2 and self.created / self.to_create >= HIGH_SHARE

    @property
    def files_removed(self) -> bool:
        return self.removed >= 2 and self.removed / self.to_create >= HIGH_SHARE


class BaseReader:
    """Indexes the base's history once, then answers for each group."""

    def __init__(self, history: History, groups: Sequence[Group], papers: Container[str] = ()) -> None:
        self._history = history
        self._papers = papers
        self._owner = {d.path: i for i, g in enumerate(groups) for d in g.documents}
        self._in_folders = frozenset(d.path for g in groups for d in g.documents if d.folder)
        self._now: dict[str, str] = {}  # earlier path of a document -> its path now
        self._undone = _undone(history.commits)
        self._subjects: dict[CommitId, Subject] = {}
        self._artifact_words = Counter[str]()
        self._touched: dict[CommitId, frozenset[int]] = {}
        self._sources: dict[CommitId, tuple[str, ...]] = {}
        self.touched: dict[str, datetime] = {}  # path -> when the base last changed it
        self._by_path: dict[str, list[Commit]] = defaultdict(list)
        self._added: dict[str, datetime] = {}
        self._by_owner: dict[int, list[Commit]] = defaultdict(list)
        for commit in history.commits:
            self._read(commit)
        self._paths = PathIndex([*self._by_path, *history.tree])
        self._base_names = defaultdict(list)
        for path in history.tree:
            self._base_names[posixpath.basename(path).casefold()].append(path)
        self._idf = self._weights()

    def _read(self, commit: Commit) -> None:
        sources, touched = [], set()
        self._follow(commit.changes)
        for change in commit.changes:
            self.touched.setdefault(change.path, commit.at)
            owner = self._owner.get(change.path)
            if owner is not None:
                touched.add(owner)
            elif change.new.strip("0") and change.path not in self._papers:  # what is only deleted is nobody's work
                sources.append(change.path)
                self._by_path[change.path].append(commit)
            if not change.old.strip("0"):
                path = self._now.get(change.path, change.path)
                self._added[path] = commit.at  # newest first: the last one written is the first add
        self._sources[commit.id] = tuple(sources)
        self._touched[commit.id] = frozenset(touched)
        for owner in touched:
            self._by_owner[owner].append(commit)
        self._subjects[commit.id] = subject = read_subject(commit.subject)
        self._artifact_words.update(subject.words)

    def _follow(self, changes: Sequence[Change]) -> None:
        """Learns the earlier paths of documents that a commit moved, to an archive above all."""
        gone = [c for c in changes if not c.new.strip("0") and c.path not in self._owner]
        came = [c for c in changes if not c.old.strip("0") and c.path in self._owner] if gone else []
        alike = {key: c.path for c in gone for key in _names_of_moved(c.path, c.old)} if came else {}
        for new in came:
            content, by_folder, by_name = _names_of_moved(new.path, new.new)
            old = alike.get(content) or alike.get(by_folder if new.path in self._in_folders else by_name)
            if old and old not in self._history.tree:
                self._owner[old] = self._owner[new.path]
                self._now[old] = self._now.get(new.path, new.path)

    def _weights(self) -> dict[str, float]:
        total = len(self._history.commits) + 1
        return {word: math.log(1 + total / n) for word, n in self._artifact_words.items()}

    def read(self, index: int, group: Group, numbers: Counter[str]) -> DirectWork:
        """What the history says about ``group``, the ``index``-th; ``numbers`` counts who bears which number."""
        on_base = any(d.path in self._history.tree for d in group.documents)
        plans = [d for d in group.documents if d.stage in ("plan", "spec") or (d.folder and d.stage != "research")]
        if not plans:
            return DirectWork(on_base=on_base)
        beside = tuple(c for c in self._beside(index, plans) if c.id not in self._undone)
        named_files = self._resolve(f for d in plans for f in d.text.files)
        since = self._since(plans)
        direct: list[Commit] = []
        bulk: list[Commit] = []
        named: list[Commit] = []
        code: list[Commit] = []
        own_words = name_words(group)
        own_number = next((d.number for d in plans if d.folder and d.number and numbers[d.number] == 1), "")
        for commit in self._candidates(index, named_files):
            if commit.id in self._undone or commit.at < since or not self._does_its_work(commit, named_files):
                continue
            if self._touches_plan(commit, plans):
                (bulk if len(self._touched[commit.id]) >= BULK else direct).append(commit)
            code.append(commit)
            if covers(self._subjects[commit.id], own_words, own_number, self._idf):
                named.append(commit)
        named, code = (self._closest(commits, named_files) for commits in (named, code))
        created, to_create, removed = self._created(plans, since)
        files = (created, to_create, removed)
        if not to_create and not named:
            named = [c for c in beside if self._works_through(c, plans) and is_about(self._subjects[c.id], own_words)]
        return DirectWork(tuple(direct), tuple(named), tuple(bulk), tuple(code), beside, *files, on_base)

    def _resolve(self, files: Iterable[str]) -> frozenset[str]:
        found = (self._paths.find(f) for f in dict.fromkeys(map(tidy_target, files)))
        return frozenset(f for f in found if f is not None and f not in self._owner)

    def _since(self, plans: Sequence[Document]) -> datetime:
        dates = [d.date or d.text.created for d in plans]
        known = [datetime.combine(d, time(), UTC) - _ZONES for d in dates if isinstance(d, date)]
        first = [self._added[d.path] for d in plans if d.path in self._added]
        return min([*known, *first], default=datetime.min.replace(tzinfo=UTC))

    def _candidates(self, index: int, named_files: frozenset[str]) -> list[Commit]:
        seen = {c.id: c for path in named_files for c in self._by_path.get(path, ())}
        order = {c.id: i for i, c in enumerate(self._history.commits)} if len(seen) > 1 else {}
        return sorted(seen.values(), key=lambda c: order.get(c.id, 0))

    def _does_its_work(self, commit: Commit, named_files: frozenset[str]) -> bool:
        sources = self._sources[commit.id]
        hits = sum(path in named_files for path in sources)
        return bool(hits) and (hits / len(sources) >= 0.5 or hits / len(named_files) >= 0.25 or hits >= 5)

    def _closest(self, commits: list[Commit], named_files: frozenset[str]) -> list[Commit]:
        """Those that look most like the plan's work, newest first; the others behind them."""
        close = {c.id: self._closeness(c, named_files) for c in commits}
        best = max(close.values(), default=0.0)
        return sorted(commits, key=lambda c: close[c.id] < best / 2)  # stable

    def _closeness(self, commit: Commit, named_files: frozenset[str]) -> float:
        """How much a commit looks like the plan's work: the files they share, and how little else it does."""
        sources = self._sources[commit.id]
        hits = sum(path in named_files for path in sources)
        return hits * hits / len(sources)

    def _touches_plan(self, commit: Commit, plans: Sequence[Document]) -> bool:
        paths = {d.path for d in plans if d.stage not in ("spec", "research")}
        return any(self._now.get(change.path, change.path) in paths for change in commit.changes)

    def _works_through(self, commit: Commit, plans: Sequence[Document]) -> bool:
        """Edits the plan that was there before, and no document of another feature."""
        edited = {c.path for c in commit.changes if c.old.strip("0") and c.new.strip("0")}
        return len(self._touched[commit.id]) == 1 and any(d.path in edited for d in plans if d.stage == "plan")

    def _beside(self, index: int, plans: Sequence[Document]) -> Iterable[Commit]:
        for commit in self._by_owner[index]:
            few = len(self._touched[commit.id]) < BULK
            if few and self._sources[commit.id] and self._touches_plan(commit, plans):
                yield commit

    def _created(self, plans: Sequence[Document], since: datetime) -> tuple[int, int, int]:
        """(files to create that exist, all of them, those that came and went)"""
        wanted = {
            tidy_target(f)
            for d in plans
            for f in d.text.creates
            if posixpath.basename(f).casefold() not in _COMMON_NAMES
        }
        wanted = {f for f in wanted if "." in posixpath.basename(f) and f not in self._owner}
        if self._history.shallow:
            return 0, len(wanted), 0
        there = [f for f in wanted if self._exists(f, since)]
        gone = [f for f in wanted if f not in there and self._came_and_went(f, since)]
        return len(there), len(wanted), len(gone)

    def _came_and_went(self, wanted: str, since: datetime) -> bool:
        found = self._paths.find(wanted)
        return found in self._added and found not in self._history.tree and self._added[found] >= since

    def _exists(self, wanted: str, since: datetime) -> bool:
        candidates = self._base_names.get(posixpath.basename(wanted).casefold(), [])
        return any(self._added.get(path, since) >= since and path not in self._owner for path in candidates)


def _names_of_moved(path: str, blob: str) -> tuple[str, str, str]:
    """What a moved document keeps: its content, its name below its folder's name (dates aside), its name."""
    above, name = posixpath.split(path)
    return blob, f"{without_date(posixpath.basename(above))}/{name}", f"/{name}"


def _undone(commits: Sequence[Commit]) -> frozenset[CommitId]:
    """Commits that a later revert on the base took back, unless that revert was taken back itself."""
    undone: set[CommitId] = set()
    for commit in commits:  # newest first: a reverted revert is known before the revert is read
        if commit.id not in undone:
            undone.update(commit.reverts)
    return frozenset(undone)

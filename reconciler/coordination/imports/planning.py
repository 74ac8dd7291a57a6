"""From the rows of several sources to changes of intent files: pure, every row with its outcome."""

import re
from collections import defaultdict
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace

from reconciler.coordination import slugs
from reconciler.coordination.imports.changes import Change, Target, change_of
from reconciler.coordination.imports.matching import Known, Match
from reconciler.coordination.imports.rows import Edge, Reading, Row
from reconciler.coordination.slugs import clean_id
from reconciler.frozen import frozen
from reconciler.model import Document, Intent, Problem, Workstream

_ID = re.compile(r"\w[\w./+-]*")  # other keys than these, and bare numbers, are aliases
_ORDER = ("registry", "beads", "backlog task", "backlog board", "todo list", "todo.txt")  # who names things first


@frozen
class Outcome:
    """What became of one row: taken, matched or skipped."""

    source: str
    line: int
    key: str
    title: str
    outcome: str
    target: str = ""
    reason: str = ""


@frozen
class Plan:
    """Everything an import would do."""

    changes: tuple[Change, ...]
    outcomes: tuple[Outcome, ...]
    problems: tuple[Problem, ...]


def plan_import(
    readings: Mapping[str, Reading],
    workstreams: Sequence[Workstream],
    intents: Sequence[Intent],
    documents: Sequence[Document] = (),
) -> Plan:
    """Return what the sources (path -> reading) add to what exists. Same input in any order, same plan."""
    planner = _Planner(workstreams, intents, documents)
    for source, reading in sorted(readings.items(), key=lambda item: (_rank(item[1].format), item[0])):
        planner.place(source, reading)
    return planner.finish()


def _rank(format: str) -> int:
    return _ORDER.index(format) if format in _ORDER else len(_ORDER)


@dataclass(slots=True)
class _Placed:
    source: str
    row: Row
    target: str
    match: Match | None
    notes: list[str] = field(default_factory=list)


class _Planner:
    def __init__(
        self, workstreams: Sequence[Workstream], intents: Sequence[Intent], documents: Sequence[Document]
    ) -> None:
        self.known = Known(workstreams, intents, documents)
        self.streams = {str(w.id): w for w in workstreams}
        self.intents = {self.known.find(i.id) or str(i.id): i for i in reversed(intents)}
        self.placed: list[_Placed] = []
        self.where: dict[tuple[str, str], _Placed] = {}  # (source, key) -> where it went
        self.labels: dict[tuple[str, str, str], str] = {}  # (source, parent, label) -> target
        self.over: dict[tuple[str, str], str] = {}  # (source, key) -> why it is not taken
        self._last: dict[str, int] = {}  # the last number given behind a name
        self.skipped: list[Outcome] = []
        self.problems: list[Problem] = []

    # -- first round: where does each row go

    def place(self, source: str, reading: Reading) -> None:
        self.problems.extend(reading.problems)
        self.skipped += [Outcome(source, s.line, "", s.text, "skipped", "", s.why) for s in reading.skipped]
        rows = {row.key: row for row in reading.rows if row.key}
        said: dict[tuple[str, str], str] = {}  # a line of a text, where it stands -> its key
        for row in reading.rows:
            above = self.where.get((source, row.parent))
            parent = above.target if above else ""
            first = said.setdefault((above.row.key if above else "", row.text), row.key) if row.text else row.key
            if first != row.key:
                self._skip(source, row, "stands twice")
                if twin := self.where.get((source, first)):
                    self.where[source, row.key] = twin
                continue
            owner = rows.get(row.parent)
            shared = frozenset(owner.artifacts) if owner and not row.text else frozenset[str]()
            match = self.known.match(row, source=source, parent=parent, not_its_own=shared)
            if match is None and (why := _too_little(row, reading.format)):
                self._leave(source, row, why, above)
                continue
            self._put(source, row, parent, match)

    def _leave(self, source: str, row: Row, why: str, above: _Placed | None) -> None:
        if above and row.text:
            above.notes.append(f"Part: {row.text}")
            why += f"; kept in the notes of {above.target}"
        self._skip(source, row, why)

    def _skip(self, source: str, row: Row, why: str) -> None:
        self.over[source, row.key] = why
        key = "" if row.text else row.key
        self.skipped.append(Outcome(source, row.line, key, row.text or row.title, "skipped", "", why))

    def _put(self, source: str, row: Row, parent: str, match: Match | None) -> None:
        target = match.id if match else self._new_id(row, parent)
        above = self.where.get((source, row.parent)) if match and row.text else None
        if above and above.target not in (target, self.known.parents.get(target)):
            above.notes.append(f"Part: {row.text}")  # a list nests what need not be a child
        placed = _Placed(source, row, target, match)
        self.placed.append(placed)
        if row.key:
            self.where[source, row.key] = placed
        if row.label:
            self.labels[source, row.parent, row.label.lower()] = target
        self.known.learn(target, row, source=source, parent=parent)

    def _new_id(self, row: Row, parent: str) -> str:
        wanted = clean_id(row.key) if row.names_id else ""
        if not _ID.fullmatch(wanted) or wanted.isdigit() or len(wanted) > 120:
            slug = slugs.slug_of(row.title)
            wanted = f"{parent}/{slug}" if parent and row.text else slug
        number, name = 2, wanted
        while self.known.is_taken(name):
            number = max(number, self._last.get(wanted, 1) + 1)
            name = f"{wanted}-{number}"
            self._last[wanted] = number
        return name

    # -- second round: what does each workstream gain

    def finish(self) -> Plan:
        groups: dict[str, list[_Placed]] = defaultdict(list)
        for placed in self.placed:
            groups[placed.target].append(placed)
        changes: list[Change] = []
        outcomes: list[Outcome] = []
        for id, members in groups.items():
            avoid = frozenset(k for p in members if (k := clean_id(p.row.key)) != id and self.known.is_id(k))
            target = Target(id, self.streams.get(id), self.intents.get(id), avoid)
            rows = [self._resolved(placed) for placed in members]
            recorded = _recorded([p.row for p in members], target)
            change = change_of(target, rows, recorded, [note for p in members for note in p.notes])
            self.problems += [replace(p, path=members[0].source) for p in change.problems]
            if change.values or change.note:
                changes.append(change)
            outcomes += [_outcome(placed, change, target, first=placed is members[0]) for placed in members]
        outcomes += self.skipped
        outcomes.sort(key=lambda o: (o.source, o.line, o.key, o.title))
        return Plan(tuple(changes), tuple(outcomes), tuple(sorted(set(self.problems))))

    def _resolved(self, placed: _Placed) -> Row:
        """The row with the names of this repository instead of those of its source."""
        row, notes = placed.row, [placed.row.notes]
        edges: list[Edge] = []
        for edge in row.edges:
            target, why = self._target(placed, edge.target)
            if target == placed.target:
                self._note(placed, edge, f"both are {target}", notes)
            elif why:
                self._note(placed, edge, why, notes)
            elif target or not row.text:
                edges.append(replace(edge, target=target or edge.target))
            else:
                self._note(placed, edge, "names nothing here", notes)
        parent, why = self._target(placed, row.parent) if row.parent else ("", "")
        if row.parent and not parent and not row.text:
            notes.append(f"Part of {row.parent}" + (f" ({why})." if why else "."))
            self.problems.append(Problem("import", f'parent "{row.parent}" is not here', placed.source, row.line))
        if parent == placed.target or self._is_below(parent, placed.target):
            parent = ""
        if row.text and placed.match:
            parent = ""
        return replace(row, edges=tuple(edges), parent=parent, notes="\n\n".join(n for n in notes if n))

    def _note(self, placed: _Placed, edge: Edge, why: str, notes: list[str]) -> None:
        """A dependency that becomes no edge is told in the notes and in the table."""
        said = f"{edge.type} {edge.target}" + (f": {edge.reason}" if edge.reason else "")
        if not placed.row.text:
            notes.append(f"Not an edge: {said} ({why}).")
        self.skipped.append(Outcome(placed.source, placed.row.line, placed.row.key, said, "skipped", "", why))

    def _target(self, placed: _Placed, name: str) -> tuple[str, str]:
        """(id here, why there is none)"""
        if found := self.where.get((placed.source, name)):
            return found.target, ""
        if why := self.over.get((placed.source, name)):
            return "", why
        label = self.labels.get((placed.source, placed.row.parent, name.lower()), "") if placed.row.text else ""
        return label or self.known.find(name), ""

    def _is_below(self, parent: str, id: str) -> bool:
        """Would this parent hang a workstream below itself?"""
        seen: set[str] = set()
        while parent and parent not in seen:
            if parent == id:
                return True
            seen.add(parent)
            parent = self.known.parents.get(parent, "")
        return False


def _too_little(row: Row, format: str) -> str:
    """Why a row that matches nothing is not taken as an idea; "" when it is."""
    if row.phase_labels:
        return "no such phase is known here"
    if row.state == "abandoned" and format != "registry":
        return f'"{row.recorded}" there, and nothing here matches it'
    if row.state == "merged" and format != "registry":
        return "done, and nothing here matches it"
    return ""


def _recorded(rows: Sequence[Row], target: Target) -> dict[str, str]:
    """Row -> the state that was recorded for it; a box in a list counts only where no registry speaks."""
    said = [row for row in rows if row.recorded]
    strong = [row for row in said if row.decides]
    if not strong and target.intent and target.intent.recorded:
        return {}
    found = {}
    for row in strong or said:
        name = row.title if row.text else row.key
        found[name[:100]] = row.state if row.recorded.lower() == row.state else f"{row.state} ({row.recorded})"
    return found


def _outcome(placed: _Placed, change: Change, target: Target, *, first: bool) -> Outcome:
    row, match = placed.row, placed.match
    key = "" if row.text else row.key
    if match is None and first and target.is_new:
        return Outcome(placed.source, row.line, key, row.title, "taken", placed.target, "new")
    why = match.why if match else "the same"
    if first:
        why += f"; gains {change.gains}" if change.values or change.note else "; nothing new"
    return Outcome(placed.source, row.line, key, row.title, "matched", placed.target, why)

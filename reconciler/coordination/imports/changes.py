"""What one workstream gains from the rows that speak of it: the keys and notes of its intent file."""

from collections.abc import Mapping, Sequence
from datetime import date

from reconciler.coordination.imports.rows import Row
from reconciler.coordination.imports.wording import words
from reconciler.coordination.intent_values import NOTE_LIMIT
from reconciler.coordination.slugs import clean_id
from reconciler.coordination.yamltext import Writable
from reconciler.frozen import frozen
from reconciler.model import Intent, Problem, Workstream

_SAID = {"recorded": "recorded state", "depends_on": "dependencies"}
_RELATIONS = {"blocks": "depends_on", "informs": "informs", "conflicts": "conflicts"}


@frozen
class Target:
    """A workstream that rows speak of, as far as it exists."""

    id: str
    stream: Workstream | None = None
    intent: Intent | None = None
    avoid: frozenset[str] = frozenset()  # names of rows that are ids of other workstreams: no aliases

    @property
    def is_new(self) -> bool:
        return self.stream is None and self.intent is None


@frozen
class Change:
    """Keys to set and a note to append; ``path`` is "" where there is no intent file yet."""

    id: str
    path: str
    values: Mapping[str, Writable]
    note: str
    created: date | None
    problems: tuple[Problem, ...] = ()

    @property
    def gains(self) -> str:
        """The names of what is added, for people."""
        names = [_SAID.get(name, name.replace("_", " ")) for name in self.values if name != "reasons"]
        return ", ".join([*names, *(["notes"] if self.note else [])])


def change_of(target: Target, rows: Sequence[Row], recorded: Mapping[str, str], notes: Sequence[str]) -> Change:
    """Return what is added; empty values and note when all is there already."""
    values: dict[str, Writable] = {}
    if target.is_new:
        values["title"] = rows[0].title
    values |= _once(target, rows) | _lists(target, rows)
    old = dict(target.intent.recorded) if target.intent else {}
    if set(recorded) - set(old):
        values["recorded"] = {**recorded, **old}
    blocks = [block for row in rows if (block := _block(target, row))] + [note for note in notes if note]
    existing = target.intent.notes if target.intent else ""
    note = "\n\n".join(block for block in dict.fromkeys(blocks) if block not in existing and not _is_full(existing))
    note, problems = _cut(note, target, rows[0])
    path = target.intent.path if target.intent else ""
    created = min((row.created for row in rows if row.created), default=None)
    created = created or (target.stream.created if target.stream else None)
    return Change(target.id, path, values, note, created, problems)


# -- below: the keys


def _once(target: Target, rows: Sequence[Row]) -> dict[str, Writable]:
    """Keys with one value; what is there already stays."""
    stream, intent = target.stream, target.intent
    values: dict[str, Writable] = {}
    priority = min((row.priority for row in rows if row.priority), default=None)
    if priority and not (intent and intent.priority):
        values["priority"] = priority
    kinds = {row.type for row in rows if row.type}
    fits = target.is_new or any(clean_id(row.key) == target.id for row in rows)
    if len(kinds) == 1 and fits and not (intent and intent.type) and not (stream and stream.type in kinds):
        values["type"] = kinds.pop()
    parents = {row.parent for row in rows if row.parent}
    has_one = (intent and intent.parent) or (stream and stream.parent)
    if len(parents) == 1 and not has_one:
        values["parent"] = parents.pop()
    phases = max((row.phases for row in rows if row.phases), default=None)
    if phases and not (intent and intent.estimated_phases) and not (stream and stream.total_phases):
        values["estimated_phases"] = phases
    return values


def _lists(target: Target, rows: Sequence[Row]) -> dict[str, Writable]:
    values: dict[str, Writable] = {}
    intent, stream = target.intent, target.stream
    _add(values, "tags", intent.tags if intent else (), [tag for row in rows for tag in row.tags])
    taken = {target.id, *target.avoid, *(map(str, stream.aliases) if stream else ())}
    names = [clean_id(row.key) for row in rows if not row.text]
    wanted = [name for name in names if name and name not in taken]
    _add(values, "aliases", intent.aliases if intent else (), wanted)
    reasons: dict[str, str] = {}
    for relation, key in _RELATIONS.items():
        old = [d.text for d in intent.dependencies if d.relation == relation and not d.reverse] if intent else []
        known = {(str(r.target), r.type) for r in stream.relations} if stream else set()
        new = []
        for edge in (e for row in rows for e in row.edges if e.type == relation):
            if (edge.target, relation) not in known or edge.reason:
                new.append(edge.target)
                if edge.reason and edge.target not in old:
                    reasons[edge.target] = edge.reason
        _add(values, key, old, new)
    if reasons:
        values["reasons"] = {**(_reasons(intent) if intent else {}), **reasons}
    return values


def _reasons(intent: Intent) -> dict[str, str]:
    return {d.text: d.reason for d in intent.dependencies if d.reason}


def _add(values: dict[str, Writable], key: str, old: Sequence[str], new: Sequence[str]) -> None:
    every = tuple(dict.fromkeys((*old, *new)))
    if len(every) > len(set(old)):
        values[key] = every


# -- below: the notes


def _block(target: Target, row: Row) -> str:
    """The words of one row; where its name differs from what it became, the name too."""
    if row.text:
        lines = [row.text, *(f"  {part}" for part in row.within)]
        names = words(target.stream.title if target.stream else "")
        return "\n".join(lines) if row.within or words(row.title) != names or target.is_new else ""
    title = target.stream.title if target.stream else row.title
    named = title == row.title and (clean_id(row.key) == target.id or not row.names_id)
    if named:
        return row.notes
    key = f" ({row.key})" if row.key and clean_id(row.key) != target.id else ""
    return "\n\n".join(part for part in (f"**{row.title}**{key}", row.notes) if part)


def _is_full(notes: str) -> bool:
    """Are these notes so long already that an earlier import has cut them?"""
    return len(notes.encode()) > NOTE_LIMIT - 2048


def _cut(note: str, target: Target, row: Row) -> tuple[str, tuple[Problem, ...]]:
    limit = NOTE_LIMIT - 1024
    data = note.encode()
    if len(data) <= limit:
        return note, ()
    message = f"the notes of {target.id} are larger than {NOTE_LIMIT // 1024} kB: cut, the rest stays in the source"
    return data[:limit].decode("utf-8", "ignore").rstrip(), (Problem("import", message, "", row.line),)

"""Reads tables of a rule file into typed rows and collects every mistake on the way."""

from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass, field
from typing import Any

from reconciler.model import SEVERITIES, Problem, State, Tag
from reconciler.policy import CheckRule, Condition, DriftRule, FlagRow, StateRow, StateRule, SuggestionRule, WeightRule

Table = Mapping[str, Any]


@dataclass(slots=True)
class Row:
    """One table of a rule file: asks for keys, remembers what was wrong and what nobody asked for."""

    table: Table
    where: str  # "layouts.toml", for messages
    name: str  # "layout swarm"
    known: set[str] = field(default_factory=set)
    wrong: list[tuple[str, str]] = field(default_factory=list)  # key, what was expected

    def text(self, key: str, default: str | None = None) -> str:
        return str(self._typed(key, str, "text", default, ""))

    def whole(self, key: str, default: int | None = None) -> int:
        return int(self._typed(key, int, "a whole number", default, 0))

    def flag(self, key: str, default: bool | None = None) -> bool:
        return bool(self._typed(key, bool, "true or false", default, False))

    def texts(self, key: str, default: tuple[str, ...] | None = None) -> tuple[str, ...]:
        value = self._typed(key, list, "a list of texts", default, ())
        if not all(isinstance(item, str) for item in value):
            self.wrong.append((key, "a list of texts"))
            return ()
        return tuple(value)

    def numbers(self, key: str) -> tuple[int, ...]:
        """A list of whole numbers; missing means none."""
        value = self._typed(key, list, "a list of whole numbers", [], [])
        if not all(isinstance(item, int) and not isinstance(item, bool) for item in value):
            self.wrong.append((key, "a list of whole numbers"))
            return ()
        return tuple(value)

    def tables(self, key: str, *, name: str) -> tuple["Row", ...]:
        """The tables under ``key``, each as a row of its own; missing means none."""
        value = self._typed(key, list, "a list of tables", [], [])
        if not all(isinstance(item, dict) for item in value):
            self.wrong.append((key, "a list of tables"))
            return ()
        return tuple(Row(item, self.where, f"{self.name}, {name} {n}") for n, item in enumerate(value, 1))

    def condition(self, key: str) -> Condition:
        value = self._typed(key, dict, 'a table like { all = ["plan"], none = ["held"] }', None, {})
        part = Row(value, self.where, f"{self.name}, {key}")
        sets = {name: frozenset(map(Tag, part.texts(name, ()))) for name in ("all", "any", "none")}
        self.absorb(part, f"{key}.")
        if not self.wrong and not any(sets.values()):
            self.wrong.append((key, "at least one of all, any, none"))
        return Condition(**sets)

    def absorb(self, part: "Row", prefix: str) -> None:
        """Takes over the mistakes of a row inside this one."""
        self.wrong += [(prefix + key, expected) for key, expected in part.mistakes()]

    def mistakes(self) -> list[tuple[str, str]]:
        """All of them, keys nobody asked for included."""
        strange = sorted(set(self.table) - self.known - {"off", "before"})
        return self.wrong + [(key, nearest(key, self.known)) for key in strange]

    def _typed(self, key: str, kind: type, expected: str, default: Any, otherwise: Any) -> Any:
        self.known.add(key)
        value = self.table.get(key, default)
        if isinstance(value, kind) and not (kind is int and isinstance(value, bool)):
            return value
        if value is not default or value is None:
            self.wrong.append((key, expected))
            return otherwise
        return value


def nearest(key: str, known: Iterable[str], *, thing: str = "key") -> str:
    """What to say about a key (or another ``thing``) that nobody knows."""
    import difflib  # only when something is wrong

    near = difflib.get_close_matches(key, sorted(known), 1)
    return f"no such {thing}; " + (f"nearest is {near[0]}" if near else f"known are {', '.join(sorted(known))}")


def problems_of(row: Row, *, path: str) -> tuple[Problem, ...]:
    """One problem per mistake, naming file, row, key and what was expected."""
    return tuple(
        Problem(
            "bad-rule",
            f"{row.name}: {key}: {expected if expected.startswith('no such') else 'expected ' + expected}",
            path=path,
            severity="error",
            hint="the row is not used",
        )
        for key, expected in row.mistakes()
    )


# -- one reader per kind of row


def read_state(row: Row) -> StateRow:
    name = State(row.text("name"))
    rules = []
    for part in row.tables("rule", name="rule"):
        rule = StateRule(
            part.text("id"),
            name,
            part.condition("when"),
            say=part.text("say", ""),
            confidence=part.text("confidence", "high"),
        )
        row.absorb(part, f"rule {rule.id or '?'}.")
        rules.append(rule)
    row.known.add("rule")
    return StateRow(
        name,
        row.text("meaning"),
        row.text("glyph"),
        row.text("ascii"),
        row.text("style"),
        row.flag("open"),
        tuple(rules),
    )


def read_flag(row: Row) -> FlagRow:
    return FlagRow(
        row.text("name"),
        row.text("meaning"),
        row.text("glyph"),
        row.text("ascii"),
        row.text("style"),
        row.flag("attention"),
    )


def read_suggestion(row: Row) -> SuggestionRule:
    return SuggestionRule(
        row.text("id"),
        row.text("action"),
        row.condition("when"),
        row.whole("weight"),
        row.text("say"),
        row.text("command"),
    )


def read_weight(row: Row) -> WeightRule:
    points = row.numbers("points")
    default = 0 if points else None  # either points, or each and cap
    each, cap = row.whole("each", default), row.whole("cap", default)
    return WeightRule(row.text("id"), row.text("fact"), each, cap, row.text("say"), points)


def read_phrase(row: Row) -> tuple[str, str]:
    """(tag, how a person says that it is missing)"""
    return row.text("tag"), row.text("say")


def read_drift(row: Row) -> DriftRule:
    return DriftRule(
        row.text("id"),
        row.condition("when"),
        row.text("say"),
        at=Tag(row.text("at", "")),
        severity=_severity(row, "warning"),
    )


def _severity(row: Row, default: str) -> str:
    severity = row.text("severity", default)
    if severity not in (default, *SEVERITIES):
        row.wrong.append(("severity", f"one of {', '.join(SEVERITIES)}"))
    return severity


def read_check(row: Row) -> CheckRule:
    return CheckRule(
        row.text("id"),
        row.text("title"),
        _severity(row, ""),
        row.text("say"),
        hint=row.text("hint", ""),
        many=row.text("many", ""),
        fold=row.whole("fold", 3),
        codes=row.texts("codes", ()),
        layouts=row.texts("layouts", ()),
    )


Reader = Callable[[Row], Any]

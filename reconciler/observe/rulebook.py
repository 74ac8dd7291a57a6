"""Loads rules/*.toml, with a repository's own rows from .swarm/rules/ merged in."""

import hashlib
import os
import tomllib
from collections.abc import Callable, Mapping, Sequence
from dataclasses import field, replace
from functools import lru_cache
from pathlib import Path
from typing import Any, Protocol

from reconciler.errors import Exit, SwarmError
from reconciler.frozen import frozen
from reconciler.model import Problem
from reconciler.observe import layouts, rows
from reconciler.observe.disk import read_file
from reconciler.observe.rows import Reader, Row
from reconciler.observe.templates import TemplateError, compile_template
from reconciler.policy import Rulebook
from reconciler.printable import printable

MAX_BYTES = 64 * 1024  # of a rule file that comes with a repository
_LISTS = {  # file -> arrays of tables in it: (key, reader, name of the row's id)
    "lifecycle.toml": (
        ("state", rows.read_state, "name"),
        ("flag", rows.read_flag, "name"),
        ("phrase", rows.read_phrase, "tag"),
    ),
    "suggestions.toml": (("suggestion", rows.read_suggestion, "id"), ("weight", rows.read_weight, "id")),
    "drift.toml": (("drift", rows.read_drift, "id"),),
    "checks.toml": (("check", rows.read_check, "id"),),
    "layouts.toml": (("layout", layouts.read_layout, "id"),),
    "words.toml": (("word", layouts.read_word, "id"),),
}
_TABLES: dict[str, tuple[str, ...]] = {
    "layouts.toml": ("ignore", "branches"),
    "words.toml": ("translate", "status", "fields", "headings", "nothing", "suffixes", "phases", "titles",
                   "files", "mentions"),
}  # fmt: skip


class Memory(Protocol):
    """Keeps rules by a key, as long as nothing better comes."""

    def recall(self, key: str) -> Rulebook | None: ...
    def keep(self, key: str, value: Rulebook) -> None: ...


@frozen
class RuleFiles:
    """The bytes of the rule files, built-in and of a repository, in the order of _LISTS; and what could not be read."""

    ours: tuple[bytes, ...]
    theirs: tuple[bytes | None, ...]
    problems: tuple[Problem, ...]
    memory: Memory | None = field(default=None, compare=False)

    @property
    def digest(self) -> str:
        """What texts that were read by these rules are kept under."""
        digest = hashlib.sha256()
        for name, ours, theirs in zip(_LISTS, self.ours, self.theirs, strict=True):
            digest.update(ours)
            if theirs is not None:
                digest.update(b"\0" + name.encode() + b"\0" + theirs)
        return digest.hexdigest()


def load_rulebook(
    root: Path | None = None,
    *,
    overrides: Path | None = None,
    branch_patterns: Sequence[str] = (),
    memory: Memory | None = None,
) -> Rulebook:
    """The rules in force; the same object while the files hold the same bytes.

    ``root`` is the folder of the built-in rules (found beside or inside the package when None);
    ``overrides`` a folder with rows of the repository. Its mistakes are in ``problems``; built-in rows stay.
    ``branch_patterns``: see :func:`with_branch_patterns`. ``memory`` may know what follows from the same files.
    """
    folder = root if root is not None else _find_rules()
    problems: list[Problem] = []
    ours = tuple((folder / name).read_bytes() for name in _LISTS)
    theirs = tuple(_bounded_bytes(overrides, name, problems) if overrides else None for name in _LISTS)
    return _read(RuleFiles(ours, theirs, tuple(problems), memory), tuple(branch_patterns))


@lru_cache(maxsize=1)
def _read(files: RuleFiles, branch_patterns: tuple[str, ...]) -> Rulebook:
    """From the memory, if it knows them: to parse and check them takes three times as long."""
    key = "\0".join((files.digest, *branch_patterns))
    is_sure = files.memory is not None and not files.problems
    if files.memory and is_sure and (known := files.memory.recall(key)):
        return known
    rulebook = with_branch_patterns(_parse(files), branch_patterns)
    if files.memory and is_sure:
        files.memory.keep(key, rulebook)
    return rulebook


def _parse(files: RuleFiles) -> Rulebook:
    problems = list(files.problems)
    found: dict[str, tuple[Any, ...]] = {}
    tables: dict[str, dict[str, Row]] = {}
    for name, data, other in zip(_LISTS, files.ours, files.theirs, strict=True):
        ours = tomllib.loads(data.decode())
        theirs = _parse_theirs(name, other, problems) if other is not None else {}
        path = f".swarm/rules/{name}"
        for key, reader, id_key in _LISTS[name]:
            found[key] = _read_rows(ours, theirs, key, reader, id_key, path=path, problems=problems)
        tables[name] = _read_tables(name, ours, theirs, path=path, problems=problems)
    used = [f".swarm/rules/{name}" for name, other in zip(_LISTS, files.theirs, strict=True) if other is not None]
    return _build(found, tables, problems, used, files.digest)


def with_branch_patterns(rulebook: Rulebook, patterns: Sequence[str]) -> Rulebook:
    """The rules with branch names of a configuration (``feature/{date}-{slug}``), tried before all others."""
    if not patterns:
        return rulebook
    good, problems = [], list(rulebook.problems)
    for pattern in patterns:
        try:
            template = compile_template(pattern)
            if "slug" not in template.groups:
                raise TemplateError("it has no {slug}")
            good.append(template)
        except TemplateError as error:
            message = f"branch_patterns: {printable(pattern, limit=80)}: {error}"
            problems.append(Problem("bad-config", message, ".swarm/config.toml", hint="swarm doctor"))
    branches = replace(rulebook.branches, slug=(*good, *rulebook.branches.slug))
    return replace(rulebook, branches=branches, problems=tuple(problems))


def _build(
    found: Mapping[str, tuple[Any, ...]],
    tables: Mapping[str, Mapping[str, Row]],
    problems: list[Problem],
    files: list[str],
    digest: str,
) -> Rulebook:
    names, folders = layouts.read_ignore(tables["layouts.toml"]["ignore"])
    return Rulebook(
        states=found["state"],
        flags=found["flag"],
        suggestions=found["suggestion"],
        weights=found["weight"],
        drift=found["drift"],
        checks=found["check"],
        phrases=dict(found["phrase"]),
        layouts=found["layout"],
        branches=layouts.read_branches(tables["layouts.toml"]["branches"]),
        words=layouts.read_words(tables["words.toml"], found["word"]),
        problems=tuple(replace(p, message=printable(p.message, limit=300)) for p in problems),
        digest=digest,
        files=tuple(files),
        ignored_names=names,
        ignored_folders=folders,
    )


def _find_rules() -> Path:
    package = Path(__file__).resolve().parent.parent
    for folder in (package / "rules", package.parent / "rules"):
        if (folder / "lifecycle.toml").is_file():
            return folder
    raise SwarmError("the built-in rules are missing from this installation", hint="reinstall swarm", code=Exit.BUG)


def _parse_theirs(name: str, data: bytes, problems: list[Problem]) -> dict[str, Any]:
    shown = f".swarm/rules/{name}"
    try:
        return tomllib.loads(data.decode("utf-8"))
    except UnicodeDecodeError as error:
        line = data.count(b"\n", 0, error.start) + 1
        problems.append(Problem("bad-rule", "not UTF-8, the file is not used", shown, line, "error"))
    except (tomllib.TOMLDecodeError, RecursionError) as error:
        text = str(error)
        line = _line_of(text)
        problems.append(Problem("bad-rule", f"not TOML, the file is not used: {text[:200]}", shown, line, "error"))
    return {}


def _line_of(message: str) -> int:
    _, _, rest = message.partition("at line ")
    digits = rest.split(",")[0]
    return int(digits) if digits.isdigit() else 0


def _bounded_bytes(folder: Path, name: str, problems: list[Problem]) -> bytes | None:
    if not os.path.lexists(folder / name):
        return None
    shown = f".swarm/rules/{name}"
    found = read_file(str(folder), name)
    if found.data is None:
        why = found.problem.message if found.problem else "cannot be read"
        problems.append(Problem("bad-rule", f"not used: {why}", shown, 0, "error"))
    elif len(found.data) > MAX_BYTES:
        problems.append(Problem("bad-rule", f"larger than {MAX_BYTES // 1024} kB, not used", shown, 0, "error"))
    else:
        return found.data
    return None


# -- rows


def _read_rows(
    ours: Mapping[str, Any],
    theirs: Mapping[str, Any],
    key: str,
    reader: Reader,
    id_key: str,
    *,
    path: str,
    problems: list[Problem],
) -> tuple[Any, ...]:
    raw = {row[id_key]: row for row in ours.get(key, ())}
    values = {name: reader(Row(row, path, f"{key} {name}")) for name, row in raw.items()}
    order = list(values)
    for number, row in enumerate(_tables_in(theirs, key, path, problems), 1):
        name = row.get(id_key)
        if not isinstance(name, str) or not name:
            problems.append(
                Problem("bad-rule", f"{key} {number}: {id_key}: expected text", path, 0, "error", "the row is not used")
            )
            continue
        if row.get("off") is True:
            values.pop(name, None)
            order = [n for n in order if n != name]
            continue
        merged = Row(_merged(raw.get(name), row), path, f"{key} {name}")
        value = reader(merged)
        if wrong := rows.problems_of(merged, path=path):
            problems.extend(wrong)
            continue
        raw[name], values[name] = merged.table, value
        order = _placed(order, name, row.get("before"))
    return tuple(values[name] for name in order)


def _tables_in(theirs: Mapping[str, Any], key: str, path: str, problems: list[Problem]) -> list[dict[str, Any]]:
    value = theirs.get(key, [])
    if isinstance(value, list) and all(isinstance(row, dict) for row in value):
        return value
    problems.append(Problem("bad-rule", f"{key}: expected a list of tables, [[{key}]]", path, 0, "error"))
    return []


def _placed(order: list[str], name: str, before: object) -> list[str]:
    if before not in order or before == name:
        return order if name in order else [*order, name]
    rest = [n for n in order if n != name]
    at = rest.index(str(before))
    return [*rest[:at], name, *rest[at:]]


def _merged(ours: Mapping[str, Any] | None, theirs: Mapping[str, Any]) -> dict[str, Any]:
    """Their keys over ours; rules inside a state by id, word lists added."""
    merged = {**(ours or {}), **theirs}
    for key in ("start", "within"):
        if ours and isinstance(theirs.get(key), list):
            merged[key] = [*ours.get(key, []), *theirs[key]]
    if ours and isinstance(theirs.get("rule"), list):
        by_id = {rule.get("id"): rule for rule in ours.get("rule", [])}
        by_id.update({rule.get("id"): rule for rule in theirs["rule"] if isinstance(rule, dict)})
        merged["rule"] = list(by_id.values())
    return merged


# -- single tables, whose lists are extended


def _read_tables(
    file: str, ours: Mapping[str, Any], theirs: Mapping[str, Any], *, path: str, problems: list[Problem]
) -> dict[str, Row]:
    known = {*(key for key, _, _ in _LISTS[file]), *_TABLES.get(file, ())}
    for key in sorted(set(theirs) - known):
        problems.append(Problem("bad-rule", f"{key}: {rows.nearest(key, known)}", path, 0, "error"))
    result = {}
    for key in _TABLES.get(file, ()):
        table = dict(ours.get(key, {}))
        extra = theirs.get(key, {})
        if not isinstance(extra, dict):
            problems.append(Problem("bad-rule", f"{key}: expected a table, [{key}]", path, 0, "error"))
            extra = {}
        for name, value in extra.items():
            _extend(table, key, name, value, path=path, problems=problems)
        result[key] = Row(table, path, key)
    return result


def _extend(table: dict[str, Any], key: str, name: str, value: Any, *, path: str, problems: list[Problem]) -> None:
    wrong = _wrong_value(table, key, name, value)
    if wrong:
        problems.append(Problem("bad-rule", f"{key}.{name}: {wrong}", path, 0, "error", "the key is not used"))
    elif key == "translate":
        table[name] = {**table.get(name, {}), **value}
    elif key == "branches" and name == "slug":
        table[name] = [*value, *table[name]]  # theirs are tried first
    else:
        table[name] = [*table.get(name, []), *value]


_OPEN_TABLES: Mapping[str, Callable[[str], bool]] = {  # tables that may get new keys
    "fields": lambda name: True,
    "headings": lambda name: True,
    "translate": lambda name: name in layouts.STAGES,
    "suffixes": lambda name: name in (*layouts.STAGES, "any"),
}


def _wrong_value(table: Mapping[str, Any], key: str, name: str, value: Any) -> str:
    may_be_new = _OPEN_TABLES.get(key)
    if name not in table and not (may_be_new and may_be_new(name)):
        return rows.nearest(name, {*table, *(layouts.STAGES if key in ("translate", "suffixes") else ())})
    if key == "translate":
        fine = isinstance(value, dict) and all(isinstance(v, str) for v in value.values())
        return "" if fine else 'expected a table like { draft = "research-open" }'
    if not isinstance(value, list) or not all(isinstance(v, str) and v.strip() for v in value):
        return "expected a list of texts"
    return layouts.check_list(key, name, value)

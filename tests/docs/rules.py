"""docs/reference/rules.md: rules/*.toml as pages, read as the data that they are."""

import tomllib
from collections.abc import Callable, Mapping, Sequence
from typing import Any

from . import hosts, installs
from .paths import NOTICE, PROJECT, code, table

RULES = PROJECT / "rules"
Table = Mapping[str, Any]


def rule_files() -> dict[str, Table]:
    """Every rule file by its name without the ending."""
    return {file.stem: tomllib.loads(file.read_text("utf-8")) for file in sorted(RULES.glob("*.toml"))}


def identifiers(part: object) -> set[str]:
    """Every ``id`` and ``name`` in rule data, however deep."""
    if isinstance(part, Mapping):
        own = {value for key, value in part.items() if key in ("id", "name") and isinstance(value, str)}
        return own.union(*map(identifiers, part.values()))
    return set().union(*map(identifiers, part)) if isinstance(part, list) else set()


def page() -> str:
    """The whole page, one section per file, those of interest first."""
    files = rule_files()
    order = ["lifecycle", "suggestions", "drift", "checks", "layouts", "words", "hosts"]
    names = [*order, *(name for name in files if name not in order)]
    parts = ["# Rules\n", NOTICE + "\n", _INTRO]
    for name in names:
        parts.append(SECTIONS.get(name, _plain)(name, files[name]))
    return "\n".join(parts)


def condition(when: Table) -> str:
    """A condition in words: all of …, one of …, none of …."""
    spoken = {"all": "all of", "any": "one of", "none": "none of"}
    return "; ".join(f"{spoken[key]} {code(*when[key])}" for key in spoken if when.get(key))


def _lifecycle(_: str, data: Table) -> str:
    states = [(f"`{s['name']}`", f"`{s['glyph']}` `{s['ascii']}`", s["meaning"]) for s in data["state"]]
    rules = [
        (f"`{s['name']}`", f"`{r['id']}`", condition(r["when"]), r.get("confidence", "high"))
        for s in data["state"]
        for r in s["rule"]
    ]
    flags = [
        (f"`{f['name']}`", f"`{f['glyph']}` `{f['ascii']}`", "yes" if f["attention"] else "no", f["meaning"])
        for f in data["flag"]
    ]
    missing = [(f"`{tag}`", text) for tag, text in data.get("missing", {}).items()]
    return "\n".join([
        "## States\n", table(("state", "glyph, ASCII", "means"), states),
        "### What leads to a state\n\nTried from the top; the first that holds decides. `explain` names it.\n",
        table(("state", "rule", "holds when", "confidence"), rules),
        "## Flags\n\nThey stand beside the state. Those that need you put `!` in the margin.\n",
        table(("flag", "glyph, ASCII", "needs you", "means"), flags),
        *(["### What is missing\n\nHow `explain` says that a tag is not there.\n", table(("tag", "words"), missing)]
          if missing else []),
    ])  # fmt: skip


def _suggestions(_: str, data: Table) -> str:
    rows = [
        (f"`{s['id']}`", s["action"], condition(s["when"]), f"{s['weight']:+}", f"`{s['command']}`")
        for s in data["suggestion"]
    ]
    weights = [(f"`{w['id']}`", _points(w), w["say"].replace("{n}", "*n*")) for w in data["weight"]]
    rest = {k: v for k, v in data.items() if k not in ("suggestion", "weight")}
    return "\n".join([
        "## Suggestions\n\nThe first that holds gives the action; `swarm next` ranks by the sum of points.\n",
        table(("suggestion", "action", "holds when", "points", "command"), rows),
        "### Weights\n", table(("weight", "points", "said as"), weights), *_rest(rest),
    ])  # fmt: skip


def _points(weight: Table) -> str:
    if "points" in weight:
        return ", ".join(map(str, weight["points"])) + " for 1, 2, 3 …"
    return f"{weight['each']} for each, at most {weight['cap']}"


def _drift(_: str, data: Table) -> str:
    rows = [(f"`{d['id']}`", condition(d["when"]), d["say"], d.get("severity", "warning")) for d in data["drift"]]
    rest = {k: v for k, v in data.items() if k != "drift"}
    return "\n".join([
        "## Drift\n\nSomebody's words against the evidence. It is reported and changes no state.\n",
        table(("drift", "holds when", "says", "severity"), rows), *_rest(rest),
    ])  # fmt: skip


def _checks(_: str, data: Table) -> str:
    rows = [
        (f"`{c['id']}`", c["title"], c.get("severity", "as found"), c["say"], f"`{c['hint']}`" if c.get("hint") else "")
        for c in data["check"]
    ]
    return "\n".join([
        "## Checks\n\nHow `swarm check` words what it finds; see [find drift and mistakes](../how-to/check.md).\n",
        table(("check", "shown under", "severity", "says", "command"), rows),
        *_rest({k: v for k, v in data.items() if k != "check"}),
    ])  # fmt: skip


def _layouts(_: str, data: Table) -> str:
    parts = ["## Layouts\n\n" + _TEMPLATES]
    for layout in data["layout"]:
        parts.append(f"### `{layout['id']}`: {layout['title']}\n\nIn {code(*layout['roots'])}."
                     + (f" At least {layout['at_least']} documents." if layout.get("at_least") else "")
                     + (f" Not read: {code(*layout['ignore'])}." if layout.get("ignore") else "")
                     + (f" Archive: {code(*layout['archive'])}." if layout.get("archive") else "") + "\n")  # fmt: skip
        parts.append(
            table(("file", "kind", "stage"), [(f"`{f['path']}`", f["kind"], f["stage"]) for f in layout["files"]])
        )
    ignored, branches = data["ignore"], data["branches"]
    parts.append(f"### Never documents\n\nNames: {code(*ignored['names'])}.\n")
    parts.append(f"Folders: {code(*ignored['folders'])}.\n")
    parts.append("### Branch names\n\nTried in this order.\n\n"
                 f"{code(*branches['slug'])}\n\nNever a workstream: {code(*branches['ignore'])}.\n")  # fmt: skip
    return "\n".join(parts)


def _words(_: str, data: Table) -> str:
    rows = [
        (f"`{w['id']}`", f"`{w['claim']}`", ", ".join(w.get("stages", [])) or "all", _phrases(w)) for w in data["word"]
    ]
    rest = {k: v for k, v in data.items() if k != "word"}
    return "\n".join([
        "## Words\n\nWhat people write and what it is taken for: a claim, no proof. `*`: a few words, `#`: numbers.\n",
        table(("row", "claims", "in documents of stage", "the status begins with, or has within"), rows), *_rest(rest),
    ])  # fmt: skip


def _phrases(word: Table) -> str:
    within = f"; within: {', '.join(word['within'])}" if word.get("within") else ""
    return ", ".join(word.get("start", [])) + within


def _plain(name: str, data: Table) -> str:
    """A rule file that has no form of its own here yet."""
    return "\n".join([f"## {name.capitalize()}\n", *_rest(data)])


def _rest(data: Table) -> list[str]:
    return [part for name, value in data.items() for part in _any(name, value)]


def _any(name: str, value: object) -> list[str]:
    if isinstance(value, Mapping):
        rows = [(f"`{key}`", _value(inner)) for key, inner in value.items()]
        return [f"### `{name}`\n", table(("key", "value"), rows)]
    if isinstance(value, list) and value and all(isinstance(row, Mapping) for row in value):
        keys = list(dict.fromkeys(key for row in value for key in row))
        return [f"### `{name}`\n", table(keys, [[_value(row.get(key, "")) for key in keys] for row in value])]
    return [f"`{name}`: {_value(value)}\n"]


def _value(value: object) -> str:
    if isinstance(value, Mapping):
        if set(value) <= {"all", "any", "none"}:
            return condition(value)
        return "; ".join(f"{key}: {_value(inner)}" for key, inner in value.items())
    return ", ".join(map(_value, value)) if isinstance(value, Sequence) and not isinstance(value, str) else str(value)


SECTIONS: Mapping[str, Callable[[str, Table], str]] = {
    "lifecycle": _lifecycle,
    "suggestions": _suggestions,
    "drift": _drift,
    "checks": _checks,
    "layouts": _layouts,
    "words": _words,
    "hosts": hosts.section,
    "installs": installs.installs,
    "skills": installs.skills,
}

_INTRO = """\
All policy is data, in `rules/*.toml`. A file of the same name in `.swarm/rules/` adds to it: a row with a new id comes
last, or before the row that its key `before` names; a row with an id from here changes the keys that it names, and goes
with `off = true`; lists of words grow. See [configure layouts and rules](../how-to/configure.md).

Conditions are sets of tags. A tag is a dated fact about one workstream; those under `claim:` are somebody's words,
`decision:` is an explicit one, `state:` the state that was derived. Where the facts come from:
[evidence and states](../explanation/evidence-and-states.md).
"""

_TEMPLATES = """\
The first layout, and in it the first row, that fits a path decides. `{slug}` is the name (a date in front and a phase
or role at the end are split off), `{date}`, `{number}` and `{phase}` are what they say, `{name}` is any one name,
`{any}` anything, `*` any part of a name, `**` any folders, and what stands in `[…]` may be missing. Where a `/`
follows `{slug}`, the folder is the feature.
"""

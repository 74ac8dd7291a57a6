"""What a reader of a history expects of it: the ``[expect]`` table, which no program writes."""

from collections.abc import Mapping
from typing import Any

Document = Mapping[str, Any]


def differences(expect: Mapping[str, Mapping[str, Any]], document: Document) -> list[str]:
    """What differs between ``[expect]`` and a whole workstreams.json with its suggestions; one line each."""
    rows = {row["id"]: row for row in document["workstreams"]}
    found = [f"{name}: missing" for name in sorted(expect.keys() - rows.keys())]
    found += [f"{name}: not expected ({rows[name]['reason']})" for name in sorted(rows.keys() - expect.keys())]
    actions = {row["id"]: row["action"] for row in document["next"]}
    for name in sorted(expect.keys() & rows.keys()):
        seen = _seen(rows[name]) | {"next": actions.get(name, "")}
        for key, wanted in expect[name].items():
            if not _fits(key, wanted, seen[key]):
                found.append(f"{name}: {key} should be {wanted}, is {seen[key]} ({rows[name]['reason']})")
    return found


def _fits(key: str, wanted: Any, seen: Any) -> bool:
    if key == "merge":
        return bool(seen) and seen.startswith(wanted)
    if key in ("tags", "relations"):
        return set(wanted) <= set(seen)
    return bool(wanted == seen)


def _seen(row: Mapping[str, Any]) -> dict[str, Any]:
    documents = row["documents"]
    return {
        "state": row["status"],
        "rule": row["rule"],
        "flags": row["flags"],
        "parent": row["parent"],
        "children": row["children"],
        "branch": row["branch"],
        "worktree": (row["worktree"] or "").rpartition("/")[2],
        "priority": row["priority"],
        "phase": row["phase"],
        "tasks": f"{row['tasks']['done']}/{row['tasks']['total']}",
        "depends": row["dependencies"],
        "blocked": row["blockedBy"],
        "documents": len(documents),
        "shared": sum(d["shared"] for d in documents),
        "drift": [d["id"] for d in row["drift"]],
        "tags": [e["tag"] for e in row["evidence"]],
        "relations": [f"{r['type']} {r['target']}" for r in row["relations"]],
        "merge": row.get("mergeSubject"),
    }

"""What is compared with expected/: the view of one scenario, trimmed to what a person can review."""

import json
from collections.abc import Iterable, Mapping
from dataclasses import replace
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

from reconciler.cli.screens.look import Look as Drawing
from reconciler.cli.screens.status import status
from reconciler.derive.view import derive
from reconciler.model import Claim, View
from reconciler.publish.projections import workstreams_document
from reconciler.reconcile import Look, look

NOW = datetime(2026, 4, 1, 12, 0, tzinfo=UTC)  # after every scenario; nothing that is compared may depend on it
_PLAIN = ("parent", "priority", "phase", "branch", "children", "flags", "dependencies", "blockedBy")


def see(place: Path, claims: Iterable[Mapping[str, Any]] = ()) -> Look:
    """Look at a replayed repository, without any configuration but its own.

    ``claims`` are the rows of ``[[claim]]`` in its history: who holds what at the moment of looking.
    """
    seen = look(place, env={})
    held = tuple(Claim(**row) for row in claims)
    if not held:
        return seen
    snapshot = replace(seen.snapshot, claims=held)
    return replace(seen, snapshot=snapshot, view=derive(snapshot, seen.rulebook))


def status_text(seen: Look) -> str:
    """The status screen as a pipe gets it, everything shown."""
    return status(seen.view, seen.rulebook, NOW, Drawing(), all=True).rstrip("\n") + "\n"


def trimmed_text(seen: Look) -> str:
    """expected/workstreams.json."""
    return json.dumps(trimmed(seen), indent=2, ensure_ascii=False) + "\n"


def trimmed(seen: Look) -> dict[str, Any]:
    """The view without what is long, repeated or empty; commits with their subjects."""
    document = document_of(seen.view)
    subjects = {str(c.id): c.subject for c in seen.snapshot.history.commits}
    return {
        "base": document["base"]["branch"] if document["base"] else None,
        "workstreams": {row["id"]: _row(row, subjects) for row in document["workstreams"]},
        "next": [f"{row['action']} {row['id']} ({_reasons(row)})" for row in document["next"]],
        "diagnostics": [_diagnostic(row) for row in document["diagnostics"]],
    }


def document_of(view: View) -> dict[str, Any]:
    """workstreams.json with everything in it, archived rows too."""
    return workstreams_document(view, all=True, now=NOW)


def whole_document(seen: Look) -> dict[str, Any]:
    """The same, each merge commit with its subject beside it."""
    document = document_of(seen.view)
    subjects = {str(c.id): c.subject for c in seen.snapshot.history.commits}
    rows = [row | {"mergeSubject": subjects.get(row["mergeCommit"])} for row in document["workstreams"]]
    return document | {"workstreams": rows}


def _row(row: Mapping[str, Any], subjects: Mapping[str, str]) -> dict[str, Any]:
    short: dict[str, Any] = {"is": f"{row['status']} by rule {row['rule']}, confidence {row['confidence']}"}
    if row["assignedInstance"]:
        short["held by"] = row["assignedInstance"]
    short |= {key: row[key] for key in _PLAIN if row[key]}
    if row["tasks"]["total"]:
        short["tasks"] = f"{row['tasks']['done']}/{row['tasks']['total']}"
    if row["worktree"]:
        short["worktree"] = Path(row["worktree"]).name
    if row["mergeCommit"]:
        short["mergeCommit"] = f"{row['mergeCommit'][:7]} {subjects.get(row['mergeCommit'], '')}"
    lists = {
        "conflicts": [f"{c['id']}: {', '.join(c['files'])}" for c in row["conflicts"]],
        "relations": [f"{r['type']} {r['target']}, {r['source']}" for r in row["relations"]],
        "documents": [_document(d) for d in row["documents"]],
        "evidence": list(dict.fromkeys(e["tag"] for e in row["evidence"])),
        "drift": [d["id"] for d in row["drift"]],
    }
    return short | {key: value for key, value in lists.items() if value}


def _document(document: Mapping[str, Any]) -> str:
    shared = ", shared" if document["shared"] else ""
    return f"{document['path']} ({document['kind']}{shared}; {', '.join(document['seenIn'])})"


def _diagnostic(row: Mapping[str, Any]) -> str:
    where = f"{row['path']}:{row['line'] or 0}: " if row["path"] else ""
    return f"{where}{row['code']}: {row['message']}"


def _reasons(row: Mapping[str, Any]) -> str:
    return ", ".join(f"+{r['weight']} {r['text']}" for r in row["reasons"])

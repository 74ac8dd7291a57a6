"""Turns derived values into the plain objects of our JSON files: one function per kind of row."""

from datetime import UTC, date, datetime
from typing import Any, TypeAlias

from reconciler.model import (
    Artifacts,
    Base,
    Claim,
    DocumentRef,
    Evidence,
    Problem,
    Relation,
    Suggestion,
    Workstream,
)

Row: TypeAlias = dict[str, Any]  # JSON: what comes out here goes to json.dumps and nowhere else


def workstream_row(stream: Workstream) -> Row:
    """Return one workstream as design.md §4 shows it, with the keys ahead, behind, conflicts, drift, notes added."""
    done, total = stream.tasks
    return {
        "id": stream.id,
        "title": stream.title,
        "type": stream.type,
        "status": stream.state,
        "rule": stream.rule,
        "reason": stream.reason,
        "confidence": stream.confidence,
        "priority": stream.priority,
        "created": day(stream.created),
        "updated": moment(stream.updated),
        "phase": stream.phase_text or None,
        "currentPhase": stream.current_phase,
        "totalPhases": stream.total_phases,
        "tasks": {"done": done, "total": total},
        "parent": stream.parent,
        "children": list(stream.children),
        "aliases": list(stream.aliases),
        "tags": list(stream.tags),
        "assignedInstance": holder(stream.claim),
        "branch": stream.branch,
        "worktree": stream.worktree,
        "ahead": stream.ahead,
        "behind": stream.behind,
        "mergedAt": moment(stream.merged_at),
        "mergeCommit": stream.merge_commit,
        "flags": list(stream.flags),
        "blockedBy": list(stream.blocked_by),
        "dependencies": list(stream.dependencies),
        "conflicts": [{"id": other, "files": list(files)} for other, files in stream.conflicts],
        "relations": [_relation(relation) for relation in stream.relations],
        "artifacts": _artifacts(stream.artifacts),
        "documents": [_document(document) for document in stream.documents],
        "evidence": [_evidence(evidence) for evidence in stream.evidence],
        "drift": [
            {"id": drift.id, "say": drift.say, "severity": drift.severity, "source": drift.source}
            for drift in stream.drift
        ],
        "notes": stream.notes,
    }


def suggestion_row(suggestion: Suggestion) -> Row:
    """Return one suggestion with its reasons and their weights."""
    return {
        "id": suggestion.id,
        "action": suggestion.action,
        "command": suggestion.command,
        "score": suggestion.score,
        "reasons": [{"weight": reason.weight, "text": reason.text} for reason in suggestion.reasons],
    }


def problem_row(problem: Problem) -> Row:
    """Return one diagnostic; what it does not know is null."""
    return {
        "code": problem.code,
        "severity": problem.severity,
        "message": problem.message,
        "path": problem.path or None,
        "line": problem.line or None,
        "hint": problem.hint or None,
        "workstream": problem.workstream or None,
    }


def base_row(base: Base | None) -> Row | None:
    """Return the base branch and its commit."""
    return {"branch": base.branch, "commit": base.commit} if base else None


def holder(claim: Claim | None) -> str | None:
    """Return the session that holds the work; a stale one holds nothing."""
    return claim.session if claim and claim.status != "stale" else None


def moment(at: datetime | None) -> str | None:
    """Return a time as ``2026-01-18T22:00:00Z``."""
    if at is None:
        return None
    aware = at.astimezone(UTC) if at.tzinfo else at.replace(tzinfo=UTC)
    return aware.isoformat(timespec="seconds").replace("+00:00", "Z")


def day(value: date | None) -> str | None:
    """Return a date as ``2026-01-18``."""
    return value.isoformat() if value else None


def _relation(relation: Relation) -> Row:
    return {
        "target": relation.target,
        "type": relation.type,
        "source": relation.source,
        "reason": relation.reason,
    }


def _artifacts(artifacts: Artifacts) -> Row:
    return {
        "research": artifacts.research,
        "plan": artifacts.plan,
        "validation": artifacts.validation,
        "review": artifacts.review,
        "checkpoints": list(artifacts.checkpoints),
    }


def _document(document: DocumentRef) -> Row:
    return {
        "path": document.path,
        "kind": document.kind,
        "date": day(document.date),
        "claims": document.claims or None,
        "seenIn": list(document.seen_in),
        "shared": document.shared,
        "why": document.why or None,
    }


def _evidence(evidence: Evidence) -> Row:
    return {
        "tag": evidence.tag,
        "source": evidence.source,
        "at": moment(evidence.at),
        "detail": evidence.detail,
        "claim": evidence.claim,
    }

"""Findings for machines that read code: SARIF 2.1.0 and the workflow commands of GitHub."""

import hashlib
from collections.abc import Mapping, Sequence
from typing import Any
from urllib.parse import quote

from reconciler.model import Finding
from reconciler.policy import CheckRule
from reconciler.printable import printable

SCHEMA = "https://docs.oasis-open.org/sarif/sarif/v2.1.0/errata01/os/schemas/sarif-schema-2.1.0.json"
LEVELS = {"error": "error", "warning": "warning", "info": "note"}
COMMANDS = {"error": "error", "warning": "warning", "info": "notice"}
NOWHERE = ".swarm/workstreams.json"  # where GitHub shows what is about no file; it refuses results without a place


def sarif(
    findings: Sequence[Finding], rules: Sequence[CheckRule], *, version: str, anchors: Mapping[str, str] | None = None
) -> dict[str, Any]:
    """One SARIF log. ``anchors`` are paths for findings about a workstream and no file."""
    ids = sorted({finding.id for finding in findings})
    index = {name: number for number, name in enumerate(ids)}
    return {
        "$schema": SCHEMA,
        "version": "2.1.0",
        "runs": [
            {
                "tool": {"driver": {"name": "swarm", "version": version, "rules": _rules(ids, findings, rules)}},
                "columnKind": "unicodeCodePoints",
                "results": [_result(finding, index[finding.id], anchors or {}) for finding in findings],
            }
        ],
    }


def annotations(findings: Sequence[Finding]) -> str:
    """``::warning file=…,line=…,title=…::text`` for each finding, one on a line."""
    return "".join(_annotation(finding) + "\n" for finding in findings)


def _rules(ids: Sequence[str], findings: Sequence[Finding], rules: Sequence[CheckRule]) -> list[dict[str, Any]]:
    checks = {finding.id: finding.check for finding in findings}
    levels = {finding.id: finding.severity for finding in findings}
    titles = {rule.id: rule.title for rule in rules}
    return [
        {
            "id": printable(name),
            "shortDescription": {"text": printable(titles.get(checks[name], "")) or printable(name)},
            "defaultConfiguration": {"level": _level(levels[name])},
        }
        for name in ids
    ]


def _result(finding: Finding, index: int, anchors: Mapping[str, str]) -> dict[str, Any]:
    path = finding.path or anchors.get(finding.workstream, "") or NOWHERE
    physical = {"artifactLocation": {"uri": _uri(path)}, "region": {"startLine": max(finding.line, 1)}}
    place: dict[str, Any] = {"physicalLocation": physical}
    if finding.workstream:
        place["logicalLocations"] = [{"fullyQualifiedName": printable(finding.workstream), "kind": "module"}]
    return {
        "ruleId": printable(finding.id),
        "ruleIndex": index,
        "level": _level(finding.severity),
        "message": {"text": printable(_sentence(finding))},
        "locations": [place],
        "partialFingerprints": {"swarmFinding/v1": _fingerprint(finding)},
    }


def _annotation(finding: Finding) -> str:
    properties = {"file": finding.path, "line": str(finding.line) if finding.line else "", "title": finding.id}
    said = ",".join(f"{key}={_property(value)}" for key, value in properties.items() if value)
    return f"::{COMMANDS.get(finding.severity, 'notice')} {said}::{_data(_sentence(finding))}"


def _sentence(finding: Finding) -> str:
    place = f" (in {finding.place})" if finding.place else ""
    return finding.text + place + (f". Try: {finding.hint}" if finding.hint else "")


def _level(severity: str) -> str:
    return LEVELS.get(severity, "note")


def _uri(path: str) -> str:
    """A path relative to the root as a URI reference; bytes that are not UTF-8 keep their value."""
    text = quote(path.encode("utf-8", "surrogateescape"), safe="/-._~")
    return text.removeprefix("/")


def _fingerprint(finding: Finding) -> str:
    """The same for a finding that only moved to another line."""
    parts = (finding.id, finding.path, finding.workstream, finding.text)
    return hashlib.sha256("\0".join(parts).encode("utf-8", "backslashreplace")).hexdigest()[:32]


def _data(text: str) -> str:
    """A message as the runner wants it; whatever else steers a terminal is written as an escape."""
    return printable(text.replace("%", "%25").replace("\r", "%0D").replace("\n", "%0A"))


def _property(text: str) -> str:
    return _data(text).replace(":", "%3A").replace(",", "%2C")

"""`swarm check`: what contradicts, dangles or was left over, grouped, the most severe first."""

import re
from collections.abc import Iterator, Mapping, Sequence
from datetime import datetime
from itertools import groupby
from typing import Any

from reconciler.cli.screens.ink import Ink, Line, Rules, Span, edge, line, paint, plural
from reconciler.cli.screens.look import Look
from reconciler.cli.screens.sheet import Entry, sheet, wrapped
from reconciler.model import SEVERITIES, Finding
from reconciler.policy import CheckRule

STYLES = {"error": "red", "warning": "yellow"}
_NAMED = re.compile(r"\{([a-z]+)\}")
MOST = 12  # rows of one group on a screen
NOUNS = {"error": "error", "warning": "warning", "info": "remark"}


def check_screen(
    findings: Sequence[Finding],
    checks: Sequence[CheckRule],
    rules: Rules,
    now: datetime,
    look: Look,
    *,
    looked_at: str,
    whole: bool = False,
) -> str:
    """The findings under the titles of their rows, then the counts. ``whole`` leaves nothing out.

    Piped, one finding is one line ``path:line: severity: text [id]`` and nothing else is said.
    """
    ink = Ink(look, now, rules)
    if look.piped:
        return paint([line(_grep(one, ink)) for one in findings], look)
    if not findings:
        return paint([line(f"Nothing found: {looked_at}.")], look)
    rows = {rule.id: rule for rule in checks}
    lines: list[Line] = []
    for (severity, title), group in groupby(findings, key=lambda one: (one.severity, rows[one.check].title)):
        kind = tuple(group)
        lines += _group(severity, title, kind, ink, hint=_hint(kind, rows), whole=whole)
    return paint([*lines, *wrapped((), f"{counts(findings)}; {looked_at}.", ink)], look)


def counts(findings: Sequence[Finding]) -> str:
    """``1 error, 4 warnings and 31 remarks``; those that a line sums up are counted each."""
    numbers = {severity: sum(one.count for one in findings if one.severity == severity) for severity in SEVERITIES}
    said = [plural(number, NOUNS[severity]) for severity, number in numbers.items() if number]
    if len(said) < 2:
        return said[0] if said else "nothing found"
    return f"{', '.join(said[:-1])} and {said[-1]}"


def as_row(finding: Finding) -> dict[str, Any]:
    """One finding as JSON."""
    return {
        "id": finding.id,
        "check": finding.check,
        "severity": finding.severity,
        "workstream": finding.workstream or None,
        "path": finding.path or None,
        "line": finding.line or None,
        "seenIn": finding.place or None,
        "text": finding.text,
        "hint": finding.hint or None,
    }


def _group(
    severity: str, title: str, group: tuple[Finding, ...], ink: Ink, *, hint: str, whole: bool
) -> Iterator[Line]:
    total = sum(one.count for one in group)
    head = f"{title} {total}" if total > 1 else title
    if ink.look.accessible:
        yield line(f"{title}, {plural(total, NOUNS.get(severity, severity))}:")
    else:
        yield from edge(line(Span(ink.prose(head), "bold")), ink.text(hint), ink.look)
    shown = group if whole else group[:MOST]
    yield from sheet("", [_entry(one) for one in shown], ink)
    if len(shown) < len(group):
        yield line(f"  {len(group) - len(shown)} more: swarm check --all")
    if ink.look.accessible and hint:
        yield line(ink.prose(f"to mend: {hint}"))


def _entry(one: Finding) -> Entry:
    where = f"{one.path}:{one.line}" if one.line else one.path
    return Entry(one.severity, one.text + _place(one), where, STYLES.get(one.severity, ""))


def _hint(group: tuple[Finding, ...], rows: Mapping[str, CheckRule]) -> str:
    """The way out of the only one; of several the command with ID and the like in the place of names."""
    hints = dict.fromkeys(one.hint for one in group if one.hint)
    if len(hints) < 2:
        return next(iter(hints), "")
    general = _NAMED.sub(lambda match: match[1].upper(), rows[group[0].check].hint)
    return general if " " in general else next(iter(hints))


def _grep(one: Finding, ink: Ink) -> str:
    where = f"{one.path}:{one.line}: " if one.line else f"{one.path}: " if one.path else ""
    return f"{ink.text(where)}{one.severity}: {ink.field(one.text)}{ink.text(_place(one))} [{one.id}]"


def _place(one: Finding) -> str:
    return f" (in {one.place})" if one.place else ""

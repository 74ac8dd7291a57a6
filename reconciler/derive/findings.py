"""What ``swarm check`` finds: contradictions, mistakes and leftovers, worded by rows of checks.toml. Pure."""

import re
import shlex
from collections import defaultdict
from collections.abc import Iterable, Iterator, Mapping, Sequence

from reconciler.derive.checked_documents import DOCUMENT_CHECKS
from reconciler.derive.checked_ground import Ground, Hit
from reconciler.derive.checked_work import WORK_CHECKS
from reconciler.model import SEVERITIES, Finding, Problem, Snapshot, View
from reconciler.policy import CheckRule, Rulebook

_NAMED = re.compile(r"\{([a-z]+)\}")
_COMMAND = re.compile(r"(?:swarm|git) \w")
_SHOWN = 3  # names in a line that stands for many
_ONCE = frozenset({"cycle"})  # problems that a check of its own reports


def find_findings(
    snapshot: Snapshot, view: View, rulebook: Rulebook, *, on_disk: frozenset[str] = frozenset()
) -> tuple[Finding, ...]:
    """Everything that is wrong or left over, most severe first, then in the order of checks.toml.

    ``on_disk`` are paths that exist although git does not know them; see :func:`paths_to_look_for`.
    """
    ground = Ground.of(snapshot, view, rulebook, on_disk)
    rules = {rule.id: rule for rule in rulebook.checks}
    order = {rule.id: number for number, rule in enumerate(rulebook.checks)}
    found = {_worded(hit, rule) for hit in _hits(ground) if (rule := rules.get(hit.id) or rules.get(hit.check))}
    return tuple(sorted(found, key=lambda f: (_rank(f), order[f.check], f.path, f.line, f.workstream, f.text, f.id)))


def paths_to_look_for(snapshot: Snapshot, view: View, rulebook: Rulebook) -> frozenset[str]:
    """Paths that documents name and that git does not know: they may still lie on the disk, ignored."""
    ground = Ground.of(snapshot, view, rulebook)
    return frozenset(path for link in ground.dangling() for path in link.meant)


def fold(findings: Sequence[Finding], rulebook: Rulebook) -> tuple[Finding, ...]:
    """The same with one line for the many remarks of a kind; ``count`` says for how many it stands."""
    rules = {rule.id: rule for rule in rulebook.checks}
    kinds: dict[tuple[str, str], list[Finding]] = defaultdict(list)
    for finding in findings:
        kinds[finding.check, finding.severity].append(finding)
    folded = []
    for (check, severity), kind in kinds.items():
        rule = rules[check]
        is_folded = severity == "info" and bool(rule.many) and len(kind) > rule.fold
        folded += [_sum(kind, rule)] if is_folded else kind
    return tuple(folded)


def _hits(ground: Ground) -> Iterator[Hit]:
    yield from _drift(ground)
    yield from _problems(ground)
    yield from _cycles(ground)
    for check in (*WORK_CHECKS, *DOCUMENT_CHECKS):
        yield from check(ground)


def _drift(ground: Ground) -> Iterable[Hit]:
    for workstream in ground.view.workstreams:
        for drift in workstream.drift:
            path, line = _parted(drift.source)
            who = "" if drift.say.startswith(workstream.id) else f"{workstream.id}: "
            yield Hit(
                drift.id, {"who": who, "message": drift.say}, path, line, workstream.id,
                check="drift", severity=drift.severity, place=ground.place_of(path),
            )  # fmt: skip


def _problems(ground: Ground) -> Iterable[Hit]:
    rows = {code: rule.id for rule in ground.rulebook.checks for code in rule.codes}
    known = {rule.id for rule in ground.rulebook.checks}
    for problem in ground.view.problems:
        row = problem.code if problem.code in known else rows.get(problem.code, "problem")
        if problem.code in _ONCE or (row == "problem" and problem.severity == "info"):
            continue  # conditions of the repository are what swarm doctor is for
        stream = problem.workstream or ground.workstream_at(problem.path)
        message = problem.message if _is_command(problem) else f"{problem.message}; {problem.hint}"
        hint = problem.hint if _COMMAND.match(problem.hint) else ""
        yield Hit(
            problem.code, {"message": message.rstrip("; ")}, problem.path, problem.line, stream,
            check=row, severity=problem.severity, place=ground.place_of(problem.path), hint=hint,
        )  # fmt: skip


def _is_command(problem: Problem) -> bool:
    return not problem.hint or _COMMAND.match(problem.hint) is not None


def _cycles(ground: Ground) -> Iterable[Hit]:
    for cycle in ground.view.cycles:
        members = set(cycle)
        sources = [
            relation.source
            for member in cycle
            for relation in ground.streams[member].relations
            if relation.type == "blocks" and relation.target in members
        ]
        path, line = _parted(sources[0] if sources else "")
        yield Hit("cycle", {"cycle": " -> ".join((*cycle, cycle[0]))}, path, line, cycle[0])


def _parted(source: str) -> tuple[str, int]:
    """The path and the line of ``path:line``."""
    path, _, line = source.rpartition(":")
    return (path, int(line)) if path and line.isdecimal() and line.isascii() else (source, 0)


# -- words


def _worded(hit: Hit, rule: CheckRule) -> Finding:
    values = {"id": hit.workstream, "path": hit.path, **hit.values}
    hint = hit.hint or _filled(rule.hint, {k: v if k == "command" else _quoted(v) for k, v in values.items()})
    text = " ".join(_filled(rule.say, values).split())
    return Finding(
        id=hit.id,
        check=rule.id,
        severity=rule.severity or hit.severity or "warning",
        text=text,
        path=hit.path,
        line=hit.line,
        workstream=hit.workstream,
        hint=hint if _is_whole(hint) else "",
        place=hit.place,
        about=hit.values.get("about") or hit.workstream or hit.path or text,
    )


def _filled(words: str, values: Mapping[str, str]) -> str:
    """``words`` with each ``{name}`` replaced once; what the values hold is never read as a name."""
    return _NAMED.sub(lambda match: values.get(match[1], match[0]), words)


def _quoted(value: str) -> str:
    return shlex.quote(value) if value else ""


def _is_whole(hint: str) -> bool:
    """Nothing that a command needs was missing."""
    return not hint.endswith(" ") and "{" not in hint and "  " not in hint


def _sum(kind: Sequence[Finding], rule: CheckRule) -> Finding:
    named = list(dict.fromkeys(f.about for f in kind))
    more = f" and {len(named) - _SHOWN} more" if len(named) > _SHOWN else ""
    values = {"n": str(len(kind)), "names": ", ".join(named[:_SHOWN]) + more, "first": kind[0].text}
    ids = {f.id for f in kind}
    return Finding(
        id=min(ids) if len(ids) == 1 else rule.id,
        check=rule.id,
        severity=kind[0].severity,
        text=_filled(rule.many, values),
        hint="swarm check --all",
        count=len(kind),
    )


def _rank(finding: Finding) -> int:
    return SEVERITIES.index(finding.severity) if finding.severity in SEVERITIES else len(SEVERITIES)

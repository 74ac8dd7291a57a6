"""What came of a session's time on a workstream: commits, documents and steps, by their times and git's history."""

from collections.abc import Iterable, Mapping
from datetime import datetime

from reconciler.frozen import frozen
from reconciler.model import Commit, CommitId, Snapshot, Workstream

WRITTEN = {
    "research": "research written",
    "plan": "plan written",
    "spec": "specification written",
    "checkpoint": "checkpoint written",
    "validation": "validation written",
    "review": "review written",
}


@frozen
class Spell:
    """One session's time on one workstream; ``branch`` is where it was when it claimed."""

    since: datetime
    until: datetime
    branch: str = ""


@frozen
class Step:
    """A change on the way of a workstream: its state follows from such."""

    at: datetime
    say: str
    source: str  # commit id


@frozen
class Outcome:
    """Everything oldest first; documents by path."""

    commits: tuple[Commit, ...] = ()
    artifacts: tuple[str, ...] = ()
    steps: tuple[Step, ...] = ()


def outcome(spell: Spell, workstream: Workstream, snapshot: Snapshot) -> Outcome:
    """What happened to ``workstream`` in that time, by committer times; only one session holds it at a time."""
    everything = _commits_of(spell, workstream, snapshot)
    since = spell.since.replace(microsecond=0)  # git knows whole seconds
    during = tuple(c for c in everything if since <= c.at <= spell.until)
    stages = {d.path: d.stage for d in snapshot.documents}
    touched = {change.path for commit in during for change in commit.changes}
    steps = [step for commit in during for step in _written(commit, stages)]
    first = next((c for c in everything if _changes_source(c, stages)), None)
    if first is not None and first in during:
        steps.append(Step(first.at, "first source changed", first.id))
    if workstream.merged_at and since <= workstream.merged_at <= spell.until:
        steps.append(Step(workstream.merged_at, "merged", workstream.merge_commit or ""))
    ordered = tuple(sorted(steps, key=lambda step: (step.at, step.say, step.source)))
    return Outcome(during, tuple(sorted(touched & stages.keys())), ordered)


def _commits_of(spell: Spell, workstream: Workstream, snapshot: Snapshot) -> tuple[Commit, ...]:
    """All commits of the workstream, whenever: those of its branches, those that it brought, those on its files."""
    base = snapshot.base.branch if snapshot.base else ""
    names = {spell.branch, workstream.branch} - {base, "", None}
    found: dict[CommitId, Commit] = {c.id: c for b in snapshot.branches if b.name in names for c in b.own}
    known = {c.id: c for c in snapshot.history.commits}
    if workstream.merge_commit in known:
        found.update((c.id, c) for c in _brought(known[workstream.merge_commit], known, snapshot.history.spine))
    paths = {d.path for d in workstream.documents if not d.shared} | set(workstream.files)
    for commit in snapshot.history.commits:
        if any(change.path in paths for change in commit.changes):
            found[commit.id] = commit
    return tuple(sorted(found.values(), key=lambda c: (c.at, c.id)))


def _brought(merge: Commit, known: Mapping[CommitId, Commit], spine: frozenset[CommitId]) -> Iterable[Commit]:
    """A commit on the base, and all that came in with it."""
    seen, waiting = {merge.id}, [merge]
    while waiting:
        commit = waiting.pop()
        yield commit
        for parent in commit.parents[1:] if commit is merge else commit.parents:
            if parent in known and parent not in spine and parent not in seen:
                seen.add(parent)
                waiting.append(known[parent])


def _written(commit: Commit, stages: Mapping[str, str]) -> Iterable[Step]:
    new = {stages[c.path] for c in commit.changes if c.path in stages and not c.old.strip("0")}
    return [Step(commit.at, WRITTEN[stage], commit.id) for stage in sorted(new) if stage in WRITTEN]


def _changes_source(commit: Commit, stages: Mapping[str, str]) -> bool:
    return any(c.path not in stages and not c.path.startswith(".swarm/") for c in commit.changes)

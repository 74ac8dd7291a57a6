"""What state a workstream was in, and when: its dated evidence replayed through the rules of lifecycle.toml. Pure.

Evidence is what is there now. What was rewritten, deleted or never dated leaves no trace, so a step is the latest
moment at which the state began; docs/how-to/report.md says what cannot be known.
"""

from collections.abc import Mapping, Sequence
from dataclasses import replace
from datetime import UTC, datetime, time

from reconciler.derive.lifecycle import decide
from reconciler.frozen import frozen
from reconciler.model import Branch, Commit, CommitId, Evidence, History, Snapshot, State, Tag, Workstream
from reconciler.policy import Rulebook

_WORK = Tag("in-flight")
_DOCUMENTS = frozenset({"research", "plan", "spec"})  # facts that begin with the date in a document's name


@frozen
class Step:
    """One change of state, with the evidence that came then."""

    at: datetime
    state: State
    because: Evidence


class Past:
    """What all histories share, looked up once."""

    def __init__(self, snapshot: Snapshot, rulebook: Rulebook) -> None:
        self.rulebook = rulebook
        self.branches: Mapping[str, Branch] = {branch.name: branch for branch in snapshot.branches}
        self.commits: Mapping[CommitId, Commit] = {commit.id: commit for commit in snapshot.history.commits}
        self.spine = snapshot.history.spine
        self.ranks = {row.name: rank for rank, row in enumerate(rulebook.states)}

    def steps(self, stream: Workstream) -> tuple[Step, ...]:
        """Its changes of state, oldest first; the last one is its state now. Empty when nothing is dated."""
        dated = sorted((_earliest(item, stream) for item in stream.evidence if item.at), key=_moment)
        work = self._first_work(stream)
        moments = sorted({_moment(item) for item in dated} | ({_moment(work)} if work else set()))
        steps: list[Step] = []
        for moment in moments:
            there = [item for item in dated if _moment(item) <= moment]
            if work and _moment(work) <= moment and not (stream.merged_at and stream.merged_at <= moment):
                there.append(work)
            decision = decide(there, self.rulebook)
            steps.append(Step(moment, decision.row.name, _newest(decision.because, there, moment)))
        if steps and steps[-1].state != stream.state:
            everything = [*dated, *(item for item in stream.evidence if not item.at)]
            because = decide(everything, self.rulebook).because
            steps.append(Step(moments[-1], stream.state, _newest(because, everything, moments[-1])))
        return tuple(self._rising(steps))

    def _rising(self, steps: Sequence[Step]) -> list[Step]:
        """Changes only, and none beyond what came after it: what held it back then was not dated then."""
        kept: list[Step] = []
        for step in reversed(steps):
            state = max(step.state, kept[-1].state if kept else step.state, key=self.ranks.__getitem__)
            if kept and kept[-1].state == state:
                kept.pop()
            kept.append(replace(step, state=state))
        return kept[::-1]

    def _first_work(self, stream: Workstream) -> Evidence | None:
        """The first commit of its branch: those that are not merged, or those that its merge brought."""
        branch = self.branches.get(stream.branch or "")
        commits = list(branch.own) if branch and branch.own else self._brought(stream.merge_commit)
        if not commits:
            return None
        first = min(commits, key=lambda commit: (commit.at, commit.id))
        return Evidence(_WORK, str(first.id)[:7], f"first commit of the work: {first.subject}", first.at)

    def _brought(self, merge: CommitId | None) -> list[Commit]:
        commit = self.commits.get(merge) if merge else None
        if commit is None or len(commit.parents) < 2:
            return [commit] if commit and commit.id not in self.spine else []
        found: dict[CommitId, Commit] = {}
        open_ends = list(commit.parents[1:])
        while open_ends:
            one = self.commits.get(open_ends.pop())
            if one is not None and one.id not in found and one.id not in self.spine:
                found[one.id] = one
                open_ends.extend(one.parents)
        return list(found.values())


def state_at(steps: Sequence[Step], moment: datetime) -> State | None:
    """The state at that moment; None when nothing was known yet."""
    return next((step.state for step in reversed(steps) if step.at <= moment), None)


def _earliest(item: Evidence, stream: Workstream) -> Evidence:
    """A document is there from the day in its name on; its words only since they were last changed."""
    if item.tag not in _DOCUMENTS or item.at is None:
        return item
    path = item.source.partition(":")[0]
    days = [d.date for d in stream.documents if d.path == path and d.date]
    begun = datetime.combine(min(days), time(), UTC) if days else item.at
    return replace(item, at=min(item.at, begun))


def _moment(item: Evidence) -> datetime:
    assert item.at is not None  # the callers chose those with a date
    return item.at


def _newest(because: Sequence[Evidence], there: Sequence[Evidence], moment: datetime) -> Evidence:
    """What decided and was new then; else what was new, facts before somebody's words."""
    fresh = [item for item in because if item.at == moment] or [item for item in there if item.at == moment]
    return min(fresh or there, key=lambda item: item.claim)


def is_cut(history: History) -> bool:
    """Whether older merges may be missing."""
    return history.cut or history.shallow

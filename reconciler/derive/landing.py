"""One verdict for every branch name: the ladder of docs/explanation/landing.md, cheapest and surest rung first.

``survey`` looks over the facts, ``candidates`` says which patches decide, ``judge`` gives the verdicts.
A verdict depends on the base's tip, the branch's tip and its reflog only.
"""

from collections.abc import Iterable, Sequence

from reconciler.derive.landing_content import Pair, Patches
from reconciler.derive.landing_ground import Ground, survey
from reconciler.derive.landing_inside import judge_inside, judge_vanished
from reconciler.derive.landing_outside import carried, judge_outside
from reconciler.derive.landing_reverts import Reverts
from reconciler.model import Branch, Landing, Patch, Tag

__all__ = ["candidates", "judge", "survey"]


def candidates(ground: Ground) -> tuple[Pair, ...]:
    """The diffs, (old, new), whose patches the verdicts would like to compare."""
    patches = Patches()
    _judge_all(ground, patches)
    return tuple(sorted(pair for pair in patches.asked if all(pair)))


def judge(ground: Ground, patches: Sequence[Patch]) -> tuple[Landing, ...]:
    """One verdict for each branch, and for names of merged branches that are gone; sorted by name."""
    return tuple(sorted(_judge_all(ground, Patches(patches)), key=lambda landing: landing.branch))


def _judge_all(ground: Ground, patches: Patches) -> Iterable[Landing]:
    facts = ground.facts
    if facts.base is None:
        return [_unknown(branch, "there is no base branch to land on") for branch in facts.branches]
    reverts = Reverts(ground)
    landings = [_judge_one(ground, branch, reverts, patches) for branch in facts.branches]
    verdicts = {landing.branch: landing for landing in landings}
    landings = [carried(ground, landing, verdicts) for landing in landings]
    return [*landings, *judge_vanished(ground, reverts)]


def _judge_one(ground: Ground, branch: Branch, reverts: Reverts, patches: Patches) -> Landing:
    if branch.own:
        return judge_outside(ground, branch, reverts, patches)
    return judge_inside(ground, branch, reverts)


def _unknown(branch: Branch, why: str) -> Landing:
    return Landing(branch.name, "unknown", Tag("unknown"), 0, why, confidence="low")

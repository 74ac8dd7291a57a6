"""Workstreams told again where nothing but the words of some of their documents changed.

What a change of words can reach beyond its own workstream is compared before and after; where it is not the same,
everything is to be derived afresh.
"""

from dataclasses import replace
from typing import Any

from reconciler.derive.dependencies import name_again
from reconciler.derive.dossier import Common, Dossier, Told, tell
from reconciler.derive.groups import Group
from reconciler.derive.hurdles import is_in_flight
from reconciler.derive.judging import as_child
from reconciler.derive.regroup import Copies, renew
from reconciler.frozen import frozen
from reconciler.model import Snapshot
from reconciler.policy import Rulebook


@frozen
class Amended:
    """A workstream before and after its documents changed."""

    dossier: Dossier
    before: Told
    after: Told


def amend(
    dossier: Dossier, changed: Copies, now: Snapshot, common: Common, rulebook: Rulebook
) -> Amended | None:  # fmt: skip
    """The workstream with the copies that ``changed`` (path -> copies), and the work trees of ``now``.

    None when the change may reach others: who belongs together, what was done for it, what waits for it, who
    flies beside it.
    """
    trees = {tree.path: tree for tree in now.worktrees}
    if any(tree.path not in trees for tree in dossier.group.worktrees):
        return None
    group = renew(dossier.group, changed, trees, now)
    if group is None or _works(group) != _works(dossier.group):
        return None
    relations = name_again(dossier.relations, dossier.group, group, common.resolver)
    if relations is None:
        return None
    renewed = replace(dossier, group=group, relations=relations)
    before, after = tell(dossier, common, rulebook), tell(renewed, common, rulebook)
    return Amended(renewed, before, after) if _reach(before) == _reach(after) else None


def _works(group: Group) -> list[Any]:
    """What the history was searched for on behalf of a group."""
    return [(d.path, d.stage, d.folder, d.text.files, d.text.creates, d.date, d.text.created) for d in group.documents]


def _reach(told: Told) -> tuple[Any, ...]:
    """What other workstreams see of one."""
    workstream = told.finished.workstream
    parent = as_child(told.judged) if told.judged.group.parent else None
    is_open = workstream.state not in ("merged", "abandoned")
    return (
        parent,
        is_open,
        workstream.state == "merged",
        workstream.merged_at,
        is_in_flight(workstream),
        workstream.state in ("implementing", "in-review") and workstream.branch,
        workstream.files,
        [(relation.target, relation.type) for relation in workstream.relations],
        told.finished.collisions,
    )

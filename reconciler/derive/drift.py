"""Where somebody's words disagree with the evidence: rows of drift.toml."""

from collections.abc import Sequence

from reconciler.model import Drift, Evidence, Tag
from reconciler.policy import Rulebook


def find_drift(evidence: Sequence[Evidence], tags: frozenset[Tag], rulebook: Rulebook) -> tuple[Drift, ...]:
    """The drift of one workstream; ``tags`` are those of its evidence and its state."""
    found = []
    for rule in rulebook.drift:
        if rule.when.holds(tags):
            at = next((e for e in evidence if e.tag == rule.at), None)
            words = f"{at.detail}, {rule.say}" if at else rule.say
            found.append(Drift(rule.id, words, at.source if at else "", rule.severity))
    return tuple(found)

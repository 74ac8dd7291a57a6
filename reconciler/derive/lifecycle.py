"""From tags to a state: the first rule of lifecycle.toml that holds, and the rules that nearly did."""

from collections.abc import Mapping, Sequence

from reconciler.frozen import frozen
from reconciler.model import Evidence, NearMiss, Tag
from reconciler.policy import Condition, Rulebook, StateRow, StateRule


@frozen
class Decision:
    row: StateRow
    rule: StateRule
    because: tuple[Evidence, ...]  # the evidence that the rule's condition names, strongest first
    near: tuple[NearMiss, ...]


_ORDER = ("merge-commit", "fast-forward", "merge-subject", "squash")  # as people look for a landing


def decide(evidence: Sequence[Evidence], rulebook: Rulebook) -> Decision:
    """The state of a workstream with this evidence. The last state's last rule must hold for everything."""
    tags = frozenset(item.tag for item in evidence)
    near: list[NearMiss] = []
    for row in rulebook.states:
        for rule in row.rules:
            if rule.when.holds(tags):
                return Decision(row, rule, _because(rule.when, evidence), tuple(near))
        if row.rules:
            rule = row.rules[0]
            near.append(NearMiss(row.name, rule.id, _sentence(rule.when, tags, rulebook.phrases)))
    row = rulebook.states[-1]
    return Decision(row, StateRule("default", row.name, Condition()), tuple(evidence), tuple(near))


def reason_of(decision: Decision) -> str:
    """One sentence for people: the rule's own words, else the strongest evidence."""
    if decision.rule.say:
        return decision.rule.say
    return decision.because[0].detail if decision.because else decision.row.meaning


def confidence_of(decision: Decision) -> str:
    """The rule's confidence, lowered when it leans on nothing but somebody's words."""
    if decision.because and all(item.claim for item in decision.because):
        return "low"
    return decision.rule.confidence


def _because(when: Condition, evidence: Sequence[Evidence]) -> tuple[Evidence, ...]:
    named = [item for item in evidence if item.tag in when.all | when.any]
    order = {"merge-commit": 0, "fast-forward": 1, "merge-subject": 2, "squash": 3, "code-on-base": 10}
    return tuple(sorted(named, key=lambda e: (order.get(e.tag, 9), e.claim)))


def _lacks(when: Condition, tags: frozenset[Tag]) -> list[Tag]:
    missing = sorted(when.all - tags)
    if when.any and not when.any & tags:
        missing += sorted(when.any, key=lambda tag: (_ORDER.index(tag) if tag in _ORDER else len(_ORDER), tag))
    return missing


def _sentence(when: Condition, tags: frozenset[Tag], phrases: Mapping[str, str]) -> str:
    parts = list(dict.fromkeys(phrases.get(tag, f"no {tag}") for tag in _lacks(when, tags)))
    if against := sorted(when.none & tags):
        parts.append("but " + ", ".join(phrases.get(f"not:{tag}", tag.replace("-", " ")) for tag in against))
    return ", ".join(parts)

"""Every state, rule, suggestion, weight and drift row of the shipped rules is shown by at least one scenario."""

import re
from collections.abc import Iterator

import pytest

from reconciler.model import View
from reconciler.observe.rulebook import load_rulebook
from reconciler.policy import Rulebook
from tests.scenarios.conftest import Looks
from tests.scenarios.replay import scenarios


@pytest.fixture(scope="module")
def rulebook() -> Rulebook:
    return load_rulebook(overrides=None)


@pytest.fixture(scope="module")
def views(looks: Looks) -> list[View]:
    return [looks.at(scenario).view for scenario in scenarios()]


def test_every_state_is_shown(rulebook: Rulebook, views: list[View]) -> None:
    shown = {w.state for view in views for w in view.workstreams}
    assert {row.name for row in rulebook.states} - shown == set()


def test_every_lifecycle_rule_decides_somewhere(rulebook: Rulebook, views: list[View]) -> None:
    shown = {w.rule for view in views for w in view.workstreams}
    assert {rule.id for row in rulebook.states for rule in row.rules} - shown == set()


def test_every_drift_row_is_shown(rulebook: Rulebook, views: list[View]) -> None:
    shown = {drift.id for view in views for w in view.workstreams for drift in w.drift}
    assert {rule.id for rule in rulebook.drift} - shown == set()


def test_every_suggestion_is_made(rulebook: Rulebook, views: list[View]) -> None:
    shown = {(action, text) for action, text in _reasons(views)}
    assert {rule.id for rule in rulebook.suggestions if (rule.action, rule.say) not in shown} == set()


def test_every_weight_counts_somewhere(rulebook: Rulebook, views: list[View]) -> None:
    texts = {text for _, text in _reasons(views)}
    missing = set()
    for weight in rulebook.weights:
        pattern = re.compile(re.escape(weight.say).replace(r"\{n\}", r"\d+"))
        if not any(pattern.fullmatch(text) for text in texts):
            missing.add(weight.id)
    assert missing == set()


def _reasons(views: list[View]) -> Iterator[tuple[str, str]]:
    for view in views:
        for suggestion in view.next:
            for reason in suggestion.reasons:
                yield suggestion.action, reason.text

"""What `swarm explain` says would move a workstream on."""

from dataclasses import replace
from typing import Any

import pytest

from reconciler.cli.screens.ink import Ink
from reconciler.cli.screens.look import Look
from reconciler.cli.screens.steps import WAYS, steps_of
from reconciler.model import Artifacts, Drift, Evidence, Suggestion, Tag, WorkstreamId
from reconciler.observe.rulebook import load_rulebook

from .world import NOW, claim, demo, shipped, stream

INK = Ink(Look(), NOW, shipped())


def steps(state: str, *others: Any, next: tuple[Suggestion, ...] = (), **more: Any) -> list[str]:
    one = stream("x", state, "1d", **more)
    return steps_of(one, replace(demo(), workstreams=(one, *others), next=next), INK)


def fact(tag: str, source: str = "p.md:3") -> Evidence:
    return Evidence(Tag(tag), source, tag)


def ids(*names: str) -> tuple[WorkstreamId, ...]:
    return tuple(map(WorkstreamId, names))


@pytest.mark.parametrize(
    ("state", "said"),
    [
        ("idea", "research or plan it: swarm claim x"),
        ("researching", "write the research down: swarm claim x"),
        ("researched", "write a plan: swarm claim x"),
        ("planning", "write the plan"),
        ("ready", "start it: swarm claim x"),
        ("implementing", "write a review"),
        ("in-review", "merge its branch"),
        ("of-a-rule-file", "swarm update x records a decision"),
    ],
)
def test_each_state_has_its_step(state: str, said: str) -> None:
    assert steps(state) == [said]


def test_every_open_state_of_the_rules_has_one() -> None:
    assert {str(row.name) for row in load_rulebook().states if row.open} == set(WAYS)


def test_what_somebody_holds_is_not_offered() -> None:
    held = claim("x", "claude-1", "1m")
    assert steps("ready", claim=held) == ["commit work on a branch of it"]
    assert steps("researched", claim=held) == ["write a plan"]


def test_stale_work_is_taken_up_again() -> None:
    gone = replace(claim("x", "claude-1", "9h"), status="stale")
    assert steps("implementing", claim=gone)[0] == "go on with it: swarm claim x"


def test_a_branch_with_commits_can_be_merged_and_a_landed_one_cannot() -> None:
    flying: dict[str, Any] = {"branch": "feat/x", "evidence": (fact("in-flight"),)}
    assert steps("implementing", **flying) == ["write a review", "merge the branch feat/x"]
    assert steps("implementing", branch="feat/x") == ["write a review"]
    reviewed = Artifacts(review="r.md")
    assert steps("implementing", artifacts=reviewed, **flying) == ["merge the branch feat/x"]


def test_open_phases_come_before_the_review() -> None:
    assert steps("implementing", phase_text="1/3") == ["finish its phases (1 of 3 done)"]


def test_the_suggested_merge_is_the_one_to_type() -> None:
    merge = Suggestion(WorkstreamId("x"), "merge", "git merge --no-ff feat/x", 50, ())
    assert steps("in-review", branch="feat/x", next=(merge,)) == ["merge it: git merge --no-ff feat/x"]


def test_a_blocker_comes_first_unless_work_goes_on() -> None:
    other = stream("y", "planning", "1d")
    assert steps("ready", other, blocked_by=ids("y")) == ["finish y first (planning)"]
    assert steps("implementing", other, blocked_by=ids("y")) == ["write a review"]
    assert steps("ready", blocked_by=ids("gone")) == ["finish gone first (unknown)"]


def test_a_parent_names_its_open_children() -> None:
    children = [stream(f"x/{n}", "ready", "1d") for n in range(4)] + [stream("x/z", "merged", "1d")]
    said = steps("implementing", *children, children=tuple(one.id for one in children))
    assert said == ["finish what is open in it: x/0, x/1, x/2 ..."]


def test_a_draft_names_the_line_that_says_so() -> None:
    assert steps("planning", evidence=(fact("claim:draft"),)) == ["finish the plan; its status says draft at p.md:3"]
    assert steps("planning", evidence=(fact("template"),)) == ["fill in the template"]


def test_a_cycle_has_to_be_broken() -> None:
    assert steps("ready", blocked_by=ids("x"), flags=("cycle",)) == ["take one dependency of the cycle away"]


def test_closed_work_has_no_step_but_a_decision_can_be_taken_back() -> None:
    assert steps("merged") == []
    assert steps("abandoned", evidence=(fact("decision:shelved"),)) == [
        "swarm update --status open x takes the decision back"
    ]


def test_only_drift_that_matters_is_a_step() -> None:
    lag, lie = Drift("d", "says Draft", "p.md:4", "info"), Drift("e", "says Complete", "p.md:5")
    assert steps("merged", drift=(lag,)) == []
    assert steps("merged", drift=(lag, lie, lie)) == ["correct the words at p.md:5"]

"""Why a state is what it is."""

from dataclasses import replace
from typing import Any

from reconciler.cli.screens.explain import explain
from reconciler.cli.screens.look import Look
from reconciler.model import Drift, Evidence, State, Tag, WorkstreamId
from reconciler.policy import Condition, StateRule

from .world import NOW, ago, demo, shipped, stream

_RULE = StateRule("ready", State("ready"), Condition(any=frozenset({Tag("plan")})))


def told(look: Look, state: str = "ready", **more: Any) -> list[str]:
    view = replace(demo(), workstreams=(stream("x", state, "1d", **more),), next=())
    return explain(view, WorkstreamId("x"), shipped(), NOW, look).splitlines()


def test_the_same_fact_is_said_once_and_a_commit_is_short() -> None:
    fact = Evidence(Tag("squash"), "a" * 40, "squashed into main", ago("2d"))
    lines = told(Look(), "merged", evidence=(fact, fact))
    assert lines[1:] == ["  because squashed into main  aaaaaaa  2026-01-17T12:03:22Z"]


def test_a_source_that_the_words_name_is_not_repeated() -> None:
    fact = Evidence(Tag("plan"), "docs/plan-x.md", "plan docs/plan-x.md", ago("2d"))
    assert told(Look(width=80), evidence=(fact,))[1].split() == [
        "because",
        "plan",
        "docs/plan-x.md",
        "2d",
        "ago",
    ]


def test_somebodys_words_are_marked() -> None:
    fact = Evidence(Tag("claim:done"), "docs/plan-x.md:4", "plan says Complete", claim=True)
    assert "plan says Complete (somebody's words)  docs/plan-x.md:4" in told(Look(), evidence=(fact,))[1]


def test_drift_asks_for_a_correction() -> None:
    lines = told(Look(), "merged", drift=(Drift("d", "says Draft", "p.md:4"),))
    assert lines[-2:] == [
        "  drift     says Draft  p.md:4",
        "  to change correct the words at p.md:4; then swarm reconcile",
    ]


def test_closed_work_without_drift_asks_for_nothing() -> None:
    assert "to change" not in "\n".join(told(Look(), "merged"))


def test_words_that_lag_behind_are_a_remark_and_no_task() -> None:
    lines = told(Look(), "merged", drift=(Drift("d", "says Draft, but it is merged", "p.md:4", "info"),))
    assert lines[-1] == "  words   says Draft, but it is merged  p.md:4"


def test_what_the_rule_names_comes_first() -> None:
    facts = (Evidence(Tag("intent"), "q.md", "somebody wants it"), Evidence(Tag("plan"), "", "plan p.md"))
    rows = (replace(row, rules=(_RULE,)) if row.name == "ready" else row for row in shipped().states)
    rules = replace(shipped(), states=tuple(rows))
    view = replace(demo(), workstreams=(stream("x", "ready", "1d", evidence=facts),), next=())
    assert explain(view, WorkstreamId("x"), rules, NOW, Look()).splitlines()[1:3] == [
        "  because   plan p.md",
        "  also      somebody wants it  q.md",
    ]


def test_a_screen_has_eight_facts_and_a_pipe_has_all() -> None:
    facts = tuple(Evidence(Tag("f"), f"f{n}.md", f"fact {n}") for n in range(12))
    lines = told(Look(width=80), evidence=facts, reason="because of it")
    assert [row.split()[:3] for row in lines[1:4]] == [
        ["because", "because", "of"],
        ["also", "fact", "0"],
        ["fact", "1", "f1.md"],
    ]
    assert lines[9].strip() == "(5 more: --json)"
    assert sum("fact" in row for row in told(Look(), evidence=facts, reason="because of it")) == 12


def test_a_branch_that_the_words_name_is_not_repeated() -> None:
    fact = Evidence(Tag("branch"), "refs/heads/feat/x", "branch feat/x: 2 commits not in the base")
    other = Evidence(Tag("clean"), "refs/heads/feat/x", "branch feat/xy is another")
    lines = told(Look(), evidence=(fact, other))
    assert lines[1] == "  because   branch feat/x: 2 commits not in the base"
    assert lines[2].endswith("branch feat/xy is another  refs/heads/feat/x")

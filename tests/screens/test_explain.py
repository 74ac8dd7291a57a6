"""Why a state is what it is."""

from dataclasses import replace
from typing import Any

from reconciler.cli.screens.explain import explain
from reconciler.cli.screens.look import Look
from reconciler.model import Drift, Evidence, Tag, WorkstreamId

from .world import NOW, ago, demo, shipped, stream


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
        "  to change correct the status in the document; then swarm reconcile",
    ]


def test_closed_work_without_drift_asks_for_nothing() -> None:
    assert "to change" not in "\n".join(told(Look(), "merged"))

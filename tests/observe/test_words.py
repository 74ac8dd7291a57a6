"""What status words claim, in every spelling met in real documents."""

import pytest

from reconciler.observe.rulebook import load_rulebook
from reconciler.observe.words import claim_of, means_nothing, tidy_status

WORDS = load_rulebook().words

PLAN = {
    "Complete (All 9 Phases)": "done",
    "COMPLETED": "done",
    "Implementation Complete": "done",
    "✅ SHIPPED 2026-02-04": "done",
    "✅ Implemented": "done",
    "Done": "done",
    "Merged": "done",
    "Closed": "done",
    "Released in v2.1": "done",
    "[x] Done": "done",
    "all 4 phases complete": "done",
    "Implemented (PR #12), no remaining work": "done",
    "完了": "done",
    "実装完了（2026-02-01）": "done",
    "Phases 1-2 COMPLETE, Phase 3 Partial": "in-progress",
    "Phase 1 & 2 Complete, Phase 3 Remaining": "in-progress",
    "Phase 2 of 5": "in-progress",
    "In Progress": "in-progress",
    "in_progress": "in-progress",
    "🚧 In progress (60 %)": "in-progress",
    "implementation-in-progress": "in-progress",
    "Partially implemented": "in-progress",
    "testing": "in-progress",
    "gaps_found": "in-progress",
    "着手": "in-progress",
    "進行中": "in-progress",
    "Approved": "ready",
    "✅ Approved": "ready",
    "Design approved": "ready",
    "Ready for Implementation": "ready",
    "ready for implementation": "ready",
    "Ready for planning": "ready",
    "tasks-generated": "ready",
    "To Do": "ready",
    "Not started": "ready",
    "Draft": "draft",
    "Draft for review": "draft",
    "Proposed": "draft",
    "design-generated": "draft",
    "requirements-generated": "draft",
    "awaiting review": "draft",
    "Ready for user review": "draft",
    "Not ready": "draft",
    "Superseded by plan-b": "parked",
    "Won't Do": "parked",
    "Won’t do": "parked",
    "deferred per review": "parked",
    "historical": "parked",
    "closed by #40": "parked",
    "": "",
    "spec": "",
    "plan": "",
    "quickstart": "",
    "data-model": "",
    "<draft | ready | done>": "",
    "Draft | Approved | Done": "",
    "PASS / NEEDS ATTENTION": "",
    "[e.g. In Progress]": "",
    "{{status}}": "",
    "banana": "",
}


@pytest.mark.parametrize(("status", "claim"), PLAN.items())
def test_status_of_a_plan(status: str, claim: str) -> None:
    assert claim_of(tidy_status(status), WORDS, stage="plan") == claim


@pytest.mark.parametrize(
    ("status", "claim"),
    [
        ("PASSED", "verdict-pass"),
        ("PASS", "verdict-pass"),
        ("✅ APPROVED (with minor notes)", "verdict-pass"),
        ("Needs Input", "verdict-fail"),
        ("FAILED", "verdict-fail"),
        ("Changes requested", "verdict-fail"),
        ("Not approved yet", "verdict-fail"),
        ("PASS / NEEDS ATTENTION", ""),
        ("Complete", ""),
        ("Draft", ""),
    ],
)
def test_only_validations_and_reviews_carry_verdicts(status: str, claim: str) -> None:
    assert claim_of(status, WORDS, stage="validation") == claim
    assert claim_of(status, WORDS, stage="review") == claim


def test_a_verdict_in_a_plan_is_none() -> None:
    assert claim_of("PASSED", WORDS, stage="plan") == ""


@pytest.mark.parametrize(
    ("status", "claim"),
    [
        ("Complete", "research-done"),
        ("Complete (Updated)", "research-done"),
        ("Ready for planning", "research-done"),
        ("Draft", "research-open"),
        ("In Progress", "research-open"),
        ("Superseded", "parked"),
    ],
)
def test_complete_research_says_nothing_about_the_feature(status: str, claim: str) -> None:
    assert claim_of(status, WORDS, stage="research") == claim


def test_supporting_documents_claim_nothing() -> None:
    assert claim_of("Complete", WORDS, stage="support") == ""


@pytest.mark.parametrize(
    "value",
    ["None", "none.", "N/A", "-", "—", "None (independent of other phases)", "None (can use placeholder units)",
     "no dependencies", "なし", "特になし", "", "**None**", "None; stands alone"],
)  # fmt: skip
def test_values_that_mean_no_dependency(value: str) -> None:
    assert means_nothing(value, WORDS)


@pytest.mark.parametrize("value", ["no-reply-mail", "none-shall-pass", "turn-system", "independent-review", "007"])
def test_names_that_only_look_like_none(value: str) -> None:
    assert not means_nothing(value, WORDS)

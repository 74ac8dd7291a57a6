"""What a document says it needs: headers, lists, tables and sentences; and what only looks like it."""

import pytest

from reconciler.model import DependencyText
from reconciler.observe.markdown import parse
from reconciler.observe.matching import match_path
from reconciler.observe.rulebook import load_rulebook

RULES = load_rulebook()
SPEC = "specs/009-a/spec.md"


def items(text: str, path: str = SPEC) -> tuple[DependencyText, ...]:
    match = match_path(RULES, path)
    assert match is not None
    return parse(path, text.encode(), match, RULES).dependencies


def said(text: str, path: str = SPEC) -> list[tuple[str, str]]:
    return [(item.text, item.relation) for item in items(text, path)]


def hard(text: str) -> list[str]:
    return [item.text for item in items(text) if item.relation == "blocks" and item.origin == "prose"]


# -- front matter


@pytest.mark.parametrize(
    ("front", "expected"),
    [
        ("depends_on: [a-b, c]", [("a-b", "blocks", False), ("c", "blocks", False)]),
        ("dependencies:\n  - task-3\n  - task-4", [("task-3", "blocks", False), ("task-4", "blocks", False)]),
        ("blocked_by: a, b; c", [("a", "blocks", False), ("b", "blocks", False), ("c", "blocks", False)]),
        ("requires: 0012", [("0012", "blocks", False)]),
        ("blocks: x", [("x", "blocks", True)]),
        ("unblocks:\n  - x", [("x", "blocks", True)]),
        ("conflicts_with: y", [("y", "conflicts", False)]),
        ("parent: epic-1", [("epic-1", "parent", False)]),
        ("parent_task_id: task-1", [("task-1", "parent", False)]),
        ("epic: big", [("big", "parent", False)]),
        ("related: [r]", [("r", "informs", False)]),
        ("depends_on:\n  - id: a\n    reason: needs it\n  - slug: b", [("a", "blocks", False), ("b", "blocks", False)]),
        ("dependencies:\n  blocks: [a]\n  informs: [b]", [("a", "blocks", True), ("b", "informs", False)]),
        ("depends_on: []", []),
        ("depends_on: none", []),
        ("depends_on:\n  - N/A", []),
        ("status: blocked", []),
    ],
)
def test_front_matter(front: str, expected: list[tuple[str, str, bool]]) -> None:
    found = items(f"---\n{front}\n---\n# A\n")
    assert [(i.text, i.relation, i.reverse) for i in found] == expected
    assert {i.origin for i in found} <= {"frontmatter"}


# -- header lines, lists and tables


@pytest.mark.parametrize(
    ("head", "expected"),
    [
        ("**Depends on**: turn-system, unit-combat and fog", ["turn-system", "unit-combat", "fog"]),
        ("**Dependencies**: turn-system (hard), fog - for the view", ["turn-system", "fog"]),
        ("**Blocked by:** [Turn system](../turn/proposal.md)", ["Turn system", "../turn/proposal.md"]),
        ("**Prerequisites**: `turn-system`", ["turn-system"]),
        ("Depends on: #51", ["#51"]),
        ("**依存**: turn-system、fog", ["turn-system", "fog"]),
        ("**前提**: なし", []),
        ("**Dependencies**: None (can use placeholder units/cities)", []),
        ("**Depends on**: N/A", []),
        ("**Dependencies**: `src/core/engine.py`, `Depends(get_db)`", []),
        ("**Depends on**:\n- turn-system\n- fog: sees units\n", ["turn-system", "fog"]),
    ],
)
def test_header_lines(head: str, expected: list[str]) -> None:
    assert said(f"# A\n\n{head}\n\n## B\n") == [(text, "blocks") for text in expected]


def test_the_other_relations_in_the_head() -> None:
    text = "# A\n\n**Parent**: #47\n**Unlocks**: Production, AI turns\n**Conflicts with**: save-format\n\n## B\n"
    assert [(i.text, i.relation, i.reverse) for i in items(text)] == [
        ("#47", "parent", False), ("Production", "blocks", True), ("AI turns", "blocks", True),
        ("save-format", "conflicts", False),
    ]  # fmt: skip


@pytest.mark.parametrize(
    "heading", ["Dependencies", "Depends On", "Prerequisites", "3. Blocked by:", "依存関係", "🔗 Dependencies"]
)
def test_lists_under_a_heading(heading: str) -> None:
    text = f"# A\n\n## {heading}\n\n- **turn-system**: the engine\n- [ ] fog (soft)\n  - a remark\n- None\n"
    text += "\n## Next\n- other\n"
    assert said(text) == [("turn-system", "blocks"), ("fog", "informs")]


def test_modules_and_packages_are_no_dependencies() -> None:
    text = (
        "# A\n\n## Dependencies\n\n- **Turn System**: `src/game/TurnSystem.ts` does it\n- State Queries: `getUnits()`\n"
        "- `DEPENDS_ON`\n- ECS world (`src/ecs/world.ts`)\n- `foo::bar`\n- /abs/src/x.py\n- GameEngine\n"
    )
    assert said(text) == []


def test_a_numbered_feature_counts_whatever_code_explains_it() -> None:
    found = items("# A\n\n## Dependencies\n- Milestone 002 (Python): `walker_pattern`\n")
    assert [(i.text, i.relation) for i in found if i.origin == "list"] == [("Milestone 002", "blocks")]


def test_tables() -> None:
    text = (
        "# A\n\n## Dependencies\n\n| Change | Depends on | Why |\n|---|:--|---|\n| this | turn-system, fog | x |\n"
        "| that | - | y |\n"
        "\n## Blocked by\n\n| Feature | Note |\n|---|---|\n| save-format | z |\n"
    )
    assert said(text) == [("turn-system", "blocks"), ("fog", "blocks"), ("save-format", "blocks")]


def test_dependencies_of_a_phase_are_not_the_documents() -> None:
    text = "# A\n\n## Phase 2: B\n\n### Dependencies\n- phase-1\n\n**Dependencies**: Phase 1\n"
    assert said(text, ".swarm/plans/2026-03-02-a.md") == []


def test_fences_say_nothing() -> None:
    assert said("# A\n\n```\n**Depends on**: x\n## Dependencies\n- y\nbuilds on milestone 003\n```\n") == []


# -- sentences


@pytest.mark.parametrize(
    "sentence",
    [
        "This builds on milestone 003.",
        "It **depends on** `feature 003` for parsing.",
        "Milestone 003 must be implemented first.",
        "Milestone 003 is a hard prerequisite.",
        "A follow-on to milestone 003.",
        "This is the **second consumer** of the milestone-003\nbag.",
        "Requires milestone 003",
        "Work can start after feature 003 merged.",
        "It addresses the deferred part of milestone 003.",
        "- blocked by spec 003",
    ],
)
def test_sentences_that_make_a_dependency(sentence: str) -> None:
    text = f"# A\n\n## Why\n\nx\n\n## Notes\n\nSome words.\n\n{sentence}\n"
    assert [name.partition(" ")[2] for name in hard(text)] == ["003"]


@pytest.mark.parametrize(
    "sentence",
    [
        "Same as milestone 003.",
        "This is independent of milestone 003.",
        "It does not depend on milestone 003.",
        "If milestone 003 merges first, rebase.",
        "The bag proves the design before milestone 003 inherits it.",
        "It depends on luck. Milestone 003 is far away.",
        "Deferred to milestone 003.",
    ],
)
def test_sentences_that_only_mention(sentence: str) -> None:
    text = f"# A\n\n## Why\n\nx\n\n## Notes\n\nSome words.\n\n{sentence}\n"
    assert said(text) == [("milestone 003", "informs")]


def test_a_sentence_that_turns_the_edge_around() -> None:
    (item,) = items("# A\n\n## Why\nx\n\n## Notes\n\nThis is a prerequisite for milestone 011.\n")
    assert (item.text, item.relation, item.reverse) == ("milestone 011", "blocks", True)


def test_ranges_lists_and_stories() -> None:
    text = "# A\n\n## Why\nx\n\n## Notes\n\nSee specs 007-010, features 012, 013 and 014, and 017/US1.\n"
    assert [name for name, _ in said(text)] == [
        "spec 007", "spec 008", "spec 009", "spec 010", "feature 012", "feature 013", "feature 014", "017/US1",
    ]  # fmt: skip


def test_the_feature_that_opens_the_background_comes_first() -> None:
    assert hard("# A\n\n## Background\n\nMilestone 003 (PR #4) extracted the parser.\n") == ["milestone 003"]
    assert hard("# A\n\n## Background\n\nWe like it. Milestone 003 did, too.\n") == []


@pytest.mark.parametrize(
    "sentence",
    ["FR-003 depends on FR-004.", "Depends on 003 things and 12 feature flags.", "version 0.010 builds on 3.11",
     "feature 3.14 depends on pi", "It costs 100% of feature 200%.", "PR #033 builds on 2026."],
)  # fmt: skip
def test_numbers_that_name_no_feature(sentence: str) -> None:
    assert said(f"# A\n\n## Notes\n\n{sentence}\n") == []


def test_mentions_are_read_in_plans_and_specifications_only() -> None:
    assert said("# A\n\nBuilds on milestone 003.\n", "specs/009-a/research.md") == []

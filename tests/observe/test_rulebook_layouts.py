"""Which paths are documents, and what their names say."""

import time
from datetime import date

import pytest
from hypothesis import given
from hypothesis import strategies as st

from reconciler.observe.matching import PathMatcher, match_path
from reconciler.observe.rulebook import load_rulebook

RULES = load_rulebook()


@pytest.mark.parametrize(
    ("path", "layout", "kind", "stage", "slug", "phase"),
    [
        (".swarm/plans/2026-01-18-turn-system.md", "swarm", "plan", "plan", "turn-system", ""),
        (".swarm/checkpoints/2026-01-18-a-b-phase-2.md", "swarm", "checkpoint", "checkpoint", "a-b", "2"),
        (".swarm/checkpoints/2026-01-18-a-b-phase1.md", "swarm", "checkpoint", "checkpoint", "a-b", "1"),
        (".swarm/checkpoints/2026-01-18-a-b-phase-A.md", "swarm", "checkpoint", "checkpoint", "a-b", "A"),
        (".swarm/reviews/2026-01-18-a-b-phase-1.6.md", "swarm", "review", "review", "a-b", "1.6"),
        (".swarm/research/2026-01-18-a-b-phases2-3.md", "swarm", "research", "research", "a-b", "2-3"),
        (".swarm/checkpoints/2026-01-18-a-b-all-phases.md", "swarm", "checkpoint", "checkpoint", "a-b", "all"),
        (".swarm/reviews/2026-01-18-a-b-human-review.md", "swarm", "review", "review", "a-b", ""),
        (".swarm/reviews/2026-01-18-a-b-phase-2-review.md", "swarm", "review", "review", "a-b", "2"),
        (".swarm/plans/2026-01-18-a-b-implementation-plan.md", "swarm", "plan", "plan", "a-b", ""),
        (".swarm/plans/2026-01-18-hover-bug-fix.md", "swarm", "plan", "plan", "hover-bug-fix", ""),
        (".swarm/plans/2026-01-18-code-review.md", "swarm", "plan", "plan", "code-review", ""),
        (".swarm/plans/2026-01-18-design.md", "swarm", "plan", "plan", "design", ""),
        (".swarm/plans/2026-01-18-phase-2.md", "swarm", "plan", "plan", "phase-2", ""),
        ("thoughts/me/plans/2025-01-08-ENG-1478-parent.md", "thoughts", "plan", "plan", "parent", ""),
        ("docs/superpowers/specs/2026-01-02-a-b-design.md", "superpowers", "spec", "spec", "a-b", ""),
        ("docs/superpowers/plans/2026-01-02-a-b-review.md", "superpowers", "review", "review", "a-b", ""),
        ("docs/plans/2026-01-02-a-b-design.md", "docs-plans", "spec", "spec", "a-b", ""),
        (".agents/plans/a-b-plan.md", "agents", "plan", "plan", "a-b", ""),
        (".claude/plans/a-b.md", "claude-plans", "plan", "plan", "a-b", ""),
        ("notes/research/2026-01-02-a-b.md", "generic", "research", "research", "a-b", ""),
    ],
)
def test_documents_by_name(path: str, layout: str, kind: str, stage: str, slug: str, phase: str) -> None:
    found = match_path(RULES, path)
    assert found is not None
    assert (found.layout, found.kind, found.stage, found.slug, found.phase) == (layout, kind, stage, slug, phase)
    assert found.folder == ""


@pytest.mark.parametrize(
    ("path", "kind", "stage", "folder", "number", "slug", "archived"),
    [
        ("specs/007-a-b/spec.md", "spec", "spec", "specs/007-a-b", "007", "a-b", False),
        ("specs/007-a-b/tasks.md", "tasks", "plan", "specs/007-a-b", "007", "a-b", False),
        ("specs/007-a-b/contracts/x/y.md", "support", "support", "specs/007-a-b", "007", "a-b", False),
        ("openspec/changes/add-x/proposal.md", "proposal", "spec", "openspec/changes/add-x", "", "add-x", False),
        ("openspec/changes/add-x/specs/a/spec.md", "support", "support", "openspec/changes/add-x", "", "add-x", False),
        ("openspec/changes/archive/2025-11-02-y/tasks.md", "tasks", "plan", "openspec/changes/archive/2025-11-02-y",
         "", "y", True),
        (".kiro/specs/album/spec.json", "state", "spec", ".kiro/specs/album", "", "album", False),
        (".planning/phases/02.1-hot/02.1-01-PLAN.md", "plan", "plan", ".planning/phases/02.1-hot",
         "02.1", "hot", False),
        (".planning/milestones/v1/01-a/01-VERIFICATION.md", "verification", "validation",
         ".planning/milestones/v1/01-a", "01", "a", True),
        (".planning/quick/003-fix/003-SUMMARY.md", "summary", "checkpoint", ".planning/quick/003-fix",
         "003", "fix", False),
        (".agents/tasks/login/plan.md", "plan", "plan", ".agents/tasks/login", "", "login", False),
    ],
)  # fmt: skip
def test_folders_are_features(
    path: str, kind: str, stage: str, folder: str, number: str, slug: str, archived: bool
) -> None:
    found = match_path(RULES, path)
    assert found is not None
    assert (found.kind, found.stage, found.folder, found.number, found.slug, found.archived) == (
        kind, stage, folder, number, slug, archived,
    )  # fmt: skip


@pytest.mark.parametrize(
    "path",
    [
        "README.md", ".swarm/plans/README.md", ".swarm/plans/index.md", ".swarm/plans/template.md",
        ".swarm/workstreams.json",
        ".swarm/queue/2026-01-02-a.md", ".swarm/schemas/x.md", ".swarm/archive/workstreams-2026-01.json",
        "thoughts/searchable/shared/plans/2026-01-02-a.md", "openspec/specs/auth/spec.md", "openspec/AGENTS.md",
        "openspec/changes/archive/README.md", ".kiro/steering/product.md", ".planning/ROADMAP.md",
        ".agents/skills/x/plans/a.md", ".specify/templates/plan-template.md", "specs/notes.md", "specs/api/openapi.md",
        "spec/007-a/spec.md", "_posts/2026-01-02-a-plan.md", "docs/plans/vision.md", "backlog/docs/readme.md",
        "swarm/2026-01-02-a.md", ".swarm/plans/2026-01-02-a.txt", ".swarm", ".swarm/", "",
    ],
)  # fmt: skip
def test_what_is_no_document(path: str) -> None:
    assert match_path(RULES, path) is None


@pytest.mark.parametrize(
    ("name", "day", "stem"),
    [
        ("2026-01-18-a", date(2026, 1, 18), "a"),
        ("2026-01-18_a", date(2026, 1, 18), "a"),
        ("20260118-a", date(2026, 1, 18), "a"),
        ("2026-01-18_13-55-22_a", date(2026, 1, 18), "a"),
        ("2026-02-30-a", None, "2026-02-30-a"),
        ("2026-01-18", None, "2026-01-18"),
        ("a-2026", None, "a-2026"),
    ],
)
def test_dates_in_names(name: str, day: date | None, stem: str) -> None:
    found = match_path(RULES, f".swarm/plans/{name}.md")
    assert found is not None
    assert (found.date, found.stem) == (day, stem)


def test_ticket_keys_are_numbers_not_slugs() -> None:
    keyed = match_path(RULES, "thoughts/shared/plans/2025-01-08-ENG-1478-parent.md")
    alone = match_path(RULES, "thoughts/shared/tickets/eng_1478.md")
    assert keyed is not None and alone is not None
    assert (keyed.number, keyed.slug, keyed.stem) == ("ENG-1478", "parent", "ENG-1478-parent")
    assert (alone.number, alone.slug) == ("ENG-1478", "eng-1478")


def test_exclusion_and_choice_of_layouts() -> None:
    matcher = PathMatcher(RULES, exclude=["vendor/**", "./specs/legacy-area/", "[["], layouts=["spec-kit", "swram"])
    assert matcher.match(".swarm/plans/2026-01-02-a.md") is None
    assert matcher.match("specs/001-a/spec.md") is not None
    assert [p.code for p in matcher.problems] == ["bad-config", "bad-config"]
    excluding = PathMatcher(RULES, exclude=["specs/001-a"])
    assert excluding.match("specs/001-a/spec.md") is None
    assert excluding.match("specs/001-ab/spec.md") is not None


@given(st.text(min_size=1, max_size=60))
def test_any_name_gets_a_slug(name: str) -> None:
    path = f".swarm/plans/{name}.md"
    found = match_path(RULES, path)
    if found is not None:
        assert found.slug
        assert found.stem


def test_a_big_tree_is_looked_through_quickly() -> None:
    paths = [f"src/module{n % 50}/part{n}/file{n}.py" for n in range(100_000)]
    matcher = PathMatcher(RULES)
    before = time.process_time()
    assert [path for path in paths if matcher.match(path)] == []
    assert time.process_time() - before < 1


@pytest.mark.parametrize(
    "path",
    [".swarm/plans/" + "a-" * 600 + ".md", ".swarm/plans/" + "2026-01-02-" * 90 + ".md",
     "docs/" + "plans/" * 160 + "x.md", ".planning/phases/" + "1-" * 450,
     "docs/" + "2026-01-01-/" * 80 + "2026-01-01-x", "backlog/tasks/" + "-1 - " * 200],
)  # fmt: skip
def test_hostile_paths_take_no_time(path: str) -> None:
    before = time.process_time()
    match_path(RULES, path)
    assert time.process_time() - before < 0.5

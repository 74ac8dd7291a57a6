"""Paths and names as people write them."""

import pytest

from reconciler.derive.references import NameIndex, PathIndex, plain_title, slugify, tidy_target

PLAN = ".swarm/plans/2026-01-18-fog.md"
INDEX = PathIndex([PLAN, ".swarm/research/2026-01-18-fog.md", "docs/a/notes.md", "docs/b/notes.md", "src/Fog.ts"])


@pytest.mark.parametrize(
    "written",
    [
        PLAN,
        f"./{PLAN}",
        f"@{PLAN}",
        f"`{PLAN}`",
        f"/Users/someone/work/civ/{PLAN}",
        f"/home/x/civ-worktree/{PLAN}:12",
        f"{PLAN}#phase-2",
        r"C:\work\civ\.swarm\plans\2026-01-18-fog.md",
        "plans/2026-01-18-fog.md",
        "plans/2026-01-18-fog",
    ],
)
def test_a_path_of_any_machine_finds_its_file(written: str) -> None:
    assert INDEX.find(written) == PLAN


def test_relative_paths_start_at_the_document() -> None:
    assert INDEX.find("../plans/2026-01-18-fog.md", at=".swarm/research/2026-01-18-fog.md") == PLAN


@pytest.mark.parametrize(
    "written", ["", "notes.md", "2026-01-18-fog.md", "elsewhere/notes.md", "../../../etc/passwd", "/"]
)
def test_what_several_files_or_none_can_mean_is_nothing(written: str) -> None:
    assert INDEX.find(written) is None


def test_a_lone_file_name_finds_the_only_bearer() -> None:
    assert INDEX.find("Fog.ts") == "src/Fog.ts"


@pytest.mark.parametrize(
    ("title", "plain"),
    [
        ("CLI Integration - Phases 2 and 3", "cli integration"),
        ("Command Layer (Phases 2-3)", "command layer"),
        ("AI Extensibility: Phase 1 Foundation", "ai extensibility"),
        ("Phase 2", "phase 2"),
        ("Moon phases", "moon phases"),
    ],
)
def test_titles_are_compared_without_their_phase(title: str, plain: str) -> None:
    assert plain_title(title) == plain


def test_names_mean_one_workstream_or_nothing() -> None:
    index = NameIndex()
    index.add("fog-of-war", names=("fog-of-war", "017"), titles=("Fog of War",))
    index.add("017-login", names=("017-login", "017"), titles=("Login",))
    assert [index.find(t) for t in ("fog-of-war", "Fog of War", "`fog-of-war`", "2026-01-18-fog-of-war.md")] == [
        "fog-of-war"
    ] * 4
    assert [index.find(t) for t in ("017", "Login", "war", "")] == [None] * 4


def test_slugs_keep_other_scripts_and_lose_marks() -> None:
    assert slugify("Fog of War!") == "fog-of-war"
    assert slugify("手動 登録") == "手動-登録"
    assert slugify("../../x") == "x"


@pytest.mark.parametrize("hostile", ["`" * 9000, "(" * 9000, "a" * 90000 + "#" + ":1" * 9000, "\\" * 5000])
def test_hostile_targets_are_read_in_linear_time(hostile: str) -> None:
    assert isinstance(tidy_target(hostile), str)
    assert INDEX.find(hostile) is None


def test_a_long_gap_in_a_title_costs_no_more_than_its_length() -> None:
    """Each character is tried once: with three runs of blanks in the pattern this took minutes."""
    assert plain_title("a" + " " * 20_000 + "b") == "a b"

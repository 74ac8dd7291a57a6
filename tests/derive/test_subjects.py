"""Commit subjects that name a workstream, and those that only seem to."""

import pytest

from reconciler.derive.grouping import build_groups
from reconciler.derive.subjects import covers, name_words, read_subject
from reconciler.model import Text
from tests.derive.make import document, rules, snapshot


def names(slug: str, title: str = "") -> tuple[frozenset[str], ...]:
    plan = document(slug, text=Text(title=title or slug.replace("-", " ")))
    return name_words(build_groups(snapshot(plan), rules())[0])


@pytest.mark.parametrize(
    ("slug", "subject"),
    [
        ("dry-cleanup", "DRY cleanup: remove dead code, consolidate duplicated patterns"),
        ("manager-decomposition", "refactor: decompose Manager into single-purpose types"),
        ("swift-testing-migration", "test: migrate all 140 tests from XCTest to Swift Testing"),
        ("p0-bugfixes", "fix(p0): surface fetch errors and add a timeout"),
    ],
)
def test_subjects_that_name_it(slug: str, subject: str) -> None:
    assert covers(read_subject(subject), names(slug), "", {})


@pytest.mark.parametrize(
    ("slug", "subject"),
    [
        ("fog-of-war", "feat: war declarations"),
        ("test-plan", "test: add a plan"),
        ("login-fix", "fix typo"),
        ("p0-bugfixes", "fix the p50 latency"),
    ],
)
def test_subjects_that_only_share_a_word(slug: str, subject: str) -> None:
    assert not covers(read_subject(subject), names(slug), "", {})


def test_numbers_and_ranges_of_numbers() -> None:
    assert read_subject("bootstrap + milestones 001-005").numbers == {"001", "002", "003", "004", "005"}
    assert read_subject("feat(006): signing (#123)").numbers == {"006"}
    assert read_subject("release 1.024 at 12:345 v2026").numbers == frozenset()
    assert covers(read_subject("feat(scan): sidecar reading (007 US1) (#8)"), (), "007", {})

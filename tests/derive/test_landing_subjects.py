"""Merge subjects in all the spellings that forges and git write."""

import pytest

from reconciler.derive.landing_subjects import MergeSubject, mentions, read_merge, without_number

ROWS = [
    ("Merge branch 'x'", MergeSubject(("x",))),
    ("Merge branch 'feature/2026-01-18-x' into dev", MergeSubject(("feature/2026-01-18-x",), "dev")),
    ("Merge branch 'x' into 'main'", MergeSubject(("x",), "main")),
    ("Merge branch 'it's' into y", MergeSubject(("it's",), "y")),
    ("Merge branch 'x' of github.com:o/r", MergeSubject(("x",), url=True)),
    ("Merge branch 'x' of https://h/o/r into y", MergeSubject(("x",), "y", url=True)),
    ("Merge branches 'a' and 'b'", MergeSubject(("a", "b"))),
    ("Merge branches 'a', 'b' and 'c' into d", MergeSubject(("a", "b", "c"), "d")),
    ("Merge remote-tracking branch 'origin/x'", MergeSubject(("origin/x",), remote=True)),
    ("Merge remote-tracking branch 'origin/x' into y", MergeSubject(("origin/x",), "y", remote=True)),
    ("Merge remote branch 'origin/x'", MergeSubject(("origin/x",), remote=True)),
    ("Merge pull request #12 from owner/x", MergeSubject(("x",), number="12")),
    ("Merge pull request #12 from owner/feature/x", MergeSubject(("feature/x",), number="12")),
    ("Merge pull request #3 in PROJ/repo from feature/x to main", MergeSubject(("feature/x",), number="3")),
    ("Merge pull request 'Add x' (#9) from feature/x into main", MergeSubject(("feature/x",), "main", number="9")),
    ("Merged in feature/x (pull request #44)", MergeSubject(("feature/x",), number="44")),
    (
        "Merge feature/2026-01-18-missing-features into main",
        MergeSubject(("feature/2026-01-18-missing-features",), "main"),
    ),
    ("Merge x into y", MergeSubject(("x",), "y")),
    ("merge branch x", MergeSubject(("x",))),
    ("Merge feature/x", MergeSubject(("feature/x",))),
    ("Merge commit '0123abc'", MergeSubject()),
    ("Merge tag 'v1.0' into x", MergeSubject(into="x")),
    ("Merged PR 17: Add x", MergeSubject()),
    ("Merge pull request", MergeSubject()),
    ("merge: resolve conflicts with main (parsing, tracking)", MergeSubject()),
    ("Merge the two ways of doing it", MergeSubject()),
    ("Emerge into light", MergeSubject(into="light")),
    ("", MergeSubject()),
]


@pytest.mark.parametrize(("subject", "expected"), ROWS, ids=[row[0] for row in ROWS])
def test_read_merge(subject: str, expected: MergeSubject) -> None:
    assert read_merge(subject) == expected


def test_long_subjects_are_cut() -> None:
    assert read_merge("Merge branch '" + "x" * 100_000 + "'").names == ()


@pytest.mark.parametrize(
    ("subject", "expected"),
    [
        ("Add x (#12)", ("Add x", "12")),
        ("Add (x) (#1) ", ("Add (x)", "1")),
        ("Add x", ("Add x", "")),
        ("(#5)", ("", "5")),
    ],
)
def test_without_number(subject: str, expected: tuple[str, str]) -> None:
    assert without_number(subject) == expected


@pytest.mark.parametrize(
    ("text", "name", "found"),
    [
        ("Squash feature/login", "feature/login", True),
        ("Squash feature/login-page", "feature/login", False),
        ("Squash my/feature/login", "feature/login", False),
        ("Add (feature/login).", "feature/login", True),
        ("settings: tweak", "settings", False),
        ("Add 007-output", "007-output", True),
        ("x-y", "x-y", False),
        ("Add a.b+c/d", "a.b+c/d", True),
    ],
)
def test_mentions(text: str, name: str, found: bool) -> None:
    assert mentions(text, name) is found

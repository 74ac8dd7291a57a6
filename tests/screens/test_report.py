"""What `swarm reconcile` says it did."""

import pytest

from reconciler.cli.screens.look import Look
from reconciler.cli.screens.report import MOST_FILES, Move, Written, reconcile_report
from reconciler.model import WorkstreamId

from .world import NOW, shipped


def told(*moves: tuple[str, str], **written: object) -> str:
    named = tuple(Move(WorkstreamId(f"w{n}"), old, new) for n, (old, new) in enumerate(moves))
    values = Written(**written)  # type: ignore[arg-type]
    return reconcile_report(named, values, shipped(), NOW, Look(), workstreams=16).splitlines()[-1]


@pytest.mark.parametrize(
    ("moves", "counted"),
    [
        ((), "none moved"),
        ((("", "idea"),), "1 new"),
        ((("", "idea"), ("idea", "ready"), ("ready", "merged")), "1 new, 2 moved"),
        ((("idea", ""), ("idea", "ready")), "1 moved, 1 gone"),
    ],
)
def test_new_moved_and_gone_are_told_apart(moves: tuple[tuple[str, str], ...], counted: str) -> None:
    assert told(*moves, changed=("a",)) == f"Wrote a (16 workstreams, {counted})."


def test_the_first_pass_says_that_all_are_new() -> None:
    assert told(changed=("a",), first=True) == "Wrote a (16 workstreams, all new)."


def test_unchanged_files_are_no_part_of_what_would_be_written() -> None:
    said = told(changed=("a", "b"), unchanged=5, dry=True)
    assert said == "Would write a, b; 5 files unchanged (16 workstreams, none moved)."


def test_of_many_files_those_on_top_are_named() -> None:
    many = (*(f"s/schemas/{n}" for n in range(4)), "s/a.json", "s/b.json", "s/c.json")
    assert told(changed=many).startswith("Wrote s/a.json, s/b.json, s/c.json and 4 more (")
    flat = tuple(f"s/{n}" for n in range(MOST_FILES + 3))
    assert told(changed=flat).startswith("Wrote s/0, s/1, s/2, s/3, s/4, s/5 and 3 more (")
    assert "more" not in told(changed=flat[:MOST_FILES])

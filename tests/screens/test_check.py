"""`swarm check` with any names in it: no line too wide, nothing hostile, one line for each finding in a pipe."""

from hypothesis import given
from hypothesis import strategies as st

from reconciler.cli.screens.check import check_screen, counts
from reconciler.cli.screens.look import Look
from reconciler.model import Finding

from .found import CHECKS, FOUND
from .test_properties import LOOKS, columns, is_calm
from .world import NOW, shipped

WORDS = st.text(max_size=60)
FINDINGS = st.builds(
    Finding, id=WORDS, check=st.sampled_from([row.id for row in CHECKS]), path=WORDS, workstream=WORDS, hint=WORDS,
    severity=st.sampled_from(["error", "warning", "info"]), text=WORDS, line=st.integers(0, 10**6), place=WORDS,
)  # fmt: skip


@given(st.lists(FINDINGS, max_size=6), LOOKS)
def test_no_line_is_too_wide_and_all_is_calm(findings: list[Finding], look: Look) -> None:
    text = check_screen(findings, CHECKS, shipped(), NOW, look, looked_at="1 workstream")
    assert is_calm(text)
    assert all(columns(row) <= (look.width or 0) for row in text.splitlines())


@given(st.lists(FINDINGS, max_size=6))
def test_a_pipe_gets_a_line_for_each(findings: list[Finding]) -> None:
    text = check_screen(findings, CHECKS, shipped(), NOW, Look(), looked_at="1 workstream")
    assert is_calm(text)
    assert text.count("\n") == len(findings)


def test_counts_are_of_all_that_was_found() -> None:
    assert counts(FOUND) == "1 error, 17 warnings and 31 remarks"
    assert counts(FOUND[:1]) == "1 error"
    assert counts(()) == "nothing found"

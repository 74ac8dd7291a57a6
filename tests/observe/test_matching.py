"""Which layouts are looked for."""

from reconciler.observe.matching import PathMatcher
from reconciler.observe.rulebook import load_rulebook


def test_layouts_that_nobody_knows_hide_nobody() -> None:
    matcher = PathMatcher(load_rulebook(), layouts=("swram",))
    assert matcher.match(".swarm/plans/2026-03-02-fog.md") is not None
    assert len(matcher.problems) == 1


def test_a_known_layout_is_the_only_one_looked_for() -> None:
    matcher = PathMatcher(load_rulebook(), layouts=("thoughts",))
    assert matcher.match(".swarm/plans/2026-03-02-fog.md") is None
    assert matcher.match("thoughts/shared/plans/2026-03-02-fog.md") is not None

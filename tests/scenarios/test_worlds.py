"""Histories of each layout at a realistic size: each feature is found once, no other is, none is merged wrongly."""

from pathlib import Path
from random import Random

import pytest

from tests.scenarios.styles import STYLES
from tests.scenarios.views import see
from tests.scenarios.worlds import FATES, build


@pytest.mark.parametrize("seed", range(2))
@pytest.mark.parametrize("layout", sorted(STYLES))
def test_each_feature_has_its_fate(layout: str, seed: int, tmp_path: Path) -> None:
    features = build(tmp_path / "world", STYLES[layout], Random(f"{layout} {seed}"))
    view = see(tmp_path / "world").view
    states = {str(w.id): str(w.state) for w in view.workstreams}
    assert sorted(states) == sorted(f.id for f in features)
    assert {f.id: (f.fate, states[f.id]) for f in features if states[f.id] not in FATES[f.fate]} == {}
    assert layout in view.layouts


@pytest.mark.parametrize("layout", ["openspec", "spec-kit", "thoughts"])
def test_a_world_is_of_a_realistic_size(layout: str, tmp_path: Path) -> None:
    build(tmp_path / "world", STYLES[layout], Random(layout))
    seen = see(tmp_path / "world")
    assert len(seen.view.workstreams) == 40
    assert len(seen.snapshot.history.commits) > 200

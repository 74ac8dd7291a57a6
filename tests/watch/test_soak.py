"""The soak in its short form; ``python -m tests.watch.soak`` is the long one."""

import sys
from pathlib import Path

import pytest

from tests.watch.soak import soak


@pytest.mark.skipif(not sys.platform.startswith("linux"), reason="reads /proc")
def test_a_busy_while_ends_in_the_bytes_of_a_cold_pass(tmp_path: Path) -> None:
    outcome = soak(tmp_path, seconds=4, rate=20, burst=600, artifacts=20)
    assert outcome.complaints == []
    assert outcome.changes > 20

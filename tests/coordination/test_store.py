"""The store never waits: what stands in the place of a file is an error, not a halt."""

import os
from pathlib import Path

import pytest

from reconciler.coordination.store import append


def test_a_pipe_in_the_place_of_a_log_is_an_error(tmp_path: Path) -> None:
    path = tmp_path / "events" / "s.jsonl"
    path.parent.mkdir()
    os.mkfifo(path)
    with pytest.raises(OSError, match="No such device"):
        append(path, b"{}\n")

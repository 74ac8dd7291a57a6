"""The store never waits: what stands in the place of a file is an error, not a halt."""

import os
from pathlib import Path

import pytest

from reconciler.coordination.claims import claim, claim_next
from reconciler.coordination.ports import port
from reconciler.coordination.sessions import sessions
from reconciler.coordination.store import append
from reconciler.errors import SwarmError
from tests.coordination.people import at, who


def test_a_pipe_in_the_place_of_a_log_is_an_error(tmp_path: Path) -> None:
    path = tmp_path / "events" / "s.jsonl"
    path.parent.mkdir()
    os.mkfifo(path)
    with pytest.raises(OSError, match="No such device"):
        append(path, b"{}\n")


def test_no_fact_is_written_or_read_through_a_link(tmp_path: Path) -> None:
    outside, root = tmp_path / "outside", tmp_path / "swarm"
    outside.mkdir()
    (root / "claims").mkdir(parents=True)
    (root / "claims/x").symlink_to(outside)
    (root / "instances").symlink_to(outside)
    (root / "events").symlink_to(outside)
    with pytest.raises(SwarmError, match="symbolic link"):
        claim(root, "x", who("ann"), at(0))
    assert len(claim(root, "y", who("ann"), at(0)).notes) == 2, "neither heartbeat nor event, and both are said"
    assert list(outside.iterdir()) == []
    (root / "claims/z").mkdir()
    (root / "claims/z/0000000001").symlink_to(root / "claims/y/0000000001")
    assert claim(root, "z", who("bob"), at(0)).outcome == "refused"


def test_one_bad_place_hides_no_good_one(tmp_path: Path) -> None:
    assert claim_next(tmp_path, ["a"], who("ann"), at(0)) is not None
    (tmp_path / "claims/bad").write_text("a file where a folder belongs")
    (tmp_path / "events/dir.jsonl").mkdir()
    (tmp_path / "ports/3001").mkdir(parents=True)
    given = claim_next(tmp_path, ["bad", "b"], who("ann"), at(0))
    assert given is not None
    assert given.workstream == "b"
    with pytest.raises(SwarmError, match="claims/bad"):
        claim_next(tmp_path, ["bad", "b"], who("bob"), at(0))
    assert [stint.workstream for stint in sessions(tmp_path)] == ["a", "b"]
    assert port(tmp_path, "branch", is_free=lambda _: True, first=3001, last=3002).number == 3002

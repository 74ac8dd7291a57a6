"""``swarm report`` and ``history`` as commands: what is typed, and that nothing hostile leaves its place."""

import re
from datetime import UTC, datetime
from pathlib import Path
from xml.etree import ElementTree

import pytest

from reconciler.cli.reports import moment_of
from reconciler.errors import SwarmError
from tests.coordination.commands import World

NOW = datetime(2026, 3, 10, 12, tzinfo=UTC)
EVIL = '<script>alert(1)</script>&"\u202e](http://x) \x1b[31m'


@pytest.mark.parametrize(
    ("typed", "meant"),
    [
        ("1d", "2026-03-09T12:00:00+00:00"), ("24h", "2026-03-09T12:00:00+00:00"), ("2w", "2026-02-24T12:00:00+00:00"),
        ("2026-03-01", "2026-03-01T00:00:00+00:00"), ("2026-03-01T10:00:00Z", "2026-03-01T10:00:00+00:00"),
    ],
)  # fmt: skip
def test_a_moment_as_typed(typed: str, meant: str) -> None:
    assert moment_of(typed, NOW).isoformat() == meant


@pytest.mark.parametrize("typed", ["", "soon", "0d", "1y", "2027-01-01", "0001-01-01", "99999d\x1b", "-1d"])
def test_no_moment(typed: str) -> None:
    with pytest.raises(SwarmError) as error:
        moment_of(typed, NOW)
    assert "\x1b" not in error.value.message and "swarm report --since 7d" in error.value.hint


def test_hostile_words_stay_words(tmp_path: Path) -> None:
    world = World(tmp_path / "<b>r")
    world.write(".swarm/plans/2026-03-02-fog.md", f"# {EVIL}\n\n**Status**: Complete {EVIL}\n").commit("Plan")
    pages = {form: world.swarm("report", "--since", "3650d", "--format", form).out for form in ("text", "md", "html")}
    assert all("\x1b" not in text and "\u202e" not in text for text in pages.values())
    assert "<script" not in pages["html"] and not re.search(r"<a |href|src=|url\(", pages["html"])
    assert "<script" not in pages["md"] and "](" not in pages["md"]
    body = re.sub(r"<!doctype html>|<meta[^>]*>", "", pages["html"])
    assert ElementTree.fromstring(body).find(".//svg") is not None, "well-formed, with its burn-up"


def test_a_history_ends_in_the_state_of_now(tmp_path: Path) -> None:
    world = World(tmp_path / "r")
    world.write("a.py", "a = 1\n").write(".swarm/plans/2026-03-02-fog.md", "# Fog\n").commit("Begin")
    world.checkout("feature/fog", new=True).commit("Fog", {"fog.py": "f = 1\n"})
    world.checkout("main").merge("feature/fog")
    told = world.swarm("history", "fog", "--json").json
    assert [(step["from"], step["to"]) for step in told["steps"]] == [
        (None, "ready"), ("ready", "implementing"), ("implementing", "merged"),
    ]  # fmt: skip
    assert told["status"] == "merged"
    assert world.swarm("history", "nothing").code == 3

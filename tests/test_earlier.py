"""``--at``: the view as it was at a commit of the base or at a moment, and nothing written for it."""

from datetime import UTC, datetime
from pathlib import Path

import pytest

from reconciler.cli.moments import then_of
from reconciler.errors import SwarmError
from tests.coordination.commands import World

NOW = datetime(2026, 3, 10, 12, tzinfo=UTC)
LOST = "branches deleted since, uncommitted files and claims of then are not known"


def day(number: int) -> datetime:
    return datetime(2026, 3, number, 9, tzinfo=UTC)


@pytest.fixture
def world(tmp_path: Path) -> World:
    """Fog: planned on the 2nd, worked on from the 4th to the 6th, merged on the 8th. Late: begun on the 9th."""
    world = World(tmp_path / "r")
    world.commit("Begin", {"a.py": "a = 1\n"}, date=day(1))
    world.commit("Plan", {".swarm/plans/2026-03-02-fog.md": "# Fog\n\n**Status**: Draft\n"}, date=day(2))
    world.checkout("feature/fog", new=True)
    world.commit("Fog", {"fog.py": "f = 1\n"}, date=day(4))
    world.commit("More fog", {"fog.py": "f = 2\n"}, date=day(6))
    world.now = day(8)
    world.checkout("main").merge("feature/fog", date=day(8))
    world.now = day(9)
    world.checkout("feature/late", new=True).commit("Late", {"late.py": "l = 1\n"}, date=day(9))
    world.checkout("main").idea("tomorrow")  # not committed
    return world


def states(world: World, at: str, *more: str) -> dict[str, str]:
    told = world.swarm("status", "--all", "--json", "--at", at, *more).json
    return {row["id"]: row["status"] for row in told["workstreams"]}


@pytest.mark.parametrize(
    ("at", "expected"),
    [
        ("2026-03-01T12:00", {}),
        ("2026-03-02T09:00:00Z", {"fog": "planning"}),
        ("2026-03-05", {"fog": "implementing"}),
        ("main~1", {"fog": "planning"}),
        ("main^2", {"fog": "implementing"}),  # came with the merge: the base as it was then
        ("v1", {"fog": "merged"}),
        ("2026-03-09T10:00", {"fog": "merged", "late": "implementing"}),
    ],
)
@pytest.mark.parametrize("reflogs", [True, False])
def test_states_as_they_were(world: World, at: str, expected: dict[str, str], reflogs: bool) -> None:
    world.git("tag", "-a", "-m", "one", "v1", "main")
    if not reflogs:
        world.git("reflog", "expire", "--expire=all", "--all")
    assert states(world, at) == expected
    assert not (world.path / ".git/swarm").exists(), "nothing is remembered"


def test_what_is_said_of_it(world: World) -> None:
    said = world.swarm("status", "--at", "2026-03-07", "--json")
    base = world.git("rev-parse", "main~1")
    note = f"as of 2026-03-07T00:00:00Z, main {base[:7]}: {LOST}"
    assert said.err == f"note: {note}\n"
    assert said.json["at"] == "2026-03-07T00:00:00Z"
    assert said.json["base"] == {"branch": "main", "commit": base}
    found = [(row["code"], row["severity"], row["message"]) for row in said.json["diagnostics"]]
    assert found == [("earlier", "info", note)]
    screen = world.swarm("status", "--at", "2026-03-07", "--status", "implementing")
    assert screen.out.splitlines()[0] == f"r  main {base[:7]}   1 open   as of 2026-03-07 00:00"
    assert "fog - - - 2026-03-06T09:00:00Z +2 -0 Fog" in screen.out
    assert "at" not in world.swarm("status", "--json", "--all").json


def test_the_other_commands_that_show(world: World) -> None:
    at = ("--at", "2026-03-05")
    assert world.swarm("show", "fog", "--json", *at).json["workstream"]["ahead"] == 1
    assert world.swarm("explain", "fog", "--json", *at).json["status"] == "implementing"
    assert [row["id"] for row in world.swarm("next", "--json", *at).json["next"]] == ["fog"]
    assert [row["id"] for row in world.swarm("graph", "--json", *at).json["nodes"]] == ["fog"]
    assert world.swarm("show", "late", *at).code == 3


def test_a_reflog_knows_what_dates_do_not(world: World) -> None:
    world.checkout("feature/late")
    world.git("commit", "-q", "--amend", "-m", "Late, again", "--date", "2026-03-10T09:00:00Z")
    world.now = day(11)
    world.git("commit", "-q", "--amend", "-m", "Late, once more")
    world.checkout("main")
    assert states(world, "2026-03-10") == {"fog": "merged", "late": "implementing"}
    world.git("reflog", "expire", "--expire=all", "--all")
    assert states(world, "2026-03-10") == {"fog": "merged"}, "its only commit is younger"


@pytest.mark.parametrize("how", [["--bare"], []])
def test_a_copy_knows_it_by_dates(world: World, tmp_path: Path, how: list[str]) -> None:
    world.git("clone", "-q", *how, str(world.path), str(tmp_path / "copy"))
    copy = World(tmp_path / "copy", init=False)
    assert states(copy, "2026-03-05") == {"fog": "implementing"}
    assert states(copy, "2026-03-09T10:00") == {"fog": "merged", "late": "implementing"}


def test_an_intent_of_then_and_no_claim_of_now(world: World) -> None:
    world.commit("Idea", date=day(12))
    assert world.swarm("claim", "tomorrow").code == 0
    row = world.swarm("show", "tomorrow", "--json", "--at", "2026-03-13").json["workstream"]
    assert (row["status"], row["assignedInstance"]) == ("idea", None)
    assert "tomorrow" not in states(world, "2026-03-11")


def test_a_look_back_leaves_the_memory_alone(world: World) -> None:
    before = world.swarm("status", "--json").out
    cache = world.path / ".git/swarm/cache"
    kept = {path.name: path.read_bytes() for path in cache.iterdir()}
    assert world.swarm("status", "--json", "--at", "2026-03-05").code == 0
    assert {path.name: path.read_bytes() for path in cache.iterdir()} == kept
    assert world.swarm("status", "--json").out == before


@pytest.mark.parametrize(
    "rev",
    ["", " ", "-", "--all", "--output=stolen", "@{u}", "main@{1}", ":/Plan", "main^{/Plan}", "main:a.py", "a..b",
     "^main", "main\x1b[31m", "main\nmain", "\u202e", "nothing", "main~99999", "feature/*", "x" * 9000],
)  # fmt: skip
def test_what_is_no_commit(world: World, rev: str) -> None:
    said = world.swarm("status", f"--at={rev}")
    assert (said.code, said.out) == (2, "")
    assert "is no commit, no date and no time ago\nhint: swarm status --at 7d" in said.err
    assert "\x1b" not in said.err and "\u202e" not in said.err
    assert not (world.path / "stolen").exists()


def test_what_is_not_of_the_base_and_not_of_its_time(world: World) -> None:
    def refused(at: str) -> str:
        said = world.swarm("status", "--at", at)
        assert (said.code, said.out) == (2, "")
        return said.err

    first = world.git("rev-list", "--max-parents=0", "main")[:10]
    assert refused("feature/late") == 'error: "feature/late" is no commit of main\nhint: git log --first-parent main\n'
    assert refused("2026-02-01") == (
        "error: main has no commit at or before 2026-02-01T00:00:00Z; its first is of 2026-03-01T09:00:00Z\n"
        f"hint: swarm status --at {first}\n"
    )
    assert refused("9999-01-01").startswith('error: "9999-01-01" is not in the past\n')
    assert world.swarm("status", "--mine", "--at", "7d").code == 2


def test_no_base_no_past(tmp_path: Path) -> None:
    said = World(tmp_path / "empty").swarm("status", "--at", "7d", "--json")
    assert said.code == 2
    assert '"error": "no base branch was found, so there is no earlier state"' in said.err


@pytest.mark.parametrize(
    ("typed", "rev", "moment"),
    [
        ("7d", "", "2026-03-03T12:00:00+00:00"),
        ("2026-03-01", "", "2026-03-01T00:00:00+00:00"),
        ("20260301", "20260301", None),  # may well be a commit
        ("2026-03-01-release", "2026-03-01-release", None),
        ("v1.2", "v1.2", None),
    ],
)
def test_a_moment_or_a_name(typed: str, rev: str, moment: str | None) -> None:
    then = then_of(typed, NOW)
    assert (then.rev, then.moment and then.moment.isoformat()) == (rev, moment)
    with pytest.raises(SwarmError):
        then_of("2026-03-11", NOW)

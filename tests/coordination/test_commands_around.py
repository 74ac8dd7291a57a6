"""Heartbeat, instances and port as commands; their JSON against its schemas; reading while others write."""

import fcntl
import json
import os
import shutil
import subprocess
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest
from jsonschema import Draft202012Validator

from reconciler.coordination import store
from reconciler.coordination.claims import claim
from reconciler.coordination.sessions import heartbeat
from reconciler.errors import Exit, SwarmError
from reconciler.publish import schemas
from tests.coordination.commands import World
from tests.coordination.people import at as far_away
from tests.coordination.people import who
from tests.gitrepo import sealed


@pytest.fixture
def world(tmp_path: Path) -> World:
    world = World(tmp_path / "civ")
    world.idea("lamp").idea("buoys").idea("pier").commit("Wishes")
    return world


# -- heartbeat


def test_a_heartbeat_is_silent_and_heard(world: World) -> None:
    assert world.swarm("heartbeat", "--session", "ann").all == ""
    told = world.swarm("heartbeat", "--json").json
    assert (told["sessionId"], told["written"]) == ("ann", True)
    assert [r["sessionId"] for r in world.swarm("instances", "--json").json["instances"]] == ["ann"]


def test_a_heartbeat_outside_of_a_repository_is_no_failure(tmp_path: Path, world: World) -> None:
    said = world.swarm("heartbeat", "--json", at=tmp_path)
    assert (said.code, said.json["written"]) == (0, False)


def test_good_bye_frees_the_work(world: World) -> None:
    world.swarm("claim", "lamp")
    assert world.swarm("heartbeat", "--end").all == ""
    assert world.swarm("claim", "lamp", "--json", as_="bob").json["outcome"] == "taken-over"


# -- instances


def test_instances_by_how_they_are(world: World) -> None:
    assert "No session is known" in world.swarm("instances").out
    world.swarm("claim", "lamp")
    for name, hours in (("idle", 0.6), ("stale", 2.0)):
        heartbeat(world.root, who(name, host="far", boot="other", worktree=""), far_away(host="far"))
        path = world.root / "instances" / name
        now = path.stat().st_mtime
        path.write_text(path.read_text().replace(str(round(far_away().now, 3)), str(round(now - hours * 3600, 3))))
        os.utime(path, (now - hours * 3600,) * 2)
    document = world.swarm("instances", "--json").json
    rows = {r["sessionId"]: r for r in document["instances"]}
    assert {name: r["status"] for name, r in rows.items()} == {"ann": "active", "idle": "idle", "stale": "stale"}
    assert (rows["ann"]["workingOn"], rows["ann"]["holds"]) == ("lamp", ["lamp"])
    assert rows["stale"]["why"] == "not heard for too long"
    assert document["lastUpdated"] == rows["ann"]["lastHeartbeat"]
    shown = world.swarm("instances").out
    assert shown.startswith("3 sessions: 1 active, 1 idle, 1 stale\n active  ann")
    assert "swarm instances --cleanup" in shown


def test_cleanup_forgets_the_dead_and_says_so(world: World) -> None:
    world.swarm("claim", "lamp")
    world.swarm("heartbeat", as_="bob")
    world.swarm("heartbeat", "--end", as_="bob")
    (world.root / "claims" / "lamp" / ".tmp-x-y-1-2").write_text("")
    os.utime(world.root / "claims" / "lamp" / ".tmp-x-y-1-2", (1, 1))
    said = world.swarm("instances", "--cleanup").out
    assert said.startswith("Forgot session bob: the session ended.\nRemoved 1 temporary files of dead processes.\n")
    assert "1 session: 1 active" in said
    assert world.swarm("claim", "lamp", as_="bob").code == Exit.HELD


@pytest.mark.parametrize(
    ("words", "schema"),
    [
        (("instances",), "instance-list"),
        (("sessions",), "sessions"),
        (("sessions", "lamp"), "sessions"),
        (("port",), "port-of"),
        (("conflicts",), "conflicts"),
        (("heartbeat",), "heartbeat"),
        (("claim", "lamp"), "claimed"),
        (("claim", "--next"), "claimed"),
        (("claim", "buoys"), "refused"),
        (("release", "lamp"), "released"),
        (("release", "buoys"), "refused"),
    ],
    ids=lambda value: " ".join(value) if isinstance(value, tuple) else value,
)
def test_what_json_says_has_a_schema(world: World, words: tuple[str, ...], schema: str) -> None:
    world.swarm("claim", "lamp")
    world.swarm("claim", "buoys", as_="bob")
    document = world.swarm(*words, "--json").json
    found = [e.message for e in Draft202012Validator(schemas.schema(schema)).iter_errors(document)]
    assert (document["schema"], found) == (f"swarm.{schema}/1", [])


# -- port


def test_the_port_of_a_branch(world: World) -> None:
    assert world.swarm("port", "feature/2026-01-18-my-feature").out == "3367\n"
    told = world.swarm("port", "--json").json
    assert (told["branch"], told["port"], told["recorded"]) == ("main", told["computed"], True)
    world.git("checkout", "-q", "--detach")
    assert world.swarm("port").code == Exit.USAGE


def test_the_env_file_changes_in_one_line(world: World) -> None:
    number = world.swarm("port").out.strip()
    world.write(".env.local", b"A=1\r\nexport PORT=80\r\n# PORT=9\r\nB=\xff\r\n")
    said = world.swarm("port", "--env-file", ".env.local")
    assert (said.out, said.err) == (f"{number}\n", "set PORT in .env.local\n")
    written = (world.path / ".env.local").read_bytes()
    assert written == b"A=1\r\nexport PORT=" + number.encode() + b"\r\n# PORT=9\r\nB=\xff\r\n"
    assert world.swarm("port", "--env-file", ".env.local").err == "PORT was right in .env.local\n"
    (world.path / "web").mkdir()
    world.swarm("port", "--env-file", "../.env", at=world.path / "web")
    assert (world.path / ".env").read_text() == f"PORT={number}\n"


@pytest.mark.parametrize(
    "place", ["../x", "/etc/x", ".git/config", ".GIT/hooks/x", "link/x", "dangling", "none/x", "", "a/"]
)
def test_the_env_file_stays_inside_and_follows_no_link(world: World, tmp_path: Path, place: str) -> None:
    (tmp_path / "outside").mkdir()
    (world.path / "link").symlink_to(tmp_path / "outside")
    (world.path / "dangling").symlink_to(tmp_path / "outside" / "x")
    before = sorted(path for path in tmp_path.rglob("*") if "swarm" not in path.parts)
    said = world.swarm("port", "--env-file", place)
    assert (said.code, said.err.startswith("error: ")) == (Exit.USAGE, True)
    assert sorted(path for path in tmp_path.rglob("*") if "swarm" not in path.parts) == before


# -- reading beside writers


@contextmanager
def all_locks(world: World) -> Iterator[None]:
    """Hold every lock that swarm knows."""
    places = [world.root / "lock", world.root / "events" / "lock"]
    places += [folder / "lock" for folder in (world.root / "claims").iterdir()]
    held = []
    for place in places:
        place.touch()
        held.append(os.open(place, os.O_RDWR))
        fcntl.flock(held[-1], fcntl.LOCK_EX)
    try:
        yield
    finally:
        for fd in held:
            os.close(fd)


@pytest.mark.parametrize(
    "words", [("status",), ("next",), ("instances",), ("sessions",), ("show", "lamp")], ids=" ".join
)
def test_reading_never_waits(world: World, words: tuple[str, ...]) -> None:
    world.swarm("claim", "lamp")
    with all_locks(world):
        said = apart(world, *words)
    assert (said.returncode, "lamp" in said.stdout or words[0] == "next") == (0, True), said.stderr


@pytest.mark.skipif(os.geteuid() != 0 or not shutil.which("unshare"), reason="a mount of one's own needs root")
def test_reading_on_a_read_only_disk(world: World) -> None:
    world.swarm("claim", "lamp")
    path = world.path
    mount = f"mount --bind {path} {path} && mount -o remount,ro,bind {path} {path} && ! touch {path}/x 2>/dev/null"
    aside = ["unshare", "--mount", "sh", "-c", f'{mount} || exit 99; exec "$@"', "sh"]
    for words in (("status",), ("status", "--json"), ("instances",), ("sessions", "lamp"), ("show", "lamp"), ("next",)):
        said = apart(world, *words, before=aside)
        if said.returncode == 99:
            pytest.skip(f"no mount of one's own here: {said.stderr}")
        assert (said.returncode, said.stderr) == (0, ""), words
    claimed = apart(world, "claim", "buoys", before=aside)
    assert (claimed.returncode, "read-only file system" in claimed.stderr) == (Exit.USAGE, True)
    assert "Traceback" not in claimed.stderr


def apart(world: World, *words: str, before: list[str] | None = None) -> "subprocess.CompletedProcess[str]":
    """One command line in a process of its own, which may not wait."""
    command = [*(before or []), sys.executable, "-m", "reconciler", "-C", str(world.path), *words]
    env = sealed(world.path) | {"PYTHONPATH": str(Path(__file__).parents[2]), "SWARM_SESSION": "ann"}
    return subprocess.run(command, env=env, capture_output=True, text=True, timeout=60, check=False)


def test_a_broken_record_hides_nothing_and_keeps_its_hold(world: World) -> None:
    world.swarm("claim", "lamp")
    world.swarm("claim", "buoys")
    (world.root / "claims" / "lamp" / "0000000001").write_text('{"schema": "swarm.cl')
    (world.root / "instances" / "junk").write_text("\0\xff")
    document = world.swarm("status", "--json").json
    assert {r["id"]: r["assignedInstance"] for r in document["workstreams"]}["buoys"] == "ann"
    said = world.swarm("claim", "lamp", as_="bob")
    assert (said.code, "somebody whose record cannot be read" in said.err) == (Exit.HELD, True)
    assert world.swarm("instances").code == 0
    assert world.swarm("claim", "lamp", "--force", "--json", as_="bob").json["outcome"] == "forced"


def test_a_claim_by_another_machine_is_shown_with_its_host(world: World) -> None:
    far = who("far", host="elsewhere", boot="other", worktree="/their/tree")
    claim(world.root, "lamp", far, far_away(host="elsewhere", boot="other", clock=0))
    row = json.loads(world.swarm("instances", "--json").out)["instances"][0]
    assert (row["host"], row["worktree"], row["holds"]) == ("elsewhere", "/their/tree", ["lamp"])


def test_a_folder_of_claims_that_cannot_be_listed_hides_no_workstream(
    world: World, monkeypatch: pytest.MonkeyPatch
) -> None:
    listed = store.names

    def refuse(folder: Path) -> tuple[str, ...]:
        if folder.name == "claims":
            raise SwarmError(f"cannot list {folder}: permission denied")
        return listed(folder)

    monkeypatch.setattr(store, "names", refuse)
    found = world.swarm("status", "--json")
    document = json.loads(found.out)
    assert (found.code, [row["status"] for row in document["workstreams"]]) == (0, ["idea"] * 3)
    told = [row["message"] for row in document["diagnostics"]]
    assert told == [f"who holds what is not known: cannot list {world.path}/.git/swarm/claims: permission denied"]

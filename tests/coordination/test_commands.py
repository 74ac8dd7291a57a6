"""Claim and release as commands: who may take what, what is said when not, and whole stories with real work trees."""

import json
import subprocess
import sys
from datetime import UTC, datetime
from pathlib import Path

import pytest

from reconciler.coordination import holdings
from reconciler.coordination.claims import claim
from reconciler.coordination.identity import here
from reconciler.errors import Exit
from tests.coordination.commands import Said, World
from tests.coordination.people import at as far_away
from tests.coordination.people import who

PLAN = "# {title}\n\n**Status**: Ready\n\n## Phase 1: All of it\n\n- [ ] Do it\n"


@pytest.fixture
def world(tmp_path: Path) -> World:
    world = World(tmp_path / "civ")
    world.write(".swarm/plans/2026-03-01-harbour.md", PLAN.format(title="Harbour"))
    world.idea("lamp").idea("boats", "depends_on: [harbour]").idea("ferries", "conflicts: [boats]")
    world.commit("Plans and wishes")
    return world


def owner(world: World, name: str) -> str:
    found = {h.workstream: h.session for h in holdings.claims(world.root, here())}
    return found.get(name, "")


def hints(said: Said) -> str:
    return said.err.partition("hint: ")[2].strip()


# -- claim


def test_a_claim_is_granted_renewed_and_refused(world: World) -> None:
    first = world.swarm("claim", "lamp", "--json")
    assert (first.code, first.json["outcome"], first.json["generation"]) == (0, "claimed", 1)
    again = world.swarm("claim", "lamp", "--json")
    assert (again.code, again.json["outcome"], again.json["since"]) == (0, "renewed", first.json["since"])
    other = world.swarm("claim", "lamp", "--json", as_="bob")
    assert other.code == Exit.HELD
    assert (other.json["outcome"], other.json["sessionId"], other.json["holderStatus"]) == ("refused", "ann", "active")
    assert owner(world, "lamp") == "ann"


def test_a_refusal_says_who_where_since_when_and_how_to_go_on(world: World) -> None:
    world.swarm("claim", "lamp")
    said = world.swarm("claim", "lamp", as_="bob")
    host = here().host
    assert said.out == ""
    assert said.err.startswith(f'error: "lamp" is held by ann on {host} since 20')
    assert "last heard 0m ago (active)" in said.err
    assert hints(said) == "swarm claim --next, or take it over: swarm claim lamp --force"


def test_force_takes_it_and_is_recorded(world: World) -> None:
    world.swarm("claim", "lamp")
    assert world.swarm("claim", "lamp", "--force", "--json", as_="bob").json["outcome"] == "forced"
    assert owner(world, "lamp") == "bob"
    events = [json.loads(line) for line in (world.root / "events" / "bob.jsonl").read_text().splitlines()]
    assert [(e["event"], e.get("how"), e.get("previous")) for e in events[-1:]] == [("claim", "forced", "ann")]


def test_what_waits_is_not_claimed_but_by_force(world: World) -> None:
    said = world.swarm("claim", "boats")
    assert said.code == Exit.BLOCKED
    assert said.err.startswith('error: "boats" waits for harbour (ready)')
    assert hints(said) == "swarm blocked boats, or take it all the same: swarm claim boats --force"
    assert owner(world, "boats") == ""
    assert world.swarm("claim", "boats", "--force").code == 0
    event = json.loads((world.root / "events" / "ann.jsonl").read_text().splitlines()[-1])
    assert event["note"] == "forced although it waits for harbour (ready)"
    assert world.swarm("claim", "boats").code == 0, "what is mine can be renewed"


@pytest.mark.parametrize(("first", "second"), [("boats", "ferries"), ("ferries", "boats")])
def test_a_conflict_counts_from_both_sides(world: World, first: str, second: str) -> None:
    assert world.swarm("claim", first, "--force").code == 0
    said = world.swarm("claim", second, as_="bob")
    assert said.code == Exit.BLOCKED
    assert f"must not run beside {first} (researching, held by ann on {here().host} since 20" in said.err
    assert "last heard 20" in said.err
    assert said.err.partition("\n")[0].endswith("Z, active)")
    assert second not in [s["id"] for s in world.swarm("next", "-n", "9", "--json").json["next"]]
    assert world.swarm("claim", second, "--force", as_="bob").code == 0


def test_a_neighbour_on_a_branch_is_in_flight_too(world: World) -> None:
    world.checkout("feature/ferries", new=True).commit("Begin", {"src/ferry.py": "sail\n"})
    world.checkout("main")
    world.idea("boats")
    said = world.swarm("claim", "boats")
    assert (said.code, "must not run beside ferries (implementing)" in said.err) == (Exit.BLOCKED, True)


def test_merged_and_abandoned_and_unknown(world: World) -> None:
    world.checkout("feature/lamp", new=True).commit("Light", {"src/lamp.py": "on\n"})
    world.checkout("main").merge("feature/lamp")
    merged = world.swarm("claim", "lamp", "--force")
    assert (merged.code, hints(merged)) == (Exit.USAGE, "swarm show lamp")
    assert 'error: "lamp" is merged' in merged.err
    world.idea("raft", "decision: abandoned")
    assert world.swarm("update", "raft", "--status", "abandoned").code == 0
    given_up = world.swarm("claim", "raft")
    assert (given_up.code, given_up.err.startswith('error: "raft" is abandoned')) == (Exit.USAGE, True)
    assert "--force" in hints(given_up)
    assert world.swarm("claim", "raft", "--force").code == 0
    unknown = world.swarm("claim", "harbor")
    assert (unknown.code, "did you mean harbour?" in unknown.err) == (Exit.UNKNOWN, True)


def test_an_alias_claims_the_workstream_itself(world: World) -> None:
    world.idea("signals", "aliases: [SIG-7]")
    assert world.swarm("claim", "sig-7").code == 0
    assert (owner(world, "signals"), owner(world, "SIG-7")) == ("ann", "")
    assert world.swarm("claim", "signals", as_="bob").code == Exit.HELD
    assert world.swarm("release", "SIG-7").out == "released signals\n"


def test_a_claim_made_under_an_earlier_name_still_holds(world: World) -> None:
    world.idea("buoys")
    assert world.swarm("claim", "buoys").code == 0
    world.remove(".swarm/queue/2026-03-01-buoys.md")
    world.idea("markers", "aliases: [buoys]")
    said = world.swarm("claim", "markers", as_="bob")
    assert (said.code, "held by ann" in said.err) == (Exit.HELD, True)
    assert world.swarm("show", "markers", "--json").json["workstream"]["assignedInstance"] == "ann"
    assert world.swarm("claim", "markers", "--json").json["outcome"] == "renewed"
    assert world.swarm("release", "markers").code == 0
    assert world.swarm("claim", "markers", as_="bob").code == 0
    assert owner(world, "markers") == "bob"


@pytest.mark.parametrize("words", [(), ("lamp", "--next"), ("--next", "--force")])
def test_it_must_be_clear_what_is_asked_for(world: World, words: tuple[str, ...]) -> None:
    said = world.swarm("claim", *words)
    assert (said.code, "hint: swarm claim" in said.err) == (Exit.USAGE, True)


def test_names_that_look_like_options_or_escapes_do_no_harm(world: World) -> None:
    assert world.swarm("claim", "--", "-n").code == Exit.UNKNOWN
    said = world.swarm("claim", "x\x1b[2J\n")
    assert (said.code, "\x1b" in said.err) == (Exit.UNKNOWN, False)
    assert world.swarm("release", "").code == Exit.UNKNOWN


# -- claim --next


def test_next_gives_everybody_something_else(world: World) -> None:
    got = [world.swarm("claim", "--next", "--json", as_=name).json["id"] for name in ("ann", "bob")]
    assert got == ["harbour", "ferries"], "ferries and boats exclude each other; boats waits"
    assert world.swarm("claim", "--next", "--json").json["id"] == "lamp", "what I hold counts as held"
    nothing = world.swarm("claim", "--next")
    assert (nothing.code, nothing.err.startswith("error: nothing is free")) == (Exit.BLOCKED, True)


def test_eight_processes_get_eight_workstreams(tmp_path: Path) -> None:
    world = World(tmp_path / "civ")
    for number in range(8):
        world.idea(f"idea-{number}")
    world.commit("Wishes")
    words = [sys.executable, "-m", "reconciler", "-C", str(world.path), "claim", "--next", "--json", "--session"]
    asked = [subprocess.Popen([*words, f"s{n}"], stdout=subprocess.PIPE, text=True) for n in range(8)]
    got = [json.loads(process.communicate(timeout=100)[0])["id"] for process in asked]
    assert sorted(got) == [f"idea-{number}" for number in range(8)]


# -- release


def test_release_without_an_id(world: World) -> None:
    assert world.swarm("release").err == "ann holds nothing\n"
    world.swarm("claim", "lamp")
    world.swarm("claim", "harbour", as_="bob")
    assert world.swarm("release").out == "released lamp\n"
    world.swarm("claim", "lamp", as_="bob")
    several = world.swarm("release", as_="bob")
    assert (several.code, several.err.splitlines()[0]) == (Exit.USAGE, "error: bob holds 2: harbour, lamp")
    done = world.swarm("release", "--all", "--json", as_="bob").json["released"]
    assert [(row["id"], row["outcome"]) for row in done] == [("harbour", "released"), ("lamp", "released")]


def test_release_of_what_others_hold(world: World) -> None:
    world.swarm("claim", "lamp")
    refused = world.swarm("release", "lamp", as_="bob")
    assert (refused.code, "held by ann" in refused.err) == (Exit.HELD, True)
    assert hints(refused).startswith("swarm release lamp --force")
    assert world.swarm("release", "lamp", "--force", as_="bob").out == "released lamp, which ann held\n"
    assert world.swarm("release", "lamp").out == "nobody holds lamp\n"
    assert world.swarm("release", "nothing").code == Exit.UNKNOWN
    ended = world.swarm("sessions", "lamp", "--json").json["sessions"]
    assert [(row["sessionId"], row["note"]) for row in ended] == [("ann", "released by bob")]


@pytest.mark.parametrize("words", [("claim", "lamp"), ("release", "lamp")], ids=" ".join)
def test_an_old_number_is_refused(world: World, words: tuple[str, ...]) -> None:
    old = world.swarm("claim", "lamp", "--json").json["generation"]
    assert world.swarm("claim", "lamp", "--generation", str(old)).code == 0
    world.swarm("release", "lamp", "--generation", str(old))
    nobody = world.swarm(*words, "--generation", str(old))
    if words[0] == "claim":
        assert nobody.err.startswith('error: number 1 of "lamp" is out of date: it is held by nobody\n')
    assert nobody.code == (Exit.HELD if words[0] == "claim" else Exit.OK)
    now = world.swarm("claim", "lamp", "--json").json["generation"]
    mine = world.swarm(*words, "--generation", str(old))
    assert mine.code == Exit.HELD
    assert f'number 1 of "lamp" is out of date: it is held under number {now} by ann on ' in mine.err
    assert hints(mine) == "swarm claim lamp"
    assert world.swarm(*words, "--generation", str(now)).code == 0
    assert owner(world, "lamp") == ("ann" if words[0] == "claim" else "")


def test_what_is_gone_from_the_repository_can_be_given_back(world: World) -> None:
    world.idea("raft")
    world.swarm("claim", "raft")
    world.remove(".swarm/queue/2026-03-01-raft.md")
    assert world.swarm("claim", "raft").code == Exit.UNKNOWN
    assert world.swarm("release").out == "released raft\n"


def test_the_note_reaches_the_next_one(world: World) -> None:
    world.swarm("claim", "lamp")
    world.swarm("release", "lamp", "--note", "the wick is wet\x1b[2J")
    said = world.swarm("claim", "lamp", as_="bob")
    assert "note of ann: the wick is wet" in said.out
    assert "\x1b" not in said.out


# -- stories


def test_held_in_one_work_tree_seen_in_another(world: World, tmp_path: Path) -> None:
    world.worktree(tmp_path / "tree-1", "feature/harbour", new=True)
    world.worktree(tmp_path / "tree-2", "feature/lamp", new=True)
    held = world.swarm("claim", "harbour", "--json", at=tmp_path / "tree-1").json
    assert (held["worktree"], held["branch"]) == (str(tmp_path / "tree-1"), "feature/harbour")
    assert world.swarm("claim", "harbour", as_="bob", at=tmp_path / "tree-2").code == Exit.HELD
    rows = {r["id"]: r for r in world.swarm("status", "--json", at=tmp_path / "tree-2").json["workstreams"]}
    assert (rows["harbour"]["assignedInstance"], rows["harbour"]["status"]) == ("ann", "implementing")
    assert "harbour" not in [s["id"] for s in world.swarm("next", "-n", "9", "--json").json["next"]]
    assert "claim of ann" in world.swarm("explain", "harbour").out
    assert world.swarm("claim", "lamp", as_="bob", at=tmp_path / "tree-2").code == 0
    world.swarm("reconcile", at=tmp_path / "tree-2")
    instance = json.loads((world.path / ".swarm/instances.json").read_text())["instances"][0]
    assert (instance["sessionId"], instance["workingOn"], instance["status"]) == ("ann", "harbour", "active")
    queue = {r["id"]: r for r in json.loads((world.path / ".swarm/queue.json").read_text())["queue"]}
    assert "harbour" not in queue, "somebody is on it"
    assert (queue["lamp"]["assignedTo"], queue["lamp"]["status"]) == ("bob", "researching")
    assert queue["ferries"]["assignedTo"] is None
    mine = world.swarm("status", "--mine", "--json").json["workstreams"]
    assert [r["id"] for r in mine] == ["harbour"]
    assert "1 of 4 shown: --mine" in world.swarm("status", "--mine").out
    assert world.swarm("status", "--mine", "--json", as_="carl").json["workstreams"] == []


def test_the_holder_dies_and_somebody_takes_over(world: World) -> None:
    agent = subprocess.Popen([sys.executable, "-c", "input()"], stdin=subprocess.PIPE)
    pid = str(agent.pid)
    assert world.swarm("claim", "harbour", SWARM_AGENT_PID=pid).code == 0
    assert world.swarm("claim", "harbour", as_="bob").code == Exit.HELD
    agent.kill()
    agent.wait()
    row = world.swarm("show", "harbour", "--json").json["workstream"]
    assert (row["status"], row["flags"], row["assignedInstance"]) == ("ready", ["stale"], None)
    assert "harbour" in [s["id"] for s in world.swarm("next", "-n", "9", "--json").json["next"]]
    there = world.swarm("instances", "--json").json["instances"]
    assert [(r["sessionId"], r["status"], r["why"]) for r in there] == [("ann", "stale", f"its process {pid} is gone")]
    kept = world.swarm("claim", "harbour", "--no-steal-stale", as_="bob")
    assert (kept.code, hints(kept)) == (Exit.HELD, "swarm claim --next, or take it over: swarm claim harbour")
    taken = world.swarm("claim", "harbour", "--json", as_="bob").json
    assert (taken["outcome"], taken["previous"]) == ("taken-over", "ann")
    told = world.swarm("sessions", "harbour", "--json").json["sessions"]
    assert [(r["sessionId"], r["note"], r["status"]) for r in told] == [
        ("ann", "taken over by bob", None), ("bob", None, "active")
    ]  # fmt: skip
    assert world.swarm("claim", "harbour").code == Exit.HELD, "the old one learns of it"


def test_anybody_may_give_back_what_a_dead_session_holds(world: World) -> None:
    world.swarm("claim", "lamp")
    world.swarm("heartbeat", "--end")
    assert world.swarm("release", "lamp", as_="bob").out == "released lamp, which ann held\n"


def test_a_stamp_from_the_future_is_unknown_and_keeps_its_hold(world: World) -> None:
    future = far_away(clock=(here().now - far_away().now) + 86400, host="elsewhere", boot="other")
    claim(world.root, "harbour", who("far", host="elsewhere", worktree="", boot="other"), future)
    row = world.swarm("show", "harbour", "--json").json["workstream"]
    assert (row["status"], row["assignedInstance"], row["flags"]) == ("implementing", "far", [])
    assert "harbour" not in [s["id"] for s in world.swarm("next", "-n", "9", "--json").json["next"]]
    said = world.swarm("claim", "harbour")
    assert (said.code, "last heard at a time in the future (unknown" in said.err) == (Exit.HELD, True)
    assert (world.root / "claims/harbour/seen").exists(), "from now on it is watched, and ends"
    assert world.swarm("instances", "--json").json["instances"][0]["status"] == "unknown"


def test_what_came_of_a_session(world: World, tmp_path: Path) -> None:
    tree = world.worktree(tmp_path / "tree", "feature/harbour", new=True)
    assert world.swarm("claim", "harbour", at=tmp_path / "tree").code == 0
    moment = datetime.now(UTC).replace(microsecond=0)
    tree.commit("Build the quay", {"src/quay.py": "stone\n"}, date=moment)
    tree.commit(
        "Look it over", {".swarm/reviews/2026-03-02-harbour.md": "# Harbour\n\n**Plan**: harbour\n"}, date=moment
    )
    world.now = moment
    world.merge("feature/harbour", date=moment)
    row = world.swarm("sessions", "harbour", "--json").json["sessions"][0]
    assert {c["subject"] for c in row["commits"]} == {
        "Build the quay",
        "Look it over",
        "Merge branch 'feature/harbour'",
    }
    assert row["artifacts"] == [".swarm/reviews/2026-03-02-harbour.md"]
    assert [c["what"] for c in row["changes"]] == ["first source changed", "merged", "review written"]
    shown = world.swarm("sessions", "harbour").out
    assert "Build the quay" in shown
    assert "harbour, since" in world.swarm("sessions").out
    assert world.swarm("sessions", "lamp").out == "No session has worked on lamp.\n"

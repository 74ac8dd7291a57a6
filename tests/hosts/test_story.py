"""The whole story, with the real command line in real work trees: nobody ever writes down a status."""

import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.hosts.hooks import PLAN, PROJECT, SILENT, Repo, Said, repo, sealed

FOG = "fog-of-war"
DIPLOMACY = "diplomacy"


@pytest.fixture
def agents() -> Iterator[list[subprocess.Popen[bytes]]]:
    """Three processes that stand for the agents' own: a session lives as long as its agent."""
    running = [subprocess.Popen([sys.executable, "-c", "input()"], stdin=subprocess.PIPE) for _ in range(3)]
    yield running
    for process in running:
        process.kill()
        process.communicate()


class Agent:
    """One coding agent: a session, a process, a place to work; speaks through its hooks and its shell."""

    def __init__(self, name: str, process: "subprocess.Popen[bytes]", place: Repo) -> None:
        self.name, self.process, self.place, self.at = name, process, place, place.path
        self.env = {"CLAUDE_CODE_SESSION_ID": name, "SWARM_AGENT_PID": str(process.pid)}

    def hook(self, event: str, **more: str) -> Said:
        return self.place.hook(event, self.name, at=self.at, more=more, **self.env)

    def swarm(self, *words: str) -> Said:
        return self.place.swarm(*words, at=self.at, **self.env)

    def die(self) -> None:
        self.process.kill()
        self.process.wait()


def status(agent: Agent) -> dict[str, tuple[str, str | None, str | None]]:
    """id -> (state, phase, who holds it), as this agent sees it from where it stands."""
    rows = agent.swarm("status", "--json", "--all").json["workstreams"]
    return {row["id"]: (row["status"], row["phase"], row["assignedInstance"]) for row in rows}


def race(first: Agent, second: Agent, name: str) -> tuple[Agent, Agent]:
    """Both claim at the same moment; (who got it, who did not)."""
    running = []
    for agent in (first, second):
        env = sealed(agent.place.path) | {"PYTHONPATH": str(PROJECT)} | agent.env
        words = [sys.executable, "-P", "-m", "reconciler", "claim", name]
        running.append(subprocess.Popen(words, cwd=agent.at, env=env, stdout=subprocess.PIPE, stderr=subprocess.PIPE))
    for process in running:
        process.communicate()
    codes = [process.returncode for process in running]
    assert sorted(codes) == [0, 4]
    return (first, second) if codes[0] == 0 else (second, first)


def test_three_sessions_and_two_features(tmp_path: Path, agents: list["subprocess.Popen[bytes]"]) -> None:
    place = repo(tmp_path / "civ")
    ann, bob, eve = (Agent(n, p, place) for n, p in zip(("ann", "bob", "eve"), agents, strict=True))

    # Two ideas. Three sessions start and are told of them.
    for title in ("Fog of war", "Diplomacy"):
        assert ann.swarm("add", title).code == 0
    for agent in (ann, bob, eve):
        assert f'"{FOG}", idea, "Fog of war"' in agent.hook("SessionStart", source="startup").told
    assert status(eve) == {FOG: ("idea", None, None), DIPLOMACY: ("idea", None, None)}

    # Two race for one; who lost takes the other and plans it, leaning on the first.
    winner, loser = race(ann, bob, FOG)
    assert loser.swarm("claim", DIPLOMACY).code == 0
    plan = f"---\nid: {DIPLOMACY}\ndepends_on: [{FOG}]\n---\n" + PLAN.format(title="Diplomacy")
    place.commit("Plan diplomacy", {f".swarm/plans/2026-03-02-{DIPLOMACY}.md": plan})
    phases = PLAN.format(title="Fog of war") + "\n## Phase 2: the rest\n\n- [ ] do that\n"
    place.commit("Plan fog of war", {f".swarm/plans/2026-03-02-{FOG}.md": phases})
    seen = status(eve)
    assert seen[DIPLOMACY] == ("planning", "0/1", loser.name)
    assert seen[FOG] == ("planning", "0/2", winner.name)
    assert loser.hook("UserPromptSubmit", prompt="go on") == SILENT

    # The winner implements the first phase in a work tree, and dies there.
    tree = place.worktree(tmp_path / "fog", f"feature/2026-03-02-{FOG}", new=True)
    winner.at = tree.path
    done = phases.replace("- [ ] do it", "- [x] do it")
    tree.commit("Phase 1", {"src/fog.py": "one\n" * 9, f".swarm/plans/2026-03-02-{FOG}.md": done})
    assert winner.hook("Stop") == SILENT
    assert status(loser)[FOG] == ("implementing", "1/2", winner.name)
    winner.die()
    assert status(loser)[FOG] == ("implementing", "1/2", None)  # a stale claim holds nothing

    # The third session takes it over and finishes; the one that died holds nothing any more.
    taken = eve.swarm("claim", FOG)
    assert (taken.code, f"taken over from {winner.name}" in taken.out) == (0, True)
    eve.at = tree.path
    tree.commit(
        "Phase 2", {"src/more.py": "two\n" * 9, f".swarm/plans/2026-03-02-{FOG}.md": done.replace("[ ]", "[x]")}
    )
    eve.hook("Stop")
    assert status(loser)[FOG] == ("implementing", "2/2", "eve")

    # Its branch is squash-merged: everybody sees it, and who leans on it is told once.
    place.squash(f"feature/2026-03-02-{FOG}", "Fog of war (#7)")
    for agent in (loser, eve):
        assert status(agent)[FOG][0] == "merged"
    line = f'swarm: dependency landed: "{FOG}" is merged ("{DIPLOMACY}" leans on it)'
    assert loser.hook("UserPromptSubmit", prompt="go on").told == line
    assert loser.hook("UserPromptSubmit", prompt="go on") == SILENT
    assert eve.swarm("release").code == 0
    eve.hook("SessionEnd", reason="other")
    assert status(loser) == {FOG: ("merged", "2/2", None), DIPLOMACY: ("planning", "0/1", loser.name)}

    # The log says who did what where; no file was given a status by hand.
    assert [(r["session"], r["event"], r["workstream"]) for r in place.log()] == [
        *[(name, "start", None) for name in ("ann", "bob", "eve")],
        (loser.name, "prompt", DIPLOMACY), (winner.name, "stop", FOG), ("eve", "stop", FOG),
        (loser.name, "prompt", DIPLOMACY), (loser.name, "prompt", DIPLOMACY), ("eve", "end", None),
    ]  # fmt: skip

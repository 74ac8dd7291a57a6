"""A prompt tells one line when something of the session's own changed, and nothing else ever."""

from pathlib import Path

import pytest

from tests.hosts.hooks import SILENT, Repo, repo

LEANING = "---\ndepends_on: [{}]\n---\n"


@pytest.fixture
def place(tmp_path: Path) -> Repo:
    """``top`` leans on ``under``, which is on a branch of its own."""
    made = repo(tmp_path / "r", "under")
    made.plan("top", head=LEANING.format("under")).commit("Plan on top")
    made.checkout("feature/2026-03-01-under", new=True).commit("Under", {"src/under.py": "x\n" * 20})
    made.checkout("main")
    return made


def prompt(place: Repo, session: str = "s1", *, at: Path | None = None) -> str:
    """The line of the next prompt, "" when it is silent."""
    said = place.hook("UserPromptSubmit", session, at=at, more={"prompt": "go on"})
    if said == SILENT:
        return ""
    assert said.code == 0 and said.err == "" and said.out.count("\n") == 1
    assert "\n" not in said.told
    return said.told


def claim(place: Repo, name: str, session: str, *words: str) -> None:
    done = place.swarm("claim", name, *words, SWARM_SESSION=session)
    assert done.code == 0, done.err


def test_a_claim_that_is_lost_is_told_once(place: Repo) -> None:
    place.hook("SessionStart", "s1")
    claim(place, "under", "s1")
    assert prompt(place) == ""  # my own claim is no news
    claim(place, "under", "s2", "--force")
    assert prompt(place) == 'swarm: claim lost: "under" is held by "s2"'
    assert prompt(place) == ""
    place.swarm("release", "under", SWARM_SESSION="s2")
    assert prompt(place) == ""


def test_what_i_gave_back_is_no_news_what_others_gave_back_is(place: Repo) -> None:
    place.hook("SessionStart", "s1")
    for by, line in (("s1", ""), ("boss", 'swarm: claim lost: "under" is held by nobody')):
        claim(place, "under", "s1")
        assert prompt(place) == ""
        assert place.swarm("release", "under", "--force", SWARM_SESSION=by).code == 0
        assert prompt(place) == line


@pytest.mark.parametrize("passed", [True, False], ids=["after a pass", "without one"])
def test_a_dependency_that_landed(place: Repo, passed: bool) -> None:
    claim(place, "top", "s1", "--force")
    if passed:
        place.swarm("reconcile")
    place.hook("SessionStart", "s1")
    assert prompt(place) == ""
    place.merge("feature/2026-03-01-under")
    if passed:
        place.swarm("reconcile")
    assert prompt(place) == 'swarm: dependency landed: "under" is merged ("top" leans on it)'
    assert prompt(place) == ""


def test_a_conflict_and_only_mine(place: Repo) -> None:
    place.plan("left").plan("right").commit("Two more")
    for name in ("left", "right"):
        place.checkout(f"feature/2026-03-01-{name}", new=True, at="main")
        place.commit(name, {f"src/{name}.py": f"{name}\n"})
    place.checkout("main")
    claim(place, "left", "s1")
    for session in ("s1", "s2"):
        place.hook("SessionStart", session)
    for name in ("left", "right"):
        place.checkout(f"feature/2026-03-01-{name}").commit("Both", {"src/app.py": f"{name}\n"})
    place.checkout("main").swarm("reconcile")
    assert prompt(place) == 'swarm: conflict: "left" with "right", 1 file (swarm conflicts)'
    assert prompt(place, "s2") == ""


def test_without_a_claim_it_is_the_worktrees_work(place: Repo) -> None:
    tree = place.worktree(place.path.parent / "w", "feature/2026-03-01-top", new=True)
    tree.commit("Begin", {"src/top.py": "x\n"})
    said = place.hook("SessionStart", "s1", at=tree.path).told.splitlines()
    assert said[1:3] == [
        'session "s1" holds 0',
        'this worktree: "top", implementing 0/1, "top", waits for "under"',
    ]
    place.merge("feature/2026-03-01-under")
    assert prompt(place, at=tree.path) == 'swarm: dependency landed: "under" is merged ("top" leans on it)'
    place.hook("Stop", "s1", at=tree.path)
    assert [(line["event"], line["workstream"], line["branch"]) for line in place.log()] == [
        (event, "top", "feature/2026-03-01-top") for event in ("start", "prompt", "stop")
    ]
    rows = place.swarm("sessions", "top", "--json").json["sessions"]
    assert [(row["sessionId"], row["how"], row["worktree"]) for row in rows] == [("s1", "seen", str(tree.path))]


def test_a_claim_counts_before_the_worktree_from_the_moment_it_is_made(place: Repo) -> None:
    place.hook("SessionStart", "s1")
    claim(place, "under", "s1")
    place.hook("Stop", "s1")
    place.swarm("release", SWARM_SESSION="s1")
    place.hook("Stop", "s1")
    assert [line["workstream"] for line in place.log()] == [None, "under", None]


def test_a_session_that_was_never_told_hears_no_old_news(place: Repo) -> None:
    claim(place, "under", "s1")
    assert prompt(place) == ""


def test_a_session_that_comes_back_hears_what_it_missed(place: Repo) -> None:
    claim(place, "under", "s1")
    place.hook("SessionStart", "s1")
    place.hook("SessionEnd", "s1", more={"reason": "prompt_input_exit"})
    claim(place, "under", "s2", "--force")
    said = place.hook("SessionStart", "s1", more={"source": "resume"}).told.splitlines()
    assert said[1:3] == ['session "s1" holds 0', 'swarm: claim lost: "under" is held by "s2"']


def test_the_end_keeps_the_claim_and_says_when(place: Repo) -> None:
    place.hook("SessionStart", "s1")
    claim(place, "under", "s1")
    place.hook("SessionEnd", "s1", more={"reason": "other"})
    refused = place.swarm("claim", "under", SWARM_SESSION="s2")
    assert (refused.code, '"s1"' in refused.err or "s1" in refused.err) == (4, True)
    stint = place.swarm("sessions", "under", "--json").json["sessions"][0]
    assert (stint["sessionId"], stint["how"], stint["note"]) == ("s1", "claimed", "the session ended")


def test_drift_of_my_own_is_told_at_the_start(place: Repo) -> None:
    for name in ("under", "top"):
        path = f".swarm/plans/2026-03-01-{name}.md"
        place.write(path, (place.path / path).read_text("utf-8").replace("Draft", "Complete"))
    claim(place, "under", "s1")
    told = place.hook("SessionStart", "s1").told
    where = '".swarm/plans/2026-03-01-under.md:3"'
    assert told.endswith(f'drift 1 (swarm explain ID):\n- "under", claims-done-unmerged at {where}')


def test_hosts_that_take_no_text_with_a_prompt_get_none(place: Repo) -> None:
    for host, start, asked in (("cursor", "sessionStart", "beforeSubmitPrompt"),
                               ("copilot", "sessionStart", "userPromptSubmitted")):  # fmt: skip
        place.hook(start, host, host=host)
        place.swarm("claim", "under", "--force", SWARM_SESSION=host)
        place.swarm("claim", "under", "--force", SWARM_SESSION="s2")
        assert place.hook(asked, host, host=host) == SILENT

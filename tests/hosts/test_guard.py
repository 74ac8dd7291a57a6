"""Files that only swarm writes are not written by an agent's editor, whatever the path looks like; all else is."""

from pathlib import Path
from typing import Any

import pytest

from reconciler.cli.guarded import is_ours
from reconciler.hosts import guard
from reconciler.hosts.table import HOSTS
from reconciler.hosts.wire import Event
from reconciler.publish.projections import PROJECTIONS
from tests.hosts.hooks import Repo, repo


@pytest.fixture(scope="module")
def place(tmp_path_factory: pytest.TempPathFactory) -> Repo:
    """A repository with a linked work tree beside it and links of all kinds into .swarm."""
    top = tmp_path_factory.mktemp("guard")
    made = repo(top / "r", "fog")
    (made.path / ".swarm/archive").mkdir()
    made.worktree(top / "w", "feature/fog", new=True)
    (made.path / "deep/er").mkdir(parents=True)
    (made.path / "link").symlink_to(made.path / ".swarm")
    (made.path / "state.json").symlink_to(made.path / ".swarm/workstreams.json")
    (made.path / "deep/other").symlink_to(top / "w")
    (made.path / "deep/hop").symlink_to(top / "w/src")
    return made


def refusal(place: Repo, path: str, *, at: str = "", host: str = "claude", tool: str = "Write") -> str:
    return refused(place, host, {"tool_name": tool, "tool_input": {"file_path": path}}, at=at)


def refused(place: Repo, host: str, payload: dict[str, Any], *, at: str = "") -> str:
    event = Event(host, "tool", "PreToolUse", payload, HOSTS[host])
    return guard.refusal(event, HOSTS[host], str(place.path / at), str(place.facts), is_ours)


@pytest.mark.parametrize(
    ("path", "at"),
    [
        (".swarm/workstreams.json", ""),
        ("./.swarm/workstreams.json", ""),
        ("TOP/r/.swarm/workstreams.json", ""),
        ("TOP/w/.swarm/workstreams.json", ""),
        ("../w/.swarm/queue.json", ""),
        ("../.swarm/instances.json", "deep"),
        ("workstreams.json", ".swarm"),
        ("deep/../.swarm/workstreams.json", ""),
        ("deep/hop/../.swarm/workstreams.json", ""),
        ("deep/other/.swarm/workstreams.json", ""),
        ("not/there/../../.swarm/workstreams.json", ""),
        ("link/workstreams.json", ""),
        ("state.json", ""),
        (".swarm//workstreams.json", ""),
        (".swarm/archive/workstreams-2026-01.json", ""),
        (".swarm/schemas/swarm.workstreams.schema.json", ""),
        (".git/swarm/claims/fog/0000000001", ""),
    ],
)
def test_what_swarm_writes_is_refused(place: Repo, path: str, at: str) -> None:
    said = refusal(place, path.replace("TOP", str(place.path.parent)), at=at)
    assert "is written by swarm" in said
    assert "swarm " in said.partition(". ")[2]  # the command to use instead
    assert str(place.path.parent) not in said


@pytest.mark.parametrize(
    "path",
    [
        "src/app.py",
        ".swarm/plans/2026-03-01-fog.md",
        ".swarm/queue/2026-03-01-fog.md",
        ".swarm/config.toml",
        ".swarm/.gitignore",
        ".swarm/archive/notes.md",
        ".swarm/schemas/mine.json",
        ".swarm/archive/workstreams-latest.json",
        "deep/.swarm/workstreams.json",  # of no work tree
        "../elsewhere/.swarm/workstreams.json",
        "workstreams.json",
        ".swarm",
        "",
        "a\0b",
        ".git/config",
    ],
)
def test_everything_else_is_silent(place: Repo, path: str) -> None:
    assert refusal(place, path) == ""


def test_every_projection_is_guarded(place: Repo) -> None:
    assert [name for name in PROJECTIONS if not refusal(place, f".swarm/{name}")] == []


@pytest.mark.parametrize("tool", ["Write", "Edit", "MultiEdit", "NotebookEdit"])
def test_tools_that_write(place: Repo, tool: str) -> None:
    assert refusal(place, ".swarm/workstreams.json", tool=tool) != ""


@pytest.mark.parametrize("tool", ["Read", "Bash", "Glob", "", "write"])
def test_tools_that_do_not(place: Repo, tool: str) -> None:
    assert refusal(place, ".swarm/workstreams.json", tool=tool) == ""


def test_another_tools_file_of_that_name_is_not_ours(place: Repo) -> None:
    place.write(".swarm/queue.json", '{"queue": [{"id": "by hand"}]}')
    try:
        assert refusal(place, ".swarm/queue.json") == ""
        place.write(".swarm/queue.json", '{"schema": "swarm.queue/1", "queue": []}')
        assert refusal(place, ".swarm/queue.json") != ""
        place.write(".swarm/queue.json", '{"schema": "swarm.que')  # torn: ours, or nobody's
        assert refusal(place, ".swarm/queue.json") != ""
    finally:
        place.remove(".swarm/queue.json")


PATCH = "*** Begin Patch\n*** Update File: src/app.py\n@@\n-a\n+b\n*** Move to: .swarm/queue.json\n*** End Patch"
DIFF = "--- a/src/app.py\n+++ b/.swarm/workstreams.json\n@@ -1 +1 @@\n-a\n+b\n"


@pytest.mark.parametrize(
    ("host", "payload"),
    [
        ("codex", {"tool_name": "apply_patch", "tool_input": {"command": PATCH}}),
        ("codex", {"tool_name": "apply_patch", "tool_input": {"input": DIFF}}),
        ("copilot", {"toolName": "apply_patch", "toolArgs": PATCH}),
        ("copilot", {"toolName": "create", "toolArgs": '{"path": ".swarm/queue.json"}'}),
        ("opencode", {"tool": "patch", "args": {"patchText": PATCH}}),
        ("cursor", {"tool_name": "Write", "tool_input": {"path": ".swarm/queue.json"}}),
        ("gemini", {"toolCall": {"name": "replace_file_content", "args": {"TargetFile": ".swarm/queue.json"}}}),
        ("claude", {"tool_name": "MultiEdit", "tool_input": {"edits": [{"file_path": ".swarm/queue.json"}]}}),
    ],
)
def test_the_ways_of_each_host_to_name_a_file(place: Repo, host: str, payload: dict[str, Any]) -> None:
    assert "is written by swarm" in refused(place, host, payload)


@pytest.mark.parametrize("said", [None, 7, [], "text", {}, {"file_path": 7}, {"edits": 7, "file_path": None}])
def test_odd_input_of_a_tool_is_silent(place: Repo, said: object) -> None:
    assert refused(place, "claude", {"tool_name": "Edit", "tool_input": said}) == ""


def test_the_folder_need_not_be_there(tmp_path: Path) -> None:
    made = Repo(tmp_path)
    assert "is written by swarm" in refusal(made, ".swarm/workstreams.json")

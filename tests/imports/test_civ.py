"""The project that swarm was born from moves over: one registry, no idea lost, no row twice, drift by name."""

import gzip
import json
import subprocess
from pathlib import Path
from typing import Any

import pytest

from tests.gitrepo import GitBuilder
from tests.imports.world import World

STREAM = Path(__file__).parents[3] / "shared/corpora/civ.fast-export.gz"
pytestmark = pytest.mark.skipif(not STREAM.is_file(), reason="the real history (../shared/corpora) is not here")

# read by hand, row by row, against the merges of the repository: 5 of 27
WRONG = {
    "cli-integration-architecture": "cli-integration-architecture",  # "implementing", all of it merged
    "cli-integration-architecture/phase-4": "cli-frontend",  # "ready", merged by c724c78
    "cli-integration-architecture/phase-5": "cli-integration-tests",  # "ready", merged by 5594ce0
    "ai-extensibility": "ai-extensibility",  # "idea", its first phase is merged
    "ai-extensibility/phase-1": "ai-extensibility/phase-1",  # "idea", merged by a41642f
}
ELSEWHERE = {  # rows of the registry -> the workstreams that they are
    "cli-integration-architecture/phase-2": "command-layer-and-renderer-decoupling",
    "cli-integration-architecture/phase-3": "command-layer-and-renderer-decoupling",
    "cli-integration-architecture/phase-4": "cli-frontend",
    "cli-integration-architecture/phase-5": "cli-integration-tests",
    "victory-conditions": "victory-system",
    "solo-worktree-improvements": "solo-worktree-workflow-improvements",
}
NEW = {
    "resources-visible-bug", "server-client-architecture", "ai-extensibility/phase-2", "ai-extensibility/phase-3",
    "ai-extensibility/phase-4", "building-production", "technology-tree", "fog-of-war", "resource-progress-ui",
    "city-view", "city-yields-breakdown", "victory-conditions/game-over-state", "victory-conditions/victory-ui",
}  # fmt: skip


@pytest.fixture
def civ(tmp_path: Path, capfdbinary: pytest.CaptureFixture[bytes]) -> World:
    repo = GitBuilder(tmp_path / "civ")
    subprocess.run(
        ["git", "-C", str(repo.path), "fast-import", "--quiet"], input=gzip.decompress(STREAM.read_bytes()), check=True
    )
    repo.git("checkout", "-q", "main")
    return World(repo, capfdbinary)


def old_rows(civ: World) -> dict[str, Any]:
    return json.loads((civ.repo.path / ".swarm/workstreams.json").read_text("utf-8"))["workstreams"]


def test_every_row_goes_to_one_workstream(civ: World) -> None:
    rows = old_rows(civ)
    said = [r for r in civ.json("import")["rows"] if r["source"] == ".swarm/workstreams.json" and r["workstream"]]
    assert {r["id"]: r["workstream"] for r in said} == {key: ELSEWHERE.get(key, key) for key in rows}
    assert {r["workstream"] for r in said if r["outcome"] == "taken"} == NEW - {
        "victory-conditions/game-over-state", "victory-conditions/victory-ui",
    }  # fmt: skip


def test_no_state_moves_and_only_ideas_are_added(civ: World) -> None:
    before = {id: row["status"] for id, row in civ.streams().items()}
    civ.swarm("import")
    assert civ.swarm("reconcile")[0] == 0
    after = {id: row["status"] for id, row in civ.streams().items()}
    assert {id: after[id] for id in before} == before
    assert {id: state for id, state in after.items() if id not in before} == dict.fromkeys(NEW, "idea")


def test_drift_names_the_rows_whose_recorded_state_was_wrong(civ: World) -> None:
    report = civ.json("import")
    assert {d["id"] for d in report["drift"]} == set(WRONG.values())
    civ.swarm("reconcile")
    registry = json.loads((civ.repo.path / ".swarm/workstreams.json").read_text("utf-8"))
    archive = [json.loads(p.read_text("utf-8")) for p in (civ.repo.path / ".swarm/archive").glob("*.json")]
    rows = [row for part in (registry, *archive) for row in part["workstreams"]]
    said = {row["id"]: [d for d in row["drift"] if d["id"].startswith("recorded-")] for row in rows}
    assert {id for id, drift in said.items() if drift} == set(WRONG.values())
    for row, stream in WRONG.items():
        assert any(d["say"].startswith(f"{row} is recorded as ") for d in said[stream])


def test_nothing_of_the_registry_is_lost(civ: World) -> None:
    rows = old_rows(civ)
    civ.swarm("import")
    streams = civ.streams()
    written = "\n".join(p.read_text("utf-8") for p in civ.queue.iterdir())
    for key, row in rows.items():
        target = streams[ELSEWHERE.get(key, key)]
        notes = target["notes"]
        for text in (row["description"], row["notes"]):
            assert text is None or text in notes
        assert row["title"] in (target["title"], *notes.split("**"))
        assert target["priority"] == row["priority"]
        assert set(row["tags"]) <= set(target["tags"])
        assert row["parent"] is None or target["parent"] == row["parent"]
        for edge in row["dependencies"]:
            assert edge["reason"] in written
            wanted = ELSEWHERE.get(edge["target"], edge["target"])
            kinds = {r["target"]: (r["type"], r["reason"]) for r in target["relations"]}
            assert wanted == target["id"] or kinds[wanted][0] == edge["type"]


def test_every_box_of_the_todo_file_is_told(civ: World) -> None:
    report = civ.json("import")
    told = {row["line"] for row in report["rows"] if row["source"] == "TODOs.txt"}
    lines = (civ.repo.path / "TODOs.txt").read_text("utf-8").splitlines()
    assert {n for n, text in enumerate(lines, start=1) if text.lstrip().startswith("- ")} <= told
    assert (civ.repo.path / "TODOs.txt").read_text("utf-8").splitlines() == lines


def test_a_second_import_writes_nothing_and_git_takes_the_first_back(civ: World) -> None:
    undo = civ.json("import")["undo"]
    before = civ.files()
    assert "workstreams.imported.json" in before and "workstreams.json" not in before
    for words in ((), (".swarm/workstreams.imported.json", "TODOs.txt")):
        named = [str(civ.repo.path / word) for word in words]
        report = civ.json("import", *named)
        assert (report["written"], report["moved"]) == ([], [])
        assert {row["outcome"] for row in report["rows"]} == {"matched", "skipped"}
    assert civ.files() == before
    subprocess.run(["bash", "-c", undo], cwd=civ.repo.path, check=True)
    assert civ.repo.git("status", "--porcelain") == ""

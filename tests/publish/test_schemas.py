"""Every answer of --json has a schema, and is what its schema says: real commands in real repositories."""

import json
import re
from pathlib import Path
from typing import Any

import pytest
from jsonschema import Draft202012Validator

import reconciler
from reconciler.model import WorkstreamId
from reconciler.publish import schemas
from reconciler.watch.transitions import changes
from tests.coordination.commands import World

from .make import NOON, claim, merged, view, workstream

CODE = Path(reconciler.__file__).parent
OF_FILES = {"claim", "installs", "instance", "port"}  # facts that nobody prints


@pytest.fixture(scope="module")
def world(tmp_path_factory: pytest.TempPathFactory) -> World:
    """Work in most states: merged, conflicting, waiting, decided against, in a cycle, unreadable."""
    made = World(tmp_path_factory.mktemp("world") / "repo")
    made.write("src/a.py", "a = 1\n").commit("Start")
    plan = "# Plan\n\n**Status**: Complete\n**Depends on**: sea\n\n## Phase 1: A\n- [x] `src/a.py`\n"
    made.write(".swarm/plans/2026-03-01-fog.md", plan).commit("Plan fog")
    for name, path in (("fog", "src/a.py"), ("rain", "src/a.py"), ("log", "src/log.py")):
        made.checkout(f"feature/{name}", new=True).write(path, f"{name} = 1\n").commit(f"Build {name}")
        made.checkout("main")
    made.merge("feature/log")
    made.write(".swarm/plans/2026-03-02-log.md", "# Log\n\n**Status**: Draft\n").commit("Plan the log late")
    made.write(".swarm/plans/2026-03-03-bad.md", "---\nstatus: [\n---\n# Bad\n").commit("Half a plan")
    made.idea("sea", "priority: 1").idea("hill", "depends_on: [dale]").idea("dale", "depends_on: [hill]")
    made.idea("moon", "status: shelved").idea("rain", "conflicts: [sea]").idea("well").idea("mill")
    return made


def check(document: Any) -> str:
    """Assert that a document is what its schema says; returns its name."""
    name = re.fullmatch(r"swarm\.([a-z-]+)/1", document["schema"])
    assert name is not None
    wrong = Draft202012Validator(schemas.schema(name[1])).iter_errors(document)
    assert [f"{error.json_path}: {error.message}" for error in wrong] == []
    return name[1]


READ = {
    "status": "workstreams",
    "status --all": "workstreams",
    "status --status ready": "workstreams",
    "queue": "queue",
    "next": "next",
    "next -n 1": "next",
    "next --parallel 3": "next",
    "show fog": "workstream",
    "show log": "workstream",
    "explain fog": "explain",
    "explain log": "explain",
    "explain moon": "explain",
    "explain hill": "explain",
    "graph": "graph",
    "graph --all": "graph",
    "graph --format json": "graph",
    "blocked fog": "blocked",
    "blocked hill": "blocked",
    "blocked sea": "blocked",
    "unblocks sea": "unblocks",
    "unblocks hill": "unblocks",
    "unblocks moon": "unblocks",
    "conflicts": "conflicts",
    "instances": "instance-list",
    "sessions": "sessions",
    "port": "port-of",
    "doctor": "doctor",
    "init --dry-run": "init",
    "import --dry-run": "import",
    "reconcile --check": "reconcile",
    "reconcile --dry-run": "reconcile",
    "hooks status": "hooks-status",
    "hooks install --dry-run": "hooks",
    "install": "hosts",
    "install claude codex --mcp --dry-run": "install",
    "report": "report",
    "report --since 30d": "report",
    "history fog": "history",
    "history log": "history",
    "worktree start mill --dry-run": "worktree",
    "worktree finish mill": "worktree",
    "watch --status": "watch",
    "watch --stop": "watch",
}


@pytest.mark.parametrize("words", READ)
def test_an_answer_that_changes_nothing(world: World, words: str) -> None:
    assert check(world.swarm(*words.split(), "--json").json) == READ[words]


def test_the_answers_say_something(world: World) -> None:
    def ask(words: str) -> dict[str, Any]:
        return world.swarm(*words.split(), "--json").json

    assert ask("explain fog")["drift"]
    assert ask("explain fog")["nearly"]
    assert ask("graph")["cycles"] == [["dale", "hill"]]
    assert {edge["type"] for edge in ask("graph")["edges"]} >= {"blocks", "conflicts"}
    assert [row["id"] for row in ask("blocked fog")["blockedBy"]] == ["sea"]
    assert [row["id"] for row in ask("unblocks sea")["unblocks"]] == ["fog"]
    assert ask("doctor")["diagnostics"]
    assert ask("next -n 1")["more"] > 0


WRITE = (
    ("init", "init"),
    ("reconcile", "reconcile"),
    ("add", "intent"),
    ("update", "intent"),
    ("reconcile", "reconcile"),
    ("claim", "claimed"),
    ("release", "released"),
    ("import", "import"),
    ("hooks install", "hooks"),
    ("hooks status", "hooks-status"),
    ("hooks uninstall", "hooks"),
    ("install opencode gemini", "install"),
    ("uninstall opencode gemini", "install"),
)
MORE = {
    "add": ("A bridge", "--depends-on", "sea"),
    "update": ("a-bridge", "--priority", "2"),
    "claim": ("sea",),
}


def test_answers_that_write(tmp_path: Path) -> None:
    world = World(tmp_path / "repo")
    world.write("src/a.py", "a = 1\n").commit("Start")
    world.idea("sea").write("TODOs.txt", "- [ ] Mend the roof\n- [x] Paint it\n")
    for words, name in WRITE:
        more = (str(world.path / "TODOs.txt"),) if words == "import" else MORE.get(words, ())
        said = world.swarm(*words.split(), *more, "--json")
        assert check(said.json) == name, words
    passed = world.swarm("reconcile", "--json").json
    assert passed["moved"]
    assert passed["moved"][0]["from"] is None


def test_the_demo(world: World, tmp_path: Path) -> None:
    kept = world.swarm("demo", "--keep", str(tmp_path / "civ"), "--json").json
    assert check(kept) == "demo"
    assert kept["root"]


def test_each_line_of_a_watch(world: World) -> None:
    world.swarm("reconcile")
    world.idea("star").swarm("update", "sea", "--status", "abandoned")
    lines = world.swarm("watch", "--once", "--json").out.splitlines()
    assert {check(json.loads(row)) for row in lines} == {"event"}


FLAGS = ("conflicted", "stale", "drift", "reopened", "cycle")
BLOCKED = workstream("x", "ready", flags=("blocked",), blocked_by=(WorkstreamId("y"),))
PAIRS = (
    (view(), view(workstream("x"))),
    (view(workstream("x", "idea")), view(workstream("x", "ready"))),
    (view(workstream("x", "in-review")), view(merged("x"))),
    (view(workstream("x")), view(BLOCKED)),
    *((view(workstream("x")), view(workstream("x", flags=(flag,)))) for flag in FLAGS),
    (view(workstream("x")), view(workstream("x", claim=claim("x")))),
)


def test_each_kind_of_event() -> None:
    events = [event for one, other in PAIRS for event in (*changes(one, other), *changes(other, one))]
    assert {check(event.document(NOON)) for event in events} == {"event"}
    assert {event.kind for event in events} == set(schemas.schema("event")["properties"]["kind"]["enum"])


def test_every_answer_in_the_code_has_a_schema() -> None:
    text = "".join(path.read_text("utf-8") for path in CODE.rglob("*.py"))
    named = set(re.findall(r'"swarm\.([a-z-]+)/1"', text)) - OF_FILES
    assert named == set(schemas.names())

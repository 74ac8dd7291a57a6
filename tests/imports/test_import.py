"""The command on real repositories: matched, all or nothing, twice is once, taken back by git."""

import json
import os
import subprocess
import sys
from pathlib import Path

import pytest

from reconciler import files
from reconciler.cli.app import run
from reconciler.errors import Exit
from tests.imports.world import World

REGISTRY = ".swarm/workstreams.json"


def registry(*rows: dict[str, object]) -> str:
    return json.dumps({"version": 1, "workstreams": list(rows)}, indent=2)


def test_nothing_to_import(world: World) -> None:
    code, out = world.swarm("import")
    assert (code, out) == (0, f"Nothing to import.\nLooked for {REGISTRY}, TODOs.txt, todo.txt, backlog/, .beads/.\n")


def test_rows_become_intents_with_all_that_they_say(world: World) -> None:
    world.repo.write(REGISTRY, registry(
        {"id": "maps", "title": "Maps", "type": "epic", "created": "2026-01-18"},
        {"id": "fog-of-war", "title": "Fog of war", "type": "feature", "priority": 2, "parent": "maps",
         "state": "ready", "tags": ["ui"], "created": "2026-01-18", "notes": "Ask Ada.",
         "dependencies": [{"target": "maps/vision", "type": "blocks", "reason": "needs eyes"}]},
        {"id": "maps/vision", "title": "Vision", "created": "2026-01-18"},
    ))  # fmt: skip
    assert world.swarm("import")[0] == 0
    assert (world.queue / "2026-01-18-fog-of-war.md").read_text("utf-8") == (
        "---\ntitle: Fog of war\nid: fog-of-war\ntype: feature\npriority: 2\nparent: maps\n"
        "depends_on: [maps/vision]\ntags: [ui]\nreasons: {maps/vision: needs eyes}\n"
        "recorded: {fog-of-war: ready}\n---\n\nAsk Ada.\n"
    )
    streams = world.streams()
    assert {id: row["status"] for id, row in streams.items()} == dict.fromkeys(
        ("fog-of-war", "maps", "maps/vision"), "idea"
    )
    assert [(r["type"], r["reason"]) for r in streams["fog-of-war"]["relations"] if r["target"] == "maps/vision"] == [
        ("blocks", "needs eyes")
    ]


def test_what_exists_is_matched_by_id_branch_artifact_and_title(world: World) -> None:
    plan = "# Plan: {0}\n\n## Phase 1: One\n\n- [ ] Change `src/a.py`\n"
    world.repo.commit("Plans", {
        ".swarm/plans/2026-01-01-turn-system.md": plan.format("Turn System"),
        ".swarm/plans/2026-01-02-unit-combat.md": plan.format("Unit Combat"),
        ".swarm/plans/2026-01-03-log-rotation.md": plan.format("Log Rotation"),
        ".swarm/plans/2026-01-04-save-format.md": plan.format("Save Format"),
    })  # fmt: skip
    world.repo.checkout("feature/2026-01-02-unit-combat", new=True)
    world.repo.commit("Fight", {"src/a.py": "fight\n"})
    world.repo.checkout("main")
    world.repo.write("old.json", registry(
        {"id": "turn-system", "title": "Turns"},
        {"id": "fights", "title": "Fighting", "implementation": {"branch": "feature/2026-01-02-unit-combat"}},
        {"id": "logs", "title": "Old logs", "artifacts": {"plan": "/x/civ/.swarm/plans/2026-01-03-log-rotation.md"}},
    ))  # fmt: skip
    world.repo.write("TODOs.txt", "- [ ] the formats of saves\n")
    rows = world.rows(str(world.repo.path / "old.json"), str(world.repo.path / "TODOs.txt"))
    assert rows == {
        "Turns": ("matched", "turn-system"), "Fighting": ("matched", "unit-combat"),
        "Old logs": ("matched", "log-rotation"), "the formats of saves": ("matched", "save-format"),
    }  # fmt: skip
    assert world.rows(str(world.repo.write("b.txt", "- [ ] Save Format for mods\n").path / "b.txt")) == {
        "Save Format for mods": ("taken", "save-format-for-mods")
    }


def test_a_file_is_looked_for_where_c_leads(world: World, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    world.repo.write("notes/list.txt", "- [ ] Maps\n")
    monkeypatch.chdir(tmp_path)
    assert world.rows("notes/list.txt") == {"Maps": ("taken", "maps")}
    assert run(["-C", str(world.repo.path), "-C", "notes", "import", "list.txt"]) == 0
    assert run(["-C", str(world.repo.path), "export", "-o", "notes/out.json"]) == 0
    assert (world.repo.path / "notes/out.json").exists()
    assert run(["-C", str(world.repo.path), "-C", "nowhere", "status"]) == 2


def test_an_old_id_still_names_the_workstream(world: World) -> None:
    world.repo.commit("Plan", {".swarm/plans/2026-01-03-log-rotation.md": "# Plan: Log Rotation\n"})
    old = registry({"id": "logs/phase-9", "title": "L", "artifacts": {"plan": "plans/2026-01-03-log-rotation.md"}})
    world.repo.write(REGISTRY, old)
    world.swarm("import")
    code, out = world.swarm("show", "logs/phase-9", "--json")
    assert code == 0 and '"id": "log-rotation"' in out


SOURCES = {
    "a.json": registry(
        {"id": "12", "title": "Same"},
        {"id": "13", "title": "Same"},
        {"id": "x", "title": "X", "state": "done", "description": "d", "tags": ["t"], "dependencies": ["12", "y", "y"]},
        {"id": "y", "title": "x", "parent": "x"},
    ),
    ".beads/issues.jsonl": """\
{"id": "bd-1", "title": "Fix it", "priority": 0}
{"id": "bd-2", "title": "Fix it", "description": "again"}
{"id": "bd-2.1", "title": "Part"}
{"id": "bd-3", "title": "Over", "status": "closed"}
""",
    "backlog/tasks/task-1 - A.md": """\
---
id: task-1
title: A b
status: To Do
priority: high
labels: [x]
---

Words.
""",
    "TODOs.txt": """\
- [ ] write tests
- [ ] engine
  - [ ] write tests
  - [x] A
  - [ ] B draw
- [ ] write tests
- [x] over
- [ ] engines
""",
    "todo.txt": """\
(Z) call @ada +x
call @bob +x
same
same
(A) 2026-01-01 more id:more dep:call
""",
}


@pytest.mark.parametrize("path", SOURCES)
def test_twice_is_once(world: World, path: str) -> None:
    world.repo.write(path, SOURCES[path])
    named = [str(world.repo.path / path)]
    first = world.json("import", *named)
    assert first["written"]
    before = world.files()
    world.streams()
    second = world.json("import", *named)
    assert second["written"] == []
    assert world.files() == before
    told = {(row["title"], row["workstream"]) for row in first["rows"] if row["workstream"]}
    assert {(row["title"], row["workstream"]) for row in second["rows"] if row["workstream"]} == told


def test_a_dry_run_says_the_same_and_writes_nothing(world: World) -> None:
    world.repo.write(REGISTRY, registry({"id": "a", "title": "A", "state": "merged"}))
    before = world.files()
    dry = world.json("import", "--dry-run")
    assert world.files() == before and dry["dryRun"] is True
    done = world.json("import")
    assert (dry["rows"], dry["written"], dry["drift"]) == (done["rows"], done["written"], done["drift"])
    assert [d["id"] for d in done["drift"]] == ["a"]


def test_the_old_registry_is_kept_and_never_over_another(world: World) -> None:
    first, second = registry({"id": "a", "title": "A"}), registry({"id": "b", "title": "B"})
    world.repo.write(REGISTRY, first).write(".swarm/instances.json", '{"instances": {}}')
    assert world.json("import")["moved"] == [
        {"from": REGISTRY, "to": ".swarm/workstreams.imported.json"},
        {"from": ".swarm/instances.json", "to": ".swarm/instances.imported.json"},
    ]
    world.repo.write(REGISTRY, second)
    assert world.json("import")["moved"] == [{"from": REGISTRY, "to": ".swarm/workstreams.imported-2.json"}]
    world.repo.write(REGISTRY, first)  # the same bytes again need no third copy
    assert world.json("import")["moved"] == [{"from": REGISTRY, "to": ".swarm/workstreams.imported.json"}]
    kept = {name: text.decode() for name, text in world.files().items() if "imported" in name and "work" in name}
    assert kept == {"workstreams.imported.json": first, "workstreams.imported-2.json": second}
    assert world.swarm("reconcile")[0] == 0
    assert world.json("import")["sources"] == []


def test_edits_by_hand_stay(world: World) -> None:
    world.repo.write(".swarm/queue/2026-01-01-fog.md", "---\nid: fog # mine\npriority: 4\n---\n\nMy words.\n")
    world.repo.write(
        REGISTRY, registry({"id": "fog", "title": "Fog", "priority": 1, "tags": ["ui"], "notes": "Theirs."})
    )
    world.swarm("import")
    assert (world.queue / "2026-01-01-fog.md").read_text("utf-8") == (
        "---\nid: fog # mine\npriority: 4\ntags: [ui]\n---\n\nMy words.\n\n**Fog**\n\nTheirs.\n"
    )


def test_a_bad_file_is_refused_whole_and_the_others_are_read(world: World) -> None:
    world.repo.write(REGISTRY, '{"workstreams": [{"id": "a", "title": "A"},]}').write(
        "TODOs.txt", "- [ ] something else\n"
    )
    code, out = world.swarm("import")
    assert code == Exit.USAGE
    assert f"error: {REGISTRY}:1: not valid JSON" in world.errors
    assert f"{REGISTRY}: not read" in out and "something-else" in out
    assert sorted(world.streams()) == ["something-else"]
    assert (world.repo.path / REGISTRY).is_file()


def test_a_failure_in_the_middle_takes_everything_back(world: World, monkeypatch: pytest.MonkeyPatch) -> None:
    world.repo.write(".swarm/queue/2026-01-01-b.md", "---\nid: b\n---\n")
    rows = [{"id": name, "title": f"T{name}", "tags": ["x"]} for name in ("a", "b", "c")]
    world.repo.write(REGISTRY, registry(*rows))
    before = world.files()
    real, calls = os.fsync, [0]

    def full(fd: int) -> None:
        calls[0] += 1
        if calls[0] == 5:  # within the third file
            raise OSError(28, "No space left on device")
        real(fd)

    monkeypatch.setattr(files.os, "fsync", full)
    code, _ = world.swarm("import")
    monkeypatch.undo()
    assert code == Exit.USAGE and "no space left" in world.errors
    assert world.files() == before


def test_undo_leaves_other_intents_alone(world: World) -> None:
    world.repo.write(".swarm/queue/2026-01-01-mine.md", "---\nid: mine\ntitle: Mine\n---\n")
    world.repo.write(REGISTRY, registry(*({"id": f"w{n}-x", "title": f"Work {n}"} for n in range(9))))
    before = world.files()
    undo = world.json("import")["undo"]
    subprocess.run(["bash", "-c", undo], cwd=world.repo.path, check=True)
    assert world.files() == before


@pytest.mark.parametrize("kind", ["link", "pipe", "folder", "huge"])
def test_what_is_no_plain_file_is_refused(world: World, kind: str, tmp_path: Path) -> None:
    path = world.repo.path / "TODOs.txt"
    if kind == "link":
        path.symlink_to("/etc/hostname")
    elif kind == "pipe":
        os.mkfifo(path)
    elif kind == "folder":
        path.mkdir()
    else:
        with path.open("wb") as file:
            file.truncate(100 * 1024 * 1024)
    code, _ = world.swarm("import")
    assert code == Exit.USAGE
    assert "TODOs.txt" in world.errors and "Traceback" not in world.errors
    assert not world.queue.exists()


HOSTILE = [
    {"id": "../../x", "title": "Climber", "parent": "../..", "dependencies": ["../../x", None, 7, {"reason": "no"}]},
    {"id": "\x00\x1b[31m\u202e", "title": "red\x1b[31m\x07"},
    {"id": "a" * 500, "title": "t" * 5000, "notes": "n" * 200_000, "tags": ["x" * 500, None, {}, ["deep"]]},
    {"id": "CON", "title": "---\nid: evil\n---"}, {"id": "yes", "title": "null"}, {"id": "# c", "title": "[a, b]: {c}"},
    {"id": "p", "title": "P", "parent": "q"}, {"id": "q", "title": "Q", "parent": "p", "dependencies": ["p"]},
    {"id": "self", "title": "Self", "parent": "self", "dependencies": ["self"], "priority": 10**30},
    {"id": ["list"], "title": {"no": 1}}, {"title": "only a title"}, "text", None, 7,
]  # fmt: skip


def test_hostile_rows_are_told_and_hurt_nobody(world: World) -> None:
    world.repo.write(REGISTRY, json.dumps({"workstreams": HOSTILE}))
    report = world.json("import")
    assert sum(row["outcome"] == "taken" for row in report["rows"]) == 10
    outside = [p for p in world.repo.path.parent.iterdir() if p.name not in ("repo", ".gitconfig")]
    assert outside == []
    text = b"".join(world.files().values())
    assert b"\x1b" not in text.split(b"workstreams.imported")[0] or b"\\u001b" in text
    before = world.files()
    assert world.swarm("reconcile")[0] == 0
    assert len(world.streams()) == 10
    again = world.json("import", str(world.repo.path / ".swarm/workstreams.imported.json"))
    assert again["written"] == []
    assert {k: v for k, v in world.files().items() if k in before} == before


def test_time_grows_with_the_rows(world: World) -> None:
    """Ten thousand rows are planned without comparing each with each."""
    from reconciler.coordination.imports.formats import read_source
    from reconciler.coordination.imports.planning import plan_import

    def steps(count: int) -> int:
        rows = [{"id": f"bd-{n}", "title": "Same words" if n % 2 else f"Work {n}", "issue_type": "task",
                 "dependencies": [{"depends_on_id": f"bd-{n - 1}"}]} for n in range(count)]  # fmt: skip
        calls = 0

        def tick(*_: object) -> None:
            nonlocal calls
            calls += 1

        reading = read_source("x.jsonl", "\n".join(map(json.dumps, rows)).encode())
        sys.setprofile(tick)
        try:
            plan = plan_import({"x.jsonl": reading}, (), ())
        finally:
            sys.setprofile(None)
        assert len(plan.changes) == count
        return calls

    assert steps(2000) < 5 * steps(500)

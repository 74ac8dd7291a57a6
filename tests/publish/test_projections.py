"""The files as pure functions of the view."""

import json
import random
import re
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
from hypothesis import given
from jsonschema import Draft202012Validator

from reconciler.model import Intent, State, StateWord, View, WorkstreamId
from reconciler.publish import schemas
from reconciler.publish.moves import Move, moved
from reconciler.publish.projections import PROJECTIONS, project, to_json, workstreams_document
from tests.publish.make import NOON, claim, full_view, merged, view, views, workstream

LATER = NOON + timedelta(days=1)
UNSAFE = re.compile("[\x00-\x09\x0b-\x1f\x7f-\x9f\u200e\u200f\u2028-\u202e\u2066-\u2069\ud800-\udfff]")


def documents(of: View, now: datetime = LATER) -> dict[str, Any]:
    return {name: json.loads(data) for name, data in project(of, now=now).items()}


def schema_of(name: str) -> dict[str, Any]:
    kind = "archive" if name.startswith("archive/") else name.removesuffix(".json")
    return schemas.schema(kind)


def test_a_workstream_is_shown_as_the_design_has_it() -> None:
    row = next(r for r in documents(full_view())["workstreams.json"]["workstreams"] if r["id"] == "fog-of-war")
    assert row == {
        "id": "fog-of-war",
        "title": "Fog of war",
        "type": "feature",
        "status": "implementing",
        "rule": "implementing",
        "reason": "a plan",
        "confidence": "high",
        "priority": 2,
        "created": "2026-01-16",
        "updated": "2026-01-18T12:00:00Z",
        "phase": "1/3",
        "currentPhase": 1,
        "totalPhases": 3,
        "tasks": {"done": 4, "total": 9},
        "parent": "map",
        "children": [],
        "aliases": [],
        "tags": ["ui"],
        "assignedInstance": "claude-7c",
        "branch": "feature/fog",
        "worktree": "/w/fog",
        "ahead": 6,
        "behind": 3,
        "mergedAt": None,
        "mergeCommit": None,
        "flags": ["drift"],
        "blockedBy": ["turn-system"],
        "dependencies": ["turn-system"],
        "conflicts": [{"id": "turn-system", "files": ["src/state.py"]}],
        "relations": [
            {
                "target": "turn-system",
                "type": "blocks",
                "source": ".swarm/plans/x.md:12",
                "reason": "depends on",
            }
        ],
        "artifacts": {
            "research": None,
            "plan": ".swarm/plans/x.md",
            "validation": None,
            "review": None,
            "checkpoints": [],
        },
        "documents": [
            {
                "path": ".swarm/plans/x.md",
                "kind": "plan",
                "date": "2026-01-16",
                "claims": "Complete",
                "seenIn": ["main"],
                "shared": False,
                "why": "slug",
            }
        ],
        "evidence": [
            {
                "tag": "plan",
                "source": ".swarm/plans/x.md:1",
                "at": "2026-01-18T12:00:00Z",
                "detail": "a plan",
                "claim": False,
            }
        ],
        "drift": [
            {"id": "claims-done-unmerged", "say": "says done", "severity": "warning", "source": ".swarm/plans/x.md:4"}
        ],
        "notes": "look at the tiles",
    }


def test_the_document_around_it() -> None:
    document = documents(full_view())["workstreams.json"]
    assert {key: document[key] for key in document if key != "workstreams"} == {
        "schema": "swarm.workstreams/1",
        "lastUpdated": "2026-01-18T12:00:00Z",
        "base": {"branch": "main", "commit": "b" * 40},
        "next": [
            {
                "id": "turn-system",
                "action": "merge",
                "command": "git merge x",
                "score": 70,
                "reasons": [{"weight": 50, "text": "in review"}],
            }
        ],
        "diagnostics": [
            {
                "code": "unreadable",
                "severity": "error",
                "message": "cannot be read",
                "path": ".swarm/plans/y.md",
                "line": 3,
                "hint": None,
                "workstream": None,
            }
        ],
    }
    assert [row["id"] for row in document["workstreams"]] == ["fog-of-war", "old", "turn-system", "tutorial"]


def test_a_stale_holder_holds_nothing() -> None:
    held = workstream(claim=claim(status="stale"))
    assert documents(view(held))["workstreams.json"]["workstreams"][0]["assignedInstance"] is None


def test_the_queue_holds_what_waits_and_every_open_intent() -> None:
    intents = (
        Intent("q/a.md", WorkstreamId("noted"), notes="n", estimated_phases=4),
        Intent("q/b.md", WorkstreamId("done")),
        Intent("q/c.md", WorkstreamId("other-name")),
    )
    streams = (
        workstream("noted", "implementing", claim=claim("noted")),
        workstream("busy", "implementing"),
        workstream("waits", "ready"),
        workstream("by-alias", "in-review", aliases=("other-name",)),
        workstream("bare-idea", "idea"),
        workstream("given-up", "abandoned"),
        merged("done"),
    )
    queue = documents(view(*streams, intents=intents))["queue.json"]
    shown = [(row["id"], row["status"], row["assignedTo"], row["source"]) for row in queue["queue"]]
    assert shown == [
        ("bare-idea", "idea", None, None),
        ("by-alias", "in-review", None, "q/c.md"),
        ("noted", "implementing", "claude-7c", "q/a.md"),
        ("waits", "ready", None, None),
    ]
    assert queue["queue"][2]["estimatedPhases"] == 4
    assert queue["queue"][0]["workstream"] is None


def test_a_state_that_the_rules_call_closed_is_not_queued() -> None:
    words = (
        StateWord(State("parked"), "p", "p", "", open=False),
        StateWord(State("idea"), ".", ".", "", open=True),
    )
    queue = documents(view(workstream("a", "parked"), workstream("b", "idea"), words=words))["queue.json"]
    assert [row["id"] for row in queue["queue"]] == ["b"]


def test_instances_are_one_row_for_each_session() -> None:
    later = NOON + timedelta(hours=1)
    claims = (claim("b", "s1", since=later, heard=later), claim("a", "s1"), claim("c", "s0", status="stale"))
    document = documents(view(workstream("b"), claims=claims))["instances.json"]
    assert document["lastUpdated"] == "2026-01-18T13:00:00Z"
    assert [(r["sessionId"], r["workingOn"], r["holds"], r["status"]) for r in document["instances"]] == [
        ("s0", "c", ["c"], "stale"),
        ("s1", "b", ["a", "b"], "active"),
    ]
    assert document["instances"][1] == {
        "sessionId": "s1",
        "startedAt": "2026-01-18T12:00:00Z",
        "lastHeartbeat": "2026-01-18T13:00:00Z",
        "workingOn": "b",
        "holds": ["a", "b"],
        "worktree": "/w/fog",
        "phase": "1/3",
        "currentTask": None,
        "status": "active",
        "host": "box",
        "pid": 42,
    }


def test_old_merges_move_to_the_month_of_their_merge() -> None:
    streams = (
        merged("old", datetime(2025, 11, 30, 23, tzinfo=UTC)),
        merged("older", datetime(2025, 11, 1, tzinfo=UTC)),
        merged("new", datetime(2026, 1, 17, tzinfo=UTC)),
        workstream("undated", "merged"),
        workstream("open"),
    )
    files = documents(view(*streams))
    assert [row["id"] for row in files["archive/workstreams-2025-11.json"]["workstreams"]] == ["old", "older"]
    assert [row["id"] for row in files["workstreams.json"]["workstreams"]] == ["new", "open", "undated"]
    everything = workstreams_document(view(*streams), all=True, now=LATER)
    assert [row["id"] for row in everything["workstreams"]] == ["new", "old", "older", "open", "undated"]


@pytest.mark.parametrize(("days", "kept"), [(30, True), (30.0001, False)])
def test_the_day_of_archiving(days: float, kept: bool) -> None:
    files = documents(view(merged("a")), now=NOON + timedelta(days=days))
    assert ("archive/workstreams-2026-01.json" not in files) is kept


def test_a_base_that_moves_does_not_touch_the_archive() -> None:
    old = merged("old", datetime(2025, 11, 30, tzinfo=UTC))
    assert full_view().base is not None
    before = project(view(old), now=LATER)
    after = project(view(old, base=None, updated=LATER), now=LATER)
    name = "archive/workstreams-2025-11.json"
    assert (before[name], before["queue.json"]) == (after[name], after["queue.json"])


@given(views)
def test_every_file_keeps_to_its_schema(of: View) -> None:
    for name, document in documents(of).items():
        if not name.startswith("schemas/"):
            Draft202012Validator(schema_of(name)).validate(document)


@given(views)
def test_no_file_holds_what_steers_a_terminal_or_is_no_character(of: View) -> None:
    for data in project(of, now=LATER).values():
        text = data.decode("utf-8")
        assert text.endswith("}\n")
        assert not UNSAFE.search(text)
        assert not re.search(r"(?<!\\)(?:\\\\)*\\ud[89a-f]", text), "half a pair that strict readers refuse"


@given(views)
def test_order_does_not_show(of: View) -> None:
    shuffled = list(of.workstreams)
    random.Random(7).shuffle(shuffled)
    assert project(replace(of, workstreams=tuple(shuffled)), now=LATER) == project(of, now=LATER)


@given(views)
def test_nothing_is_lost_between_file_and_archive(of: View) -> None:
    files = documents(of)
    rows = [
        r["id"]
        for name, d in files.items()
        if "workstreams-" in name or name == "workstreams.json"
        for r in d["workstreams"]
    ]
    assert sorted(rows) == [stream.id for stream in of.workstreams]


def test_text_that_is_no_text_stays_readable() -> None:
    data = to_json({"a": "caf\udce9 \ud83d \x1b[31m \x9b \u202e 完了"})
    assert data == '{\n  "a": "caf\\\\xe9 \ufffd \\u001b[31m \\u009b \\u202e 完了"\n}\n'.encode()
    assert json.loads(data) == {"a": "caf\\xe9 \ufffd \x1b[31m \x9b \u202e 完了"}


def test_the_registry_is_written_last_and_the_archive_before_it() -> None:
    names = list(project(view(merged("old", datetime(2025, 1, 1, tzinfo=UTC))), now=LATER))
    assert names[-1] == "workstreams.json"
    assert names.index("archive/workstreams-2025-01.json") < names.index("queue.json")
    assert set(PROJECTIONS) == {"workstreams.json", "queue.json", "instances.json"}


# -- schemas


@pytest.mark.parametrize("name", schemas.names())
def test_a_schema_is_valid_whole_and_strict(name: str) -> None:
    schema = schemas.schema(name)
    Draft202012Validator.check_schema(schema)
    assert schema["$schema"] == "https://json-schema.org/draft/2020-12/schema"
    left_out = ["at"] if name == "workstreams" else []  # only with status --at, never in the file
    assert list(loose(schema | {"required": sorted([*schema["required"], *left_out])})) == []
    assert schema.get("$defs", {}).keys() == set(re.findall(r'"#/\$defs/(\w+)"', json.dumps(schema)))


def loose(part: Any, where: str = "#") -> Any:
    """The objects of a schema that allow unknown keys or leave known ones out."""
    if isinstance(part, dict):
        if part.get("type") == "object" and (
            part.get("additionalProperties") is not False or sorted(part["properties"]) != part.get("required")
        ):
            yield where
        for key, value in part.items():
            yield from loose(value, f"{where}/{key}")
    elif isinstance(part, list):
        for value in part:
            yield from loose(value, where)


def test_a_schema_refuses_a_key_it_does_not_know() -> None:
    document = documents(full_view())["workstreams.json"]
    document["workstreams"][0]["surprise"] = 1
    assert not Draft202012Validator(schemas.schema("workstreams")).is_valid(document)


def test_an_unknown_schema_is_no_file_name() -> None:
    with pytest.raises(KeyError):
        schemas.schema("../schemas/queue")


# -- moves


def test_moves_name_old_and_new_state() -> None:
    before = {"a": "ready", "b": "idea", "gone": "idea"}
    now = view(workstream("a", "implementing"), workstream("b", "idea"), workstream("c", "ready"))
    assert moved(before, now) == (
        Move("a", "ready", "implementing", "a plan"),
        Move("c", "", "ready", "a plan"),
        Move("gone", "idea", "", "nothing of it is left"),
    )
    assert moved({"a": "implementing", "b": "idea", "c": "ready"}, now) == ()

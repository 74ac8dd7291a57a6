"""Each format, from bytes to rows."""

import json

import pytest

from reconciler.coordination.imports.formats import read_source
from reconciler.coordination.imports.rows import Edge, Reading, Row
from reconciler.errors import SwarmError


def read(text: str | bytes, path: str = "file") -> Reading:
    return read_source(path, text.encode() if isinstance(text, str) else text)


def only(reading: Reading) -> Row:
    assert len(reading.rows) == 1
    return reading.rows[0]


# -- which format


@pytest.mark.parametrize(
    ("text", "format"),
    [
        ('{"version": 2, "workstreams": {}}', "registry"),
        ('[{"id": "a", "title": "A"}]', "registry"),
        ('{"id":"bd-1","title":"A","status":"open"}\n', "beads"),
        ('[{"id":"bd-1","title":"A","issue_type":"bug"}]', "beads"),
        ("---\nid: task-1\ntitle: A\nstatus: To Do\n---\n", "backlog task"),
        ("# Kanban Board Export (powered by Backlog.md)\n\n| To Do |\n| --- |\n", "backlog board"),
        ("# Later\n- [ ] one\n", "todo list"),
        ("(A) one +home\n", "todo.txt"),
        ("- one\n- two\n", "todo list"),
        ("", "empty"),
    ],
)
def test_the_content_tells_the_format(text: str, format: str) -> None:
    assert read(text).format == format


# -- the registry


ROW = {
    "id": "fog-of-war", "title": "Fog of war", "type": "epic", "state": "sub_planning", "priority": 2,
    "parent": "maps", "created": "2026-01-18", "description": "Hide it.", "notes": "Ask Ada.", "tags": ["ui", "map"],
    "dependencies": [{"target": "vision", "type": "informs", "reason": "same tiles"}, "turns"],
    "artifacts": {"research": "r.md", "plan": None, "checkpoints": ["c1.md"]},
    "implementation": {"branch": "feature/fog", "totalPhases": 4, "assignedInstance": "claude-7c"},
}  # fmt: skip


@pytest.mark.parametrize(
    "document", [{"workstreams": {"fog-of-war": ROW}}, {"version": 1, "workstreams": [ROW]}, [ROW]]
)
def test_both_versions_of_the_registry_say_the_same(document: object) -> None:
    row = only(read(json.dumps(document, indent=1)))
    assert (row.key, row.title, row.type, row.recorded, row.state) == (
        "fog-of-war", "Fog of war", "epic", "sub_planning", "planning",
    )  # fmt: skip
    assert (row.priority, row.parent, str(row.created), row.phases) == (2, "maps", "2026-01-18", 4)
    assert row.edges == (Edge("vision", "informs", "same tiles"), Edge("turns"))
    assert (row.tags, row.branch, row.artifacts) == (("ui", "map"), "feature/fog", ("r.md", "c1.md"))
    assert row.notes == "Hide it.\n\nAsk Ada.\n\nAssigned to claude-7c."


def test_rows_know_their_lines() -> None:
    text = '{"workstreams": {\n "a": {"title": "A"},\n "b": {\n  "id": "b", "title": "B"}}}'
    assert [(row.key, row.line) for row in read(text).rows] == [("a", 2), ("b", 3)]


def test_a_row_that_stands_twice_is_told() -> None:
    reading = read('{"workstreams": {"a": {"title": "One"}, "a": {"title": "Two"}}}')
    assert [row.title for row in reading.rows] == ["One"]
    assert [(s.text, s.why) for s in reading.skipped] == [("a: Two", 'the key "a" stands twice')]
    reading = read('[{"id": "a", "title": "One"}, {"id": "a", "title": "Two"}, 7, {}]')
    assert [s.why for s in reading.skipped] == [
        'the id "a" stands twice', "not an object", "has neither id nor title",
    ]  # fmt: skip


@pytest.mark.parametrize("priority", [0, 6, 99, -1, 1e400, "soon", True, [], {}])
def test_a_priority_that_is_none_is_left_out_and_said(priority: object) -> None:
    reading = read(json.dumps([{"id": "a", "title": "A", "priority": priority}]).replace("Infinity", "1e400"))
    assert only(reading).priority is None
    assert [p.message.startswith("priority ") for p in reading.problems] == [True]


@pytest.mark.parametrize(
    ("text", "says"),
    [
        (b'{"workstreams": {"a": {"title": "\xff"}}}', "file:1: not valid UTF-8"),
        (b'{"a":\n1,\n}', "file:3: not valid JSON"),
        (b'{"workstreams": [\n{"priority": NaN}]}', "NaN is not JSON"),
        (b'{"workstreams": [{"priority": ' + b"9" * 5000 + b"}]}", "not valid JSON"),
        (b"[" * 100_000, "nested more than 100 levels"),
        (b'{"a":' * 100_000, "nested more than 100 levels"),
        (b'{"workstreams": 5}', "no list or map of workstreams"),
        (b'{"schema": "swarm.workstreams/1", "workstreams": []}', "was written by swarm"),
        (b"only words\n", "no format that is known"),
        (b'{"id":"bd-1","title":"A"}\n{"id":\n', "file:2: not valid JSON"),
        (b'{"id":"bd-1","title":"A"}\n<<<<<<< HEAD\n', "file:2: a merge conflict"),
    ],
)
def test_what_cannot_be_read_is_refused_with_its_place(text: bytes, says: str) -> None:
    with pytest.raises(SwarmError) as refused:
        read(text)
    assert says in refused.value.message


# -- beads


def test_beads() -> None:
    lines = [
        {"id": "bd-1", "title": "Epic", "issue_type": "epic", "status": "open", "priority": 0, "labels": ["x"],
         "description": "All of it", "created_at": "2026-01-02T03:04:05Z"},
        {"id": "bd-1.1", "title": "Part", "status": "in_progress", "priority": 4, "design": "Like so",
         "dependencies": [{"issue_id": "bd-1.1", "depends_on_id": "bd-9", "type": "blocks"},
                          {"issue_id": "bd-1.1", "depends_on_id": "bd-8", "type": "discovered-from"},
                          {"issue_id": "bd-1.1", "depends_on_id": "bd-7", "type": "authored-by"}]},
        {"id": "bd-2", "title": "Child", "dependencies": [{"depends_on_id": "bd-1", "dep_type": "parent-child"}]},
        {"_type": "memory", "id": "m-1", "title": "no issue"},
    ]  # fmt: skip
    reading = read("".join(json.dumps(line) + "\n" for line in lines), ".beads/issues.jsonl")
    epic, part, child = reading.rows
    assert (epic.key, epic.names_id, epic.type, epic.priority, epic.tags, epic.notes) == (
        "bd-1", False, "epic", 1, ("x",), "All of it",
    )  # fmt: skip
    assert (part.parent, part.priority, part.state, part.line) == ("bd-1", 5, "implementing", 2)
    assert part.edges == (Edge("bd-9"), Edge("bd-8", "informs", "discovered-from"))
    assert part.notes == "Design:\nLike so\n\nauthored-by: bd-7"
    assert (child.parent, child.edges) == ("bd-1", ())
    assert [s.why for s in reading.skipped] == ["a memory, not an issue"]


# -- Backlog.md


def test_a_backlog_task() -> None:
    text = (
        "---\nid: task-12\ntitle: 'Paste: as Markdown'\nstatus: To Do\nassignee: ['@ada']\n"
        "created_date: '2025-07-26 14:30'\nlabels:\n  - web-ui\ndependencies: [task-3, task-4]\npriority: high\n"
        "parent_task_id: task-10\n---\n\n## Description\n\n<!-- SECTION:DESCRIPTION:BEGIN -->\nPaste it.\n"
        "<!-- SECTION:DESCRIPTION:END -->\n"
    )
    row = only(read(text, "backlog/tasks/task-12 - Paste.md"))
    assert (row.key, row.title, row.recorded, row.priority) == ("task-12", "Paste: as Markdown", "To Do", 2)
    assert (row.parent, row.edges, row.tags) == ("task-10", (Edge("task-3"), Edge("task-4")), ("web-ui",))
    assert (str(row.created), row.artifacts) == ("2025-07-26", ("backlog/tasks/task-12 - Paste.md",))
    assert row.notes == "## Description\n\nPaste it.\n\nassignee: @ada"


def test_a_backlog_board_in_both_spellings() -> None:
    text = (
        "# Kanban Board Export (powered by Backlog.md)\nGenerated on: 2025-07-12\n\n| To Do | Done |\n| --- | --- |\n"
        "| **task-172** - Order tasks (Assignees: none, Labels: ui, web) "
        "| **TASK-1** - Example [@codex]<br>*#parser* |\n"
        "| └─ **task-172.1** - A part \\| of it | what is this |\n"
    )
    reading = read(text, "board.md")
    assert [(r.key, r.title, r.recorded, r.tags, r.parent) for r in reading.rows] == [
        ("task-172", "Order tasks", "To Do", ("ui", "web"), ""),
        ("TASK-1", "Example", "Done", ("parser",), ""),
        ("task-172.1", "A part | of it", "To Do", (), "task-172"),
    ]
    assert [s.text for s in reading.skipped] == ["what is this"]


# -- lists of boxes


def test_boxes_nest_by_any_indentation() -> None:
    text = "- [ ] a thing\n - [X] one part\n\t- [ ] deep in\n - [ ] other part\n* [ ] b thing\n  more of b\n"
    rows = {row.title: row for row in read(text).rows}
    lines = {f"line:{row.line}": title for title, row in rows.items()}
    assert {title: lines.get(row.parent, "") for title, row in rows.items()} == {
        "a thing": "", "one part": "a thing", "deep in": "one part", "other part": "a thing",
        "b thing more of b": "",
    }  # fmt: skip
    assert {title for title, row in rows.items() if row.state == "merged"} == {"one part"}


def test_a_bullet_heads_the_boxes_beside_it() -> None:
    head, first, second, last = read(
        "- 2026-01-18-cli.md\n- [ ] phase 2,3 (in progress)\n- [ ] phase 4\n\n- [ ] x y\n"
    ).rows
    assert (head.title, head.artifacts) == ("cli", ("2026-01-18-cli.md",))
    assert (first.parent, first.phase_labels, first.recorded) == (head.key, ("2", "3"), "in progress")
    assert (second.parent, second.phase_labels, last.parent) == (head.key, ("4",), "")


def test_letters_for_names_stay_with_their_item() -> None:
    reading = read("- [ ] the roadmap\n - [x] A\n - [ ] B build walls\n - [ ] C (depends on A, B)\n")
    roadmap, walls = reading.rows
    assert roadmap.within == ("- [x] A", "- [ ] C (depends on A, B)")
    assert (walls.title, walls.label, walls.parent) == ("build walls", "B", roadmap.key)


@pytest.mark.parametrize(
    ("text", "title"),
    [
        ("- [ ] 1. Player Tracking - none yet (in planning)", "Player Tracking"),
        ("- [ ] victory (.swarm/research/2026-01-18-victory.md)", "victory"),
        ("- [ ] **Bold** `code`", "Bold code"),
        ("- [ ] A tutorial for all", "A tutorial for all"),
        ("- [ ] fix this (depends on other thing)", "fix this"),
        ("- [ ] ゲームを作る", "ゲームを作る"),
    ],
)
def test_titles_of_boxes(text: str, title: str) -> None:
    assert only(read(text)).title == title


def test_nothing_but_comments_and_prose_is_left_out_and_all_is_told() -> None:
    reading = read("# head\n# more\n- [ ] one two\n\nloose words\n- [ ]\n")
    assert [(s.line, s.text) for s in reading.skipped] == [
        (5, "loose words"), (6, "- [ ]"), (1, "2 lines of comments and headings"),
    ]  # fmt: skip


# -- todo.txt


def test_todotxt() -> None:
    text = (
        "(A) 2026-01-18 Call Ada +civ @phone due:2026-02-01 id:call-ada dep:x/y parent:talks type:task\n"
        "x 2026-02-02 2026-01-01 Done thing pri:B\n(Z) see http://a.b/c today\n# not one\n"
    )
    call, done, see = read(text, "todo.txt").rows
    assert (call.title, call.priority, call.key, call.names_id, call.type) == ("Call Ada", 1, "call-ada", True, "task")
    assert (call.tags, call.edges, call.parent) == (("civ", "@phone", "due:2026-02-01"), (Edge("x/y"),), "talks")
    assert str(call.created) == "2026-01-18"
    assert (done.title, done.state, done.priority, str(done.created)) == ("Done thing", "merged", 2, "2026-01-01")
    assert (see.title, see.priority, see.text) == ("see http://a.b/c today", 5, "(Z) see http://a.b/c today")


def test_control_characters_do_not_get_in() -> None:
    row = only(read(json.dumps([{"id": "a", "title": "red\x1b[31m\u202e\x00", "notes": "x\x07\ny\u2028z"}])))
    assert (row.title, row.notes) == ("red [31m", "x \ny z".replace(" \n", "\n"))

"""Exports of the view: what other programs read is what was meant, and nothing of it is executed."""

import csv
import io
import json
import re
from dataclasses import replace

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from reconciler.coordination.imports.formats import read_source
from reconciler.model import Relation, View, Workstream, WorkstreamId
from reconciler.publish.exports import COLUMNS, FORMATS
from tests.imports.world import World
from tests.publish.make import any_text, merged, view, workstream

ODD = (
    "=cmd|' /C calc'!A0",
    "+1",
    "-1",
    "@SUM(A1)",
    "\t=1",
    " =1",
    "\r=1",
    "＝1",
    'a"b',
    "a,b\nc",
    "\u202egnp",
    "\ud800",
)


def rows(text: bytes) -> list[dict[str, str]]:
    return list(csv.DictReader(io.StringIO(text.decode(), newline="")))


# -- all of them


@pytest.mark.parametrize("form", FORMATS)
def test_open_ones_unless_all_are_asked_for(form: str) -> None:
    seen = view(workstream("fog", title="Fog"), merged("log", title="Log"))
    assert b"log" not in FORMATS[form](seen, False)
    assert b"log" in FORMATS[form](seen, True)


@pytest.mark.parametrize("form", FORMATS)
def test_an_empty_view_is_no_mistake(form: str) -> None:
    text = FORMATS[form](view(), False).decode()
    assert not text or text.endswith("\n")


@pytest.mark.parametrize("form", FORMATS)
@given(title=any_text, reason=any_text, tag=any_text)
@settings(max_examples=40, deadline=None)
def test_no_text_breaks_a_form_or_steers_a_terminal(form: str, title: str, reason: str, tag: str) -> None:
    seen = view(workstream("fog", title=title, reason=reason, tags=(tag,), flags=()))
    text = FORMATS[form](seen, True).decode("utf-8")
    assert not re.search("[\x00-\x08\x0b\x0c\x0e-\x1f\x7f-\x9f\u202a-\u202e]", text)


def test_json_is_the_document() -> None:
    document = json.loads(FORMATS["json"](view(workstream("fog"), merged("log")), False))
    assert document["schema"] == "swarm.workstreams/1"
    assert [row["id"] for row in document["workstreams"]] == ["fog"]


# -- CSV


@pytest.mark.parametrize("text", ODD)
def test_no_cell_is_a_formula(text: str) -> None:
    (row,) = rows(FORMATS["csv"](view(workstream("fog", title=text, reason=text, tags=(text,), branch=text)), False))
    assert tuple(row) == COLUMNS
    for cell in row.values():
        assert not cell.strip().startswith(("=", "+", "-", "@", "＝"))
        assert "\n" not in cell


@given(st.lists(any_text, min_size=1, max_size=4))
@settings(max_examples=60, deadline=None)
def test_every_csv_has_one_row_for_each(titles: list[str]) -> None:
    seen = view(*(workstream(f"w{n}", title=title) for n, title in enumerate(titles)))
    assert [row["id"] for row in rows(FORMATS["csv"](seen, False))] == [f"w{n}" for n in range(len(titles))]


# -- Markdown and graphs


def test_markdown_is_not_marked_up_by_titles() -> None:
    text = "<script>x</script> [a](http://b) `c` **d** @ada #1 | www.x.y"
    line = FORMATS["markdown"](view(workstream("fog", title=text)), False).decode().splitlines()[-1]
    assert line.startswith("- [ ] **fog**: &lt;script&gt;")
    for mark in ("<script", "](", " **d**", "@ada", " #1", "http:", "www."):
        assert mark not in line


@pytest.mark.parametrize("form", ["mermaid", "dot"])
def test_graph_labels_stay_labels(form: str) -> None:
    evil = WorkstreamId('a"]; click n0 "javascript:x" %% --> \\')
    seen = view(
        workstream(evil), workstream("b", dependencies=(evil,), relations=(Relation(evil, "blocks", "x:1", "r"),))
    )
    lines = FORMATS[form](seen, False).decode().splitlines()
    labels = [line for line in lines if "label=" in line or "[" in line]
    assert len(labels) == 2
    for line in labels:
        inside = line.split('"', 1)[1].rsplit('"', 1)[0]
        assert not re.search(r'(?<!\\)(?:\\\\)*"', inside)
    assert sum("->" in line or "-->" in line for line in lines if line not in labels) == 1


# -- todo.txt goes out and comes back

_NAMES = st.from_regex(r"[a-z][a-z0-9]{0,5}(-[a-z]{1,4})?(/phase-[1-9])?", fullmatch=True)
_WORDS = st.sampled_from(
    ("+x", "@home", "due:2026-01-01", "x", "(A)", "2026-01-01", "id:y", "a:b", "#1", "'q", "%41", "é")
)
_TITLES = st.lists(st.one_of(_WORDS, st.text("abc +@:x()", min_size=1, max_size=5)), min_size=1, max_size=5).map(
    " ".join
)


_TAGS = ("ui", "@home", "due:2026-01-01", "two words", "é", "%", "+")


@st.composite
def _streams(draw: st.DrawFn) -> tuple[Workstream, ...]:
    ids = draw(st.lists(_NAMES, min_size=1, max_size=5, unique=True))
    made = []
    for id in ids:
        others = [WorkstreamId(other) for other in ids if other != id]
        wanted = st.lists(st.sampled_from(others), max_size=2, unique=True) if others else st.just([])
        targets = tuple(sorted(draw(wanted)))
        made.append(
            workstream(
                id, "idea", title=draw(_TITLES), priority=draw(st.none() | st.integers(1, 5)), dependencies=targets,
                tags=tuple(sorted(draw(st.sets(st.sampled_from(_TAGS))))),
                parent=draw(st.none() | st.sampled_from(others)) if others else None,
                type=draw(st.sampled_from(("bug", "epic"))),
            )
        )  # fmt: skip
    return tuple(made)


@given(_streams())
@settings(max_examples=300, deadline=None)
def test_todotxt_comes_back_as_it_went(streams: tuple[Workstream, ...]) -> None:
    reading = read_source("todo.txt", FORMATS["todo"](view(*streams), False))
    came = {
        row.key: (
            row.title, row.priority, sorted(row.tags), row.parent, sorted(e.target for e in row.edges), row.type,
            row.created,
        )
        for row in reading.rows
    }  # fmt: skip
    went = {
        str(s.id): (
            " ".join(s.title.split()) or s.id, s.priority, sorted(s.tags), s.parent or "",
            sorted(s.dependencies), s.type,
            s.created,
        )
        for s in streams
    }  # fmt: skip
    assert (came, reading.skipped) == (went, ())


def test_done_ones_come_back_as_done() -> None:
    seen: View = view(replace(merged("log", title="Log rotation"), priority=2))
    (row,) = read_source("todo.txt", FORMATS["todo"](seen, True)).rows
    assert (row.key, row.title, row.state, row.priority) == ("log", "Log rotation", "merged", 2)


def test_an_export_moves_ideas_to_another_repository(world: World) -> None:
    world.swarm("add", "Fog of war", "--priority", "2", "--tag", "ui")
    world.swarm("add", "Vision", "--id", "maps/vision", "--depends-on", "fog-of-war")
    first = {id: (r["title"], r["priority"], r["tags"], r["dependencies"]) for id, r in world.streams().items()}
    code, _ = world.swarm("export", "--format", "todo", "-o", str(world.repo.path / "out.txt"))
    assert code == 0
    assert world.swarm("export", "--format", "todo", "-o", str(world.repo.path / "out.txt"))[0] == 2
    for file in world.queue.iterdir():
        file.unlink()
    assert world.streams() == {}
    world.swarm("import", str(world.repo.path / "out.txt"))
    assert {id: (r["title"], r["priority"], r["tags"], r["dependencies"]) for id, r in world.streams().items()} == first

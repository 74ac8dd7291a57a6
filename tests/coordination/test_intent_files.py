"""Writing intent files: whole, exclusive, and never more than was asked for."""

import errno
import os
from datetime import date
from pathlib import Path
from typing import Any

import pytest
import yaml
from hypothesis import HealthCheck, example, given, settings
from hypothesis import strategies as st

from reconciler import files
from reconciler.coordination.intent_files import Draft, Written, update_intent, write_intent
from reconciler.coordination.intent_text import edited
from reconciler.coordination.intents import intent_of, read_intents
from reconciler.errors import SwarmError
from reconciler.frontmatter import split_front_matter
from reconciler.model import Intent
from tests.publish.faults import CHANGES, Disk, dies
from tests.publish.make import tree

TODAY = date(2026, 1, 18)
HOSTILE = [
    "---", "--- x", "...", "- a", "a: b", "a #b", "#", "!!python/object x", "*x", "&x", "{a", "[a", "'", '"', "\\",
    "%YAML", "@x", "`x`", "null", "no", "1", "1e3", "0x1f", "2026-01-18", "~", "? a", "| x", "> x", "<<", "=",
    "\u202eabc\u202c", "a\u200bb", "שלום עולם", "日本語の計画", "😀 tada", "x" * 300, "a,b", "a]b", "a}b", "e\u0301",
]  # fmt: skip


@pytest.fixture
def root(tmp_path: Path) -> Path:
    (tmp_path / ".git").mkdir()
    return tmp_path


def add(root: Path, title: str, **more: Any) -> Written:
    taken = more.pop("taken", ())
    draft = Draft(title, **more)
    return write_intent(root / ".swarm", draft, today=TODAY, common_dir=root / ".git", taken=taken)


def update(root: Path, id: str, note: str = "", **changes: Any) -> Written:
    return update_intent(root / ".swarm", id, changes, today=TODAY, common_dir=root / ".git", note=note)


def only(root: Path) -> Intent:
    (intent,), problems = read_intents(root / ".swarm")
    assert problems == ()
    return intent


def text_of(root: Path, written: Written) -> str:
    return (root / written.path).read_bytes().decode()


# -- add


def test_the_file_of_a_new_idea(root: Path) -> None:
    written = add(root, "Fog of war", priority=2, type="feature", depends_on=("turn-system",), note="Look.\n\nTwice.")
    assert written == Written(".swarm/queue/2026-01-18-fog-of-war.md", "fog-of-war", created=True, changed=True)
    assert text_of(root, written) == (
        "---\ntitle: Fog of war\nid: fog-of-war\ntype: feature\npriority: 2\ndepends_on: [turn-system]\n---\n"
        "\nLook.\n\nTwice.\n"
    )


@pytest.mark.parametrize("title", HOSTILE, ids=range(len(HOSTILE)))
def test_hostile_titles_come_back_the_same(root: Path, title: str) -> None:
    written = add(root, title, tags=(f"x{title}"[:200],), reasons={title[:200]: title}, note=f"{title}\n---\n{title}")
    intent = only(root)
    assert (intent.title, intent.tags, intent.id) == (title, (f"x{title}"[:200],), written.id)
    loaded = yaml.safe_load(text_of(root, written).split("\n---\n")[0].removeprefix("---\n"))
    assert loaded["title"] == title, "other readers of YAML take it for the same text"
    assert loaded["reasons"] == {title[:200]: title}


@pytest.mark.parametrize(
    ("title", "says"),
    [
        ("", "title must not be empty"),
        (" \t ", "title must not be empty"),
        ("a\nb", "title must be a single line"),
        ("a\n---\nid: x", "title must be a single line"),
        ("a\u2028b", "title must be a single line"),
        ("a\x1b[31mb", "title contains the control character \\x1b"),
        ("a\x00b", "title contains the control character \\x00"),
        ("a\x9bb", "title contains the control character \\x9b"),
        ("caf\udce9", "title contains the control character \\xe9"),
        ("x" * 10_000, "title is 10000 characters long; at most 300 are taken"),
    ],
)
def test_refused_titles(root: Path, title: str, says: str) -> None:
    with pytest.raises(SwarmError) as caught:
        add(root, title)
    assert caught.value.message == says
    assert not (root / ".swarm").exists()


@pytest.mark.parametrize(
    "more",
    [
        {"priority": 0}, {"priority": 6}, {"priority": True}, {"status": "merged"}, {"depends_on": ("a\nb",)},
        {"depends_on": ("",)}, {"parent": "x" * 201}, {"note": "\x1b"}, {"note": "x" * 70_000},
        {"estimated_phases": -1}, {"type": "a\u0085b"}, {"reasons": {"a": ""}},
    ],
)  # fmt: skip
def test_refused_values_write_nothing(root: Path, more: dict[str, Any]) -> None:
    with pytest.raises(SwarmError):
        add(root, "x", **more)
    assert tree(root) == {}


def test_the_same_title_again_gets_a_number(root: Path) -> None:
    assert [add(root, "Fog", taken={"fog-3"}).id for _ in range(3)] == ["fog", "fog-2", "fog-4"]
    assert len({intent.path for intent in read_intents(root / ".swarm")[0]}) == 3


def test_an_id_of_another_day_counts_too(root: Path) -> None:
    add(root, "Fog")
    write_intent(root / ".swarm", Draft("Fog"), today=date(2026, 2, 1), common_dir=root / ".git")
    assert sorted(intent.id for intent in read_intents(root / ".swarm")[0]) == ["fog", "fog-2"]


def test_a_typed_id_does_not_step_aside(root: Path) -> None:
    assert add(root, "Fog", id="map/fog").id == "map/fog"
    with pytest.raises(SwarmError) as caught:
        add(root, "Fog", id="map/fog")
    assert caught.value.hint == "swarm update map/fog"


def test_a_file_that_is_there_is_never_overwritten(root: Path) -> None:
    (root / ".swarm/queue").mkdir(parents=True)
    path = root / ".swarm/queue/2026-01-18-fog.md"
    path.write_text("---\nid: other\n---\nmine")
    assert add(root, "Fog").path == ".swarm/queue/2026-01-18-fog-2.md"
    assert path.read_text() == "---\nid: other\n---\nmine"


def test_a_queue_that_is_a_link_is_refused(root: Path) -> None:
    (root / ".swarm").mkdir()
    (root / "elsewhere").mkdir()
    (root / ".swarm/queue").symlink_to(root / "elsewhere")
    with pytest.raises(SwarmError, match="is a symbolic link"):
        add(root, "Fog")
    assert list((root / "elsewhere").iterdir()) == []


@pytest.mark.parametrize("links", [True, False], ids=["links", "no links"])
def test_many_at_once_never_overwrite_each_other(root: Path, links: bool, monkeypatch: pytest.MonkeyPatch) -> None:
    if not links:

        def link(*_: Any, **__: Any) -> None:
            raise OSError(errno.EPERM, "no hard links here")

        monkeypatch.setattr(os, "link", link)
    children = []
    for number in range(8):
        child = os.fork()
        if child == 0:
            code = 1
            try:
                for _ in range(3):
                    add(root, "Fog", note=f"by {number}")
                code = 0
            finally:
                os._exit(code)
        children.append(child)
    assert [os.waitstatus_to_exitcode(os.waitpid(child, 0)[1]) for child in children] == [0] * 8
    intents, problems = read_intents(root / ".swarm")
    assert (len(intents), problems) == (24, ())
    assert sorted(intent.notes for intent in intents) == sorted(f"by {n}" for n in range(8) for _ in range(3))
    assert [name for name in tree(root) if ".tmp" in name] == []


# -- update

HAND = b"""---
# my own words
title:   Fog of war   # really
custom: {keep: [this, as it is]}
story: |
  many

  lines

requires:
  - tiles # soon
  - turns
# after
Priority:
tags: [a,
  b]
---
# Heading

body  \n\n"""


def test_only_the_named_keys_change() -> None:
    result = edited(HAND, {"priority": 3, "title": "No: fog", "depends_on": ["x"], "status": "shelved"}, path="x.md")
    assert result.decode() == (
        '---\n# my own words\ntitle:   "No: fog"   # really\ncustom: {keep: [this, as it is]}\nstory: |\n  many\n\n'
        "  lines\n\nrequires: [x]\n# after\nPriority: 3\ntags: [a,\n  b]\nstatus: shelved\n---\n"
        "# Heading\n\nbody  \n\n"
    )


def test_keys_go_without_a_trace() -> None:
    result = edited(HAND, {"depends_on": None, "tags": None, "priority": None, "status": None}, path="x.md")
    assert result.decode() == (
        "---\n# my own words\ntitle:   Fog of war   # really\ncustom: {keep: [this, as it is]}\nstory: |\n  many\n\n"
        "  lines\n\n# after\n---\n# Heading\n\nbody  \n\n"
    )


def test_a_second_spelling_does_not_survive() -> None:
    both = b"---\ndepends_on: [a]\nblocked_by:\n- b\nx: 1\n---\n"
    assert edited(both, {"depends_on": ["c"]}, path="x.md") == b"---\ndepends_on: [c]\nx: 1\n---\n"
    assert edited(both, {"depends_on": None}, path="x.md") == b"---\nx: 1\n---\n"


def test_line_ends_and_byte_order_mark_stay() -> None:
    data = b"\xef\xbb\xbf---\r\ntitle: a\r\n---\r\nbody"
    assert edited(data, {"priority": 1}, "n\nm", path="x.md") == (
        b"\xef\xbb\xbf---\r\ntitle: a\r\npriority: 1\r\n---\r\nbody\r\n\r\nn\r\nm\r\n"
    )


def test_front_matter_is_added_to_bare_notes() -> None:
    assert edited(b"# Fog\n", {"priority": 1}, path="x.md") == b"---\npriority: 1\n---\n\n# Fog\n"


@pytest.mark.parametrize(
    "data",
    [b"---\n{a: b}\n---\n", b"---\na: [\n---\n", b"---\na: 1\na: 2\n---\n", b"---\na: &x 1\n---\n",
     b"---\na: \xff\n---\n", b"---\ntitle: x\n", b"---\na: 1\n...\nb: 2\n---\n"],
)  # fmt: skip
def test_what_cannot_be_changed_safely_is_not(data: bytes) -> None:
    with pytest.raises(SwarmError) as caught:
        edited(data, {"title": "x", "status": "shelved"}, path="x.md")
    assert caught.value.message.startswith("x.md:")


def test_update_writes_only_a_difference(root: Path) -> None:
    written = add(root, "Fog", priority=2)
    path = root / written.path
    path.chmod(0o604)
    before = path.stat().st_mtime_ns
    assert update(root, "fog", priority=2) == Written(written.path, "fog", created=False, changed=False)
    assert path.stat().st_mtime_ns == before
    assert update(root, "fog", priority=4).changed
    assert (only(root).priority, path.stat().st_mode & 0o777) == (4, 0o604)


def test_update_finds_by_alias(root: Path) -> None:
    add(root, "Fog", aliases=("T-12",))
    assert update(root, "T-12", status="abandoned").id == "fog"
    assert only(root).decision == "abandoned"


def test_a_workstream_of_documents_gets_a_file(root: Path) -> None:
    written = update(root, "map/fog-of-war", "why not", status="shelved", priority=None)
    assert text_of(root, written) == "---\nid: map/fog-of-war\nstatus: shelved\n---\n\nwhy not\n"
    assert written.path == ".swarm/queue/2026-01-18-map-fog-of-war.md"
    assert (only(root).id, only(root).title) == ("map/fog-of-war", "")


def test_unknown_keys_are_refused(root: Path) -> None:
    with pytest.raises(SwarmError, match='unknown key "colour"'):
        update(root, "fog", colour="red")


names = st.sampled_from(["title", "type", "parent"])
words = st.text(st.characters(exclude_categories=("Cc", "Cs")), min_size=1, max_size=30)
blocks = st.lists(
    st.sampled_from(
        ["title: old # c", "type:", "parent: 'x'", "tags:\n- a\n-  b", "x: |\n  t\n\n  u\n", "y: >-\n  t\n", "# note",
         "", "z: {a: [1, 2],\n  b: c}", 'q: "a\\\n  b"', "priority : 3", '"type": bug', "depends_on: [a, b]  # k",
         "w: a\n  b"]
    ),
    max_size=6,
    unique=True,
).map("\n".join)  # fmt: skip


@settings(max_examples=300, deadline=None)
@given(
    blocks,
    st.dictionaries(names, st.none() | words, max_size=3),
    st.sampled_from(["\n", "\r\n"]),
    st.text(max_size=20),
)
@example("x: |\n  t\n\n  u\n", {"title": "t"}, "\n", "---\n")
def test_any_edit_is_exact_or_refused(block: str, changes: dict[str, str | None], end: str, body: str) -> None:
    body = body.encode("utf-8", "replace").decode()
    data = f"---\n{block}\n---\n{body}".replace("\r", "").replace("\n", end).encode()
    try:
        result = edited(data, changes, path="x.md")
    except SwarmError:
        assert split_front_matter(data, "x.md").problems, "only what could not be read may be refused"
        return
    old, new = split_front_matter(data, "x.md"), split_front_matter(result, "x.md")
    assert new.values == {k: v for k, v in old.values.items() if k not in changes} | {
        k: v for k, v in changes.items() if v is not None
    }
    if old.present:
        assert new.body == old.body
    assert edited(result, changes, path="x.md") == result


@settings(max_examples=80, suppress_health_check=[HealthCheck.function_scoped_fixture], deadline=None)
@given(st.text(max_size=40))
def test_any_title_comes_back_or_is_refused(root: Path, title: str) -> None:
    for path in (root / ".swarm/queue").glob("*.md"):
        path.unlink()
    try:
        written = add(root, title)
    except SwarmError:
        return
    intent, problems = intent_of(written.path, (root / written.path).read_bytes())
    assert problems == ()
    assert intent.title == " ".join(title.split())


# -- faults


@pytest.mark.parametrize(
    "error", [errno.ENOSPC, errno.EIO, errno.EACCES, None], ids=["full", "broken", "denied", "dies"]
)
@pytest.mark.parametrize("verb", ["add", "update"])
def test_a_failing_step_leaves_old_or_new(
    root: Path, verb: str, error: int | None, monkeypatch: pytest.MonkeyPatch
) -> None:
    def act(where: Path) -> None:
        if verb == "add":
            add(where, "Map")
        else:
            update(where, "fog", priority=1)

    def fresh(name: str) -> Path:
        where = root / name
        (where / ".git").mkdir(parents=True)
        add(where, "Fog", priority=3)
        return where

    counted = Disk(steps=CHANGES)
    where = fresh("count")
    before = tree(where / ".swarm")
    with monkeypatch.context() as patch:
        patch.setattr(files, "os", counted)
        act(where)
    after = tree(where / ".swarm")
    for at in range(1, len(counted.calls) + 1):
        where = fresh(f"run-{at}")
        disk = Disk(at=at, error=error or 0, steps=CHANGES)
        if error is None:
            assert dies(disk, lambda where=where: act(where))  # type: ignore[misc]
        else:
            with monkeypatch.context() as patch:
                patch.setattr(files, "os", disk)
                with pytest.raises(SwarmError):
                    act(where)
        now = {name: data for name, data in tree(where / ".swarm").items() if error or ".tmp" not in name}
        assert now in (before, after), f"{counted.calls[at - 1]}, step {at}"
        update(where, "fog", priority=5)
        assert [name for name in tree(where) if ".tmp" in name] == []

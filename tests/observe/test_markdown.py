"""What one document says: title, head, claims, boxes, phases, links, files."""

import time
from datetime import date

import pytest
from hypothesis import given
from hypothesis import strategies as st

from reconciler.model import Text
from reconciler.observe.markdown import parse
from reconciler.observe.matching import match_path
from reconciler.observe.rulebook import load_rulebook

RULES = load_rulebook()
PLAN = ".swarm/plans/2026-03-02-a.md"


def read(text: str | bytes, path: str = PLAN) -> Text:
    match = match_path(RULES, path)
    assert match is not None
    return parse(path, text.encode() if isinstance(text, str) else text, match, RULES)


def plan(head: str = "", body: str = "") -> Text:
    return read(f"# Plan: A\n\n{head}\n\n## Overview\n\n{body}\n")


# -- titles


@pytest.mark.parametrize(
    ("line", "title"),
    [
        ("# Plan: Turn System", "Turn System"),
        ("# Turn System Implementation Plan", "Turn System"),
        ("# Filter Controls — Implementation Plan", "Filter Controls"),
        ("# Implementation Plan: Build Pipeline", "Build Pipeline"),
        ("# Feature Specification: Build Pipeline", "Build Pipeline"),
        ("# Human Review: City System", "City System"),
        ("# Plan", ""),
        ("# Planetary motion", "Planetary motion"),
        ("# `ebpf` **gate**", "ebpf gate"),
        ("# [Link](x.md) tail #", "Link tail"),
        ("Setext Title\n===", "Setext Title"),
        ("# [FEATURE NAME]", ""),
        ("# <title>", ""),
    ],
)
def test_titles(line: str, title: str) -> None:
    assert read(f"{line}\n\ntext\n").title == title


def test_the_title_may_stand_in_front_matter() -> None:
    assert read("---\ntitle: Search box\n---\n\n## Why\n").title == "Search box"


# -- the head


@pytest.mark.parametrize(
    "head",
    [
        "**Status**: Draft",
        "**Status:** Draft",
        "Status: Draft",
        "- **Status**: Draft",
        "| Field | Value |\n|---|---|\n| Status | Draft |",
        "| **Status** | Draft |",
        "✅ **Status**: Draft",
        "📋 Status: Draft",
        "**Date**: 2026-03-02 | **Status**: Draft | **Owner**: me",
        "**Current Status**: Draft",
        "ステータス: Draft",
        "**状態**： Draft",
    ],
)
def test_spellings_of_a_status(head: str) -> None:
    text = plan(head)
    assert (text.status, text.claim) == ("Draft", "draft")


def test_a_status_section() -> None:
    text = read("# A\n\n## Goal\n\nx\n\n## Status\n\n**Implemented** last week.\n")
    assert (text.status, text.claim, text.status_line) == ("Implemented** last week.", "done", 9)


def test_front_matter_speaks_before_the_head_unless_it_names_a_kind() -> None:
    assert read("---\nstatus: done\n---\n# A\n\n**Status**: Draft\n").claim == "done"
    text = read("---\nstatus: plan\n---\n# A\n\n**Status**: Draft\n")
    assert (text.claim, text.status_line) == ("draft", 6)


@pytest.mark.parametrize(
    "body",
    [
        "```\n**Status**: Done\n- [x] no\n## Phase 1: no\n```",
        "~~~~md\n**Status**: Done\n```\n- [x] no\n~~~~",
        "  ```yaml\nstatus: done\n- [x] no\n  ```",
        "<!--\n**Status**: Done\n- [x] no\n-->",
        "<!-- **Status**: Done -->",
        "> **Status**: Done\n> - [x] no",
        "```\nnever closed\n**Status**: Done\n- [x] no",
        "<!-- never closed\n**Status**: Done\n- [x] no",
    ],
)
def test_fences_comments_and_quotes_say_nothing(body: str) -> None:
    text = read(f"# A\n\n{body}\n")
    assert (text.status, text.claim, text.boxes_total, text.phases) == ("", "", 0, ())


def test_inline_code_of_three_ticks_opens_no_fence() -> None:
    assert read("# A\n\n```x``` is code\n\n- [x] done\n").boxes_done == 1


def test_a_comment_inside_a_fence_closes_nothing_outside() -> None:
    assert read("# A\n\n```\n<!--\n```\n\n- [ ] open\n").boxes_total == 1


def test_a_status_below_the_first_section_is_not_the_documents_own() -> None:
    assert plan(body="**Status**: Done").status == ""


def test_prose_with_a_colon_is_no_header() -> None:
    fields = plan("Remember: nothing is safe\nNote that this: holds").fields
    assert fields == ()


def test_created_comes_from_the_head() -> None:
    assert plan("**Created**: 2026-03-02 10:00").created == date(2026, 3, 2)
    assert read("---\ndate: 2026-13-02\n---\n").created is None


# -- boxes and phases


def test_boxes_of_every_kind() -> None:
    text = plan(body="- [x] a\n* [X] b\n+ [ ] c\n1. [ ] d\n    - [x] deep\n- [-] dropped\n- [link](x)\n[x] no list\n")
    assert (text.boxes_done, text.boxes_total) == (3, 5)


def test_phases_with_their_boxes_and_status() -> None:
    text = read(
        "# A\n\n## Phase 1: Core ✅ COMPLETE\n- [x] a\n\n### Tasks\n- [x] b\n\n"
        "## Phase 2 — Screen\n**Status**: In Progress\n- [ ] c\n\n## Phase C\n\n## Risks\n- [ ] d\n"
    )
    assert [(p.label, p.title, p.line, p.done, p.total, p.status) for p in text.phases] == [
        ("1", "Core", 3, 2, 2, "✅ COMPLETE"),
        ("2", "Screen", 9, 0, 1, "In Progress"),
        ("C", "", 13, 0, 0, ""),
    ]
    assert (text.status, text.boxes_total) == ("", 4)


@pytest.mark.parametrize(
    ("heading", "label", "title"),
    [
        ("### Phase 1.6: Hover", "1.6", "Hover"),
        ("## Phase A (Tiles)", "A", "(Tiles)"),
        ("## 🚀 Phase 3 - Ship", "3", "Ship"),
        ("## 2. Phase 2: Screen", "2", "Screen"),
        ("#### Phase 10b: x", "10B", "x"),
        ("## フェーズ2：画面", "2", "画面"),
    ],
)
def test_spellings_of_a_phase(heading: str, label: str, title: str) -> None:
    (phase,) = read(f"# A\n\n{heading}\n").phases
    assert (phase.label, phase.title) == (label, title)


@pytest.mark.parametrize("heading", ["## Phase Summary", "## Phase dependencies", "# Phase 1: title", "## Phases 1-2"])
def test_what_is_no_phase(heading: str) -> None:
    assert read(f"{heading}\n").phases == ()


def test_a_phase_inside_a_phase_and_a_second_mention_are_no_new_phases() -> None:
    text = read("# A\n\n## Phase 3: X\n### Phase 3.1: Y\n- [x] a\n## Testing\n### Phase 3 tests\n- [ ] b\n")
    assert [(p.label, p.done, p.total) for p in text.phases] == [("3", 1, 1)]


@pytest.mark.parametrize(
    ("head", "expected"),
    [("**Phase**: Phase 2 of 5", ("2", "5")), ("**Phase**: 1 (Extract)", ("1", "")), ("**Phase**: B", ("B", "")),
     ("", ("", ""))],
)  # fmt: skip
def test_phase_of(head: str, expected: tuple[str, str]) -> None:
    assert plan(head).phase_of == expected


# -- links


def links(text: Text) -> list[tuple[str, str]]:
    return [(link.target, link.context) for link in text.links]


def test_links_and_where_they_stand() -> None:
    text = read(
        "# A\n\n**Plan**: `.swarm/plans/2026-03-01-p.md` (Phase B)\n**Branch**: `feature/x`\n"
        "**Spec**: [spec.md](./spec.md)\n\nSee /abs/.swarm/research/r.md:12.\n\n"
        "## Summary\n\n[b](../b.md#part) and [[Wiki Note|shown]]\n\n## Steps\n\n"
        "`@docs/plans/c.md`, 2026-03-01-d.md, e.md\n\n"
        "## Related Documents\n\n### Research\n- x/f.md\n- https://example.org/g.md\n"
    )
    assert links(text) == [
        (".swarm/plans/2026-03-01-p.md", "header:plan"),
        ("feature/x", "header:branch"),
        ("./spec.md", "header:spec"),
        ("/abs/.swarm/research/r.md", "overview"),
        ("../b.md#part", "overview"),
        ("[[Wiki Note]]", "overview"),
        ("@docs/plans/c.md", "prose"),
        ("2026-03-01-d.md", "prose"),
        ("x/f.md", "related"),
    ]


def test_links_in_fences_are_none() -> None:
    assert links(plan(body="```\nsee docs/x.md\n```")) == []


# -- files


def test_files_and_those_to_create() -> None:
    text = plan(
        body="- Create `src/new.py` like `src/old.py`\n- Create `helper()` in `src/util.py`\n- Edit `src/a.ts:12-14`\n"
        "- **File**: `src/b.rs` (new)\n- bare src\\c.go and docs/x.md\n- `turn-system`, `React.memo`, `a.b/c`\n"
    )
    assert text.files == (
        "src/new.py", "src/old.py", "src/util.py", "src/a.ts", "src/b.rs", "src/c.go", "docs/x.md",
    )  # fmt: skip
    assert text.creates == ("src/new.py", "src/b.rs")


def test_tables_and_headings_that_create() -> None:
    text = plan(
        body="## Files to Create\n- `a/one.py`\n\n## Files to Create/Modify\n| File | Action |\n|---|---|\n"
        "| `a/two.py` | Create |\n| `a/three.py` | Modify |\n\n"
        "**Files to create:**\n- `a/four.py`\n\nThen `a/five.py`.\n"
    )
    assert text.creates == ("a/one.py", "a/two.py", "a/four.py")


def test_documents_are_no_source_files() -> None:
    assert plan(body="`.swarm/plans/2026-03-01-p.md` `thoughts/shared/x.md`").files == ()


# -- bytes of all sorts


def test_crlf_and_bom_change_nothing_but_the_bytes() -> None:
    plain = "---\nstatus: done\n---\n# A\n\n**Plan**: x/y.md\n\n## Phase 1: B\n- [x] c\n"
    assert read(b"\xef\xbb\xbf" + plain.replace("\n", "\r\n").encode()) == read(plain)


def test_bytes_that_are_no_utf8_are_remarked_and_read() -> None:
    text = read(b"# A\n\n**Status**: Draft\n\xff\xfe\n")
    assert text.claim == "draft"
    assert [(p.code, p.line, p.severity) for p in text.problems] == [("not-utf8", 4, "info")]


def test_nul_bytes_and_utf16() -> None:
    assert [p.code for p in read(b"# A\0B\n").problems] == ["not-text"]
    assert read("# A\n\n**Status**: Draft\n".encode("utf-16")).claim == "draft"


def test_only_the_beginning_of_a_huge_file_is_read() -> None:
    text = read("# A\n" + "x" * 300_000 + "\n- [x] far away\n")
    assert text.boxes_total == 0
    assert [p.code for p in text.problems] == ["too-big"]


def test_a_broken_header_does_not_hide_the_body() -> None:
    text = read("---\na: [\n---\n# A\n\n**Status**: Draft\n- [x] b\n")
    assert (text.claim, text.boxes_done, [p.code for p in text.problems]) == ("draft", 1, ["bad-frontmatter"])


def test_state_of_a_specification_in_json() -> None:
    text = read('{"feature_name": "album", "phase": "tasks-generated"}', ".kiro/specs/album/spec.json")
    assert (text.claim, [(f.name, f.value) for f in text.fields]) == ("ready", [("feature", "album")])
    assert [p.code for p in read('{"a": ', ".kiro/specs/album/spec.json").problems] == ["bad-json"]


# -- nothing breaks it

PATHS = st.sampled_from(
    [PLAN, ".swarm/research/a.md", ".swarm/reviews/a.md", "specs/001-a/spec.md", ".kiro/specs/a/spec.json"]
)


@given(st.binary(max_size=400), PATHS)
def test_any_bytes_are_read(data: bytes, path: str) -> None:
    assert read(data, path) == read(data, path)


@given(st.text(alphabet="#-*+[]xX `~|:<>!\n\t()@/.mdPhase12*_\\\u3000", max_size=300), PATHS)
def test_any_markup_is_read(text: str, path: str) -> None:
    result = read(text, path)
    assert 0 <= result.boxes_done <= result.boxes_total
    assert all(1 <= link.line <= text.count("\n") + 1 for link in result.links)


HOSTILE = [
    "*" * 200_000,
    "**a" * 60_000,
    "`" * 200_000,
    "[" * 200_000,
    "](" * 100_000,
    "[[" * 100_000,
    "#" * 200_000,
    "# " * 100_000,
    "|" * 200_000,
    "- [ ] " * 40_000,
    "a/" * 100_000,
    "a.md/" * 50_000,
    "`a/b.c" * 40_000,
    "<!--" * 50_000,
    "```\n" * 50_000,
    "~~~ x\n" * 33_000,
    "---\n" * 50_000,
    "---\n" + "a: b\n" * 40_000,
    "Phase 1 of " * 20_000,
    "## Phase 1: " + "-" * 200_000,
    "## Phase 1\n" * 20_000,
    "## Dependencies\n" + "- a, b and c (d), `e`\n" * 10_000,
    "## Dependencies\n" * 15_000,
    "## Depends on\n" + "|a" * 100_000,
    "milestone 001, " * 15_000,
    "milestone 001-999 " * 12_000,
    "milestone\n" * 20_000,
    "001/US1 " * 25_000,
    "1" * 200_000,
    "12 " * 66_000,
    "**Status**: " + "phase " * 40_000,
    "Status: " + "x" * 200_000,
    "a:" * 100_000,
    " " * 200_000,
    " \n" * 100_000,
    "\t" * 100_000 + "#",
    "create `a.py` " * 15_000,
    "create " * 30_000 + "`a.py`",
    "\\" * 200_000,
    "日本" * 60_000,
    "a" * 4000 + "\n" + "a-" * 90_000,
    ">" * 200_000,
    "=" * 200_000,
    "x\n=\n" * 40_000,
]


@pytest.mark.parametrize("text", HOSTILE, ids=lambda text: repr(text[:14]))
def test_no_text_takes_long(text: str) -> None:
    before = time.process_time()
    read(text, "specs/001-a/spec.md")
    assert time.process_time() - before < 5

"""Front matter: text scalars, lines, and everything that is refused."""

import yaml
from hypothesis import example, given
from hypothesis import strategies as st

from reconciler.observe.frontmatter import read_front, read_simple


def fields(text: str) -> list[tuple[str, str, int]]:
    return [(f.name, f.value, f.line) for f in read_front(text, path="x.md").fields]


def test_scalars_stay_text() -> None:
    text = "---\nstatus: no\nid: 0012\ndate: 2026-01-02\nok: ~\n---\n# T\n"
    assert fields(text) == [("status", "no", 2), ("id", "0012", 3), ("date", "2026-01-02", 4), ("ok", "~", 5)]


def test_lists_give_one_field_per_item() -> None:
    text = '---\ndepends_on:\n  - a\n  - "b c"\ntags: [x, y-z]\nempty: []\n---\n'
    assert fields(text) == [
        ("depends-on", "a", 3), ("depends-on", "b c", 4), ("tags", "x", 5), ("tags", "y-z", 5),
    ]  # fmt: skip


def test_nested_lists_and_tables() -> None:
    text = "---\ndependencies:\n  - id: a\n    type: hard\n  - b\nneeds:\n  blocks: [c]\n  informs: d\n---\n"
    assert fields(text) == [
        ("dependencies", "a", 3), ("dependencies", "b", 5), ("needs.blocks", "c", 6), ("needs.informs", "d", 6),
    ]  # fmt: skip


def test_block_scalars_quotes_and_comments() -> None:
    text = "---\n# remark\na: >-\n  two\n  lines\nb: 'it''s'\nc: \"x\\ty\"\nd: plain # remark\n---\n"
    assert fields(text) == [("a", "two lines", 3), ("b", "it's", 6), ("c", "x\ty", 7), ("d", "plain", 8)]


def test_no_front_matter() -> None:
    assert read_front("# Title\n---\na: b\n---\n", path="x.md").length == 0
    assert read_front("", path="x.md") == read_front("---", path="x.md")


def test_the_body_begins_after_the_closing_line() -> None:
    text = "---\na: b\n---\nbody\n"
    assert text[read_front(text, path="x.md").length :] == "body\n"


def test_what_is_refused_costs_the_fields_but_not_the_body() -> None:
    text = "---\na: 1\nb: *x\n---\n# Body\n"
    front = read_front(text, path="x.md")
    assert front.fields == ()
    assert [(p.code, p.path, p.line) for p in front.problems] == [("bad-frontmatter", "x.md", 3)]
    assert text[front.length :] == "# Body\n"


def test_a_duplicate_key_is_reported_and_the_last_counts() -> None:
    front = read_front("---\nstatus: a\nx: 1\nstatus: b\n---\n", path="x.md")
    assert sorted((f.name, f.value) for f in front.fields) == [("status", "b"), ("x", "1")]
    assert [(p.code, p.line) for p in front.problems] == [("duplicate-key", 4)]


def test_a_block_that_never_ends() -> None:
    front = read_front("---\nstatus: done\n\n# Title\n", path="x.md")
    assert [(p.code, p.line) for p in front.problems] == [("bad-frontmatter", 1)]
    assert front.length == 0


def test_a_rule_at_the_top_is_no_front_matter() -> None:
    front = read_front("---\n\n# Title\n\ntext\n", path="x.md")
    assert (front.problems, front.length) == ((), 0)


PLAIN = st.text("abcXYZ019 ./@-_:", min_size=0, max_size=12)


@given(
    st.lists(
        st.tuples(st.from_regex(r"[a-z][a-z_-]{0,8}", fullmatch=True), PLAIN), max_size=6, unique_by=lambda p: p[0]
    )
)
@example([("a", "b:c"), ("d", " -x"), ("e", "x "), ("f", "")])
def test_the_short_way_agrees_with_yaml(pairs: list[tuple[str, str]]) -> None:
    block = "".join(f"{key}: {value}\n" for key, value in pairs)
    short = read_simple(block)
    if short is not None:
        expected = yaml.load(block, Loader=yaml.BaseLoader) or {}
        assert {key: value for key, value, _ in short} == expected


@given(st.text(alphabet="ab:-[]{},#'\" \n&*!|>%@`?\t", max_size=60))
def test_any_block_is_read_or_refused(block: str) -> None:
    front = read_front(f"---\n{block}\n---\nbody\n", path="x.md")
    assert all(1 <= p.line <= block.count("\n") + 4 for p in front.problems)

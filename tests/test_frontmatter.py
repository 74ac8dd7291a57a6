"""The screen before YAML: what is refused, what is read, and where it says it stands."""

import time

import pytest
from hypothesis import given
from hypothesis import strategies as st

from reconciler.frontmatter import DEPTH, split_front_matter
from reconciler.printable import UNSAFE

REFUSED = {
    "an alias": "a: 1\nb: *a",
    "an anchor": "a: 1\nb: &x [1]",
    "a tag": "a: 1\nb: !!python/object/apply:os.system [id]",
    "the plain tag": "a: 1\nb: ! x",
    "a tag on the whole": "!!map\na: 1",
    "a merge key": "a: 1\n<<: {b: 2}",
    "a merge key below": "a:\n  <<: {b: 2}",
    "a key that is a list": "a: 1\n? [x]\n: y",
    "a list": "- a\n- b",
    "two colons": "a: 1\nb: c: d",
    "an open bracket": "a: 1\nb: [",
    "a tab": "a:\n\t- b",
    "a control character": "a: 1\nb: \x07",
    "depth": "a: 1\nb: " + "[" * 40 + "]" * 40,
    "size": "a: 1\nb: " + "x" * 70_000,
}


@pytest.mark.parametrize("block", REFUSED.values(), ids=REFUSED)
def test_refused(block: str) -> None:
    matter = split_front_matter(f"---\n{block}\n---\nbody\n".encode(), "x.md")
    (problem,) = matter.problems
    assert (problem.code, problem.path, matter.entries) == ("bad-frontmatter", "x.md", ())
    assert 1 <= problem.line <= 4
    assert matter.body == "body\n"


def test_the_line_of_the_mistake_is_named() -> None:
    (problem,) = split_front_matter(b"---\na: 1\n\nb: *x\n---\n", "x.md").problems
    assert problem.line == 4


def test_every_scalar_stays_text() -> None:
    block = "status: no\nid: 0012\nday: 2026-01-02\nn: 1.50\nnothing:\ntilde: ~\nlist: [yes, 1]\nmap: {1: on}"
    assert split_front_matter(f"---\n{block}\n---\n".encode(), "x.md").values == {
        "status": "no",
        "id": "0012",
        "day": "2026-01-02",
        "n": "1.50",
        "nothing": "",
        "tilde": "~",
        "list": ["yes", "1"],
        "map": {"1": "on"},
    }


def test_lines_of_keys_items_and_body() -> None:
    matter = split_front_matter(b"---\n# note\na:\n  - x\n\n  - y: z\nb: 'q'\n---\nbody", "x.md")
    a, b = matter.entries
    assert (a.line, a.items, b.line, matter.body_line) == (3, (4, 6), 7, 9)
    assert matter.text[b.value_start : b.value_end] == "'q'"


@pytest.mark.parametrize("text", ["", "hello", "---", "---\n", "---\nprose between rules\n---\n", "\n---\na: 1\n---\n"])
def test_no_front_matter_and_no_complaint(text: str) -> None:
    matter = split_front_matter(text.encode(), "x.md")
    assert (matter.values, matter.problems, matter.body) == ({}, (), text)


def test_an_unclosed_block_is_said() -> None:
    (problem,) = split_front_matter(b"---\ntitle: x\n", "x.md").problems
    assert problem.line == 1


@pytest.mark.parametrize(
    "data", [b"\xef\xbb\xbf---\na: b\n---\nx", b"---\r\na: b\r\n---\r\nx", b"-----\na: b\n---  \nx"]
)
def test_other_editors(data: bytes) -> None:
    matter = split_front_matter(data, "x.md")
    assert (matter.values, matter.body, matter.problems) == ({"a": "b"}, "x", ())


def test_a_key_twice_and_bytes_that_are_no_text() -> None:
    matter = split_front_matter(b"---\na: 1\na: \xff\n---\n", "x.md")
    assert sorted((problem.code, problem.line) for problem in matter.problems) == [
        ("duplicate-key", 3),
        ("not-utf8", 3),
    ]
    assert matter.values == {"a": "\ufffd"}


def test_depth_that_is_allowed() -> None:
    deep = "[" * (DEPTH - 1) + "]" * (DEPTH - 1)
    assert split_front_matter(f"---\na: {deep}\n---\n".encode(), "x.md").problems == ()


@pytest.mark.parametrize(
    "data",
    [
        b"---\n" + b"a: 1\n" * 200_000,
        b"---\n" + b"--- \n" * 100_000,
        b"---" + b" \n" * 200_000 + b"x",
        b"---\na: " + b"[" * 60_000 + b"\n---\n",
        b"---\n" + b"? " * 30_000 + b"\n---\n",
        b"---\na: &a [x]\n" + b"".join(b"b%d: [*a, *a]\n" % n for n in range(4000)) + b"---\n",
    ],
    ids=["keys", "rules", "blanks", "brackets", "questions", "aliases"],
)
def test_large_and_hostile_is_quick(data: bytes) -> None:
    begin = time.process_time()
    split_front_matter(data, "x.md")
    assert time.process_time() - begin < 2


@given(st.text(max_size=60), st.text(max_size=20))
def test_whatever_stands_there_gives_text_and_safe_messages(block: str, body: str) -> None:
    data = f"---\n{block}\n---\n{body}".encode("utf-8", "replace")
    matter = split_front_matter(data, "x.md")
    assert matter.text == data.decode()
    assert matter.text.endswith(matter.body)
    for problem in matter.problems:
        assert not UNSAFE.search(problem.message)
        assert 0 <= problem.line <= data.count(b"\n") + 2

"""Files of many parts: lines come back one by one, and any doubt means that there is none."""

from collections.abc import Callable
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from reconciler import sheaf
from reconciler.model import BlobId, Text, TextKey
from reconciler.sheaf import line, read_sheaf, write_sheaf
from reconciler.texts import Texts

VALUES = st.recursive(
    st.none() | st.booleans() | st.integers() | st.text(),
    lambda inner: st.lists(inner) | st.dictionaries(st.text(), inner),
)


@settings(max_examples=50)
@given(head=VALUES, values=st.lists(VALUES))
def test_what_was_written_is_read(tmp_path_factory: pytest.TempPathFactory, head: object, values: list[object]) -> None:
    folder = tmp_path_factory.mktemp("common")
    write_sheaf(folder, "x", "v 1", head, map(line, values))
    found = read_sheaf(folder, "x", "v 1")
    assert found is not None
    assert (found.head, list(found)) == (head, [line(value) for value in values])


def test_there_are_no_lines_beside_its_own(tmp_path: Path) -> None:
    write_sheaf(tmp_path, "x", "v 1", {}, [b"a\n", b"b\n"])
    found = read_sheaf(tmp_path, "x", "v 1")
    assert found is not None
    assert len(found) == 2
    for place in (-1, 2):
        with pytest.raises(IndexError):
            found[place]


DAMAGE: dict[str, Callable[[bytes], bytes]] = {
    "empty": lambda data: b"",
    "cut": lambda data: data[:-5],
    "a line less": lambda data: data.partition(b"\n")[2],
    "a byte": lambda data: b"!" + data[1:],
    "its end alone": lambda data: data.splitlines(keepends=True)[-1],
    "no line end": lambda data: b"x" * 99,
    "bytes": lambda data: bytes(range(256)),
}


@pytest.mark.parametrize("damage", DAMAGE)
def test_damage_counts_as_nothing_known(tmp_path: Path, damage: str) -> None:
    write_sheaf(tmp_path, "x", "v 1", {"a": 1}, [b"a\n", b"b\n"])
    file = tmp_path / "swarm/cache/x"
    file.write_bytes(DAMAGE[damage](file.read_bytes()))
    assert read_sheaf(tmp_path, "x", "v 1") is None


def test_another_version_is_nothing_known(tmp_path: Path) -> None:
    write_sheaf(tmp_path, "x", "v 1", {}, [b"a\n"])
    assert read_sheaf(tmp_path, "x", "v 2") is None
    assert read_sheaf(tmp_path, "y", "v 1") is None


def test_one_that_fails_while_it_is_made_leaves_the_last_one(tmp_path: Path) -> None:
    write_sheaf(tmp_path, "x", "v 1", "old", [])
    with pytest.raises(ZeroDivisionError):
        write_sheaf(tmp_path, "x", "v 1", "new", (line(1 // n) for n in (1, 0)))
    found = read_sheaf(tmp_path, "x", "v 1")
    assert found is not None
    assert found.head == "old"
    assert [file.name for file in (tmp_path / "swarm/cache").iterdir()] == ["x"]


def test_large_ones_are_written_in_pieces(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(sheaf, "_ENOUGH", 100)
    lines = [line("word" * n) for n in range(99)]
    write_sheaf(tmp_path, "x", "v 1", None, lines)
    found = read_sheaf(tmp_path, "x", "v 1")
    assert found is not None
    assert list(found) == lines


def test_a_folder_in_the_way_is_no_error(tmp_path: Path) -> None:
    (tmp_path / "swarm").write_text("in the way", "utf-8")
    write_sheaf(tmp_path, "x", "v 1", {}, [])
    assert read_sheaf(tmp_path, "x", "v 1") is None


# -- texts


def key(path: str, blob: str, stage: str = "plan") -> TextKey:
    return TextKey(path, BlobId(blob), stage)


def test_only_what_a_pass_used_is_kept(tmp_path: Path) -> None:
    first = Texts(tmp_path, "rules")
    first[key("p", "a")] = Text(title="A")
    first[key("q", "b")] = Text(title="B")
    first.save()
    second = Texts(tmp_path, "rules")
    assert second[key("p", "a")].title == "A"
    second[key("r", "c")] = Text(title="C")
    second.save()
    third = Texts(tmp_path, "rules")
    assert third[key("r", "c")].title == "C"
    with pytest.raises(KeyError):
        third[key("q", "b")]
    with pytest.raises(KeyError):
        Texts(tmp_path, "other rules")[key("p", "a")]


def test_a_process_that_goes_on_has_all_in_memory(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    before = Texts(tmp_path, "rules")
    before[key("p", "a")] = Text(title="A")
    before.save()
    texts = Texts(tmp_path, "rules")
    assert texts[key("p", "a")].title == "A"
    texts.save()
    monkeypatch.setattr("reconciler.texts.read_sheaf", None)
    texts.begin()
    assert texts[key("p", "a")].title == "A"
    texts[key("q", "b")] = Text(title="B")
    texts.save()
    texts.begin()
    with pytest.raises(KeyError):
        texts[key("r", "c")]
    assert texts[key("q", "b")].title == "B"
    monkeypatch.undo()
    assert Texts(tmp_path, "rules")[key("p", "a")].title == "A"


def test_a_text_of_another_stage_is_another_text(tmp_path: Path) -> None:
    texts = Texts(tmp_path, "rules")
    texts[key("p", "a", "plan")] = Text(title="A")
    texts.save()
    with pytest.raises(KeyError):
        Texts(tmp_path, "rules")[key("p", "a", "research")]


def test_texts_of_other_code_are_not_known(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    texts = Texts(tmp_path, "rules")
    texts[key("p", "a")] = Text(title="A")
    texts.save()
    monkeypatch.setattr("reconciler.texts.code", lambda: "edited")
    with pytest.raises(KeyError):
        Texts(tmp_path, "rules")[key("p", "a")]


def test_equal_words_are_one_object(tmp_path: Path) -> None:
    first = Texts(tmp_path, "rules")
    for blob in "ab":
        first[key("p", blob)] = Text(title=blob, status="in review since Monday", files=("src/long name.py",))
    first.save()
    again = Texts(tmp_path, "rules")
    one, other = again[key("p", "a")], again[key("p", "b")]
    assert (one.title, one.status, one.files) == ("a", "in review since Monday", ("src/long name.py",))
    assert one.status is other.status
    assert one.files[0] is other.files[0]

"""The log of the hooks, what a session was told, and what it holds, read without much ado."""

import json
import os
from pathlib import Path

import pytest

from reconciler.coordination import journal, mine, told
from reconciler.coordination.claims import claim, release
from reconciler.coordination.sessions import sessions
from tests.coordination.people import at, who

ODD = ["plain", 'say "hi"', "back\\slash", 'end\\"', "日本語", "a\nb", "\udcff", "x" * 300]


def line(root: Path, session: str, event: str, workstream: str = "fog", at: float = 1_772_442_000.0) -> None:
    journal.write(str(root), at, session, event, workstream, "/w", "feature/fog")


def test_a_line_has_these_fields_and_no_others(tmp_path: Path) -> None:
    line(tmp_path, 'a"b', "prompt")
    assert json.loads((tmp_path / "log.jsonl").read_text()) == {
        "ts": "2026-03-02T09:00:00Z", "session": 'a"b', "event": "prompt", "workstream": "fog",
        "worktree": "/w", "branch": "feature/fog",
    }  # fmt: skip


def test_the_log_keeps_two_halves(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(journal, "LARGEST", 1000)
    for number in range(40):
        line(tmp_path, f"s{number}", "stop")
    assert sorted(p.name for p in tmp_path.iterdir()) == ["log.jsonl", "log.jsonl.1", "log.lock"]
    assert sum(p.stat().st_size for p in tmp_path.iterdir()) < 2400
    kept = [row["session"] for row in journal.read(str(tmp_path))]
    assert kept == [f"s{number}" for number in range(40 - len(kept), 40)]


def test_a_link_in_its_place_is_not_followed(tmp_path: Path) -> None:
    (tmp_path / "log.jsonl").symlink_to(tmp_path / "victim")
    with pytest.raises(OSError, match="symbolic"):
        line(tmp_path, "s", "stop")
    assert not (tmp_path / "victim").exists()


def test_broken_lines_hide_no_others(tmp_path: Path) -> None:
    line(tmp_path, "s1", "start")
    with (tmp_path / "log.jsonl").open("ab") as file:
        file.write(b'{"ts": 7}\n\xff\xfe\n{"ts": "when", "session": "s2", "workstream": "fog"}\n[]\n{"ts": "2026')
    assert [row["session"] for row in journal.read(str(tmp_path))] == ["s1", "s2"]
    assert [(stint.session, stint.how, stint.until) for stint in sessions(tmp_path)] == [("s1", "seen", None)]


def test_a_stint_without_a_claim_lasts_until_the_session_ends(tmp_path: Path) -> None:
    for second, event in enumerate(("start", "prompt", "stop", "end")):
        line(tmp_path, "s1", event, at=1_772_442_000.0 + second)
    line(tmp_path, "s2", "prompt", workstream="")
    (stint,) = sessions(tmp_path)
    assert (stint.since, stint.until, stint.how) == (1_772_442_000.0, 1_772_442_003.0, "seen")
    claim(tmp_path, "fog", who("s1"), at())
    assert [stint.how for stint in sessions(tmp_path)] == ["claimed"]


@pytest.mark.parametrize("name", ODD, ids=ascii)
def test_what_was_told_comes_back(name: str, tmp_path: Path) -> None:
    said = told.Told("17", f"/tree {name}", name, f"here {name}", ["/a b", f"/{name}", "/c"], '{"holds": []}')
    told.remember(str(tmp_path), name, said)
    back = told.recall(str(tmp_path), name)
    assert back is not None
    assert (back.signature, back.worktree, back.workstream, back.here, back.seen) == (
        said.signature, said.worktree, said.workstream, said.here, said.seen,
    )  # fmt: skip
    assert back.watched == [path for path in said.watched if "\n" not in path]


@pytest.mark.parametrize("data", [b"", b"\xff", b"swarm.told/1 7\n", b"swarm.told/2 7\n\n\n\n\n\n", b"\n" * 9])
def test_what_cannot_be_read_was_not_told(data: bytes, tmp_path: Path) -> None:
    (tmp_path / "told").mkdir()
    (tmp_path / "told/s1").write_bytes(data)
    assert told.recall(str(tmp_path), "s1") is None


def test_the_signature_moves_with_claims_and_files(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    watched = [str(tmp_path / "registry"), str(tmp_path / "gone")]
    (tmp_path / "registry").write_text("a")
    assert told.signature(str(tmp_path), watched) == ""  # too young to tell
    monkeypatch.setattr(told, "YOUNG", 0)
    seen = {told.signature(str(tmp_path), watched)}
    os.utime(tmp_path / "registry", (1, 1))
    seen.add(told.signature(str(tmp_path), watched))
    claim(tmp_path, "fog", who("s1"), at())
    seen.add(told.signature(str(tmp_path), watched))
    release(tmp_path, "fog", who("s1"), at())
    seen.add(told.signature(str(tmp_path), watched))
    assert len(seen) == 4
    assert told.signature(str(tmp_path), watched) in seen


def test_what_a_session_holds(tmp_path: Path) -> None:
    for name in ODD[:6]:
        claim(tmp_path, name, who('s"1'), at(), note='"session": "s2", "state": "held", ')
    claim(tmp_path, "other", who("s2"), at())
    release(tmp_path, "plain", who('s"1'), at())
    assert sorted(mine.held(str(tmp_path), 's"1')) == sorted(ODD[1:6])
    assert mine.held(str(tmp_path), "s2") == ["other"]
    assert mine.held(str(tmp_path), "nobody") == mine.held(str(tmp_path / "gone"), "s2") == []

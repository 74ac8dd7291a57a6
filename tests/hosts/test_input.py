"""Whatever comes on stdin, from whichever host, wherever: exit code 0, and not a word."""

import json
import subprocess
import sys
from pathlib import Path

import pytest

from reconciler.coordination.machine import VARIABLES
from reconciler.hosts import wire
from reconciler.hosts.table import HOSTS
from tests.hosts.hooks import PROJECT, SILENT, Repo, repo

MEGABYTES = 10 * 1024 * 1024
DEEP = b'{"session_id": "s1", "a": ' + b"[" * 200_000 + b"]" * 200_000 + b"}"
BROKEN = {
    "empty": b"",
    "blank": b" \n\n ",
    "half": b'{"session_id": "s1", "cwd": "/',
    "list": b'["session_id", "s1"]',
    "null": b"null",
    "number": b"1" * 10_000,
    "two": b'{"session_id": "s1"}{"session_id": "s2"}',
    "binary": bytes(range(256)) * 64,
    "huge": b"\xff{" * (MEGABYTES // 2),
    "deep": DEEP,
    "no session": b'{"cwd": ".", "prompt": "hello"}',
    "session of another kind": b'{"session_id": {"id": 7}, "cwd": ["."]}',
    "digits": b'{"session_id": "s1", "n": ' + b"9" * 10_000 + b"}",
}


@pytest.fixture(scope="module")
def place(tmp_path_factory: pytest.TempPathFactory) -> Repo:
    return repo(tmp_path_factory.mktemp("input"), "fog")


@pytest.mark.parametrize("name", sorted(BROKEN))
def test_what_is_no_event_does_nothing(name: str, place: Repo) -> None:
    assert place.swarm("hook", "claude", "SessionStart", stdin=BROKEN[name]) == SILENT
    assert not place.facts.exists()


@pytest.mark.parametrize(
    "words", [["claude", "WorktreeCreate"], ["claude", "PostToolUse"], ["claude", "\x1b[31m"], ["nobody", "Stop"]]
)
def test_unknown_hosts_and_events_do_nothing(words: list[str], place: Repo) -> None:
    assert place.swarm("hook", *words, stdin=b'{"session_id": "s1"}') == SILENT
    assert not place.facts.exists()


def test_a_huge_prompt_is_heard_and_not_kept(tmp_path: Path) -> None:
    place = repo(tmp_path)
    prompt = "CANARY " * (MEGABYTES // 7)
    assert place.hook("Stop", "s1", more={"prompt": prompt, "unknown": {"a": [1, None, True, 1.5e3]}}) == SILENT
    assert [line["event"] for line in place.log()] == ["stop"]
    assert sum(path.stat().st_size for path in place.facts.rglob("*") if path.is_file()) < 4096


def test_no_repository(tmp_path: Path) -> None:
    (tmp_path / "no").mkdir()
    place = Repo(tmp_path, init=False)
    assert place.hook("SessionStart", "s1", at=tmp_path / "no") == SILENT
    assert list((tmp_path / "no").iterdir()) == []


def test_a_folder_that_is_gone_is_that_of_the_process(tmp_path: Path) -> None:
    place = repo(tmp_path)
    for folder in ("/nowhere/at/all", "a\0b", ""):
        assert place.hook("Stop", "s1", more={"cwd": folder}) == SILENT
    assert [line["worktree"] for line in place.log()] == [str(tmp_path)] * 3


@pytest.mark.parametrize("kind", ["file", "link"])
def test_where_nothing_can_be_written(kind: str, tmp_path: Path) -> None:
    """The place of our facts is taken by something that is no folder: as a disk that refuses, for root too."""
    place = repo(tmp_path / "r", "fog")
    if kind == "file":
        place.facts.write_text("mine")
    else:
        place.facts.symlink_to(tmp_path / "nowhere")
    for event in ("UserPromptSubmit", "Stop", "SessionEnd"):
        assert place.hook(event, "s1") == SILENT
    said = place.hook("SessionStart", "s1")
    assert said.code == 0 and said.err == ""
    assert said.told.startswith("swarm: facts")  # it can still be told
    assert place.hook("PreToolUse", "s1", more={"tool_name": "Write", "tool_input": {"file_path": "x"}}) == SILENT


def test_a_link_in_place_of_our_facts_is_not_written_through(tmp_path: Path) -> None:
    place, outside = repo(tmp_path / "r", "fog"), tmp_path / "outside"
    outside.mkdir()
    place.facts.symlink_to(outside)
    for event in ("SessionStart", "UserPromptSubmit", "Stop", "SessionEnd"):
        said = place.hook(event, "s1")
        assert (said.code, said.err, bool(said.out)) == (0, "", event == "SessionStart")
    assert place.swarm("heartbeat").code == place.swarm("heartbeat", "--end").code == 0
    assert place.swarm("statusline").code == place.swarm("hook", "git", "post-merge").code == 0
    for words in (["claim", "fog"], ["release"], ["port"], ["worktree", "start", "fog"]):
        refused = place.swarm(*words)
        assert (refused.code, refused.out) == (2, "")
        assert f"{place.facts} is a symbolic link; swarm does not write there" in refused.err
    place.facts.unlink()
    place.facts.mkdir()
    (place.facts / "told").symlink_to(outside)
    assert place.hook("SessionStart", "s1").code == 0
    assert list(outside.iterdir()) == []


def test_an_error_of_ours_is_logged_and_silent(tmp_path: Path) -> None:
    place = repo(tmp_path, "fog")
    place.write(".git/HEAD", "ref: refs/heads/\x1b[31m\n")
    place.write(".git/config", "[core\nbroken")
    said = place.hook("SessionStart", "s1", more={"prompt": "CANARY"})
    assert said == SILENT
    log = (place.facts / "hook.log").read_text("utf-8")
    assert log.count("\n") == 1 and "hook: NoRepository" in log and "\x1b" not in log and "CANARY" not in log


def test_hooks_can_be_switched_off(tmp_path: Path) -> None:
    place = repo(tmp_path)
    assert place.hook("SessionStart", "s1", SWARM_HOOKS="0") == SILENT
    assert not place.facts.exists()


def test_a_session_is_what_claim_takes_it_for(tmp_path: Path) -> None:
    place = repo(tmp_path, "fog")
    envfile = tmp_path / ".git/env.sh"
    place.hook("SessionStart", "it's 1", CLAUDE_ENV_FILE=str(envfile))
    assert not envfile.exists()  # no name to put into a shell
    place.hook("SessionStart", "s-1", CLAUDE_ENV_FILE=str(envfile))
    assert envfile.read_text() == "export CLAUDE_CODE_SESSION_ID='s-1'\n"
    place.hook("SessionStart", "s-1", CLAUDE_ENV_FILE=str(envfile), CLAUDE_CODE_SESSION_ID="s-1")
    assert envfile.read_text() == "export CLAUDE_CODE_SESSION_ID='s-1'\n"
    assert place.swarm("claim", "fog", CLAUDE_CODE_SESSION_ID="s-1").code == 0
    assert "holds 1" in place.hook("SessionStart", "s-1").told
    assert "holds 1" in place.hook("SessionStart", "other", SWARM_SESSION="s-1").told


def test_the_variables_of_the_hosts_are_those_that_claim_looks_at() -> None:
    ours = {name for host in HOSTS.values() for name in host.variables if name != "SWARM_SESSION"}
    assert ours == set(VARIABLES.values())


@pytest.mark.parametrize(
    ("names", "found"),
    [
        (["a"], "1"), (["no", "b.c"], "2"), (["d.0"], "x"), (["d.1"], ""), (["d.x"], ""), (["a.b"], ""), (["e"], ""),
        (["f"], ""), ([], ""),
    ],
)  # fmt: skip
def test_fields(names: list[str], found: str) -> None:
    assert wire.text({"a": "1", "b": {"c": "2"}, "d": ["x"], "e": 7, "f": " "}, names) == found


def test_json_that_is_cut_off_anywhere_is_nothing() -> None:
    """In a process that has not loaded json, where the scanner beneath it fails without an error."""
    whole = '{"a": ["\\u00e9\\n", 1, -2.5e3, null, true, {"b": {}}], "c": "x"}'
    code = f"""
import sys
from reconciler.hosts.wire import understand
whole = {whole!r}
found = [understand(whole[:at].encode()) for at in range(len(whole))]
found += [understand(text) for text in (b"{{'a'}}", b'{{"a" 1}}', b'{{"a": 1,}}', b'{{"a": 1]')]
assert "json.decoder" not in sys.modules
print(set(found), understand(whole.encode()))
"""
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True, cwd=PROJECT)
    assert done.stdout == f"{{None}} {json.loads(whole)}\n"


def test_what_is_understood_is_what_json_says() -> None:
    said = {"a": ['\u00e9"\\\n', 1, -2.5, None, True, {"b": {}}], "c": "😀"}
    for text in (json.dumps(said), json.dumps(said, ensure_ascii=False, indent=2) + "\n", "\ufeff" + json.dumps(said)):
        assert wire.understand(text.encode()) == said

"""The heartbeat command: silent, never failing, whole, and without heavy imports."""

import json
import os
import subprocess
import sys
from pathlib import Path

import pytest

from reconciler.coordination.beat import dump, find_repository, main, write
from reconciler.coordination.events import events
from reconciler.coordination.holdings import instances
from reconciler.coordination.identity import here
from tests.gitrepo import sealed

PROJECT = Path(__file__).parents[2]


@pytest.fixture
def repository(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A repository with a linked work tree ``../side``; no session named by the environment."""
    for name in ("SWARM_SESSION", "CLAUDE_CODE_SESSION_ID", "SWARM_AGENT_PID"):
        monkeypatch.delenv(name, raising=False)
    path = tmp_path / "main"
    for words in (
        ["init", "-q", "-b", "main", str(path)],
        ["-C", str(path), "commit", "-q", "--allow-empty", "-m", "x"],
        ["-C", str(path), "worktree", "add", "-q", "-b", "feature/a", str(tmp_path / "side")],
    ):
        subprocess.run(["git", *words], check=True, env=sealed(tmp_path))
    monkeypatch.chdir(path)
    return path


def test_it_is_silent_and_writes_one_instance(repository: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["heartbeat", "--session", "ann"]) == 0
    assert capsys.readouterr() == ("", "")
    root = repository / ".git" / "swarm"
    (found,) = instances(root, here())
    assert (found.session, found.verdict.status, found.sign.branch) == ("ann", "active", "main")
    assert found.sign.worktree == str(repository)
    assert [event.event for event in events(root, "ann")] == ["start"]


def test_a_linked_worktree_beats_in_the_common_directory(repository: Path) -> None:
    folder = repository.parent / "side" / "deep"
    folder.mkdir()
    assert main(["-C", str(folder), "heartbeat", "--session=ann"]) == 0
    (found,) = instances(repository / ".git" / "swarm", here())
    assert (found.sign.worktree, found.sign.branch) == (str(folder.parent), "feature/a")
    assert find_repository(str(folder))[0] == str(repository / ".git")


def test_a_second_beat_keeps_the_start_and_notes_nothing(repository: Path) -> None:
    main(["heartbeat", "--session", "ann"])
    (first,) = instances(repository / ".git" / "swarm", here())
    main(["heartbeat", "--session", "ann"])
    (second,) = instances(repository / ".git" / "swarm", here())
    assert second.started == first.started
    assert second.sign.mono is not None
    assert first.sign.mono is not None
    assert second.sign.mono >= first.sign.mono
    assert len(events(repository / ".git" / "swarm", "ann")) == 1


@pytest.mark.parametrize(
    ("environ", "session"),
    [
        ({"SWARM_SESSION": "one", "CLAUDE_CODE_SESSION_ID": "two"}, "one"),
        ({"CLAUDE_CODE_SESSION_ID": "two"}, "two"),
        ({"SWARM_SESSION": "  ", "CLAUDE_CODE_SESSION_ID": "../../x"}, "../../x"),
        ({"SWARM_SESSION": "\x1b[31m\n"}, "%1b[31m"),
    ],
)
def test_the_session_comes_from_the_environment(
    repository: Path,
    environ: dict[str, str],
    session: str,
    monkeypatch: pytest.MonkeyPatch,
    capsys: pytest.CaptureFixture[str],
) -> None:
    for name, value in environ.items():
        monkeypatch.setenv(name, value)
    assert main(["heartbeat", "--json"]) == 0
    told = json.loads(capsys.readouterr().out)
    assert (told["schema"], told["sessionId"], told["written"]) == ("swarm.heartbeat/1", session, True)
    assert [found.session for found in instances(repository / ".git" / "swarm", here())] == [session]


def test_outside_a_repository_nothing_happens(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.chdir(tmp_path)
    assert main(["heartbeat", "--session", "ann"]) == 0
    assert main(["heartbeat", "--session", "ann", "--json"]) == 0
    assert json.loads(capsys.readouterr().out)["written"] is False
    assert list(tmp_path.iterdir()) == []


@pytest.mark.parametrize("kind", ["file", "full"])
def test_what_is_in_the_way_is_no_failure(repository: Path, kind: str) -> None:
    root = repository / ".git" / "swarm"
    if kind == "file":
        root.write_text("in the way")
    else:
        (root / "instances" / "ann").mkdir(parents=True)
    assert main(["heartbeat", "--session", "ann"]) == 0


@pytest.mark.parametrize(
    "argv", [[], ["claim"], ["heartbeat", "--help"], ["heartbeat", "x"], ["heartbeat", "--session"], ["-C"], ["--json"]]
)
def test_everything_else_is_for_the_whole_command_line(argv: list[str]) -> None:
    assert main(argv) is None


@pytest.mark.parametrize("data", ["", "{", "[]\n", "x" * 50_000, '{"schema":"swarm.instance/1","session":"bob",\n{}\n'])
def test_a_damaged_instance_is_written_anew(repository: Path, data: str) -> None:
    path = repository / ".git" / "swarm" / "instances" / "ann"
    path.parent.mkdir(parents=True)
    path.write_text(data)
    assert main(["heartbeat", "--session", "ann"]) == 0
    assert json.loads(path.read_text())["session"] == "ann"


def test_a_bare_repository(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    subprocess.run(["git", "init", "-q", "--bare", str(tmp_path / "b.git")], check=True, env=sealed(tmp_path))
    monkeypatch.chdir(tmp_path / "b.git" / "refs")
    assert find_repository(".") == (str(tmp_path / "b.git"), "", str(tmp_path / "b.git"))


def test_a_removed_folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    (tmp_path / "gone").mkdir()
    monkeypatch.chdir(tmp_path / "gone")
    (tmp_path / "gone").rmdir()
    assert main(["heartbeat", "--session", "ann"]) == 0


@pytest.mark.parametrize("text", ["plain", 'a"b\\c', "ü", "\x00\x1f\x7f", "\udcff", "😀", ""])
def test_its_json_is_json(text: str, tmp_path: Path) -> None:
    assert json.loads(dump({"a": text, "b": 1.5, "c": None, "d": True, "e": False, "f": 7})) == {
        "a": text,
        "b": 1.5,
        "c": None,
        "d": True,
        "e": False,
        "f": 7,
    }


def test_leftovers_of_dead_writers_are_swept_and_those_of_the_living_are_not(tmp_path: Path) -> None:
    from reconciler.coordination.beat import writer

    folder = tmp_path / "instances"
    folder.mkdir()
    child = os.fork()
    if child == 0:
        os._exit(0)
    os.waitpid(child, 0)
    dead = folder / f".tmp-{writer()}-{child}-00000000"
    alive = folder / f".tmp-{writer()}-{os.getpid()}-00000000"
    dead.touch()
    alive.touch()
    write(str(tmp_path), "ann", {"heard": 1.0, "mono": 1.0, "host": "", "worktree": "", "branch": ""})
    assert sorted(path.name for path in folder.iterdir()) == [alive.name, "ann"]


def test_it_imports_next_to_nothing(repository: Path) -> None:
    """What costs milliseconds must not be imported by a second heartbeat; a list that may only shrink."""
    words = [sys.executable, "-S", "-c"]
    code = (
        "import errno, os, sys, time; before = set(sys.modules); from reconciler.coordination.beat import main; "
        "main(['heartbeat', '--session', 'ann']); print(*sorted(set(sys.modules) - before))"
    )
    environ = {**sealed(repository), "PYTHONPATH": str(PROJECT)}
    for _ in range(2):
        ran = subprocess.run([*words, code], env=environ, capture_output=True, text=True, check=True, cwd=repository)
    ours = {"reconciler", "reconciler.coordination"}
    ours |= {f"reconciler.coordination.{name}" for name in ("beat", "machine", "names")}
    assert set(ran.stdout.split()) == ours

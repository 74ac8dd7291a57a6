"""What passes remember changes nothing but their time."""

import json
from collections.abc import Callable, Mapping
from datetime import UTC, date, datetime
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from reconciler import memory
from reconciler.cli.app import run
from reconciler.memory import Memory, codec, shape
from reconciler.model import Landing, RepoFacts, Text
from reconciler.observe.git import open_git
from reconciler.observe.repo import read_repository
from tests.gitrepo import GitBuilder, sealed

TEXTS = st.builds(
    Text,
    title=st.text(),
    created=st.none() | st.dates(min_value=date(1970, 1, 1)),
    phases=st.just(()),
    phase_of=st.tuples(st.text(), st.text()),
    files=st.lists(st.text()).map(tuple),
)


@pytest.fixture
def repo(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> GitBuilder:
    for name, value in sealed(tmp_path).items():
        monkeypatch.setenv(name, value)
    made = GitBuilder(tmp_path / "repo")
    made.write(".swarm/plans/2026-03-02-fog.md", "# Plan: Fog\n\n- [ ] `src/fog.py`\n").commit("Plan fog")
    made.branch("feature/fog").checkout("feature/fog").write("src/fog.py", "fog = 1\n").commit("fog: begin")
    made.checkout("main")
    return made


def answer(repo: GitBuilder, capfdbinary: pytest.CaptureFixture[bytes]) -> bytes:
    capfdbinary.readouterr()
    assert run(["-C", str(repo.path), "graph", "--json"]) == 0
    assert run(["-C", str(repo.path), "explain", "fog", "--json"]) == 0
    return capfdbinary.readouterr().out


@given(TEXTS)
def test_texts_come_back_as_they_went(text: Text) -> None:
    turned = codec(Text)
    assert turned.read(json.loads(json.dumps(turned.write(text)))) == text


def test_facts_of_a_real_repository_come_back(repo: GitBuilder) -> None:
    facts = read_repository(open_git(repo.path))
    turned = codec(RepoFacts)
    assert turned.read(json.loads(json.dumps(turned.write(facts)))) == facts


def test_a_shape_changes_with_any_field() -> None:
    assert shape(Text) != shape(RepoFacts)
    assert shape(Mapping[str, Text]) != shape(tuple[Landing, ...])


MOVES: dict[str, Callable[[GitBuilder], object]] = {
    "nothing": lambda r: None,
    "commit": lambda r: r.write("x", "x").commit("x"),
    "merge": lambda r: r.merge("feature/fog"),
    "squash": lambda r: r.squash("feature/fog", "fog (#1)"),
    "delete": lambda r: r.delete("feature/fog"),
    "new branch": lambda r: r.branch("feature/other"),
    "edit": lambda r: r.write(".swarm/plans/2026-03-02-fog.md", "# Plan: Fog\n\n**Status**: Complete\n"),
    "rule": lambda r: r.write(".swarm/rules/layouts.toml", '[branches]\nignore = ["feature/*"]\n'),
    "config": lambda r: r.write(".swarm/config.toml", 'base = "feature/fog"\n'),
}


@pytest.mark.parametrize("move", MOVES)
def test_with_and_without_it_the_answers_are_equal(
    repo: GitBuilder, capfdbinary: pytest.CaptureFixture[bytes], move: str
) -> None:
    answer(repo, capfdbinary)
    MOVES[move](repo)
    remembered = answer(repo, capfdbinary)
    assert {p.name for p in cache(repo)} <= {"git.json", "landings.json", "rules.json", "texts"}
    for file in cache(repo):
        file.unlink()
    assert answer(repo, capfdbinary) == remembered


@pytest.mark.parametrize("how", ["object", "torn", "empty"])
def test_a_branch_lost_after_a_pass_is_reported_and_not_gone(
    repo: GitBuilder, capfdbinary: pytest.CaptureFixture[bytes], how: str
) -> None:
    answer(repo, capfdbinary)
    ref = repo.path / ".git/refs/heads/feature/fog"
    tip = ref.read_text().strip()
    if how == "object":
        (repo.path / ".git/objects" / tip[:2] / tip[2:]).unlink()
    else:
        ref.write_text("junk" if how == "torn" else "")
    capfdbinary.readouterr()
    assert run(["-C", str(repo.path), "status", "--json"]) == 0
    told = json.loads(capfdbinary.readouterr().out)
    (row,) = told["workstreams"]
    assert (row["status"], row["rule"], row["flags"]) == ("implementing", "implementing-unproven", ["unreadable"])
    assert [d["path"] for d in told["diagnostics"] if d["severity"] == "error"] == ["refs/heads/feature/fog"]


def test_other_code_remembers_nothing(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    Memory(tmp_path, "landings.json", tuple[Landing, ...]).keep("k", ())
    assert Memory(tmp_path, "landings.json", tuple[Landing, ...]).recall("k") == ()
    monkeypatch.setattr(memory, "code", lambda: "edited")
    assert Memory(tmp_path, "landings.json", tuple[Landing, ...]).recall("k") is None


def test_the_code_is_told_by_its_files(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    for room in ("model", "observe", "derive", "publish", "again"):
        (tmp_path / room).mkdir()
    source = tmp_path / "observe/parser.py"
    source.write_text("a = 1\n")
    monkeypatch.setattr(memory, "__file__", str(tmp_path / "memory.py"))
    before = memory.code.__wrapped__()
    source.write_text("a = 10\n")
    assert memory.code.__wrapped__() != before


@pytest.mark.parametrize("damage", [b"", b"{", b"[]\n[]", b'["swarm-memory 1", "x", "y"]\n[1]', b"\xff\n" * 99])
def test_damage_counts_as_nothing_known(
    repo: GitBuilder, capfdbinary: pytest.CaptureFixture[bytes], damage: bytes
) -> None:
    before = answer(repo, capfdbinary)
    for file in cache(repo):
        file.write_bytes(damage)
    assert answer(repo, capfdbinary) == before


def test_what_is_cut_short_counts_as_nothing_known(tmp_path: Path) -> None:
    memory = Memory(tmp_path, "landings.json", tuple[Landing, ...])
    kept = (Landing("b", "landed", "squash", 5, "why", at=datetime(2026, 3, 2, tzinfo=UTC)),)  # type: ignore[arg-type]
    memory.keep("k", kept)
    assert memory.recall("k") == kept
    assert memory.recall("other") is None
    file = tmp_path / "swarm/cache/landings.json"
    file.write_bytes(file.read_bytes()[:-3])
    assert memory.recall("k") is None


def test_a_folder_that_cannot_be_written_is_no_error(tmp_path: Path) -> None:
    (tmp_path / "swarm").write_text("in the way", "utf-8")
    memory = Memory(tmp_path, "x.json", tuple[Landing, ...])
    memory.keep("k", ())
    assert memory.recall("k") is None


def cache(repo: GitBuilder) -> list[Path]:
    """The files of passes that only look."""
    return [p for p in (repo.path / ".git/swarm/cache").iterdir() if p.name not in ("gate", "status.json")]


def status(repo: GitBuilder, capfdbinary: pytest.CaptureFixture[bytes]) -> bytes:
    capfdbinary.readouterr()
    assert run(["-C", str(repo.path), "export"]) == 0
    return capfdbinary.readouterr().out


def _aim_link(repo: GitBuilder) -> None:
    (repo.path / "notes").mkdir()
    (repo.path / ".swarm/plans/2026-03-04-maps.md").symlink_to("../../notes/maps.md")
    repo.write("notes/maps.md", "# Plan: Maps\n")


def _track_remote(repo: GitBuilder) -> None:
    repo.git("update-ref", "refs/remotes/team/up/sky", "feature/fog")


def _lose_object(repo: GitBuilder) -> None:
    tip = repo.git("rev-parse", "feature/fog")
    (repo.path / f".git/objects/{tip[:2]}/{tip[2:]}").rename(repo.path / "lost")


def _find_object(repo: GitBuilder) -> None:
    tip = repo.git("rev-parse", "feature/fog")
    (repo.path / "lost").rename(repo.path / f".git/objects/{tip[:2]}/{tip[2:]}")


Step = Callable[[GitBuilder], object]
WITHOUT_A_NEW_REF: dict[str, tuple[Step, Step]] = {
    "the target of a link": (_aim_link, lambda r: r.write("notes/maps.md", "# Plan: Atlas\n")),
    "the name of a remote": (_track_remote, lambda r: r.git("config", "remote.team/up.url", "/nowhere")),
    "an object that was missing": (_lose_object, _find_object),
}


@pytest.mark.parametrize("change", WITHOUT_A_NEW_REF, ids=lambda name: name.replace(" ", "-"))
def test_what_changes_without_a_new_ref_is_seen(
    repo: GitBuilder, change: str, capfdbinary: pytest.CaptureFixture[bytes]
) -> None:
    before, after = WITHOUT_A_NEW_REF[change]
    before(repo)
    old = status(repo, capfdbinary)
    after(repo)
    new = status(repo, capfdbinary)
    for file in (repo.path / ".git/swarm/cache").iterdir():
        file.unlink()
    assert new == status(repo, capfdbinary)
    assert new != old

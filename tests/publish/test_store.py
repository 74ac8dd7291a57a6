"""How files get into place: compared, refused where they are not ours, rebuilt where they are torn."""

import json
import os
import stat
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from reconciler import files
from reconciler.errors import Busy, Exit, SwarmError
from reconciler.model import Worktree
from reconciler.publish import registry
from reconciler.publish.projections import project
from reconciler.publish.store import Report, has_registry, plan, previous, publish, target_folder
from tests.publish.make import NOON, full_view, merged, tree, view, workstream

NOW = NOON + timedelta(days=1)
WANTED = project(full_view(), now=NOW)


@pytest.fixture
def root(tmp_path: Path) -> Path:
    (tmp_path / ".git").mkdir()
    return tmp_path


def put(root: Path, wanted: dict[str, bytes] = WANTED) -> Report:
    return publish(root / ".swarm", wanted, common_dir=root / ".git")


def refusal(root: Path) -> SwarmError:
    """What publishing says when it refuses; proves that it changed nothing."""
    before = tree(root)
    with pytest.raises(SwarmError) as caught:
        put(root)
    assert tree(root) == before
    assert caught.value.code is Exit.USAGE
    return caught.value


def test_a_first_run_writes_everything(root: Path) -> None:
    assert put(root) == Report(written=tuple(WANTED))
    assert tree(root / ".swarm") == dict(sorted(WANTED.items()))


def test_a_second_run_writes_nothing(root: Path) -> None:
    put(root)
    before = {p: p.stat().st_mtime_ns for p in root.rglob("*")}
    assert put(root) == Report(unchanged=tuple(WANTED))
    assert {p: p.stat().st_mtime_ns for p in root.rglob("*")} == before


def test_the_registry_is_known_by_its_digest(root: Path) -> None:
    digests = put(root).digests
    foreign = root / ".swarm/archive/workstreams-1999-01.json"
    foreign.parent.mkdir(exist_ok=True)
    foreign.write_text("{}")
    assert has_registry(root / ".swarm", digests)  # whatever lies beside it
    registry_file = root / ".swarm/workstreams.json"
    registry_file.write_bytes(registry_file.read_bytes() + b"\n")
    assert not has_registry(root / ".swarm", digests)
    registry_file.unlink()
    assert not has_registry(root / ".swarm", digests)


def test_nothing_to_do_needs_no_lock(root: Path) -> None:
    put(root)
    with files.lock(root / ".git"):
        assert put(root).written == ()


def test_only_what_differs_is_written(root: Path) -> None:
    put(root)
    (root / ".swarm/queue.json").unlink()
    assert put(root).written == ("queue.json",)


def test_a_lost_file_comes_back_the_same(root: Path) -> None:
    put(root)
    for path in (root / ".swarm").rglob("*.json"):
        path.unlink()
    put(root)
    assert tree(root / ".swarm") == dict(sorted(WANTED.items()))


def test_a_plan_writes_nothing_and_needs_no_folder(root: Path) -> None:
    step = plan(root / ".swarm", WANTED)
    assert (step.changes, step.write) == (True, tuple(WANTED))
    assert tree(root) == {}
    put(root)
    assert not plan(root / ".swarm", WANTED).changes


def test_modes_follow_the_umask_and_an_existing_mode_stays(root: Path) -> None:
    old = os.umask(0o027)
    try:
        put(root)
        path = root / ".swarm/workstreams.json"
        assert stat.S_IMODE(path.stat().st_mode) == 0o640
        path.chmod(0o604)
        put(root, WANTED | {"workstreams.json": WANTED["workstreams.json"] + b"\n"})
        assert stat.S_IMODE(path.stat().st_mode) == 0o604
    finally:
        os.umask(old)


# -- what is not ours


@pytest.mark.parametrize(
    "text",
    [
        '{"version": 2, "workstreams": {}}',
        "[]",
        "null",
        "{}",
        '"x"',
        '{"schema": "swarm.queue/1"}',
        '{"schema": 1}',
    ],
)
def test_a_registry_of_another_tool_is_never_overwritten(root: Path, text: str) -> None:
    (root / ".swarm").mkdir()
    (root / ".swarm/workstreams.json").write_text(text)
    error = refusal(root)
    assert error.message == f"{root}/.swarm/workstreams.json was not written by swarm, and is not overwritten"
    assert error.hint == "swarm import"


@pytest.mark.parametrize("encoding", ["utf-8-sig", "utf-16", "utf-32"])
def test_a_registry_in_another_encoding_is_not_taken_for_torn(root: Path, encoding: str) -> None:
    (root / ".swarm").mkdir()
    (root / ".swarm/workstreams.json").write_text('{"version": 2}', encoding=encoding)
    assert refusal(root).hint == "swarm import"


@pytest.mark.parametrize("version", ["2", "10", "9" * 5000])
def test_a_later_version_is_never_overwritten(root: Path, version: str) -> None:
    (root / ".swarm").mkdir()
    (root / ".swarm/queue.json").write_text(json.dumps({"schema": f"swarm.queue/{version}"}))
    error = refusal(root)
    assert "queue.json was written by a later version of swarm" in error.message
    assert error.hint == "pip install --upgrade swarm-reconciler"


@pytest.mark.parametrize("version", ["1.5", "", "one", "²", "1\n"])
def test_a_version_that_is_no_number_is_never_overwritten(root: Path, version: str) -> None:
    (root / ".swarm").mkdir()
    (root / ".swarm/workstreams.json").write_text(json.dumps({"schema": f"swarm.workstreams/{version}"}))
    error = refusal(root)
    assert error.message == (
        f"{root}/.swarm/workstreams.json names a schema version that swarm does not know, and is not overwritten"
    )
    assert error.hint == f"mv {root}/.swarm/workstreams.json {root}/.swarm/workstreams.json.old"


@pytest.mark.parametrize("version", ["0", "000", "-1"])
def test_a_version_below_the_first_is_damage(root: Path, version: str) -> None:
    (root / ".swarm").mkdir()
    (root / ".swarm/workstreams.json").write_text(text := json.dumps({"schema": f"swarm.workstreams/{version}"}))
    (kept,) = put(root).kept_damaged
    assert kept[0] == "workstreams.json" and kept[1].read_text() == text
    assert (root / ".swarm/workstreams.json").read_bytes() == WANTED["workstreams.json"]


def test_companions_of_another_tool_are_left_and_said(root: Path) -> None:
    (root / ".swarm/schemas").mkdir(parents=True)
    foreign = {"instances.json": '{"version": 1}', "schemas/swarm.queue.schema.json": "{}"}
    for name, text in foreign.items():
        (root / ".swarm" / name).write_text(text)
    report = put(root)
    assert sorted(report.foreign) == sorted(foreign)
    assert "workstreams.json" in report.written
    assert {name: (root / ".swarm" / name).read_text() for name in foreign} == foreign
    assert [problem.code for problem in report.problems] == ["foreign-file", "foreign-file"]
    assert not plan(root / ".swarm", WANTED).changes, "what is left alone is no pending change"


@pytest.mark.parametrize("name", ["workstreams.json", "queue.json", "instances.json", "schemas", "archive"])
@pytest.mark.parametrize("to", ["/etc/passwd", "elsewhere", "missing"])
def test_a_link_in_place_is_refused(root: Path, name: str, to: str) -> None:
    (root / ".swarm").mkdir()
    (root / ".swarm/elsewhere").mkdir()
    (root / ".swarm" / name).symlink_to(to)
    error = refusal(root)
    assert error.message == f"{root}/.swarm/{name} is a symbolic link; swarm does not write there"
    ours = f"{root}/.swarm/{name}"
    is_folder = to == "elsewhere" and name in ("schemas", "archive")
    assert error.hint == (f"rm {ours} && mv {root}/.swarm/{to} {ours}" if is_folder else f"mv {ours} {ours}.old")


@pytest.mark.parametrize("inside", [True, False])
def test_our_folder_as_a_link_is_refused(root: Path, tmp_path_factory: pytest.TempPathFactory, inside: bool) -> None:
    other = root / "docs" if inside else tmp_path_factory.mktemp("outside")
    other.mkdir(exist_ok=True)
    (root / ".swarm").symlink_to(other)
    error = refusal(root)
    assert ".swarm is a symbolic link" in error.message
    assert error.hint.startswith("rm " if inside else "mv "), "nothing from outside is moved in"
    assert list(other.iterdir()) == []


def test_our_folder_in_the_common_directory_as_a_link_is_refused(root: Path) -> None:
    (root / "other").mkdir()
    (root / ".git/swarm").symlink_to(root / "other")
    assert "swarm is a symbolic link" in refusal(root).message


@pytest.mark.parametrize("name", ["workstreams.json", "queue.json"])
def test_a_folder_or_a_pipe_in_place_is_refused(root: Path, name: str) -> None:
    (root / ".swarm" / name).mkdir(parents=True)
    assert "is a folder" in refusal(root).message
    (root / ".swarm" / name).rmdir()
    os.mkfifo(root / ".swarm" / name)
    with pytest.raises(SwarmError, match="is not a regular file"):
        put(root)


def test_a_file_where_a_folder_should_be_is_refused(root: Path) -> None:
    (root / ".swarm").write_text("hello")
    assert ".swarm is a file" in refusal(root).message


def test_all_that_is_in_the_way_is_said_at_once(root: Path) -> None:
    (root / ".swarm/queue.json").mkdir(parents=True)
    (root / ".swarm/instances.json").symlink_to("x")
    (root / ".swarm/workstreams.json").write_text("{}")
    error = refusal(root)
    assert all(name in error.message for name in ("queue.json", "instances.json", "workstreams.json"))
    assert error.hint == "swarm import"


def test_control_characters_in_a_path_do_not_reach_the_message(root: Path) -> None:
    odd = root / "a\x1b[31m"
    (odd / ".git").mkdir(parents=True)
    (odd / ".swarm").symlink_to("x")
    with pytest.raises(SwarmError) as caught:
        put(odd)
    assert "\x1b" not in caught.value.message + caught.value.hint


# -- torn files


@pytest.mark.parametrize(
    "data",
    [
        b"",
        b"  \n",
        b"{",
        WANTED["workstreams.json"][:-40],
        b"\xff\xfe\xfa",
        b"<<<<<<< HEAD\n{}\n",
        b"[" * 100_000,
    ],
    ids=["empty", "blank", "brace", "cut", "bytes", "conflict", "deep"],
)
def test_a_torn_registry_is_rebuilt_and_a_copy_kept(root: Path, data: bytes) -> None:
    put(root)
    (root / ".swarm/workstreams.json").write_bytes(data)
    report = put(root)
    assert report.written == ("workstreams.json",)
    assert (root / ".swarm/workstreams.json").read_bytes() == WANTED["workstreams.json"]
    ((name, kept),) = report.kept_damaged
    assert (name, kept.parent, kept.read_bytes()) == ("workstreams.json", root / ".git/swarm/damaged", data)
    assert [problem.code for problem in report.problems] == ["rebuilt"]
    assert put(root).written == ()


def test_the_same_damage_twice_is_kept_once(root: Path) -> None:
    for _ in range(3):
        put(root)
        (root / ".swarm/queue.json").write_bytes(b"{")
    put(root)
    assert len(list((root / ".git/swarm/damaged").iterdir())) == 1


@settings(max_examples=40, suppress_health_check=[HealthCheck.function_scoped_fixture], deadline=None)
@given(
    data=st.binary(max_size=60)
    | st.sampled_from(list(WANTED.values())).flatmap(
        lambda whole: st.integers(0, len(whole)).map(lambda cut: whole[:cut])
    )
)
def test_whatever_lies_there_is_kept_or_refused(root: Path, data: bytes) -> None:
    path = root / ".swarm/workstreams.json"
    path.parent.mkdir(exist_ok=True)
    path.write_bytes(data)
    try:
        report = put(root)
    except SwarmError:
        assert path.read_bytes() == data
        json.loads(data)
    else:
        assert path.read_bytes() == WANTED["workstreams.json"]
        ours = registry.recognise("workstreams.json", data).whose == "ours"
        assert ours or [kept.read_bytes() for _, kept in report.kept_damaged] == [data]


# -- the archive


def test_a_month_without_rows_is_removed_and_a_foreign_one_stays(root: Path) -> None:
    old = merged("old", datetime(2025, 5, 5, tzinfo=UTC))
    put(root, project(view(old), now=NOW))
    (root / ".swarm/archive/workstreams-2024-01.json").write_text("{}")
    (root / ".swarm/archive/notes.md").write_text("mine")
    report = put(root, project(view(replace(old, merged_at=NOON)), now=NOW))
    assert report.removed == ("archive/workstreams-2025-05.json",)
    assert sorted(path.name for path in (root / ".swarm/archive").iterdir()) == [
        "notes.md",
        "workstreams-2024-01.json",
    ]


def test_the_previous_registry_has_the_archived_rows_too(root: Path) -> None:
    put(root, project(view(merged("old", datetime(2025, 5, 5, tzinfo=UTC)), workstream("new")), now=NOW))
    assert previous(root / ".swarm") == {"new": "ready", "old": "merged"}


@pytest.mark.parametrize(
    "text", ["", "{}", '{"schema": "swarm.workstreams/1"}', '{"schema": "swarm.workstreams/2"}', "[]"]
)
def test_no_previous_registry_in_what_is_not_ours(root: Path, text: str) -> None:
    assert previous(root / ".swarm") is None
    (root / ".swarm").mkdir()
    (root / ".swarm/workstreams.json").write_text(text)
    assert previous(root / ".swarm") is None


def test_of_rows_that_are_none_there_is_no_state(root: Path) -> None:
    (root / ".swarm").mkdir()
    deep = "[" * 900 + "]" * 900
    rows = ["1", "null", "[]", "{}", '{"id": 1, "status": "idea"}', f'{{"id": {deep}, "status": "idea"}}']
    rows += ['{"id": "a"}', '{"id": "b", "status": {"id": "b", "status": "c"}}', '{"id": "c", "status": "idea"}']
    text = f'{{"schema": "swarm.workstreams/1", "workstreams": [{", ".join(rows)}]}}'
    (root / ".swarm/workstreams.json").write_text(text)
    assert previous(root / ".swarm") == {"c": "idea"}


# -- where


def test_files_go_to_the_main_work_tree() -> None:
    trees = (Worktree("/w/a", "a", "feature", None), Worktree("/repo", "repo", "other", None, main=True))
    assert target_folder(trees, "main", Path("/repo/.git")) == Path("/repo/.swarm")


def test_a_bare_repository_has_them_beside_its_base_branch() -> None:
    trees = (
        Worktree("/w/gone", "gone", "main", None, missing=True),
        Worktree("/w/a", "a", "feature", None),
        Worktree("/w/b", "b", "main", None),
    )
    assert target_folder(trees, "main", Path("/repo.git")) == Path("/w/b/.swarm")
    assert target_folder(trees[:2], "main", Path("/repo.git")) == Path("/repo.git/swarm")


def test_a_bare_repository_alone_keeps_them_in_its_common_directory(root: Path) -> None:
    common = root / ".git"
    report = publish(common / "swarm", WANTED, common_dir=common)
    assert report.written == tuple(WANTED)
    assert publish(common / "swarm", WANTED, common_dir=common).written == ()


# -- the lock


def test_a_held_lock_is_busy_after_a_bounded_wait(root: Path) -> None:
    with files.lock(root / ".git"):
        with pytest.raises(Busy) as caught, files.lock(root / ".git", wait=0.05):
            pass
        assert caught.value.code is Exit.BUSY
    with files.lock(root / ".git", wait=0):
        assert (root / ".git/swarm/lock").exists()


def test_who_holds_the_lock_can_publish(root: Path) -> None:
    with files.lock(root / ".git") as held:
        assert publish(root / ".swarm", WANTED, common_dir=root / ".git", held=held).written


def test_a_lock_file_that_is_a_link_is_not_followed(root: Path) -> None:
    (root / ".git/swarm").mkdir()
    (root / ".git/swarm/lock").symlink_to(root / "made")
    with pytest.raises(SwarmError):
        put(root)
    assert not (root / "made").exists()

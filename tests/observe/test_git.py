"""Opening repositories, running git without its surroundings, reading blobs."""

import os
import subprocess
import sys
from pathlib import Path

import pytest

from reconciler.errors import Exit, NoRepository
from reconciler.model import BlobId
from reconciler.observe.git import GitError, open_git
from reconciler.observe.repo import read_repository
from tests.gitrepo import GitBuilder, sealed

GARBAGE = {
    "GIT_DIR": "/nowhere",
    "GIT_WORK_TREE": "/nowhere",
    "GIT_INDEX_FILE": "/nowhere/index",
    "GIT_OBJECT_DIRECTORY": "/nowhere/objects",
    "GIT_COMMON_DIR": "/nowhere",
    "GIT_NAMESPACE": "elsewhere",
    "GIT_CONFIG_COUNT": "many",
    "GIT_CONFIG_PARAMETERS": "'not quoted",
    "GIT_LITERAL_PATHSPECS": "perhaps",
    "GIT_TRACE": "2",
    "GIT_EXTERNAL_DIFF": "false",
    "GIT_DIFF_OPTS": "-u0",
    "GIT_REPLACE_REF_BASE": "refs/odd/",
    "GIT_ODD NAME": "x",
    "GIT_EXEC_PATH": "/nowhere",
}


@pytest.fixture
def repo(tmp_path: Path) -> GitBuilder:
    made = GitBuilder(tmp_path / "r")
    made.commit("Start", {"a.txt": "a\n", "sub/b.txt": "b\n"})
    return made


def test_no_repository(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("GIT_CEILING_DIRECTORIES", str(tmp_path))
    (tmp_path / "d\x1b[31m").mkdir()
    with pytest.raises(NoRepository) as caught:
        open_git(tmp_path / "d\x1b[31m")
    assert caught.value.code is Exit.NO_REPO
    assert caught.value.message == f"not a git repository: {tmp_path}/d\\x1b[31m"
    assert caught.value.hint == "swarm demo, or git init"


def test_no_folder(tmp_path: Path) -> None:
    with pytest.raises(NoRepository, match=r"no such folder: .*/gone"):
        open_git(tmp_path / "gone")


def test_no_git(repo: GitBuilder, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("PATH", "/nowhere")
    with pytest.raises(NoRepository, match="git is not on PATH"):
        open_git(repo.path)


def test_git_of_the_current_folder_is_not_run(repo: GitBuilder, monkeypatch: pytest.MonkeyPatch) -> None:
    (repo.path / "git").write_text("#!/bin/sh\ntouch ran\n")
    (repo.path / "git").chmod(0o755)
    monkeypatch.chdir(repo.path)
    monkeypatch.setenv("PATH", f".{os.pathsep}{os.pathsep}{os.environ['PATH']}")
    assert open_git(repo.path).root == repo.path
    assert not (repo.path / "ran").exists()


def test_old_git(repo: GitBuilder, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Before 2.31 rev-parse hands back options that it does not know."""
    old = tmp_path / "bin" / "git"
    old.parent.mkdir()
    old.write_text('#!/bin/sh\nfor word in "$@"; do case "$word" in --path-format*) echo "$word";; esac; done\n')
    old.chmod(0o755)
    monkeypatch.setenv("PATH", f"{old.parent}{os.pathsep}{os.environ['PATH']}")
    with pytest.raises(NoRepository, match=r"git is too old: 2.31 or newer is needed"):
        open_git(repo.path)


@pytest.mark.skipif(os.getuid() != 0, reason="needs to give a folder away")
def test_foreign_owner(repo: GitBuilder, monkeypatch: pytest.MonkeyPatch) -> None:
    os.chown(repo.path, 12345, 12345)
    os.chown(repo.path / ".git", 12345, 12345)
    monkeypatch.setenv("HOME", str(repo.path))
    with pytest.raises(NoRepository) as caught:
        open_git(repo.path)
    assert caught.value.message == f"git does not trust the owner of {repo.path}"
    assert caught.value.hint == f"git config --global --add safe.directory {repo.path}"


def test_broken_repository(repo: GitBuilder) -> None:
    (repo.path / ".git" / "config").write_text("[core\nnonsense")
    with pytest.raises(NoRepository, match=r"git cannot read .*bad config"):
        open_git(repo.path)


def test_unknown_extension(repo: GitBuilder) -> None:
    repo.git("config", "core.repositoryformatversion", "1")
    repo.git("config", "extensions.fromTheFuture", "true")
    with pytest.raises(NoRepository, match=r"this git is too old for .*fromthefuture"):
        open_git(repo.path)


@pytest.mark.parametrize("name", ["plain", "with\nbreak", "-dash", "$HOME ü '\"", "ends\n"])
def test_places(tmp_path: Path, name: str) -> None:
    repo = GitBuilder(tmp_path / name)
    repo.commit("Start", {"sub/a.txt": "a\n"})
    linked = repo.worktree(tmp_path / f"linked {name}", "f", new=True)
    for place in (repo.path, repo.path / "sub", repo.path / ".git", linked.path, linked.path / "sub"):
        git = open_git(place)
        assert (git.root, git.common_dir, git.is_bare) == (repo.path, repo.path / ".git", False), place


def test_bare_with_worktree(repo: GitBuilder, tmp_path: Path) -> None:
    bare = repo.clone(tmp_path / "bare.git", "--bare")
    bare.worktree(tmp_path / "main", "main")
    assert open_git(bare.path).root is None
    for place in (bare.path, tmp_path / "main"):
        facts = read_repository(open_git(place))
        assert facts.root == str(tmp_path / "main")
        assert facts.name == "bare"
        assert [tree.branch for tree in facts.worktrees] == ["main"]


def test_surroundings_do_not_matter(repo: GitBuilder, monkeypatch: pytest.MonkeyPatch) -> None:
    plain = read_repository(open_git(repo.path))
    for name, value in GARBAGE.items():
        monkeypatch.setenv(name, value)
    before = dict(os.environ)
    assert read_repository(open_git(repo.path)) == plain
    assert dict(os.environ) == before


def test_failed_command(repo: GitBuilder) -> None:
    with pytest.raises(GitError, match="git rev-list failed: bad object 1111"):
        open_git(repo.path).run("rev-list", "1" * 40)


@pytest.mark.parametrize("object_format", ["sha1", "sha256"])
def test_blobs(tmp_path: Path, object_format: str) -> None:
    repo = GitBuilder(tmp_path / "r", object_format=object_format)
    files = {"a": "a\n", "big": b"\0" * 1_000_001, "edge": b"x" * 1_000_000, "nul": b"\0\n\0", "empty": ""}
    commit = repo.commit("Files", files)
    git = open_git(repo.path)
    ids = {path: BlobId(repo.git("rev-parse", f"HEAD:{path}")) for path in files}
    asked = [*ids.values(), BlobId(commit), BlobId("1" * len(commit)), BlobId("0" * len(commit))]
    found = git.blobs(asked)
    assert found == {
        ids["a"]: b"a\n",
        ids["edge"]: files["edge"],
        ids["nul"]: b"\0\n\0",
        ids["empty"]: b"",
    }
    assert git.object_format == object_format
    assert git.blobs([]) == {}
    assert git.kinds([commit, ids["a"], "1" * len(commit)]) == {commit: "commit", ids["a"]: "blob"}


def test_damaged_objects_hide_no_others(repo: GitBuilder) -> None:
    files = {f"{n}.txt": f"{n}\n" for n in range(12)}
    repo.commit("More", files)
    ids = [BlobId(repo.git("rev-parse", f"HEAD:{path}")) for path in files]
    for broken in ids[3:6]:
        place = repo.path / ".git" / "objects" / broken[:2] / broken[2:]
        place.chmod(0o644)
        place.write_bytes(b"garbage")
    assert set(open_git(repo.path).blobs(ids)) == set(ids) - set(ids[3:6])


def test_importing_the_library_runs_git_without_our_surroundings(tmp_path: Path) -> None:
    repo = GitBuilder(tmp_path / "r")
    repo.write("a", "a").commit()
    trace = tmp_path / "trace"
    words = [sys.executable, "-m", "reconciler", "-C", str(repo.path), "status"]
    subprocess.run(words, check=True, capture_output=True, env={**sealed(tmp_path), "GIT_TRACE": str(trace)})
    assert not trace.exists()

"""Nothing that a repository names is run, and nothing in it is changed, whatever its configuration says."""

import hashlib
import os
import subprocess
from pathlib import Path

import pytest

from reconciler.derive.landing import candidates, judge, survey
from reconciler.observe.git import open_git
from reconciler.observe.patches import patch_ids
from reconciler.observe.repo import read_repository
from tests.gitrepo import GitBuilder, sealed

ODD_DRIVERS = ("evil", "odd=name", "a.b", 'quo"te', "-dash", "sp ace", "UPPER", "")


def look(folder: Path) -> None:
    """Everything we ever ask git."""
    git = open_git(folder)
    facts = read_repository(git)
    ground = survey(facts)
    judge(ground, patch_ids(git, candidates(ground)))
    git.blobs([*facts.history.tree.values(), *(c.new for b in facts.branches for c in b.changes)])
    git.kinds([b.tip for b in facts.branches])
    git.version()


def fingerprint(*folders: Path) -> dict[str, tuple[int, int, str]]:
    """Mode, time and content of every file below some folders."""
    found = {}
    for folder in folders:
        for place, _, names in os.walk(folder):
            for path in [Path(place), *(Path(place) / name for name in names)]:
                info = path.lstat()
                content = b"" if path.is_dir() or path.is_symlink() else path.read_bytes()
                found[str(path)] = (info.st_mode, info.st_mtime_ns, hashlib.sha256(content).hexdigest())
    return found


@pytest.fixture
def canary(tmp_path: Path) -> Path:
    return tmp_path / "sang"


@pytest.fixture
def trap(tmp_path: Path, canary: Path) -> GitBuilder:
    """A repository with a squash to compare by patch, a dirty work tree, and every way to run something."""
    repo = GitBuilder(tmp_path / "r")
    repo.commit("Start", {"app.py": "".join(f"{n}\n" for n in range(30)), "link.bin": b"\0\1", ".gitattributes": ""})
    repo.checkout("f", new=True).commit("f", {"app.py": "first\n" + repo_text(repo), "f.py": "f\n"})
    repo.checkout("main").commit("Move", {"app.py": repo_text(repo) + "last\n"})
    repo.squash("f", "Add f")
    repo.worktree(tmp_path / "linked", "g", new=True)
    repo.write("app.py", "dirty\n").write("new.txt", "new\n")
    arm(repo, tmp_path, canary)
    return repo


def repo_text(repo: GitBuilder) -> str:
    return (repo.path / "app.py").read_text()


def arm(repo: GitBuilder, tmp_path: Path, canary: Path) -> None:
    """Put the canary behind every setting that names a command."""
    sing = tmp_path / "sing.sh"
    sing.write_text(f"#!/bin/sh\necho \"$0 $@\" >> '{canary}'\ncat\n")
    sing.chmod(0o755)
    hooks = tmp_path / "hooks"
    hooks.mkdir()
    for name in ("post-index-change", "post-checkout", "fsmonitor-watchman", "reference-transaction"):
        (hooks / name).symlink_to(sing)
        (repo.path / ".git" / "hooks").mkdir(exist_ok=True)
        (repo.path / ".git" / "hooks" / name).symlink_to(sing)
    extra = tmp_path / "extra.config"
    extra.write_text("".join(f"{section}\n" for section in commands(sing)))
    with (repo.path / ".git" / "config").open("a") as config:
        config.write("".join(f"{section}\n" for section in commands(sing)))
        config.write(f"[core]\n\thooksPath = {hooks}\n")
        config.write(f"[include]\n\tpath = {extra}\n")
        config.write(f'[includeIf "gitdir:**/worktrees/linked"]\n\tpath = {tmp_path}/linked.config\n')
        config.write(f'[includeIf "onbranch:g"]\n\tpath = {tmp_path}/onbranch.config\n')
    (tmp_path / "linked.config").write_text(f'[filter "only-linked"]\n\tclean = {sing}\n\trequired = true\n')
    (tmp_path / "onbranch.config").write_text(f'[filter "only-g"]\n\tprocess = {sing}\n')
    drivers = ("evil", "odd=name", "a.b", "UPPER", "only-linked", "only-g", "")
    rows = "".join(f"*.{n} filter={driver}\n" for n, driver in enumerate(drivers))
    for folder in (repo.path, tmp_path / "linked"):
        folder.mkdir(exist_ok=True)
        (folder / ".gitattributes").write_text(f"* filter=evil diff=evil merge=evil\n{rows}")
        for number in range(len(drivers)):
            (folder / f"x.{number}").write_text("x\n")
    (repo.path / ".git" / "info").mkdir(exist_ok=True)
    (repo.path / ".git" / "info" / "attributes").write_text("*.py filter=odd=name diff=evil\n")


def commands(sing: Path) -> list[str]:
    """Sections of a configuration that name a command."""
    sections = [
        f"[core]\n\tfsmonitor = {sing}\n\tpager = {sing}\n\teditor = {sing}\n\tsshCommand = {sing}\n"
        f"\taskPass = {sing}\n\tgitProxy = {sing}\n\talternateRefsCommand = {sing}\n\tuntrackedCache = true\n",
        f"[pager]\n\tlog = {sing}\n\tstatus = {sing}\n\tdiff-tree = {sing}\n\tfor-each-ref = {sing}\n",
        "[alias]\n" + "".join(f"\t{n} = !{sing}\n" for n in ("log", "status", "rev-parse", "diff-tree", "worktree")),
        f'[diff]\n\texternal = {sing}\n\torderFile = {sing}\n[diff "evil"]\n\ttextconv = {sing}\n\tcommand = {sing}\n',
        f'[merge "evil"]\n\tdriver = {sing}\n',
        f"[credential]\n\thelper = !{sing}\n[gpg]\n\tprogram = {sing}\n[log]\n\tshowSignature = true\n",
        f"[interactive]\n\tdiffFilter = {sing}\n[sequence]\n\teditor = {sing}\n[gc]\n\tauto = 1\n",
        f'[remote "origin"]\n\turl = ext::{sing}\n\tuploadpack = {sing}\n\tpromisor = true\n'
        "\tpartialclonefilter = blob:none\n\tfetch = +refs/heads/*:refs/remotes/origin/*\n",
        '[protocol]\n\tallow = always\n[protocol "ext"]\n\tallow = always\n',
        f'[trailer "x"]\n\tcommand = {sing}\n[uploadpack]\n\tpackObjectsHook = {sing}\n',
    ]
    for driver in ODD_DRIVERS:
        quoted = driver.replace('"', '\\"')
        sections.append(
            f'[filter "{quoted}"]\n\tclean = {sing}\n\tsmudge = {sing}\n\tprocess = {sing}\n\trequired = true\n'
        )
    return sections


def test_the_canary_can_sing(trap: GitBuilder, canary: Path) -> None:
    for args in (["status"], ["log", "-p", "-1"]):
        canary.unlink(missing_ok=True)
        subprocess.run(["git", *args], cwd=trap.path, env=sealed(trap.path), capture_output=True, check=False)
        assert canary.exists(), args


def test_nothing_runs(trap: GitBuilder, tmp_path: Path, canary: Path) -> None:
    for place in (trap.path, tmp_path / "linked", trap.path / ".git"):
        look(place)
        assert not canary.exists(), canary.read_text()


def test_settings_of_the_surroundings_do_not_take_ours_away(
    trap: GitBuilder, canary: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Filters are emptied through GIT_CONFIG_COUNT, which a build machine often sets for itself."""
    monkeypatch.setenv("GIT_CONFIG_COUNT", "1")
    monkeypatch.setenv("GIT_CONFIG_KEY_0", "safe.directory")
    monkeypatch.setenv("GIT_CONFIG_VALUE_0", "*")
    look(trap.path)
    assert not canary.exists(), canary.read_text()


def test_nothing_runs_when_objects_are_elsewhere(trap: GitBuilder, canary: Path) -> None:
    """A partial clone would fetch what it lacks: through the remote's own command."""
    with (trap.path / ".git" / "config").open("a") as config:
        config.write("[core]\n\trepositoryformatversion = 1\n[extensions]\n\tpartialClone = origin\n")
    blob = trap.git("rev-parse", "main~1:app.py")
    (trap.path / ".git" / "objects" / blob[:2] / blob[2:]).unlink()
    git = open_git(trap.path)
    look(trap.path)
    assert git.blobs([blob]) == {}  # type: ignore[list-item]
    assert not canary.exists(), canary.read_text()


def test_settings_of_one_worktree(trap: GitBuilder, tmp_path: Path, canary: Path) -> None:
    """config.worktree belongs to one work tree and is not seen from the others."""
    with (trap.path / ".git" / "config").open("a") as config:
        config.write("[core]\n\trepositoryformatversion = 1\n[extensions]\n\tworktreeConfig = true\n")
    place = trap.path / ".git" / "worktrees" / "linked" / "config.worktree"
    place.write_text(f'[filter "private"]\n\tclean = {tmp_path}/sing.sh\n\trequired = true\n')
    (tmp_path / "linked" / ".gitattributes").write_text("* filter=private\n")
    look(trap.path)
    assert not canary.exists(), canary.read_text()


def test_a_worktree_that_is_another_repository(trap: GitBuilder, tmp_path: Path, canary: Path) -> None:
    """The note about a work tree names a folder of somebody else; its own settings were never looked at."""
    other = GitBuilder(tmp_path / "other")
    other.commit("Private", {"private.txt": "p\n", ".gitattributes": "* filter=theirs\n"})
    with (other.path / ".git" / "config").open("a") as config:
        config.write(f'[filter "theirs"]\n\tclean = {tmp_path}/sing.sh\n')
    (other.path / "private.txt").write_text("changed\n")
    note = trap.path / ".git" / "worktrees" / "linked" / "gitdir"
    note.write_text(f"{other.path}/.git\n")
    trees = {tree.path: tree for tree in read_repository(open_git(trap.path)).worktrees}
    assert trees[str(other.path)].missing
    assert trees[str(other.path)].changes == ()
    assert not canary.exists(), canary.read_text()


def test_nothing_changes(trap: GitBuilder, tmp_path: Path) -> None:
    for file in (tmp_path / "linked" / "app.py", trap.path / "f.py"):
        os.utime(file, (1, 1))  # an index entry that git would like to refresh
    places = (trap.path, tmp_path / "linked")
    before = fingerprint(*places)
    for place in places:
        look(place)
    assert fingerprint(*places) == before


def test_filters_are_off_but_changes_are_seen(trap: GitBuilder, tmp_path: Path) -> None:
    trees = {tree.name: tree for tree in read_repository(open_git(trap.path)).worktrees}
    assert {"app.py", "new.txt", ".gitattributes"} <= set(trees["r"].changes)
    assert "x.4" in trees["linked"].changes


def test_submodules_are_not_entered(tmp_path: Path, canary: Path) -> None:
    inner = GitBuilder(tmp_path / "r" / "inner")
    inner.commit("Inner", {"a": "a\n"})
    repo = GitBuilder(tmp_path / "r")
    repo.git("add", "inner")
    repo.commit("With a submodule", {"b": "b\n"}, add=False)
    arm(inner, tmp_path, canary)
    inner.write("a", "changed\n")
    look(repo.path)
    assert not canary.exists(), canary.read_text()

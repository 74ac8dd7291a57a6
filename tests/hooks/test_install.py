"""Installing beside every kind of hook there is, and taking out again, with real git."""

import json
import stat
import subprocess
import sys
from pathlib import Path

import pytest

from reconciler.hooks.block import EVENTS, KEPT
from tests.gitrepo import GitBuilder, sealed
from tests.watch.make import cold_bytes, own_bytes, repository, swarm, wait_for

PY = f"#!{sys.executable}\nimport sys; open('.git/ran', 'a').write('python ' + ' '.join(sys.argv[1:]) + chr(10))\n"


def tree(folder: Path) -> dict[str, tuple[bytes, int, str]]:
    """Every hook that is no sample: bytes, mode, target."""
    return {
        path.name: (
            b"" if path.is_symlink() else path.read_bytes(),
            stat.S_IMODE(path.lstat().st_mode),
            str(path.readlink()) if path.is_symlink() else "",
        )
        for path in sorted(folder.iterdir())
        if not path.name.endswith(".sample")
    }


def hook(repo: GitBuilder, event: str, text: str | bytes, mode: int = 0o755) -> Path:
    path = repo.path / ".git/hooks" / event
    path.parent.mkdir(exist_ok=True)
    path.write_bytes(text if isinstance(text, bytes) else text.encode())
    path.chmod(mode)
    return path


def registry(repo: GitBuilder) -> Path:
    return repo.path / ".swarm/workstreams.json"


def has_run(repo: GitBuilder) -> None:
    """Merge something and wait until the registry tells of it."""
    name = f"topic-{len(repo.git('branch').splitlines())}"
    repo.checkout(name, new=True).commit(f"Work {name}", {f"{name}.txt": "x"})
    repo.checkout("main").merge(name)
    head = repo.head()
    wait_for(lambda: registry(repo).exists() and head in registry(repo).read_text(), "the registry after the merge")


def busy(repo: GitBuilder) -> bool:
    """Whether a hook still works: it holds the lock or left a mark."""
    import fcntl

    home = repo.path / ".git/swarm"
    if not (home / "hook.lock").exists():
        return False
    with (home / "hook.lock").open("r+") as file:
        try:
            fcntl.flock(file, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except OSError:
            return True
    return (home / "hook.again").exists()


def test_install_run_status_again_and_uninstall(tmp_path: Path) -> None:
    repo = repository(tmp_path / "civ")
    before = tree(repo.path / ".git/hooks")
    assert swarm(repo.path, "hooks", "status").returncode == 1
    assert swarm(repo.path, "hooks", "install", "--dry-run").stdout.count("would write") == 4
    assert tree(repo.path / ".git/hooks") == before
    done = swarm(repo.path, "hooks", "install")
    assert (done.returncode, done.stdout.count("wrote")) == (0, 4)
    installed = tree(repo.path / ".git/hooks")
    assert swarm(repo.path, "hooks", "install").stdout == "nothing to do\n"
    assert tree(repo.path / ".git/hooks") == installed
    assert swarm(repo.path, "hooks", "status").returncode == 0
    has_run(repo)
    assert swarm(repo.path, "hooks", "uninstall").returncode == 0
    assert tree(repo.path / ".git/hooks") == before


KINDS: dict[str, tuple[bytes, int]] = {
    "sh": (b"#!/bin/sh\necho \"sh $*\" >>.git/ran\n", 0o755),
    "no-final-newline": (b"#!/bin/sh\necho \"sh $*\" >>.git/ran", 0o700),
    "no-first-line": (b"echo \"sh $*\" >>.git/ran\n", 0o755),
    "ends-with-exit": (b"#!/bin/sh\necho \"sh $*\" >>.git/ran\nexit 0\n", 0o755),
    "ends-with-exec": (b"#!/bin/sh\nexec sh -c 'echo \"sh $*\" >>.git/ran' x \"$@\"", 0o755),
    "strict": (b"#!/bin/sh\nset -eu\necho \"sh $*\" >>.git/ran\n", 0o755),
    "python": (PY.encode(), 0o755),
    "crlf": (PY.replace("\n", "\n").encode() + b"# the end\r\n", 0o755),
}  # fmt: skip


@pytest.mark.parametrize("kind", KINDS)
def test_hooks_that_are_there_still_run_and_are_restored(tmp_path: Path, kind: str) -> None:
    repo = repository(tmp_path / "civ")
    text, mode = KINDS[kind]
    for event in EVENTS:
        hook(repo, event, text, mode)
    before = tree(repo.path / ".git/hooks")
    assert swarm(repo.path, "hooks", "install").returncode == 0
    installed = tree(repo.path / ".git/hooks")
    assert swarm(repo.path, "hooks", "install").stdout == "nothing to do\n"
    assert tree(repo.path / ".git/hooks") == installed
    assert {entry[1] for name, entry in installed.items() if name in EVENTS} <= {mode, 0o755}
    assert swarm(repo.path, "hooks", "status").returncode == 0
    has_run(repo)
    assert {"sh 0", "python 0"} & set((repo.path / ".git/ran").read_text().splitlines())
    assert swarm(repo.path, "hooks", "uninstall").returncode == 0
    assert tree(repo.path / ".git/hooks") == before


def test_a_linked_hook_is_moved_aside_and_its_target_untouched(tmp_path: Path) -> None:
    repo = repository(tmp_path / "civ")
    repo.write("scripts/merge.sh", '#!/bin/sh\necho "sh $*" >>.git/ran\n')
    (repo.path / "scripts/merge.sh").chmod(0o755)
    link = repo.path / ".git/hooks/post-merge"
    link.parent.mkdir(exist_ok=True)
    link.symlink_to("../../scripts/merge.sh")
    before = tree(link.parent)
    target = (repo.path / "scripts/merge.sh").read_bytes()
    assert swarm(repo.path, "hooks", "install").returncode == 0
    assert (link.parent / f"post-merge{KEPT}").is_symlink()
    has_run(repo)
    assert "sh 0" in (repo.path / ".git/ran").read_text()
    assert swarm(repo.path, "hooks", "uninstall").returncode == 0
    assert (tree(link.parent), (repo.path / "scripts/merge.sh").read_bytes()) == (before, target)


def test_a_hook_that_is_turned_off_stays_off(tmp_path: Path) -> None:
    repo = repository(tmp_path / "civ")
    path = hook(repo, "post-merge", "#!/bin/sh\necho sh >>.git/ran\n", 0o644)
    before = tree(path.parent)
    assert swarm(repo.path, "hooks", "install").returncode == 0
    has_run(repo)
    assert not (repo.path / ".git/ran").exists()
    assert swarm(repo.path, "hooks", "uninstall").returncode == 0
    assert tree(path.parent) == before


@pytest.mark.parametrize("text", ["#!/bin/sh\nexit 5\n", "#!/bin/sh\n(exit 5)\n", "#!/bin/sh\n(exit 5)"])
def test_the_status_of_the_hook_is_kept(tmp_path: Path, text: str) -> None:
    repo = repository(tmp_path / "civ")
    hook(repo, "post-checkout", text)
    repo.branch("other")

    def checkout(name: str) -> int:
        words = ["git", "-C", str(repo.path), "checkout", "-q", name]
        return subprocess.run(words, env=sealed(repo.path), check=False, capture_output=True).returncode

    before = checkout("other")
    assert swarm(repo.path, "hooks", "install").returncode == 0
    assert (before, checkout("main")) == (1, 1)  # git makes 1 of any failure
    path = repo.path / ".git/hooks/post-checkout"
    assert subprocess.run([str(path)], check=False, cwd=repo.path, env=sealed(repo.path)).returncode == 5


def test_post_rewrite_hooks_still_read_what_was_rewritten(tmp_path: Path) -> None:
    repo = repository(tmp_path / "civ")
    hook(repo, "post-rewrite", '#!/bin/sh\nwhile read -r old new rest; do echo "$1 $old $new" >>.git/ran; done\n')
    assert swarm(repo.path, "hooks", "install").returncode == 0
    old = repo.head()
    repo.git("commit", "-q", "--amend", "-m", "Other words")
    assert (repo.path / ".git/ran").read_text() == f"amend {old} {repo.head()}\n"


def test_lines_added_after_ours_stay(tmp_path: Path) -> None:
    repo = repository(tmp_path / "civ")
    path = hook(repo, "post-merge", "#!/bin/sh\necho a\n")
    swarm(repo.path, "hooks", "install")
    path.write_text(path.read_text() + "echo mine\n")
    assert swarm(repo.path, "hooks", "uninstall").returncode == 0
    assert path.read_text() == "#!/bin/sh\necho a\necho mine\n"


def test_a_hook_aside_is_never_overwritten(tmp_path: Path) -> None:
    repo = repository(tmp_path / "civ")
    path = hook(repo, "post-merge", PY)
    hook(repo, f"post-merge{KEPT}", "precious")
    before = tree(path.parent)
    done = swarm(repo.path, "hooks", "install")
    assert done.returncode == 2
    assert "is in the way" in done.stdout
    after = tree(path.parent)
    assert {name: after[name] for name in before} == before


@pytest.mark.parametrize("name", ["husky", "plain"])
def test_a_configured_hooks_path_is_never_touched(tmp_path: Path, name: str) -> None:
    repo = repository(tmp_path / "civ")
    folder = ".husky/_" if name == "husky" else "ci/hooks"
    repo.write(f"{folder}/post-merge", "#!/bin/sh\n")
    repo.git("config", "core.hooksPath", folder)
    before = tree(repo.path / folder)
    done = swarm(repo.path, "hooks", "install")
    assert done.returncode == 2
    assert 'swarm hook git post-merge "$@"' in done.stdout
    assert done.stderr.startswith("error: 4 of 4 hooks in ")
    assert "\nhint: add the lines above to " in done.stderr
    assert (tree(repo.path / folder), list((repo.path / ".git/hooks").glob("post-*[!e]"))) == (before, [])
    where = ".husky" if name == "husky" else folder
    for event in EVENTS:
        repo.write(f"{where}/{event}", f'#!/bin/sh\nswarm hook git {event} "$@"\n')
    assert swarm(repo.path, "hooks", "install").returncode == 0
    assert swarm(repo.path, "hooks", "status").returncode == 0


@pytest.mark.parametrize(
    ("text", "owner", "line"),
    [
        ("#!/bin/sh\ncall_lefthook run \"post-merge\" \"$@\"\n", "lefthook", "post-merge: {commands: {swarm: {run: "),
        ("#!/bin/bash\n# File generated by pre-commit: https://pre-commit.com\n", "pre-commit", "- {repo: local"),
        ("#!/bin/sh\n# husky\n. \"$(dirname \"$0\")/husky.sh\"\n", "husky", 'swarm hook git post-merge "$@"'),
    ],
)  # fmt: skip
def test_files_of_other_managers_are_never_touched(tmp_path: Path, text: str, owner: str, line: str) -> None:
    repo = repository(tmp_path / "civ")
    path = hook(repo, "post-merge", text)
    done = swarm(repo.path, "hooks", "install", "--json")
    rows = {row["event"]: row for row in json.loads(done.stdout)["hooks"]}
    assert done.returncode == 2
    assert (rows["post-merge"]["action"], rows["post-merge"]["owner"]) == ("managed", owner)
    assert rows["post-merge"]["line"].startswith(line)
    assert {rows[event]["action"] for event in EVENTS[1:]} == {"create"}
    assert path.read_text() == text


def test_from_a_linked_work_tree_the_same_hooks(tmp_path: Path) -> None:
    repo = repository(tmp_path / "civ")
    linked = repo.worktree(tmp_path / "w", "feature/alpha", new=True)
    assert swarm(linked.path, "hooks", "install").returncode == 0
    assert swarm(repo.path, "hooks", "install").stdout == "nothing to do\n"
    linked.commit("Work", {"src/alpha.py": "a = 1\n"})
    wait_for(lambda: registry(repo).exists() and "feature/alpha" in registry(repo).read_text(), "the registry")
    assert not (linked.path / ".swarm/workstreams.json").exists()


def test_status_names_what_stops_a_hook(tmp_path: Path) -> None:
    repo = repository(tmp_path / "civ")
    swarm(repo.path, "hooks", "install")
    folder = repo.path / ".git/hooks"
    (folder / "post-merge").chmod(0o644)
    text = (folder / "post-commit").read_text()
    (folder / "post-commit").write_text(text.replace("#!/bin/sh", "#!/no/such/sh"))
    (folder / "post-rewrite").write_text(text.replace("#!/bin/sh\n", "#!/bin/sh\nexit 0\n"))
    (folder / "post-checkout").write_text(text.replace("#!/bin/sh\n", "#!/bin/sh\n[ x ] && exit 0\n"))
    done = swarm(repo.path, "hooks", "status", "--json")
    rows = {row["event"]: row for row in json.loads(done.stdout)["hooks"]}
    assert done.returncode == 1
    assert rows["post-merge"]["wrong"] == ["it is not executable"]
    assert rows["post-commit"]["wrong"] == ["its interpreter /no/such/sh is missing"]
    assert rows["post-rewrite"]["wrong"] == ["the lines before it always end the hook"]
    assert (rows["post-checkout"]["runs"], rows["post-checkout"]["notes"]) == (True, ["may end before it, at line 2"])


def test_a_folder_that_is_missing_is_made_and_a_link_refused(tmp_path: Path) -> None:
    repo = repository(tmp_path / "civ")
    for path in (repo.path / ".git/hooks").iterdir():
        path.unlink()
    (repo.path / ".git/hooks").rmdir()
    assert swarm(repo.path, "hooks", "install").returncode == 0
    assert swarm(repo.path, "hooks", "uninstall").returncode == 0
    (repo.path / ".git/hooks").rmdir()
    (repo.path / "shared").mkdir()
    (repo.path / ".git/hooks").symlink_to("../shared")
    assert swarm(repo.path, "hooks", "install").returncode == 2
    assert list((repo.path / "shared").iterdir()) == []


def test_a_folder_in_the_place_of_a_hook_is_left(tmp_path: Path) -> None:
    repo = repository(tmp_path / "civ")
    (repo.path / ".git/hooks/post-merge").mkdir(parents=True)
    done = swarm(repo.path, "hooks", "install")
    assert (done.returncode, (repo.path / ".git/hooks/post-merge").is_dir()) == (2, True)


def test_rebase_pull_and_squash_are_seen(tmp_path: Path) -> None:
    repo = repository(tmp_path / "civ")
    swarm(repo.path, "hooks", "install")
    repo.checkout("feature/alpha", new=True)
    for number in range(5):
        repo.commit(f"Work {number}", {f"src/alpha{number}.py": "a\n"})
    repo.checkout("main").commit("Other", {"other.txt": "x"})
    repo.checkout("feature/alpha").rebase("main")
    repo.checkout("main").squash("feature/alpha", "Alpha")
    head = repo.head()
    wait_for(lambda: registry(repo).exists() and head in registry(repo).read_text(), "the registry")
    wait_for(lambda: not busy(repo), "the last hook")
    assert not (repo.path / ".git/swarm/hook.log").exists()
    kept = own_bytes(repo.path)
    assert kept == cold_bytes(repo.path)

"""A throw-away repository with verbs. Real git, sealed from the machine, same commit ids on every run."""

import os
import subprocess
from collections.abc import Mapping
from contextlib import suppress
from datetime import UTC, datetime, timedelta
from pathlib import Path

START = datetime(2026, 3, 2, 9, 0, tzinfo=UTC)
STEP = timedelta(minutes=10)
NAME = "dev"
EMAIL = "dev@example.org"


def sealed(home: Path) -> dict[str, str]:
    """An environment in which git sees nothing of this machine."""
    return {
        "PATH": os.environ.get("PATH", os.defpath),
        "HOME": str(home),
        "GIT_CONFIG_GLOBAL": os.devnull,
        "GIT_CONFIG_NOSYSTEM": "1",
        "GIT_AUTHOR_NAME": NAME,
        "GIT_AUTHOR_EMAIL": EMAIL,
        "GIT_COMMITTER_NAME": NAME,
        "GIT_COMMITTER_EMAIL": EMAIL,
        "GIT_EDITOR": "true",
        "GIT_TERMINAL_PROMPT": "0",
        "GIT_CONFIG_COUNT": "2",
        "GIT_CONFIG_KEY_0": "gc.auto",  # no look after each commit whether there is something to tidy
        "GIT_CONFIG_VALUE_0": "0",
        "GIT_CONFIG_KEY_1": "maintenance.auto",
        "GIT_CONFIG_VALUE_1": "false",
        "LC_ALL": "C",
        "TZ": "UTC",
    }


class GitBuilder:
    """One work tree. Each verb that makes commits moves the clock by one step, unless it gets a date."""

    def __init__(
        self,
        path: Path,
        *,
        branch: str = "main",
        bare: bool = False,
        object_format: str = "sha1",
        init: bool = True,
        now: datetime = START,
    ) -> None:
        self.path = Path(path)
        self.now = now
        if init:
            self.path.mkdir(parents=True, exist_ok=True)
            kind = ["--bare"] if bare else []
            self.git("init", "-q", *kind, f"--initial-branch={branch}", f"--object-format={object_format}")

    def git(self, *args: str, input: str | None = None, check: bool = True) -> str:
        """Output of one git command at the current time, without the last line break."""
        stamp = self.now.strftime("%Y-%m-%dT%H:%M:%S+00:00")
        env = {**sealed(self.path), "GIT_AUTHOR_DATE": stamp, "GIT_COMMITTER_DATE": stamp}
        done = subprocess.run(
            ["git", "-C", str(self.path), *args], env=env, input=input, capture_output=True, text=True, check=False
        )
        if check and done.returncode:
            raise AssertionError(f"git {' '.join(args)}: {done.stdout}{done.stderr}")
        return done.stdout.removesuffix("\n")

    # -- files and commits

    def write(self, path: str, text: str | bytes = "") -> "GitBuilder":
        """Write one file in the work tree, folders included."""
        file = self.path / path
        file.parent.mkdir(parents=True, exist_ok=True)
        file.write_bytes(text.encode() if isinstance(text, str) else text)
        return self

    def remove(self, path: str) -> "GitBuilder":
        (self.path / path).unlink()
        return self

    def commit(
        self,
        message: str = "Change",
        files: Mapping[str, str | bytes | None] | None = None,
        *,
        date: datetime | None = None,
        add: bool = True,
    ) -> str:
        """Commit everything in the work tree, after writing ``files`` (None removes one); its id."""
        for path, text in (files or {}).items():
            if text is None:
                self.remove(path)
            else:
                self.write(path, text)
        self._tick(date)
        if add:
            self.git("add", "--all")
        self.git("commit", "-q", "--allow-empty", "--no-verify", "-F", "-", input=message + "\n")
        return self.head()

    def merge(
        self, *names: str, message: str = "", ff: bool = False, date: datetime | None = None, theirs: bool = False
    ) -> str:
        """Merge branches with a merge commit, or by fast-forward only; the new tip's id."""
        self._tick(date)
        how = ["--ff-only"] if ff else ["--no-ff"]
        said = ["-m", message] if message else ["--no-edit"]
        strategy = ["-X", "theirs"] if theirs else []
        self.git("merge", "-q", *how, *([] if ff else said), *strategy, *names)
        return self.head()

    def squash(self, name: str, message: str = "", *, date: datetime | None = None, theirs: bool = False) -> str:
        """Squash-merge a branch; without a message git's own "Squashed commit of the following"."""
        self._tick(date)
        self.git("merge", "-q", "--squash", *(["-X", "theirs"] if theirs else []), name)
        self.git("commit", "-q", "--no-verify", *(["-m", message] if message else ["--no-edit"]))
        return self.head()

    def rebase(self, onto: str, *, date: datetime | None = None) -> str:
        self._tick(date)
        self.git("rebase", "-q", onto)
        return self.head()

    def cherry_pick(self, *commits: str, trace: bool = False, date: datetime | None = None) -> str:
        self._tick(date)
        self.git("cherry-pick", *(["-x"] if trace else []), "--allow-empty", *commits)
        return self.head()

    def revert(self, commit: str, *, mainline: int = 0, message: str = "", date: datetime | None = None) -> str:
        """Revert a commit, a merge with its main line."""
        self._tick(date)
        side = ["-m", str(mainline)] if mainline else []
        self.git("revert", "--no-edit", *side, commit)
        if message:
            self.git("commit", "-q", "--amend", "-m", message)
        return self.head()

    # -- refs and places

    def branch(self, name: str, at: str = "HEAD") -> "GitBuilder":
        """Create a branch and stay where we are."""
        self.git("branch", "--no-track", name, at)
        return self

    def checkout(self, name: str, *, new: bool = False, at: str = "") -> "GitBuilder":
        start = [at] if at else []
        self.git("checkout", "-q", *(["--no-track", "-b"] if new else []), name, *start)
        return self

    def delete(self, *names: str) -> "GitBuilder":
        self.git("branch", "-q", "-D", *names)
        return self

    def tag(self, name: str, at: str = "HEAD") -> "GitBuilder":
        self.git("tag", name, at)
        return self

    def worktree(self, path: Path, branch: str, *, new: bool = False, at: str = "HEAD") -> "GitBuilder":
        """Add a linked work tree; a builder for it that shares our clock from here on."""
        self.git("worktree", "add", "-q", *(["-b", branch, str(path), at] if new else [str(path), branch]))
        return GitBuilder(path, init=False, now=self.now)

    def clone(self, path: Path, *options: str) -> "GitBuilder":
        """Clone this repository; options as of ``git clone``."""
        self.git("clone", "-q", *options, f"file://{self.path}", str(path))
        return GitBuilder(path, init=False, now=self.now)

    def no_reflogs(self) -> "GitBuilder":
        """Forget who made what where, as a fresh clone has."""
        self.git("reflog", "expire", "--expire=all", "--all")
        return self

    def head(self) -> str:
        """The id of what is checked out: from its file where it has one, which is a hundred times as quick as git."""
        inside = self.path / ".git"
        for folder in (inside, self.path):
            with suppress(OSError):
                held = (folder / "HEAD").read_text()
                return (folder / held.removeprefix("ref: ").strip()).read_text().strip()
        return self.id("HEAD")

    def id(self, name: str) -> str:
        return self.git("rev-parse", "--verify", f"{name}^{{commit}}")

    def _tick(self, date: datetime | None) -> None:
        self.now = date or self.now + STEP

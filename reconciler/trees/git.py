"""git that changes something, for the one command that is meant to: hooks off, no editor, no prompt, no network.

With ``trust`` it is git as the user would run it by hand. docs/how-to/worktrees.md says what runs and why.
"""

import os
import subprocess
from collections.abc import Mapping
from pathlib import Path

from reconciler.frozen import frozen
from reconciler.trees.plan import some

_FOREIGN = frozenset(
    {
        "GIT_ALTERNATE_OBJECT_DIRECTORIES", "GIT_COMMON_DIR", "GIT_CONFIG", "GIT_CONFIG_COUNT", "GIT_CONFIG_PARAMETERS",
        "GIT_DIR", "GIT_EXTERNAL_DIFF", "GIT_GRAFT_FILE", "GIT_IMPLICIT_WORK_TREE", "GIT_INDEX_FILE", "GIT_NAMESPACE",
        "GIT_OBJECT_DIRECTORY", "GIT_PREFIX", "GIT_QUARANTINE_PATH", "GIT_REPLACE_REF_BASE", "GIT_SHALLOW_FILE",
        "GIT_WORK_TREE",
    }
)  # fmt: skip
_QUIET = {
    "LC_ALL": "C",
    "GIT_EDITOR": "true",
    "GIT_SEQUENCE_EDITOR": "true",
    "GIT_MERGE_AUTOEDIT": "no",
    "GIT_PAGER": "cat",
    "GIT_TERMINAL_PROMPT": "0",
}
_SEALED = {"GIT_ALLOW_PROTOCOL": "none", "GIT_NO_LAZY_FETCH": "1"}
_PUSHING = {"GIT_ALLOW_PROTOCOL": "file:git:http:https:ssh"}
_ALWAYS = ("submodule.recurse=false", "gc.auto=0", "maintenance.auto=false", "core.quotePath=false")
_NO_PROGRAMS = ("core.hooksPath=/dev/null", "core.fsmonitor=false")


@frozen
class Done:
    """What came of one git command; ``complaint`` is the line of it that says most."""

    code: int
    out: bytes
    complaint: str

    @property
    def text(self) -> str:
        return os.fsdecode(self.out).strip()


@frozen
class Git:
    """The git program, and whether what a repository names may run."""

    program: str
    trust: bool = False

    def run(self, folder: Path, *args: str, env: Mapping[str, str] | None = None) -> Done:
        """One command in ``folder``; its exit code is an answer, nothing is raised for it."""
        settings = _ALWAYS if self.trust else (*_ALWAYS, *_NO_PROGRAMS)
        words = [self.program, "--no-pager", *(w for s in settings for w in ("-c", s)), "-C", str(folder), *args]
        done = subprocess.run(  # noqa: S603  no shell
            words, env=self._environment(args, env or {}), stdin=subprocess.DEVNULL, capture_output=True, check=False
        )
        return Done(done.returncode, done.stdout, _complaint(done.stderr or done.stdout))

    def _environment(self, args: tuple[str, ...], more: Mapping[str, str]) -> dict[str, str]:
        kept = {name: value for name, value in os.environ.items() if name not in _FOREIGN}
        network = {} if self.trust else _PUSHING if args[:1] == ("push",) else _SEALED
        return {**kept, **_QUIET, **network, **more}


def _complaint(data: bytes) -> str:
    """git's own words: the first line that is an error, else the first that is no hint; with files named below it."""
    lines = [line for line in data.decode("utf-8", "replace").splitlines() if line.strip()]
    said = [line.strip() for line in lines if not line.startswith("hint:")]
    bad = [line for line in said if line.startswith(("fatal:", "error:", "CONFLICT"))]
    first = next(iter(bad or said), "").removeprefix("fatal: ").removeprefix("error: ")
    named = [line.strip() for line in lines if line.startswith("\t")]
    return f"{first} {some(tuple(named))}" if named and first.endswith(":") else first

"""The one place that speaks to git: GitPython with fixed options, a cleaned environment and bounded reads.

Nothing that a repository names is executed: hooks, filters, fsmonitor, pagers, external diffs, helpers and
transports are off (docs/explanation/landing.md says how each is closed). Nothing is written either.
"""

import os
import shutil
import sys
from collections.abc import Iterable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import field, replace
from pathlib import Path
from subprocess import PIPE
from tempfile import TemporaryFile
from threading import Thread
from typing import IO, Any, cast

from reconciler.errors import NoRepository
from reconciler.frozen import frozen
from reconciler.model import BlobId
from reconciler.observe.complaints import GitError, failure, no_repository, plain, shown
from reconciler.observe.objects import read_objects

__all__ = ["GitError", "GitRepo", "open_git", "worktree_blocks"]

DAMAGED = 20  # unreadable objects to step over before giving up
KEPT = frozenset(
    {
        "GIT_CONFIG_GLOBAL",
        "GIT_CONFIG_SYSTEM",
        "GIT_CONFIG_NOSYSTEM",
        "GIT_CEILING_DIRECTORIES",
        "GIT_DISCOVERY_ACROSS_FILESYSTEM",
    }
)
SETTINGS = (
    "core.fsmonitor=false",
    "core.hooksPath=/dev/null",
    "core.quotePath=false",
    "core.attributesFile=/dev/null",
    "core.untrackedCache=false",
    "core.bigFileThreshold=4m",  # larger files count as binary in a diff
    "core.sshCommand=false",
    "core.askPass=false",
    "core.gitProxy=",
    "core.pager=cat",
    "credential.helper=",
    "diff.external=",
    "diff.orderFile=/dev/null",
    "diff.renames=false",
    "gc.auto=0",
    "maintenance.auto=false",
    "protocol.allow=never",
    "log.showSignature=false",
    "log.mailmap=false",
    "color.ui=false",
    "submodule.recurse=false",
)
ENVIRONMENT = {
    "LC_ALL": "C",
    "TZ": "UTC",
    "GIT_TERMINAL_PROMPT": "0",
    "GIT_OPTIONAL_LOCKS": "0",
    "GIT_PAGER": "cat",
    "GIT_ATTR_NOSYSTEM": "1",
    "GIT_NO_REPLACE_OBJECTS": "1",
    "GIT_GRAFT_FILE": "/dev/null",  # the history as it was written; a graft may even turn it in a circle
    "GIT_NO_LAZY_FETCH": "1",  # git 2.45; older ones are stopped by the next line
    "GIT_ALLOW_PROTOCOL": "none",  # stronger than protocol.*.allow of a repository
    "GIT_SSH_COMMAND": "false",
    "GIT_ASKPASS": "false",
    "SSH_ASKPASS": "false",
}


TREES = ("worktree", "list", "--porcelain", "-z")
OPTIONS = ("--no-optional-locks", "--no-pager", "--no-replace-objects", "--literal-pathspecs")
_SETTINGS = tuple(word for setting in SETTINGS for word in ("-c", setting))


@frozen
class GitRepo:
    """One repository as git sees it from the folder that was asked for."""

    folder: Path
    git_dir: Path
    common_dir: Path
    root: Path | None  # the main work tree; None for a bare repository without one
    is_bare: bool
    is_shallow: bool
    object_format: str  # sha1 | sha256
    ref_format: str  # files | reftable
    _kept: dict[str, tuple[int, bytes, bytes]] = field(default_factory=dict, repr=False, compare=False)

    def run(
        self,
        *args: str,
        input: bytes = b"",
        cwd: Path | None = None,
        settings: Sequence[tuple[str, str]] = (),
    ) -> bytes:
        """Output of ``git ARGS``, in ``cwd`` if given. ``settings``: configuration whose names are not safe."""
        code, out, err = _spawn(cwd or self.folder, args, input=input, settings=settings)
        if code:
            raise failure(args, err)
        return out

    def spelled(
        self, *args: str, cwd: Path | None = None, settings: Sequence[tuple[str, str]] = ()
    ) -> tuple[list[str], dict[str, str]]:
        """The whole command and its whole environment for ``git ARGS``, to be run later without this module."""
        command = [_program(), *OPTIONS, *_SETTINGS, "-C", str(cwd or self.folder), *args]
        kept = {name: value for name, value in os.environ.items() if not _is_foreign(name)}
        return command, {**kept, **ENVIRONMENT, **_extra(settings)}

    def ask(self, *args: str, settings: Sequence[tuple[str, str]] = ()) -> tuple[int, bytes, bytes]:
        """Exit code, output and complaints, where another code than 0 is an answer, too."""
        return _spawn(self.folder, args, settings=settings)

    def run_once(self, *args: str) -> bytes:
        """Like ``run``, but a second call with the same arguments starts no process."""
        code, out, err = self.ask_once(*args)
        if code:
            raise failure(args, err)
        return out

    def ask_once(self, *args: str) -> tuple[int, bytes, bytes]:
        """Like ``ask``, but a second call with the same arguments starts no process."""
        key = "\0".join(args)
        if key not in self._kept:
            self._kept[key] = self.ask(*args)
        return self._kept[key]

    def run_ahead(self, *commands: Sequence[str]) -> None:
        """Run commands side by side that ``run_once`` will be asked for; one that fails is left for it to tell."""
        wanted = [command for command in commands if "\0".join(command) not in self._kept]
        processes = [_start(self.folder, command, None) for command in wanted]
        for command, process in zip(wanted, processes, strict=True):
            out, err = process.communicate()
            if process.returncode == 0:
                self._kept["\0".join(command)] = (0, out, err)

    def version(self) -> str:
        return _spawn(self.folder, ("version",))[1].decode("utf-8", "replace").strip()

    def blobs(self, ids: Iterable[BlobId]) -> dict[BlobId, bytes]:
        """Bytes of every blob that exists and is at most 1 MB; the others are not in the answer."""
        return {BlobId(name): data for name, _, data in self._objects("--batch", ids)}

    def kinds(self, ids: Iterable[str]) -> dict[str, str]:
        """Object type of every id that can be read; the others are not in the answer."""
        return {name: kind for name, kind, _ in self._objects("--batch-check", ids)}

    def _objects(self, mode: str, ids: Iterable[str]) -> Iterator[tuple[str, str, bytes]]:
        """Name, type and bytes; git stops at a damaged object, so go on behind it a few times."""
        wanted = sorted({i for i in ids if i.strip("0")})
        for _ in range(DAMAGED):
            if not wanted:
                return
            answered = 0
            with _stream(self.folder, ("cat-file", mode), "".join(f"{i}\n" for i in wanted).encode("ascii")) as lines:
                for row in read_objects(lines, with_bytes=mode == "--batch"):
                    answered += 1
                    if row is not None:
                        yield row
            wanted = wanted[answered + 1 :]


def open_git(folder: Path) -> GitRepo:
    """The repository that ``folder`` lies in. Raises NoRepository when there is none, or no usable git."""
    if not folder.is_dir():
        raise NoRepository(f"no such folder: {shown(folder)}", hint="swarm -C DIR status")
    folder = folder.resolve()
    rows = _describe(folder)
    repo = GitRepo(
        folder=folder,
        git_dir=Path(rows[4]),
        common_dir=Path(rows[5]),
        root=Path(rows[6]) if rows[6] and rows[4] == rows[5] else None,
        is_bare=rows[0] == "true",
        is_shallow=rows[1] == "true",
        object_format=rows[2],
        ref_format=rows[3],
    )
    return repo if repo.root else replace(repo, root=_main_root(repo))


def worktree_blocks(git: GitRepo) -> list[dict[str, str]]:
    """``git worktree list``, one dictionary of its words for each; the main one is first."""
    try:
        text = os.fsdecode(git.run_once(*TREES))
    except GitError:  # before git 2.36
        text = os.fsdecode(git.run_once("worktree", "list", "--porcelain")).replace("\n", "\0")
    blocks = []
    for block in text.split("\0\0"):
        rows = [row.partition(" ") for row in block.split("\0") if row]
        if rows:
            blocks.append({name: value for name, _, value in rows})
    return blocks


def _describe(folder: Path) -> list[str]:
    """Bare, shallow, object format, ref format, git folder, common folder, work tree; one process."""
    flags = ("--is-bare-repository", "--is-shallow-repository", "--show-object-format")
    folders = ("--git-dir", "--git-common-dir", "--show-toplevel")
    code, out, err = _spawn(folder, ("rev-parse", "--path-format=absolute", *flags, *folders))
    rows = os.fsdecode(out).removesuffix("\n").split("\n")
    if rows[0] == "--path-format=absolute":
        raise NoRepository("git is too old: 2.31 or newer is needed", hint="git --version")
    if len(rows) < 5:
        raise no_repository(folder, err)
    if len(rows) != (5 if code else 6):  # a folder name with a line break in it
        rows = rows[:3] + [_ask(folder, flag) for flag in folders]
    top = rows[5] if len(rows) > 5 else ""  # there is none in a bare repository, or inside the git folder
    reftable = (Path(rows[4]) / "reftable").is_dir()
    return [*rows[:3], "reftable" if reftable else "files", *rows[3:5], top]


def _ask(folder: Path, flag: str) -> str:
    out = _spawn(folder, ("rev-parse", "--path-format=absolute", flag))[1]
    return os.fsdecode(out).removesuffix("\n")


def _main_root(git: GitRepo) -> Path | None:
    """The main work tree's folder, seen from a linked one or from inside the git folder."""
    first = worktree_blocks(git)[:1]
    if not first or "bare" in first[0]:
        return None
    path = Path(first[0].get("worktree", ""))
    return path if (path / ".git").exists() else None


# -- processes


def _spawn(
    folder: Path, args: Sequence[str], *, input: bytes = b"", settings: Sequence[tuple[str, str]] = ()
) -> tuple[int, bytes, bytes]:
    """Exit code, output and complaints of one git process."""
    process = _start(folder, args, PIPE if input else None, settings=settings)
    out, err = process.communicate(input or None)
    return int(process.returncode), out, err


@contextmanager
def _stream(folder: Path, args: Sequence[str], input: bytes) -> Iterator[IO[bytes]]:
    """The output of a git process while it runs; what it complains about is thrown away."""
    with TemporaryFile() as words:
        words.write(input)
        words.seek(0)
        process = _start(folder, args, words)
        complaints = Thread(target=process.stderr.read, daemon=True)
        complaints.start()
        try:
            yield process.stdout
        finally:
            process.stdout.close()
            process.proc.wait()
            complaints.join()


def _start(
    folder: Path,
    args: Sequence[str],
    input: int | IO[bytes] | None,
    *,
    settings: Sequence[tuple[str, str]] = (),
) -> Any:
    """A running git; GitPython's handle, which ends it when it goes out of scope."""
    program = _program()
    variables = {**ENVIRONMENT, **_extra(settings)}
    command = [*_without_surroundings(variables), program, *OPTIONS, *_SETTINGS, "-C", str(folder), *args]
    return _gitpython(program)().execute(
        command,
        istream=cast(Any, input),
        as_process=True,
        shell=False,
        env=variables,
    )


def _gitpython(program: str) -> Any:
    """GitPython's class. Importing it runs git once: the one that we found, not one of the current folder."""
    module = sys.modules.get("git.cmd")
    if module is not None:
        return module.Git
    foreign = {name: os.environ.pop(name) for name in list(os.environ) if _is_foreign(name)}
    os.environ["GIT_PYTHON_GIT_EXECUTABLE"] = program
    try:
        from git.cmd import Git  # heavy: only when something is asked
    except ImportError as error:
        raise NoRepository(f"git cannot be run: {plain(str(error).strip().partition(chr(10))[0])}") from error
    finally:
        del os.environ["GIT_PYTHON_GIT_EXECUTABLE"]
        os.environ.update(foreign)
    return Git


def _program() -> str:
    """Full path of git. Entries of PATH that depend on the current folder do not count."""
    places = [p for p in os.environ.get("PATH", os.defpath).split(os.pathsep) if Path(p).is_absolute()]
    program = shutil.which("git", path=os.pathsep.join(places))
    if program is None:
        raise NoRepository("git is not on PATH", hint="install git 2.31 or newer")
    return program


def _without_surroundings(given: Mapping[str, str]) -> list[str]:
    """GitPython can add variables but not take any away; ``env -u`` can. Those that are given stay."""
    dropped = sorted(name for name in os.environ if _is_foreign(name) and name not in given)
    env = shutil.which("env", path=os.defpath) if dropped else None
    return [env, *(f"-u{name}" for name in dropped)] if env else []


def _is_foreign(name: str) -> bool:
    return name.startswith("GIT_") and name not in KEPT and name not in ENVIRONMENT


def _extra(settings: Sequence[tuple[str, str]]) -> Mapping[str, str]:
    """Configuration for one call, in the environment: ``-c`` cannot carry a name with "=" in it."""
    if not settings:
        return {}
    extra = {"GIT_CONFIG_COUNT": str(len(settings))}
    for number, (name, value) in enumerate(settings):
        extra[f"GIT_CONFIG_KEY_{number}"] = name
        extra[f"GIT_CONFIG_VALUE_{number}"] = value
    return extra

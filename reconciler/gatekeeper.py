"""Writes what the gate reads: the world as a pass saw it, and the answers that are right while it stays so.

The record is made of what was asked before the pass began (refs, work trees) and of signatures taken after it, of
which none may be younger than two seconds before it began: what changed meanwhile leaves no record.
"""

import os
import time
from collections.abc import Iterable, Iterator
from datetime import datetime, timedelta
from pathlib import Path, PurePosixPath

from reconciler import __version__, gate
from reconciler.errors import SwarmError
from reconciler.files import list_names, open_folder, read_file, sweep, write_file
from reconciler.frozen import frozen
from reconciler.model import Worktree
from reconciler.observe.branches import REFS
from reconciler.observe.git import ENVIRONMENT, TREES, GitRepo
from reconciler.observe.matching import PathMatcher
from reconciler.observe.worktrees import CONFIG, parse_status, read_config, status_command
from reconciler.reconcile import Look

YOUNG = 2_000_000_000  # nanoseconds: what is younger may change again without another time stamp
_FAR = 4_102_444_800.0  # the year 2100, when nothing is waited for


@frozen
class Begun:
    """What was noted before a pass looked."""

    git: GitRepo
    at: int  # nanoseconds since the epoch
    outputs: tuple[bytes, ...]  # of REFS and TREES; () when not all can be read


def begin(git: GitRepo) -> Begun:
    """Note refs and work trees before a pass looks at them; the pass is to use this ``git``, which remembers them."""
    at = time.time_ns()
    git.run_ahead(CONFIG, REFS, TREES)
    answers = (git.ask_once(*REFS), git.ask_once(*TREES))
    return Begun(git, at, () if any(code for code, _, _ in answers) else tuple(out for _, out, _ in answers))


def keep(begun: Begun, seen: Look, asked: tuple[str, ...], data: bytes, *, now: datetime) -> None:
    """Keep ``data`` as the answer to ``asked`` while nothing changes. What stands in the way is no error."""
    name = gate.ANSWERS.get((*asked[:1], *sorted(asked[1:])))
    if name is None or seen.view.claims or not (seen.view.complete and begun.outputs):
        return
    if any(problem.code.startswith("unreadable") for problem in seen.view.problems):
        return  # what is missing may come back where no signature tells
    try:
        world = _world(begun, seen, now)
        if world is not None:
            _store(Path(seen.facts.common_dir), world, _outputs(seen), name, data)
    except (SwarmError, OSError):
        return


def _world(begun: Begun, seen: Look, now: datetime) -> list[bytes] | None:
    config = read_config(begun.git)
    if _differs_by_place(config):
        return None
    commands = list(zip((REFS, TREES), begun.outputs, strict=True))
    if any(key.startswith("include.") for key, _ in config):  # before a filter in it could be met
        commands.insert(0, (CONFIG, begun.git.run(*CONFIG)))
    fields = []
    for arguments, output in commands:
        fields += [*_spelled(begun.git, arguments), output]
    count = len(commands)
    for tree in _changing(seen):
        found = _status(begun.git, tree)
        if found is None:
            return None
        fields += found
        count += 1
    block = _signatures(_paths(begun.git, seen), not_after=begun.at - YOUNG)
    if block is None:
        return None
    times = [repr(begun.at / 1e9).encode(), repr(leaving_at(seen, now)).encode()]
    return [gate.MAGIC, __version__.encode(), *times, gate.environment(), block, str(count).encode(), *fields]


def _differs_by_place(config: Iterable[tuple[str, str]]) -> bool:
    """Whether work trees may see settings of their own, in files that no signature covers."""
    return any(key.startswith("includeif.") or key == "extensions.worktreeconfig" for key, _ in config)


def _spelled(
    git: GitRepo, arguments: Iterable[str], settings: Iterable[tuple[str, str]] = (), cwd: Path | None = None
) -> tuple[bytes, bytes]:
    command, variables = git.spelled(*arguments, settings=tuple(settings), cwd=cwd)
    return b"\0".join(map(os.fsencode, command)), b"\0".join(
        os.fsencode(f"{name}={value}") for name, value in variables.items() if _is_needed(name)
    )


def _is_needed(name: str) -> bool:
    """Whether git listens to a variable here. The others, secrets among them, are never written to disk."""
    return name in ENVIRONMENT or name in gate.HEARD or name.startswith("GIT_CONFIG_")


def _changing(seen: Look) -> list[Worktree]:
    """Work trees whose uncommitted files can change a state: all but those on the base branch."""
    base = seen.facts.base.branch if seen.facts.base else ""
    return [tree for tree in seen.facts.worktrees if not tree.missing and tree.branch != base]


def _status(git: GitRepo, tree: Worktree) -> list[bytes] | None:
    """The command that lists a work tree's changes and its output; None when it differs from what was seen."""
    command, settings = status_command(git, Path(tree.path), read_config(git))
    spelled = _spelled(git, command, settings, Path(tree.path))
    output = gate.run(spelled[0].split(b"\0"), spelled[1].split(b"\0"))
    return [*spelled, output] if output is not None and parse_status(output) == tree.changes else None


def leaving_at(seen: Look, now: datetime) -> float:
    """When a merged workstream next leaves the registry for the archive, in seconds since the epoch."""
    days = timedelta(days=seen.config.archive_after)
    leaving = [w.merged_at + days for w in seen.view.workstreams if w.merged_at and w.merged_at + days >= now]
    return min((at.timestamp() for at in leaving), default=_FAR)


def _paths(git: GitRepo, seen: Look) -> Iterator[str]:
    """Everything a pass listens to: documents and their folders, intents, configuration, rules, claims, ourselves."""
    matcher = PathMatcher(seen.rulebook, exclude=seen.config.exclude, layouts=seen.config.layouts)
    roots = _roots(matcher, seen)
    for tree in seen.facts.worktrees:
        for root in roots:
            yield from _below(tree.path, root)
    yield from _tree(seen.target / "queue")
    if git.root:
        yield from (str(git.root / name) for name in ("pyproject.toml", ".swarm/config.toml"))
        yield from _tree(git.root / ".swarm/rules")
    common = Path(seen.facts.common_dir)
    yield from (str(common / name) for name in ("config", "config.worktree", "shallow", "info/exclude", "logs/HEAD"))
    yield from _tree(common / "logs/refs/heads")
    yield from _tree(common / "swarm/claims", folders_only=True)
    home = Path(os.environ.get("HOME", "/"))
    config = Path(os.environ.get("XDG_CONFIG_HOME") or home / ".config")
    yield from (str(p) for p in (home / ".gitconfig", config / "git/config", config / "swarm/config.toml"))
    here = Path(__file__).parent
    for folder in (here, here.parent / "rules"):
        yield from (str(p) for pattern in ("*.py", "*.toml") for p in sorted(folder.rglob(pattern)))


def _roots(matcher: PathMatcher, seen: Look) -> tuple[str, ...]:
    """The folders that a pass looks into: those of the layouts, and those where documents are committed."""
    paths = {document.path for document in seen.snapshot.documents}
    found = {*matcher.roots, *(path.rpartition("/")[0] for path in paths if "/" in path)}
    return tuple(root for root in sorted(found) if not any(str(up) in found for up in PurePosixPath(root).parents))


def _below(top: str, root: str) -> Iterator[str]:
    yield f"{top}/{root}"
    for folder, names, files in os.walk(f"{top}/{root}"):
        names.sort()
        if folder != f"{top}/{root}":
            yield folder
        yield from (f"{folder}/{name}" for name in sorted(files))


def _tree(folder: Path, *, folders_only: bool = False) -> Iterator[str]:
    yield str(folder)
    for inner, names, files in os.walk(folder):
        names.sort()
        yield from (f"{inner}/{name}" for name in names)
        yield from () if folders_only else (f"{inner}/{name}" for name in sorted(files))


def _signatures(paths: Iterable[str], *, not_after: int) -> bytes | None:
    """The block that the gate compares; None when something changed too lately."""
    parts = []
    for path in paths:
        raw = os.fsencode(path)
        signature = gate.sign(raw)
        if signature != b"-":
            numbers = list(map(int, signature.split()))  # of a link: its own and its target's
            if max(*numbers[1::5], *numbers[2::5]) > not_after:
                return None
        parts += [raw, signature]
    return b"\0".join(parts)


def _outputs(seen: Look) -> bytes:
    """Signatures of the files that swarm wrote, for the commands that would write them."""
    parts = []
    for folder in (seen.target, seen.target / "archive", seen.target / "schemas"):
        names = sorted(p.name for p in folder.glob("*.json")) if folder.is_dir() else []
        for path in (folder, *(folder / name for name in names)):
            parts += [os.fsencode(path), gate.sign(os.fsencode(path))]
    return b"\0".join(parts)


def _store(common: Path, world: list[bytes], outputs: bytes, name: str, data: bytes) -> None:
    with open_folder(common, *gate.FOLDER, create=True) as folder:
        assert folder is not None  # it was to be created
        sweep(folder)  # another command at work loses no more than its stored answer
        write_file(folder, name, data)
        kept = _kept(read_file(folder, gate.NAME), world, outputs, os.fsencode(folder.path)) - {name}
        parts = []
        for answer in sorted({*kept, name} & set(list_names(folder))):
            parts += [os.fsencode(answer), gate.sign(os.fsencode(folder.path / answer))]
        fields = [*world, outputs, b"\0".join(parts)]
        write_file(folder, gate.NAME, b"".join(b"%d:%s," % (len(field), field) for field in fields))


def _kept(old: bytes | None, world: list[bytes], outputs: bytes, folder: bytes) -> set[str]:
    """Answers of the last record that are still right: it saw the same world, and they are as they were written."""
    try:
        fields = gate.parse(old or b"")
        same = fields[:2] == world[:2] and fields[3:-2] == world[3:] and fields[-2] == outputs
        parts = fields[-1].split(b"\0") if same else []
        pairs = zip(parts[::2], parts[1::2], strict=True)
        return {os.fsdecode(name) for name, signature in pairs if gate.sign(folder + b"/" + name) == signature}
    except (ValueError, IndexError):
        return set()

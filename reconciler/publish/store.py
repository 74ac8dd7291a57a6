"""Puts files in place: compares, refuses what is not ours, writes whole files under the repository's lock."""

import hashlib
from collections.abc import Callable, Iterable, Iterator, Mapping
from contextlib import AbstractContextManager, ExitStack, contextmanager, nullcontext, suppress
from dataclasses import field
from pathlib import Path, PurePosixPath
from typing import TypeVar

from reconciler import files
from reconciler.errors import SwarmError
from reconciler.files import Folder, Lock
from reconciler.frozen import frozen
from reconciler.model import Problem, Worktree
from reconciler.printable import printable
from reconciler.publish import registry

REGISTRY = "workstreams.json"
DAMAGED = "damaged"
_Taken = TypeVar("_Taken")
_FOLDERS: tuple[tuple[str, ...], ...] = ((), ("archive",), ("schemas",), ("queue",))  # where we write


@frozen
class Plan:
    """What writing would do. Names are relative to the target."""

    write: tuple[str, ...] = ()
    remove: tuple[str, ...] = ()  # archive months that nothing belongs to any more
    unchanged: tuple[str, ...] = ()
    damaged: tuple[tuple[str, bytes], ...] = ()  # torn files of ours, with what is left of them
    foreign: tuple[str, ...] = ()  # another tool's companions: left as they are
    litter: bool = False  # temporary files lie about
    strange: bool = False  # something that would go is not what we wrote last
    digests: Mapping[str, str] = field(default_factory=dict, compare=False)  # of what was wanted, by name

    @property
    def changes(self) -> bool:
        """Would it write or remove anything?"""
        return bool(self.write or self.remove)


@frozen
class Report:
    """What writing did."""

    written: tuple[str, ...] = ()
    removed: tuple[str, ...] = ()
    unchanged: tuple[str, ...] = ()
    kept_damaged: tuple[tuple[str, Path], ...] = ()  # name, and where its copy is
    foreign: tuple[str, ...] = ()
    digests: Mapping[str, str] = field(default_factory=dict, compare=False)  # of what was wanted, by name

    @property
    def problems(self) -> tuple[Problem, ...]:
        """What a person should hear about it."""
        damaged = (
            Problem("rebuilt", "could not be read as JSON and was rebuilt", name, hint=f"a copy is in {path}")
            for name, path in self.kept_damaged
        )
        foreign = (
            Problem("foreign-file", "was not written by swarm, and is left as it is", name) for name in self.foreign
        )
        return (*damaged, *foreign)


def target_folder(worktrees: Iterable[Worktree], base_branch: str, common_dir: Path) -> Path:
    """Return where our files go: ``.swarm`` of the main work tree, whichever one the command runs in.

    A bare repository has no main work tree: then that which has the base branch checked out, else the
    ``swarm`` folder of the git common directory.
    """
    usable = [tree for tree in worktrees if not (tree.missing or tree.prunable)]
    for tree in [tree for tree in usable if tree.main] + [t for t in usable if t.branch == base_branch]:
        return Path(tree.path, ".swarm")
    return common_dir / files.HOME


def plan(target: Path, wanted: Mapping[str, bytes], own: Mapping[str, str] | None = None) -> Plan:
    """Compare ``wanted`` with what is there. Writes nothing, needs no lock and no right to write.

    ``own``: digests of what we wrote last, by name: it need not be parsed to know whose it is.
    Raises one SwarmError that names everything in the way: a registry of another tool, a file of a later
    swarm, links, folders. Another tool's queue.json or instances.json stops nothing: it is left alone.
    """
    with ExitStack() as stack:
        return _Comparison(stack, target, own or {}).of(wanted)


def publish(
    target: Path,
    wanted: Mapping[str, bytes],
    *,
    common_dir: Path,
    held: Lock | None = None,
    own: Mapping[str, str] | None = None,
    planned: Plan | None = None,
) -> Report:
    """Bring ``target`` to ``wanted`` (relative name to bytes, in the order of writing) and say what was done.

    Nothing to do means no lock and no write. ``held`` is the lock when the caller has it already.
    Every single file is the old or the new one at any moment; a failure leaves the rest as it was.
    ``own``: see :func:`plan`; ``planned`` is what it said while the lock was ``held``.
    """
    first = planned or plan(target, wanted, own)
    if not first.changes and not first.litter:
        return Report(unchanged=first.unchanged, foreign=first.foreign, digests=first.digests)
    guard: AbstractContextManager[Lock] = nullcontext(held) if held else files.lock(common_dir)
    with guard:
        step = first if held else plan(target, wanted, own)
        if step.litter:
            _sweep(target)
        kept = tuple((name, _keep(common_dir, name, data)) for name, data in step.damaged)
        for name in step.write:
            with _folder_of(target, name, create=True) as (folder, last):
                files.write_file(folder, last, wanted[name])
        for name in step.remove:
            with _folder_of(target, name, create=False) as (folder, last):
                files.remove_file(folder, last)
    return Report(step.write, step.remove, step.unchanged, kept, step.foreign, step.digests)


def previous(target: Path) -> dict[str, str] | None:
    """Return the states in the registry as it was written last, archived ones too; None when there is none.

    Only to say what moved; nothing is ever derived from it.
    """
    with ExitStack() as stack:
        comparison = _Comparison(stack, target)
        states = comparison.states(REGISTRY)
        if states is None:
            return None
        for name in comparison.archives():
            states |= comparison.states(name) or {}
        return states


def holds(target: Path, digests: Mapping[str, str]) -> bool:
    """Are registry and archives those of ``digests`` (name -> digest), and no others?"""
    with ExitStack() as stack:
        comparison = _Comparison(stack, target)
        names = {REGISTRY, *(name for name in digests if registry.is_archive(name))}
        if {REGISTRY, *comparison.archives()} != names:
            return False
        return all(comparison.is_own(name, digests) for name in names)


def has_registry(target: Path, digests: Mapping[str, str]) -> bool:
    """Is the registry there, and that of ``digests``?"""
    with ExitStack() as stack:
        return _Comparison(stack, target).is_own(REGISTRY, digests)


def contents(target: Path, names: Iterable[str]) -> dict[str, bytes | None]:
    """What lies under these names and those of all archives; None where nothing readable is."""
    with ExitStack() as stack:
        comparison = _Comparison(stack, target)
        return comparison.reads([*names, *comparison.archives()])


class _Comparison:
    """One look at the target, with the folders it opened on the way."""

    def __init__(self, stack: ExitStack, target: Path, own: Mapping[str, str] | None = None) -> None:
        self.stack = stack
        self.target = target
        self.own = own or {}
        self.folders: dict[str, Folder | None] = {}
        self.mistakes: dict[str, SwarmError] = {}

    def of(self, wanted: Mapping[str, bytes]) -> Plan:
        write, unchanged, damaged, foreign, strange = [], [], [], [], False
        digests = {name: files.digest(data) for name, data in wanted.items()}
        for name in wanted:
            there = self._digest(name)
            if there == digests[name]:
                unchanged.append(name)
                continue
            is_own = there is not None and there == self.own.get(name)
            old = None if is_own else self._read(name)
            whose = "ours" if is_own else registry.recognise(name, old).whose
            if whose == "foreign" and not (name == REGISTRY or registry.is_archive(name)):
                foreign.append(name)
                continue
            self._refuse(name, whose)
            write.append(name)
            strange = strange or not is_own
            if whose == "damaged" and old is not None:
                damaged.append((name, old))
        remove = [n for n in self.archives() if n not in wanted and self._is_ours(n)]
        self._raise()
        return Plan(
            tuple(write),
            tuple(remove),
            tuple(unchanged),
            tuple(damaged),
            tuple(foreign),
            self._has_litter(),
            strange or bool(remove),
            digests,
        )

    def _has_litter(self) -> bool:
        for inside in _FOLDERS:
            with (
                suppress(SwarmError),
                files.open_folder(self.target.parent, self.target.name, *inside) as folder,
            ):
                if folder and files.leftovers(folder):
                    return True
        return False

    def is_own(self, name: str, digests: Mapping[str, str]) -> bool:
        """Is what lies under a name what its digest says?"""
        found = self._digest(name)
        return found is not None and found == digests.get(name)

    def reads(self, names: Iterable[str]) -> dict[str, bytes | None]:
        """The bytes under each name; None where nothing readable is."""
        return {name: self._read(name) for name in names}

    def states(self, name: str) -> dict[str, str] | None:
        """The states in our own file of that name; None when there is no such."""
        try:
            found = registry.recognise(name, self._read(name, strict=True))
        except SwarmError:
            return None
        return None if found.states is None or found.whose != "ours" else dict(found.states)

    def archives(self) -> list[str]:
        folder = self._folder("archive")
        if folder is None:
            return []
        names = (f"archive/{name}" for name in files.list_names(folder))
        return [name for name in names if registry.is_archive(name)]

    def _is_ours(self, name: str) -> bool:
        return registry.recognise(name, self._read(name)).whose == "ours"

    def _read(self, name: str, *, strict: bool = False) -> bytes | None:
        return self._take(name, files.read_file, strict=strict)

    def _digest(self, name: str) -> str | None:
        return self._take(name, files.digest_file)

    def _take(self, name: str, take: Callable[[Folder, str], _Taken | None], *, strict: bool = False) -> _Taken | None:
        """What ``take`` says of what lies under the name; None where nothing readable is."""
        path = PurePosixPath(name)
        try:
            folder = self._folder("" if path.parent == PurePosixPath(".") else str(path.parent))
            return take(folder, path.name) if folder else None
        except SwarmError as mistake:
            if strict:
                raise
            self.mistakes.setdefault(mistake.message, mistake)
            return None

    def _folder(self, inside: str) -> Folder | None:
        if inside not in self.folders:
            parts = (self.target.name, *PurePosixPath(inside).parts)
            try:
                opened = self.stack.enter_context(files.open_folder(self.target.parent, *parts))
            except SwarmError as mistake:
                self.mistakes.setdefault(mistake.message, mistake)
                opened = None
            self.folders[inside] = opened
        return self.folders[inside]

    def _refuse(self, name: str, whose: str) -> None:
        path = printable(str(self.target / name))
        if refuse := registry.REFUSALS.get(whose):
            mistake = refuse(path)
            self.mistakes.setdefault(mistake.message, mistake)

    def _raise(self) -> None:
        mistakes = list(self.mistakes.values())
        if not mistakes:
            return
        first = next((m for m in mistakes if m.hint == "swarm import"), mistakes[0])
        raise SwarmError("; ".join(m.message for m in mistakes), hint=first.hint, code=first.code)


# -- below: the single steps


@contextmanager
def _folder_of(target: Path, name: str, *, create: bool) -> Iterator[tuple[Folder, str]]:
    path = PurePosixPath(name)
    with files.open_folder(target.parent, target.name, *path.parent.parts, create=create) as folder:
        if folder is None:
            raise SwarmError(f"the folder of {printable(name)} vanished", hint="swarm reconcile")
        yield folder, path.name


def _sweep(target: Path) -> None:
    for inside in _FOLDERS:
        with suppress(SwarmError), files.open_folder(target.parent, target.name, *inside) as folder:
            if folder:
                files.sweep(folder)


def _keep(common_dir: Path, name: str, data: bytes) -> Path:
    """Keep a copy of a torn file, named by its content: the same one twice is kept once."""
    stem = name.replace("/", "-").removesuffix(".json")
    kept = f"{stem}-{hashlib.sha256(data).hexdigest()[:16]}.json"
    with files.open_folder(common_dir, files.HOME, DAMAGED, create=True) as folder:
        assert folder is not None  # it was to be created
        files.sweep(folder)
        if kept not in files.list_names(folder):
            files.write_file(folder, kept, data)
        return folder.path / kept

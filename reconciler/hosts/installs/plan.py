"""Decides, file by file, what installing or taking out would change; writes nothing."""

import os
import shlex
from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import TypeAlias

from reconciler.errors import SwarmError
from reconciler.frozen import frozen
from reconciler.hosts.installs import blocks, jsonedit, jsontree, settings, skills, tomltext
from reconciler.hosts.installs.jsonedit import Draft
from reconciler.hosts.installs.ledger import Entry, Ledger, digest
from reconciler.hosts.installs.places import Ground, Spot, check_writable, look
from reconciler.hosts.installs.rows import Host, Piece, Rows
from reconciler.hosts.installs.splices import undone
from reconciler.printable import printable

EDITED = ("hooks", "server", "block", "import")  # kinds that share a file with others; the rest are files of ours


_Decide: TypeAlias = Callable[["Work", list["Job"], Spot], Iterable["Change"]]


@frozen
class Change:
    """What is done to one file. ``action``: created, changed, removed, unchanged, kept (somebody edited it)."""

    ground: Ground
    spot: Spot
    action: str
    after: bytes | None = None
    say: str = ""
    entry: Entry | None = None  # for the ledger
    hosts: tuple[str, ...] = ()
    folder: Path | None = None  # of skills or commands, to which the file belongs

    @property
    def writes(self) -> bool:
        return self.action in ("created", "changed", "removed")


@dataclass(slots=True)
class Work:
    """All that one command is to do in one scope."""

    ground: Ground
    ledger: Ledger
    rows: Rows
    server: bool = False  # put the MCP server in; one that is there stays in any case
    changes: list[Change] = field(default_factory=list)
    folders: set[Path] = field(default_factory=set)  # in which something of ours is or may be
    forgotten: list[str] = field(default_factory=list)  # keys whose files another scope takes care of

    def drop(self, changes: Sequence[Change]) -> None:
        """Leave these to another scope."""
        self.changes = [change for change in self.changes if change not in changes]
        self.forgotten += (self.ground.key(change.spot.path) for change in changes)


@frozen
class Job:
    """One piece of one host, and the file it goes into."""

    host: Host
    piece: Piece
    path: Path


def plan_install(work: Work, hosts: Sequence[Host]) -> None:
    """Fill ``work.changes``. Raises SwarmError, with nothing written, for anything that cannot be done safely."""
    for path, jobs in _by_file(work, hosts).items():
        _keep(work, jobs, look(work.ground, path), _put_in)
    for host in hosts:
        for folder, path, *texts in whole_files(work, host):
            if not _is_planned(work, path):
                work.folders.add(path.parent)
                made = _write_whole(work, path, *map(str.encode, texts))
                work.changes += (replace(change, hosts=(host.id,), folder=folder) for change in made)


def plan_uninstall(work: Work, hosts: Sequence[Host], staying: Sequence[Host]) -> None:
    """Fill ``work.changes``. What hosts that stay need as well is left."""
    needed = {Path(os.path.realpath(path)) for host in staying for path in _shared(work, host)}
    for path, jobs in _by_file(work, hosts, every=True).items():
        if Path(os.path.realpath(path)) not in needed:
            _keep(work, jobs, look(work.ground, path), _take_out)
    for host in hosts:
        for folder, path, *texts in whole_files(work, host):
            if Path(os.path.realpath(path)) not in needed and not _is_planned(work, path):
                work.folders.add(path.parent)
                made = _remove_whole(work, path, *map(str.encode, texts))
                work.changes += (replace(change, hosts=(host.id,), folder=folder) for change in made)


def whole_files(work: Work, host: Host) -> Iterator[tuple[Path | None, Path, str, str]]:
    """The files that are ours alone: the folder of skills or commands they belong to, path, what they say.

    The last is what the same file says for other hosts, whose folder people link to.
    """
    for piece in host.of(work.ground.scope):
        where = file_of(work.ground, host, piece)
        if piece.kind == "plugin":
            text = skills.plugin_file(piece.flavour)
            yield None, where, text, text
        elif piece.kind in ("skills", "commands"):
            make = skills.skill_files if piece.kind == "skills" else skills.command_files
            twins = skills.skill_files(work.rows.skills, "plain" if piece.flavour == "claude" else "claude")
            for name, text in make(work.rows.skills, piece.flavour).items():
                yield where, where / name, text, twins.get(name, text)


def file_of(ground: Ground, host: Host, piece: Piece) -> Path:
    """The first of a piece's paths that exists, else the first."""
    paths = [ground.path(host, text) for text in piece.paths]
    return next((path for path in paths if path.exists()), paths[0])


# -- below: files shared with others


def _is_planned(work: Work, path: Path) -> bool:
    """Whether a change of this very file is planned already, maybe under another name."""
    real = Path(os.path.realpath(path))
    return any(change.spot.real == real for change in work.changes)


def _by_file(work: Work, hosts: Sequence[Host], *, every: bool = False) -> dict[Path, list[Job]]:
    """The jobs by file; ``every``: of several files that a piece may be in, all that exist."""
    found: dict[Path, list[Job]] = {}
    for host in hosts:
        for piece in host.of(work.ground.scope):
            if piece.kind in EDITED:
                paths = [work.ground.path(host, text) for text in piece.paths] if every else []
                for path in [p for p in paths if p.exists()] or [file_of(work.ground, host, piece)]:
                    found.setdefault(path, []).append(Job(host, piece, path))
    return found


def _shared(work: Work, host: Host) -> Iterator[Path]:
    for piece in host.of(work.ground.scope):
        if piece.kind in ("block", "import", "server"):
            yield file_of(work.ground, host, piece)
    yield from (path for _, path, *_ in whole_files(work, host))


def _keep(work: Work, jobs: list[Job], spot: Spot, decide: "_Decide") -> None:
    """Plan one file; what its readers and editors complain about becomes an error with its place."""
    work.folders.add(spot.real.parent)
    try:
        made = [replace(change, hosts=tuple(dict.fromkeys(job.host.id for job in jobs)))
                for change in decide(work, jobs, spot)]  # fmt: skip
    except (jsontree.BadJson, tomltext.BadToml) as error:
        kind = "JSON" if isinstance(error, jsontree.BadJson) else "TOML"
        message = f"is not valid {kind}: {error.message}"
        raise _refusal(spot, error.line, message, _edit(spot)) from error
    except settings.NotOurs as error:
        raise _refusal(spot, error.line, error.message, error.hint or _edit(spot)) from error
    except jsonedit.Unsafe as error:
        message = "swarm's entry cannot be changed without changing what stands around it"
        raise _refusal(spot, error.line, message, _edit(spot)) from error
    for change in made:
        if change.writes:
            check_writable(change.spot)
    work.changes += made


def _edit(spot: Spot) -> str:
    return f"${{EDITOR:-vi}} {shlex.quote(str(spot.path))}"


def _refusal(spot: Spot, line: int, message: str, hint: str) -> SwarmError:
    where = f"{printable(str(spot.path))}:{line}"
    return SwarmError(f"{where}: {printable(message)}; nothing was changed", hint=printable(hint))


def _put_in(work: Work, jobs: list[Job], spot: Spot) -> Iterator[Change]:
    if spot.data is None and all(job.piece.kind == "import" for job in jobs):
        return
    text = spot.text
    edit = settings.Edit(Draft(text))
    for job in jobs:
        edit = _edited(work, job, spot, edit)
    after = edit.draft.text.encode()
    is_block = jobs[0].piece.kind in ("block", "import")
    said = _said(after) if is_block else ""
    if is_block and not _may_replace(work, spot, text, said):
        yield from _beside(work, spot, after)
        return
    if is_block:
        yield from _tidy(work, spot.path)
    if after == (spot.data or b""):
        yield from (Change(work.ground, spot, "unchanged", after),) if spot.data is not None else ()
        return
    known = work.ledger.at(work.ground.key(spot.path), spot.data or b"")
    fresh = spot.data is None or _taken(work, jobs, text, None) == text
    undo = edit.draft.undo if fresh else (*edit.draft.undo, *known.undo) if known and known.undo is not None else None
    last = None if fresh else work.ledger.last(work.ground.key(spot.path))
    entry = Entry(
        digest(after),
        created=spot.data is None or bool(last and last.created),
        made=(*(last.made if last else ()), *edit.made),
        undo=undo,
        said=said,
    )
    yield Change(work.ground, spot, "created" if spot.data is None else "changed", after, "", entry)


def _edited(work: Work, job: Job, spot: Spot, edit: settings.Edit) -> settings.Edit:
    """With one piece put in."""
    piece, text = job.piece, edit.draft.text
    if piece.kind in ("block", "import"):
        draft = _with_block(work, job, spot, text)
    elif piece.kind == "server" and not work.server:
        return edit
    elif piece.kind == "server" and job.path.suffix == ".toml":
        draft = tomltext.put_in(text, piece.at, dict(piece.value or {}))
    else:
        wanted = settings.Wanted(job.host.id, piece.groups, piece.under, piece.first, piece.value, piece.at)
        done = settings.put_in(edit.draft, wanted)
        return settings.Edit(done.draft, (*edit.made, *done.made))
    return settings.Edit(Draft(draft.text, (*draft.undo, *edit.draft.undo)), edit.made)


def _with_block(work: Work, job: Job, spot: Spot, text: str) -> Draft:
    if job.piece.kind == "block":
        return blocks.put_in(text, work.rows.block)
    target = job.piece.line.removeprefix("@").removeprefix("./")
    other = look(work.ground, work.ground.path(job.host, target))
    if other.real == spot.real or blocks.has_line(text, job.piece.line):
        return Draft(text)
    return blocks.put_in(text, job.piece.line)


def _said(data: bytes) -> str:
    return digest("\n".join(block.said for block in blocks.find(data.decode())).encode())


def _may_replace(work: Work, spot: Spot, text: str, wanted: str) -> bool:
    """Whether the block that is there is none of somebody's words: absent, as wanted, or as swarm wrote it once."""
    known = {entry.said for entry in work.ledger.files.get(work.ground.key(spot.path), ())} | {wanted}
    return all(digest(block.said.encode()) in known for block in blocks.find(text))


def _take_out(work: Work, jobs: list[Job], spot: Spot) -> Iterator[Change]:
    if jobs[0].piece.kind in ("block", "import"):
        yield from _tidy(work, spot.path)
    if spot.data is None:
        return
    text, key = spot.text, work.ground.key(spot.path)
    entry, last = work.ledger.at(key, spot.data), work.ledger.last(key)
    if entry is not None and entry.undo is not None:
        before = undone(text, entry.undo)
        gone = entry.created and before == ""
    else:
        if jobs[0].piece.kind in ("block", "import") and _is_edited(work, jobs, spot, text):
            yield Change(work.ground, spot, "kept", spot.data, "its swarm block was edited; take it out by hand")
            return
        before = _taken(work, jobs, text, last)
        nothing = not before.strip("\ufeff \t\r\n").removeprefix("{}")
        gone = nothing and last.created if last is not None else _is_as_new(work, jobs, spot)
    if gone:
        yield Change(work.ground, spot, "removed")
    elif before != text:
        yield Change(work.ground, spot, "changed", before.encode())


def _is_edited(work: Work, jobs: list[Job], spot: Spot, text: str) -> bool:
    job = jobs[0]
    wanted = work.rows.block if job.piece.kind == "block" else job.piece.line
    return not _may_replace(work, spot, text, digest(wanted.encode()))


def _taken(work: Work, jobs: list[Job], text: str, entry: Entry | None) -> str:
    """The text without anything of ours, as far as that can be told from the text alone."""
    draft, made = Draft(text), entry.made if entry else None
    for job in jobs:
        piece = job.piece
        if piece.kind in ("block", "import"):
            draft = blocks.take_out(draft.text)
        elif piece.kind == "server" and job.path.suffix == ".toml":
            draft = tomltext.take_out(draft.text, piece.at)
        else:
            draft = settings.take_out(draft, job.host.id, piece.at, made)
            first = tuple(key for key in piece.first if made and (key in made or "*" in made))
            draft = settings.take_out_first(draft, first)
    return draft.text


def _is_as_new(work: Work, jobs: list[Job], spot: Spot) -> bool:
    """Whether the file is what swarm would write where there is none: then nothing in it is anybody else's."""
    empty = Spot(spot.path, spot.real, None)
    for server in (False, True):
        trial = Work(work.ground, Ledger(), work.rows, server)
        for change in _put_in(trial, jobs, empty):
            if change.after == spot.data:
                return True
    return False


# -- below: files of ours


def _write_whole(work: Work, path: Path, wanted: bytes, twin: bytes) -> Iterator[Change]:
    spot = look(work.ground, path)
    if spot.data == twin and (spot.real != path or work.ledger.knows(twin)):
        wanted = twin  # a linked folder serves two hosts: what is there will do
    key = work.ground.key(path)
    entry = Entry(digest(wanted), created=True)
    if spot.data is None:
        yield Change(work.ground, spot, "created", wanted, "", entry)
    elif spot.data == wanted:
        yield Change(work.ground, spot, "unchanged", wanted)
        yield from _tidy(work, path)
    elif work.ledger.at(key, spot.data) is not None:
        check_writable(spot)
        yield Change(work.ground, spot, "changed", wanted, "", entry)
        yield from _tidy(work, path)
    else:
        yield from _beside(work, spot, wanted)


def _beside(work: Work, spot: Spot, wanted: bytes) -> Iterator[Change]:
    """Somebody edited the file: leave it, and put ours beside it."""
    other = look(work.ground, spot.path.with_name(f"{spot.path.name}.new"))
    name = work.ground.shown(other.path)
    yield Change(work.ground, spot, "kept", spot.data, f"it was edited; what swarm would write is in {name}")
    if other.data == wanted:
        yield Change(work.ground, other, "unchanged", wanted)
    elif other.data is None or work.ledger.at(work.ground.key(other.path), other.data):
        action = "created" if other.data is None else "changed"
        yield Change(work.ground, other, action, wanted, "", Entry(digest(wanted), created=True))
    else:
        yield Change(work.ground, other, "kept", other.data, "it was edited")


def _tidy(work: Work, path: Path) -> Iterator[Change]:
    """Take a ``.new`` of ours away."""
    other = look(work.ground, path.with_name(f"{path.name}.new"))
    if other.data is not None and work.ledger.at(work.ground.key(other.path), other.data):
        yield Change(work.ground, other, "removed")


def _remove_whole(work: Work, path: Path, wanted: bytes, twin: bytes) -> Iterator[Change]:
    spot = look(work.ground, path)
    if spot.data is not None and (spot.data in (wanted, twin) or work.ledger.at(work.ground.key(path), spot.data)):
        check_writable(spot)
        yield Change(work.ground, spot, "removed")
    elif spot.data is not None:
        yield Change(work.ground, spot, "kept", spot.data, "it was edited; remove it by hand")
    yield from _tidy(work, path)

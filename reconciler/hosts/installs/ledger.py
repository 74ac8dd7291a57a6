"""What swarm wrote into files of others: hashes of whole files, and the way back of edits. Never a file's text.

Of the user's own files it lies in the state folder of the user (XDG), of a repository's files in its git common
directory, where all worktrees share it and no branch carries it. Lost, nothing breaks: uninstall then goes by what
is recognised as ours.
"""

import hashlib
import json
from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from reconciler.files import HOME, open_folder, read_file, sweep, write_file
from reconciler.frozen import frozen
from reconciler.hosts.installs import splices
from reconciler.hosts.installs.splices import Undo

NAME = "installs.json"
SCHEMA = "swarm.installs/1"
KEPT = 8  # states of one file that are remembered: worktrees have one each


@frozen
class Entry:
    """One file as swarm left it."""

    digest: str
    created: bool = False  # there was no file before
    made: tuple[str, ...] = ()  # objects and lists that were made in it for ours
    undo: Undo | None = None  # the way back to what was there before; None = not known
    said: str = ""  # of a marked block: the hash of what it said


@dataclass(slots=True)
class Ledger:
    """All entries, oldest first, and the folders that were made."""

    files: dict[str, tuple[Entry, ...]] = field(default_factory=dict)
    folders: set[str] = field(default_factory=set)

    def at(self, key: str, data: bytes) -> Entry | None:
        """The entry of the file as it is now; None when somebody changed it since."""
        wanted = digest(data)
        return next((entry for entry in reversed(self.files.get(key, ())) if entry.digest == wanted), None)

    def last(self, key: str) -> Entry | None:
        return self.files.get(key, (None,))[-1]

    def knows(self, data: bytes) -> bool:
        """Whether swarm wrote these bytes, be it into which file."""
        wanted = digest(data)
        return any(entry.digest == wanted for entries in self.files.values() for entry in entries)

    def note(self, key: str, entry: Entry) -> None:
        others = tuple(e for e in self.files.get(key, ()) if e.digest != entry.digest)
        self.files[key] = (*others, entry)[-KEPT:]

    def forget(self, key: str) -> None:
        self.files.pop(key, None)


def digest(data: bytes) -> str:
    """What identifies a file's bytes."""
    return hashlib.sha256(data).hexdigest()


def load(state: Path) -> Ledger:
    """The ledger below ``state``; an empty one when there is none or it cannot be understood."""
    if not state.is_dir():
        return Ledger()
    with open_folder(state, HOME) as home:
        data = read_file(home, NAME) if home is not None else None
    try:
        content = json.loads(data or b"{}")
        if not isinstance(content, dict) or content.get("schema") != SCHEMA:
            return Ledger()
        files = {str(key): tuple(_entry(row) for row in rows) for key, rows in content["files"].items()}
        return Ledger(files, {str(folder) for folder in content["folders"]})
    except (AttributeError, KeyError, TypeError, ValueError, RecursionError):
        return Ledger()


def save(state: Path, ledger: Ledger) -> None:
    """Write it. Raises SwarmError when the folder cannot be written."""
    rows = {key: [_row(entry) for entry in entries] for key, entries in sorted(ledger.files.items())}
    content = {"schema": SCHEMA, "files": rows, "folders": sorted(ledger.folders)}
    data = (json.dumps(content, indent=1, ensure_ascii=True) + "\n").encode()
    with open_folder(state, HOME, create=True) as home:
        assert home is not None  # it was to be created
        sweep(home)
        if read_file(home, NAME) != data:
            write_file(home, NAME, data)


def _row(entry: Entry) -> dict[str, Any]:
    undo = None if entry.undo is None else splices.as_rows(entry.undo)
    row = {"sha256": entry.digest, "created": entry.created, "made": list(entry.made), "undo": undo, "said": entry.said}
    return {key: value for key, value in row.items() if value not in (False, [], None, "")}


def _entry(row: Mapping[str, Any]) -> Entry:
    undo = splices.from_rows(row["undo"]) if "undo" in row else None
    made = tuple(str(name) for name in row.get("made", ()))
    return Entry(str(row["sha256"]), bool(row.get("created")), made, undo, str(row.get("said", "")))

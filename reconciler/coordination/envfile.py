"""PORT in an env file of a work tree: its line and nothing else, never outside the work tree, never through a link."""

import os
from pathlib import Path

from reconciler.coordination.ports import with_port
from reconciler.errors import SwarmError
from reconciler.files import in_the_way, open_folder, read_file, write_file
from reconciler.printable import printable

LIMIT = 1024 * 1024  # bytes


def set_port(top: Path, start: Path, env_file: str, number: int) -> bool:
    """Write ``PORT=number`` into ``env_file``, relative to ``start`` in the work tree ``top``; False if it says so.

    Raises SwarmError for what lies outside, in .git, behind a link, or is no plain text file.
    """
    parts = _inside(top, start, env_file)
    with open_folder(top, *parts[:-1]) as folder:
        if folder is None:
            raise SwarmError(f"no folder {printable(str(top.joinpath(*parts[:-1])))}", hint="mkdir it first")
        old = read_file(folder, parts[-1], limit=LIMIT)
        if old is not None and b"\0" in old:
            raise in_the_way(folder.path / parts[-1], "not a text file")
        new = os.fsencode(with_port(os.fsdecode(old or b""), number))
        if new == old:
            return False
        write_file(folder, parts[-1], new)
    return True


def exclude(common: Path, pattern: str) -> None:
    """Add a line to ``info/exclude``, the list of ignored files that no branch carries."""
    with open_folder(common, "info", create=True) as folder:
        assert folder is not None  # it was to be created
        old = os.fsdecode(read_file(folder, "exclude", limit=LIMIT) or b"")
        if pattern not in old.splitlines():
            gap = "" if not old or old.endswith("\n") else "\n"
            write_file(folder, "exclude", os.fsencode(f"{old}{gap}{pattern}\n"))


def _inside(top: Path, start: Path, env_file: str) -> tuple[str, ...]:
    """The parts of the path below ``top``; links are not followed here, so none can lead out unseen."""
    if not env_file.strip() or "\0" in env_file or env_file.endswith(("/", "/.", "/..")):
        raise SwarmError(f'"{printable(env_file)}" names no file', hint="swarm port --env-file .env.local")
    parts = Path(os.path.relpath(Path(os.path.realpath(start), env_file), os.path.realpath(top))).parts
    if not parts or parts[0] in ("..", "/") or parts == (".",):
        raise SwarmError(
            f'"{printable(env_file)}" lies outside of the work tree {printable(str(top))}',
            hint="swarm port --env-file .env.local",
        )
    if any(part.casefold() == ".git" for part in parts):
        raise SwarmError(f'"{printable(env_file)}" belongs to git', hint="swarm port --env-file .env.local")
    return parts

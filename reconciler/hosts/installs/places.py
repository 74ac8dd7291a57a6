"""Where a file really lies, what is in it, how it is replaced: links are followed, never out of a repository."""

import os
import pwd
import stat
from collections.abc import Mapping
from contextlib import suppress
from pathlib import Path

from reconciler import files
from reconciler.errors import SwarmError
from reconciler.frozen import frozen
from reconciler.hosts.installs.rows import Host
from reconciler.printable import printable

LIMIT = 4 * 1024 * 1024  # bytes of a file that is looked into


@frozen
class Ground:
    """Where one scope's files lie. ``root``: the work tree, None for the user's own files."""

    scope: str
    state: Path  # below it lies the ledger, in swarm/
    root: Path | None = None
    env: Mapping[str, str] | None = None

    def path(self, host: Host, text: str) -> Path:
        """The path that a row names."""
        env = self.env or {}
        home = home_of(env)
        if self.root is not None:
            return self.root / text
        config = env.get("XDG_CONFIG_HOME", "")
        config = config if config.startswith("/") else f"{home}/.config"  # a relative one does not count (XDG)
        own = (env.get(host.variable) if host.variable else "") or host.home
        path = text.replace("{home}", own).replace("{config}", config)
        return Path(f"{home}{path[1:]}" if path.startswith("~/") else path)

    def key(self, path: Path) -> str:
        """What the ledger calls it."""
        return path.relative_to(self.root).as_posix() if self.root is not None else str(path)

    def shown(self, path: Path) -> str:
        """What people call it."""
        if self.root is not None:
            return self.key(path)
        home = (self.env or {}).get("HOME", "")
        return f"~/{path.relative_to(home)}" if home and path.is_relative_to(home) else str(path)


@frozen
class Spot:
    """One file as it is. ``real``: where the links lead; ``data``: None = there is no file."""

    path: Path
    real: Path
    data: bytes | None
    mode: int = 0o644

    @property
    def text(self) -> str:
        """What it says. Raises SwarmError when that is no UTF-8."""
        try:
            return (self.data or b"").decode("utf-8")
        except UnicodeDecodeError as error:
            line = (self.data or b"").count(b"\n", 0, error.start) + 1
            where = f"{printable(str(self.path))}:{line}"
            raise SwarmError(f"{where}: is not UTF-8; swarm does not change it", hint="iconv -t UTF-8") from None


def home_of(env: Mapping[str, str]) -> str:
    """The user's home: HOME, and where that says nothing, or no place that is the same from everywhere, the system."""
    said = env.get("HOME", "")
    if said.startswith("/"):
        return said
    try:
        return pwd.getpwuid(os.getuid()).pw_dir
    except KeyError:
        return "/"


def look(ground: Ground, path: Path) -> Spot:
    """The file at ``path``. Raises SwarmError when it cannot be read, or lies where swarm must not write."""
    real = Path(os.path.realpath(path))
    if ground.root is not None:
        _check_inside(ground.root, path, real)
    try:
        status = real.lstat()
    except (FileNotFoundError, NotADirectoryError):
        _check_chain(path, real)
        return Spot(path, real, None)
    except OSError as error:
        raise files.failed("read", path, error) from error
    if stat.S_ISLNK(status.st_mode):
        raise files.in_the_way(path, "a link that leads nowhere")
    if not stat.S_ISREG(status.st_mode):
        raise files.in_the_way(path, "a folder" if stat.S_ISDIR(status.st_mode) else "not a regular file")
    with files.open_folder(real.parent) as folder:
        assert folder is not None  # the file is in it
        if status.st_size > LIMIT:
            shown = printable(str(path))
            raise SwarmError(f"{shown} is larger than 4 MB; swarm does not change it", hint=f"ls -lh {shown}")
        return Spot(path, real, files.read_file(folder, real.name, limit=LIMIT), stat.S_IMODE(status.st_mode))


def check_writable(spot: Spot) -> None:
    """Raise SwarmError when the owner has made the file read-only: replacing it would get around that."""
    if spot.data is not None and not spot.mode & 0o200:
        shown = printable(str(spot.path))
        raise SwarmError(f"{shown} is read-only; nothing was changed", hint=f"chmod u+w {shown}")


def missing(spot: Spot) -> tuple[Path, ...]:
    """The folders that have to be made for the file."""
    return tuple(folder for folder in spot.real.parents if not os.path.lexists(folder))


def sweep(folder: Path) -> None:
    """Remove what a writer that died left in a folder; only for who holds the lock."""
    with suppress(OSError, SwarmError), files.open_folder(folder) as opened:
        if opened is not None:
            files.sweep(opened)


def write(ground: Ground, spot: Spot, data: bytes) -> None:
    """Put ``data`` in the place of the file, whole, and make the folders for it. Raises SwarmError."""
    anchor = ground.root.resolve() if ground.root is not None else _existing(spot.real.parent)
    parts = spot.real.parent.relative_to(anchor).parts
    with files.open_folder(anchor, *parts, create=True) as folder:
        assert folder is not None  # it was to be created
        _check_unchanged(folder, spot)
        if spot.data is None:
            if not files.create_file(folder, spot.real.name, data):
                raise _changed(spot)
        else:
            files.write_file(folder, spot.real.name, data)


def remove(spot: Spot) -> None:
    """Remove the file; where a link led to it, the link goes too. Raises SwarmError."""
    with files.open_folder(spot.real.parent) as folder:
        if folder is not None:
            _check_unchanged(folder, spot)
            files.remove_file(folder, spot.real.name)
    if spot.path.is_symlink():
        with files.open_folder(spot.path.parent) as folder:
            if folder is not None:
                files.remove_file(folder, spot.path.name)


def _check_inside(root: Path, path: Path, real: Path) -> None:
    inside = root.resolve()
    shown = printable(str(path))
    if not real.is_relative_to(inside):
        raise SwarmError(f"{shown} leads out of the repository; swarm does not write there", hint=f"ls -l {shown}")
    if ".git" in real.relative_to(inside).parts:
        raise SwarmError(f"{shown} leads into .git; swarm does not write there", hint=f"ls -l {shown}")


def _check_chain(path: Path, real: Path) -> None:
    """An absent file is fine; a link that leads to nothing is not, nor a file where a folder should be."""
    for one in (path, *path.parents):
        if one.is_symlink() and not one.exists():
            raise files.in_the_way(one, "a link that leads nowhere")
    above = _existing(real.parent)
    if not above.is_dir():
        raise files.in_the_way(above, "a file")


def _existing(folder: Path) -> Path:
    while not os.path.lexists(folder) and folder != folder.parent:
        folder = folder.parent
    return folder


def _check_unchanged(folder: files.Folder, spot: Spot) -> None:
    if files.read_file(folder, spot.real.name, limit=LIMIT) != spot.data:
        raise _changed(spot)


def _changed(spot: Spot) -> SwarmError:
    shown = printable(str(spot.path))
    return SwarmError(f"{shown} was changed by somebody at this moment; it was left alone", hint="run it again")

"""Watches folders with watchdog, by the system's events where there are any and by polling where not.

The only module that knows watchdog. Its threads pass paths on and do nothing else.
"""

import logging
from collections.abc import Callable, Mapping
from contextlib import suppress
from pathlib import Path
from typing import Any

from watchdog.events import (
    DirCreatedEvent,
    DirDeletedEvent,
    DirMovedEvent,
    FileClosedEvent,
    FileCreatedEvent,
    FileDeletedEvent,
    FileModifiedEvent,
    FileMovedEvent,
    FileSystemEvent,
    FileSystemEventHandler,
)
from watchdog.observers import Observer
from watchdog.observers.api import BaseObserver, ObservedWatch
from watchdog.observers.polling import PollingObserver

from reconciler.watch.ground import Identity, Spot, places

# Opened and closed without writing would wake us by our own reading; a folder is modified with each of its files.
KINDS: tuple[type[FileSystemEvent], ...] = (
    FileCreatedEvent,
    FileModifiedEvent,
    FileMovedEvent,
    FileDeletedEvent,
    FileClosedEvent,
    DirCreatedEvent,
    DirMovedEvent,
    DirDeletedEvent,
)
PERIOD = 2.0  # seconds between two looks where there are no events
# Others write there without this system being told.
SILENT = frozenset({"nfs", "nfs4", "cifs", "smb3", "smbfs", "9p", "afs", "ceph", "glusterfs", "lustre", "drvfs"})
_SILENT_STARTS = ("fuse.", "fuseblk", "vboxsf", "prl_fs", "vmhgfs")


class Eyes(FileSystemEventHandler):
    """``heard(path)`` is called from other threads for each change, ``lost()`` when events were dropped."""

    def __init__(
        self,
        heard: Callable[[str], None],
        lost: Callable[[], None],
        *,
        is_silent: Callable[[str], bool] | None = None,
        period: float = PERIOD,
    ) -> None:
        self._heard = heard
        self._is_silent = is_silent or _lies_on_silent_disk(_mounts())
        self._watches: dict[Spot, tuple[Identity, BaseObserver, ObservedWatch]] = {}
        self._native: BaseObserver | None = None
        self._polling: BaseObserver | None = None
        self._period = period
        self._log = _Log(lost)

    def look_at(self, wanted: Mapping[Spot, Identity]) -> bool:
        """Watch these folders and no others; whether one was added (what happened in it before was not heard)."""
        for spot, (identity, observer, watch) in list(self._watches.items()):
            if wanted.get(spot) != identity or not _is_alive(observer, watch):
                del self._watches[spot]
                with suppress(KeyError, OSError):
                    observer.unschedule(watch)
        added = [self._add(spot, identity) for spot, identity in wanted.items() if spot not in self._watches]
        return any(added)

    def forget(self) -> None:
        """Let go of everything, to look at it afresh."""
        self.look_at({})

    @property
    def polled(self) -> tuple[str, ...]:
        """Folders that are polled."""
        return tuple(sorted(s.path for s, (_, observer, _) in self._watches.items() if observer is self._polling))

    @property
    def watched(self) -> int:
        return len(self._watches)

    def close(self) -> None:
        """End the threads."""
        for observer in (self._native, self._polling):
            if observer is not None:
                observer.stop()
                observer.join(5.0)
        self._watches.clear()
        self._log.close()

    def dispatch(self, event: FileSystemEvent) -> None:
        """Called by watchdog."""
        if isinstance(event, KINDS):
            for path in (event.src_path, getattr(event, "dest_path", "")):
                if path:
                    self._heard(path if isinstance(path, str) else path.decode("utf-8", "surrogateescape"))

    def _add(self, spot: Spot, identity: Identity) -> bool:
        observers = [self._poller] if self._is_silent(spot.path) else [self._listener, self._poller]
        for observer in observers:
            try:
                chosen = observer()
                watch = chosen.schedule(self, spot.path, recursive=spot.deep, event_filter=list(KINDS))
            except (FileNotFoundError, NotADirectoryError):
                return False  # gone in between; the folder above tells when it is back
            except OSError:
                continue  # the system's limit of watches is reached, or it may not be read
            self._watches[spot] = (identity, chosen, watch)
            return True
        return False

    def _listener(self) -> BaseObserver:
        if self._native is None:
            self._native = Observer()
            self._native.daemon = True
            self._native.start()
        return self._native

    def _poller(self) -> BaseObserver:
        if self._polling is None:
            self._polling = PollingObserver(timeout=self._period)
            self._polling.daemon = True
            self._polling.start()
        return self._polling


class _Log(logging.Handler):
    """Watchdog says only in its log that events were dropped; nothing of it is printed."""

    def __init__(self, lost: Callable[[], None]) -> None:
        super().__init__(logging.WARNING)
        self._lost = lost
        self._logger = logging.getLogger("watchdog")
        self._logger.addHandler(self)
        self._logger.propagate = False

    def emit(self, record: logging.LogRecord) -> None:
        if "overflow" in record.getMessage():
            self._lost()

    def close(self) -> None:
        self._logger.removeHandler(self)
        super().close()


def _is_alive(observer: Any, watch: ObservedWatch) -> bool:
    """A watch ends with its folder, even when another one took its place and its inode."""
    return any(emitter.watch == watch and emitter.is_alive() for emitter in list(observer.emitters))


def _lies_on_silent_disk(mounts: Mapping[str, str]) -> Callable[[str], bool]:
    def is_silent(path: str) -> bool:
        kind = places(mounts, path)
        return kind in SILENT or kind.startswith(_SILENT_STARTS)

    return is_silent


def _mounts() -> dict[str, str]:
    """Mount point -> kind of file system; empty where the system does not tell."""
    try:
        rows = Path("/proc/self/mounts").read_text("utf-8", "surrogateescape").splitlines()
    except OSError:
        return {}
    return {fields[1].replace("\\040", " "): fields[2] for fields in map(str.split, rows) if len(fields) > 2}

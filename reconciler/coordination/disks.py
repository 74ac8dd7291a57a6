"""On what kind of disk the facts lie, to say so where a network disk may answer late."""

from pathlib import Path

_REMOTE = ("nfs", "nfs4", "cifs", "smb3", "smbfs", "9p", "virtiofs", "afs", "ceph", "glusterfs", "lustre", "davfs")
_USER_SPACE = ("fuse.sshfs", "fuse.glusterfs", "fuse.s3fs", "fuse.rclone")
NETWORK = frozenset((*_REMOTE, *_USER_SPACE))


def network_disk(path: Path, mounts: str | None = None) -> str:
    """Return the kind of network disk that ``path`` lies on, "" for a local one or where it cannot be told.

    ``mounts`` is the text of /proc/self/mountinfo; on systems without it nothing is told.
    """
    best, kind = "", ""
    resolved = str(path.resolve())
    for line in (_mounts() if mounts is None else mounts).splitlines():
        place, _, source = line.partition(" - ")
        fields, types = place.split(" "), source.split(" ")
        if len(fields) < 5:
            continue
        point = _unescaped(fields[4])
        inside = resolved == point or resolved.startswith(point.rstrip("/") + "/")
        if inside and len(point) >= len(best):
            best, kind = point, types[0]
    return kind if kind in NETWORK else ""


def _mounts() -> str:
    try:
        return Path("/proc/self/mountinfo").read_text("utf-8", "surrogateescape")
    except OSError:
        return ""


def _unescaped(text: str) -> str:
    for escape, char in (("\\040", " "), ("\\011", "\t"), ("\\012", "\n"), ("\\134", "\\")):
        text = text.replace(escape, char)
    return text

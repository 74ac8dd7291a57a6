"""Whether a file below ``.swarm`` is one that swarm wrote, or would write: not another tool's of the same name."""

from pathlib import Path

from reconciler.coordination import beat
from reconciler.errors import SwarmError
from reconciler.files import open_folder, read_file
from reconciler.publish.registry import recognise


def is_ours(folder: str, name: str) -> bool:
    """``folder`` is a ``.swarm``, ``name`` the file below it. Only in the top folder of a work tree."""
    top = Path(folder).parent
    try:
        if beat.find_repository(str(top))[1] != str(top):
            return False
    except OSError:
        return False
    *parts, last = name.split("/")
    try:
        with open_folder(Path(folder), *parts) as place:
            return place is None or recognise(name, read_file(place, last)).whose != "foreign"
    except SwarmError:
        return True  # cannot be told; nothing is lost by the command in its place

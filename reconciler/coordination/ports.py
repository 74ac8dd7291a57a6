"""A port for each branch: computed, the same everywhere, and an exception on record where two would meet."""

import re
import socket
from collections.abc import Callable
from hashlib import md5
from pathlib import Path

from reconciler.coordination import beat, store
from reconciler.coordination.records import load
from reconciler.errors import SwarmError
from reconciler.frozen import frozen

FIRST, LAST = 3001, 3999
_LINE = re.compile(r"^([ \t]*(?:export[ \t]+)?)PORT[ \t]*=[^\r\n]*", re.MULTILINE)


@frozen
class Port:
    branch: str
    number: int
    computed: int  # what the formula gives
    why: str = ""  # why it is another one
    recorded: bool = True  # False = the disk could not be written, so it may differ next time


def computed_port(branch: str, first: int = FIRST, last: int = LAST) -> int:
    """Return the port that the formula gives: ``int(md5(branch)[:4], 16) % 999 + 3001`` for the usual range."""
    digest = md5(branch.encode("utf-8", "surrogatepass"), usedforsecurity=False).hexdigest()
    return int(digest[:4], 16) % (last - first + 1) + first


def port(
    root: Path,
    branch: str,
    *,
    is_free: Callable[[int], bool] | None = None,
    first: int = FIRST,
    last: int = LAST,
) -> Port:
    """Return the port of a branch: the recorded one, else the computed one, else the next that is free.

    Each number is recorded by a file that only one branch can create, so two branches never share one. A port in use
    by a stranger is passed over once; later calls return what is recorded, for by then the user is the branch itself.
    """
    if not 0 < first <= last < 65536:
        raise SwarmError(f"port_range {first}-{last} is not a range of ports", hint="swarm config port_range")
    probe = is_free or is_port_free
    wanted = computed_port(branch, first, last)
    folder = root / "ports"
    store.sweep(folder)
    owners = _owners(folder)
    for number, owner in sorted(owners.items()):
        if owner == branch and first <= number <= last:
            return Port(branch, number, wanted, "" if number == wanted else "recorded earlier")
    why = ""
    for step in range(last - first + 1):
        number = first + (wanted - first + step) % (last - first + 1)
        if number in owners:
            why = why or f"{number} belongs to {owners[number]}"
        elif not probe(number):
            why = why or f"{number} is in use"
        else:
            taken = _record(folder, branch, number)
            if taken is not False:
                return Port(branch, number, wanted, why, recorded=taken is True)
            why = why or f"{number} was taken a moment ago"
    raise SwarmError(f"no port from {first} to {last} is free", hint="swarm config port_range")


def forget_ports(root: Path, branches: frozenset[str]) -> tuple[str, ...]:
    """Give back the ports of branches that are no more; return those branches, sorted."""
    gone = {number: owner for number, owner in _owners(root / "ports").items() if owner not in branches}
    return tuple(sorted(owner for number, owner in gone.items() if store.remove(root / "ports" / str(number))))


def with_port(text: str, number: int) -> str:
    """Return the text of an env file in which PORT is ``number``: its lines replaced, else one added."""
    replaced, count = _LINE.subn(rf"\g<1>PORT={number}", text)
    if count:
        return replaced
    gap = "" if not text or text.endswith("\n") else "\n"
    return f"{text}{gap}PORT={number}\n"


def is_port_free(number: int) -> bool:
    """Tell whether nobody listens on a port of this machine."""
    with socket.socket(socket.AF_INET, socket.SOCK_STREAM) as probe:
        probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        try:
            probe.bind(("127.0.0.1", number))
        except OSError:
            return False
    return True


def _owners(folder: Path) -> dict[int, str]:
    found = {}
    for name in store.names(folder):
        if name.isascii() and name.isdigit() and len(name) < 6:
            branch = load(store.read_if_whole(folder / name)).get("branch")
            found[int(name)] = branch if isinstance(branch, str) else "an unreadable record"
    return found


def _record(folder: Path, branch: str, number: int) -> bool | None:
    """Take a number: True = mine, False = another branch was faster, None = the disk cannot be written."""
    values: dict[str, object] = {"schema": "swarm.port/1", "branch": branch, "port": number}
    try:
        return store.create(folder / str(number), f"{beat.dump(values)}\n".encode())
    except SwarmError:
        return None

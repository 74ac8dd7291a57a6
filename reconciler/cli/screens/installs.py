"""`swarm install` and `swarm uninstall`: what was done to which file, the difference, the list of hosts."""

import difflib
from collections.abc import Iterator, Sequence
from typing import TYPE_CHECKING, Any

from reconciler.cli.screens.ink import plural
from reconciler.printable import printable

if TYPE_CHECKING:
    from reconciler.hosts.installs.plan import Change
    from reconciler.hosts.installs.seen import Finding, Seen

_VERBS = {"created": "wrote", "changed": "changed", "removed": "removed"}


def done(changes: "Sequence[Change]") -> str:
    """One line for each file, or for the files of one folder of skills; "" when nothing was done."""
    groups: dict[tuple[str, str], int] = {}
    for change in changes:
        if change.writes:
            path = change.folder or change.spot.path
            where = change.ground.shown(path) + ("/" if change.folder else "")
            groups[change.action, where] = groups.get((change.action, where), 0) + 1
    return "\n".join(printable(_line(action, where, count)) for (action, where), count in groups.items())


def difference(changes: "Sequence[Change]") -> str:
    """A unified difference of everything that would be written."""
    return "\n".join(_shown(line) for change in changes if change.writes for line in _diff(change))


def row(change: "Change", *, dry: bool) -> dict[str, Any]:
    """One file for --json."""
    return {
        "path": str(change.spot.path), "scope": change.ground.scope, "hosts": list(change.hosts),
        "action": change.action, "why": change.say or None,
        "diff": "\n".join(_diff(change)) if dry and change.writes else None,
    }  # fmt: skip


def hosts(rows: Sequence[dict[str, Any]]) -> str:
    """The hosts, whether they are used here, and where swarm is installed in them."""
    lines = []
    for host in rows:
        where = [*host["installed"], *(["plugin"] if host["plugin"] else [])]
        said = f"installed: {', '.join(where)}" if where else "detected" if host["detected"] else "-"
        lines.append(f"{host['id']:<9} {host['title']:<27} {said}")
    return "\n".join([*lines, "install: swarm install HOST    out again: swarm uninstall HOST"])


def doctor(seen: "Sequence[Seen]", findings: "Sequence[Finding]") -> str:
    """Where swarm is installed in hosts, then everything that is wrong with it, with the way out."""
    where = dict.fromkeys(f"{one.host} ({one.scope})" for one in seen)
    lines = [f"Hosts: {', '.join(where) or 'none; swarm install lists them'}"]
    for one in findings:
        lines += [f"  {one.host or 'all'}: {one.message}", f"      {one.hint}"]
    return "\n".join(printable(line) for line in lines)


def _line(action: str, where: str, count: int) -> str:
    return f"{_VERBS[action]} {where}" + (f" ({plural(count, 'file')})" if where.endswith("/") else "")


def _diff(change: "Change") -> Iterator[str]:
    name = change.ground.shown(change.spot.path)
    old = "/dev/null" if change.spot.data is None else name
    new = "/dev/null" if change.after is None else name
    before, after = _lines(change.spot.data), _lines(change.after)
    for line in difflib.unified_diff(before, after, old, new, lineterm=""):
        yield line.removesuffix("\n")
        if before[-1:] == [line[1:]] or after[-1:] == [line[1:]]:
            yield from () if line.endswith("\n") else ("\\ No newline at end of file",)


def _lines(data: bytes | None) -> list[str]:
    lines = (data or b"").decode("utf-8", "replace").split("\n")
    return [*(f"{line}\n" for line in lines[:-1]), *(lines[-1:] if lines[-1] else [])]


def _shown(line: str) -> str:
    return "\t".join(printable(part) for part in line.split("\t"))

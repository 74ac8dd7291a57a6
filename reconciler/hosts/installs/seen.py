"""Looks at what is installed where, and finds what would fire twice, not at all, or in another version."""

import os
import shlex
import shutil
import subprocess
import tomllib
from collections.abc import Iterator, Mapping, Sequence
from pathlib import Path
from typing import Any

from reconciler.errors import SwarmError
from reconciler.frozen import frozen
from reconciler.hosts.installs import jsontree, settings
from reconciler.hosts.installs.places import Ground, look
from reconciler.hosts.installs.plan import file_of
from reconciler.hosts.installs.rows import Host, Off, Rows

WAIT = 5.0  # seconds for a command to say its version


@frozen
class Seen:
    """One settings file of one host. ``fires``: the events that reach swarm, each as often as it would."""

    host: str
    scope: str
    path: Path
    fires: tuple[str, ...]
    wanted: tuple[str, ...]
    broken: str = ""  # why it could not be read


@frozen
class Finding:
    """Something that is wrong with how a host is set up, and the way out."""

    host: str
    code: str
    message: str
    hint: str


def installed(rows: Rows, grounds: Sequence[Ground]) -> tuple[Seen, ...]:
    """Every settings file in which swarm is, or which could not be read."""
    found = []
    for host in rows.hosts:
        for ground in grounds:
            for piece in host.of(ground.scope):
                if piece.kind in ("hooks", "plugin"):
                    path = file_of(ground, host, piece)
                    found.append(_seen(ground, host, path, tuple(piece.groups)))
    once = {os.path.realpath(seen.path): seen for seen in reversed(found)}  # a home may be a repository
    return tuple(seen for seen in found if (seen.fires or seen.broken) and seen in once.values())


def detected(host: Host, ground: Ground) -> bool:
    """Whether the host seems to be used on this machine: its command is on PATH, or its folder is there."""
    path = (ground.env or {}).get("PATH")
    return shutil.which(host.program, path=path) is not None or ground.path(host, "{home}").is_dir()


def plugins(rows: Rows, grounds: Sequence[Ground]) -> tuple[tuple[str, str, Path], ...]:
    """Hosts in whose settings the swarm plugin is switched on: (host, name of the plugin, file)."""
    found = []
    for host in rows.hosts:
        for ground in grounds if host.plugin else ():
            for piece in host.of(ground.scope):
                path = file_of(ground, host, piece)
                enabled = _values(ground, path).get("enabledPlugins") if piece.kind == "hooks" else None
                names = enabled.items() if isinstance(enabled, dict) else ()
                found += [(host.id, str(n), path) for n, on in names if on is True and str(n).startswith(host.plugin)]
    return tuple(found)


def findings(rows: Rows, grounds: Sequence[Ground], version: str) -> tuple[Finding, ...]:
    """Everything that is wrong, for the hosts in which swarm is installed. ``version``: of this swarm."""
    seen = installed(rows, grounds)
    by_plugin = plugins(rows, grounds)
    concerned = {one.host for one in seen if one.fires} | {host for host, _, _ in by_plugin}
    found: list[Finding] = []
    for host in rows.hosts:
        own = [one for one in seen if one.host == host.id]
        found += _of_files(own)
        found += _twice(host, own, [entry for entry in by_plugin if entry[0] == host.id], grounds)
        found += _also(host, seen, rows)
        if host.id in concerned:
            found += _switched_off(host, grounds)
    if concerned:
        found += _on_path(grounds, version)
    return tuple(found)


# -- below: one file


def _seen(ground: Ground, host: Host, path: Path, wanted: tuple[str, ...]) -> Seen:
    try:
        spot = look(ground, path)
        if spot.data is None:
            return Seen(host.id, ground.scope, path, (), wanted)
        if path.suffix != ".json":
            return Seen(host.id, ground.scope, path, ("plugin",), ("plugin",))
        return Seen(host.id, ground.scope, path, settings.present(jsontree.parse(spot.text), host.id), wanted)
    except SwarmError as error:
        return Seen(host.id, ground.scope, path, (), wanted, error.message)
    except jsontree.BadJson as error:
        return Seen(host.id, ground.scope, path, (), wanted, f"{path}:{error.line}: is not valid JSON: {error.message}")


def _values(ground: Ground, path: Path) -> Mapping[str, Any]:
    """What a settings file says, for looking at; {} when it cannot be read."""
    try:
        text = look(ground, path).text.removeprefix("\ufeff")
        if path.suffix == ".toml":
            return tomllib.loads(text)
        root = jsontree.parse(text)
    except (SwarmError, ValueError, RecursionError):
        return {}
    value = _value(root) if root else {}
    return value if isinstance(value, dict) else {}


def _value(node: jsontree.Node) -> Any:
    if node.kind == "object":
        return {child.key: _value(child.node) for child in node.children}
    if node.kind == "list":
        return [_value(child.node) for child in node.children]
    return {"true": True, "false": False}.get(node.text) if node.kind == "scalar" else node.text


# -- below: what is wrong


def _of_files(seen: Sequence[Seen]) -> Iterator[Finding]:
    for one in seen:
        again = f"swarm install {one.host} --{one.scope}"
        if one.broken:
            yield Finding(one.host, "unreadable", one.broken, f"${{EDITOR:-vi}} {shlex.quote(str(one.path))}")
            continue
        double = sorted({event for event in one.fires if one.fires.count(event) > 1})
        if double:
            yield Finding(one.host, "fires-twice", f"{one.path} calls swarm twice for {', '.join(double)}", again)
        missing = [event for event in one.wanted if event not in one.fires]
        if missing:
            message = f"{one.path} does not call swarm for {', '.join(missing)}"
            yield Finding(one.host, "incomplete", message, again)


def _twice(
    host: Host, seen: Sequence[Seen], by_plugin: Sequence[tuple[str, str, Path]], grounds: Sequence[Ground]
) -> Iterator[Finding]:
    """In several settings, or in the settings and by the plugin."""
    places = [one for one in seen if one.fires]
    scopes = list(dict.fromkeys(one.scope for one in places))
    if len(scopes) > 1:
        hint = f"swarm uninstall {host.id} --{places[-1].scope}"
        message = f"installed in {' and '.join(scopes)} settings; every hook fires twice"
        yield Finding(host.id, "installed-twice", message, hint)
    if places and by_plugin:
        message = f"the plugin {by_plugin[0][1]} and {places[0].path} both call swarm; every hook fires twice"
        yield Finding(host.id, "plugin-and-settings", message, f"swarm uninstall {host.id}")


def _also(host: Host, seen: Sequence[Seen], rows: Rows) -> Iterator[Finding]:
    """A host that runs the project hooks of another as well."""
    own = [one for one in seen if one.host == host.id and one.fires]
    for other in host.also_reads:
        read = [one for one in seen if one.host == other and one.scope != "user" and one.fires]
        title = getattr(rows.host(other), "title", other)
        if own and read:
            message = f"{host.title} can run the project hooks of {title} too; a session may be counted twice"
            yield Finding(host.id, "read-by-both", message, f"switch off hooks of {title} in {host.title}")


def _switched_off(host: Host, grounds: Sequence[Ground]) -> Iterator[Finding]:
    for off in host.off:
        for ground in grounds:
            if ground.scope == off.scope and (path := _switch(ground, host, off)):
                key = ".".join(off.key)
                message = f"{path} switches all hooks off ({key})"
                yield Finding(host.id, "switched-off", message, f"take {key} out of {path}")


def _switch(ground: Ground, host: Host, off: Off) -> Path | None:
    path = ground.path(host, off.path)
    value: Any = _values(ground, path)
    for key in off.key:
        value = value.get(key) if isinstance(value, dict) else None
    return path if value is off.value else None


def _on_path(grounds: Sequence[Ground], version: str) -> Iterator[Finding]:
    """Hooks say ``swarm``: the one on PATH must be this one."""
    found = shutil.which("swarm", path=(grounds[0].env or {}).get("PATH"))
    if found is None:
        message = "swarm is not on PATH; hooks cannot start it"
        yield Finding("", "not-on-path", message, "pipx install swarm-reconciler, or add its folder to PATH")
        return
    said = version_of(Path(found), grounds)
    if said != version:
        message = f"{found} is swarm {said or 'of an unknown version'}, this one is {version}"
        yield Finding("", "other-version", message, "pipx upgrade swarm-reconciler")


def version_of(program: Path, grounds: Sequence[Ground]) -> str:
    """The version of a ``swarm`` command: what lies beside it says so, else it is asked; "" when neither tells."""
    real = Path(os.path.realpath(program))
    beside = sorted(real.parent.parent.glob("lib/python3*/site-packages/swarm_reconciler-*.dist-info"))
    if beside:
        return beside[-1].name.removeprefix("swarm_reconciler-").removesuffix(".dist-info")
    if any(ground.root is not None and real.is_relative_to(ground.root.resolve()) for ground in grounds):
        return ""  # what comes with a repository is not run
    try:
        done = subprocess.run(  # noqa: S603  (what every hook runs)
            [program, "--version"], cwd="/", env=dict(grounds[0].env or {}), timeout=WAIT, check=False,
            stdin=subprocess.DEVNULL, capture_output=True,
        )  # fmt: skip
    except (OSError, subprocess.TimeoutExpired):
        return ""
    words = done.stdout[:200].decode("utf-8", "replace").split()
    return words[1] if len(words) == 2 and words[0] == "swarm" else ""

"""Reads rules/installs.toml and rules/skills.toml: which host keeps what where. Names of events: rules/hosts.toml."""

import tomllib
from collections.abc import Mapping
from functools import cache
from pathlib import Path
from typing import Any

from reconciler.errors import Exit, SwarmError
from reconciler.frozen import frozen

SCOPES = ("user", "project", "local")


@frozen
class Piece:
    """One thing that is written for one host in one scope. ``kind``: see rules/installs.toml."""

    scope: str
    kind: str
    paths: tuple[str, ...]
    groups: Mapping[str, Any]  # of kind hooks: event -> what is appended
    first: Mapping[str, Any]
    at: tuple[str, ...] = ()
    value: Mapping[str, Any] | None = None
    flavour: str = ""
    line: str = ""
    under: str = "hooks"  # of kind hooks: the member that holds the events


@frozen
class Off:
    """A setting that switches all hooks of a host off."""

    scope: str
    path: str
    key: tuple[str, ...]
    value: bool


@frozen
class Host:
    """One agent host."""

    id: str
    title: str
    see: str
    program: str
    home: str
    variable: str
    plugin: str
    note: str
    also_reads: tuple[str, ...]
    off: tuple[Off, ...]
    pieces: tuple[Piece, ...]

    def of(self, scope: str) -> tuple[Piece, ...]:
        """What is written in one scope; () = the host has no such scope."""
        return tuple(piece for piece in self.pieces if piece.scope == scope)


@frozen
class Skill:
    """One skill, which is a slash command too."""

    id: str
    description: str
    hint: str
    tools: tuple[str, ...]
    look: str
    ask: bool
    body: str


@frozen
class Rows:
    """All rows."""

    hosts: tuple[Host, ...]
    skills: tuple[Skill, ...]
    block: str

    def host(self, name: str) -> Host | None:
        return next((host for host in self.hosts if host.id == name), None)


@cache
def load_rows() -> Rows:
    """The rows that ship with swarm; those of a repository are not asked: they would say where to write."""
    folder = _find_rules()
    installs = tomllib.loads((folder / "installs.toml").read_text("utf-8"))
    known = {row["id"]: row for row in tomllib.loads((folder / "hosts.toml").read_text("utf-8"))["host"]}
    skills = tomllib.loads((folder / "skills.toml").read_text("utf-8"))["skill"]
    return Rows(
        hosts=tuple(_host(row, known[row["host"]]) for row in installs["install"]),
        skills=tuple(_skill(row) for row in skills),
        block=installs["block"].strip("\n"),
    )


def _find_rules() -> Path:
    package = Path(__file__).resolve().parents[2]
    for folder in (package / "rules", package.parent / "rules"):
        if (folder / "installs.toml").is_file():
            return folder
    raise SwarmError("the built-in rules are missing from this installation", hint="reinstall swarm", code=Exit.BUG)


def _host(row: Mapping[str, Any], known: Mapping[str, Any]) -> Host:
    return Host(
        id=row["host"],
        title=known["title"],
        see=known["see"],
        program=row["program"],
        home=row["home"],
        variable=row["variable"],
        plugin=row.get("plugin", ""),
        note=row["note"],
        also_reads=tuple(row.get("also_reads", ())),
        off=tuple(Off(off["scope"], off["path"], tuple(off["key"]), off["is"]) for off in row["off"]),
        pieces=tuple(_piece(file, row, known) for file in row["file"]),
    )


def _piece(file: Mapping[str, Any], row: Mapping[str, Any], known: Mapping[str, Any]) -> Piece:
    hooks = file["kind"] == "hooks"
    path = file["path"]
    group, events = file.get("group", row["group"]), file.get("events", known["events"])
    return Piece(
        scope=file["scope"],
        kind=file["kind"],
        paths=tuple(path) if isinstance(path, list) else (path,),
        groups={e: _group(group, row["host"], e, known["matchers"]) for e in events} if hooks else {},
        first=file.get("first", row.get("first", {})) if hooks else {},
        at=tuple(file.get("at", ())),
        value=file.get("value"),
        flavour=file.get("flavour", ""),
        line=file.get("line", ""),
        under=file.get("under", "hooks"),
    )


def _group(group: Mapping[str, Any], host: str, event: str, matchers: Mapping[str, str]) -> dict[str, Any]:
    from reconciler.hosts.installs.commands import hook_command

    filled: dict[str, Any] = _filled(group, hook_command(host, event))
    return {"matcher": matchers[event], **filled} if event in matchers else filled


def _filled(value: Any, command: str) -> Any:
    if isinstance(value, dict):
        return {key: _filled(item, command) for key, item in value.items()}
    if isinstance(value, list):
        return [_filled(item, command) for item in value]
    return command if value == "{command}" else value


def _skill(row: Mapping[str, Any]) -> Skill:
    return Skill(
        id=row["id"],
        description=row["description"],
        hint=row["hint"],
        tools=tuple(row["tools"]),
        look=row.get("look", ""),
        ask=row.get("ask", False),
        body=row["body"].strip("\n"),
    )

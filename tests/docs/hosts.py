"""reconciler/hosts/table.py: rules/hosts.toml as Python, because a heartbeat has no time to read TOML."""

import tomllib
from typing import Any

from .paths import PROJECT, code, table

WIDTH = 120
SETTINGS = ("title", "see", "matchers")  # what only the writer of a host's settings needs

HEAD = '''\
"""Made of rules/hosts.toml by ``python -m tests.docs.generate``; not to be edited."""

from reconciler.hosts.host import Host

HOSTS: dict[str, Host] = {
'''


def module() -> str:
    """The text of the module."""
    rows = tomllib.loads((PROJECT / "rules/hosts.toml").read_text("utf-8"))["host"]
    return HEAD + "".join(_host(row) for row in rows) + "}\n"


def section(_: str, data: Any) -> str:
    """The hosts in docs/reference/rules.md."""
    parts = ["## Hosts\n\nThe coding agents whose hooks run `swarm hook HOST EVENT`, and what an event is to us: "
             "see [what hooks do](../explanation/agent-hooks.md). No repository can change this.\n"]  # fmt: skip
    for host in data["host"]:
        rows = [
            (f"`{event}`", f"`{meaning}`", "yes" if meaning in host["answers"] else "no")
            for event, meaning in (host["events"] | host.get("also", {})).items()
        ]
        parts.append(f"### `{host['id']}`: {host['title']}\n")
        parts.append(table(("event", "is", "takes text"), rows))
        parts.append(f"Session: {code(*host['session'])}; in its shells: {code(*host['variables']) or 'none'}. "
                     f"Tools that write files: {code(*host['edits'])}.\n")  # fmt: skip
    return "\n".join(parts)


def _host(row: dict[str, Any]) -> str:
    fields = {"also": {}, **{key: value for key, value in row.items() if key not in SETTINGS}}
    lines = [f"        {name}={_literal(value, 8, len(name) + 2)},\n" for name, value in fields.items()]
    return f'    "{row["id"]}": Host(\n{"".join(lines)}    ),\n'


def _literal(value: Any, indent: int, taken: int = 0) -> str:
    """A value as the formatter leaves it: on one line where it fits, else one entry a line."""
    if isinstance(value, str):
        assert value.isprintable() and not set(value) & set('"\\'), value
        return f'"{value}"'
    inner = indent + 4
    if isinstance(value, dict):
        entries = [(f'"{key}": ', deeper) for key, deeper in value.items()]
    else:
        entries = [("", deeper) for deeper in value]
    first, last = "{}" if isinstance(value, dict) else "[]"
    line = first + ", ".join(head + _literal(deeper, 0, -9999) for head, deeper in entries) + last
    if len(line) + indent + taken <= WIDTH:
        return line
    rows = [f"{' ' * inner}{head}{_literal(deeper, inner, len(head) + 1)},\n" for head, deeper in entries]
    return f"{first}\n{''.join(rows)}{' ' * indent}{last}"

"""The pages on agent hosts: what is installed where, from rules/installs.toml and rules/skills.toml."""

import json
from pathlib import Path
from typing import Any

from reconciler import __version__
from reconciler.hosts.installs.rows import SCOPES, Host, Piece, load_rows
from reconciler.hosts.installs.skills import skill_files

from .paths import DOCS, NOTICE, PROJECT, code, table

FOLDER = PROJECT / "reconciler/hosts/plugin"
_PLUGIN = "Sessions register themselves, claim work, and see what is really in flight; needs the swarm command on PATH."

_SCOPES = {
    "user": ("for all repositories", "in your home"),
    "project": ("for everybody in this repository, to be committed", "in the work tree"),
    "local": ("for you in this repository", "in the work tree, not to be committed"),
}
_KINDS = {
    "hooks": "hooks, each as a group of its own behind those that are there",
    "server": "the MCP server, if the extra `mcp` is installed or with `--mcp`",
    "skills": "skills, which are slash commands too",
    "commands": "slash commands: the skills again, for hosts that keep the two apart",
    "plugin": "a plugin that calls the hooks",
    "block": "a marked block that tells agents how to work here",
    "import": "if the file exists and does not say it yet: a marked line",
}


def pages() -> dict[Path, str]:
    """Path -> text, one page for each host."""
    return {DOCS / "reference/hosts" / f"{host.id}.md": _page(host) for host in load_rows().hosts}


def plugin() -> dict[Path, str]:
    """Path -> text of the Claude Code plugin and of the marketplace that offers it: what an installation writes."""
    rows = load_rows()
    host = rows.host("claude")
    assert host is not None
    pieces = {piece.kind: piece for piece in host.of("project")}
    hooks = {event: [group] for event, group in pieces["hooks"].groups.items()}
    at, value = pieces["server"].at, pieces["server"].value
    what = {"name": "swarm", "version": __version__, "description": _PLUGIN}
    about = {"author": {"name": "swarm"}, "license": "MIT", "keywords": ["git", "worktree", "agents", "workflow"]}
    offer = {**what, "source": f"./{FOLDER.relative_to(PROJECT).as_posix()}", "category": "workflow"}
    market = {"name": "swarm-reconciler", "owner": {"name": "swarm"}, "plugins": [offer]}
    made = {
        PROJECT / ".claude-plugin/marketplace.json": _json(market),
        FOLDER / ".claude-plugin/plugin.json": _json({**what, **about}),
        FOLDER / "hooks/hooks.json": _json({"description": _PLUGIN, "hooks": hooks}),
        FOLDER / ".mcp.json": _json({at[0]: {at[1]: value}}),
    }
    return made | {FOLDER / "skills" / path: text for path, text in skill_files(rows.skills, "claude").items()}


def _json(content: dict[str, Any]) -> str:
    return json.dumps(content, indent=2, ensure_ascii=False) + "\n"


def skills(_: str, data: Any) -> str:
    """The skills in docs/reference/rules.md."""
    rows = [(f"`{r['id']}`", r["description"], f"`{r['look']}`" if r.get("look") else "") for r in data["skill"]]
    said = "What `swarm install` gives to agents; each is the slash command of that name.\n"
    return "\n".join([f"## Skills\n\n{said}", table(("skill", "is for", "puts in"), rows)])


def installs(_: str, data: Any) -> str:
    """Where hosts are described, in docs/reference/rules.md."""
    links = ", ".join(f"[{row['host']}](hosts/{row['host']}.md)" for row in data["install"])
    return f"## Installations\n\nWhere each host keeps what is written: {links}. No repository can change this.\n"


def _page(host: Host) -> str:
    parts = [f"# {host.title}\n", NOTICE + "\n"]
    scopes = [scope for scope in SCOPES if host.of(scope)]
    shown = [f"swarm install {host.id} --{scope:<9} {_SCOPES[scope][0]}" for scope in scopes]
    shown.append(f"swarm install {host.id} --dry-run   the difference, and nothing is written")
    parts.append("\n".join(["```", *shown, "```\n"]))
    parts.append("Without a scope it is `--project`. [How it is done, and what is refused](../../how-to/agents.md).\n")
    for scope in scopes:
        rows = [(code(*piece.paths), _what(piece)) for piece in host.of(scope)]
        parts.append(f"## What is written with `--{scope}`, {_SCOPES[scope][1]}\n")
        parts.append(table(("file", "what"), rows))
    home = f"`{{home}}` is `{host.home.replace('{config}', '$XDG_CONFIG_HOME')}`"
    home += f", or what `{host.variable}` names." if host.variable else "."
    parts.append(f"{home} The host's own words on hooks: <{host.see}>.\n")
    parts.append(f"Afterwards: {host.note}.\n")
    parts += _events(host) + _out(host)
    return "\n".join(parts)


def _what(piece: Piece) -> str:
    if piece.under != "hooks":
        return f"for Antigravity: hooks for {code(*piece.groups)}, below the name `{piece.under}`"
    return _KINDS[piece.kind] + (f" `{piece.line}`" if piece.line else "")


def _events(host: Host) -> list[str]:
    hooks = next((piece for piece in host.pieces if piece.kind == "hooks"), None)
    if hooks is None:
        return []
    rows = [(f"`{e}`", f"`swarm hook {host.id} {e}`", code(group["matcher"]) if "matcher" in group else "")
            for e, group in hooks.groups.items()]  # fmt: skip
    said = "What they do and say: [what the hooks of coding agents do](../../explanation/agent-hooks.md).\n"
    return ["## Hooks\n", table(("event", "command", "only for the tools"), rows), said]


def _out(host: Host) -> list[str]:
    off = sorted({f"`{'.'.join(one.key)}`" for one in host.off})
    parts = [f"## Out again\n\n```\nswarm uninstall {host.id}\n```\n",
             "Without a scope, everywhere. A file that nobody changed since is again as it was, byte for byte; from "
             "others only these entries go. By hand: take out the entries above and remove the files.\n"]  # fmt: skip
    if off:
        parts.append(f"`swarm doctor` says when hooks are switched off ({', '.join(off)}) or would run twice.\n")
    if host.plugin:
        page = "../../how-to/agents.md#as-a-plugin-of-claude-code"
        parts.append(f"There is a plugin instead of settings: [as a plugin]({page}).\n")
    return parts

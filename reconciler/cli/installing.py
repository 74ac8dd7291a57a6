"""``swarm install`` and ``swarm uninstall``: hooks, skills and the MCP server in agent hosts."""

import os
from collections.abc import Iterator, Sequence
from contextlib import ExitStack, suppress
from importlib.util import find_spec
from pathlib import Path
from typing import TYPE_CHECKING, Any

import click

from reconciler.cli.options import common_options, json_option, settings
from reconciler.cli.session import print_json, remark, say
from reconciler.errors import Exit, NoRepository, SwarmError
from reconciler.printable import printable

if TYPE_CHECKING:
    from reconciler.hosts.installs.places import Ground
    from reconciler.hosts.installs.plan import Work
    from reconciler.hosts.installs.rows import Host, Rows
    from reconciler.hosts.installs.seen import Finding, Seen
    from reconciler.observe.git import GitRepo

_SCOPES = {
    "user": "For all repositories: in the host's folder of your home.",
    "project": "For everybody in this repository: files to commit.",
    "local": "For you in this repository: hooks only, in a file that is not committed.",
}


def _scope_options(function: Any) -> Any:
    for scope, text in reversed(_SCOPES.items()):
        function = click.option(f"--{scope}", "scopes", flag_value=scope, multiple=True, help=text)(function)
    return function


def _begun(_ctx: click.Context, _param: click.Parameter, incomplete: str) -> list[str]:
    """For the shell: the hosts that begin like this."""
    from reconciler.hosts.installs.rows import load_rows

    return [host.id for host in load_rows().hosts if host.id.startswith(incomplete)]


dry_option = click.option("--dry-run", is_flag=True, help="Write nothing; show the difference.")


@click.command(epilog="Examples:  swarm install    swarm install claude --dry-run    swarm install codex gemini --user")
@click.argument("hosts", nargs=-1, metavar="[HOST]...", shell_complete=_begun)
@_scope_options
@click.option("--mcp/--no-mcp", default=None, help="Register the MCP server; by default when its extra is installed.")
@dry_option
@json_option
@common_options
def install(hosts: Sequence[str], scopes: Sequence[str], mcp: bool | None, dry_run: bool, as_json: bool) -> int:
    """Put swarm into agent hosts: hooks, skills, slash commands and a block in AGENTS.md.

    HOST is claude, codex, cursor, copilot, opencode or gemini; without one, the hosts are listed with where swarm is
    installed. Default: --project. Settings that are there are edited in place: nothing else in them changes, and
    a file that cannot be read, is read-only or holds something unexpected is refused before anything is written.
    Files that you edited stay; what swarm would write is then put beside them as NAME.new.
    """
    from reconciler.hosts.installs.plan import plan_install
    from reconciler.hosts.installs.rows import load_rows

    rows = load_rows()
    if not hosts:
        return _list(rows, as_json=as_json)
    chosen = _chosen(rows, hosts)
    scope = _one_scope(scopes, chosen)
    _check_plugin(rows, chosen)
    server = find_spec("mcp") is not None if mcp is None else mcp
    with ExitStack() as stack:
        work = _work(stack, rows, scope, server=server, dry=dry_run)
        plan_install(work, chosen)
        _carry_out([work], dry=dry_run)
        code = _report("install", [work], chosen, dry=dry_run, as_json=as_json)
    _remarks(rows, chosen, scope, server=server, asked=mcp is not None, dry=dry_run)
    return code


@click.command(epilog="Examples:  swarm uninstall claude    swarm uninstall codex --user --dry-run")
@click.argument("hosts", nargs=-1, required=True, metavar="HOST...", shell_complete=_begun)
@_scope_options
@dry_option
@json_option
@common_options
def uninstall(hosts: Sequence[str], scopes: Sequence[str], dry_run: bool, as_json: bool) -> int:
    """Take swarm out of agent hosts again.

    Without a scope, everywhere: from your home and, inside a repository, from its files. A file that nobody changed
    since is again as it was, byte for byte; from others only what is swarm's goes. What you edited stays, and is named.
    """
    from reconciler.hosts.installs.plan import plan_uninstall
    from reconciler.hosts.installs.rows import load_rows

    rows = load_rows()
    chosen = _chosen(rows, hosts)
    wanted = tuple(scopes) or (*(("project", "local") if _root() else ()), "user")
    with ExitStack() as stack:
        works: list[Work] = []
        for scope in wanted:
            work = _work(stack, rows, scope, dry=dry_run, others=works)
            plan_uninstall(work, chosen, _staying(rows, chosen, work.ground))
            planned = {change.spot.real for other in works for change in other.changes}
            # a home may itself be the work tree
            work.drop([change for change in work.changes if change.spot.real in planned])
            works.append(work)
        _carry_out(works, dry=dry_run)
        return _report("uninstall", works, chosen, dry=dry_run, as_json=as_json)


# -- what was asked for


def _chosen(rows: "Rows", names: Sequence[str]) -> "list[Host]":
    from difflib import get_close_matches

    known = [host.id for host in rows.hosts]
    for name in names:
        if name not in known:
            near = get_close_matches(name, known, n=1)
            hint = f"did you mean {near[0]}?" if near else f"known hosts: {', '.join(known)}"
            raise SwarmError(f'no host "{printable(name)}"', hint=hint)
    return [host for host in rows.hosts if host.id in names]


def _one_scope(scopes: Sequence[str], chosen: "Sequence[Host]") -> str:
    if len(set(scopes)) > 1:
        raise SwarmError(f"--{scopes[0]} and --{scopes[-1]} at once", hint="install once for each")
    scope = scopes[0] if scopes else "project"
    for host in chosen:
        if not host.of(scope):
            message = f"{host.title} has no settings of your own in a repository"
            raise SwarmError(message, hint=f"swarm install {host.id} --project, or --user")
    return scope


def _root() -> "Path | None":
    """The work tree we are in; None outside of a repository and in a bare one. Raises NoRepository for one that git
    cannot open: what is installed there is not to be taken for gone."""
    from reconciler.coordination.beat import find_repository
    from reconciler.observe.git import open_git

    try:
        return _work_tree(open_git(settings().folder))
    except NoRepository:
        with suppress(OSError):
            find_repository(str(settings().folder))
            raise
        return None


def _work_tree(git: "GitRepo") -> "Path | None":
    """The linked work tree that we are in, else the main one."""
    inside = git.run("rev-parse", "--is-inside-work-tree").strip() == b"true"
    top = os.fsdecode(git.run("rev-parse", "--show-toplevel")).removesuffix("\n") if inside else ""
    return Path(top) if top else git.root


def ground(scope: str) -> "Ground":
    """Where the files of a scope lie. Raises NoRepository, SwarmError."""
    from reconciler.hosts.installs.places import Ground, home_of
    from reconciler.observe.git import open_git

    if scope == "user":
        state = os.environ.get("XDG_STATE_HOME", "")
        # a relative one does not count (XDG)
        state = state if state.startswith("/") else f"{home_of(os.environ)}/.local/state"
        return Ground(scope, Path(state), None, os.environ)
    git = open_git(settings().folder)
    root = _work_tree(git)
    if root is None:
        raise SwarmError("a bare repository has no files for agents", hint="swarm -C WORKTREE install")
    return Ground(scope, git.common_dir, root, os.environ)


def grounds() -> "list[Ground]":
    """All scopes that there are here."""
    return [ground("user"), *((ground("project"), ground("local")) if _root() else ())]


def _work(
    stack: ExitStack,
    rows: "Rows",
    scope: str,
    *,
    server: bool = False,
    dry: bool,
    others: "Sequence[Work] | None" = None,
) -> "Work":
    """What there is to do in one scope; scopes that share a ledger share its lock. ``others``: taken out before."""
    from reconciler.hosts.installs.apply import opened
    from reconciler.hosts.installs.plan import Work

    place = ground(scope)
    for other in others or ():
        if other.ground.state == place.state:
            return Work(place, other.ledger, rows, server)
    return Work(place, stack.enter_context(opened(place, dry=dry, taking_out=others is not None)), rows, server)


def _staying(rows: "Rows", leaving: "Sequence[Host]", place: "Ground") -> "list[Host]":
    """Hosts that share files with those that leave, and stay."""
    from reconciler.hosts.installs.seen import installed

    there = {seen.host for seen in installed(rows, [place]) if seen.fires}
    return [host for host in rows.hosts if host.id in there and host not in leaving]


def _check_plugin(rows: "Rows", chosen: "Sequence[Host]") -> None:
    from reconciler.hosts.installs.seen import plugins

    for host, name, path in plugins(rows, grounds()):
        if host in [one.id for one in chosen]:
            message = f"the plugin {printable(name)} is switched on in {printable(str(path))}; hooks would fire twice"
            raise SwarmError(message, hint=f"claude plugin uninstall {printable(name)}, or stay with the plugin")


def _carry_out(works: "Sequence[Work]", *, dry: bool) -> None:
    from reconciler.hosts.installs.apply import carry_out

    for work in works:
        if not dry:
            carry_out(work)


# -- words


def _report(command: str, works: "Sequence[Work]", chosen: "Sequence[Host]", *, dry: bool, as_json: bool) -> int:
    from reconciler.cli.screens import installs as screen

    changes = [change for work in works for change in work.changes]
    for change in changes:
        if change.action == "kept":
            remark(f"{change.ground.shown(change.spot.path)}: {change.say}")
    if as_json:
        print_json({
            "schema": "swarm.install/1", "command": command, "hosts": [host.id for host in chosen],
            "scopes": [work.ground.scope for work in works], "dryRun": dry,
            "files": [screen.row(change, dry=dry) for change in changes],
        })  # fmt: skip
    elif dry:
        say(screen.difference(changes) or "nothing to do")
    else:
        say(screen.done(changes) or "nothing to do")
    return Exit.OK


def _remarks(rows: "Rows", chosen: "Sequence[Host]", scope: str, *, server: bool, asked: bool, dry: bool) -> None:
    """What else is good to know, on stderr."""
    from reconciler.hosts.installs.seen import installed

    if not server and not asked and any(p.kind == "server" for host in chosen for p in host.of(scope)):
        remark("the MCP server is left out: its extra is not installed (pip install 'swarm-reconciler[mcp]')")
    if dry:
        return
    if scope == "local":
        _remark_on_tracking(chosen)
    for host in chosen:
        remark(f"{host.title}: {host.note}")
        others = [s.scope for s in installed(rows, grounds()) if s.host == host.id and s.fires and s.scope != scope]
        if others:
            remark(f"{host.title}: installed in {others[0]} settings too; swarm uninstall {host.id} --{others[0]}")


def hosts_as_seen() -> "tuple[tuple[Seen, ...], tuple[Finding, ...]]":
    """For doctor: where swarm is installed, by settings or as a plugin, and what is wrong with that."""
    from reconciler import __version__
    from reconciler.hosts.installs.rows import load_rows
    from reconciler.hosts.installs.seen import Seen, findings, installed, plugins

    rows, places = load_rows(), grounds()
    there = tuple(one for one in installed(rows, places) if one.fires)
    there += tuple(Seen(host, "plugin", path, (name,), ()) for host, name, path in plugins(rows, places))
    return there, findings(rows, places, __version__)


def _remark_on_tracking(chosen: "Sequence[Host]") -> None:
    """A file of one's own that git would show as new."""
    from reconciler.observe.git import open_git

    git = open_git(settings().folder)
    for host in chosen:
        for piece in host.of("local"):
            if git.ask("check-ignore", "-q", "--", str(ground("local").path(host, piece.paths[0])))[0] == 1:
                remark(f"{piece.paths[0]} is not ignored by git: echo /{piece.paths[0]} >>.git/info/exclude")


def _list(rows: "Rows", *, as_json: bool) -> int:
    from reconciler.cli.screens import installs as screen
    from reconciler.hosts.installs.seen import detected, installed, plugins

    places = grounds()
    seen = installed(rows, places)
    by_plugin = {host: name for host, name, _ in plugins(rows, places)}
    hosts = [
        {"id": host.id, "title": host.title, "detected": detected(host, places[0]),
         "installed": list(_scopes_of(host, seen)), "plugin": by_plugin.get(host.id)}
        for host in rows.hosts
    ]  # fmt: skip
    if as_json:
        print_json({"schema": "swarm.hosts/1", "hosts": hosts})
    else:
        say(screen.hosts(hosts))
    return Exit.OK


def _scopes_of(host: "Host", seen: "Sequence[Seen]") -> Iterator[str]:
    yield from dict.fromkeys(one.scope for one in seen if one.host == host.id and one.fires)

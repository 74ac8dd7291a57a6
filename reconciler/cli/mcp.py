"""``swarm mcp``: the server for agents. It needs the extra; without it the command says how to get it."""

from importlib.util import find_spec

import click

from reconciler.cli.options import common_options, settings
from reconciler.errors import SwarmError


@click.command(epilog="Example:  swarm mcp   (an agent starts it; it speaks JSON-RPC on stdin and stdout)")
@common_options
@click.pass_context
def mcp(ctx: click.Context) -> None:
    """Serve status, next, show, explain, claim, release, queue_add and report to an agent on stdin and stdout."""
    if find_spec("mcp") is None:
        raise SwarmError("the MCP server needs an extra", hint="pip install 'swarm-reconciler[mcp]'")
    from reconciler.cli.serving import build

    settings().quiet = True
    build(ctx).run("stdio")

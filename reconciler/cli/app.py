"""The command group: loads a command's module when it is called, and maps errors to exit codes."""

import difflib
import json
import os
import re
import sys
from importlib import import_module
from typing import Any

import click

from reconciler import __version__
from reconciler.cli.options import Settings, common_options
from reconciler.errors import Exit, SwarmError
from reconciler.printable import printable

# name -> (module below reconciler.cli, its function, one line of help), in the order of the help page
COMMANDS: dict[str, tuple[str, str, str]] = {
    "status": ("look", "status", "Show every workstream in its true state."),
    "next": ("look", "next_", "Say what to do next, and why."),
    "show": ("look", "show", "Show everything about one workstream."),
    "explain": ("look", "explain", "Prove a state: evidence, rule, near misses, drift."),
    "graph": ("look", "graph", "Draw the dependency graph."),
    "blocked": ("look", "blocked", "Say why a workstream waits."),
    "unblocks": ("look", "unblocks", "Say what waits for a workstream."),
    "check": ("check", "check", "Find drift, mistakes and leftovers."),
    "report": ("reports", "report", "Say what was merged, moved and got stuck since a moment."),
    "history": ("reports", "history", "Say when a workstream changed its state, and why."),
    "reconcile": ("passes", "reconcile", "Look once and write what changed."),
    "watch": ("watching", "watch", "Keep the files right while others work; say what moves."),
    "hooks": ("hooking", "hooks", "Install the git hooks that keep the files right."),
    "hook": ("hooking", "hook", "What hooks call; not for people."),
    "add": ("intents", "add", "Note an idea in .swarm/queue/."),
    "update": ("intents", "update", "Change priority, dependencies or a decision."),
    "queue": ("intents", "queue", "Show every noted idea and decision, with the state of each."),
    "import": ("imports", "import_", "Turn a hand-kept registry or todo file into intents."),
    "export": ("imports", "export", "Print all as JSON, Markdown, Mermaid, dot, todo.txt or CSV."),
    "claim": ("coordination", "claim", "Take a workstream, so that nobody else does."),
    "release": ("coordination", "release", "Give work back."),
    "heartbeat": ("coordination", "heartbeat", "Say that a session lives; for hooks."),
    "instances": ("instances", "instances", "Show who is there and what they hold."),
    "sessions": ("instances", "sessions", "Show who worked on what, and what came of it."),
    "conflicts": ("conflicts", "conflicts", "Show which branches in flight will collide."),
    "port": ("instances", "port", "Say the port of a branch."),
    "worktree": ("worktrees", "worktree", "Start a work tree for a workstream, finish it when it is done."),
    "install": ("installing", "install", "Put swarm into agent hosts: hooks, skills, commands."),
    "uninstall": ("installing", "uninstall", "Take swarm out of agent hosts again."),
    "mcp": ("mcp", "mcp", "Serve agents over the Model Context Protocol, on stdin and stdout."),
    "statusline": ("statusline", "statusline", "One short segment for a prompt or an agent's status line."),
    "init": ("setup", "init", "Prepare .swarm/ in this repository."),
    "demo": ("demo", "demo", "Build a throw-away repository and show it."),
    "doctor": ("setup", "doctor", "Say what swarm sees here, and what it could not read."),
    "schema": ("setup", "schema", "Print a JSON Schema of what swarm writes."),
    "completion": ("setup", "completion", "Print the completion script of a shell."),
    "help": ("setup", "help_", "Explain states, flags or files."),
}


class LazyGroup(click.Group):
    """Imports a command's module only when that command is called."""

    def list_commands(self, ctx: click.Context) -> list[str]:
        return list(COMMANDS)

    def get_command(self, ctx: click.Context, cmd_name: str) -> click.Command | None:
        if cmd_name not in COMMANDS:
            return None
        module, function, _ = COMMANDS[cmd_name]
        command: click.Command = getattr(import_module(f"reconciler.cli.{module}"), function)
        command.epilog = _line_by_line(command.epilog or "")
        return command

    def format_commands(self, ctx: click.Context, formatter: click.HelpFormatter) -> None:
        with formatter.section("Commands"):
            formatter.write_dl([(name, entry[2]) for name, entry in COMMANDS.items()])

    def resolve_command(
        self, ctx: click.Context, args: list[str]
    ) -> tuple[str | None, click.Command | None, list[str]]:
        if args and args[0] not in COMMANDS and not args[0].startswith("-"):
            near = difflib.get_close_matches(args[0], COMMANDS, n=1)
            hint = f"did you mean {near[0]}? swarm {near[0]} --help" if near else "swarm --help"
            raise SwarmError(f'no command "{printable(args[0])}"', hint=hint)
        return super().resolve_command(ctx, args)


def _line_by_line(epilog: str) -> str:
    """Examples, which modules part by wide gaps, one on a line; click would run them together."""
    if epilog.startswith("\b"):
        return epilog
    title, *examples = re.split(r"\s{2,}", epilog.strip())
    return "\b\n" + "\n  ".join([title, *examples])


@click.group(
    cls=LazyGroup,
    invoke_without_command=True,
    context_settings={"help_option_names": ["-h", "--help"]},
    epilog="Without a command: swarm status.  Start with: swarm demo",
)
@click.version_option(__version__, prog_name="swarm", message="%(prog)s %(version)s")
@common_options
@click.pass_context
def cli(ctx: click.Context) -> None:
    """What is really in flight in this repository, derived from documents, branches and merges."""
    if ctx.invoked_subcommand is None:
        status = cli.get_command(ctx, "status")
        assert status is not None  # it is in COMMANDS
        ctx.invoke(status)


def run(words: list[str]) -> int:
    """Run one command line. Returns an exit code of :class:`reconciler.errors.Exit`; prints errors itself."""
    chosen = Settings()
    code = _run(words, chosen)
    return Exit.OK if chosen.exit_zero else code


def _run(words: list[str], chosen: Settings) -> int:
    as_json = "--json" in words
    if not _names_a_command(words):
        words = ["status", *words]
    try:
        code: Any = cli.main(args=words, obj=chosen, prog_name="swarm", standalone_mode=False)
        sys.stdout.flush()
        return int(code) if isinstance(code, int) else Exit.OK
    except SwarmError as error:
        return _fail(error.message, error.hint, error.code, as_json=as_json)
    except click.UsageError as error:
        path = error.ctx.command_path if error.ctx else "swarm"
        is_group = isinstance(error, click.exceptions.NoArgsIsHelpError)  # its message is the whole help page
        message = "missing command" if is_group else error.format_message().rstrip(".")
        return _fail(message[:1].lower() + message[1:], f"{path} --help", Exit.USAGE, as_json=as_json)
    except click.ClickException as error:
        return _fail(error.format_message(), "", Exit.USAGE, as_json=as_json)
    except (KeyboardInterrupt, click.Abort):
        return Exit.INTERRUPTED
    except (BrokenPipeError, SystemExit):  # nobody reads on; click exits where that happens inside a command
        os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())
        return Exit.OK
    except Exception as error:  # the outermost frame: a bug of ours, said in one line
        if "-v" in words or "--verbose" in words:
            raise
        message = f"internal error: {type(error).__name__}: {error}"
        return _fail(message, "run it again with -v for the details", Exit.BUG, as_json=as_json)


def _names_a_command(words: list[str]) -> bool:
    """``swarm --json`` is ``swarm status --json``; help and version are the group's own."""
    return (
        not words
        or bool({"-h", "--help", "--version"} & set(words))
        or not words[0].startswith("-")
        or any(word in COMMANDS for word in words)
    )


def _fail(message: str, hint: str, code: int, *, as_json: bool) -> int:
    if as_json:
        print(json.dumps({"error": message, "hint": hint}, ensure_ascii=True), file=sys.stderr)
    else:
        print(f"error: {printable(message)}", file=sys.stderr)
        if hint:
            print(f"hint: {printable(hint)}", file=sys.stderr)
    return int(code)

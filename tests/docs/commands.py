"""docs/reference/commands.md and the man page, from the commands as click knows them."""

import re
from collections.abc import Iterator
from dataclasses import dataclass

import click

from reconciler.cli.app import cli

from .paths import NOTICE, table


@dataclass(frozen=True, slots=True)
class Entry:
    """One command: its words ("hooks install"), what click knows of it, and its context."""

    words: str
    command: click.Command
    context: click.Context

    @property
    def usage(self) -> str:
        pieces = self.command.collect_usage_pieces(self.context)
        return " ".join(["swarm", self.words, *(p for p in pieces if p != "[OPTIONS]"), "[OPTIONS]"])

    @property
    def help(self) -> str:
        """What it does, as paragraphs."""
        return "\n\n".join(" ".join(part.split()) for part in (self.command.help or "").split("\n\n"))

    @property
    def examples(self) -> list[str]:
        """The lines of the epilog: a command each."""
        return split_examples(self.command.epilog or "")

    @property
    def options(self) -> list[click.Option]:
        """Its own options, without those that every command takes."""
        found = [p for p in self.command.params if isinstance(p, click.Option) and not p.hidden]
        return [p for p in found if p.opts not in COMMON_NAMES and "--help" not in p.opts]


def common_options() -> list[click.Option]:
    return [p for p in cli.params if isinstance(p, click.Option) and "--version" not in p.opts]


COMMON_NAMES = [p.opts for p in common_options()]


def entries() -> list[Entry]:
    """Every command and subcommand, in the order of the help page."""
    return list(_walk(cli, click.Context(cli, info_name="swarm"), ""))


def _walk(group: click.Group, context: click.Context, above: str) -> Iterator[Entry]:
    for name in group.list_commands(context):
        command = group.get_command(context, name)
        if command is None or command.hidden:
            continue
        inner = click.Context(command, info_name=name, parent=context)
        words = f"{above} {name}".strip()
        yield Entry(words, command, inner)
        if isinstance(command, click.Group):
            yield from _walk(command, inner, words)


def split_examples(epilog: str) -> list[str]:
    """The commands of an epilog: ``Examples:  swarm a    swarm b`` holds two; other words become a remark."""
    text = re.sub(r"^\W*Examples?:", "", epilog)
    found: list[str] = []
    for part in filter(None, (part.strip() for part in text.replace("\n", "    ").split("  "))):
        if found and part.startswith(("(", "in ")):
            found[-1] += f"  # {part.strip('()')}"
        else:
            found.append(part)
    return found


def page() -> str:
    """docs/reference/commands.md."""
    parts = ["# Commands\n", NOTICE + "\n", _INTRO]
    parts.append("## Options of every command\n\n" + option_table(common_options()))
    found = entries()
    parts.append("## All commands\n\n" + table(("command", "does"), [_row(entry) for entry in found]))
    parts += [_section(entry) for entry in found]
    return "\n".join(parts)


def _row(entry: Entry) -> tuple[str, str]:
    anchor = "swarm-" + entry.words.replace(" ", "-")
    return f"[`swarm {entry.words}`](#{anchor})", entry.help.split("\n\n")[0]


def _section(entry: Entry) -> str:
    parts = [f"## swarm {entry.words}\n", entry.help + "\n", f"```text\n{entry.usage}\n```\n"]
    if entry.options:
        parts.append(option_table(entry.options))
    if entry.examples:
        parts.append("```sh\n" + "\n".join(entry.examples) + "\n```\n")
    return "\n".join(parts)


def option_table(options: list[click.Option]) -> str:
    return table(("option", "means"), [(f"`{spelling(o)}`", meaning(o)) for o in options])


def spelling(option: click.Option) -> str:
    """``-p, --priority N``."""
    return ", ".join([*option.opts, *option.secondary_opts]) + value_of(option)


def value_of(option: click.Option) -> str:
    if option.is_flag or option.count:
        return ""
    if option.metavar:
        return f" {option.metavar}"
    if isinstance(option.type, click.Choice):
        return " " + "|".join(map(str, option.type.choices))
    return " N" if isinstance(option.type, click.types.IntParamType) else " TEXT"


def meaning(option: click.Option) -> str:
    text = option.help or ""
    if option.show_default and option.default is not None and not option.is_flag:
        text += f" Default: {option.default}."
    if isinstance(option.type, click.IntRange) and option.type.max is not None:
        text += f" From {option.type.min} to {option.type.max}."
    return text


_INTRO = """\
Data goes to stdout, talk to stderr. `swarm` alone is `swarm status`. An ID is a workstream's id or one of its aliases
(a branch name, a number, a ticket key). `--json` prints one object with a `schema` key; errors are then an object with
`error` and `hint` on stderr. What the numbers mean that a command ends with: [exit codes](exit-codes.md).
How screens are drawn on a terminal and into a pipe: [screens](screens.md).
"""

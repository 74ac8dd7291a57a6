"""Options that every command takes, wherever they stand on the line."""

from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import Any, TypeVar

import click

from reconciler.cli.screens.themes import CHOICES

F = TypeVar("F", bound=Callable[..., Any])


@dataclass
class Settings:
    """What was asked for on the command line, for the whole run."""

    folder: Path = Path()
    base: str = ""
    ascii: bool = False
    no_color: bool = False
    theme: str | None = None
    quiet: bool = False
    verbose: bool = False
    exit_zero: bool = False
    at: str | None = None


def settings(ctx: click.Context | None = None) -> Settings:
    """The settings of this run."""
    found = (ctx or click.get_current_context()).find_root().ensure_object(Settings)
    return found


def _keep(name: str) -> Callable[[click.Context, click.Parameter, Any], None]:
    def callback(ctx: click.Context, _param: click.Parameter, value: Any) -> None:
        if value not in (None, False):
            setattr(settings(ctx), name, value)

    return callback


def _go_into(ctx: click.Context, _param: click.Parameter, value: tuple[Path, ...]) -> None:
    """Like ``git -C``: a second one starts from the first."""
    for part in value:
        folder = settings(ctx).folder / part
        if not folder.is_dir():
            raise click.BadParameter(f"{folder} is no folder")
        settings(ctx).folder = folder


_COMMON: tuple[Callable[[F], F], ...] = (
    click.option(
        "-C", "folders", metavar="DIR", expose_value=False, callback=_go_into, multiple=True,
        type=click.Path(path_type=Path), help="Run as if started in DIR.",
    ),
    click.option("--base", metavar="BRANCH", expose_value=False, callback=_keep("base"), help="The base branch."),
    click.option("--ascii", is_flag=True, expose_value=False, callback=_keep("ascii"), help="ASCII only."),
    click.option("--no-color", is_flag=True, expose_value=False, callback=_keep("no_color"), help="No colour."),
    click.option(
        "--theme", type=click.Choice(CHOICES), expose_value=False, callback=_keep("theme"),
        help="Colours for a dark or a light ground.",
    ),
    click.option("-q", "--quiet", is_flag=True, expose_value=False, callback=_keep("quiet"), help="Say less."),
    click.option("-v", "--verbose", is_flag=True, expose_value=False, callback=_keep("verbose"), help="Say more."),
)  # fmt: skip


def common_options(function: F) -> F:
    """Add the common options to a command."""
    for option in reversed(_COMMON):
        function = option(function)
    return function


def json_option(function: F) -> F:
    """Add ``--json`` to a command that shows something."""
    return click.option("--json", "as_json", is_flag=True, help="One JSON object on stdout.")(function)


def at_option(function: F) -> F:
    """Add ``--at`` to a command that shows a view."""
    text = "As it was at a commit of the base, a date or a time ago (24h, 7d, 2w)."
    return click.option("--at", metavar="REV_OR_DATE", expose_value=False, callback=_keep("at"), help=text)(function)


def exit_zero_option(function: F) -> F:
    """Add ``--exit-zero`` to a command whose output is put into a prompt: a host drops the prompt when it fails."""
    text = "For output that goes into a prompt: end with 0 whatever happens, escape what documents say."
    return click.option(
        "--exit-zero", is_flag=True, expose_value=False, is_eager=True, callback=_keep("exit_zero"), help=text
    )(function)

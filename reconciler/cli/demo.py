"""The command demo: builds a throw-away repository and walks through it."""

import io
import sys
from collections.abc import Mapping
from contextlib import redirect_stdout
from dataclasses import replace
from datetime import datetime, timedelta
from pathlib import Path
from typing import Any

import click

from reconciler.cli.options import common_options, json_option, settings
from reconciler.cli.session import now
from reconciler.errors import Exit, SwarmError


@click.command(epilog="Examples:  swarm demo    swarm demo --keep /tmp/civ")
@click.option(
    "--keep", metavar="DIR", type=click.Path(path_type=Path), help="Build it in DIR, new or empty, and leave it there."
)
@json_option
@common_options
def demo(keep: Path | None, as_json: bool) -> None:
    """Build a throw-away repository and show it."""
    from reconciler.demo.tour import TOUR, home, quiet_surroundings

    with home(settings().folder / keep if keep else None) as folder, quiet_surroundings():
        root = build_world(folder, now=now())
        if as_json:
            _print_all(root, [_recorded(root, stop.words, stop.say, stop.command) for stop in TOUR], kept=bool(keep))
            return
        _introduce(root)
        for stop in TOUR:
            _tell(f"\n{stop.say}\n$ {stop.command}")
            _require(_run(root, stop.words), stop.command)
        _take_leave(root, kept=bool(keep))


def build_world(folder: Path, *, now: datetime) -> Path:
    """Build the demo's repository in ``folder``, with sessions that hold work in it; returns its root."""
    from reconciler.demo.tour import build

    built = build(folder, now=now)
    for row in built.history["holder"]:
        _hold(built.root, row, now=now)
    return built.root


def _hold(root: Path, row: Mapping[str, str], *, now: datetime) -> None:
    """Claim as another session would have: ``minutes`` is how long ago it was last heard."""
    from reconciler.coordination.claims import claim
    from reconciler.coordination.identity import Identity, here

    back = timedelta(minutes=int(row["minutes"])).total_seconds()
    moment = here(now.timestamp() - back)
    moment = replace(moment, mono=moment.mono - back)
    worktree = str(root.with_name(row.get("worktree", root.name)))
    who = Identity(row["session"], moment.host, moment.boot, moment.space, worktree=worktree)
    result = claim(root / ".git/swarm", row["workstream"], who, moment)
    if not result.ok:
        raise SwarmError(f"{row['session']} cannot hold {row['workstream']} in the demo", code=Exit.BUG)


def _run(root: Path, words: tuple[str, ...]) -> int:
    """One command in this process, as if typed in the demo's repository with our own flags about the screen."""
    from reconciler.cli.app import run

    chosen = settings()
    flags = [flag for flag, wanted in (("--ascii", chosen.ascii), ("--no-color", chosen.no_color)) if wanted]
    flags += ["--theme", chosen.theme] if chosen.theme else []
    return run(["-C", str(root), *words, *flags])


def _require(code: int, command: str) -> None:
    if code:
        raise SwarmError(f"{command} ended with {code} in the demo", code=Exit.BUG)


def _recorded(root: Path, words: tuple[str, ...], say: str, command: str) -> dict[str, Any]:
    stdout = io.TextIOWrapper(io.BytesIO(), encoding="utf-8", newline="\n")
    with redirect_stdout(stdout):
        code = _run(root, words)
        stdout.flush()
    _require(code, command)
    return {"say": say, "command": command, "output": stdout.buffer.getvalue().decode("utf-8")}


def _print_all(root: Path, steps: list[dict[str, Any]], *, kept: bool) -> None:
    from reconciler.cli.session import print_json

    print_json({"schema": "swarm.demo/1", "root": str(root) if kept else None, "steps": steps})


def _introduce(root: Path) -> None:
    _tell(f"A repository with some busy days behind it, made just now with real git: {root}")


def _take_leave(root: Path, *, kept: bool) -> None:
    if kept:
        _tell(f"\nIt stays there. Look around:  swarm -C {root} status")
    else:
        _tell("\nThe repository is gone again; swarm demo --keep DIR leaves it in DIR.")
    _tell("In your own repository, with nothing to set up:  swarm status")


def _tell(text: str) -> None:
    from reconciler.cli.session import say

    say(text)
    sys.stdout.flush()

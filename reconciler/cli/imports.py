"""``swarm import`` brings in registries and todo files of others; ``swarm export`` prints the view for others."""

import shlex
from contextlib import nullcontext
from pathlib import Path
from typing import TYPE_CHECKING

import click

from reconciler.cli.options import common_options, json_option, settings
from reconciler.cli.session import drawing, now, print_json, remark, say, take_a_look
from reconciler.errors import Exit, SwarmError
from reconciler.frozen import frozen
from reconciler.printable import printable

if TYPE_CHECKING:
    from reconciler.coordination.imports.planning import Plan
    from reconciler.coordination.imports.sources import Source
    from reconciler.coordination.imports.writing import IntentFile, Moved
    from reconciler.model import View
    from reconciler.reconcile import Look

_FORMATS = ("json", "markdown", "mermaid", "dot", "todo", "csv")


@frozen
class Imported:
    """What an import did, or would do."""

    sources: "tuple[Source, ...]"
    plan: "Plan"
    files: "tuple[IntentFile, ...]" = ()
    moved: "tuple[Moved, ...]" = ()
    view: "View | None" = None  # as it is with the new intents
    undo: str = ""
    dry: bool = False


@click.command(
    "import", epilog="Examples:  swarm import --dry-run    swarm import TODOs.txt    swarm import export.jsonl"
)
@click.argument("files", nargs=-1, metavar="[FILE]...", type=click.Path(path_type=Path))
@click.option("--dry-run", is_flag=True, help="Write nothing; show the table.")
@json_option
@common_options
def import_(files: tuple[Path, ...], dry_run: bool, as_json: bool) -> int:
    """Turn registries and todo files that others left into intent files in .swarm/queue/.

    Reads a hand-kept workstreams.json, lists of boxes (TODOs.txt), todo.txt, Backlog.md tasks and boards, and
    beads exports; the format is told by the content. Without FILE, what the repository has of these is taken.
    What exists already is matched by id, alias, branch, artifact and title, and gains only what it lacks.
    Recorded states decide nothing: where one disagrees with git, that is drift. A second import writes nothing.
    """
    from reconciler.files import lock
    from reconciler.observe.git import open_git

    with nullcontext() if dry_run else lock(open_git(settings().folder).common_dir):
        seen = take_a_look()
        if not seen.facts.root and not files:
            raise SwarmError("a bare repository has no work tree to look in", hint="swarm import FILE")
        done = _bring_in(seen, files, dry=dry_run)
    mistakes = [source.error for source in done.sources if source.error]
    if mistakes and len(mistakes) == len(done.sources):
        raise SwarmError("; ".join(m.message for m in mistakes), hint=mistakes[0].hint)
    _show(done, seen, as_json=as_json)
    for mistake in mistakes:
        click.echo(printable(f"error: {mistake.message}"), err=True)
        if mistake.hint:
            click.echo(printable(f"hint: {mistake.hint}"), err=True)
    return Exit.USAGE if mistakes else Exit.OK


def _bring_in(seen: "Look", files: tuple[Path, ...], *, dry: bool) -> Imported:
    from reconciler.coordination.imports.planning import plan_import
    from reconciler.coordination.imports.sources import read_found, read_named
    from reconciler.coordination.imports.writing import prepare, write
    from reconciler.coordination.intents import read_intents
    from reconciler.reconcile import foresee

    root = seen.facts.root
    named = [settings().folder / file for file in files]  # like git -C: a name means what it means in DIR
    sources = read_named(named, seen.target, root) if files else read_found(seen.target, root)
    readings = {source.path: source.reading for source in sources if source.reading}
    intents, _ = read_intents(seen.target)
    plan = plan_import(readings, seen.view.workstreams, intents, seen.snapshot.documents)
    prepared = prepare(seen.target, plan.changes, today=now().date())
    view = foresee(seen, {f"{seen.target.name}/queue/{file.name}": file.data for file in prepared})
    if dry:
        return Imported(tuple(sources), plan, prepared, view=view, dry=True)
    write(seen.target, prepared)
    moved = tuple(_move_aside(seen, sources))
    return Imported(tuple(sources), plan, prepared, moved, view, _undo(seen, prepared, moved))


def _move_aside(seen: "Look", sources: "list[Source]") -> "list[Moved]":
    """The registry that was read, and another tool's files where ours are to be."""
    from reconciler.coordination.imports.sources import REGISTRY, foreign_companions
    from reconciler.coordination.imports.writing import move_aside

    registry = next((s for s in sources if s.in_the_way and s.reading), None)
    if registry is None:
        return []
    moves = [move_aside(seen.target, REGISTRY, registry.data)]
    moves += [move_aside(seen.target, name, data) for name, data in foreign_companions(seen.target)]
    return [move for move in moves if move]


def _undo(seen: "Look", prepared: "tuple[IntentFile, ...]", moved: "tuple[Moved, ...]") -> str:
    """The git commands that take everything back, as far as git knows the files."""
    folder = seen.target.name
    tracked = seen.snapshot.history.tree
    old = [f"{folder}/{move.old}" for move in moved] + [
        f"{folder}/queue/{f.name}" for f in prepared if f.old is not None
    ]
    new = [f"{folder}/queue/{f.name}" for f in prepared if f.old is None] + [f"{folder}/{move.new}" for move in moved]
    back = [path for path in old if path in tracked]
    steps = ["git restore -- " + " ".join(map(shlex.quote, back))] if back else []
    if not seen.snapshot.intents and len(new) > 6:  # the whole folder is new
        new = [f"{folder}/queue", *(path for path in new if "/queue/" not in path)]
    steps += ["git clean -fdxq -- " + " ".join(map(shlex.quote, new))] if new else []
    renamed = [m for m in moved if f"{folder}/{m.old}" not in tracked]
    steps = [f"mv {folder}/{m.new} {folder}/{m.old}" for m in renamed] + steps
    return printable(" && ".join(steps))


def _show(done: Imported, seen: "Look", *, as_json: bool) -> None:
    from reconciler.cli.screens import imports as screen

    drift = screen.recorded_drift(done.view, frozenset(f"{seen.target.name}/queue/{f.name}" for f in done.files))
    report = screen.Report(
        sources=tuple((s.path, s.reading.format if s.reading else "") for s in done.sources),
        outcomes=done.plan.outcomes,
        written=tuple(f"{seen.target.name}/queue/{file.name}" for file in done.files),
        moved=tuple((f"{seen.target.name}/{m.old}", f"{seen.target.name}/{m.new}") for m in done.moved),
        drift=drift,
        problems=done.plan.problems,
        undo=done.undo,
        dry=done.dry,
    )
    if as_json:
        print_json(screen.document(report))
    else:
        say(screen.table(report, seen.rulebook, now(), drawing()))


@click.command("export", epilog="Examples:  swarm export --format todo    swarm export --format csv --all -o all.csv")
@click.option("--format", "form", type=click.Choice(_FORMATS), default="json", show_default=True, help="The form.")
@click.option("--all", "everything", is_flag=True, help="Merged and abandoned ones too.")
@click.option("-o", "--output", type=click.Path(path_type=Path), help="A new file; else stdout.")
@common_options
def export(form: str, everything: bool, output: Path | None) -> None:
    """Print all open workstreams for other programs: JSON, Markdown, Mermaid, Graphviz dot, todo.txt or CSV."""
    import sys

    from reconciler.publish.exports import FORMATS

    seen = take_a_look()
    data = FORMATS[form](seen.view, everything)
    if output is None:
        sys.stdout.flush()
        sys.stdout.buffer.write(data)
        sys.stdout.buffer.flush()
        return
    _create(settings().folder / output, data)
    remark(f"wrote {output}")


def _create(output: Path, data: bytes) -> None:
    from reconciler import files

    with files.open_folder(output.absolute().parent) as folder:
        if folder is None or not files.create_file(folder, output.name, data):
            raise SwarmError(f"{printable(str(output))} exists already", hint="swarm export -o ANOTHER-NAME")

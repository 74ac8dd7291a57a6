"""Set-up and help: init, doctor, schema, completion, help."""

import os
import sys
from typing import TYPE_CHECKING

import click

from reconciler import __version__
from reconciler.cli.options import common_options, json_option, settings
from reconciler.cli.session import drawing, now, print_json, say, take_a_look
from reconciler.errors import Exit, SwarmError

if TYPE_CHECKING:
    from reconciler.model import RepoFacts
    from reconciler.reconcile import Look

_IGNORED = """\
# written by swarm; derived from documents, branches and merges, so no need to commit it
/workstreams.json
/queue.json
/instances.json
/archive/workstreams-*.json
/schemas/swarm.*.schema.json
.swarm-*.tmp
"""
_FOLDERS = ("research", "plans", "checkpoints", "validations", "reviews", "queue")


@click.command(epilog="Example:  swarm init")
@click.option("--dry-run", is_flag=True, help="Write nothing; say what would be written.")
@json_option
@common_options
def init(dry_run: bool, as_json: bool) -> None:
    """Prepare .swarm/ in this repository: its folders, and a .gitignore for what swarm writes.

    Nothing depends on it: every command works without. What exists stays as it is.
    """
    from reconciler.files import ensure_file, ensure_folder

    seen = take_a_look()
    if not seen.facts.root:
        raise SwarmError("a bare repository has no work tree to prepare", hint="swarm -C WORKTREE init")
    made = [f".swarm/{name}/" for name in _FOLDERS if ensure_folder(seen.target.parent, ".swarm", name, dry=dry_run)]
    if ensure_file(seen.target.parent, ".swarm", name=".gitignore", data=_IGNORED.encode(), dry=dry_run):
        made.append(".swarm/.gitignore")
    if as_json:
        print_json({"schema": "swarm.init/1", "created": made, "dryRun": dry_run})
        return
    verb = "would create" if dry_run else "created"
    lines = [f"{verb} {path}" for path in made] or ["nothing to do: .swarm/ is prepared"]
    say("\n".join([*lines, 'next: swarm add "TITLE", or write .swarm/plans/YYYY-MM-DD-name.md']))


@click.command(epilog="Example:  swarm doctor --json")
@json_option
@common_options
def doctor(as_json: bool) -> int:
    """Say what swarm sees here: versions, base branch and why, layouts, counts, what could not be read.

    And the agent hosts: where swarm is installed, and what would fire twice, not at all or in another version.
    """
    seen = take_a_look()
    facts = _facts(seen)
    problems = seen.view.problems
    from reconciler.cli.installing import hosts_as_seen

    hosts, found = hosts_as_seen()
    if as_json:
        from reconciler.publish.rows import problem_row

        rows = [problem_row(p) for p in problems]
        there = [{"host": one.host, "scope": one.scope, "path": str(one.path)} for one in hosts]
        wrong = [{"host": f.host or None, "code": f.code, "message": f.message, "hint": f.hint} for f in found]
        print_json({"schema": "swarm.doctor/1", "facts": dict(facts), "diagnostics": rows,
                    "hosts": {"installed": there, "findings": wrong}})  # fmt: skip
    else:
        from reconciler.cli.screens import installs
        from reconciler.cli.screens import report as screen

        say(screen.doctor(facts, problems, seen.rulebook, now(), drawing()))
        say(installs.doctor(hosts, found))
    return Exit.OK


def _facts(seen: "Look") -> tuple[tuple[str, str], ...]:
    view, facts, base = seen.view, seen.facts, seen.view.base
    documents = len({d.path for d in seen.snapshot.documents})
    titles = {layout.id: layout.title for layout in seen.rulebook.layouts}
    python = ".".join(map(str, sys.version_info[:3]))
    return (
        ("versions", f"swarm {__version__}, Python {python}, {seen.git.version()}"),
        ("repository", facts.root or facts.common_dir),
        ("files go to", str(seen.target)),
        ("base", f"{base.branch} at {base.commit[:7]} ({base.why})" if base else "none found"),
        ("layouts", ", ".join(f"{name} ({titles.get(name, name)})" for name in view.layouts) or "none found"),
        ("documents", f"{documents} artifacts, {len(view.intents)} intents"),
        ("git", _git(facts)),
        ("workstreams", f"{len(view.workstreams)}, {len(view.cycles)} cycles"),
        ("configuration", ", ".join(seen.config.files) or "defaults"),
        ("rules", ", ".join(seen.rulebook.files) or "built in"),
    )  # fmt: skip


def _git(facts: "RepoFacts") -> str:
    from reconciler.cli.screens.ink import plural

    commits, branches = len(facts.history.commits), len(facts.branches)
    trees = plural(len(facts.worktrees), "worktree")
    return f"{plural(commits, 'commit')}, {plural(branches, 'branch', 'branches')}, {trees}"


@click.command(epilog="Examples:  swarm schema workstreams    swarm schema --list")
@click.argument("name", required=False)
@click.option("--list", "listed", is_flag=True, help="The names that there are.")
@common_options
def schema(name: str | None, listed: bool) -> None:
    """Print the JSON Schema (2020-12) of a file or an answer that swarm writes."""
    from reconciler.publish import schemas

    names = schemas.names()
    if listed or name is None:
        say("\n".join(names))
    elif name not in names:
        raise SwarmError(f'no schema "{name}"', hint="swarm schema --list")
    else:
        print_json(schemas.schema(name))


@click.command(epilog='Example:  eval "$(swarm completion bash)"   in ~/.bashrc')
@click.argument("shell", metavar="[bash|zsh|fish]", required=False)
@common_options
def completion(shell: str | None) -> None:
    """Print the completion script of a shell."""
    from click.shell_completion import get_completion_class

    from reconciler.cli.app import cli

    chosen = shell or os.path.basename(os.environ.get("SHELL", "bash"))  # noqa: PTH119  (a name, not a file)
    found = get_completion_class(chosen) if chosen in ("bash", "zsh", "fish") else None
    if found is None:
        raise SwarmError(f'no completion for the shell "{chosen}"', hint="swarm completion bash")
    if chosen == "bash":
        say(found(cli, {}, "swarm", "_SWARM_COMPLETE").source_template % _bash_names())
    else:
        say(found(cli, {}, "swarm", "_SWARM_COMPLETE").source())


def _bash_names() -> dict[str, str]:
    """What click puts into its template; asking click itself would start a bash to learn its version."""
    return {"complete_func": "_swarm_completion", "complete_var": "_SWARM_COMPLETE", "prog_name": "swarm"}


@click.command("help", epilog="Example:  swarm help states")
@click.argument("topic", required=False)
@common_options
def help_(topic: str | None) -> None:
    """Explain states, flags or files, from the rules in force."""
    from reconciler.cli.app import cli
    from reconciler.cli.screens import reference as screen
    from reconciler.observe.rulebook import load_rulebook

    if topic is None:
        context = click.Context(cli, info_name="swarm")
        say(cli.get_help(context) + f"\n\nTopics: {', '.join(screen.TOPICS)}")
        return
    if topic not in screen.TOPICS:
        raise SwarmError(f'no help on "{topic}"', hint="swarm help")
    local = settings().folder / ".swarm/rules"
    rules = load_rulebook(overrides=local if local.is_dir() else None)
    say(screen.help_topic(topic, rules, now(), drawing()))

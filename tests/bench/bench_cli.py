"""The command line: ``swarm --version`` beside an empty Python, a cold ``status --json`` beside its imports."""

import sys
from collections.abc import Iterator
from pathlib import Path

from tests.bench.cases import Case
from tests.bench.world import build

SWARM = (sys.executable, "-m", "reconciler")
LIBRARIES = "import click, frontmatter, git, networkx, yaml"
OURS = """
import click, frontmatter, git, networkx, yaml
import reconciler.cli.app, reconciler.cli.look, reconciler.publish.projections, reconciler.reconcile
"""
FORGET = "import shutil; shutil.rmtree('.git/swarm', ignore_errors=True)"


def cases(place: Path) -> Iterator[Case]:
    """Cases of the command line; repositories are built below ``place``."""
    yield Case("swarm --version / python -c pass", (*SWARM, "--version"))
    yield Case("importing the libraries / python -c pass", (sys.executable, "-c", LIBRARIES))
    cold = (sys.executable, "-c", FORGET)
    for artifacts, branches in ((100, 10), (1000, 100)):
        root = build(place / f"{artifacts}-{branches}", artifacts=artifacts, branches=branches)
        label = f"{artifacts} documents, {branches} branches"
        yield Case(
            f"cold status --json, {label}",
            (*SWARM, "status", "--json"),
            (sys.executable, "-c", OURS),
            root,
            before=cold,
        )
    yield Case("second status --json, the same", (*SWARM, "status", "--json"), (sys.executable, "-c", OURS), root)

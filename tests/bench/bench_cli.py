"""The command line: ``swarm --version`` beside an empty Python, a cold ``status --json`` beside its imports."""

import sys
from collections.abc import Iterator
from pathlib import Path

from tests.bench.cases import Case
from tests.bench.world import build

SWARM = (sys.executable, "-m", "reconciler")
LIBRARIES = "import click, frontmatter, git, networkx, yaml"
OURS = (
    f"{LIBRARIES}; import reconciler.cli.app, reconciler.cli.look, reconciler.publish.projections, reconciler.reconcile"
)
FORGET = "import shutil; shutil.rmtree('.git/swarm', ignore_errors=True)"


def cases(place: Path) -> Iterator[Case]:
    """Cases of the command line; repositories are built below ``place``."""
    libraries = (sys.executable, "-c", LIBRARIES)
    status = (*SWARM, "status", "--json")
    yield Case("swarm --version / python -c pass", (*SWARM, "--version"))
    yield Case("swarm heartbeat / python -c pass", (*SWARM, "heartbeat"), folder=_empty(place))
    yield Case("importing swarm / importing its libraries", (sys.executable, "-c", OURS), libraries)
    cold = (sys.executable, "-c", FORGET)
    for artifacts, branches in ((100, 10), (1000, 100)):
        root = build(place / f"{artifacts}-{branches}", artifacts=artifacts, branches=branches)
        label = f"{artifacts} documents, {branches} branches"
        yield Case(f"status --json, cold, {label}", status, libraries, root, before=cold)
    yield Case(f"status --json, again, {label}", status, libraries, root)


def _empty(place: Path) -> Path:
    return build(place / "empty", artifacts=0, branches=0)

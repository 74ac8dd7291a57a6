"""What a heartbeat costs beside an empty Python: ``python -m tests.bench.bench_heartbeat``; exit 1 above twice.

Processor time (user + system) of the whole process and its children, in turn with ``python -c pass``; medians of pairs.
The package is copied and compiled first, as an installed one is; ``--no-bytecode`` shows the dearer case.
"""

import argparse
import compileall
import os
import resource
import shutil
import statistics
import subprocess
import sys
import tempfile
from collections.abc import Sequence
from pathlib import Path

PROJECT = Path(__file__).parents[2]
LIMIT = 2.0


def main(argv: list[str]) -> int:
    parser = argparse.ArgumentParser(prog="python -m tests.bench.bench_heartbeat", description=__doc__)
    parser.add_argument("-n", type=int, default=30, help="pairs of runs for each command")
    parser.add_argument("--no-bytecode", action="store_true", help="let Python compile the sources each time")
    options = parser.parse_args(argv)
    worst = 0.0
    with tempfile.TemporaryDirectory() as folder:
        environ, repository = _prepare(Path(folder), bytecode=not options.no_bytecode)
        for name, words in _commands().items():
            ratio, cost, empty = compare(words, [sys.executable, "-c", "pass"], options.n, environ, repository)
            print(f"{name:<34} {cost * 1000:6.1f} ms   empty Python {empty * 1000:6.1f} ms   ratio {ratio:.2f}")
            worst = max(worst, ratio)
    print(f"worst {worst:.2f}, at most {LIMIT:.0f} allowed")
    return 0 if worst <= LIMIT else 1


def compare(
    words: Sequence[str], yardstick: Sequence[str], pairs: int, environ: dict[str, str], folder: Path
) -> tuple[float, float, float]:
    """Return (median ratio, median cost, median cost of the yardstick) of runs taken in turn."""
    costs = [(processor_time(words, environ, folder), processor_time(yardstick, environ, folder)) for _ in range(pairs)]
    ones, others = zip(*costs, strict=True)
    return statistics.median(one / other for one, other in costs), statistics.median(ones), statistics.median(others)


def processor_time(words: Sequence[str], environ: dict[str, str], folder: Path) -> float:
    """Run a command once; return its user and system seconds, children included."""
    before = resource.getrusage(resource.RUSAGE_CHILDREN)
    subprocess.run(words, env=environ, cwd=folder, check=True, stdin=subprocess.DEVNULL)
    after = resource.getrusage(resource.RUSAGE_CHILDREN)
    return after.ru_utime + after.ru_stime - before.ru_utime - before.ru_stime


def _commands() -> dict[str, list[str]]:
    direct = "import sys; from reconciler.coordination.beat import main; sys.exit(main(['heartbeat']))"
    found = {"the function": [sys.executable, "-c", direct]}
    if (PROJECT / "reconciler" / "__main__.py").exists():
        found["python -m reconciler heartbeat"] = [sys.executable, "-m", "reconciler", "heartbeat"]
    script = Path(sys.executable).with_name("swarm")
    if script.exists():
        found["swarm heartbeat"] = [str(script), "heartbeat"]
    return found


def _prepare(folder: Path, *, bytecode: bool) -> tuple[dict[str, str], Path]:
    repository = folder / "repository"
    subprocess.run(["git", "init", "-q", str(repository)], check=True)
    package = folder / "package"
    shutil.copytree(PROJECT / "reconciler", package / "reconciler", ignore=shutil.ignore_patterns("__pycache__"))
    if bytecode:
        compileall.compile_dir(package, quiet=2)
    environ = {name: value for name, value in os.environ.items() if not name.startswith("PYTHON")}
    environ |= {"PYTHONPATH": str(package), "SWARM_SESSION": "bench", "PYTHONDONTWRITEBYTECODE": "1"}
    for words in _commands().values():
        for _ in range(2):  # the first notes the start of the session
            subprocess.run(words, env=environ, cwd=repository, check=True)
    return environ, repository


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))

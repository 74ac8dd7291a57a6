"""What commands cost: ``python -m tests.bench``. docs/explanation/speed.md says how to read it; it is never a test.

Every ``bench_*.py`` in this folder that has ``cases(place)`` takes part: it yields Case values, for which it may
build what it needs below ``place``. Each command is run in turn with its floor; processor time, medians of pairs.
Exit 1 when a ratio or a peak of memory is above the one that is allowed.
"""

import argparse
import compileall
import json
import sys
import tempfile
from collections.abc import Iterator
from dataclasses import asdict
from importlib import import_module
from pathlib import Path

from tests.bench.cases import Case, Result, measure

PROJECT = Path(__file__).parents[2]


def main(argv: list[str]) -> int:
    parser = argparse.ArgumentParser(prog="python -m tests.bench", description=__doc__)
    parser.add_argument("-n", type=int, default=15, help="pairs of runs for each case")
    parser.add_argument("-k", metavar="WORD", default="", help="only cases whose name holds WORD")
    parser.add_argument("--json", action="store_true", help="one JSON object")
    options = parser.parse_args(argv)
    compileall.compile_dir(PROJECT / "reconciler", quiet=2)
    with tempfile.TemporaryDirectory(prefix="swarm-bench-") as folder:
        results = []
        if not options.json:
            print(f"{'case':<54}{'cost':>11}{'floor':>11}{'ratio':>8}{'most':>6}{'above':>11}{'memory':>9}")
        for case in _cases(Path(folder)):
            if options.k in case.name:
                results.append(measure(case, options.n))
                if not options.json:
                    print(row(results[-1]), flush=True)
    if options.json:
        print(json.dumps({r.name: asdict(r) for r in results}, indent=2))
    return 1 if any(not r.is_kept for r in results) else 0


def row(result: Result) -> str:
    """One line of the table."""
    above = result.cost - result.floor
    shown = [f"{seconds * 1000:8.1f} ms" for seconds in (result.cost, result.floor, above)]
    most = f"{result.most:6.1f}" if result.most else " " * 6
    return f"{result.name:<54}{shown[0]}{shown[1]}{result.ratio:8.2f}{most}{shown[2]}{result.peak / 1024:5.0f} MiB"


def _cases(place: Path) -> Iterator[Case]:
    for file in sorted(Path(__file__).parent.glob("bench_*.py")):
        module = import_module(f"tests.bench.{file.stem}")
        if hasattr(module, "cases"):
            yield from module.cases(place / file.stem)


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))

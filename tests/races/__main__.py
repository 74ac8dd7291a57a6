"""The full form: ``python -m tests.races --full``; a command line instead of the library with ``--command``."""

import argparse
import subprocess
import sys
import tempfile
from importlib import import_module
from pathlib import Path

from tests.gitrepo import sealed
from tests.races.askers import Command, Library
from tests.races.others import read_beside_writers, take_over
from tests.races.race import Race, run


def main(argv: list[str]) -> int:
    options = _options(argv)
    if options.command == "forked":
        for name in ("git", "reconciler.cli.app", "reconciler.cli.coordination", "reconciler.reconcile"):
            import_module(name)  # once, here: the processes of a race are forks of this one
    seeds = range(options.first, options.first + options.seeds)
    clean = True
    with tempfile.TemporaryDirectory(dir=options.folder) as folder:
        for seed in seeds:
            for kills in (0, options.kills):
                for give_back in options.give_back:
                    race = Race(options.processes, options.workstreams, kills, seed, give_back)
                    clean &= _race(race, Path(folder), options.command.split())
        if options.full and not options.command:
            clean &= _others(Path(folder))
    print("clean" if clean else "NOT CLEAN")
    return 0 if clean else 1


def _race(race: Race, folder: Path, command: list[str]) -> bool:
    place = Path(tempfile.mkdtemp(dir=folder))
    if command:
        build(place, race.workstreams)
    root = place / ".git" / "swarm"
    meet = (
        (lambda session: Command(tuple(command), place, session)) if command else lambda session: Library(root, session)
    )
    verdict = run(race, root, place / "diaries", meet)
    print(f"seed {race.seed}, {race.kills} kills, giving back {race.give_back}: {verdict.figures()}", flush=True)
    return verdict.clean


def build(place: Path, workstreams: int) -> None:
    """Make a repository with so many ideas, for a command line to claim."""
    for words in (
        ["init", "-q"],
        ["commit", "-qm", "x", "--allow-empty"],
    ):
        subprocess.run(["git", "-C", str(place), *words], check=True, env=sealed(place))
    queue = place / ".swarm" / "queue"
    queue.mkdir(parents=True)
    for number in range(workstreams):
        text = f"---\nid: work-{number:03d}\ntitle: Work {number}\n---\n"
        (queue / f"2026-01-18-work-{number:03d}.md").write_text(text)


def _others(folder: Path) -> bool:
    found = read_beside_writers(folder / "reader", 100_000)
    print(f"100000 reads beside 3 writers: {found}", flush=True)
    winners = take_over(folder / "takers", 500)
    print(f"8 takers of one stale claim, winners: rounds = {winners}", flush=True)
    return winners == {1: 500} and not any(found[fault] for fault in ("torn", "missing", "backwards", "beats torn"))


def _options(argv: list[str]) -> argparse.Namespace:
    parser = argparse.ArgumentParser(prog="python -m tests.races", description=__doc__)
    parser.add_argument("--full", action="store_true", help="16 x 200, five seeds, the reader and the takers")
    parser.add_argument(
        "--command",
        default="",
        help='drive a command: "swarm"; "forked": its main in a process of its own, without the start of Python',
    )
    parser.add_argument("--processes", type=int, default=16)
    parser.add_argument("--workstreams", type=int, default=0)
    parser.add_argument("--kills", type=int, default=0)
    parser.add_argument("--seeds", type=int, default=0)
    parser.add_argument("--give-back", type=float, nargs="+", default=(0.0, 0.5), help="how likely one gives back")
    parser.add_argument("--first", type=int, default=1, help="the first seed")
    parser.add_argument("--folder", default=None, help="where to work; a real disk shows more than a memory disk")
    options = parser.parse_args(argv)
    usual = 40 if options.command else 200
    options.workstreams = options.workstreams or (usual if options.full else 30)
    options.kills = options.kills or (40 if options.full else 10)
    options.seeds = options.seeds or (5 if options.full else 1)
    return options


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))

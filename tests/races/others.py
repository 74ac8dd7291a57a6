"""The other two proofs: a reader beside busy writers, and many takers of one stale claim."""

import json
import multiprocessing
import os
import signal
from dataclasses import replace
from multiprocessing.synchronize import Barrier
from pathlib import Path

from reconciler.coordination import store
from reconciler.coordination.claims import claim
from reconciler.coordination.holdings import claims, generations, look
from reconciler.coordination.identity import Here, Identity, here
from reconciler.coordination.leases import Limits
from reconciler.coordination.names import encode

_FORK = multiprocessing.get_context("fork")


def read_beside_writers(root: Path, reads: int, writers: int = 3) -> dict[str, int]:
    """Read while others renew, take by force and beat without a pause; count what was not whole."""
    place = here()
    names = [f"r{number}" for number in range(writers)]
    for name in names:
        claim(root, name, Identity(session=f"first-{name}"), place)
    pids = [_fork_writer(root, names, number) for number in range(writers)]
    try:
        return _read(root, names, reads)
    finally:
        for pid in pids:
            os.kill(pid, signal.SIGKILL)
            os.waitpid(pid, 0)


def _fork_writer(root: Path, names: list[str], number: int) -> int:
    pid = os.fork()
    if pid:
        return pid
    turn = 0
    while True:
        turn += 1
        claim(root, names[turn % len(names)], Identity(session=f"w{number}"), here(), force=True)


def _read(root: Path, names: list[str], reads: int) -> dict[str, int]:
    faults = {"torn": 0, "missing": 0, "backwards": 0, "beats torn": 0}
    newest = dict.fromkeys(names, 0)
    place = here()
    for turn in range(reads):
        name = names[turn % len(names)]
        holding = look(root, name, place, Limits())
        faults["missing"] += holding.generation == 0
        faults["torn"] += holding.generation > 0 and holding.record is None
        faults["backwards"] += holding.generation < newest[name]
        newest[name] = holding.generation
        if turn % 10 == 0:
            faults["beats torn"] += sum(not _is_whole(path) for path in (root / "instances").glob("[!.]*"))
            faults["missing"] += len(claims(root, place)) != len(names)
    faults["generations"] = sum(newest.values())
    return faults


def _is_whole(path: Path) -> bool:
    try:
        return isinstance(json.loads(store.read(path) or b""), dict)
    except ValueError:
        return False


def take_over(root: Path, rounds: int, takers: int = 8) -> dict[int, int]:
    """Let all take the same stale claim, round by round; return {number of winners: rounds}."""
    now = here()
    late = replace(now, now=now.now + 7200, mono=now.mono + 7200)
    old = Identity(session="old", host=now.host, boot=now.boot, space=now.space)
    for number in range(rounds):
        claim(root, f"t{number}", old, now)
    barrier = _FORK.Barrier(takers)
    queue = _FORK.SimpleQueue()
    processes = [
        _FORK.Process(target=_take, args=(root, rounds, f"taker-{taker}", late, barrier, queue))
        for taker in range(takers)
    ]
    for process in processes:
        process.start()
    won = [number for _ in processes for number in queue.get()]
    for process in processes:
        process.join()
    winners = [won.count(number) for number in range(rounds)]
    for number in range(rounds):
        assert len(generations(root / "claims" / encode(f"t{number}"))) == 2
    return {count: winners.count(count) for count in sorted(set(winners))}


def _take(
    root: Path,
    rounds: int,
    session: str,
    late: Here,
    barrier: Barrier,
    queue: "multiprocessing.queues.SimpleQueue[list[int]]",
) -> None:
    who = Identity(session=session, host=late.host, boot=late.boot, space=late.space)
    won = []
    for number in range(rounds):
        barrier.wait()
        if claim(root, f"t{number}", who, late).outcome == "taken-over":
            won.append(number)
    queue.put(won)

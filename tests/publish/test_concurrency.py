"""Many publishers at once, and readers in between."""

import json
import os
import time
from collections.abc import Callable
from datetime import timedelta
from pathlib import Path

from reconciler.publish.projections import project
from reconciler.publish.store import publish
from tests.publish.make import NOON, tree, view, workstream

WRITERS = 8
ROUNDS = 6
WORLDS = [
    project(view(*(workstream(f"w{n}", title="x" * 500) for n in range(many))), now=NOON + timedelta(days=1))
    for many in (1, 30, 3, 60)
]


def start(action: Callable[[], None]) -> int:
    child = os.fork()
    if child == 0:
        code = 1
        try:
            action()
            code = 0
        finally:
            os._exit(code)
    return child


def ended_well(children: list[int]) -> bool:
    return all(os.waitstatus_to_exitcode(os.waitpid(child, 0)[1]) == 0 for child in children)


def test_publishers_and_readers_at_once(tmp_path: Path) -> None:
    (tmp_path / ".git").mkdir()
    target, names = tmp_path / ".swarm", ("workstreams.json", "queue.json")
    publish(target, WORLDS[0], common_dir=tmp_path / ".git")
    whole = {name: {world[name] for world in WORLDS} for name in names}

    def write(number: int) -> None:
        for turn in range(ROUNDS):
            publish(target, WORLDS[(number + turn) % len(WORLDS)], common_dir=tmp_path / ".git")

    def read() -> None:
        end = time.monotonic() + 60
        while not (tmp_path / "stop").exists() and time.monotonic() < end:
            for name in names:
                data = (target / name).read_bytes()
                assert data in whole[name]
                assert json.loads(data)["schema"]

    readers = [start(read) for _ in range(2)]
    writers = [start(lambda n=n: write(n)) for n in range(WRITERS)]  # type: ignore[misc]
    wrote = ended_well(writers)
    (tmp_path / "stop").touch()
    assert wrote
    assert ended_well(readers)
    assert not [name for name in tree(tmp_path) if ".tmp" in name]


def test_publishers_of_one_world_end_in_its_bytes(tmp_path: Path) -> None:
    (tmp_path / ".git").mkdir()

    def write() -> None:
        publish(tmp_path / ".swarm", WORLDS[1], common_dir=tmp_path / ".git")

    assert ended_well([start(write) for _ in range(WRITERS)])
    assert tree(tmp_path / ".swarm") == dict(sorted(WORLDS[1].items()))

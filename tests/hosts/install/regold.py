"""Writes the golden files anew: ``python -m tests.hosts.install.regold``; then read the diff."""

import tempfile
from pathlib import Path

from tests.hosts.install.world import CASES, GOLDEN, HOSTS, desk, settings


def main() -> None:
    for host in HOSTS.values():
        for case, make in CASES.items():
            with tempfile.TemporaryDirectory() as folder:
                at = desk(Path(folder))
                for piece in settings(host):
                    path = at.file(host.id, piece)
                    path.parent.mkdir(parents=True, exist_ok=True)
                    path.write_bytes(make(piece).encode())
                said = at.swarm("install", host.id, "--mcp")
                assert said.code == 0, said.all
                for piece in settings(host):
                    path = at.file(host.id, piece)
                    target = GOLDEN / host.id / f"{case}-{path.name}"
                    target.parent.mkdir(parents=True, exist_ok=True)
                    target.write_bytes(path.read_bytes())


if __name__ == "__main__":
    main()

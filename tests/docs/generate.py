"""Writes what can be generated of the documentation anew: ``python -m tests.docs.generate``; then read the diff.

``--check`` writes nothing and ends with 1 if something is out of date.
"""

import argparse
import sys
import tempfile
from collections.abc import Callable
from pathlib import Path

from . import commands, hosts, installs, manpage, rules, schema_pages
from .facts import configuration_keys, exit_codes
from .paths import DOCS, PROJECT, pages, replace_part, table
from .pictures import status_pictures
from .terminal import demo
from .transcripts import blocks, refreshed


def main(argv: list[str]) -> int:
    parser = argparse.ArgumentParser(prog="python -m tests.docs.generate", description=__doc__)
    parser.add_argument("--check", action="store_true", help="write nothing; end with 1 if something is out of date")
    options = parser.parse_args(argv)
    made = everything()
    stale = [path for path, text in made.items() if not path.exists() or path.read_text("utf-8") != text]
    for path in stale:
        if not options.check:
            path.parent.mkdir(parents=True, exist_ok=True)
            path.write_text(made[path], encoding="utf-8", newline="\n")
        print(("out of date: " if options.check else "wrote ") + path.relative_to(PROJECT).as_posix())
    return 1 if options.check and stale else 0


def everything() -> dict[Path, str]:
    """Path -> text of all that is generated: reference, man page, pictures, transcripts."""
    made = reference()
    with tempfile.TemporaryDirectory(prefix="swarm-docs-") as folder:
        made |= {DOCS / "images" / name: svg for name, svg in status_pictures(demo(Path(folder, "picture"))).items()}
        for number, path in enumerate(pages()):
            page = made.get(path) or path.read_text("utf-8")
            if any(blocks(page)):
                made[path] = refreshed(page, demo(Path(folder, str(number))))
    return made


def reference() -> dict[Path, str]:
    """Path -> text of what follows from commands, rules, schemas and code alone; one of them is code itself."""
    made = {
        DOCS / "reference/commands.md": commands.page(),
        DOCS / "reference/rules.md": rules.page(),
        DOCS / "man/swarm.1": manpage.man(),
        PROJECT / "reconciler/hosts/table.py": hosts.module(),
        **installs.pages(),
        **installs.plugin(),
    }
    for name, (part, text) in PARTS.items():
        path = DOCS / "reference" / name
        made[path] = replace_part(path.read_text("utf-8"), part, text())
    return made


def _codes() -> str:
    return table(("code", "name", "means"), [(str(code), f"`{name}`", text) for code, name, text in exit_codes()])


def _keys() -> str:
    rows = [
        (f"`{k.name}`", k.expected, k.default, f"`SWARM_{k.name.upper()}`", k.meaning) for k in configuration_keys()
    ]
    return table(("key", "takes", "default", "variable", "means"), rows)


PARTS: dict[str, tuple[str, Callable[[], str]]] = {
    "files.md": ("schemas", schema_pages.parts),
    "exit-codes.md": ("codes", _codes),
    "configuration.md": ("keys", _keys),
}


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))

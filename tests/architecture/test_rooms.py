"""The rooms of the house: who may import whom, and which library lives where."""

import ast
from collections.abc import Iterator
from pathlib import Path

import pytest

PACKAGE = Path(__file__).parents[2] / "reconciler"
EVERYONE = {"frozen", "model", "policy", "errors", "config", "files", "frontmatter", "printable"}
ROOMS = {
    "observe": EVERYONE | {"observe"},
    "derive": {"frozen", "model", "policy", "errors", "derive"},
    "publish": EVERYONE | {"publish"},
    "coordination": EVERYONE | {"coordination"},
    "demo": {"frozen", "demo", "errors", "printable"},
    "watch": EVERYONE | {"watch"},
    "hooks": EVERYONE | {"hooks"},
    "hosts": EVERYONE | {"hosts"},
    "trees": EVERYONE | {"trees"},
}
LIBRARIES = {
    "git": {"observe/git.py"},
    "gitdb": set(),
    "networkx": {"derive/graph.py"},
    "frontmatter": {"frontmatter.py"},
    "yaml": {"frontmatter.py", "coordination/intents.py"},
    "watchdog": {"watch/eyes.py"},
    "click": {"cli"},
    "rich": {"cli"},
    "mcp": {"cli/serving.py"},
    "mcp_types": {"cli/serving.py"},
    "pydantic": {"cli/serving.py"},
}
IMPURE = {"os", "sys", "time", "subprocess", "random", "pathlib", "socket", "locale", "tempfile", "shutil"}


def modules() -> list[Path]:
    return sorted(p for p in PACKAGE.rglob("*.py"))


def imports(path: Path) -> Iterator[str]:
    for node in ast.walk(ast.parse(path.read_text("utf-8"))):
        if isinstance(node, ast.Import):
            yield from (alias.name for alias in node.names)
        elif isinstance(node, ast.ImportFrom) and node.module and not node.level:
            yield node.module
            yield from (f"{node.module}.{alias.name}" for alias in node.names)


def test_rooms_meet_only_in_reconcile() -> None:
    wrong = []
    for path in modules():
        room = path.relative_to(PACKAGE).parts[0]
        if room in ROOMS:
            for name in imports(path):
                parts = name.split(".")
                if parts[0] == "reconciler" and len(parts) > 1 and parts[1] not in ROOMS[room]:
                    wrong.append(f"{path.relative_to(PACKAGE)} imports {name}")
    assert wrong == []


def test_each_library_stays_in_its_place() -> None:
    wrong = []
    for path in modules():
        where = path.relative_to(PACKAGE)
        for name in imports(path):
            allowed = LIBRARIES.get(name.split(".")[0])
            if allowed is not None and not {where.as_posix(), where.parts[0]} & allowed:
                wrong.append(f"{where} imports {name}")
    assert wrong == []


def test_derive_asks_neither_clock_nor_world() -> None:
    wrong = []
    for path in sorted((PACKAGE / "derive").rglob("*.py")):
        wrong += [f"{path.name} imports {n}" for n in imports(path) if n.split(".")[0] in IMPURE]
        text = path.read_text("utf-8")
        wrong += [f"{path.name} asks the clock" for word in (".now(", ".today(", "utcnow(") if word in text]
    assert wrong == []


def test_the_model_imports_nothing_of_ours_but_its_decorator() -> None:
    found = [n for path in (PACKAGE / "model").glob("*.py") for n in imports(path)]
    ours = [name for name in found if name.startswith("reconciler") and not name.startswith("reconciler.model")]
    assert set(ours) == {"reconciler.frozen", "reconciler.frozen.frozen"}


@pytest.mark.parametrize("path", modules(), ids=lambda p: p.relative_to(PACKAGE).as_posix())
def test_modules_say_what_they_are_for_and_stay_small(path: Path) -> None:
    text = path.read_text("utf-8")
    assert ast.get_docstring(ast.parse(text)), "the first line says what the module is for"
    assert text.count("\n") <= 400

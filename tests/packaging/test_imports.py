"""What a command imports: the quick ones nothing heavy, and none of them what it does not use."""

import os
import re
import subprocess
import sys
from pathlib import Path

import pytest

from reconciler.demo.sealed import sealed_env

PROJECT = Path(__file__).parents[2]
HEAVY = {
    "click",
    "git",
    "networkx",
    "yaml",
    "frontmatter",
    "rich",
    "watchdog",
    "json",
    "tomllib",
    "subprocess",
    "asyncio",
}
_LINE = re.compile(r"^import time: +\d+ \| +\d+ \| +([\w.]+)$", re.MULTILINE)


@pytest.fixture(scope="module")
def repository(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A small repository with one plan."""
    root = tmp_path_factory.mktemp("imports") / "r"
    (root / ".swarm/plans").mkdir(parents=True)
    (root / ".swarm/plans/2026-01-02-fog.md").write_text("# Fog\n\n**Status**: Draft\n", "utf-8")
    for words in (("init", "-q", "-b", "main"), ("add", "-A"), ("commit", "-q", "-m", "Fog")):
        subprocess.run(["git", *words], cwd=root, env=sealed_env(), check=True)
    return root


def imported(folder: Path, *words: str, stdin: str = "") -> set[str]:
    """The top-level packages that ``swarm WORDS`` imports, beyond those of an empty Python."""
    return _modules(folder, ["-m", "reconciler", *words], stdin) - _modules(folder, ["-c", "pass"])


def _modules(folder: Path, words: list[str], stdin: str = "") -> set[str]:
    env = sealed_env() | {"PYTHONPATH": str(PROJECT), "PYTHONIOENCODING": "utf-8", "LC_ALL": "C.UTF-8"}
    done = subprocess.run(
        [sys.executable, "-X", "importtime", *words], cwd=folder, env=env, input=stdin,
        capture_output=True, encoding="utf-8", check=True,
    )  # fmt: skip
    return {name.partition(".")[0] for name in _LINE.findall(done.stderr)}


def test_version_imports_nothing_heavy(tmp_path: Path) -> None:
    found = imported(tmp_path, "--version")
    assert found & HEAVY == set()
    assert "reconciler" in found


RECORD = """
import sys
from reconciler import gatekeeper
from reconciler.__main__ import main
gatekeeper.YOUNG = 0
sys.exit(main())
"""
WARM = (
    ["status", "--json"],
    ["status", "--all", "--json"],
    ["reconcile"],
    ["reconcile", "--check"],
    ["reconcile", "--json"],
    ["-C", ".", "status", "--json"],
    ["heartbeat", "--session", "s"],
    ["hook", "git", "post-commit"],
)


@pytest.fixture(scope="module")
def settled(repository: Path) -> Path:
    """A repository in which nothing has changed since everything was asked."""
    env = sealed_env() | {"PYTHONPATH": str(PROJECT), "LC_ALL": "C.UTF-8"}
    for words in (WARM[-2], ["reconcile"], *WARM[:-2]):
        line = [sys.executable, "-c", RECORD, *words]
        subprocess.run(line, cwd=repository, env=env, stdin=subprocess.DEVNULL, capture_output=True, check=True)
    return repository


@pytest.mark.parametrize("words", WARM, ids=" ".join)
def test_when_nothing_changed_nothing_heavy_is_imported(settled: Path, words: list[str]) -> None:
    found = imported(settled, *words)
    assert "reconciler" in found
    assert found & (HEAVY | {"pathlib", "typing", "dataclasses"}) == set()


def test_the_hooks_of_agents_import_nothing_heavy_while_nothing_moved(repository: Path) -> None:
    said = '{"session_id": "s1", "cwd": "", "prompt": "go on", "tool_name": "Bash"}'
    imported(repository, "hook", "claude", "SessionStart", stdin=said)
    for event in ("UserPromptSubmit", "Stop", "PreToolUse"):
        assert (
            imported(repository, "hook", "claude", event, stdin=said) & (HEAVY | {"re", "pathlib", "typing"}) == set()
        )


@pytest.mark.parametrize(
    "words", [["status", "--json"], ["next", "--json"], ["reconcile", "--check", "--json"]], ids=" ".join
)
def test_json_imports_neither_rich_nor_watchdog(repository: Path, words: list[str]) -> None:
    done = subprocess.run(
        [sys.executable, "-c", _REPORT, *words], cwd=repository, capture_output=True, encoding="utf-8", check=True,
        env=sealed_env() | {"PYTHONPATH": str(PROJECT)}, stdin=subprocess.DEVNULL,
    )  # fmt: skip
    assert set(done.stderr.split()) & {"rich", "watchdog", "pygments", "markdown_it"} == set()
    assert '"schema"' in done.stdout


def test_piped_status_imports_no_rich(repository: Path) -> None:
    found = imported(repository, "status")
    assert {"click", "git"} <= found
    assert found & {"rich", "watchdog", "pygments"} == set()


def test_help_imports_neither_git_nor_yaml(tmp_path: Path) -> None:
    assert imported(tmp_path, "--help") & {"git", "yaml", "networkx", "rich", "watchdog"} == set()


_REPORT = """
import sys
from reconciler.cli.app import run
run(sys.argv[1:])
print(*{name.partition(".")[0] for name in sys.modules}, file=sys.stderr)
"""


def test_the_module_runs_like_the_script(tmp_path: Path) -> None:
    script = Path(sys.executable).with_name("swarm")
    words = [[sys.executable, "-m", "reconciler"], *([[str(script)]] if script.exists() else [])]
    env = sealed_env() | {"PYTHONPATH": str(PROJECT) + os.pathsep}
    said = {
        subprocess.run([*w, "--version"], cwd=tmp_path, env=env, capture_output=True, check=True).stdout for w in words
    }
    assert len(said) == 1

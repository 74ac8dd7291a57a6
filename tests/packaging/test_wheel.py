"""The wheel and the source distribution: what is in them, and that they run elsewhere with their rules."""

import os
import subprocess
import sys
import tarfile
import venv
import zipfile
from pathlib import Path

import pytest

from reconciler import __version__
from reconciler.demo.sealed import sealed_env

PROJECT = Path(__file__).parents[2]
FOREIGN = ("tests/", "fixtures/", "docs/", ".ci/", ".github/", "test_", "conftest")


@pytest.fixture(scope="module")
def dist(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A folder with the built wheel and source distribution."""
    folder = tmp_path_factory.mktemp("dist")
    words = [sys.executable, "-m", "hatchling", "build", "-d", str(folder)]
    subprocess.run(words, cwd=PROJECT, check=True, capture_output=True, stdin=subprocess.DEVNULL)
    return folder


def names(dist: Path) -> list[str]:
    with zipfile.ZipFile(next(dist.glob("*.whl"))) as wheel:
        return wheel.namelist()


def test_the_wheel_carries_code_rules_and_the_mark_of_types(dist: Path) -> None:
    found = set(names(dist))
    rules = {f"reconciler/rules/{file.name}" for file in (PROJECT / "rules").glob("*.toml")}
    assert len(rules) >= 5
    assert rules <= found
    assert {"reconciler/__main__.py", "reconciler/py.typed", "reconciler/demo/world/history.toml"} <= found
    assert any(name.endswith("publish/schemas/workstreams.schema.json") for name in found)


def test_the_wheel_carries_every_file_of_the_package(dist: Path) -> None:
    listed = subprocess.run(
        ["git", "ls-files", "-z", "reconciler"], cwd=PROJECT, capture_output=True, env=sealed_env(), check=False
    ).stdout.decode()
    tracked = {name for name in listed.split("\0") if name and (PROJECT / name).exists()}
    assert tracked - set(names(dist)) == set()


def test_nothing_foreign_is_in_the_wheel(dist: Path) -> None:
    found = names(dist)
    assert [n for n in found if any(part in n for part in FOREIGN)] == []
    ours = f"swarm_reconciler-{__version__}"
    assert {n.split("/")[0] for n in found} == {"reconciler", f"{ours}.dist-info", f"{ours}.data"}
    assert [n for n in found if ".data/" in n] == [f"{ours}.data/data/share/man/man1/swarm.1"]
    assert [n for n in found if "__pycache__" in n or n.endswith(".pyc")] == []


def test_the_source_distribution_builds_by_itself(dist: Path, tmp_path: Path) -> None:
    with tarfile.open(next(dist.glob("*.tar.gz"))) as archive:
        inside = archive.getnames()
        archive.extractall(tmp_path, filter="data")
    top = tmp_path / f"swarm_reconciler-{__version__}"
    assert {p.name for p in top.iterdir()} >= {"reconciler", "rules", "README.md", "LICENSE", "pyproject.toml"}
    assert [n for n in inside if "/tests/" in n or "/fixtures/" in n] == []
    words = [sys.executable, "-m", "hatchling", "build", "-t", "wheel", "-d", str(tmp_path / "again")]
    subprocess.run(words, cwd=top, check=True, capture_output=True, stdin=subprocess.DEVNULL)
    assert sorted(names(tmp_path / "again")) == sorted(names(dist))


def test_the_installed_wheel_runs_elsewhere(dist: Path, tmp_path: Path) -> None:
    swarm = install(dist, tmp_path / "venv")
    elsewhere = tmp_path / "elsewhere"
    elsewhere.mkdir()
    env = sealed_env() | {"LC_ALL": "C.UTF-8", "SWARM_SESSION": "packaging"}

    def said(*words: str, cwd: Path = elsewhere) -> str:
        done = subprocess.run(
            [str(swarm), *words], cwd=cwd, env=env, capture_output=True, encoding="utf-8", check=False
        )
        assert (done.returncode, done.stderr) == (0, "")
        return done.stdout

    assert said("--version") == f"swarm {__version__}\n"
    assert "merged" in said("help", "states")
    assert "fog-of-war is implementing" in said("demo", "--keep", str(tmp_path / "world"))
    assert '"swarm.workstreams/1"' in said("status", "--json", cwd=tmp_path / "world/civ")
    assert list(elsewhere.iterdir()) == []


def install(dist: Path, folder: Path) -> Path:
    """The wheel in an environment of its own, its libraries those of this one; returns the script."""
    venv.create(folder, with_pip=False, symlinks=os.name != "nt")
    python = folder / "bin/python"
    asked = "import sysconfig; print(sysconfig.get_path('purelib'))"
    site = Path(subprocess.run([python, "-c", asked], capture_output=True, encoding="utf-8", check=True).stdout.strip())
    words = [sys.executable, "-m", "pip", "--python", str(python), "install", "--quiet", "--no-deps", "--no-index"]
    subprocess.run([*words, str(next(dist.glob("*.whl")))], check=True, capture_output=True, stdin=subprocess.DEVNULL)
    here = [path for path in map(Path, sys.path) if path.name == "site-packages"]
    libraries = site.parent / "libraries"
    libraries.mkdir()
    for path in here:
        for entry in path.iterdir():
            if (
                not entry.name.startswith(("_swarm", "swarm_reconciler", "reconciler", "__pycache__", "__editable__"))
                and entry.suffix != ".pth"
            ):
                link = libraries / entry.name
                if not link.exists():
                    link.symlink_to(entry)
    (site / "libraries.pth").write_text(f"{libraries}\n", "utf-8")
    return folder / "bin/swarm"

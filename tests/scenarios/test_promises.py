"""The promises of the design in every scenario: idempotent, deterministic, pure, and no bad input hides a good one."""

import hashlib
import os
import re
import shutil
import subprocess
import sys
from collections.abc import Callable, Sequence
from dataclasses import replace
from pathlib import Path
from random import Random
from typing import Any

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from reconciler.cli.app import run
from reconciler.demo.sealed import git, sealed_env
from reconciler.derive.view import derive
from reconciler.errors import SwarmError
from reconciler.reconcile import Look, write
from tests.scenarios.conftest import Looks
from tests.scenarios.replay import Scenario, scenario, scenarios
from tests.scenarios.views import NOW, see

EACH = pytest.mark.parametrize("each", scenarios(), ids=lambda each: each.name)
_RICH = ("epic-with-children", "two-worktrees", "bare-repository", "intents", "other-scripts")
RICH = pytest.mark.parametrize("rich", [scenario(name) for name in _RICH], ids=lambda rich: rich.name)
COMMANDS = ("status", "status --all --json", "next --parallel 2", "explain ID", "show ID", "graph", "reconcile --check",
            "doctor", "reconcile", "reconcile")  # fmt: skip
UNORDERED = ("branches", "landings", "worktrees", "places", "documents", "intents", "claims", "problems")
OURS = re.compile(
    r"(^|/)(\.swarm/(workstreams|queue|instances)\.json|\.swarm/(schemas|archive)/.*|(\.git|[^/]+\.git)/swarm/.*)$"
)
BY_WORDS = frozenset(
    {"planning", "ready", "researching", "researched", "abandoned"}
)  # states that a claim may tell apart


# -- idempotent and deterministic


@EACH
def test_a_second_pass_writes_nothing(each: Scenario, tmp_path: Path) -> None:
    place = each.build(tmp_path)
    first = write(see(place), now=NOW)
    second = write(see(place), now=NOW)
    assert "workstreams.json" in first.written
    assert (second.written, second.moves) == ((), ())


@EACH
def test_deleted_outputs_come_back_with_the_same_bytes(each: Scenario, tmp_path: Path) -> None:
    place = each.build(tmp_path)
    seen = see(place)
    write(seen, now=NOW)
    before = _outputs(seen)
    for name in before:
        (seen.target / name).unlink()
    again = see(place)
    write(again, now=NOW)
    assert _outputs(again) == before != {}


@EACH
@settings(max_examples=4, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(shuffle=st.randoms(use_true_random=False))
def test_any_order_of_observation_gives_the_same_view(each: Scenario, looks: Looks, shuffle: Random) -> None:
    seen = looks.at(each)
    mixed: dict[str, Any] = {name: _shuffled(getattr(seen.snapshot, name), shuffle) for name in UNORDERED}
    assert derive(replace(seen.snapshot, **mixed), seen.rulebook) == seen.view


def _shuffled(values: Sequence[object], shuffle: Random) -> tuple[object, ...]:
    return tuple(shuffle.sample(values, len(values)))


@RICH
def test_same_bytes_in_other_surroundings(rich: Scenario, tmp_path: Path) -> None:
    place = rich.build(tmp_path)
    elsewhere = tmp_path / "else where"
    elsewhere.mkdir()
    plain = _process(place, place)
    assert plain == _process(place, elsewhere, TZ="Pacific/Kiritimati", LC_ALL="tr_TR.UTF-8", PYTHONHASHSEED="7")
    assert plain == _process(place, place / ("." if place.suffix else ".swarm"), TZ="America/St_Johns", LC_ALL="POSIX")
    assert plain == _process(place, place, PYTHONHASHSEED="0", PYTHONUTF8="0", LANG="C", LC_ALL="C")


def test_same_bytes_from_a_linked_worktree(tmp_path: Path) -> None:
    place = scenario("two-worktrees").build(tmp_path)
    main = _process(place, place)
    assert main == _process(tmp_path / "zoo-doors", tmp_path) == _process(tmp_path / "zoo-look" / "zoo", tmp_path)


def _process(place: Path, cwd: Path, **env: str) -> bytes:
    words = [sys.executable, "-m", "reconciler", "-C", str(place), "status", "--all", "--json"]
    package = str(Path(__file__).resolve().parents[2])
    done = subprocess.run(
        words, cwd=cwd, env=sealed_env() | {"PYTHONPATH": package} | env, capture_output=True, check=True
    )
    return done.stdout


def _outputs(seen: Look) -> dict[str, bytes]:
    found = {p.relative_to(seen.target).as_posix(): p for p in sorted(seen.target.rglob("*.json"))}
    return {name: path.read_bytes() for name, path in found.items()}


# -- pure


@RICH
def test_nothing_of_others_is_touched(
    rich: Scenario, tmp_path: Path, capsysbinary: pytest.CaptureFixture[bytes]
) -> None:
    place = rich.build(tmp_path)
    name = next(iter(rich.history()["expect"]))
    before = _everything(tmp_path)
    codes = [run(["-C", str(place), *command.replace("ID", name).split()]) for command in COMMANDS]
    assert codes == [0, 0, 0, 0, 0, 0, 1, 0, 0, 0], capsysbinary.readouterr().err
    assert _everything(tmp_path) == before


def _everything(folder: Path) -> dict[str, tuple[object, ...]]:
    """Every path below ``folder`` but ours, with what a look could change of it."""
    found: dict[str, tuple[object, ...]] = {}
    for path in sorted(folder.rglob("*")):
        name = path.relative_to(folder).as_posix()
        if OURS.search(name) or name.endswith((".git/swarm", ".swarm/schemas", ".swarm/archive")):
            continue
        status = path.lstat()
        if path.is_dir():
            found[name] = (status.st_mode,)
        else:
            digest = hashlib.sha256(path.read_bytes()).hexdigest()
            found[name] = (status.st_mode, status.st_size, status.st_mtime_ns, status.st_ino, digest)
    return found


# -- words change no state that git tells


@EACH
def test_without_claims_the_same_states(each: Scenario, looks: Looks, tmp_path: Path) -> None:
    claims = each.history().get("claim", ())
    bare = {w.id: w.state for w in see(each.build(tmp_path, rewrite=_without_claims), claims).view.workstreams}
    full = {w.id: w.state for w in looks.at(each).view.workstreams}
    assert bare.keys() == full.keys()
    held = {row["workstream"] for row in claims}  # whether a holder plans or builds is told by words alone
    moved = {name: (full[name], bare[name]) for name in full.keys() - held if full[name] != bare[name]}
    assert {name: pair for name, pair in moved.items() if not set(pair) <= BY_WORDS} == {}


def _without_claims(path: str, content: bytes) -> bytes:
    """A document without its status lines, every box empty; a decision in an intent file is no claim."""
    if "/queue/" in path:
        return content
    lines = [
        line
        for line in content.split(b"\n")
        if not re.match(rb"\W*(status|\xe3\x82\xb9\xe3\x83\x86)", line, re.IGNORECASE)
    ]
    return b"\n".join(lines).replace(b"- [x]", b"- [ ]")


# -- one bad file


def _bomb() -> bytes:
    rows = [b"a: &a [x, x, x, x, x, x, x, x, x]"]
    rows += [b"%c: &%c [%s]" % (97 + n, 97 + n, b", ".join([b"*%c" % (96 + n)] * 9)) for n in range(1, 20)]
    return b"---\n" + b"\n".join(rows) + b"\nfeature: swifts\n---\n# Bomb\n"


def _file(content: bytes, *, mode: int = 0o644) -> Callable[[Path], object]:
    def make(path: Path) -> None:
        path.write_bytes(content)
        path.chmod(mode)

    return make


def _link(target: str) -> Callable[[Path], object]:
    return lambda path: path.symlink_to(target)


BAD: dict[str, Callable[[Path], object]] = {
    "not utf-8": _file(b"---\nfeature: \xff\xfe\n---\n# \xc3\x28 title\n\n**Status**: Compl\xe8te\n"),
    "yaml bomb": _file(_bomb()),
    "deep yaml": _file(b"---\na: " + b"[" * 5000 + b"]" * 5000 + b"\n---\n# Deep\n"),
    "never closed": _file(b"---\nfeature: x\n" + b"key: value\n" * 9000),
    "a tag": _file(b"---\nfeature: !!python/object/apply:os.system ['true']\n---\n# Tag\n"),
    "large": _file(b"# Large\n\n" + b"- [x] a box\n" * 262144),
    "nul bytes": _file(b"# Nul\x00\x00\n\x1b[31m**Status**: Complete\n"),
    "empty": _file(b""),
    "dangling link": _link("../nowhere.md"),
    "link out": _link("/etc/passwd"),
    "link to itself": _link("2026-03-11-bad-one.md"),
    "fifo": lambda path: os.mkfifo(path),
    "folder": lambda path: path.mkdir(),
    "unreadable": _file(b"# Secret\n", mode=0),
}  # fmt: skip
SILENT = {"empty", "folder", "unreadable", "nul bytes"}  # may be read, or are no document at all


@pytest.mark.parametrize("kind", BAD)
def test_one_bad_file_hides_nobody(kind: str, looks: Looks, tmp_path: Path) -> None:
    name = ".swarm/plans/2026-03-11-bad-one.md"
    place = scenario("early-stages").build(tmp_path)
    good = {w.id: (w.state, w.rule, w.flags) for w in looks.at(scenario("early-stages")).view.workstreams}
    BAD[kind](place / name)
    view = see(place).view
    seen = {w.id: (w.state, w.rule, w.flags) for w in view.workstreams}
    assert {key: seen.get(key) for key in good} == good
    assert kind in SILENT or name in {problem.path for problem in view.problems}


@pytest.mark.parametrize("kind", ["not utf-8", "yaml bomb", "large", "a tag"])
def test_a_bad_file_on_a_branch_hides_nobody(kind: str, looks: Looks, tmp_path: Path) -> None:
    place = scenario("early-stages").build(tmp_path)
    good = {w.id: w.state for w in looks.at(scenario("early-stages")).view.workstreams}
    git(place, "switch", "--quiet", "--create", "feature/bad-one")
    BAD[kind](place / ".swarm/plans/2026-03-11-bad-one.md")
    git(place, "add", "--all")
    git(place, "commit", "--quiet", "--message", "A bad file")
    git(place, "switch", "--quiet", "main")
    seen = {w.id: w.state for w in see(place).view.workstreams}
    assert {key: seen.get(key) for key in good} == good


def test_a_registry_kept_by_hand_is_neither_believed_nor_overwritten(looks: Looks, tmp_path: Path) -> None:
    place = scenario("early-stages").build(tmp_path)
    file = place / ".swarm/workstreams.json"
    file.write_text('{"workstreams": [{"id": "swifts", "status": "merged"}, {"id": "phantom"}]}\n', "utf-8")
    before = file.read_bytes()
    seen = see(place)
    assert [(w.id, w.state) for w in seen.view.workstreams] == [
        (w.id, w.state) for w in looks.at(scenario("early-stages")).view.workstreams
    ]
    with pytest.raises(SwarmError, match=r"workstreams\.json"):
        write(seen, now=NOW)
    assert file.read_bytes() == before


def test_damaged_output_is_rebuilt(tmp_path: Path) -> None:
    place = scenario("cycle").build(tmp_path)
    seen = see(place)
    write(seen, now=NOW)
    before = _outputs(seen)
    (seen.target / "workstreams.json").write_bytes(before["workstreams.json"][:100])
    shutil.rmtree(seen.target / "schemas")
    outcome = write(see(place), now=NOW)
    assert _outputs(seen) == before
    assert ["workstreams.json" in f"{p.path} {p.message}" for p in outcome.problems] == [True]

"""Literal sessions and pairs of branches for the screens of coordination."""

from reconciler.cli.screens.conflicts import Pair
from reconciler.cli.screens.instances import Row
from reconciler.cli.screens.sessions import Told
from reconciler.derive.outcomes import Outcome, Step
from reconciler.model import Commit, CommitId

from .world import ago

ROWS = (
    Row("map-maker", "stale", ago("9h"), ago("5h"), ("map-generator",), "desk", "/civ-map", "its worktree is gone"),
    Row("claude-7c41", "active", ago("2h"), ago("3m"), ("unit-combat", "tech-tree"), "desk", "/trees/civ-unit-combat"),
    Row("codex-a9", "idle", ago("3h"), ago("41m"), ("fog-of-war",), "laptop", "/civ"),
    Row("evil\x1b[2J\u202e", "active", ago("9m"), ago("1m"), (), "desk", "/civ"),
    Row("far", "unknown", None, None, (), "elsewhere", "", "its stamp cannot be read"),
)
DISK = "nfs4"
CLEANED = ("forgot session claude-02: not heard for too long",)


def _commit(number: int, subject: str, age: str) -> Commit:
    return Commit(CommitId(f"{number:07d}{'a' * 33}"), (), ago(age), subject)


TOLD = (
    Told(
        "codex-a9", "fog-of-war", ago("9h"), ago("5h"), "claimed", "", "feature/fog-of-war", "/civ-fog",
        "tests fail on src/fog.py",
        Outcome(
            tuple(_commit(n, f"Fog, part {n}", "6h") for n in range(1, 8)),
            (".swarm/checkpoints/2026-01-18-fog-of-war-phase-1.md",),
            (Step(ago("6h"), "first source changed", "0000001aaaa"), Step(ago("5h"), "merged", "")),
        ),
    ),
    Told("map-maker", "fog-of-war", ago("4h"), ago("2h"), "claimed", "", "", "", "taken over by claude-7c", Outcome()),
    Told("claude-7c41", "fog-of-war", ago("2h"), None, "taken-over", "active", "main", "/civ", "", Outcome()),
)  # fmt: skip
PAIRS = (
    Pair(("fog-of-war", "turn-system"), ("feature/fog", "feature/turns"), ("src/map.py",), uncommitted=("src/map.py",)),
    Pair(
        ("save-format-v2", "unit-combat"), ("feature/save", "feature/combat"), ("src/state.py", "src/units.py"),
        (("src/state.py", "contents", 2), ("src/units.py", "modify/delete", 0)), declared=True,
    ),
    Pair(("map-generator", "tech-tree"), ("", "feature/tech"), ("src/map.py",), why="no branch"),
)  # fmt: skip

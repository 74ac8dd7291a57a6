"""Literal findings for the screen of `swarm check`."""

import tomllib
from pathlib import Path

from reconciler.model import Finding
from reconciler.policy import CheckRule

_ROWS = tomllib.loads((Path(__file__).parents[2] / "rules" / "checks.toml").read_text("utf-8"))["check"]
CHECKS = tuple(
    CheckRule(row["id"], row["title"], row.get("severity", ""), row["say"], row.get("hint", ""), row.get("many", ""))
    for row in _ROWS
)
LOOKED_AT = "55 workstreams, 122 documents"
PLANS = ".swarm/plans/2026-01-"
FOUND = (
    Finding(
        "cycle", "cycle", "error", "diplomacy waits for itself: diplomacy -> embassies -> diplomacy",
        f"{PLANS}17-diplomacy.md", 6, "diplomacy", "swarm blocked diplomacy",
    ),
    Finding(
        "claims-done-unmerged", "drift", "warning", 'fog-of-war: plan says "Complete", not merged',
        f"{PLANS}16-fog-of-war.md", 4, "fog-of-war", "swarm explain fog-of-war", place="feature/2026-01-16-fog-of-war",
    ),
    Finding(
        "recorded-behind", "drift", "warning", 'hotseat is recorded as "idea", but work on it has begun',
        ".swarm/queue/2026-01-15-hotseat.md", 0, "hotseat", "swarm explain hotseat",
    ),
    *(
        Finding(
            "dangling-link", "dangling-link", "warning", f"**Research** names research/{n:02}.md, which does not exist",
            f"{PLANS}{n:02}-old.md", 3, "old", "swarm show old",
        )
        for n in range(1, 15)
    ),
    Finding(
        "leftover-worktree", "leftover-worktree", "warning", "worktree civ-units is still there, but units is merged",
        "", 0, "units", "git worktree remove '/trees/civ units'",
    ),
    Finding(
        "leftover-branch", "leftover-branch", "info", "31 branches have landed and are kept: a, b, c and 28 more",
        hint="swarm check --all", count=31,
    ),
)  # fmt: skip

"""A literal View: the dozen workstreams of the demo, and the shipped states and flags."""

import tomllib
from dataclasses import dataclass, replace
from datetime import UTC, date, datetime, timedelta
from pathlib import Path
from typing import Any

from reconciler.model import (
    Artifacts,
    Base,
    Claim,
    CommitId,
    DocumentRef,
    Drift,
    Evidence,
    NearMiss,
    Reason,
    Relation,
    State,
    Suggestion,
    Tag,
    View,
    Workstream,
    WorkstreamId,
)
from reconciler.policy import FlagRow, Layout, StateRow

NOW = datetime(2026, 1, 19, 12, 3, 22, tzinfo=UTC)
LIFECYCLE = Path(__file__).parents[2] / "rules" / "lifecycle.toml"
UNITS = {"m": "minutes", "h": "hours", "d": "days"}


@dataclass(frozen=True, slots=True)
class Shown:
    """The part of a rulebook that screens ask for."""

    states: tuple[StateRow, ...]
    flags: tuple[FlagRow, ...]
    layouts: tuple[Layout, ...] = ()


def shipped() -> Shown:
    """States and flags as rules/lifecycle.toml has them, without their conditions."""
    data = tomllib.loads(LIFECYCLE.read_text(encoding="utf-8"))
    states = tuple(
        StateRow(State(row["name"]), row["meaning"], row["glyph"], row["ascii"], row["style"], row["open"], ())
        for row in data["state"]
    )
    flags = tuple(
        FlagRow(row["name"], row["meaning"], row["glyph"], row["ascii"], row["style"], row["attention"])
        for row in data["flag"]
    )
    layouts = tuple(
        Layout(name, name, (root,), (), (), ())
        for name, root in (("swarm", ".swarm"), ("plans", "docs/plans"), ("openspec", "openspec"))
    )
    return Shown(states, flags, layouts)


def ago(text: str) -> datetime:
    """``ago("41m")``: that long before NOW."""
    return NOW - timedelta(**{UNITS[text[-1]]: int(text[:-1])})


def claim(workstream: str, session: str, heard: str, status: str = "active") -> Claim:
    return Claim(WorkstreamId(workstream), session, ago("9h"), ago(heard), status=status)


def stream(id: str, state: str, updated: str, **more: Any) -> Workstream:
    """A workstream with everything else empty, unless ``more`` says so."""
    plain: dict[str, Any] = {
        "id": WorkstreamId(id),
        "title": id.rpartition("/")[2].replace("-", " ").capitalize(),
        "type": "feature",
        "state": State(state),
        "rule": state,
        "reason": "",
        "confidence": "high",
        "priority": None,
        "created": date(2026, 1, 10),
        "updated": ago(updated),
        "current_phase": None,
        "total_phases": None,
        "phase_text": "",
        "tasks": (0, 0),
        "parent": None,
        "children": (),
        "aliases": (),
        "tags": (),
        "claim": None,
        "branch": None,
        "worktree": None,
        "ahead": 0,
        "behind": 0,
        "merged_at": None,
        "merge_commit": None,
        "flags": (),
        "blocked_by": (),
        "dependencies": (),
        "conflicts": (),
        "relations": (),
        "artifacts": Artifacts(),
        "documents": (),
        "evidence": (),
        "near": (),
        "drift": (),
    }
    return Workstream(**(plain | more))


def blocked(id: str, state: str, updated: str, by: tuple[str, ...], **more: Any) -> Workstream:
    ids = tuple(WorkstreamId(one) for one in by)
    plan = f".swarm/plans/2026-01-15-{id}.md"
    relations = tuple(Relation(one, "blocks", f"{plan}:{n}", "**Depends on**") for n, one in enumerate(ids, start=6))
    return stream(id, state, updated, blocked_by=ids, dependencies=ids, relations=relations, flags=("blocked",), **more)


def demo() -> View:
    """The view that docs and golden files draw."""
    streams = (*_reviewed(), *_built(), *_planned(), *_closed())
    return View(
        name="civ",
        base=Base("main", "refs/heads/main", CommitId("8ec609c" + "0" * 33), ago("3h"), "init.defaultBranch"),
        updated=ago("1m"),
        workstreams=tuple(sorted(streams, key=lambda one: one.id)),
        next=_next(),
        problems=(),
        cycles=(),
        claims=tuple(sorted((s.claim for s in streams if s.claim), key=lambda one: one.workstream)),
        intents=(),
        layouts=("swarm",),
        complete=True,
        branches=6,
        worktrees=4,
    )


def empty() -> View:
    """A repository without documents."""
    return replace(demo(), workstreams=(), next=(), claims=(), layouts=())


def _reviewed() -> tuple[Workstream, ...]:
    branch = "feature/2026-01-18-turn-system"
    clean = Evidence(Tag("merges-cleanly"), branch, "merges into main without a conflict", ago("12m"))
    return (
        stream(
            "turn-system",
            "in-review",
            "12m",
            phase_text="5/5",
            priority=2,
            branch=branch,
            ahead=9,
            evidence=(clean,),
            reason="review of 2026-01-18, no open point",
        ),
        stream(
            "save-format-v2",
            "in-review",
            "1d",
            phase_text="3/3",
            priority=2,
            ahead=4,
            behind=7,
            flags=("conflicted",),
            conflicts=((WorkstreamId("unit-combat"), ("src/state.py",)),),
            reason="review of 2026-01-17",
        ),
    )


def _built() -> tuple[Workstream, ...]:
    return (
        stream(
            "unit-combat",
            "implementing",
            "3m",
            phase_text="2/4",
            priority=2,
            claim=claim("unit-combat", "claude-7c", "3m"),
            ahead=12,
            behind=3,
            flags=("conflicted",),
            conflicts=((WorkstreamId("save-format-v2"), ("src/state.py",)),),
        ),
        fog(),
        stream(
            "map-generator",
            "implementing",
            "5h",
            phase_text="3/6",
            priority=3,
            claim=claim("map-generator", "claude-02", "5h", "stale"),
            ahead=2,
            behind=9,
            flags=("stale",),
        ),
        stream(
            "cli-integration/phase-2",
            "implementing",
            "1m",
            phase_text="0/2",
            priority=4,
            claim=claim("cli-integration/phase-2", "claude-e4", "1m"),
            ahead=1,
            reason="branch feature/cli-integration-phase-2: 1 commit not in main",
        ),
    )


def fog() -> Workstream:
    """The one whose plan lies."""
    branch = "feature/2026-01-16-fog-of-war"
    plan = ".swarm/plans/2026-01-16-fog-of-war.md"
    return stream(
        "fog-of-war",
        "implementing",
        "41m",
        title="Fog of war and line of sight",
        phase_text="1/3",
        priority=3,
        claim=claim("fog-of-war", "codex-a9", "41m", "idle"),
        branch=branch,
        worktree="/src/civ-fog",
        ahead=6,
        behind=3,
        flags=("drift",),
        tasks=(7, 21),
        tags=("map",),
        reason=f"branch {branch}: 6 commits not in main",
        artifacts=Artifacts(plan=plan),
        documents=(
            DocumentRef(plan, "plan", date(2026, 1, 16), "Complete", (branch, "main"), why="same slug"),
            DocumentRef(
                ".swarm/research/2026-01-12-visibility.md",
                "research",
                date(2026, 1, 12),
                "complete",
                ("main",),
                shared=True,
                why=f"**Research** at {plan}:5",
            ),
        ),
        relations=(Relation(WorkstreamId("unit-combat"), "informs", f"{plan}:7", "**Informs**"),),
        evidence=(
            Evidence(Tag("in-flight"), "b41c09d", f"branch {branch}: 6 commits not in main", ago("41m")),
            Evidence(Tag("held"), "runtime", "claim of codex-a9, last heard 41m ago (idle after 30m)"),
        ),
        near=(
            NearMiss(State("in-review"), "in-review", "no review document"),
            NearMiss(State("merged"), "merged", "not an ancestor, no merge subject, no squash or patch match"),
        ),
        drift=(Drift("claims-done-unmerged", "plan says Complete, not merged", f"{plan}:4"),),
    )


def _planned() -> tuple[Workstream, ...]:
    return (
        stream("diplomacy", "ready", "2d", phase_text="0/4", priority=1, reason="planned on 2026-01-17"),
        blocked("hotseat", "ready", "4d", ("save-format-v2",), phase_text="0/3", priority=4),
        stream("tech-tree", "planning", "8m", priority=3, claim=claim("tech-tree", "claude-b3", "8m")),
        blocked("ai-opponents", "researched", "6d", ("diplomacy", "tech-tree"), priority=3),
        stream("audio-cues", "researching", "2m", priority=5, claim=claim("audio-cues", "claude-55", "2m")),
        stream("tutorial", "idea", "9d", priority=4, type="docs", tags=("docs",)),
    )


def _closed() -> tuple[Workstream, ...]:
    def landed(id: str, at: datetime, commit: str) -> Workstream:
        return stream(id, "merged", "9d", merged_at=at, merge_commit=CommitId(commit * 40), reason="merged into main")

    today = (
        landed("player-faction-tracking", ago("3h"), "8"),
        landed("log-rotation", ago("5h"), "a"),
    )
    return today + tuple(landed(f"older-{n:02}", ago(f"{n + 2}d"), "b") for n in range(41))


def _next() -> tuple[Suggestion, ...]:
    def one(id: str, action: str, command: str, *reasons: tuple[int, str]) -> Suggestion:
        return Suggestion(
            WorkstreamId(id),
            action,
            command,
            sum(weight for weight, _ in reasons),
            tuple(Reason(weight, text) for weight, text in reasons),
        )

    merge = "git merge --no-ff feature/2026-01-18-turn-system"
    return (
        one("turn-system", "merge", merge, (50, "in review, merges cleanly"), (20, "p2")),
        one(
            "diplomacy",
            "implement",
            "swarm claim diplomacy",
            (30, "p1"),
            (15, "unblocks ai-opponents"),
            (10, "plan ready"),
        ),
        one("tutorial", "research", "swarm claim tutorial", (5, "p4"), (4, "oldest idea")),
    )

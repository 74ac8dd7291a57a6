"""How each layout writes down a feature: the documents that its users leave, in their places."""

from datetime import UTC, datetime, timedelta
from json import dumps

from tests.scenarios.worlds import START, Feature, Files, Style


def _day(feature: Feature) -> str:
    return (datetime.fromtimestamp(START, UTC) + timedelta(days=feature.number // 2 - 2)).date().isoformat()


def _title(feature: Feature) -> str:
    return feature.slug.replace("-", " ").title()


def _steps(feature: Feature) -> str:
    return "".join(f"- [ ] Create `{path}`\n" for path in feature.sources) + "- [ ] Modify `src/app.py`\n"


def _plan(feature: Feature, status: str) -> str:
    return f"# Plan: {_title(feature)}\n\n**Status**: {status}\n\n## Phase 1: All of it\n\n{_steps(feature)}"


def _research(feature: Feature) -> str:
    return f"# Research: {_title(feature)}\n\n**Status**: complete\n\n## Summary\n\nIt can be done.\n"


def _swarm(feature: Feature, status: str) -> Files:
    return {
        f".swarm/plans/{_day(feature)}-{feature.slug}.md": _plan(feature, status),
        f".swarm/research/{_day(feature)}-{feature.slug}.md": _research(feature),
    }


def _thoughts(feature: Feature, status: str) -> Files:
    plan = f"# {_title(feature)} Implementation Plan\n\n## Overview\n\nDo it.\n\n## Phase 1: All\n\n{_steps(feature)}"
    research = f"thoughts/shared/research/{_day(feature)}-{feature.slug}.md"
    front = f"---\ndate: {_day(feature)}\nbranch: main\nstatus: complete\n---\n\n"
    return {
        f"thoughts/shared/plans/{_day(feature)}-{feature.slug}.md": f"{plan}\n## References\n\n- `{research}`\n",
        research: front + _research(feature),
    }


def _superpowers(feature: Feature, status: str) -> Files:
    spec = f"# {_title(feature)} Design\n\n**Status:** {status}\n\n## Problem\n\nNone yet.\n"
    files = "".join(f"- Create: `{path}`\n" for path in feature.sources)
    plan = (
        f"# {_title(feature)} Implementation Plan\n\n**Goal:** it\n\n### Task 1: All\n\n**Files:**\n{files}\n- [ ] Go\n"
    )
    return {
        f"docs/superpowers/specs/{_day(feature)}-{feature.slug}-design.md": spec,
        f"docs/superpowers/plans/{_day(feature)}-{feature.slug}.md": plan,
    }


def _docs_plans(feature: Feature, status: str) -> Files:
    return {path.replace("superpowers/specs", "plans").replace("superpowers/plans", "plans"): text
            for path, text in _superpowers(feature, status).items()}  # fmt: skip


def _openspec(feature: Feature, status: str) -> Files:
    folder = f"openspec/changes/{feature.slug}"
    return {
        f"{folder}/proposal.md": f"## Why\nIt is wanted.\n\n## What Changes\n- {_title(feature)}\n",
        f"{folder}/tasks.md": f"## 1. Implementation\n{_steps(feature)}",
        f"{folder}/specs/core/spec.md": "## ADDED Requirements\n### Requirement: It\nThe system SHALL.\n",
    }


def _spec_kit(feature: Feature, status: str) -> Files:
    folder = f"specs/{feature.number:03}-{feature.slug}"
    return {
        f"{folder}/spec.md": f"# Feature Specification: {_title(feature)}\n\n**Status**: {status}\n",
        f"{folder}/plan.md": f"# Implementation Plan: {_title(feature)}\n\n**Branch**: `{feature.branch}`\n",
        f"{folder}/tasks.md": f"# Tasks: {_title(feature)}\n\n{_steps(feature)}",
        f"{folder}/checklists/requirements.md": "# Checklist\n\n- [x] good\n",
    }


def _kiro(feature: Feature, status: str) -> Files:
    folder = f".kiro/specs/{feature.slug}"
    return {
        f"{folder}/spec.json": dumps({"feature_name": feature.slug, "phase": "tasks-generated"}),
        f"{folder}/requirements.md": "# Requirements Document\n\n## Introduction\nIt.\n",
        f"{folder}/design.md": "# Design Document\n\n## Overview\nIt.\n",
        f"{folder}/tasks.md": f"# Implementation Plan\n\n{_steps(feature)}",
    }


def _gsd(feature: Feature, status: str) -> Files:
    folder, number = f".planning/phases/{feature.number:02}-{feature.slug}", f"{feature.number:02}"
    front = f"---\nphase: {number}-{feature.slug}\nplan: 01\ndepends_on: []\n---\n\n"
    files = "".join(f"Create `{path}`.\n" for path in feature.sources)
    return {
        f"{folder}/{number}-CONTEXT.md": f"# Phase {feature.number}: {_title(feature)} - Context\n",
        f"{folder}/{number}-01-PLAN.md": f"{front}<objective>\n{files}</objective>\n",
    }


def _agents(feature: Feature, status: str) -> Files:
    return {f".agents/plans/{feature.slug}.md": _plan(feature, status)}


def _claude_plans(feature: Feature, status: str) -> Files:
    return {f".claude/plans/{feature.slug}.md": _plan(feature, status)}


def _backlog(feature: Feature, status: str) -> Files:
    name = f"task-{feature.number} - {feature.slug.capitalize()}.md"
    front = f"---\nid: TASK-{feature.number}\ntitle: {_title(feature)}\nstatus: To Do\ndependencies: []\n---\n\n"
    return {f"backlog/tasks/{name}": f"{front}## Acceptance Criteria\n\n{_steps(feature)}"}


def _generic(feature: Feature, status: str) -> Files:
    return {f"engineering/plans/{_day(feature)}-{feature.slug}.md": _plan(feature, status)}


def _same(slug: str, number: int) -> str:
    return slug


def _feature_branch(slug: str, number: int) -> str:
    return f"feature/{slug}"


STYLES = {
    "swarm": Style(_same, _feature_branch, _swarm),
    "thoughts": Style(_same, _same, _thoughts, lambda p: p.replace("/plans/", "/plans/completed/")),
    "superpowers": Style(_same, _feature_branch, _superpowers,
                         lambda p: p.replace("superpowers/plans", "superpowers/done")),
    "docs-plans": Style(_same, _same, _docs_plans, lambda p: p.replace("plans/", "plans/completed/")),
    "openspec": Style(_same, _same, _openspec, lambda p: p.replace("changes/", "changes/archive/2026-03-01-")),
    "spec-kit": Style(lambda s, n: f"{n:03}-{s}", lambda s, n: f"{n:03}-{s}", _spec_kit),
    "kiro": Style(_same, _feature_branch, _kiro),
    "gsd": Style(lambda s, n: f"{n:02}-{s}", lambda s, n: f"gsd/phase-{n:02}-{s}", _gsd,
                 lambda p: p.replace("/phases/", "/milestones/v1.0-phases/")),
    "agents": Style(_same, lambda s, n: f"agent/{s}", _agents, lambda p: p.replace("/plans/", "/archive/plans/")),
    "claude-plans": Style(_same, lambda s, n: f"claude/{s}", _claude_plans,
                          lambda p: p.replace("/plans/", "/plans/done/")),
    "backlog": Style(lambda s, n: f"task-{n}", lambda s, n: f"tasks/task-{n}-{s}", _backlog,
                     lambda p: p.replace("/tasks/", "/completed/")),
    "generic": Style(_same, _feature_branch, _generic),
}  # fmt: skip

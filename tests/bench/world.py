"""Builds repositories of any size within seconds, through git fast-import; the same arguments give the same ids."""

import subprocess
from collections.abc import Iterator
from pathlib import Path

from tests.gitrepo import sealed

START = 1_772_000_000  # seconds since the epoch; one commit an hour
PLAN = """# Plan: Feature {n}

**Date**: 2026-03-02
**Status**: {status}

## Overview

Build feature {n} on top of what is there. See `.swarm/research/2026-03-01-feature-{n}.md`.

## Phase 1: Core

- [x] write `src/feature_{n}/core.py`
- [ ] test it

## Phase 2: Edges

- [ ] write `src/feature_{n}/edges.py` (new)

## Dependencies

- feature-{before}
"""
RESEARCH = (
    """# Research: Feature {n}

**Status**: Complete

## Summary

"""
    + "Some findings that take a paragraph to tell, as real research does.\n" * 30
)


def build(folder: Path, *, artifacts: int, branches: int, commits: int = 0) -> Path:
    """A repository in ``folder`` with that many artifacts, unmerged branches and plain commits on main."""
    environment = sealed(folder)
    folder.mkdir(parents=True, exist_ok=True)
    subprocess.run(["git", "init", "-q", "-b", "main", str(folder)], check=True, env=environment)
    stream = "".join(_stream(artifacts, branches, commits)).encode()
    subprocess.run(["git", "-C", str(folder), "fast-import", "--quiet"], input=stream, check=True, env=environment)
    subprocess.run(["git", "-C", str(folder), "checkout", "-q", "main"], check=True, env=environment)
    return folder


def _stream(artifacts: int, branches: int, commits: int) -> Iterator[str]:
    clock = START
    yield _commit("refs/heads/main", clock, "start", _documents(artifacts))
    for i in range(commits):
        clock += 3600
        yield _commit("refs/heads/main", clock, f"feat: step {i}", [(f"src/step_{i % 400}.py", f"step = {i}\n")])
    for i in range(branches):
        clock += 3600
        files = [(f"src/feature_{i}/core.py", f"feature = {i}\n" * 20)]
        yield _commit(f"refs/heads/feature/feature-{i}", clock, f"feat: feature {i}", files, above=":1")


def _documents(artifacts: int) -> list[tuple[str, str]]:
    found = [("src/app.py", "app = 1\n")]
    for i in range(artifacts // 2):
        words = ("Draft", "Ready for Implementation", "In Progress", "Complete")[i % 4]
        plan = PLAN.format(n=i, before=max(i - 7, 0), status=words)
        found.append((f".swarm/plans/2026-03-02-feature-{i}.md", plan))
        found.append((f".swarm/research/2026-03-01-feature-{i}.md", RESEARCH.format(n=i)))
    return found


def _commit(ref: str, at: int, subject: str, files: list[tuple[str, str]], *, above: str = "") -> str:
    mark = "" if above else "mark :1\n"  # the newest commit of main
    data = [f"commit {ref}\n{mark}committer dev <dev@example.com> {at} +0000\ndata {len(subject)}\n{subject}\n"]
    data += [f"from {above}\n"] if above else []
    for path, text in files:
        data.append(f"M 100644 inline {path}\ndata {len(text.encode())}\n{text}\n")
    return "".join(data) + "\n"

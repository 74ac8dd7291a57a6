"""Builds repositories of any size within seconds, through git fast-import; the same arguments give the same ids."""

import subprocess
from collections.abc import Iterable, Iterator, Mapping
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
    _import(folder, _stream(artifacts, branches, commits), environment)
    subprocess.run(["git", "-C", str(folder), "checkout", "-q", "main"], check=True, env=environment)
    return folder


def _import(folder: Path, stream: Iterator[str], environment: Mapping[str, str]) -> None:
    """In pieces: what this process once held counts as the memory of each command that it starts later."""
    words = ["git", "-C", str(folder), "fast-import", "--quiet"]
    with subprocess.Popen(words, stdin=subprocess.PIPE, env=environment, text=True, encoding="utf-8") as process:
        assert process.stdin
        process.stdin.writelines(stream)
    if process.returncode:
        raise subprocess.CalledProcessError(process.returncode, words)


def _stream(artifacts: int, branches: int, commits: int) -> Iterator[str]:
    clock = START
    yield from _commit("refs/heads/main", clock, "start", _documents(artifacts))
    for i in range(commits):
        clock += 3600
        yield from _commit("refs/heads/main", clock, f"feat: step {i}", [(f"src/step_{i % 400}.py", f"step = {i}\n")])
    for i in range(branches):
        clock += 3600
        files = [(f"src/feature_{i}/core.py", f"feature = {i}\n" * 20)]
        yield from _commit(f"refs/heads/feature/feature-{i}", clock, f"feat: feature {i}", files, above=":1")


def _documents(artifacts: int) -> Iterator[tuple[str, str]]:
    yield "src/app.py", "app = 1\n"
    for i in range(artifacts // 2):
        words = ("Draft", "Ready for Implementation", "In Progress", "Complete")[i % 4]
        yield f".swarm/plans/2026-03-02-feature-{i}.md", PLAN.format(n=i, before=max(i - 7, 0), status=words)
        yield f".swarm/research/2026-03-01-feature-{i}.md", RESEARCH.format(n=i)


def _commit(ref: str, at: int, subject: str, files: Iterable[tuple[str, str]], *, above: str = "") -> Iterator[str]:
    mark = "" if above else "mark :1\n"  # the newest commit of main
    yield f"commit {ref}\n{mark}committer dev <dev@example.com> {at} +0000\ndata {len(subject)}\n{subject}\n"
    if above:
        yield f"from {above}\n"
    for path, text in files:
        yield f"M 100644 inline {path}\ndata {len(text.encode())}\n{text}\n"
    yield "\n"

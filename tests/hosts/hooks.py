"""The real command, called as a host calls it."""

import json
import subprocess
import sys
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from tests.gitrepo import GitBuilder, sealed

PROJECT = Path(__file__).parents[2]
PLAN = "# {title}\n\n**Status**: Draft\n\n## Phase 1: all of it\n\n- [ ] do it\n"


@dataclass(frozen=True, slots=True)
class Said:
    """What came of one call."""

    code: int
    out: str
    err: str

    @property
    def json(self) -> dict[str, Any]:
        found: dict[str, Any] = json.loads(self.out)
        return found

    @property
    def told(self) -> str:
        """What Claude Code, Codex or Gemini adds to what the model reads, or gives as the reason of a refusal."""
        inner = self.json["hookSpecificOutput"]
        found: str = inner.get("additionalContext") or inner["permissionDecisionReason"]
        return found


SILENT = Said(0, "", "")


class Repo(GitBuilder):
    """A repository in which agents work."""

    def plan(self, slug: str, title: str = "", head: str = "") -> "Repo":
        self.write(f".swarm/plans/2026-03-01-{slug}.md", head + PLAN.format(title=title or slug))
        return self

    def swarm(self, *words: str, stdin: bytes | None = None, at: Path | None = None, **env: str) -> Said:
        """Run one command line in a process of its own, as no session unless ``env`` names one."""
        whole = sealed(self.path) | {"PYTHONPATH": str(PROJECT), "SWARM_AGENT_PID": "0", "LC_ALL": "C.UTF-8"} | env
        done = subprocess.run(
            [sys.executable, "-P", "-m", "reconciler", *words], cwd=at or self.path, env=whole,
            input=stdin if stdin is not None else b"", capture_output=True, check=False,
        )  # fmt: skip
        return Said(done.returncode, done.stdout.decode(), done.stderr.decode())

    def hook(
        self, event: str, session: str, *, host: str = "claude", at: Path | None = None, more: Mapping[str, Any] = {},
        **env: str,
    ) -> Said:  # fmt: skip
        """One event of Claude Code (or of a host with its fields), with more fields."""
        said = {"session_id": session, "cwd": str(at or self.path), "hook_event_name": event, **more}
        return self.swarm("hook", host, event, stdin=json.dumps(said).encode(), at=at, **env)

    @property
    def facts(self) -> Path:
        return self.path / ".git/swarm"

    def log(self) -> list[dict[str, Any]]:
        """The log of the sessions."""
        path = self.facts / "log.jsonl"
        return [json.loads(line) for line in path.read_text("utf-8").splitlines()] if path.exists() else []


def repo(folder: Path, *slugs: str) -> Repo:
    """A repository with these plans on its base branch."""
    made = Repo(folder)
    made.write("src/app.py", "pass\n")
    for slug in slugs:
        made.plan(slug)
    made.commit("Plans")
    return made

"""What the how-to pages promise, tried: their examples are put into a repository and looked at."""

import re
from pathlib import Path

import pytest

from reconciler.model import View
from reconciler.reconcile import look
from tests.gitrepo import GitBuilder

from .paths import DOCS

WRITE = (DOCS / "how-to/write-documents.md").read_text("utf-8")
CONFIGURE = (DOCS / "how-to/configure.md").read_text("utf-8")
HOTSEAT = ".swarm/plans/2026-01-12-hotseat.md"
SAVES = "# Save format\n\n**Status**: Approved\n\n## Phase 1: Write\n\n- [ ] Create `src/save.py`\n"


@pytest.fixture
def repo(tmp_path: Path) -> GitBuilder:
    """A repository with one file of source."""
    builder = GitBuilder(tmp_path / "r")
    builder.write("src/app.py", "app = 1\n").commit("Begin")
    return builder


def plan() -> str:
    """The plan that the page shows."""
    return re.findall(r"^```markdown\n(.*?)^```$", WRITE, re.MULTILINE | re.DOTALL)[0]


def seen(repo: GitBuilder) -> View:
    return look(repo.path, env={}).view


def state(view: View, name: str) -> str:
    return next(str(w.state) for w in view.workstreams if w.id == name)


def test_the_plan_that_is_shown_is_understood(repo: GitBuilder) -> None:
    repo.write(HOTSEAT, plan()).write(".swarm/plans/2026-01-11-save-format-v2.md", SAVES)
    repo.write(".swarm/research/2026-01-10-hotseat.md", "# Hot seat\n\nSome.\n").commit("Plans")
    view = seen(repo)
    hotseat = next(w for w in view.workstreams if w.id == "hotseat")
    assert (hotseat.title, hotseat.state, hotseat.phase_text) == ("Hot seat", "ready", "0/2")
    assert hotseat.blocked_by == ("save-format-v2",)
    assert len(hotseat.documents) == 2


def test_a_review_that_names_its_plan_makes_it_in_review(repo: GitBuilder) -> None:
    repo.write(HOTSEAT, plan()).commit("Plan")
    repo.checkout("seats", new=True).write("src/seats.py", "seats = 2\n").commit("Seats")
    repo.write(".swarm/reviews/2026-01-20-people-at-one-screen.md", f"# Review\n\n**Plan**: {HOTSEAT}\n").commit(
        "Review"
    )
    repo.checkout("main")
    assert state(seen(repo), "hotseat") == "in-review"


def test_a_branch_of_the_slug_needs_no_header(repo: GitBuilder) -> None:
    repo.write(HOTSEAT, plan()).commit("Plan")
    repo.checkout("feature/hotseat", new=True).write("src/seats.py", "seats = 2\n").commit("Seats")
    assert state(seen(repo), "hotseat") == "implementing"
    repo.write(".swarm/reviews/2026-01-20-hotseat.md", "# Review\n").commit("Review")
    assert state(seen(repo), "hotseat") == "in-review"


def test_a_plan_committed_with_its_sources_is_proof(repo: GitBuilder) -> None:
    short = "# Save format\n\n## Phase 1: Write\n\n- [ ] Create `src/save.py`\n"
    path = ".swarm/plans/2026-01-11-save.md"
    repo.write(path, short).commit("Plan")
    assert state(seen(repo), "save") == "ready"
    repo.write("src/save.py", "save = 1\n").write(path, short.replace("[ ]", "[x]")).commit("Write games")
    assert state(seen(repo), "save") == "merged"


def test_a_commit_for_three_proves_nothing(repo: GitBuilder) -> None:
    names = ("save", "load", "pause")
    texts = {n: f"# {n.capitalize()} a game\n\n## Phase 1: One\n\n- [ ] Change `src/app.py`\n" for n in names}
    for name, text in texts.items():
        repo.write(f".swarm/plans/2026-01-11-{name}-game.md", text)
    repo.commit("Plans")
    for name, text in texts.items():
        repo.write(f".swarm/plans/2026-01-11-{name}-game.md", text + "\nMore.\n")
    repo.write("src/app.py", "app = 2\n").commit("commit files")
    assert {state(seen(repo), f"{name}-game") for name in names} == {"ready"}


def test_a_layout_of_our_own_is_read(repo: GitBuilder) -> None:
    shown = re.findall(r"^```toml\n(# \.swarm/rules/layouts\.toml\n.*?)^```$", CONFIGURE, re.MULTILINE | re.DOTALL)[0]
    repo.write("briefs/2026-01-02-fog/plan.md", "# Fog\n\n**Status**: Draft\n")
    repo.write("briefs/2026-01-02-fog/notes.md", "# What fog is\n").commit("Brief")
    assert seen(repo).workstreams == ()
    repo.write(".swarm/rules/layouts.toml", shown).commit("Rules")
    view = seen(repo)
    assert [(w.id, w.state, len(w.documents)) for w in view.workstreams] == [("fog", "planning", 2)]
    assert view.layouts == ("briefs",)

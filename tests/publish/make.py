"""Short ways to write views, and hypothesis strategies for odd ones."""

from dataclasses import replace
from datetime import UTC, date, datetime
from pathlib import Path
from typing import Any

from hypothesis import strategies as st

from reconciler.model import (
    Artifacts,
    Base,
    Claim,
    CommitId,
    DocumentRef,
    Drift,
    Evidence,
    Intent,
    Problem,
    Reason,
    Relation,
    State,
    Suggestion,
    Tag,
    View,
    Workstream,
    WorkstreamId,
)

NOON = datetime(2026, 1, 18, 12, tzinfo=UTC)
BASE = Base("main", "refs/heads/main", CommitId("b" * 40), NOON, "the only branch")
STATES = ("merged", "in-review", "implementing", "ready", "planning", "researched", "idea", "abandoned")


def workstream(id: str = "fog-of-war", state: str = "ready", **changes: Any) -> Workstream:
    plain = Workstream(
        id=WorkstreamId(id), title="Fog of war", type="feature", state=State(state), rule=state, reason="a plan",
        confidence="high", priority=2, created=date(2026, 1, 16), updated=NOON, current_phase=1, total_phases=3,
        phase_text="1/3", tasks=(4, 9), parent=None, children=(), aliases=(), tags=(), claim=None, branch=None,
        worktree=None, ahead=0, behind=0, merged_at=None, merge_commit=None, flags=(), blocked_by=(),
        dependencies=(), conflicts=(), relations=(), artifacts=Artifacts(plan=".swarm/plans/x.md"), documents=(),
        evidence=(Evidence(Tag("plan"), ".swarm/plans/x.md:1", "a plan", NOON),), near=(), drift=(),
    )  # fmt: skip
    return replace(plain, **changes)


def merged(id: str, at: datetime = NOON, **changes: Any) -> Workstream:
    return workstream(id, "merged", merged_at=at, merge_commit=CommitId("c" * 40), **changes)


def view(*streams: Workstream, **changes: Any) -> View:
    ordered = tuple(sorted(streams, key=lambda stream: stream.id))
    plain = View("civ", BASE, NOON, ordered, (), (), (), (), (), ("swarm",), True)
    return replace(plain, **changes)


def claim(workstream: str = "fog-of-war", session: str = "claude-7c", **changes: Any) -> Claim:
    return replace(Claim(WorkstreamId(workstream), session, NOON, NOON, "box", 42, "/w/fog", "fog"), **changes)


def full_view() -> View:
    """A view in which every field says something."""
    fog = workstream(
        state="implementing",
        claim=claim(),
        branch="feature/fog",
        worktree="/w/fog",
        ahead=6,
        behind=3,
        flags=("drift",),
        blocked_by=(WorkstreamId("turn-system"),),
        dependencies=(WorkstreamId("turn-system"),),
        parent=WorkstreamId("map"),
        tags=("ui",),
        conflicts=((WorkstreamId("turn-system"), ("src/state.py",)),),
        relations=(Relation(WorkstreamId("turn-system"), "blocks", ".swarm/plans/x.md:12", "depends on"),),
        documents=(DocumentRef(".swarm/plans/x.md", "plan", date(2026, 1, 16), "Complete", ("main",), False, "slug"),),
        drift=(Drift("claims-done-unmerged", "says done", ".swarm/plans/x.md:4"),),
        notes="look at the tiles",
    )
    next_up = Suggestion(WorkstreamId("turn-system"), "merge", "git merge x", 70, (Reason(50, "in review"),))
    problems = (Problem("unreadable", "cannot be read", ".swarm/plans/y.md", 3, "error", "", ""),)
    intents = (
        Intent(".swarm/queue/2026-01-16-tutorial.md", WorkstreamId("tutorial"), notes="soon", estimated_phases=2),
    )
    streams = (fog, workstream("turn-system", "in-review"), workstream("tutorial", "idea"), merged("old"))
    return view(*streams, next=(next_up,), problems=problems, claims=(claim(),), intents=intents)


def tree(root: Path) -> dict[str, bytes]:
    """Every file below ``root`` with its bytes, links by their target."""
    return {
        path.relative_to(root).as_posix(): str(path.readlink()).encode() if path.is_symlink() else path.read_bytes()
        for path in sorted(root.rglob("*"))
        if path.is_symlink() or path.is_file()
    }


any_text = st.text(st.characters(exclude_categories=()), max_size=20)
times = st.datetimes(datetime(2020, 1, 1), datetime(2027, 1, 1), timezones=st.just(UTC))


@st.composite
def workstreams(draw: st.DrawFn) -> Workstream:
    state = draw(st.sampled_from(STATES))
    return workstream(
        draw(st.from_regex(r"[a-z]{1,4}(/[a-z]{1,3})?", fullmatch=True)),
        state,
        title=draw(any_text),
        reason=draw(any_text),
        notes=draw(any_text),
        branch=draw(st.none() | any_text),
        merged_at=draw(times) if state == "merged" else None,
        updated=draw(st.none() | times),
        documents=(DocumentRef(draw(any_text), "plan", None, draw(any_text), (draw(any_text),)),),
        evidence=(Evidence(Tag("plan"), draw(any_text), draw(any_text), draw(st.none() | times)),),
    )


views = st.lists(workstreams(), max_size=6, unique_by=lambda stream: stream.id).map(lambda many: view(*many))

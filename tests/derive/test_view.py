"""Whole derivations over literal snapshots: states, joins, families, dependencies, suggestions."""

from dataclasses import replace
from datetime import timedelta
from random import Random

import pytest

from reconciler.derive.view import derive
from reconciler.model import Claim, Link, Phase, Text, View, Workstream, WorkstreamId, Worktree
from tests.derive.make import NOON, branch, commit, document, intent, landing, links, needs, rules, snapshot


def view(*args: object, **more: object) -> View:
    return derive(snapshot(*args, **more), rules())  # type: ignore[arg-type]


def states(found: View) -> dict[str, str]:
    return {w.id: w.state for w in found.workstreams}


def one(found: View, name: str) -> Workstream:
    return next(w for w in found.workstreams if w.id == name)


# -- states


def test_documents_alone_are_planned_or_researched() -> None:
    found = view(
        document("fog"),
        document("draft", text=Text(title="Draft", status="Draft", claim="draft")),
        document("maps", "research", text=Text(title="Maps", claim="research-done")),
        document("audio", "research", text=Text(title="Audio", claim="research-open")),
        intents=(intent("hints"),),
    )
    assert states(found) == {
        "audio": "researching", "draft": "planning", "fog": "ready", "hints": "idea", "maps": "researched",
    }  # fmt: skip


def test_a_merged_branch_merges_its_workstream_whatever_the_boxes_say() -> None:
    plan = document("fog", text=Text(title="Fog", boxes_done=0, boxes_total=12, phases=(Phase("1", "a", 3, 0, 12),)))
    found = view(plan, branches=(branch("feature/fog", own=0),), landings=(landing("feature/fog"),))
    fog = one(found, "fog")
    assert (fog.state, fog.rule, fog.phase_text, fog.merge_commit) == ("merged", "merged", "1/1", None)


def test_commits_not_in_the_base_are_implementing_and_with_a_review_in_review() -> None:
    flying = branch("feature/fog", "src/fog.py")
    verdict = landing("feature/fog", "in-flight", "in-flight")
    assert states(view(document("fog"), branches=(flying,), landings=(verdict,))) == {"fog": "implementing"}
    reviewed = view(document("fog"), document("fog", "review"), branches=(flying,), landings=(verdict,))
    assert states(reviewed) == {"fog": "in-review"}


def test_a_branch_with_documents_only_is_not_implementing() -> None:
    plan = document("fog", seen_in=("feature/fog",))
    flying = branch("feature/fog", plan.path)
    found = view(plan, branches=(flying,), landings=(landing("feature/fog", "in-flight", "in-flight"),))
    assert states(found) == {"fog": "ready"}


def test_a_branch_without_commits_is_nobodys_work() -> None:
    found = view(branches=(branch("feature/fog", own=0),), landings=(landing("feature/fog", "not-started", "branch"),))
    assert states(found) == {}


def test_work_after_the_landing_is_in_flight_again() -> None:
    flying = branch("feature/fog", "src/fog.py", at=NOON + timedelta(hours=3))
    verdict = landing("feature/fog", "in-flight", "in-flight", reopened=True)
    fog = one(view(document("fog"), branches=(flying,), landings=(verdict,)), "fog")
    assert (fog.state, fog.flags) == ("implementing", ("reopened",))


def test_a_reverted_landing_is_ready_again() -> None:
    found = view(document("fog"), branches=(branch("fog"),), landings=(landing("fog", "reverted", "reverted"),))
    assert one(found, "fog").rule == "ready-again"


def test_a_claim_never_makes_merged() -> None:
    plan = document("fog", text=Text(title="Fog", status="Complete", status_line=3, claim="done"))
    fog = one(view(plan), "fog")
    assert (fog.state, fog.flags) == ("ready", ("drift",))
    assert fog.drift[0].source == f"{plan.path}:3"


def test_worktree_changes_are_implementing_before_the_first_commit() -> None:
    tree = Worktree("/w/fog", "fog", "feature/fog", None, changes=("src/fog.py",))
    found = view(document("fog"), branches=(branch("feature/fog", own=0),), worktrees=(tree,))
    assert one(found, "fog").state == "implementing"


def test_decisions_and_superseding_words_abandon() -> None:
    old = document("old", text=Text(title="Old", status="Superseded by new", claim="parked"))
    found = view(old, document("fog"), intents=(intent("fog", decision="abandoned"),))
    assert states(found) == {"fog": "abandoned", "old": "abandoned"}


def test_a_live_claim_on_a_plan_is_implementing_and_never_suggested() -> None:
    claim = Claim(WorkstreamId("fog"), "s-1", NOON, NOON)
    found = view(document("fog"), document("maps"), claims=(claim,))
    assert one(found, "fog").state == "implementing"
    assert [s.id for s in found.next] == ["maps"]


# -- direct commits

NAMED = Text(title="Fog of War", files=("src/fog.py", "src/vision.py"))


def test_plan_and_named_source_in_one_commit_is_landed() -> None:
    plan = document("fog-of-war", text=NAMED)
    work = commit("c1", "fog of war", plan.path, "src/fog.py", "src/vision.py")
    fog = one(view(plan, commits=(work,), tree=("src/fog.py", "src/vision.py")), "fog-of-war")
    assert (fog.state, fog.rule, fog.merge_commit, fog.merged_at) == ("merged", "merged-direct", "c1", NOON)


def test_a_bulk_commit_proves_nothing() -> None:
    plans = [document(name, text=NAMED) for name in ("fog", "maps", "audio")]
    work = commit("c1", "commit files, oops", *(p.path for p in plans), "src/fog.py", "src/vision.py")
    assert set(states(view(*plans, commits=(work,), tree=("src/fog.py",))).values()) == {"ready"}


def test_research_with_source_in_one_commit_proves_nothing() -> None:
    paper = document("fog", "research", text=NAMED)
    work = commit("c1", "fog", paper.path, "src/fog.py", "src/vision.py")
    assert states(view(paper, commits=(work,))) == {"fog": "researched"}


def test_a_subject_that_names_it_needs_its_files_and_the_right_time() -> None:
    plan = document("fog-of-war", text=NAMED)
    named = commit("c1", "feat: fog of war", "src/fog.py", "src/vision.py")
    assert one(view(plan, commits=(named,)), "fog-of-war").rule == "merged-named"
    elsewhere = commit("c2", "feat: fog of war", "docs/other.py")
    assert one(view(plan, commits=(elsewhere,)), "fog-of-war").state == "ready"
    before = replace(named, at=NOON - timedelta(days=9))
    assert one(view(plan, commits=(before,)), "fog-of-war").state == "ready"


def test_a_reverted_direct_commit_counts_no_more() -> None:
    plan = document("fog-of-war", text=NAMED)
    work = commit("c1", "feat: fog of war", plan.path, "src/fog.py", "src/vision.py")
    undo = commit("c2", 'Revert "feat: fog of war"', reverts=("c1",))
    assert one(view(plan, commits=(undo, work)), "fog-of-war").state == "ready"


def test_files_to_create_that_exist_are_proof_when_they_are_newer_than_the_plan() -> None:
    text = Text(title="Fog", creates=("src/fog/Mask.ts", "src/fog/Sight.ts", "src/fog/Rays.ts"))
    files = ("src/fog/Mask.ts", "src/fog/Sight.ts", "src/fog/Rays.ts")
    after = commit("c1", "checkpoint", *files, new=True)
    assert one(view(document("fog", text=text), commits=(after,), tree=files), "fog").rule == "merged-files"
    before = replace(after, at=NOON - timedelta(days=30))
    assert one(view(document("fog", text=text), commits=(before,), tree=files), "fog").state == "ready"


# -- joins


def test_a_review_joins_by_header_whatever_its_slug() -> None:
    plan = document("missing-features")
    review = document("tile-panel", "review", text=links(f"/home/x/{plan.path}", context="header:plan"))
    found = one(view(plan, review), "missing-features")
    assert {d.path: d.why for d in found.documents} == {
        plan.path: "same slug", review.path: f"plan: at {review.path}:5",
    }  # fmt: skip


def test_research_belongs_to_the_one_plan_that_names_it() -> None:
    paper = document("window-study", "research")
    found = view(paper, document("adaptive-window", text=links(paper.path)))
    assert [w.id for w in found.workstreams] == ["adaptive-window"]


def test_research_that_feeds_several_plans_stands_alone_and_is_shared() -> None:
    paper = document("code-review", "research")
    plans = [document(name, text=links(paper.path)) for name in ("p0-fixes", "p1-fixes", "p2-fixes")]
    found = view(paper, *plans)
    assert [w.id for w in found.workstreams] == ["code-review", "p0-fixes", "p1-fixes", "p2-fixes"]
    shared = [(d.path, d.shared) for d in one(found, "p1-fixes").documents]
    assert (paper.path, True) in shared
    assert [(r.target, r.type) for r in one(found, "p1-fixes").relations] == [("code-review", "informs")]


def test_a_mention_in_prose_joins_nothing() -> None:
    paper = document("study", "research")
    found = view(paper, document("plan", text=links(paper.path, context="prose")))
    assert [w.id for w in found.workstreams] == ["plan", "study"]


def test_an_artifact_only_on_a_branch_is_seen() -> None:
    plan = document("fog", seen_in=("feature/fog",))
    flying = branch("feature/fog", plan.path, "src/fog.py")
    found = view(plan, branches=(flying,), landings=(landing("feature/fog", "in-flight", "in-flight"),))
    assert one(found, "fog").documents[0].seen_in == ("feature/fog",)
    assert one(found, "fog").state == "implementing"


def test_folder_numbers_are_aliases_and_may_repeat() -> None:
    first = document("login", "spec", folder="specs/017-login", number="017")
    other = document("logout", "spec", folder="specs/017-logout", number="017")
    found = view(first, other)
    assert [w.id for w in found.workstreams] == ["017-login", "017-logout"]


# -- families


def test_a_phase_with_its_own_documents_is_a_child() -> None:
    found = view(document("ai"), document("ai", phase="1"), document("ai", "research", phase="1"))
    assert {w.id: w.parent for w in found.workstreams} == {"ai": None, "ai/phase-1": "ai"}
    assert one(found, "ai").children == ("ai/phase-1",)


def test_a_plan_of_phases_that_links_its_parent_plan_is_a_child() -> None:
    parent = document("cli-integration", text=Text(title="CLI Integration"))
    part = document("command-layer", text=links(parent.path, title="Command Layer and Renderer (Phases 2-3)"))
    paper = document("cli-integration", "research", phase="2-3", text=Text(title="CLI Integration - Phases 2 and 3"))
    linked = replace(part, text=replace(part.text, links=(*part.text.links, Link(paper.path, 9, "overview"))))
    found = view(parent, linked, paper)
    assert {w.id: w.parent for w in found.workstreams} == {"cli-integration": None, "command-layer": "cli-integration"}


def test_a_parent_is_merged_when_all_children_are() -> None:
    epic = document("epic", "research")
    children = [document(n, text=needs("epic", relation="parent")) for n in ("one", "two")]
    lines = tuple(branch(f"feature/{n}", own=0) for n in ("one", "two"))
    both = view(epic, *children, branches=lines, landings=(landing("feature/one"), landing("feature/two")))
    assert one(both, "epic").rule == "merged-children"
    half = view(epic, *children, branches=lines, landings=(landing("feature/one"),))
    assert one(half, "epic").rule == "implementing-children"


@pytest.mark.parametrize(("part", "rule"), [("2", "implementing-children"), ("2-3", "merged-children")])
def test_a_plan_is_not_merged_while_checkpoints_and_children_leave_a_phase(part: str, rule: str) -> None:
    phases = tuple(Phase(str(n), "", n, 0, 1) for n in (1, 2, 3))
    epic = document("epic", text=Text(title="Epic", phases=phases))
    done = document("epic", "checkpoint", phase="1")
    child = document("epic", phase=part, text=Text(title="A part"))
    lines = (branch(f"feature/epic-phase-{part}", own=0),)
    found = view(epic, done, child, branches=lines, landings=(landing(f"feature/epic-phase-{part}"),))
    assert (one(found, "epic").rule, one(found, f"epic/phase-{part}").state) == (rule, "merged")


def test_parents_in_a_circle_hide_nobody() -> None:
    found = view(
        document("one", text=needs("two", relation="parent")), document("two", text=needs("one", relation="parent"))
    )
    assert sorted(states(found)) == ["one", "two"]
    assert sum(w.parent is not None for w in found.workstreams) == 1


# -- dependencies


def test_only_what_resolves_becomes_an_edge() -> None:
    found = view(document("fog", text=needs("maps", "lodash", "HealthComponent", origin="list")), document("maps"))
    fog = one(found, "fog")
    assert (fog.dependencies, fog.blocked_by, fog.flags) == (("maps",), ("maps",), ("blocked",))
    assert found.problems == ()


def test_an_unknown_id_in_front_matter_is_a_diagnostic() -> None:
    found = view(document("fog", text=needs("nobody")))
    assert [(p.code, p.line, p.workstream) for p in found.problems] == [("unknown-dependency", 2, "fog")]


def test_a_dependency_on_itself_is_a_diagnostic_and_no_edge() -> None:
    found = view(document("fog", text=needs("fog")))
    assert (one(found, "fog").blocked_by, found.cycles) == ((), ())
    assert [p.message for p in found.problems] == ['blocks "fog" names the workstream itself']


def test_unblocks_gives_the_reverse_edge() -> None:
    found = view(document("maps", text=needs("fog", reverse=True)), document("fog"))
    assert one(found, "fog").blocked_by == ("maps",)


def test_a_merged_dependency_blocks_no_more() -> None:
    found = view(
        document("fog", text=needs("maps")), document("maps"),
        branches=(branch("feature/maps", own=0),), landings=(landing("feature/maps"),),
    )  # fmt: skip
    assert one(found, "fog").blocked_by == ()


def test_a_cycle_blocks_every_member_and_says_so() -> None:
    found = view(
        document("a-one", text=needs("b-two")), document("b-two", text=needs("c-three")),
        document("c-three", text=needs("a-one")), document("outside", text=needs("a-one")),
    )  # fmt: skip
    assert found.cycles == (("a-one", "b-two", "c-three"),)
    assert {w.id: w.flags for w in found.workstreams} == {
        "a-one": ("blocked", "cycle"), "b-two": ("blocked", "cycle"), "c-three": ("blocked", "cycle"),
        "outside": ("blocked",),
    }  # fmt: skip
    assert [p.code for p in found.problems] == ["cycle"]
    assert found.next == ()


@pytest.mark.parametrize("text", ["milestone 007", "007", "features 007-008", "`007-maps`", "007/US1"])
def test_numbers_name_folders(text: str) -> None:
    maps = document("maps", "spec", folder="specs/007-maps", number="007")
    rivers = document("rivers", "spec", folder="specs/008-rivers", number="008")
    found = view(maps, rivers, document("fog", text=needs(text, origin="prose")))
    assert "007-maps" in one(found, "fog").dependencies


# -- suggestions


def test_finish_before_start_and_what_unblocks_more_comes_first() -> None:
    flying, verdict = branch("feature/done", "src/a.py"), landing("feature/done", "in-flight", "in-flight")
    found = view(
        document("done"), document("done", "review"), document("maps"), document("fog", text=needs("maps")),
        document("audio"), branches=(flying,), landings=(verdict,), intents=(intent("hints", priority=4),),
    )  # fmt: skip
    assert [(s.action, s.id, s.score) for s in found.next] == [
        ("merge", "done", 50), ("implement", "maps", 25), ("implement", "audio", 10), ("research", "hints", 7),
    ]  # fmt: skip


def test_commands_quote_hostile_branch_names() -> None:
    name = "feature/$(touch${IFS}x)"
    found = view(
        document("fog"), document("fog", "review"), document("fog", "validation", text=Text()),
        branches=(branch(name, document("fog").path, "src/a.py"),), landings=(landing(name, "in-flight", "in-flight"),),
    )  # fmt: skip
    assert "git merge --no-ff 'feature/$(touch${IFS}x)'" in {s.command for s in found.next}


# -- promises


def test_any_order_gives_the_same_view() -> None:
    paper = document("study", "research")
    documents = [
        paper, document("one", text=links(paper.path)), document("two", text=needs("one")), document("ai"),
        document("ai", phase="1"), document("ai", "checkpoint", phase="1"), document("x", "review"),
    ]  # fmt: skip
    lines = [branch("feature/one", "src/a.py"), branch("feature/two", "src/a.py"), branch("fix/lonely", "src/b.py")]
    verdicts = [landing(b.name, "in-flight", "in-flight") for b in lines]
    first = view(*documents, branches=tuple(lines), landings=tuple(verdicts))
    for seed in range(20):
        shuffle = Random(seed).shuffle
        for items in (documents, lines, verdicts):
            shuffle(items)  # type: ignore[arg-type]
        assert view(*documents, branches=tuple(lines), landings=tuple(verdicts)) == first


def test_a_branch_without_common_history_is_work_that_cannot_be_proven() -> None:
    own = (commit("c1", "begin", "src/solo.py"),)
    solo = replace(branch("feature/solo", own=0), own=own, changes=())
    verdict = landing("feature/solo", "unknown", "unknown")
    found = one(view(branches=(solo,), landings=(verdict,)), "solo")
    assert (found.state, found.rule, found.confidence) == ("implementing", "implementing-unproven", "low")

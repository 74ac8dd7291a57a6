"""Who may take what, and whose claim it is; what came of a session's time. Literal values, no git."""

from datetime import timedelta

import pytest

from reconciler.derive.hurdles import Hurdle, hurdles, is_in_flight, neighbours
from reconciler.derive.outcomes import Spell, outcome
from reconciler.derive.view import derive
from reconciler.model import Claim, DependencyText, Snapshot, View, Workstream, WorkstreamId
from tests.derive.make import NOON, branch, commit, document, intent, needs, rules, snapshot


def held(name: str, session: str = "ann", status: str = "active") -> Claim:
    return Claim(WorkstreamId(name), session, NOON, NOON, status=status)


def view_of(seen: Snapshot) -> View:
    return derive(seen, rules())


def one(view: View, name: str) -> Workstream:
    return next(w for w in view.workstreams if w.id == name)


def test_what_waits_says_for_what() -> None:
    view = view_of(snapshot(document("harbour"), document("boats", text=needs("harbour"))))
    assert hurdles(view, one(view, "harbour")) == ()
    said = (Hurdle("blocked", "waits for harbour (ready)", (WorkstreamId("harbour"),)),)
    assert hurdles(view, one(view, "boats")) == said


CONFLICT = (document("boats", text=needs("ferries", relation="conflicts")), document("ferries"))


@pytest.mark.parametrize(("status", "flies"), [("active", True), ("idle", True), ("unknown", True), ("stale", False)])
def test_a_neighbour_that_is_held_is_in_flight_while_its_holder_may_live(status: str, flies: bool) -> None:
    view = view_of(snapshot(*CONFLICT, claims=(held("boats", status=status),)))
    assert neighbours(view) == {"boats": ("ferries",), "ferries": ("boats",)}
    assert [h.kind for h in hurdles(view, one(view, "ferries"), "bob")] == ["conflict"] * flies
    assert ("ferries" in [s.id for s in view.next]) is not flies


def test_an_idea_that_i_hold_does_not_stand_in_my_way() -> None:
    ferries = DependencyText("ferries", 3, "conflicts", "frontmatter")
    ideas = (intent("boats", dependencies=(ferries,)), intent("ferries"))
    view = view_of(snapshot(intents=ideas, claims=(held("boats"),)))
    assert hurdles(view, one(view, "ferries"), "ann") == ()
    assert [h.kind for h in hurdles(view, one(view, "ferries"), "bob")] == ["conflict"]
    assert not is_in_flight(one(view, "boats"), "ann")


def test_a_claim_under_an_alias_counts_only_where_one_workstream_bears_it() -> None:
    named = (intent("boats", aliases=("7", "old")), intent("ferries", aliases=("7",)), intent("old"))
    view = view_of(snapshot(intents=named, claims=(held("7"), held("old", "bob"))))
    assert {w.id: w.claim.session for w in view.workstreams if w.claim} == {"old": "bob"}
    view = view_of(snapshot(intents=named[:2], claims=(held("old", "bob"),)))
    assert {w.id: w.claim.session for w in view.workstreams if w.claim} == {"boats": "bob"}


def test_a_live_claim_under_an_earlier_name_beats_a_stale_one_under_the_new() -> None:
    claims = (held("boats", "ann", "stale"), held("old", "bob"))
    for order in (claims, claims[::-1]):
        view = view_of(snapshot(intents=(intent("boats", aliases=("old",)),), claims=order))
        assert [w.claim.session for w in view.workstreams if w.claim] == ["bob"]


def test_only_what_happened_in_that_time_counts() -> None:
    plan = document("boats")
    made = [
        commit("one", "Plan it", plan.path, at=NOON, new=True),
        commit("two", "Build it", "src/boat.py", plan.path, at=NOON + timedelta(hours=1)),
        commit("else", "Other work", "src/lamp.py", at=NOON + timedelta(hours=1)),
        commit("late", "Mend it", plan.path, at=NOON + timedelta(hours=3)),
    ]
    seen = snapshot(plan, commits=tuple(reversed(made)))
    found = outcome(Spell(NOON, NOON + timedelta(hours=2)), one(view_of(seen), "boats"), seen)
    assert [c.id for c in found.commits] == ["one", "two"]
    assert found.artifacts == (plan.path,)
    assert [(step.say, step.source) for step in found.steps] == [
        ("plan written", "one"),
        ("first source changed", "two"),
    ]


def test_commits_of_its_branch_count() -> None:
    seen = snapshot(document("boats"), branches=(branch("feature/boats", "src/boat.py", own=2),))
    stream = one(view_of(seen), "boats")
    during = outcome(Spell(NOON + timedelta(milliseconds=400), NOON + timedelta(hours=1)), stream, seen)
    assert [c.id for c in during.commits] == ["feature/boats-0", "feature/boats-1"], "git knows whole seconds"
    assert outcome(Spell(NOON + timedelta(hours=1), NOON + timedelta(hours=2)), stream, seen).commits == ()

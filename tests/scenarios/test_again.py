"""A derivation that starts from an earlier one gives the view that one from nothing gives."""

from collections.abc import Callable
from dataclasses import replace
from pathlib import Path
from random import Random

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from reconciler.derive.view import Derivation, derive, derive_after
from reconciler.model import BlobId, Claim, Document, Field, Intent, Link, Phase, Snapshot, Text, WorkstreamId
from reconciler.reconcile import Kept, look
from tests.derive.make import NOON, document, rules, snapshot
from tests.scenarios.conftest import Looks
from tests.scenarios.replay import Scenario, scenarios

EACH = pytest.mark.parametrize("each", scenarios(), ids=lambda each: each.name)
Turn = Callable[[Snapshot, Random], Snapshot]


def _retold(now: Snapshot, chance: Random, text: Callable[[Text], Text], *, in_place: bool) -> Snapshot:
    """One document says something else, on the base itself or as an edited copy in the main work tree."""
    if not now.documents:
        return now
    old = chance.choice(now.documents)
    new = replace(old, text=text(old.text), blob=BlobId(f"{chance.random():.12f}"))
    if in_place:
        return replace(now, documents=tuple(new if d is old else d for d in now.documents))
    place = f"worktree:{now.worktrees[0].name}" if now.worktrees else "worktree:x"
    kept = [d for d in now.documents if d.path != old.path or place not in d.seen_in or d is old]
    copies = (*kept, replace(new, seen_in=(place,)))
    return replace(now, documents=tuple(sorted(copies, key=lambda d: (d.path, d.seen_in, d.blob))))


def _progressed(text: Text) -> Text:
    return replace(
        text, status="Complete", claim="done", boxes_done=3, boxes_total=3, files=("src/x.py",), creates=("src/x.py",),
        phases=(Phase("1", "One", 9, 3, 3),), fields=(*text.fields, Field("status", "Complete", 3, "head")),
    )  # fmt: skip


def _renamed(text: Text) -> Text:
    return replace(text, title=f"{text.title} again", links=(*text.links, Link("x.md", 4, "related")))


def _without_one(now: Snapshot, chance: Random) -> Snapshot:
    kept = list(now.documents)
    if kept:
        kept.remove(chance.choice(kept))
    return replace(now, documents=tuple(kept))


def _claimed(now: Snapshot, chance: Random) -> Snapshot:
    slug = chance.choice(now.documents).slug if now.documents else "nothing"
    return replace(now, claims=(Claim(WorkstreamId(slug), "s", NOON, NOON, status=chance.choice(("active", "stale"))),))


def _busy(now: Snapshot, chance: Random) -> Snapshot:
    if not now.worktrees:
        return now
    busy = chance.choice(now.worktrees)
    changes = tuple(chance.sample(("src/a.py", ".swarm/plans/x.md", "src/b.py"), 2))
    return replace(now, worktrees=tuple(replace(w, changes=changes) if w is busy else w for w in now.worktrees))


TURNS: dict[str, Turn] = {
    "progress": lambda now, chance: _retold(now, chance, _progressed, in_place=True),
    "progress in the work tree": lambda now, chance: _retold(now, chance, _progressed, in_place=False),
    "another title": lambda now, chance: _retold(now, chance, _renamed, in_place=chance.random() < 0.5),
    "a document goes": _without_one,
    "somebody claims": _claimed,
    "files change in a work tree": _busy,
    "nobody wants it": lambda now, chance: replace(now, intents=()),
    "a wish": lambda now, chance: replace(now, intents=(Intent(".swarm/queue/w.md", WorkstreamId("wish")),)),
    "branches go": lambda now, chance: replace(now, branches=now.branches[:-1], landings=now.landings[:-1]),
    "nothing": lambda now, chance: now,
}


@EACH
@settings(max_examples=4, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(turns=st.lists(st.sampled_from(sorted(TURNS)), min_size=1, max_size=6), chance=st.randoms(use_true_random=False))
def test_a_view_does_not_depend_on_the_one_before(
    each: Scenario, looks: Looks, turns: list[str], chance: Random
) -> None:
    seen = looks.at(each)
    now, before = seen.snapshot, derive_after(None, seen.snapshot, seen.rulebook)
    for turn in turns:
        now = TURNS[turn](now, chance)
        before = derive_after(before, now, seen.rulebook)
        assert before.view == derive(now, seen.rulebook), turn


def _plans(*done: int) -> Snapshot:
    """Three plans with some boxes ticked."""

    def plan(number: int, ticked: int) -> Document:
        made = document(f"plan-{number}", text=Text(title=f"Plan {number}", boxes_done=ticked, boxes_total=5))
        return replace(made, blob=BlobId(f"{number}-{ticked}"))

    return snapshot(*(plan(number, ticked) for number, ticked in enumerate(done)))


def test_only_what_changed_is_judged_again() -> None:
    first = derive_after(None, _plans(0, 0, 0), rules())
    earlier = {d.path: d for d in first.snapshot.documents}
    later = _plans(0, 4, 0)
    later = replace(later, documents=tuple(earlier[d.path] if d == earlier[d.path] else d for d in later.documents))
    second = derive_after(first, later, rules())
    assert [name for name in second.judged if second.judged[name] is not first.judged[name]] == ["plan-1"]
    assert _same_rows(first, second) == {"plan-0", "plan-2"}


def _same_rows(one: Derivation, other: Derivation) -> set[str]:
    before = {w.id: w for w in one.view.workstreams}
    return {w.id for w in other.view.workstreams if before[w.id] is w}


@EACH
def test_a_process_that_keeps_what_it_saw_sees_the_same(each: Scenario, tmp_path: Path) -> None:
    place, kept = each.build(tmp_path), Kept(go_on=True)
    first = look(place, env={}, kept=kept).view
    assert look(place, env={}, kept=kept).view == first
    plans = sorted(place.glob(".swarm/*/*.md"))
    for path in plans[:2]:
        path.write_text(path.read_text("utf-8", "replace") + "\n- [x] one more\n", "utf-8")
        assert look(place, env={}, kept=kept).view == look(place, env={}).view
    for path in plans[:1]:
        path.unlink()
        assert look(place, env={}, kept=kept).view == look(place, env={}).view

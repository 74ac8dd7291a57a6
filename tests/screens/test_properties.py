"""Whatever the names are: no line is too wide, nothing hostile reaches the terminal, nobody is lost."""

import unicodedata
from dataclasses import replace

from hypothesis import given, settings
from hypothesis import strategies as st

from reconciler.cli.screens.explain import explain
from reconciler.cli.screens.graph import blocked, graph, unblocks
from reconciler.cli.screens.look import Look
from reconciler.cli.screens.report import Move, Written, doctor, reconcile_report
from reconciler.cli.screens.show import show
from reconciler.cli.screens.status import status
from reconciler.cli.screens.suggest import next_screen
from reconciler.model import (
    Claim,
    Drift,
    Evidence,
    Problem,
    Reason,
    Relation,
    Suggestion,
    Tag,
    View,
    Workstream,
    WorkstreamId,
)

from .odd import odd
from .world import NOW, ago, demo, shipped, stream

RULES = shipped()
STATES = [row.name for row in RULES.states] + ["made-up-by-a-team-with-time"]
FLAGS = [row.name for row in RULES.flags] + ["own-flag"]
NAMES = st.text(min_size=1, max_size=60)
WORDS = st.text(max_size=90)
LOOKS = st.builds(
    Look,
    unicode=st.booleans(),
    colour=st.just(False),
    width=st.integers(40, 200),
)


def columns(text: str) -> int:
    """Measured apart from the code under test."""
    total = 0
    for before, char in zip(" " + text, text, strict=False):
        if unicodedata.category(char) in {"Mn", "Me"}:
            wide = char == "\ufe0f" and unicodedata.east_asian_width(before) not in {"W", "F"}
            total += 1 if wide and unicodedata.category(before) not in {"Mn", "Me"} else 0
        else:
            total += 2 if unicodedata.east_asian_width(char) in {"W", "F"} else 1
    return total


def is_calm(text: str) -> bool:
    bad = {"Cc", "Cf", "Cs", "Co", "Cn", "Zl", "Zp"}
    return not any(unicodedata.category(char) in bad for char in text.replace("\n", ""))


@st.composite
def workstreams(draw: st.DrawFn, names: list[str]) -> tuple[Workstream, ...]:
    def one(name: str) -> Workstream:
        others = tuple(WorkstreamId(o) for o in draw(st.lists(st.sampled_from(names), max_size=3, unique=True)))
        words = draw(WORDS)
        held = Claim(WorkstreamId(name), draw(NAMES), ago("2h"), ago("2m"), status="idle")
        return stream(
            name,
            draw(st.sampled_from(STATES)),
            "2h",
            title=words,
            reason=words,
            phase_text=draw(st.sampled_from(["", "1/3", "12/40"])),
            priority=draw(st.sampled_from([None, 1, 5])),
            claim=draw(st.sampled_from([None, held])),
            ahead=draw(st.sampled_from([0, 12345])),
            merged_at=draw(st.sampled_from([None, ago("1h"), ago("9d")])),
            flags=tuple(draw(st.lists(st.sampled_from(FLAGS), max_size=3, unique=True))),
            parent=draw(st.sampled_from([None, *others])),
            blocked_by=others,
            dependencies=others,
            conflicts=tuple((other, (words,)) for other in others[:1]),
            relations=tuple(Relation(other, "blocks", words, words) for other in others),
            branch=words or None,
            evidence=(Evidence(Tag("in-flight"), words, words, draw(st.sampled_from([None, ago("3d")]))),),
            drift=(Drift("x", words, words),),
            tags=(words,),
            notes=words,
        )

    return tuple(one(name) for name in sorted(names))


@st.composite
def views(draw: st.DrawFn) -> View:
    names = draw(st.lists(NAMES, min_size=1, max_size=8, unique=True))
    streams = draw(workstreams(names))
    words = draw(WORDS)
    claims = tuple(one.claim for one in streams if one.claim)
    reasons = (Reason(10, words), Reason(-3, words))
    following = tuple(Suggestion(one.id, "implement", words, 1, reasons) for one in streams[:4])
    problems = tuple(Problem("unreadable", words, words, 3, "error", words, name) for name in names[:2])
    rings = ((streams[0].id, streams[-1].id),) if len(streams) > 1 else ()
    return replace(
        demo(),
        name=words,
        workstreams=streams,
        claims=claims,
        next=following,
        problems=problems,
        cycles=draw(st.sampled_from([(), rings])),
    )


def check(text: str, look: Look) -> None:
    assert is_calm(text)
    assert text.endswith("\n")
    if not look.unicode:
        assert text.isascii()
    if look.width is not None:
        for row in text.splitlines():
            assert columns(row) <= look.width, row


@settings(max_examples=150, deadline=None)
@given(views(), LOOKS, st.booleans())
def test_status_holds_its_width_and_loses_nobody(view: View, look: Look, all: bool) -> None:
    text = status(view, RULES, NOW, look, all=all)
    check(text, look)
    whole = status(view, RULES, NOW, replace(look, width=None), all=all)
    check(whole, replace(look, width=None))
    closed = {row.name for row in RULES.states if not row.open}
    opens = [one for one in view.workstreams if one.state not in closed]
    assert f"   {len(opens)} open" in whole.splitlines()[0]
    body = text[text.index("\n\n") + 2 :].split("\n\n")[0]
    marks = [row for row in body.splitlines() if row[:1] in {" ", "!"} and row[1:2] != " "]
    assert len([row for row in marks if "--all" not in row and " today " not in row]) >= len(opens)


@settings(max_examples=80, deadline=None)
@given(views(), LOOKS)
def test_every_other_screen_holds_its_width(view: View, look: Look) -> None:
    problems = view.problems
    moves = tuple(Move(one.id, "", one.state, one.reason) for one in view.workstreams)
    for one in view.workstreams[:3]:
        for draw in (explain, show, blocked, unblocks):
            check(draw(view, one.id, RULES, NOW, look), look)
    check(graph(view, RULES, NOW, look, all=True), look)
    check(next_screen(view, RULES, NOW, look, n=2), look)
    written = Written((view.name,))
    report = reconcile_report(moves, written, RULES, NOW, look, workstreams=3, problems=problems)
    check(report, look)
    check(doctor(((view.name, view.name),), problems, RULES, NOW, look), look)


@settings(max_examples=60, deadline=None)
@given(views(), st.booleans())
def test_machine_formats_and_sentences_stay_calm(view: View, unicode: bool) -> None:
    for format in ("mermaid", "dot"):
        text = graph(view, RULES, NOW, Look(unicode=unicode, width=40), format=format, all=True)
        assert is_calm(text)
        assert len(text.splitlines()) >= len(view.workstreams)
    spoken = Look(unicode=False, accessible=True)
    check(status(view, RULES, NOW, spoken), spoken)


def test_the_order_of_workstreams_does_not_matter() -> None:
    view = odd()
    turned = replace(view, workstreams=view.workstreams[::-1], claims=view.claims[::-1])
    for look in (Look(width=80), Look(), Look(accessible=True)):
        assert status(view, RULES, NOW, look) == status(turned, RULES, NOW, look)


def test_odd_names_hold_every_width() -> None:
    for width in range(40, 201):
        for unicode in (True, False):
            check(status(odd(), RULES, NOW, Look(unicode=unicode, width=width)), Look(unicode, False, width))

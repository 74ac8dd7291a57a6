"""Trees and exports of the graph, cycles and hostile labels among them."""

import re
from dataclasses import replace

from reconciler.cli.screens.graph import blocked, graph, unblocks
from reconciler.cli.screens.look import Look
from reconciler.model import Relation, View, Workstream, WorkstreamId

from .odd import IDS, odd
from .world import NOW, claim, demo, shipped, stream

RULES = shipped()
LOOK = Look(width=80)


def waiting(id: str, *by: str) -> Workstream:
    ids = tuple(map(WorkstreamId, by))
    return stream(id, "ready", "1d", blocked_by=ids, dependencies=ids)


def of(*streams: Workstream) -> View:
    return replace(demo(), workstreams=streams, cycles=(), next=(), claims=())


def test_a_cycle_is_drawn_once_and_ends() -> None:
    view = of(waiting("a", "c"), waiting("b", "a"), waiting("c", "b"), stream("d", "idea", "1d"))
    names = [row.split()[1] for row in graph(view, RULES, NOW, LOOK).splitlines()[:4]]
    assert names == ["a", "b", "c", "a"]
    assert "1 open workstream without dependencies" in graph(view, RULES, NOW, LOOK)
    assert "A cycle: none of them can go first." in blocked(view, WorkstreamId("a"), RULES, NOW, LOOK)


def test_what_hangs_below_two_is_shown_once() -> None:
    view = of(
        stream("a", "ready", "1d"),
        waiting("b", "a"),
        waiting("c", "a"),
        waiting("d", "b", "c"),
        waiting("e", "d"),
    )
    text = graph(view, RULES, NOW, LOOK)
    assert text.count(" e ") == 1
    assert text.count("(above)") == 1


def test_long_chains_do_not_recurse() -> None:
    view = of(stream("s0", "ready", "1d"), *(waiting(f"s{n}", f"s{n - 1}") for n in range(1, 3000)))
    assert len(graph(view, RULES, NOW, Look()).splitlines()) == 3000
    assert blocked(view, WorkstreamId("s2999"), RULES, NOW, LOOK).startswith("s2999 waits for 2999 workstreams:")


def test_unblocks_and_blocked_without_answer() -> None:
    view = of(stream("a", "ready", "1d"))
    assert unblocks(view, WorkstreamId("a"), RULES, NOW, LOOK) == "Nothing waits for a.\n"
    assert blocked(view, WorkstreamId("a"), RULES, NOW, LOOK) == "a is not blocked.\n"


def test_a_blocker_outside_the_view_is_unknown() -> None:
    assert " ? gone unknown" in blocked(of(waiting("a", "gone")), WorkstreamId("a"), RULES, NOW, LOOK)


def test_mermaid_labels_hold_no_syntax() -> None:
    text = graph(odd(), RULES, NOW, LOOK, format="mermaid", all=True)
    labels = [row for row in text.splitlines() if "[" in row]
    assert len(labels) == len(IDS)
    for row in labels:
        _, label = re.fullmatch(r'  (n\d+)\["(.*)"\]', row).groups()  # type: ignore[union-attr]
        assert not set(label) & set('"[]{}<>&%`|')
        assert all(re.match(r"#\d+;", label[at.start() :]) for at in re.finditer("#", label))
    edges = [row for row in text.splitlines()[1:] if "[" not in row]
    assert edges
    assert all(re.fullmatch(r"  n\d+ (-->|-\.->|x--x|---) n\d+", row) for row in edges)


def test_dot_labels_are_quoted() -> None:
    text = graph(odd(), RULES, NOW, LOOK, format="dot", all=True)
    labels = [row for row in text.splitlines() if "label=" in row]
    assert len(labels) == len(IDS)
    assert all(re.fullmatch(r'  n\d+ \[label="(?:[^"\\]|\\["\\])*"\];', row) for row in labels)


def test_edge_types_are_told_apart() -> None:
    other = WorkstreamId("b")
    kinds = ("informs", "conflicts", "blocks")
    a = stream("a", "ready", "1d", relations=tuple(Relation(other, kind, "p:1", "") for kind in kinds), parent=other)
    text = graph(of(a, stream("b", "ready", "1d")), RULES, NOW, LOOK, format="mermaid")
    assert text.splitlines()[3:] == ["  n0 x--x n1", "  n1 --> n0", "  n1 -.-> n0", "  n1 --- n0"]


def test_every_node_says_what_it_unblocks() -> None:
    held = replace(stream("a", "implementing", "1d"), claim=claim("a", "s", "1m"), flags=("drift",))
    view = of(held, waiting("b", "a"), waiting("c", "b"), stream("done", "merged", "1d"))
    said = graph(view, RULES, NOW, Look())
    assert said.splitlines()[0].endswith("unblocks 1, drift")
    assert said.splitlines()[1].endswith("unblocks 1, blocked a")
    assert said.splitlines()[2].endswith("blocked b")

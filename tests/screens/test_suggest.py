"""What `swarm next` leaves out, and how `swarm queue` lists intents."""

from dataclasses import replace

from reconciler.cli.screens.look import Look
from reconciler.cli.screens.suggest import LeftOut, Parallel, next_screen, queue
from reconciler.model import Intent, Suggestion, View, Workstream, WorkstreamId

from .world import NOW, claim, demo, shipped, stream

RULES = shipped()


def of(*streams: Workstream, next: tuple[str, ...] = ()) -> View:
    named = tuple(Suggestion(WorkstreamId(one), "implement", f"swarm claim {one}", 1, ()) for one in next)
    return replace(demo(), workstreams=streams, next=named, claims=())


def left_out(view: View, parallel: Parallel | None = None, n: int = 3) -> str:
    lines = next_screen(view, RULES, NOW, Look(), n=n, parallel=parallel).splitlines()
    return next((row.removeprefix("Left out: ") for row in lines if row.startswith("Left out: ")), "")


def test_each_workstream_is_left_out_once() -> None:
    both = WorkstreamId("y")
    view = of(
        stream("x", "ready", "1d", blocked_by=(both,), claim=claim("x", "s", "1m"), conflicts=((both, ()),)),
        stream("y", "ready", "1d", claim=claim("y", "s", "1m"), conflicts=((both, ()),)),
        stream("z", "ready", "1d", conflicts=((both, ()),)),
        stream("epic", "implementing", "1d", children=(both,)),
        stream("odd", "of-a-rule-file", "1d"),
        stream("done", "merged", "1d"),
        stream("free", "ready", "1d"),
        next=("free",),
    )
    assert left_out(view) == "1 blocked, 1 held, 1 conflicting, 1 with open parts, 1 without a next step"


def test_more_suggestions_come_with_the_command() -> None:
    names = ("a", "b", "c")
    view = of(*(stream(one, "ready", "1d") for one in names), next=names)
    assert left_out(view, n=2) == "1 more suggestion: swarm next -n 3"
    assert left_out(view, n=1) == "2 more suggestions: swarm next -n 3"
    assert left_out(view) == ""
    named = Parallel((WorkstreamId("a"),), (LeftOut(WorkstreamId("b"), "conflict a"),))
    assert left_out(view, named) == "b (conflict a), 1 more suggestion: swarm next -n 3"


def test_what_was_compared_is_said() -> None:
    names = ("a", "b")
    view = of(*(stream(one, "ready", "1d") for one in names), next=names)
    together = Parallel(tuple(map(WorkstreamId, names)), (), (2, 1))
    assert "(2 and 1 file compared)" in next_screen(view, RULES, NOW, Look(), parallel=together)


def test_the_queue_shows_states_and_names_decisions() -> None:
    view = replace(
        of(stream("a", "abandoned", "1d"), stream("b", "ready", "1d"), stream("c", "merged", "1d")),
        intents=(
            Intent("q/a.md", WorkstreamId("a"), "First", priority=1, decision="shelved"),
            Intent("q/b.md", WorkstreamId("b"), "Second", priority=5),
            Intent("q/c.md", WorkstreamId("c"), "Third"),
        ),
    )
    assert [row.split(maxsplit=3) for row in queue(view, RULES, NOW, Look()).splitlines()] == [
        ["p5", "b", "ready", "Second"],
        ["p1", "a", "abandoned", "First (decision: shelved)"],
        ["-", "c", "merged", "Third"],
    ]

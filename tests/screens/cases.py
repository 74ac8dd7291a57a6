"""Every golden file by name, drawn from the demo view, and the page that shows some; see regold.py."""

from collections.abc import Iterator, Mapping
from dataclasses import replace
from pathlib import Path

from reconciler.cli.screens.check import check_screen
from reconciler.cli.screens.conflicts import conflicts_screen
from reconciler.cli.screens.explain import explain
from reconciler.cli.screens.graph import blocked, graph, unblocks
from reconciler.cli.screens.instances import instances_screen
from reconciler.cli.screens.look import Look
from reconciler.cli.screens.reference import TOPICS, help_topic, legend, marks_table
from reconciler.cli.screens.report import Move, Written, doctor, reconcile_report
from reconciler.cli.screens.sessions import sessions_screen
from reconciler.cli.screens.show import show
from reconciler.cli.screens.status import Filters, status
from reconciler.cli.screens.suggest import LeftOut, Parallel, next_screen, queue
from reconciler.cli.screens.themes import CHOICES, THEMES
from reconciler.model import DependencyText, Intent, Problem, View, WorkstreamId

from .found import CHECKS, FOUND, LOOKED_AT
from .odd import odd
from .people import CLEANED, DISK, PAIRS, ROWS, TOLD
from .world import NOW, demo, empty, shipped

GOLDEN = Path(__file__).parent / "golden"
PAGE = Path(__file__).parents[2] / "docs" / "reference" / "screens.md"
WIDTHS = (60, 80, 120, 160)
PLAIN = Look(width=80)
LOOKS = {
    f"{width}-{'utf8' if unicode else 'ascii'}-{'colour' if colour else 'none'}": Look(unicode, colour, width)
    for width in WIDTHS
    for unicode in (True, False)
    for colour in (True, False)
}
OTHERS = {
    "80": PLAIN,
    "ascii": Look(width=80, unicode=False),
    "piped": Look(),
    "accessible": Look(width=80, unicode=False, accessible=True),
}
PROBLEMS = (
    Problem("bad-frontmatter", "front matter is not a mapping", ".swarm/plans/x.md", 3, hint="quote the colon"),
    Problem("unreadable", "permission denied", ".swarm/plans/y.md", 0, "error"),
)
TOGETHER = Parallel(
    tuple(map(WorkstreamId, ("turn-system", "diplomacy", "tutorial"))),
    (LeftOut(WorkstreamId("save-format-v2"), "conflict unit-combat"),),
    (12, 9, 0),
)


def goldens() -> dict[str, str]:
    """File name to text, with the escape character written as ``␛`` so that people can review it."""
    texts = dict(_status()) | dict(_odd())
    texts["status-80-utf8-light"] = status(demo(), shipped(), NOW, Look(colour=True, width=80, theme="light"))
    texts["legend-light"] = legend(shipped(), NOW, Look(colour=True, width=80, theme="light"))
    for name, look in OTHERS.items():
        texts |= {f"{screen}-{name}": text for screen, text in _screens(look)}
    return {name: text.replace("\x1b", "␛") for name, text in texts.items()}


def page(old: str, texts: dict[str, str]) -> str:
    """The reference page with its drawn parts, between ``<!-- name: … -->`` and ``<!-- /name -->``, as of now."""
    drawn = {"marks": marks_table(shipped()), "themes": themes_table()}
    for name, golden in (("status-80", "status-80-utf8-none"), ("explain-80", "explain-80")):
        drawn[name] = f"```\n{texts[golden]}```\n"
    for name, text in drawn.items():
        start, head, rest = old.partition(f"<!-- {name}: ")
        opening, _, rest = rest.partition("\n")
        _, foot, rest = rest.partition(f"<!-- /{name} -->")
        old = f"{start}{head}{opening}\n{text}{foot}{rest}"
    return old


def themes_table() -> str:
    """The themes for people, one row each."""
    said = {
        "auto": "`light` where the terminal says so (`COLORFGBG`), else `dark`",
        "none": "no colour, as `--no-color`",
        **{name: _swapped(table) or "the colours above" for name, table in THEMES.items()},
    }
    return "| theme | means |\n|---|---|\n" + "".join(f"| {name} | {said[name]} |\n" for name in CHOICES)


def _swapped(table: Mapping[str, str]) -> str:
    return ", ".join(f"{new} for {old}" for old, new in sorted(table.items()))


def _status() -> Iterator[tuple[str, str]]:
    for name, look in LOOKS.items():
        yield f"status-{name}", status(demo(), shipped(), NOW, look)


def _odd() -> Iterator[tuple[str, str]]:
    for name, look in LOOKS.items():
        if not look.colour:
            yield f"odd-{name}", status(odd(), shipped(), NOW, look)


def _screens(look: Look) -> Iterator[tuple[str, str]]:
    view, rules = demo(), shipped()
    fog = WorkstreamId("fog-of-war")
    if look != PLAIN:
        yield "status", status(view, rules, NOW, look)
    yield "status-all", status(_short(), rules, NOW, look, all=True)
    yield "status-filtered", status(view, rules, NOW, look, filters=Filters(states=("ready", "idea")))
    yield "status-nothing", status(view, rules, NOW, look, filters=Filters(tags=("none",)))
    yield "first-run", status(empty(), rules, NOW, look)
    yield "next", next_screen(view, rules, NOW, look)
    yield "next-parallel", next_screen(view, rules, NOW, look, parallel=TOGETHER)
    yield "explain", explain(view, fog, rules, NOW, look)
    yield "show", show(view, fog, rules, NOW, look)
    yield "blocked", blocked(view, WorkstreamId("ai-opponents"), rules, NOW, look)
    yield "unblocks", unblocks(view, WorkstreamId("save-format-v2"), rules, NOW, look)
    for format in ("text", "mermaid", "dot"):
        yield f"graph-{format}", graph(view, rules, NOW, look, format=format)
    yield "queue", queue(replace(view, intents=_intents()), rules, NOW, look)
    moves = (
        Move(WorkstreamId("turn-system"), "implementing", "in-review", "review of 2026-01-18"),
        Move(WorkstreamId("tech-tree"), "", "planning", "a plan says Draft"),
    )
    changed = Written((".swarm/workstreams.json",), unchanged=2)
    yield "reconcile", reconcile_report(moves, changed, rules, NOW, look, workstreams=55, problems=PROBLEMS)
    yield "reconcile-nothing", reconcile_report((), Written((), 3), rules, NOW, look, workstreams=55)
    facts = (("base", "main 8ec609c (init.defaultBranch)"), ("layouts", "swarm: 122 documents"))
    yield "doctor", doctor(facts, PROBLEMS, rules, NOW, look)
    yield "instances", instances_screen(ROWS, rules, NOW, look, disk=DISK, said=CLEANED)
    yield "instances-none", instances_screen((), rules, NOW, look)
    yield "sessions", sessions_screen(TOLD, rules, NOW, look)
    yield "sessions-one", sessions_screen(TOLD, rules, NOW, look, id="fog-of-war")
    yield "conflicts", conflicts_screen(PAIRS, rules, NOW, look, left_out=3)
    yield "check", check_screen(FOUND, CHECKS, rules, NOW, look, looked_at=LOOKED_AT)
    yield "check-all", check_screen(FOUND, CHECKS, rules, NOW, look, looked_at=LOOKED_AT, whole=True)
    yield "check-nothing", check_screen((), CHECKS, rules, NOW, look, looked_at=LOOKED_AT)
    yield "legend", legend(rules, NOW, look)
    for topic in TOPICS:
        yield f"help-{topic}", help_topic(topic, rules, NOW, look)


def _short() -> View:
    view = demo()
    kept = tuple(one for one in view.workstreams if not one.id.startswith("older-") or one.id == "older-07")
    return replace(view, workstreams=kept)


def _intents() -> tuple[Intent, ...]:
    after = DependencyText("diplomacy", 4, "blocks", "frontmatter")
    return (
        Intent(".swarm/queue/a.md", WorkstreamId("tutorial"), "A tutorial for newcomers", priority=4),
        Intent(
            ".swarm/queue/b.md",
            WorkstreamId("ai-opponents"),
            "AI opponents",
            priority=1,
            dependencies=(after,),
        ),
        Intent(".swarm/queue/c.md", WorkstreamId("old-idea"), "Hex maps", decision="shelved"),
    )

"""Views that try to break a screen: wide, long, right-to-left, invisible and hostile names."""

from dataclasses import replace
from datetime import date

from reconciler.model import Claim, Problem, Suggestion, View, WorkstreamId

from .world import ago, demo, stream

IDS = (
    "セーブ形式の改訂",
    "战斗单位/第二阶段",
    "a-very-long-name-that-somebody-wrote-because-nobody-said-stop-and-the-folder-took-it",
    "מערכת-תורות",
    "نظام-الأدوار",
    "bell\x07-and-\x1b[31mred\x1b[0m",
    "two\nlines\tand\ra-return",
    "over\u202eride-\u2066bidi\u2069",
    "rocket-🚀-ship-👩‍🚀",
    "heart-❤\ufe0f-and-flag-🇫🇷",
    "zalgo-e" + "\u0301" * 30,
    "lone-\udc80-surrogate",
    "-rf --all; echo $(id)",
    "a|b`c\"d'e<f>&[g](h)",
    "",
)


def odd() -> View:
    """Every odd id once, spread over the states, holding one another up."""
    states = ("in-review", "implementing", "ready", "planning", "idea", "shipped-by-rocket")
    streams = []
    for index, name in enumerate(IDS):
        other = WorkstreamId(IDS[(index + 1) % len(IDS)])
        session = f"{name}-{index}"
        streams.append(
            stream(
                name,
                states[index % len(states)],
                f"{index}d",
                title=f"“{name}” — and so on",
                reason=f"said {name}…",
                phase_text=f"{index}/{index * 11}" if index % 2 else "",
                priority=index % 6 or None,
                claim=Claim(WorkstreamId(name), session, ago("9h"), ago("2m")) if index % 3 == 0 else None,
                flags=(("conflicted", "blocked"), ("drift",), ())[index % 3],
                conflicts=((other, (f"src/{name}.py",)),) if index % 3 == 0 else (),
                blocked_by=(other,) if index % 4 == 0 else (),
                dependencies=(other,) if index % 4 == 0 else (),
                branch=f"feature/{name}",
                created=date(2026, 1, 1),
                notes=f"first {name}\nsecond",
            )
        )
    problems = tuple(Problem("unreadable", f"cannot read {n}", f"x/{n}.md", 3, "error", "", n) for n in IDS[4:7])
    return replace(
        demo(),
        name="repo\x1b]0;title\x07",
        workstreams=tuple(sorted(streams, key=lambda one: one.id)),
        next=tuple(Suggestion(WorkstreamId(n), "continue", f"swarm claim {n}", 3, ()) for n in IDS[:4]),
        claims=tuple(one.claim for one in streams if one.claim),
        problems=problems,
        cycles=((WorkstreamId(IDS[0]), WorkstreamId(IDS[1])),),
    )

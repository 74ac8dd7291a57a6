"""What `swarm status` puts where."""

from dataclasses import replace
from datetime import timedelta, timezone
from typing import Any

from reconciler.cli.screens.look import Look
from reconciler.cli.screens.status import Filters, status
from reconciler.cli.screens.words import in_order, who_names
from reconciler.model import Base, CommitId, Problem, State, Suggestion, View, Workstream, WorkstreamId
from reconciler.policy import FlagRow, StateRow

from .world import NOW, ago, claim, demo, empty, shipped, stream

RULES = shipped()
WIDE = Look(width=80)


def of(*streams: Workstream, **more: Any) -> View:
    return replace(demo(), workstreams=streams, next=(), claims=(), **more)


def rows(view: View, look: Look = WIDE, **more: Any) -> list[str]:
    return status(view, RULES, NOW, look, **more).splitlines()


def test_priority_then_newest_then_id() -> None:
    listed = in_order(
        [
            stream("d", "ready", "1d"),
            stream("c", "ready", "1h", priority=4),
            stream("b", "ready", "2d", priority=1),
            stream("a", "ready", "1h", priority=3),
        ]
    )
    assert [one.id for one in listed] == ["b", "a", "d", "c"]


def test_children_follow_their_parent() -> None:
    epic = stream("epic", "ready", "5d")
    parts = [stream(f"epic/phase-{n}", "ready", "1m", parent=WorkstreamId("epic"), priority=n % 3 + 1) for n in (10, 2)]
    other = stream("other", "ready", "1h")
    assert [one.id for one in in_order([*parts, other, epic])] == [
        "epic",
        "epic/phase-2",
        "epic/phase-10",
        "other",
    ]


def test_parents_in_a_ring_do_not_hang() -> None:
    ring = [
        stream("a", "ready", "1d", parent=WorkstreamId("b")),
        stream("b", "ready", "1d", parent=WorkstreamId("a")),
    ]
    assert [one.id for one in in_order(ring)] == ["a", "b"]


def test_short_sessions_stay_apart() -> None:
    view = of(
        stream("a", "ready", "1d", claim=claim("a", "claude-7c11", "1m")),
        stream("b", "ready", "1d", claim=claim("b", "claude-7c22", "1m")),
    )
    assert who_names(view) == {"claude-7c11": "claude-7c11", "claude-7c22": "claude-7c22"}
    uuid = "d3f0c6f8-1111-2222-3333-444455556666"
    assert who_names(of(stream("a", "ready", "1d", claim=claim("a", uuid, "1m")))) == {uuid: "d3f0c6f8"}


def test_piped_rows_are_whole() -> None:
    text = rows(demo(), Look())
    fog = next(row for row in text if " fog-of-war " in row)
    assert fog.split()[:6] == ["!▸", "implementing", "fog-of-war", "p3", "1/3", "codex-a9"]
    assert "2026-01-19T11:22:22Z" in fog
    assert fog.endswith("branch feature/2026-01-16-fog-of-war: 6 commits not in main")
    assert "today" not in "\n".join(text)


def test_today_is_a_day_of_the_reader() -> None:
    late = stream("late", "merged", "1d", merged_at=ago("11h"))  # 01:03 UTC
    assert any("merged today late" in row for row in rows(of(late)))
    west = NOW.astimezone(timezone(timedelta(hours=-5)))
    text = status(of(late), RULES, west, WIDE)
    assert "today" not in text
    assert "1 older: --all" in text


def test_everything_closed_is_counted() -> None:
    view = of(
        *(stream(f"m{n}", "merged", "9d", merged_at=ago("9d")) for n in range(3)),
        stream("gone", "abandoned", "9d"),
        *(stream(f"today-{n}-with-a-long-name", "merged", "1h", merged_at=ago("1h")) for n in range(9)),
    )
    row = next(row for row in rows(view) if "merged today" in row)
    assert row.endswith(" 3 older: --all")
    assert ", +8 " in row
    given_up = next(row for row in rows(view) if "abandoned" in row)
    assert given_up.split() == ["✗", "abandoned", "1", "not", "listed:", "--all"]
    assert len(rows(view)) == 4


def test_needs_are_capped_and_counted() -> None:
    lying = [stream(f"s{n}", "ready", "1d", flags=("drift",)) for n in range(9)]
    text = rows(of(*lying))
    assert [row.split()[0] for row in text if row.startswith(" drift")] == ["drift"] * 5
    assert text[-1].split() == ["4", "more", "swarm", "status", "--all"]
    assert len([row for row in rows(of(*lying), all=True) if row.startswith(" drift")]) == 9
    assert "9 need you" in text[0]


def test_drift_of_closed_work_needs_nobody() -> None:
    assert "need you" not in rows(of(stream("m", "merged", "9d", flags=("drift",)), stream("r", "ready", "1d")))[0]


def test_one_line_for_three_that_collide() -> None:
    ids = tuple(map(WorkstreamId, "abc"))
    streams = [
        stream(
            one,
            "implementing",
            "1h",
            flags=("conflicted",),
            conflicts=tuple((other, ("x.py", "y.py")) for other in ids if other != one),
        )
        for one in ids
    ]
    lines = [row for row in rows(of(*streams)) if row.startswith(" conflict")]
    assert len(lines) == 1
    assert " ".join(lines[0].split()) == "conflict a, b, c: x.py +1 swarm conflicts"


def test_review_wanted_and_unreadable_need_somebody() -> None:
    view = replace(
        of(stream("done", "implementing", "1h"), stream("torn", "ready", "1d")),
        next=(Suggestion(WorkstreamId("done"), "review", "swarm show done", 1, ()),),
        problems=(Problem("unreadable", "permission denied", "p.md", 7, "error", "", "torn"),),
    )
    text = rows(view)
    assert "2 need you" in text[0]
    assert any(" ".join(row.split()) == "review done: review wanted swarm show done" for row in text)
    assert any(" ".join(row.split()) == "unreadable p.md:7: permission denied swarm doctor" for row in text)


def test_a_warning_needs_nobody() -> None:
    view = of(stream("a", "ready", "1d"), problems=(Problem("bad-name", "odd", "p.md"),))
    assert "Needs you" not in "\n".join(rows(view))


def test_cycles_name_their_members() -> None:
    ids = tuple(map(WorkstreamId, "ab"))
    view = of(*(stream(one, "ready", "1d", flags=("cycle",)) for one in ids), cycles=(ids,))
    assert any(row.split() == ["cycle", "a", ">", "b", ">", "a", "swarm", "explain", "a"] for row in rows(view))


def test_states_and_flags_of_a_team_work() -> None:
    own = StateRow(State("awaiting-security"), "audit", "⌂", "A", "yellow", True, ())
    flag = FlagRow("frozen", "not before the release", "❄", "f", "cyan", True)
    rules = replace(RULES, states=(own, *RULES.states), flags=(*RULES.flags, flag))
    text = status(of(stream("a", "awaiting-security", "1d", flags=("frozen",))), rules, NOW, WIDE)
    assert "!⌂ awaiti⋯urity a" in text
    assert " frozen    a: not before the release" in text


def test_a_state_without_a_rule_is_shown_as_open() -> None:
    text = rows(of(stream("a", "from-elsewhere", "1d")))
    assert "1 open" in text[0]
    assert text[2].startswith(" ? from-e⋯where a")


def test_without_a_base_the_screen_says_so() -> None:
    assert rows(of(stream("a", "ready", "1d"), base=None))[0].startswith("civ  no base branch   1 open")
    base = Base("trunk", "refs/heads/trunk", CommitId("f" * 40), NOW, "")
    assert rows(of(stream("a", "ready", "1d"), base=base))[0].startswith("civ  trunk fffffff   1 open")


def test_an_incomplete_view_says_so() -> None:
    view = of(stream("a", "ready", "1d"), complete=False)
    assert "incomplete: something could not be read, see swarm doctor" in rows(view)
    assert "could not be read: swarm doctor" in status(replace(empty(), complete=False), RULES, NOW, WIDE)


def test_filters_join_and_list_closed_work() -> None:
    text = rows(demo(), filters=Filters(states=("merged",)))
    assert text[1] == "43 of 55 shown: --status merged"
    assert sum(" older-" in row for row in text) == 41
    mine = rows(demo(), filters=Filters(session="codex-a9"))
    assert next(row for row in mine if "fog-of-war" in row).startswith("!▸ implementing fog-of-war")
    assert "Nothing found for --type docs --tag map" in rows(demo(), filters=Filters(types=("docs",), tags=("map",)))[0]


def test_columns_come_and_go_with_the_width() -> None:
    def has(width: int) -> tuple[bool, ...]:
        text = status(demo(), RULES, NOW, Look(width=width))
        return tuple(
            word in text
            for word in (
                "codex-a9",
                " 41m",
                " p3 ",
                "plan says Complete, not m",
                "Fog of war and",
            )
        )

    assert has(160) == (True, True, True, True, True)
    assert has(120) == (True, True, True, True, False)
    assert has(90)[:3] == (True, True, True)
    assert has(80)[:3] == (True, True, False)
    assert has(76)[:3] == (True, False, False)
    assert has(70)[:3] == (False, False, False)


def test_narrow_screens_put_the_note_below() -> None:
    text = rows(demo(), Look(width=59))
    at = next(index for index, row in enumerate(text) if " hotseat " in row)
    assert text[at + 1] == " " * 16 + "blocked save-format-v2"


def test_a_future_time_is_doubted() -> None:
    assert " ? " in rows(of(replace(stream("a", "ready", "1d"), updated=NOW + timedelta(days=2))))[2] + " "


def test_commands_with_odd_ids_can_be_pasted() -> None:
    text = "\n".join(rows(of(stream("x; reboot", "ready", "1d", flags=("drift",)))))
    assert "swarm explain 'x; reboot'" in text

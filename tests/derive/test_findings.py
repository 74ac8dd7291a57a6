"""Findings from literal snapshots: what is one, what is none, and in which words."""

import random
from dataclasses import replace
from datetime import UTC, date, datetime

from reconciler.derive.findings import find_findings, fold, paths_to_look_for
from reconciler.derive.view import derive
from reconciler.model import BlobId, Claim, Document, Finding, Problem, Snapshot, Text, WorkstreamId, Worktree

from .make import NOON, branch, commit, document, intent, landing, links, needs, rules, snapshot

LATER = datetime(2026, 6, 2, tzinfo=UTC)


def found(seen: Snapshot, *, on_disk: frozenset[str] = frozenset()) -> tuple[Finding, ...]:
    return find_findings(seen, derive(seen, rules()), rules(), on_disk=on_disk)


def ids(seen: Snapshot) -> list[str]:
    return [finding.id for finding in found(seen)]


def said(seen: Snapshot, name: str) -> list[str]:
    return [finding.text for finding in found(seen) if finding.id == name]


def pointing(target: str, *, context: str = "related", slug: str = "a") -> Document:
    return document(slug, text=links(target, context=context, title=slug.title()))


def test_nothing_is_found_in_good_order() -> None:
    assert found(snapshot(document("a"), document("a", "research"), document("a", "review"))) == ()


def test_a_record_without_a_plan_is_an_orphan() -> None:
    one = found(snapshot(document("a", "validation")))
    assert [(f.id, f.severity, f.path, f.hint) for f in one] == [
        ("orphan", "warning", ".swarm/validations/2026-03-02-a.md", "swarm explain a")
    ]
    assert ids(snapshot(document("a", "validation"), branches=(branch("a", "src/x.py"),))) == []
    assert ids(snapshot(document("a", "checkpoint"), intents=(intent("a"),))) == []


def test_links_that_lead_somewhere() -> None:
    plan, there = document("b"), "docs/deep/note.md"
    for target in (plan.path, f"./{plan.path}", f"/home/x/r/{plan.path}", f"@{plan.path}", "2026-03-02-b.md", there,
                   "../../docs/deep/note.md#part", "deep/note.md", "docs/deep/note.md:12"):  # fmt: skip
        assert ids(snapshot(pointing(target), plan, tree=(there,))) == [], target


def test_links_of_which_nothing_is_known() -> None:
    for target in ("https://x.org/a.md", "~/notes/a.md", "../../../other/a.md", "plans/YYYY-MM-DD-name.md",
                   "plans/<slug>.md", "plans/*.md", "[[a note]]", "/tmp/a.md", "src/a.py", "C:/a.md"):  # fmt: skip
        assert ids(snapshot(pointing(target))) == [], target
    assert ids(snapshot(pointing("gone/a.md", context="prose"))) == []
    assert ids(snapshot(pointing("gone/a.md", context="header:files"))) == []


def test_links_that_lead_to_nothing() -> None:
    for target in ("plans/gone.md", "/Users/a/r/.swarm/plans/gone.md", "./gone.md", "gone%20away.md"):
        assert ids(snapshot(pointing(target))) == ["dangling-link"], target
    assert ids(snapshot(pointing("plans/b.md"), tree=("docs/b.md",))) == ["dangling-link"]
    at_head = found(snapshot(pointing("plans/gone.md", context="header:research")))[0]
    assert (at_head.text, at_head.line) == ("**Research** names plans/gone.md, which does not exist", 5)


def test_a_link_to_what_was_removed_names_the_commit() -> None:
    gone = commit("c" * 40, "Tidy", "plans/gone.md")
    gone = replace(gone, changes=tuple(replace(c, old=c.new, new="0" * 40) for c in gone.changes))  # type: ignore[arg-type]
    assert said(snapshot(pointing("plans/gone.md"), commits=(gone,)), "dangling-link") == [
        "a related document names plans/gone.md, which does not exist any more (removed by ccccccc)"
    ]


def test_a_link_in_finished_work_is_a_remark() -> None:
    done = snapshot(pointing("plans/gone.md"), branches=(branch("a", own=0),), landings=(landing("a"),))
    assert "dangling-link-closed" in ids(done)


def test_what_only_the_disk_has_is_there() -> None:
    seen = snapshot(pointing("../../notes/mine.md"))
    wanted = paths_to_look_for(seen, derive(seen, rules()), rules())
    assert wanted == {"notes/mine.md"}
    assert found(seen, on_disk=wanted) == ()


def test_the_copy_at_hand_speaks() -> None:
    old = pointing("gone/x.md")
    new = replace(pointing(".swarm/plans/2026-03-02-a.md"), blob=BlobId("new"), seen_in=("side",))
    assert ids(snapshot(old, new)) == ["dangling-link"]
    main = Worktree("/test", "test", "side", None, main=True)
    assert ids(snapshot(old, new, worktrees=(main,))) == []


def test_a_document_of_another_branch_names_it() -> None:
    one = found(snapshot(replace(pointing("gone/x.md"), seen_in=("side",)), branches=(branch("side"),)))
    assert [(f.id, f.place) for f in one] == [("dangling-link", "side")]


def test_research_of_one_title_or_name() -> None:
    first = document("bees", "research", text=Text(title="How bees fly"))
    second = document("wasps", "research", text=Text(title="How Bees Fly"), day=date(2026, 3, 5))
    assert [(f.id, f.path) for f in found(snapshot(first, second))] == [("duplicate-research", second.path)]
    assert ids(snapshot(first, second, document("wasps"), document("bees"))) == []
    again = document("bees", "research", text=Text(title="Bees again"), day=date(2026, 3, 5))
    assert said(snapshot(first, again), "duplicate-research") == [
        f"the same name as {first.path}, and no plan follows from either"
    ]
    one_word = [document(n, "research", text=Text(title="Research")) for n in "ab"]
    assert ids(snapshot(*one_word)) == []


def named(day: str, born: datetime = NOON, *, first: bool = False) -> list[str]:
    path = f".swarm/plans/{day}-a.md"
    birth = commit("c", "Plan", path, at=born, new=True, parents=0 if first else 1)
    return ids(snapshot(document("a", path=path), commits=(birth,)))


def test_dates_that_cannot_be() -> None:
    assert named("2026-03-02") == named("2026-01-30") == named("2025-12-24") == named("2025-09-01") == []
    assert named("2026-03-04") == []  # a clock may be ahead
    assert named("2025-03-02") == named("2025-02-25") == named("2024-03-05") == ["wrong-date"]
    assert named("2027-03-02") == named("2026-03-12") == named("2019-08-01") == ["wrong-date"]
    assert named("2025-03-02", first=True) == []  # with what a history begins may be older
    assert named("2026-13-01") == named("2026-02-30") == named("0000-00-00") == ["no-such-day"]


def test_a_move_is_no_birth() -> None:
    path = ".swarm/archive/plans/2025-03-02-a.md"
    moved = commit("d", "Archive", path, new=True)
    born = commit("c", "Plan", ".swarm/plans/2025-03-02-a.md", at=datetime(2025, 3, 2, tzinfo=UTC), new=True)
    assert ids(snapshot(document("a", path=path), commits=(moved, born))) == []


def test_names_without_a_date_and_files_that_are_not_read() -> None:
    plan = document("a", path=".swarm/plans/a.md")
    tree = (".swarm/plans/b.markdown", ".swarm/plans/README.txt", ".swarm/plans/x.png", ".swarm/plan/2026-03-02-c.md",
            ".swarm/queue/2026-03-02-d.md", ".swarm/notes.md", "src/2026-03-02-e.md")  # fmt: skip
    seen = snapshot(plan, tree=tree, layouts=("swarm",))
    assert [(f.id, f.path) for f in found(seen)] == [
        ("unread-file", ".swarm/plans/b.markdown"),
        ("misplaced-file", ".swarm/plan/2026-03-02-c.md"),
        ("undated", ".swarm/plans/a.md"),
    ]
    assert found(seen)[2].hint == "git mv -- .swarm/plans/a.md .swarm/plans/YYYY-MM-DD-a.md"


def test_claims_nobody_is_behind() -> None:
    claim = Claim(WorkstreamId("a"), "claude-02", NOON, NOON, status="stale")
    one = found(snapshot(document("a"), claims=(claim,)))
    assert [(f.id, f.text, f.hint) for f in one] == [
        ("stale-claim", "claude-02 holds a and was last heard at 2026-03-02T12:00:00Z", "swarm release a")
    ]
    live = replace(claim, status="active")
    assert ids(snapshot(document("a"), claims=(live,))) == []
    done = snapshot(document("a"), claims=(live,), landings=(landing("a"),), branches=(branch("a", own=0),))
    assert "claim-after-merge" in ids(done)


def test_what_is_left_over_of_merged_work() -> None:
    tree = Worktree("/w/a b", "a b", "a", None, changes=("x.py",))
    seen = snapshot(document("a"), landings=(landing("a"),), branches=(branch("a", own=0),), worktrees=(tree,))
    assert [(f.id, f.text, f.hint) for f in found(seen)] == [
        (
            "leftover-worktree",
            "worktree a b is still there, but a is merged, with 1 file not committed",
            "git worktree remove '/w/a b'",
        )
    ]
    far = replace(branch("a", own=0), ref="refs/remotes/up/stream/a", local=False, remote=True)
    remote = snapshot(document("a"), landings=(landing("a"),), branches=(far,))
    assert [(f.id, f.hint) for f in found(remote)] == [("leftover-branch", "git push up/stream --delete a")]
    unsure = snapshot(landings=(landing("a", confidence="low"),), branches=(branch("a", own=0),))
    assert "leftover-branch" not in ids(unsure)


def test_two_in_flight_that_change_one_file() -> None:
    flying = (landing("a", "in-flight"), landing("b", "in-flight"))
    pair = (branch("a", "src/x.py", "src/y.py"), branch("b", "src/x.py"))
    seen = snapshot(document("a"), document("b"), branches=pair, landings=flying)
    assert [(f.id, f.text, f.path) for f in found(seen)] == [("conflict", "a and b both change src/x.py", "src/x.py")]
    text = needs("b", relation="conflicts")
    pair = (branch("a", "src/y.py"), branch("b", "src/x.py"))
    apart = snapshot(document("a", text=text), document("b"), branches=pair, landings=flying)
    assert ids(apart) == ["declared-conflict"]


def test_circles_and_dependencies_on_nothing() -> None:
    seen = snapshot(document("a", text=needs("b")), document("b", text=needs("a", "dodo")))
    assert [(f.id, f.severity, f.line, f.hint) for f in found(seen)] == [
        ("cycle", "error", 2, "swarm blocked a"),
        ("unknown-dependency", "warning", 3, "swarm show b"),
    ]


def test_problems_of_the_input_keep_their_severity() -> None:
    problems = (
        Problem("bad-frontmatter", "no mapping", "a.md", 3, hint="quote the colon"),
        Problem("detached", "on no branch", severity="info"),
        Problem("shallow", "cut", hint="git fetch --unshallow"),
        Problem("not-utf8", "not UTF-8", "b.md", severity="info"),
        Problem("unreadable-base", "gone", severity="error", hint="git fsck"),
    )
    assert [(f.id, f.severity, f.text, f.hint) for f in found(snapshot(problems=problems))] == [
        ("unreadable-base", "error", "gone", "git fsck"),
        ("bad-frontmatter", "warning", "no mapping; quote the colon", "swarm doctor"),
        ("shallow", "warning", "cut", "git fetch --unshallow"),
        ("not-utf8", "info", "not UTF-8", "swarm doctor"),
    ]


def test_remarks_fold_and_warnings_do_not() -> None:
    remarks = [Finding("undated", "undated", "info", "t", f"{n}.md", about=f"{n}.md") for n in range(5)]
    warnings = [Finding("orphan", "orphan", "warning", "t", f"{n}.md") for n in range(9)]
    folded = fold([*warnings, *remarks], rules())
    assert [(f.severity, f.count) for f in folded] == [*[("warning", 1)] * 9, ("info", 5)]
    assert folded[-1].text == "5 documents have no date in their name: 0.md, 1.md, 2.md and 2 more"
    assert fold(remarks[:3], rules()) == tuple(remarks[:3])


def test_words_in_braces_of_a_name_are_only_words() -> None:
    claim = Claim(WorkstreamId("a"), "{heard} {id}", NOON, NOON, status="stale")
    assert said(snapshot(document("a"), claims=(claim,)), "stale-claim") == [
        "{heard} {id} holds a and was last heard at 2026-03-02T12:00:00Z"
    ]


def test_the_order_of_the_input_is_no_matter() -> None:
    documents = [pointing("gone/x.md", slug="b"), document("c", "review"), document("d", path=".swarm/plans/d.md")]
    documents += [replace(documents[0], blob=BlobId("two"), seen_in=("side",))]
    expected = found(snapshot(*documents))
    assert len(expected) == 3
    for seed in range(5):
        random.Random(seed).shuffle(documents)
        assert found(snapshot(*documents)) == expected

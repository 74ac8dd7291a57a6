"""Every way of landing that issue B names, each as a short script of git verbs with the verdict it must get."""

from collections.abc import Callable
from dataclasses import dataclass

from tests.gitrepo import GitBuilder

Script = Callable[[GitBuilder], None]
LINES = [f"line {number}\n" for number in range(1, 41)]


@dataclass(frozen=True, slots=True)
class Scenario:
    """``verdict`` of branch ``f``; ``blind`` is what may be said where no reflog is left."""

    name: str
    build: Script
    verdict: str
    tag: str
    rung: int
    reopened: bool = False
    blind: str = ""  # "" = the same
    branch: str = "f"


def text(**changed: str) -> str:
    """Forty lines, some of them changed: text(l3="x")."""
    lines = list(LINES)
    for key, value in changed.items():
        lines[int(key[1:]) - 1] = value + "\n"
    return "".join(lines)


def start(r: GitBuilder) -> None:
    r.commit("Start", {"app.py": text(), "README.md": "hello\n"})


def work(r: GitBuilder, *, commits: int = 2, name: str = "f") -> None:
    """A branch with one or more commits, the first of which edits a shared file."""
    r.checkout(name, new=True)
    r.commit(f"{name}: one", {"app.py": text(l5="five"), f"{name}.py": "one\n"})
    if commits > 1:
        r.commit(f"{name}: two", {f"{name}.py": "one\ntwo\n"})
    if commits > 2:
        r.commit(f"{name}: three", {f"{name}3.py": "three\n"})
    r.checkout("main")


def move_base(r: GitBuilder) -> None:
    """The base goes on, in another file and far away in the shared one."""
    r.commit("Other work", {"other.py": "other\n", "app.py": text(l35="thirty-five")})


# -- merges


def true_merge(r: GitBuilder) -> None:
    start(r)
    work(r)
    move_base(r)
    r.merge("f")


def github_merge(r: GitBuilder) -> None:
    start(r)
    work(r)
    r.merge("f", message="Merge pull request #7 from someone/f\n\nAdd f")


def unnamed_merge(r: GitBuilder) -> None:
    start(r)
    work(r)
    r.merge("f", message="Land the new thing")


def merge_that_lost_a_parent(r: GitBuilder) -> None:
    """As filtered and imported histories have it: a merge by its words, with the branch as its only parent."""
    fast_forward(r)
    r.commit("Merge pull request #2 from owner/f")
    r.no_reflogs()


def fast_forward(r: GitBuilder) -> None:
    start(r)
    work(r)
    r.merge("f", ff=True)


def fast_forward_then_more(r: GitBuilder) -> None:
    fast_forward(r)
    move_base_after(r)


def move_base_after(r: GitBuilder) -> None:
    r.commit("Later work", {"later.py": "later\n"})


def merged_twice(r: GitBuilder) -> None:
    start(r)
    work(r)
    r.merge("f")
    r.checkout("f").commit("f: more", {"more.py": "more\n"})
    r.checkout("main").merge("f")


def foxtrot(r: GitBuilder) -> None:
    start(r)
    work(r)
    move_base(r)
    r.checkout("f").merge("main", message="Merge branch 'main' into f")
    r.checkout("main").merge("f", ff=True)


def train(r: GitBuilder) -> None:
    start(r)
    r.branch("dev")
    work(r)
    r.checkout("dev").merge("f", message="Merge branch 'f' into dev")
    r.checkout("main").merge("dev", message="Merge branch 'dev'")


def octopus(r: GitBuilder) -> None:
    start(r)
    work(r)
    r.checkout("g", new=True).commit("g: one", {"g.py": "g\n"})
    r.checkout("main")
    move = {"m.py": "m\n"}
    r.commit("Move", move)
    r.merge("f", "g", message="Merge branches 'f' and 'g'")


def criss_cross(r: GitBuilder) -> None:
    start(r)
    work(r, commits=1)
    r.checkout("side", new=True, at="main").commit("Side", {"side.py": "s\n"})
    r.checkout("main").merge("side")
    r.checkout("f").merge("side", message="Merge branch 'side' into f")
    r.checkout("main").commit("Base", {"b.py": "b\n"})
    r.checkout("f").merge("main", message="Merge branch 'main' into f")
    r.commit("f: end", {"end.py": "end\n"})
    r.checkout("main").squash("f", "Add f")


def merged_only_into_another(r: GitBuilder) -> None:
    start(r)
    work(r)
    r.checkout("g", new=True, at="main").commit("g", {"g.py": "g\n"})
    r.merge("f", message="Merge branch 'f' into g")
    r.checkout("main")


def base_merged_in(r: GitBuilder) -> None:
    start(r)
    work(r)
    move_base(r)
    r.checkout("f").merge("main", message="Merge branch 'main' into f")
    r.checkout("main")


# -- rebases, squashes, picks


def rebase_one(r: GitBuilder) -> None:
    start(r)
    work(r, commits=1)
    move_base(r)
    r.cherry_pick("f")
    move_base_after(r)


def rebase_three(r: GitBuilder) -> None:
    start(r)
    work(r, commits=3)
    move_base(r)
    r.cherry_pick("main..f")
    move_base_after(r)


def squash_unmoved(r: GitBuilder) -> None:
    start(r)
    work(r)
    r.squash("f", "Add f")


def squash_moved(r: GitBuilder) -> None:
    start(r)
    work(r)
    move_base(r)
    r.squash("f", "Add f")


def squash_edited_later(r: GitBuilder) -> None:
    squash_moved(r)
    r.commit("Polish", {"f.py": "one\ntwo\npolished\n"})


def squash_with_base_merged_in(r: GitBuilder) -> None:
    start(r)
    work(r)
    move_base(r)
    r.checkout("f").merge("main", message="Merge branch 'main' into f")
    r.commit("f: after", {"after.py": "after\n"})
    r.checkout("main").commit("Again", {"again.py": "again\n"})
    r.squash("f", "Add f (#9)")
    move_base_after(r)


def squash_by_hand(r: GitBuilder) -> None:
    start(r)
    work(r)
    r.commit("Clash", {"app.py": text(l5="FIVE")})
    r.commit("F: one (#12)", {"app.py": text(l5="five and FIVE"), "f.py": "one\ntwo\n"})


def squash_by_hand_titled(r: GitBuilder) -> None:
    start(r)
    work(r)
    r.commit("Clash", {"app.py": text(l5="FIVE")})
    body = "Add it (#12)\n\n* f: one\n\n* f: two\n"
    r.commit(body, {"app.py": text(l5="five and FIVE"), "f.py": "one\ntwo\n"})


def squash_by_hand_unnamed(r: GitBuilder) -> None:
    start(r)
    work(r)
    r.commit("Clash", {"app.py": text(l5="FIVE")})
    r.commit("Bring it in", {"app.py": text(l5="five and FIVE"), "f.py": "one\ntwo\n"})


def squash_listed(r: GitBuilder) -> None:
    start(r)
    work(r)
    r.commit("Clash", {"app.py": text(l5="FIVE")})
    ids = r.git("rev-list", "main..f").split()
    body = "\n\n".join(f"commit {i}\nAuthor: dev\n\n    f" for i in ids)
    r.commit(f"Squashed commit of the following:\n\n{body}", {"app.py": text(l5="5!"), "f.py": "one\ntwo\n"})


def pick_one_of_two(r: GitBuilder) -> None:
    start(r)
    work(r)
    move_base(r)
    r.cherry_pick("f~1")


def pick_second_of_two(r: GitBuilder) -> None:
    start(r)
    r.checkout("f", new=True)
    r.commit("f: one", {"f.py": "one\n"})
    r.commit("f: two", {"app.py": text(l5="five")})
    r.checkout("main").cherry_pick("f", trace=True)


def pick_all(r: GitBuilder) -> None:
    start(r)
    work(r)
    move_base(r)
    r.cherry_pick("main..f", trace=True)
    r.commit("Polish", {"f.py": "polished\n"})


# -- going on, going back


def continued_after_merge(r: GitBuilder) -> None:
    true_merge(r)
    r.checkout("f").commit("f: more", {"more.py": "more\n"})
    r.checkout("main")


def continued_after_squash(r: GitBuilder) -> None:
    squash_moved(r)
    r.checkout("f").commit("f: more", {"more.py": "more\n"})
    r.checkout("main")


def squashed_then_base_merged_back(r: GitBuilder) -> None:
    squash_moved(r)
    r.checkout("f").merge("main", message="Merge branch 'main' into f")
    r.checkout("main")
    move_base_after(r)


def continued_after_base_merged_back(r: GitBuilder) -> None:
    squashed_then_base_merged_back(r)
    r.checkout("f").commit("f: more", {"more.py": "more\n"})
    r.checkout("main")


def continued_and_landed(r: GitBuilder) -> None:
    continued_after_squash(r)
    r.squash("f", "Add more of f")
    move_base_after(r)


def reverted_merge(r: GitBuilder) -> None:
    true_merge(r)
    r.revert("HEAD", mainline=1)


def reverted_squash(r: GitBuilder) -> None:
    squash_moved(r)
    r.revert("HEAD")


def reverted_squash_on_github(r: GitBuilder) -> None:
    start(r)
    work(r)
    r.squash("f", "Add f (#3)")
    r.revert("HEAD", message='Revert "Add f (#3)" (#4)\n\nReverts owner/repo#3')


def reverted_in_other_words(r: GitBuilder) -> None:
    squash_unmoved(r)
    r.revert("HEAD", message="Back out the new thing for now")


def reverted_fast_forward(r: GitBuilder) -> None:
    start(r)
    work(r, commits=1)
    r.merge("f", ff=True)
    r.revert("HEAD")


def reverted_one_of_two(r: GitBuilder) -> None:
    true_merge(r)
    r.revert("f")


def revert_reverted(r: GitBuilder) -> None:
    reverted_merge(r)
    r.revert("HEAD")


def revert_of_squash_reverted(r: GitBuilder) -> None:
    reverted_squash(r)
    r.revert("HEAD")
    r.commit("Polish", {"f.py": "polished\n"})


def reverted_and_continued(r: GitBuilder) -> None:
    reverted_merge(r)
    r.checkout("f").commit("f: better", {"better.py": "b\n"})
    r.checkout("main")


# -- nothing of its own


def never_started(r: GitBuilder) -> None:
    start(r)
    r.branch("f")
    move_base(r)


def never_started_at_tip(r: GitBuilder) -> None:
    start(r)
    r.branch("f")


def recreated_empty(r: GitBuilder) -> None:
    true_merge(r)
    r.delete("f").branch("f")
    move_base_after(r)


def recreated_with_work(r: GitBuilder) -> None:
    true_merge(r)
    r.delete("f")
    r.checkout("f", new=True).commit("f: new life", {"new.py": "n\n"})
    r.checkout("main")


def empty_commits(r: GitBuilder) -> None:
    start(r)
    r.checkout("f", new=True).commit("Begin").strip()
    r.commit("Still nothing")
    r.checkout("main")
    move_base(r)


def only_base_merges(r: GitBuilder) -> None:
    start(r)
    r.checkout("f", new=True)
    r.checkout("main").commit("Move", {"m.py": "m\n"})
    r.checkout("f").merge("main", message="Merge branch 'main' into f")
    r.checkout("main").commit("Move on", {"n.py": "n\n"})


def cancelled(r: GitBuilder) -> None:
    start(r)
    r.checkout("f", new=True)
    r.commit("Try", {"try.py": "t\n"})
    r.commit("No", {"try.py": None})
    r.checkout("main")


# -- one on another


def stacked_child(r: GitBuilder) -> None:
    start(r)
    work(r, name="parent")
    r.checkout("f", new=True, at="parent").commit("f: own", {"own.py": "own\n"})
    r.checkout("main")
    move_base(r)
    r.squash("parent", "Add parent")


def stacked_child_later(r: GitBuilder) -> None:
    start(r)
    work(r, name="parent")
    move_base(r)
    r.squash("parent", "Add parent")
    r.checkout("f", new=True, at="parent").commit("f: own", {"own.py": "own\n"})
    r.checkout("main")


def stacked_parent(r: GitBuilder) -> None:
    start(r)
    work(r, name="f")
    r.checkout("child", new=True, at="f").commit("child: own", {"own.py": "own\n"})
    r.checkout("main")
    move_base(r)
    r.squash("f", "Add parent")


def parent_carried_by_child(r: GitBuilder) -> None:
    start(r)
    work(r, name="f")
    r.checkout("child", new=True, at="f").commit("child: own", {"f.py": "one\ntwo\nthree\n", "own.py": "own\n"})
    r.checkout("main").squash("child", "Add child")


def stacked_not_started(r: GitBuilder) -> None:
    start(r)
    work(r, name="parent")
    r.branch("f", "parent")


def stacked_not_started_merged(r: GitBuilder) -> None:
    start(r)
    work(r, name="parent")
    r.branch("f", "parent")
    r.merge("parent")


def superseded(r: GitBuilder) -> None:
    start(r)
    work(r)
    r.checkout("g", new=True, at="main").commit("g", {"app.py": text(l5="five"), "f.py": "one\ntwo\n", "g.py": "g\n"})
    r.checkout("main").merge("g")


def pulled_base(r: GitBuilder) -> None:
    """A pull of the base merges its remote twin: no branch landed, and old commits of it are no merged work."""
    start(r)
    r.branch("f")
    r.checkout("twin", new=True).commit("Theirs", {"t.py": "t\n"})
    r.checkout("main").commit("Ours", {"o.py": "o\n"})
    r.merge("twin", message="Merge branch 'main' of example.org:r")
    r.delete("twin")
    r.git("branch", "-f", "f", "HEAD^2")


def in_flight(r: GitBuilder) -> None:
    start(r)
    work(r)
    move_base(r)


def in_flight_same_files(r: GitBuilder) -> None:
    start(r)
    work(r)
    r.commit("Something else in the same files", {"app.py": text(l20="twenty"), "f.py": "quite different\n"})


def mode_only(r: GitBuilder) -> None:
    start(r)
    r.checkout("f", new=True)
    r.git("update-index", "--chmod=+x", "app.py")
    r.commit("Executable", add=False)
    r.git("checkout", "-q", "-f", "main")


# -- deleted


def deleted(build: Script) -> Script:
    def gone(r: GitBuilder) -> None:
        build(r)
        r.delete("f")

    return gone


SCENARIOS = (
    Scenario("true merge", true_merge, "landed", "merge-commit", 2),
    Scenario("GitHub merge", github_merge, "landed", "merge-commit", 2),
    Scenario("merge with other words", unnamed_merge, "landed", "merge-commit", 2),
    Scenario("merge that lost a parent", merge_that_lost_a_parent, "landed", "merge-subject", 9),
    Scenario("fast-forward", fast_forward, "landed", "fast-forward", 2, blind="unknown"),
    Scenario("fast-forward, base went on", fast_forward_then_more, "landed", "fast-forward", 2, blind="unknown"),
    Scenario("merged twice", merged_twice, "landed", "merge-commit", 2),
    Scenario("foxtrot", foxtrot, "landed", "fast-forward", 2),
    Scenario("release train", train, "landed", "merge-commit", 2),
    Scenario("octopus", octopus, "landed", "merge-commit", 2),
    Scenario("criss-cross", criss_cross, "landed", "squash", 4),
    Scenario("merged only into another branch", merged_only_into_another, "in-flight", "in-flight", 3),
    Scenario("base merged into it", base_merged_in, "in-flight", "in-flight", 3),
    Scenario("rebase of 1 commit", rebase_one, "landed", "rebase", 6),
    Scenario("rebase of 3 commits", rebase_three, "landed", "rebase", 6),
    Scenario("squash, base unmoved", squash_unmoved, "landed", "squash", 4),
    Scenario("squash, base moved", squash_moved, "landed", "squash", 6),
    Scenario("squash, file edited later", squash_edited_later, "landed", "squash", 6),
    Scenario("squash of a branch with base merged in", squash_with_base_merged_in, "landed", "squash", 4),
    Scenario("squash by hand, titled like its commit", squash_by_hand, "landed", "squash-subject", 9),
    Scenario("squash by hand, listing its commits", squash_by_hand_titled, "landed", "squash-subject", 9),
    Scenario("squash by hand, unnamed", squash_by_hand_unnamed, "unknown", "unknown", 6),
    Scenario("Squashed commit of the following", squash_listed, "landed", "squash-subject", 9),
    Scenario("cherry-pick of one of two", pick_one_of_two, "partial", "partial", 8),
    Scenario("cherry-pick of the second of two", pick_second_of_two, "partial", "partial", 8),
    Scenario("cherry-pick of all", pick_all, "landed", "cherry-pick", 9),
    Scenario("continued after merge", continued_after_merge, "in-flight", "in-flight", 2, reopened=True),
    Scenario("continued after squash", continued_after_squash, "in-flight", "in-flight", 8, reopened=True),
    Scenario("squashed, then base merged back", squashed_then_base_merged_back, "landed", "squash", 6),
    Scenario(
        "squashed, base merged back, continued",
        continued_after_base_merged_back,
        "in-flight",
        "in-flight",
        8,
        reopened=True,
    ),
    Scenario("continued after squash and squashed again", continued_and_landed, "landed", "squash", 6),
    Scenario("reverted merge", reverted_merge, "reverted", "reverted", 7),
    Scenario("reverted squash", reverted_squash, "reverted", "reverted", 7),
    Scenario("reverted squash on GitHub", reverted_squash_on_github, "reverted", "reverted", 7),
    Scenario("reverted in other words", reverted_in_other_words, "reverted", "reverted", 7),
    Scenario("reverted fast-forward", reverted_fast_forward, "reverted", "reverted", 7, blind="unknown"),
    Scenario("one of two commits reverted", reverted_one_of_two, "partial", "partial", 7),
    Scenario("revert reverted", revert_reverted, "landed", "merge-commit", 7),
    Scenario("revert of a squash reverted", revert_of_squash_reverted, "landed", "squash", 6),
    Scenario("reverted, then continued", reverted_and_continued, "in-flight", "in-flight", 2, reopened=True),
    Scenario("never started", never_started, "not-started", "not-started", 2, blind="unknown"),
    Scenario("never started, at the tip", never_started_at_tip, "not-started", "not-started", 2, blind="unknown"),
    Scenario("recreated empty", recreated_empty, "not-started", "not-started", 2, blind="unknown"),
    Scenario("recreated with new work", recreated_with_work, "in-flight", "in-flight", 3),
    Scenario("empty commits only", empty_commits, "not-started", "not-started", 3),
    Scenario("only merges of the base", only_base_merges, "not-started", "not-started", 3),
    Scenario("commits that cancel out", cancelled, "unknown", "unknown", 3),
    Scenario("stacked child of a squashed parent", stacked_child, "in-flight", "in-flight", 3),
    Scenario("stacked child, younger than the squash", stacked_child_later, "in-flight", "in-flight", 3),
    Scenario("stacked parent, squashed", stacked_parent, "landed", "squash", 6),
    Scenario("parent squashed with its child", parent_carried_by_child, "landed", "squash", 4, blind="unknown"),
    Scenario("stacked, not started", stacked_not_started, "not-started", "not-started", 1, blind="in-flight"),
    Scenario(
        "stacked, not started, parent merged",
        stacked_not_started_merged,
        "not-started",
        "not-started",
        2,
        blind="unknown",
    ),
    Scenario("superseded by another branch", superseded, "landed", "same-content", 4),
    Scenario("standing on a pulled commit of the base", pulled_base, "not-started", "not-started", 2, blind="unknown"),
    Scenario("in flight", in_flight, "in-flight", "in-flight", 3),
    Scenario("in flight, same files changed otherwise", in_flight_same_files, "in-flight", "in-flight", 3),
    Scenario("change of mode only", mode_only, "in-flight", "in-flight", 3),
    Scenario("deleted after a true merge", deleted(true_merge), "landed", "merge-subject", 10),
    Scenario("deleted after a GitHub merge", deleted(github_merge), "landed", "merge-subject", 10),
    Scenario("deleted after a fast-forward", deleted(fast_forward), "landed", "fast-forward", 10, blind="nothing"),
    Scenario("deleted after a squash", deleted(squash_moved), "nothing", "", 0),
    Scenario("deleted after a rebase", deleted(rebase_three), "nothing", "", 0),
    Scenario("deleted after a reverted merge", deleted(reverted_merge), "reverted", "reverted", 7),
    Scenario("deleted after a release train", deleted(train), "landed", "merge-subject", 10),
)

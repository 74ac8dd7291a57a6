"""Reading intent files: what people write by hand, and what they get wrong."""

from datetime import date
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from reconciler.coordination.intents import intent_of, read_intents
from reconciler.coordination.slugs import clean_id, slug_of, unused
from reconciler.model import DependencyText, Intent, Problem

PATH = ".swarm/queue/2026-01-18-fog-of-war.md"


def read(block: str, body: str = "", path: str = PATH) -> tuple[Intent, tuple[Problem, ...]]:
    return intent_of(path, f"---\n{block}\n---\n{body}".encode())


def queue(root: Path, **texts: str) -> Path:
    folder = root / ".swarm/queue"
    folder.mkdir(parents=True, exist_ok=True)
    for name, text in texts.items():
        (folder / f"2026-01-{name.replace('_', '-')}.md").write_text(text)
    return root / ".swarm"


def test_a_full_one() -> None:
    block = (
        "title: Fog of war\nid: Fog-of-War\ntype: Feature\npriority: p2\nstatus: shelved\nparent: map\n"
        "depends_on:\n  - turn-system\n  - id: tiles\n    type: informs\n    reason: same sprites\n"
        "conflicts: [lighting]\nunblocks: scouts, spies\ntags: [ui, map]\naliases: fow\nestimated_phases: 3\n"
        "reasons:\n  turn-system: needs its state\nmine: kept"
    )
    intent, problems = read(block, "\nLook at the tiles.\n")
    assert problems == ()
    assert intent == Intent(
        path=PATH,
        id=intent.id,
        title="Fog of war",
        type="feature",
        priority=2,
        decision="shelved",
        parent="map",
        tags=("ui", "map"),
        aliases=("fow",),
        dependencies=(
            DependencyText("turn-system", 9, "blocks", "frontmatter", False, "needs its state"),
            DependencyText("tiles", 10, "informs", "frontmatter", False, "same sprites"),
            DependencyText("lighting", 13, "conflicts", "frontmatter"),
            DependencyText("scouts", 14, "blocks", "frontmatter", True),
            DependencyText("spies", 14, "blocks", "frontmatter", True),
        ),
        estimated_phases=3,
        notes="Look at the tiles.",
        created=date(2026, 1, 18),
        blob=intent.blob,
    )
    assert intent.id == "fog-of-war"


def test_a_bare_one_takes_its_name_from_the_file() -> None:
    intent, problems = intent_of(PATH, b"# Fog of war #\n\nTiles.\n")
    assert (intent.id, intent.title, intent.created, problems) == (
        "fog-of-war",
        "Fog of war",
        date(2026, 1, 18),
        (),
    )


def test_without_a_title_there_is_none_to_overrule_the_documents() -> None:
    assert intent_of(PATH, b"")[0].title == ""


def test_blob_is_what_git_would_call_it() -> None:
    assert intent_of(PATH, b"hello\n")[0].blob == "ce013625030ba8dba906f756967f9e9ca394464a"


@pytest.mark.parametrize("word", ["none", "None", "~", "", "n/a", "[]", "[none]"])
def test_nothing_is_no_dependency(word: str) -> None:
    intent, problems = read(f"depends_on: {word}\nparent: {word if word[:1] != '[' else 'none'}")
    assert (intent.dependencies, intent.parent, problems) == ((), "", ())


@pytest.mark.parametrize("key", ["depends-on", "Depends On", "dependencies", "blocked_by", "requires"])
def test_spellings_of_a_dependency(key: str) -> None:
    (dependency,) = read(f"{key}: a")[0].dependencies
    assert (dependency.text, dependency.relation, dependency.reverse) == ("a", "blocks", False)


@pytest.mark.parametrize(
    ("status", "decision", "claim"),
    [
        ("shelved", "shelved", ""),
        ("Abandoned", "abandoned", ""),
        ("In Progress!", "", "in-progress"),
        ("", "", ""),
    ],
)
def test_only_a_decision_decides(status: str, decision: str, claim: str) -> None:
    intent, _ = read(f"status: {status}")
    assert (intent.decision, intent.claim) == (decision, claim)


@pytest.mark.parametrize(
    ("block", "line", "says"),
    [
        ("a: 1\npriority: 9", 3, "priority must be a number from 1 to 5, not '9'"),
        ("priority: high", 2, "priority must be a number from 1 to 5, not 'high'"),
        ("estimated_phases: -1", 2, "estimated_phases must be a number from 0 to 999, not '-1'"),
        ("title: [a, b]", 2, "title must be text, not a list"),
        ("a: 1\nb: *x", 3, "the front matter uses an alias (*), which is not read"),
    ],
)
def test_mistakes_are_said_with_their_line(block: str, line: int, says: str) -> None:
    intent, problems = read(block)
    assert [(p.path, p.line, p.message) for p in problems] == [(PATH, line, says)]
    assert (intent.id, intent.priority, intent.estimated_phases) == ("fog-of-war", None, None)


def test_a_date_that_is_none() -> None:
    intent, (problem,) = intent_of(".swarm/queue/2026-13-45-x.md", b"")
    assert (intent.created, intent.id) == (None, "x")
    assert "2026-13-45" in problem.message


@pytest.mark.parametrize(
    ("written", "id"),
    [
        ("A B/C", "a-b/c"),
        ("../../etc", "etc"),
        ("/x//y/", "x/y"),
        ("日本", "日本"),
        ("a&b", "a&b"),
        ("...", "fog-of-war"),
    ],
)
def test_ids_by_hand(written: str, id: str) -> None:
    assert read(f"id: {written!r}")[0].id == id


def test_one_bad_file_hides_no_other(tmp_path: Path) -> None:
    target = queue(
        tmp_path,
        **{"01_a": "---\ntitle: A\n---\n", "02_b": "---\nx: *y\n---\n", "03_c": "---\ntitle: C\n---\n"},
    )
    (target / "queue/2026-01-04-d.md").symlink_to("/etc/passwd")
    (target / "queue/2026-01-05-e.md").mkdir()
    (target / "queue/2026-01-06-f.md").write_bytes(b"x" * 300_000)
    (target / "queue/2026-01-07-g.md").write_bytes(b"\xff\xfe")
    for name in ("README.md", "template.md", "_draft.md", ".hidden.md", "notes.txt"):
        (target / "queue" / name).write_text("x")
    intents, problems = read_intents(target)
    assert [(intent.id, intent.title) for intent in intents] == [("a", "A"), ("b", ""), ("c", "C"), ("g", "")]
    assert [(problem.code, problem.path.rpartition("-")[2]) for problem in problems] == [
        ("bad-frontmatter", "b.md"),
        ("unreadable", "d.md"),
        ("unreadable", "e.md"),
        ("unreadable", "f.md"),
        ("not-utf8", "g.md"),
    ]


def test_no_queue_and_a_queue_elsewhere(tmp_path: Path) -> None:
    assert read_intents(tmp_path / ".swarm") == ((), ())
    (tmp_path / ".swarm").mkdir()
    (tmp_path / ".swarm/queue").symlink_to("/etc")
    intents, (problem,) = read_intents(tmp_path / ".swarm")
    assert (intents, problem.path) == ((), ".swarm/queue")
    assert "symbolic link" in problem.message


def test_of_two_with_one_id_the_first_counts(tmp_path: Path) -> None:
    target = queue(tmp_path, **{"01_a": "---\nid: x\n---\n", "02_b": "---\nid: X\n---\n"})
    (intent,), (problem,) = read_intents(target)
    assert intent.path == ".swarm/queue/2026-01-01-a.md"
    assert (problem.code, problem.path) == ("duplicate-intent", ".swarm/queue/2026-01-02-b.md")
    assert "2026-01-01-a.md" in problem.message


@given(st.binary(max_size=120) | st.text(max_size=80).map(lambda t: f"---\n{t}\n---\n".encode("utf-8", "replace")))
def test_any_bytes_give_an_intent(data: bytes) -> None:
    intent, problems = intent_of(PATH, data)
    assert intent.id
    assert "\n" not in intent.title + intent.id
    assert all("\x1b" not in problem.message for problem in problems)


# -- names


@pytest.mark.parametrize(
    ("title", "slug"),
    [
        ("Fog of war!", "fog-of-war"),
        ("  Ünïcode & Straße ", "unicode-and-strasse"),
        ("Łódź øre", "lodz-ore"),
        ("2026-01-18-turn-system", "turn-system"),
        ("42", "idea-42"),
        ("--- : #", "idea"),
        ("README", "idea-readme"),
        ("日本語", "idea-77710a"),
        ("v2 日本語", "v2-" + "0" * 6),
        ("one two " * 20, "one-two-one-two-one-two-one-two-one-two-one-two-one-two-one"),
    ],
)
def test_slugs(title: str, slug: str) -> None:
    made = slug_of(title)
    assert made == slug or (not title.isascii() and made[:-6] == slug[:-6])


def test_titles_in_another_script_stay_apart() -> None:
    assert len({slug_of(title) for title in ("日本語", "日本", "계획", "خطة", "план")}) == 5


@given(st.text(max_size=200))
def test_a_slug_is_a_file_name_and_an_id(title: str) -> None:
    slug = slug_of(title)
    assert slug == clean_id(slug)
    assert slug.isascii() and len(slug) <= 70 and not slug.startswith("-") and "/" not in slug


def test_the_first_free_name() -> None:
    assert unused("a", {"a", "a-2", "a-4"}) == "a-3"
    assert unused("a", set()) == "a"

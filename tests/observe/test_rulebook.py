"""The built-in rules, and rows that a repository adds, replaces or gets wrong."""

from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from reconciler.observe.matching import match_path
from reconciler.observe.rulebook import load_rulebook, with_branch_patterns
from reconciler.observe.templates import TemplateError, compile_globs, compile_phrases, compile_template
from reconciler.observe.words import claim_of
from reconciler.policy import Rulebook, fold_phrase


def with_rules(folder: Path, **files: str) -> Rulebook:
    for name, text in files.items():
        (folder / f"{name}.toml").write_text(text, "utf-8")
    return load_rulebook(overrides=folder)


def said(rulebook: Rulebook) -> list[str]:
    return [problem.message for problem in rulebook.problems]


def test_the_built_in_rules_are_right() -> None:
    rules = load_rulebook()
    assert rules.problems == ()
    assert next(state.name for state in rules.states) == "merged"
    assert {"swarm", "thoughts", "spec-kit", "openspec", "kiro", "gsd", "backlog"} <= {r.id for r in rules.layouts}
    assert rules.digest == load_rulebook().digest


def test_a_missing_folder_of_own_rules_is_no_mistake(tmp_path: Path) -> None:
    assert load_rulebook(overrides=tmp_path / "none").digest == load_rulebook().digest


def test_a_layout_is_added(tmp_path: Path) -> None:
    rules = with_rules(
        tmp_path,
        layouts="""
        [[layout]]
        id = "house"
        roots = ["work/plans"]
        files = [{ path = "{date}-{slug}.md", kind = "plan", stage = "plan" }]
        """,
    )
    assert rules.problems == ()
    match = match_path(rules, "work/plans/2026-03-02-a.md")
    assert match is not None
    assert (match.layout, match.slug) == ("house", "a")
    assert match_path(rules, ".swarm/plans/2026-03-02-a.md") is not None
    assert rules.digest != load_rulebook().digest


def test_keys_of_a_known_layout_are_replaced_and_a_row_is_put_before_another(tmp_path: Path) -> None:
    rules = with_rules(tmp_path, layouts='[[layout]]\nid = "thoughts"\nroots = ["notes"]\nbefore = "swarm"\n')
    assert rules.layouts[0].id == "thoughts"
    match = match_path(rules, "notes/shared/plans/2026-03-02-a.md")
    assert match is not None and match.layout == "thoughts"
    before = match_path(rules, "thoughts/shared/plans/2026-03-02-a.md")
    assert before is not None and before.layout == "generic"


def test_a_row_is_switched_off(tmp_path: Path) -> None:
    rules = with_rules(tmp_path, layouts='[[layout]]\nid = "generic"\noff = true\n')
    assert "generic" not in {layout.id for layout in rules.layouts}


def test_all_mistakes_are_told_in_one_go_and_the_built_in_rows_stay(tmp_path: Path) -> None:
    rules = with_rules(
        tmp_path,
        layouts="""
        [[layout]]
        id = "swarm"
        root = ["x"]
        files = [{ path = "plans/{slugg}.md", kind = "plan", stage = "plann" }]
        [[layout]]
        roots = ["y"]
        [branch]
        """,
        drift='[[drift]]\nid = "claims-done-unmerged"\nwhen = { al = ["x"] }\nsay = 3\n',
        lifecycle='[[state]]\nname = "ready"\nopen = "yes"\n',
    )
    text = "\n".join(said(rules))
    for part in (
        "layout swarm: root: no such key; nearest is roots",
        "unknown placeholder {slugg}",
        "stage: expected one of research, plan",
        "layout 2: id: expected text",
        "branch: no such key; nearest is branches",
        "drift claims-done-unmerged: when.al: no such key; nearest is all",
        "drift claims-done-unmerged: say: expected text",
        "state ready: open: expected true or false",
    ):
        assert part in text
    assert {problem.path for problem in rules.problems} == {
        ".swarm/rules/layouts.toml", ".swarm/rules/drift.toml", ".swarm/rules/lifecycle.toml",
    }  # fmt: skip
    plain = load_rulebook()
    assert (rules.states, rules.drift) == (plain.states, plain.drift)
    assert [layout.roots for layout in rules.layouts] == [layout.roots for layout in plain.layouts]


def test_a_rule_inside_a_state_is_added(tmp_path: Path) -> None:
    rules = with_rules(
        tmp_path, lifecycle='[[state]]\nname = "ready"\n[[state.rule]]\nid = "mine"\nwhen = { all = ["plan"] }\n'
    )
    assert rules.problems == ()
    ready = next(state for state in rules.states if state.name == "ready")
    built_in = next(state for state in load_rulebook().states if state.name == "ready")
    assert [rule.id for rule in ready.rules] == [*(rule.id for rule in built_in.rules), "mine"]
    assert ready.meaning == built_in.meaning


def test_words_and_branches_are_extended(tmp_path: Path) -> None:
    rules = with_rules(
        tmp_path,
        words='[[word]]\nid = "done"\nclaim = "done"\nstart = ["erledigt"]\n[fields]\nstatus = ["Stand"]\nx = ["y"]\n',
        layouts='[branches]\nslug = ["topic/{slug}"]\nignore = ["attic/**"]\n',
    )
    assert rules.problems == ()
    assert claim_of("Erledigt am 3.", rules.words, stage="plan") == "done"
    assert claim_of("Done", rules.words, stage="plan") == "done"
    assert (rules.words.fields["stand"], rules.words.fields["y"]) == ("status", "x")
    assert any(pattern.fullmatch("attic/old") for pattern in rules.branches.ignore)
    assert next(m["slug"] for p in rules.branches.slug if (m := p.fullmatch("topic/a-b"))) == "a-b"


def test_wrong_lists_are_refused_alone(tmp_path: Path) -> None:
    rules = with_rules(
        tmp_path,
        words='[nothing]\nphrases = "no"\nphrase = ["x"]\n[translate]\nplann = { a = "b" }\nplan = 3\n',
        layouts='[branches]\nslug = ["topic/*", "[[x]{slug}"]\nignored = ["x"]\n',
    )
    assert len(said(rules)) == 6
    assert "nothing.phrases: expected a list of texts" in said(rules)
    assert rules.words.fields == load_rulebook().words.fields


@pytest.mark.parametrize(
    ("content", "expected", "line"),
    [
        (b"[[layout]\nid = 1", "not TOML", 1),
        (b"a = 1\nb = \n", "not TOML", 2),
        (b"\n\n# \xff\n", "not UTF-8", 3),
        (b"# " + b"x" * 70_000, "larger than 64 kB", 0),
        (b"a = " + b"[" * 20_000, "not TOML", 0),
        (b"layout = 3", "layout: expected a list of tables", 0),
        (b"layout = [1]", "layout: expected a list of tables", 0),
    ],
)
def test_files_that_cannot_be_used(tmp_path: Path, content: bytes, expected: str, line: int) -> None:
    (tmp_path / "layouts.toml").write_bytes(content)
    rules = load_rulebook(overrides=tmp_path)
    (problem,) = rules.problems
    assert problem.message.startswith(expected)
    assert (problem.path, problem.line, problem.severity) == (".swarm/rules/layouts.toml", line, "error")
    assert len(rules.layouts) == len(load_rulebook().layouts)


def test_a_folder_or_a_link_in_place_of_a_rule_file(tmp_path: Path) -> None:
    (tmp_path / "drift.toml").mkdir()
    (tmp_path / "words.toml").symlink_to("/etc/passwd")
    assert len(load_rulebook(overrides=tmp_path).problems) == 2


def test_control_characters_of_a_rule_file_do_not_reach_messages(tmp_path: Path) -> None:
    rules = with_rules(tmp_path, layouts='[[layout]]\nid = "\\u001b[31mx"\nroots = [3]\n"a\\u202eb" = 1\n')
    assert rules.problems
    assert all(message.isprintable() for message in said(rules))


# -- templates


@pytest.mark.parametrize(
    ("template", "path", "groups"),
    [
        ("plans/{date}-{slug}.md", "plans/2026-01-02-a-b.md", {"date": "2026-01-02", "slug": "a-b"}),
        ("{number}-{slug}/**.md", "007-a/b/c.md", {"number": "007", "slug": "a"}),
        ("[{date}-]{slug}/x.md", "a/x.md", {"date": None, "slug": "a"}),
        ("**/plans/{slug}.md", "plans/a.md", {"slug": "a"}),
        ("**/plans/{slug}.md", "a/b/plans/C.MD", {"slug": "C"}),
        ("{slug}.(x)+.md", "a.(x)+.md", {"slug": "a"}),
    ],
)
def test_templates(template: str, path: str, groups: dict[str, str | None]) -> None:
    match = compile_template(template).fullmatch(path)
    assert match is not None
    assert match.groupdict() == groups


@pytest.mark.parametrize(
    "template", ["", "{x}", "{slug}{slug}", "a[b", "a]b", "[[a]]", "{", "a{", "**/**/**/*", "x" * 300, "a\nb", "{SLUG}"]
)
def test_templates_that_are_refused(template: str) -> None:
    with pytest.raises(TemplateError):
        compile_template(template)


@given(st.text(max_size=30), st.text(max_size=30))
def test_any_template_is_refused_or_matches_without_an_error(template: str, path: str) -> None:
    try:
        pattern = compile_template(template)
        globs = compile_globs([template])
    except TemplateError:
        return
    pattern.fullmatch(path)
    assert globs is not None
    globs.fullmatch(path)


@given(st.text(max_size=20), st.text(max_size=40))
def test_any_phrase_is_refused_or_looked_for(phrase: str, text: str) -> None:
    try:
        phrases = compile_phrases([phrase])
    except TemplateError:
        return
    phrases.begin(fold_phrase(text))
    phrases.within(fold_phrase(text))
    if "*" not in phrase and "#" not in phrase:
        assert phrases.begin(fold_phrase(phrase))
        assert phrases.within(fold_phrase(phrase))


def test_globs_hold_for_the_whole_text_only() -> None:
    globs = compile_globs(["release/**", "main"])
    assert globs is not None
    assert [bool(globs.search(name)) for name in ("main", "release/1/2", "maintenance", "my/main")] == [
        True, True, False, False,
    ]  # fmt: skip


def test_branch_patterns_of_a_configuration_come_first_and_bad_ones_are_told() -> None:
    rules = with_branch_patterns(load_rulebook(), ("team-{any}/{slug}", "no-slug/{date}", "{nonsense}/{slug}"))
    match = rules.branches.slug[0].fullmatch("team-red/fog-of-war")
    assert match is not None and match["slug"] == "fog-of-war"
    assert [p.code for p in rules.problems] == ["bad-config", "bad-config"]
    assert len(rules.branches.slug) == len(load_rulebook().branches.slug) + 1

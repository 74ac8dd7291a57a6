"""``swarm check`` on a whole repository in which much is wrong: what it prints, and how it ends."""

import json
from pathlib import Path

import pytest

from reconciler.publish.schemas import schema
from tests.coordination.commands import World
from tests.gitrepo import GitBuilder

PLAN = "# {title}\n\n{head}\n\n## Phase 1: Build\n\n- [ ] Create `src/{name}.py`\n"


def plan(name: str, *head: str) -> str:
    return PLAN.format(title=name.replace("-", " ").title(), name=name, head="\n".join(head))


@pytest.fixture
def clean(tmp_path: Path) -> World:
    """A repository with one plan and nothing to find."""
    world = World(tmp_path / "r")
    world.write("src/app.py", "app = 1\n").write(".swarm/plans/2026-03-01-pond.md", plan("pond"))
    world.commit("Begin")
    return world


@pytest.fixture
def messy(clean: World) -> World:
    """The same with one mistake of each kind that files and branches can show."""
    for path, text in {
        ".swarm/plans/2026-03-01-gate.md": plan("gate", "**Research**: ./../research/2026-02-01-gone.md"),
        ".swarm/plans/2026-03-01-fence.md": plan("fence", "**Status**: Done"),
        ".swarm/plans/2026-03-01-hen.md": "---\ndepends_on: [egg]\n---\n" + plan("hen"),
        ".swarm/plans/2026-03-01-egg.md": "---\ndepends_on: [hen, dodo]\n---\n" + plan("egg"),
        ".swarm/plans/2025-03-02-mole.md": plan("mole"),
        ".swarm/plans/2026-02-30-newt.md": plan("newt"),
        ".swarm/plans/toad.md": plan("toad"),
        ".swarm/plans/2026-03-01-vole.txt": "no Markdown\n",
        ".swarm/plan/2026-03-01-wren.md": plan("wren"),
        ".swarm/reviews/2026-03-01-who-was-it.md": "# Review of something\n",
        ".swarm/research/2026-03-01-bees.md": "# How bees fly home\n",
        ".swarm/research/2026-03-02-wasps.md": "# How bees fly home\n",
        ".swarm/plans/2026-03-01-broken.md": "---\nstatus: [open\n---\n# Broken\n",
    }.items():
        clean.write(path, text)
    clean.commit("Write much down")
    for name in ("pond", "gate"):
        clean.checkout(f"feature/{name}", new=True, at="main").write("src/app.py", f"app = '{name}'\n")
        clean.commit(f"Build the {name}")
    clean.checkout("main").checkout("feature/mole", new=True).write("src/mole.py", "mole = 1\n").commit(
        "Build the mole"
    )
    clean.checkout("main").merge("feature/mole")
    clean.worktree(clean.path.parent / "left", "feature/mole")
    clean.branch("feature/toad").checkout("feature/toad").write("src/toad.py", "t = 1\n").commit("Build the toad")
    clean.checkout("main").squash("feature/toad", "Toads")
    return clean


EXPECTED = """\
.swarm/plans/2026-03-01-egg.md:2: error: egg waits for itself: egg -> hen -> egg [cycle]
.swarm/plans/2026-03-01-broken.md:3: warning: {broken} [bad-frontmatter]
.swarm/plans/2026-03-01-egg.md:2: warning: blocks "dodo" names no workstream [unknown-dependency]
.swarm/plans/2026-03-01-fence.md:3: warning: fence: plan says "Done", not merged [claims-done-unmerged]
src/app.py: warning: gate and pond both change src/app.py [conflict]
.swarm/reviews/2026-03-01-who-was-it.md: warning: this review belongs to no plan, specification or research [orphan]
.swarm/plans/2026-03-01-gate.md:3: warning: **Research** names ./../research/2026-02-01-gone.md, which does not exist [dangling-link]
.swarm/research/2026-03-02-wasps.md: warning: the same title as .swarm/research/2026-03-01-bees.md, and no plan follows from either [duplicate-research]
.swarm/plans/2026-02-30-newt.md: warning: 2026-02-30 is no day of the calendar [no-such-day]
.swarm/plans/2025-03-02-mole.md: warning: the name says 2025-03-02, but it was first committed on 2026-03-02 [wrong-date]
.swarm/plans/2026-03-01-vole.txt: warning: lies among plan documents, but is not read as one [unread-file]
.swarm/plan/2026-03-01-wren.md: warning: is named like a document, but its folder is none of those that are read [misplaced-file]
warning: worktree left is still there, but mole is merged [leftover-worktree]
.swarm/plans/toad.md: info: no date in its name: YYYY-MM-DD-toad.md [undated]
info: branch feature/toad has landed and is kept [leftover-branch]
"""  # noqa: E501  (a line is a finding)


def test_each_mistake_is_one_line(messy: World) -> None:
    said = messy.swarm("check")
    lines = said.out.splitlines()
    broken = next(line.split(": warning: ")[1].rsplit(" [")[0] for line in lines if "2026-03-01-broken.md" in line)
    assert lines == EXPECTED.format(broken=broken).splitlines()
    assert said.code == 1
    assert "1 error, 12 warnings and 2 remarks; " in said.err


def test_nothing_found_is_said_and_ends_with_0(clean: World) -> None:
    said = clean.swarm("check")
    assert (said.code, said.out) == (0, "")
    assert said.err == "nothing found; 1 workstream, 1 document\n"


def test_remarks_count_only_when_it_is_strict(clean: World) -> None:
    clean.git("mv", ".swarm/plans/2026-03-01-pond.md", ".swarm/plans/pond.md")
    clean.commit("Rename")
    assert clean.swarm("check").code == 0
    assert clean.swarm("check", "--strict").code == 1


def test_many_remarks_are_one_line_until_asked_for(clean: World) -> None:
    for number in range(5):
        clean.checkout(f"side-{number}", new=True).write(f"src/{number}.py", "x = 1\n").commit(f"Side {number}")
        clean.checkout("main").merge(f"side-{number}")
    said = clean.swarm("check").out
    assert said == "info: 5 branches have landed and are kept: side-0, side-1, side-2 and 2 more [leftover-branch]\n"
    assert len(clean.swarm("check", "--all").out.splitlines()) == 5
    assert len(clean.swarm("check", "--strict").out.splitlines()) == 5
    assert len(clean.swarm("check", "--json").json["findings"]) == 5


def test_json_fits_its_schema(messy: World) -> None:
    jsonschema = pytest.importorskip("jsonschema")
    answer = messy.swarm("check", "--json").json
    jsonschema.validate(answer, schema("check"))
    assert answer["counts"] == {"error": 1, "warning": 12, "info": 2}
    assert messy.swarm("check", "--format", "json").json == answer
    hints = [one["hint"] for one in answer["findings"]]
    assert all(hint and hint.startswith(("swarm ", "git ")) for hint in hints)
    assert "git branch -D feature/toad" in hints


def test_every_row_of_drift_and_leftovers_can_be_switched_off(messy: World) -> None:
    rows = "".join(f'[[check]]\nid = "{name}"\noff = true\n' for name in ("drift", "conflict", "undated"))
    messy.write(".swarm/rules/checks.toml", rows)
    found = {one["id"] for one in messy.swarm("check", "--json").json["findings"]}
    assert not found & {"claims-done-unmerged", "conflict", "undated"}
    assert "orphan" in found


def test_a_severity_of_our_own(messy: World) -> None:
    messy.write(".swarm/rules/checks.toml", '[[check]]\nid = "undated"\nseverity = "error"\n')
    found = messy.swarm("check", "--json").json["findings"]
    assert [one["severity"] for one in found if one["id"] == "undated"] == ["error"]
    messy.write(".swarm/rules/checks.toml", '[[check]]\nid = "undated"\nseverity = "fatal"\n')
    found = messy.swarm("check", "--json").json["findings"]
    assert any(one["id"] == "bad-rule" and "severity" in one["text"] for one in found)
    assert [one["severity"] for one in found if one["id"] == "undated"] == ["info"]


def test_a_linked_document_that_git_ignores_is_there(clean: World) -> None:
    clean.write(".gitignore", "/notes/\n").write("notes/private.md", "mine\n")
    clean.write(".swarm/plans/2026-03-01-well.md", plan("well", "**Research**: notes/private.md"))
    clean.commit("A private note")
    assert clean.swarm("check").out == ""
    clean.remove("notes/private.md")
    assert "[dangling-link]" in clean.swarm("check").out


def test_it_writes_nothing(messy: World) -> None:
    before = traces(messy)
    for form in ("text", "json", "github", "sarif"):
        messy.swarm("check", "--format", form)
    assert traces(messy) == before


def traces(world: World) -> tuple[str, str, list[Path]]:
    """What git and the disk show, without what git keeps for itself and swarm for its cache."""
    files = sorted(p for p in world.path.rglob("*") if ".git" not in p.parts)
    return world.git("status", "--porcelain", "--ignored"), world.git("for-each-ref"), files


def test_hostile_names_stay_on_their_line(clean: World) -> None:
    clean.write(".swarm/plans/2026-02-31-a\nb%::error ::x.md", "# Name\n")
    clean.write(".swarm/plans/2026-02-31-\x1b[31mred, $(touch x) 'q'.md", "# Red\n")
    clean.write(".swarm/plans/2026-02-31-{path} {command}.md", "# Braces\n")
    clean.commit("Names")
    said = clean.swarm("check")
    assert len(said.out.splitlines()) == 3
    assert "\x1b" not in said.out
    lines = clean.swarm("check", "--format", "github").out.splitlines()
    assert len(lines) == 3
    assert all(line.startswith("::warning file=.swarm/plans/2026-02-31-") for line in lines)
    log = json.loads(clean.swarm("check", "--format", "sarif").out)
    uris = [r["locations"][0]["physicalLocation"]["artifactLocation"]["uri"] for r in log["runs"][0]["results"]]
    assert ".swarm/plans/2026-02-31-a%0Ab%25%3A%3Aerror%20%3A%3Ax.md" in uris


def test_a_shallow_clone_says_so(messy: World, tmp_path: Path) -> None:
    copy: GitBuilder = messy.clone(tmp_path / "copy", "--depth", "1")
    said = World(copy.path, init=False).swarm("check", "--json").json["findings"]
    assert [one["hint"] for one in said if one["id"] == "shallow"] == ["git fetch --unshallow"]


def test_it_is_the_same_from_a_linked_work_tree(messy: World) -> None:
    assert messy.swarm("check", at=messy.path.parent / "left").out == messy.swarm("check").out

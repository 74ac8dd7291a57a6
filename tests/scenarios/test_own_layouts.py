"""A team's own layout, through the command line; the page that explains it is the example."""

import json
import re
from pathlib import Path
from typing import Any

import pytest

from reconciler.cli.app import run
from tests.gitrepo import GitBuilder

PAGE = (Path(__file__).parents[2] / "docs/how-to/layouts.md").read_text("utf-8")
EXAMPLES = dict(re.findall(r"^```toml\n# (\.swarm/\S+)\n(.*?)^```$", PAGE, re.MULTILINE | re.DOTALL))
RULES, CONFIG = ".swarm/rules/layouts.toml", ".swarm/config.toml"
Capture = pytest.CaptureFixture[str]


@pytest.fixture
def repo(tmp_path: Path) -> GitBuilder:
    """A repository that plans in RFCs, and once planned in OpenSpec and in .claude/plans."""
    builder = GitBuilder(tmp_path / "r")
    builder.write("rfcs/0007-lifts/rfc.md", "# RFC: Lifts\n\n**Status**: Draft\n\n## Depends on\n\n- 0008-stairs\n")
    builder.write("rfcs/0007-lifts/steps.md", "# Steps\n\n- [x] a shaft\n- [ ] a cabin\n")
    builder.write("rfcs/0007-lifts/talk/monday.md", "# Monday\n")
    builder.write("rfcs/0008-stairs/rfc.md", "# RFC: Stairs\n\n**Status**: Draft\n")
    builder.write("rfcs/0008-stairs/README.md", "# Read me\n")
    builder.write("rfcs/accepted/0006-doors/rfc.md", "# RFC: Doors\n")
    builder.write("openspec/changes/add-roof/proposal.md", "## Why\nRain.\n")
    builder.write("openspec/changes/sandbox/proposal.md", "## Why\nTo try.\n")
    builder.write(".claude/plans/windows.md", "# Plan: Windows\n")
    builder.commit("Plans")
    return builder


def look(repo: GitBuilder, capsys: Capture, *, code: int = 0) -> dict[str, Any]:
    assert run(["-C", str(repo.path), "status", "--all", "--json"]) == code
    return {row["id"]: row for row in json.loads(capsys.readouterr().out)["workstreams"]}


def said(repo: GitBuilder, capsys: Capture, command: str, *, code: int = 0) -> str:
    assert run(["-C", str(repo.path), command]) == code
    out, err = capsys.readouterr()
    return out + err


def test_without_it_nobody_knows_rfcs(repo: GitBuilder, capsys: Capture) -> None:
    assert sorted(look(repo, capsys)) == ["add-roof", "sandbox", "windows"]


def test_the_layout_of_the_page(repo: GitBuilder, capsys: Capture) -> None:
    repo.write(RULES, EXAMPLES[RULES]).write(CONFIG, EXAMPLES[CONFIG])
    rows = look(repo, capsys)
    assert sorted(rows) == ["0006-doors", "0007-lifts", "0008-stairs", "add-roof"]
    lifts = rows["0007-lifts"]
    assert (lifts["title"], lifts["status"], lifts["tasks"]) == ("RFC: Lifts", "ready", {"done": 1, "total": 2})
    assert (lifts["dependencies"], len(lifts["documents"])) == (["0008-stairs"], 3)
    assert (rows["0008-stairs"]["status"], rows["0006-doors"]["status"]) == ("planning", "abandoned")
    text = said(repo, capsys, "doctor")
    assert "rfcs (rfcs/ of our team)" in text
    assert "openspec (openspec/changes/ of OpenSpec)" in text
    assert "claude-plans" not in text
    assert "Everything could be read." in text


def test_a_row_replaces_what_it_names_and_takes_away(repo: GitBuilder, capsys: Capture) -> None:
    text = '[[layout]]\nid = "openspec"\nroots = ["rfcs"]\n\n[[layout]]\nid = "claude-plans"\noff = true\n'
    repo.write(RULES, text)
    assert sorted(look(repo, capsys)) == []
    repo.write("rfcs/changes/add-cellar/proposal.md", "## Why\nWine.\n").commit("A change")
    assert sorted(look(repo, capsys)) == ["add-cellar"]


@pytest.mark.parametrize(
    ("old", "new", "expected"),
    [
        ('stage = "plan"', 'stage = "planing"', "layout rfcs: files 2, stage: expected one of research, plan,"),
        ("{slug}/rfc.md", "{name}/rfc.md", "layout rfcs: files 1, path: expected a template with {slug}"),
        ("{slug}/rfc.md", "{slugg}/rfc.md", "files 1, path: expected a usable template: unknown placeholder {slugg}"),
        ('roots = ["rfcs"]', 'root = ["rfcs"]', "layout rfcs: root: no such key; nearest is roots"),
        ('roots = ["rfcs"]', 'roots = ["../rfcs"]', "layout rfcs: roots: expected folders relative to the repository"),
        ('roots = ["rfcs"]', "roots = 7", "layout rfcs: roots: expected"),
        ('id = "rfcs"', "id = 7", "layout 1: id: expected text"),
        ("files = [", "files = [ 3,", "files"),
        ("[[layout]]", "[[layouts]]", "layouts: no such key; nearest is layout"),
        ('title = "', 'title = """', "not TOML, the file is not used"),
    ],
)
def test_a_wrong_one_is_refused(repo: GitBuilder, capsys: Capture, old: str, new: str, expected: str) -> None:
    assert old in EXAMPLES[RULES]
    repo.write(RULES, EXAMPLES[RULES].replace(old, new, 1))
    assert sorted(look(repo, capsys)) == ["add-roof", "sandbox", "windows"]
    for command, code in (("doctor", 0), ("check", 1)):
        text = said(repo, capsys, command, code=code)
        assert expected in text
        assert RULES in text
        assert "no such key; known are path" not in text  # a mistake is not told twice


def test_an_unknown_layout_in_the_configuration_is_named(repo: GitBuilder, capsys: Capture) -> None:
    repo.write(CONFIG, 'layouts = ["openspeck"]\n')
    assert "layouts: 'openspeck': no such layout; nearest is openspec" in said(repo, capsys, "doctor")


def test_layouts_that_are_found_are_listed(repo: GitBuilder, capsys: Capture) -> None:
    text = said(repo, capsys, "doctor")
    assert "claude-plans (.claude/plans/)" in text
    assert "openspec (openspec/changes/ of OpenSpec)" in text

"""What several share or somebody edits: AGENTS.md, skills, links in a repository, hosts beside each other, memory."""

import json
from pathlib import Path

import pytest

from reconciler.hosts.installs import blocks
from reconciler.hosts.installs.rows import load_rows
from tests.gitrepo import GitBuilder
from tests.hosts.install.world import HOSTS, Desk, desk

SKILL = ".claude/skills/claim-work/SKILL.md"


def said(at: Desk, name: str) -> str:
    return (at.repo.path / name).read_bytes().decode()


@pytest.mark.parametrize("text", ["# Mine\n", "# Mine", "# Mine\r\n\r\ntext\r\n", "", "\n", "\ufeff# Mine\n\n\n"])
def test_agents_md_gets_one_block_and_gives_it_back(tmp_path: Path, text: str) -> None:
    at = desk(tmp_path)
    at.repo.write("AGENTS.md", text)
    before = at.picture()
    assert at.swarm("install", "codex").code == 0
    now = said(at, "AGENTS.md")
    assert now.startswith(text)
    assert [block.said for block in blocks.find(now)] == [load_rows().block]
    assert ("\r\n" in now) == ("\r\n" in text)
    assert now.count("\n") == now.count("\r\n") or "\r\n" not in now
    assert at.swarm("install", "codex").out == "nothing to do\n"
    (at.repo.path / "AGENTS.md").write_bytes((now + now).encode())
    assert at.swarm("install", "codex").code == 0
    assert len(blocks.find(said(at, "AGENTS.md"))) == 1
    (at.repo.path / "AGENTS.md").write_bytes(now.encode())
    assert at.swarm("uninstall", "codex").code == 0
    assert at.picture() == before


def test_a_block_between_words_of_others_goes_alone(tmp_path: Path) -> None:
    at = desk(tmp_path)
    at.repo.write("AGENTS.md", "# Mine\n")
    assert at.swarm("install", "codex").code == 0
    with (at.repo.path / "AGENTS.md").open("a") as file:
        file.write("\n## Later\n")
    assert at.swarm("uninstall", "codex").code == 0
    assert said(at, "AGENTS.md") == "# Mine\n\n## Later\n"


@pytest.mark.parametrize("text", [f"{blocks.START}\nx\n", f"x\n{blocks.END}\n", f"{blocks.END}\n{blocks.START}\n"])
def test_half_a_block_is_refused(tmp_path: Path, text: str) -> None:
    at = desk(tmp_path)
    at.repo.write("AGENTS.md", text)
    before = at.picture()
    done = at.swarm("install", "codex")
    assert (done.code, at.picture()) == (2, before)
    assert "AGENTS.md:" in done.err


def test_a_block_that_is_quoted_is_no_block(tmp_path: Path) -> None:
    at = desk(tmp_path)
    text = f"```\n{blocks.START}\nx\n{blocks.END}\n```\n"
    at.repo.write("AGENTS.md", text)
    assert at.swarm("install", "codex").code == 0
    assert said(at, "AGENTS.md").startswith(text)
    assert len(blocks.find(said(at, "AGENTS.md"))) == 1


@pytest.mark.parametrize(
    ("text", "added"),
    [("# Mine\n", True), ("See @AGENTS.md\n", False), ("@./AGENTS.md\n", False), ("mail@AGENTS.md\n", True),
     ("```\n@AGENTS.md\n```\n", True)],
)  # fmt: skip
def test_claude_md_points_to_agents_md(tmp_path: Path, text: str, added: bool) -> None:
    at = desk(tmp_path)
    at.repo.write("CLAUDE.md", text)
    before = at.picture()
    assert at.swarm("install", "claude").code == 0
    assert said(at, "CLAUDE.md") == (text + f"\n{blocks.START}\n@AGENTS.md\n{blocks.END}\n" if added else text)
    assert at.swarm("install", "claude").out == "nothing to do\n"
    assert at.swarm("uninstall", "claude").code == 0
    assert at.picture() == before


@pytest.mark.parametrize(("link", "target"), [("CLAUDE.md", "AGENTS.md"), ("AGENTS.md", "CLAUDE.md")])
def test_one_file_under_both_names(tmp_path: Path, link: str, target: str) -> None:
    at = desk(tmp_path)
    at.repo.write(target, "# Mine\n")
    (at.repo.path / link).symlink_to(target)
    before = at.picture()
    assert at.swarm("install", "claude").code == 0
    assert (at.repo.path / link).is_symlink()
    assert len(blocks.find(said(at, target))) == 1
    assert at.swarm("install", "claude").out == "nothing to do\n"
    assert at.swarm("uninstall", "claude").code == 0
    assert at.picture() == before


def test_an_edited_skill_stays_and_the_new_one_lies_beside(tmp_path: Path) -> None:
    at = desk(tmp_path)
    assert at.swarm("install", "claude").code == 0
    written = said(at, SKILL)
    at.repo.write(SKILL, "mine\n")
    done = at.swarm("install", "claude")
    assert done.code == 0
    assert f"{SKILL}: it was edited; what swarm would write is in {SKILL}.new" in done.err
    assert (said(at, SKILL), said(at, f"{SKILL}.new")) == ("mine\n", written)
    assert at.swarm("install", "claude").out == "nothing to do\n"
    at.repo.write(SKILL, written)
    assert at.swarm("install", "claude").code == 0
    assert not (at.repo.path / f"{SKILL}.new").exists()
    at.repo.write(SKILL, "mine\n")
    assert at.swarm("install", "claude").code == 0
    done = at.swarm("uninstall", "claude")
    assert f"{SKILL}: it was edited; remove it by hand" in done.err
    left = ("a.txt", ".claude", ".claude/skills", ".claude/skills/claim-work", SKILL)
    assert set(at.picture()) == {str(at.repo.path / name) for name in left}


def test_an_edited_block_stays_and_the_new_one_lies_beside(tmp_path: Path) -> None:
    at = desk(tmp_path)
    at.repo.write("AGENTS.md", "# Mine\n")
    assert at.swarm("install", "codex").code == 0
    edited = said(at, "AGENTS.md").replace("## Work in flight", "## Work")
    at.repo.write("AGENTS.md", edited)
    done = at.swarm("install", "codex")
    assert "AGENTS.md: it was edited; what swarm would write is in AGENTS.md.new" in done.err
    assert said(at, "AGENTS.md") == edited
    assert "## Work in flight" in said(at, "AGENTS.md.new")
    done = at.swarm("uninstall", "codex")
    assert "AGENTS.md: its swarm block was edited; take it out by hand" in done.err
    assert said(at, "AGENTS.md") == edited
    assert not (at.repo.path / "AGENTS.md.new").exists()


def test_an_older_skill_of_ours_is_brought_up_to_date(tmp_path: Path) -> None:
    at = desk(tmp_path)
    assert at.swarm("install", "claude").code == 0
    ledger = at.repo.root / "installs.json"
    written, older = said(at, SKILL), "an older text of ours\n"
    at.repo.write(SKILL, older)
    content = json.loads(ledger.read_text())
    from reconciler.hosts.installs.ledger import digest

    content["files"][SKILL] = [{"sha256": digest(older.encode()), "created": True}]
    ledger.write_text(json.dumps(content))
    assert at.swarm("install", "claude").out == "changed .claude/skills/ (1 file)\n"
    assert said(at, SKILL) == written


@pytest.mark.parametrize("target", ["../../outside", "../.git/hooks", "../.git", "nowhere"])
def test_a_link_in_a_repository_is_not_followed_out(tmp_path: Path, target: str) -> None:
    at = desk(tmp_path)
    (tmp_path / "outside").mkdir()
    (at.repo.path / ".claude").mkdir()
    (at.repo.path / ".claude/skills").symlink_to(target)
    before = at.picture()
    done = at.swarm("install", "claude")
    assert (done.code, at.picture(), list((tmp_path / "outside").iterdir())) == (2, before, [])
    assert "leads" in done.err


def test_a_settings_link_out_of_a_repository_is_refused(tmp_path: Path) -> None:
    at = desk(tmp_path)
    (tmp_path / "victim.json").write_text("{}")
    (at.repo.path / ".codex").mkdir()
    for target in (tmp_path / "victim.json", tmp_path / "nowhere", Path("hooks.json"), Path("../.git/config")):
        link = at.repo.path / ".codex/hooks.json"
        link.unlink(missing_ok=True)
        link.symlink_to(target)
        before = at.picture()
        assert (at.swarm("install", "codex").code, at.picture()) == (2, before), target
    assert (tmp_path / "victim.json").read_text() == "{}"


def test_things_that_are_no_files_are_refused(tmp_path: Path) -> None:
    import os

    at = desk(tmp_path)
    (at.repo.path / ".codex").mkdir()
    (at.repo.path / ".codex/hooks.json").mkdir()
    assert "is a folder; swarm does not write there" in at.swarm("install", "codex").err
    (at.repo.path / ".codex/hooks.json").rmdir()
    os.mkfifo(at.repo.path / ".codex/hooks.json")
    assert "is not a regular file; swarm does not write there" in at.swarm("install", "codex").err
    (at.repo.path / ".codex/hooks.json").unlink()
    (at.repo.path / ".codex").rmdir()
    (at.repo.path / ".codex").write_text("")
    assert at.swarm("install", "codex").code == 2


def test_what_a_host_that_stays_needs_stays(tmp_path: Path) -> None:
    at = desk(tmp_path)
    before = at.picture()
    assert at.swarm("install", "codex", "gemini").code == 0
    assert at.swarm("uninstall", "codex").code == 0
    left = {path for path, entry in at.picture().items() if entry[0] == "file"}
    assert {"AGENTS.md", "settings.json"} <= {Path(path).name for path in left}
    assert sum(".agents/skills" in path for path in left) == len(load_rows().skills)
    assert not (at.repo.path / ".codex").exists()
    assert at.swarm("uninstall", "gemini").code == 0
    assert at.picture() == before


def test_all_hosts_at_once_and_in_each_others_presence(tmp_path: Path) -> None:
    at = desk(tmp_path)
    before = at.picture()
    for scope in ("user", "project"):
        assert at.swarm("install", *HOSTS, f"--{scope}", "--mcp").code == 0
        assert at.swarm("install", *HOSTS, f"--{scope}", "--mcp").out == "nothing to do\n"
    for host in HOSTS:
        assert at.swarm("uninstall", host).code == 0
    assert at.picture() == before


def test_a_linked_work_tree_has_its_own_files_and_shares_the_memory(tmp_path: Path) -> None:
    at = desk(tmp_path)
    assert at.swarm("install", "claude").code == 0
    at.repo.commit("Agents")
    linked = GitBuilder(at.repo.worktree(tmp_path / "linked", "side", new=True).path, init=False)
    done = at.repo.swarm("uninstall", "claude", at=linked.path, HOME=str(at.home))
    assert done.code == 0
    assert {path.name for path in linked.path.iterdir()} == {".git", "a.txt"}
    assert said(at, SKILL)


@pytest.mark.parametrize("text", ["", "{", "[]", '{"schema": "other"}', '{"schema": "swarm.installs/1", "files": 1}',
                                  '{"schema": "swarm.installs/1", "files": {"a": [1]}, "folders": []}'])  # fmt: skip
def test_a_damaged_memory_costs_nothing(tmp_path: Path, text: str) -> None:
    at = desk(tmp_path)
    assert at.swarm("install", "claude", "--mcp").code == 0
    (at.repo.root / "installs.json").write_text(text)
    assert at.swarm("install", "claude", "--mcp").out == "nothing to do\n"
    assert at.swarm("uninstall", "claude").code == 0
    assert {path for path, entry in at.picture().items() if entry[0] == "file"} == {str(at.repo.path / "a.txt")}


def test_a_home_that_is_the_repository(tmp_path: Path) -> None:
    at = desk(tmp_path)
    same = Desk(at.repo, at.repo.path)
    before = at.picture()
    assert same.swarm("install", "gemini", "--user").code == 0
    assert same.swarm("uninstall", "gemini").code == 0
    assert {p for p, e in at.picture().items() if e[0] == "file"} == {p for p, e in before.items() if e[0] == "file"}


@pytest.mark.parametrize("first", ["claude", "codex"])
def test_one_folder_of_skills_for_two_hosts(tmp_path: Path, first: str) -> None:
    """People link .claude/skills to .agents/skills: what is there for one host serves the other."""
    at = desk(tmp_path)
    (at.repo.path / ".agents/skills").mkdir(parents=True)
    (at.repo.path / ".claude").mkdir()
    (at.repo.path / ".claude/skills").symlink_to("../.agents/skills")
    before = at.picture()
    second = "codex" if first == "claude" else "claude"
    for words in ([first], [second], [first, second]):
        assert at.swarm("install", *words).code == 0
        assert not list((at.repo.path / ".agents/skills").rglob("*.new"))
    assert at.swarm("install", first, second).out == "nothing to do\n"
    assert at.swarm("uninstall", first).code == 0
    assert len(list((at.repo.path / ".agents/skills").iterdir())) == len(load_rows().skills)
    assert at.swarm("uninstall", second).code == 0
    assert at.picture() == before
    assert at.swarm("install", "claude", "codex").code == 0
    assert at.swarm("uninstall", "claude", "codex").code == 0
    assert at.picture() == before


def test_the_server_is_taken_out_wherever_it_is(tmp_path: Path) -> None:
    at = desk(tmp_path)
    at.repo.write("opencode.jsonc", "{ // mine\n}\n")
    assert at.swarm("install", "opencode", "--mcp").code == 0
    at.repo.write("opencode.json", "{}")
    assert at.swarm("uninstall", "opencode").code == 0
    assert (said(at, "opencode.jsonc"), said(at, "opencode.json")) == ("{ // mine\n}\n", "{}")

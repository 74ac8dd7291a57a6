"""What install, uninstall and doctor say: text, JSON, the list of hosts, findings with the way out."""

import json
import os
import pwd
import re
from pathlib import Path

import pytest

from reconciler import __version__
from reconciler.frontmatter import split_front_matter
from reconciler.hosts.installs.places import home_of
from reconciler.hosts.installs.rows import load_rows
from reconciler.hosts.installs.skills import claude_skill, command_files, plain_skill, skill_files
from tests.docs.installs import FOLDER, plugin
from tests.docs.paths import PROJECT, README
from tests.hosts.install.world import desk

SKILLS = load_rows().skills


def test_the_list_of_hosts(tmp_path: Path) -> None:
    at = desk(tmp_path)
    (at.home / ".codex").mkdir()
    assert at.swarm("install", "claude").code == 0
    assert at.swarm("install", PATH="/nowhere:/usr/bin:/bin").out == (
        "claude    Claude Code                 installed: project\n"
        "codex     Codex CLI                   detected\n"
        "cursor    Cursor                      -\n"
        "copilot   Copilot CLI                 -\n"
        "opencode  OpenCode                    -\n"
        "gemini    Gemini CLI and Antigravity  -\n"
        "install: swarm install HOST    out again: swarm uninstall HOST\n"
    )
    rows = at.swarm("install", "--json").json["hosts"]
    assert [(row["id"], row["installed"]) for row in rows if row["installed"]] == [("claude", ["project"])]


def test_outside_of_a_repository_the_home_is_there(tmp_path: Path) -> None:
    at = desk(tmp_path)
    done = at.repo.swarm("install", "claude", at=at.home, HOME=str(at.home))
    assert (done.code, done.err.split("\n")[1]) == (7, "hint: swarm demo, or git init")
    assert at.repo.swarm("install", "claude", "--user", at=at.home, HOME=str(at.home)).code == 0
    assert at.repo.swarm("uninstall", "claude", at=at.home, HOME=str(at.home)).code == 0
    assert set(at.picture()) == {str(at.repo.path / "a.txt")}


def test_what_git_cannot_open_is_not_taken_for_gone(tmp_path: Path) -> None:
    at = desk(tmp_path)
    assert at.swarm("install", "claude").code == 0
    there = at.picture()
    for words in (["install"], ["uninstall", "claude"], ["uninstall", "claude", "--dry-run"]):
        done = at.swarm(*words, PATH=str(tmp_path))
        assert (done.code, done.out, done.err.split("\n")[0]) == (7, "", "error: git is not on PATH")
    assert at.picture() == there


def test_a_home_in_which_nothing_can_be_written(tmp_path: Path) -> None:
    """As on a read-only disk, for root too: what was put into a repository goes in and out all the same."""
    at = desk(tmp_path)
    before = at.picture()
    nowhere = {"HOME": "/proc/self", "XDG_STATE_HOME": ""}
    assert at.repo.swarm("install", "claude", **nowhere).code == 0
    assert at.repo.swarm("uninstall", "claude", **nowhere).code == 0
    assert at.picture() == before
    done = at.repo.swarm("install", "claude", "--user", **nowhere)
    assert (done.code, done.err.startswith("error: cannot create /proc/self/.local/state")) == (2, True)


def test_a_home_that_depends_on_the_folder_is_none() -> None:
    homes = [home_of({"HOME": said}) for said in ("/h", "h", "", "../h")] + [home_of({})]
    assert homes[0] == "/h"
    assert set(homes[1:]) == {pwd.getpwuid(os.getuid()).pw_dir}


@pytest.mark.parametrize(
    ("words", "error", "hint"),
    [
        ("install clade", 'no host "clade"', "did you mean claude?"),
        ("install x", 'no host "x"', "known hosts: claude, codex, cursor, copilot, opencode, gemini"),
        ("install claude --user --local", "--user and --local at once", "install once for each"),
        ("uninstall", "missing argument 'HOST...'", "swarm uninstall --help"),
        ("worktree", "missing command", "swarm worktree --help"),
        ("hooks", "missing command", "swarm hooks --help"),
    ],
)
def test_words_that_do_not_fit(tmp_path: Path, words: str, error: str, hint: str) -> None:
    done = desk(tmp_path).swarm(*words.split())
    assert (done.code, done.err) == (2, f"error: {error}\nhint: {hint}\n")


def test_a_difference_can_be_applied(tmp_path: Path) -> None:
    """What --dry-run prints is a patch: git makes of it what installing makes."""
    at = desk(tmp_path)
    at.repo.write("AGENTS.md", "# Mine").write(".claude/settings.json", '{\n  "a": 1\n}').commit("Mine")
    patch = at.swarm("install", "claude", "--mcp", "--dry-run").out
    at.repo.git("apply", "-p0", "-", input=patch)
    made = at.picture()
    at.repo.git("clean", "-qfd")
    at.repo.git("checkout", "-q", ".")
    assert at.swarm("install", "claude", "--mcp").code == 0
    assert {p: e[2] for p, e in at.picture().items()} == {p: e[2] for p, e in made.items()}


def test_json_tells_each_file(tmp_path: Path) -> None:
    at = desk(tmp_path)
    told = at.swarm("install", "codex", "--no-mcp", "--dry-run", "--json").json
    assert (told["command"], told["hosts"], told["scopes"], told["dryRun"]) == ("install", ["codex"], ["project"], True)
    assert [(Path(f["path"]).name, f["action"]) for f in told["files"]][:2] == [
        ("hooks.json", "created"),
        ("AGENTS.md", "created"),
    ]
    assert all(f["diff"].startswith("--- /dev/null\n+++ ") for f in told["files"] if f["action"] == "created")
    told = at.swarm("install", "codex", "--no-mcp", "--json").json
    assert {f["action"] for f in told["files"]} <= {"created", "unchanged"}
    told = at.swarm("uninstall", "codex", "--json").json
    assert {f["action"] for f in told["files"]} == {"removed"}


def doctor(at: object, **more: str) -> list[tuple[str | None, str, str]]:
    found = at.swarm("doctor", "--json", **more).json["hosts"]["findings"]  # type: ignore[attr-defined]
    return [(one["host"], one["code"], one["hint"]) for one in found]


def swarm_on_path(folder: Path, version: str = __version__) -> str:
    folder.mkdir()
    (folder / "swarm").write_text(f"#!/bin/sh\necho swarm {version}\n")
    (folder / "swarm").chmod(0o755)
    return f"{folder}:/usr/bin:/bin"


def test_doctor_finds_what_fires_twice_or_not_at_all(tmp_path: Path) -> None:
    at = desk(tmp_path)
    path = swarm_on_path(tmp_path / "bin")
    assert doctor(at, PATH="/usr/bin:/bin") == []
    assert at.swarm("install", "claude", "--user").code == 0
    assert doctor(at, PATH=path) == []
    assert doctor(at, PATH="/usr/bin:/bin")[0][:2] == (None, "not-on-path")
    assert doctor(at, PATH=swarm_on_path(tmp_path / "old", "0.0.1"))[0][:2] == (None, "other-version")
    assert at.swarm("install", "claude").code == 0
    assert doctor(at, PATH=path) == [("claude", "installed-twice", "swarm uninstall claude --project")]
    assert at.swarm("uninstall", "claude", "--project").code == 0
    assert doctor(at, PATH=path) == []
    settings = at.home / ".claude/settings.json"
    content = json.loads(settings.read_text())
    content["hooks"]["Stop"] *= 2
    del content["hooks"]["SessionEnd"]
    settings.write_text(json.dumps({**content, "disableAllHooks": True}))
    assert doctor(at, PATH=path) == [
        ("claude", "fires-twice", "swarm install claude --user"),
        ("claude", "incomplete", "swarm install claude --user"),
        ("claude", "switched-off", f"take disableAllHooks out of {settings}"),
    ]
    settings.write_text("{")
    assert [row[:2] for row in doctor(at, PATH=path)] == [("claude", "unreadable")]


def test_doctor_in_words(tmp_path: Path) -> None:
    at = desk(tmp_path)
    assert at.swarm("doctor").out.endswith("Hosts: none; swarm install lists them\n")
    assert at.swarm("install", "gemini").code == 0
    assert at.swarm("doctor", PATH="/usr/bin:/bin").out.endswith(
        "Hosts: gemini (project)\n"
        "  all: swarm is not on PATH; hooks cannot start it\n"
        "      pipx install swarm-reconciler, or add its folder to PATH\n"
    )


def test_what_comes_with_a_repository_is_not_run_for_its_version(tmp_path: Path) -> None:
    at = desk(tmp_path)
    assert at.swarm("install", "gemini").code == 0
    (at.repo.path / "bin").mkdir()
    (at.repo.path / "bin/swarm").write_text(f"#!/bin/sh\ntouch {tmp_path}/ran\n")
    (at.repo.path / "bin/swarm").chmod(0o755)
    assert doctor(at, PATH=f"{at.repo.path}/bin:/usr/bin:/bin")[0][:2] == (None, "other-version")
    assert not (tmp_path / "ran").exists()


def test_plugin_and_settings_do_not_stand_together(tmp_path: Path) -> None:
    at = desk(tmp_path)
    path = swarm_on_path(tmp_path / "bin")
    (at.home / ".claude").mkdir()
    (at.home / ".claude/settings.json").write_text('{"enabledPlugins": {"swarm@swarm-reconciler": true, "x@y": true}}')
    before = at.picture()
    done = at.swarm("install", "claude")
    assert (done.code, at.picture()) == (2, before)
    assert "the plugin swarm@swarm-reconciler is switched on in" in done.err
    said = at.swarm("doctor", "--json", PATH=path).json["hosts"]["installed"]
    assert said == [{"host": "claude", "scope": "plugin", "path": str(at.home / ".claude/settings.json")}]
    assert at.swarm("install", "codex").code == 0
    (at.home / ".claude/settings.json").write_text("{}")
    assert at.swarm("install", "claude").code == 0
    (at.home / ".claude/settings.json").write_text('{"enabledPlugins": {"swarm@swarm-reconciler": true}}')
    assert doctor(at, PATH=path) == [("claude", "plugin-and-settings", "swarm uninstall claude")]
    assert at.swarm("install", "--json").json["hosts"][0]["plugin"] == "swarm@swarm-reconciler"


def test_one_host_that_runs_the_hooks_of_another(tmp_path: Path) -> None:
    at = desk(tmp_path)
    path = swarm_on_path(tmp_path / "bin")
    assert at.swarm("install", "claude", "copilot").code == 0
    assert [row[:2] for row in doctor(at, PATH=path)] == [("copilot", "read-by-both")]


# -- skills, commands, plugin


@pytest.mark.parametrize("skill", SKILLS, ids=lambda skill: skill.id)
def test_a_skill_is_what_the_standard_says(skill: object) -> None:
    text = plain_skill(skill)  # type: ignore[arg-type]
    found = split_front_matter(text.encode(), "SKILL.md")
    assert found.problems == ()
    head = found.values
    assert set(head) <= {"name", "description", "license", "compatibility", "metadata", "allowed-tools"}
    assert re.fullmatch(r"[a-z0-9]+(-[a-z0-9]+)*", str(head["name"]))
    assert len(str(head["name"])) <= 64
    assert 1 <= len(str(head["description"])) <= 1024
    assert len(str(head["compatibility"])) <= 500
    assert all(isinstance(value, str) for value in dict(head["metadata"]).values())
    assert str(head["allowed-tools"]).split() == ["Bash(swarm:*)"]
    assert len(text.splitlines()) < 500
    assert "$ARGUMENTS" not in text


def test_names_are_those_that_were_asked_for() -> None:
    assert {skill.id for skill in SKILLS} == {
        "workstream-status", "claim-work", "release-work", "queue-add", "workstream-next", "workstream-explain",
        "workstream-check", "workflow-dashboard", "implement-worktree", "merge-worktree",
    }  # fmt: skip


@pytest.mark.parametrize("skill", SKILLS, ids=lambda skill: skill.id)
def test_nothing_but_the_look_is_put_in(skill: object) -> None:
    """A host runs what stands behind ``!``: it is ours, ends with 0, and nobody's words are in it."""
    text = claude_skill(skill)  # type: ignore[arg-type]
    look = skill.look  # type: ignore[attr-defined]
    assert re.findall(r"!`[^`]*`", text) == ([f"!`{look}`"] if look else [])
    assert text.count("!`") == bool(look)
    assert not look or look.endswith(" --exit-zero")
    for body in command_files((skill,), "toml").values():  # type: ignore[arg-type]
        assert body.count("!{") == bool(look)
        assert body.count("'''") == 2
    assert "@" not in text


def test_every_command_in_a_skill_exists_and_is_allowed() -> None:
    from tests.docs.commands import entries

    known = {entry.words for entry in entries()}
    for skill in SKILLS:
        for words in re.findall(r"`swarm ([a-z]+(?: (?:start|finish))?)", skill.body):
            assert words in known, (skill.id, words)
            # to look on is one thing, to take what was found is asked for
            assert words in skill.tools or (skill.id, words) == ("workstream-next", "claim"), (skill.id, words)
        assert set(skill.tools) <= known
        look = skill.look.split()[1:2]
        assert set(look) <= set(skill.tools)


def test_what_is_put_in_ends_with_0(tmp_path: Path) -> None:
    at = desk(tmp_path)
    for skill in SKILLS:
        if skill.look:
            words = skill.look.split()[1:]
            assert at.swarm(*words).code == 0
            assert at.repo.swarm(*words, at=tmp_path).code == 0
            assert at.repo.swarm(*words[:-1], at=tmp_path).code == 7
    assert at.swarm("next", "-n", "x", "--exit-zero").code == 0
    assert at.swarm("claim", "x", "--exit-zero").code == 2


def test_the_plugin_is_what_installing_writes(tmp_path: Path) -> None:
    at = desk(tmp_path)
    assert at.swarm("install", "claude", "--mcp").code == 0
    settings = json.loads((at.repo.path / ".claude/settings.json").read_text())
    assert json.loads((FOLDER / "hooks/hooks.json").read_text())["hooks"] == settings["hooks"]
    assert json.loads((FOLDER / ".mcp.json").read_text()) == json.loads((at.repo.path / ".mcp.json").read_text())
    for path in skill_files(SKILLS, "claude"):
        assert (FOLDER / "skills" / path).read_bytes() == (at.repo.path / ".claude/skills" / path).read_bytes()
    assert {p for p in FOLDER.rglob("*") if p.is_file()} == {p for p in plugin() if p.is_relative_to(FOLDER)}
    offer = json.loads((PROJECT / ".claude-plugin/marketplace.json").read_text())["plugins"][0]
    assert (PROJECT / offer["source"]) == FOLDER
    assert offer["version"] == __version__


def test_the_readme_shows_the_block() -> None:
    assert f"```markdown\n{load_rows().block}\n```" in README.read_text("utf-8")

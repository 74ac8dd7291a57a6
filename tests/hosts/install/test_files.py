"""Install and uninstall on every kind of settings file that people have, for every host, with the real command."""

import json
from pathlib import Path

import pytest

from tests.hosts.install.world import CASES, GOLDEN, HOSTS, Desk, desk, rich, settings

EACH = pytest.mark.parametrize("host", HOSTS)


def lay_out(at: Desk, host: str, case: str, scope: str = "project") -> list[Path]:
    """Put the settings of one case in place; their paths."""
    paths = []
    for piece in settings(HOSTS[host], scope):
        path = at.file(host, piece)
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_bytes(CASES[case](piece).encode())
        path.chmod(0o640)
        paths.append(path)
    return paths


@EACH
@pytest.mark.parametrize("case", CASES)
def test_in_again_and_out(tmp_path: Path, host: str, case: str) -> None:
    at = desk(tmp_path)
    paths = lay_out(at, host, case)
    before = at.picture()
    if case == "rich":
        dry = at.swarm("install", host, "--mcp", "--dry-run")
        assert (dry.code, at.picture()) == (0, before)
        assert dry.out.count("+++ ") > len(paths)
    assert at.swarm("install", host, "--mcp").code == 0
    assert {p.name: p.read_text("utf-8") for p in paths} == {
        p.name: (GOLDEN / host / f"{case}-{p.name}").read_text("utf-8") for p in paths
    }
    installed = at.picture()
    assert {installed[str(path)][1] for path in paths} == {0o640}
    again = at.swarm("install", host, "--mcp")
    assert (again.out, at.picture()) == ("nothing to do\n", installed)
    assert at.swarm("uninstall", host).code == 0
    assert at.picture() == before


@EACH
@pytest.mark.parametrize("scope", ["user", "project", "local"])
def test_where_there_is_nothing(tmp_path: Path, host: str, scope: str) -> None:
    at = desk(tmp_path)
    before = at.picture()
    done = at.swarm("install", host, f"--{scope}", "--mcp")
    if not HOSTS[host].of(scope):
        assert (done.code, at.picture()) == (2, before)
        assert "hint: swarm install" in done.err
        return
    assert done.code == 0
    assert at.picture() != before
    assert at.swarm("install", host, f"--{scope}", "--mcp").out == "nothing to do\n"
    assert at.swarm("uninstall", host).code == 0
    assert at.picture() == before


BROKEN = {
    "torn": b'{"hooks": {',
    "twice": b"{} {}",
    "bare": b"{hooks: 1}",
    "single": b"{'a': 1}",
    "control": b'{"a": "\x01"}',
    "latin": b'{"a": "\xe9"}',
    "text": b"swarm\n",
    "deep": b"[" * 5000,
    "other": b'{"hooks": [], "mcpServers": 1, "mcp": "x"}',
}


@pytest.mark.parametrize(
    ("host", "how"), [*(("claude", how) for how in BROKEN), *((h, w) for h in HOSTS for w in ("torn", "other"))]
)
def test_a_malformed_file_stops_everything(tmp_path: Path, host: str, how: str) -> None:
    at = desk(tmp_path)
    path = lay_out(at, host, "rich")[0]
    path.write_bytes(BROKEN[how])
    before = at.picture()
    other = "codex" if host != "codex" else "cursor"
    done = at.swarm("install", other, host, "--mcp")
    assert (done.code, done.out, at.picture()) == (2, "", before)
    assert f"{path}:1: " in done.err
    assert "\nhint: " in done.err


def test_malformed_toml_stops_everything(tmp_path: Path) -> None:
    at = desk(tmp_path)
    *_, path = lay_out(at, "codex", "rich")
    for text in (
        b"a = \n",
        b"a = 1\na = 2\n",
        b'a = "\xff"\n',
        b"mcp_servers = { other = {} }\n",
        b"mcp_servers = 1\n",
    ):
        path.write_bytes(text)
        before = at.picture()
        done = at.swarm("install", "codex", "--mcp")
        assert (done.code, done.out, at.picture()) == (2, "", before), text
        assert f"{path}:" in done.err


@EACH
def test_links_of_a_home_are_followed_and_stay(tmp_path: Path, host: str) -> None:
    at = desk(tmp_path)
    paths = lay_out(at, host, "rich", "user")
    dotfiles = tmp_path / "dotfiles"
    dotfiles.mkdir()
    for path in paths:
        path.rename(dotfiles / path.name)
        path.symlink_to(dotfiles / path.name)
    before, texts = at.picture(), {p.name: p.read_bytes() for p in dotfiles.iterdir()}
    assert at.swarm("install", host, "--user", "--mcp").code == 0
    assert all(path.is_symlink() for path in paths)
    assert {p.name for p in dotfiles.iterdir()} == set(texts)
    assert all((dotfiles / name).read_bytes() != text for name, text in texts.items())
    assert at.swarm("uninstall", host).code == 0
    assert (at.picture(), {p.name: p.read_bytes() for p in dotfiles.iterdir()}) == (before, texts)


@EACH
def test_a_read_only_file_stays(tmp_path: Path, host: str) -> None:
    at = desk(tmp_path)
    path = lay_out(at, host, "rich")[0]
    path.chmod(0o444)
    before = at.picture()
    done = at.swarm("install", host, "--mcp")
    assert (done.code, done.out, at.picture()) == (2, "", before)
    assert done.err == f"error: {path} is read-only; nothing was changed\nhint: chmod u+w {path}\n"


@EACH
def test_what_people_write_in_between_stays(tmp_path: Path, host: str) -> None:
    """Somebody adds something everywhere; taking out leaves that and nothing of ours."""
    at = desk(tmp_path)
    paths = lay_out(at, host, "rich")
    before = {path: path.read_text("utf-8") for path in paths}
    assert at.swarm("install", host, "--mcp").code == 0

    def more(text: str, suffix: str) -> str:
        return text + "\n# later\n" if suffix == ".toml" else text.replace('"z": 1', '"z": 2').replace("big", "small")

    for path in paths:
        path.write_text(more(path.read_text("utf-8"), path.suffix), "utf-8")
    assert at.swarm("install", host, "--mcp").out == "nothing to do\n"
    assert at.swarm("uninstall", host).code == 0
    assert {path: path.read_text("utf-8") for path in paths} == {p: more(t, p.suffix) for p, t in before.items()}


@EACH
def test_another_clone_takes_it_out_as_well(tmp_path: Path, host: str) -> None:
    """Without what swarm remembers, by what it recognises."""
    at = desk(tmp_path)
    lay_out(at, host, "rich")
    before = at.picture()
    assert at.swarm("install", host, "--mcp").code == 0
    (at.repo.root / "installs.json").unlink()
    assert at.swarm("uninstall", host).code == 0
    assert {path: entry for path, entry in at.picture().items() if entry[0] == "file"} == {
        path: entry for path, entry in before.items() if entry[0] == "file"
    }


@pytest.mark.parametrize("host", [h for h in HOSTS if h != "opencode"])
def test_copies_and_older_forms_become_one(tmp_path: Path, host: str) -> None:
    at = desk(tmp_path)
    piece = settings(HOSTS[host])[0]
    path = at.file(host, piece)
    path.parent.mkdir(parents=True)
    event, group = next(iter(piece.groups.items()))
    today = f"swarm hook {host} {event}"
    forms = (f"/opt/my/bin/{today}", f'"/a b/{today.replace("swarm", "swarm" + chr(34), 1)}', f"{today} || true",
             f"python3 -P -m reconciler hook {host} {event}", f"A=1 {today} >/dev/null 2>&1", today, today)  # fmt: skip
    foreign = (f"{today} && ./mine.sh", f"swarm hook other {event}", "./swarm-hook")

    def groups(commands: tuple[str, ...]) -> list[object]:
        return [json.loads(json.dumps(group).replace(json.dumps(today), json.dumps(command))) for command in commands]

    path.write_text(json.dumps({"hooks": {event: groups((*forms, *foreign)), "Gone": groups(forms[:2])}}))
    assert at.swarm("install", host).code == 0
    hooks = json.loads(path.read_text())["hooks"]
    assert hooks[event] == groups((today, *foreign))
    assert "Gone" not in hooks
    assert at.swarm("install", host).out == "nothing to do\n"
    assert at.swarm("uninstall", host).code == 0
    assert json.loads(path.read_text())["hooks"] == {event: groups(foreign)}


def test_what_people_add_to_an_entry_of_ours_stays(tmp_path: Path) -> None:
    at = desk(tmp_path)
    assert at.swarm("install", "claude", "--mcp").code == 0
    for name, old, new in ((".claude/settings.json", '"timeout": 10', '"timeout": 99'),
                           (".mcp.json", '"args"', '"env": {"A": "1"}, "args"')):  # fmt: skip
        path = at.repo.path / name
        path.write_text(path.read_text().replace(old, new))
    before = at.picture()
    assert at.swarm("install", "claude", "--mcp").out == "nothing to do\n"
    assert at.picture() == before
    assert at.swarm("uninstall", "claude").code == 0
    assert set(at.picture()) == {str(at.repo.path / "a.txt")}


def test_a_command_of_somebody_in_our_group_stays(tmp_path: Path) -> None:
    at = desk(tmp_path)
    assert at.swarm("install", "claude").code == 0
    path = at.repo.path / ".claude/settings.json"
    content = json.loads(path.read_text())
    content["hooks"]["Stop"][0]["hooks"].append({"type": "command", "command": "./mine.sh"})
    path.write_text(json.dumps(content))
    assert at.swarm("uninstall", "claude").code == 0
    assert json.loads(path.read_text()) == {"hooks": {"Stop": [{"hooks": [content["hooks"]["Stop"][0]["hooks"][1]]}]}}


def test_another_server_of_that_name_is_not_touched(tmp_path: Path) -> None:
    at = desk(tmp_path)
    at.repo.write(".mcp.json", '{"mcpServers": {"swarm": {"command": "docker"}}}')
    before = at.picture()
    done = at.swarm("install", "claude", "--mcp")
    assert (done.code, at.picture()) == (2, before)
    assert done.err.startswith(f'error: {at.repo.path}/.mcp.json:1: "mcpServers/swarm" is another server')
    assert at.swarm("install", "claude", "--no-mcp").code == 0
    assert at.swarm("uninstall", "claude").code == 0
    assert at.picture() == before


def test_rich_settings_are_rich() -> None:
    """The cases hold what they say: foreign hooks, keys that stand twice, other servers."""
    texts = [rich(piece) for host in HOSTS.values() for piece in settings(host)]
    assert sum("./mine.sh" in text for text in texts) >= 5
    assert sum(text.count('"twice"') == 2 for text in texts) >= 5
    assert sum('"other"' in text or "other]" in text for text in texts) >= 5

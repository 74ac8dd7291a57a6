"""Configuration: seven places, the later wins, and no input crashes it."""

import os
import subprocess
import sys
from pathlib import Path

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from reconciler.config import Config, load_config, user_folder

KEYS = (
    "base",
    "layouts",
    "branch_patterns",
    "exclude",
    "stale_after",
    "idle_after",
    "archive_after",
    "port_range",
)


def write(root: Path, name: str, text: str) -> None:
    path = root / name
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_text(text)


def one_problem(config: Config) -> tuple[str, str, int, str]:
    (problem,) = config.problems
    return problem.message, problem.path, problem.line, problem.hint


def test_defaults(tmp_path: Path) -> None:
    assert load_config(tmp_path, {}) == Config()
    assert load_config(None, {}) == Config()


def test_the_later_place_wins(tmp_path: Path) -> None:
    user = tmp_path / "home/swarm"
    root = tmp_path / "repo"
    write(
        user,
        "config.toml",
        'base = "user"\nstale_after = 1\nidle_after = 1\narchive_after = 1\nexclude = ["u"]',
    )
    write(
        root,
        "pyproject.toml",
        '[tool.swarm]\nbase = "py"\nstale_after = 2\nidle_after = 2\narchive_after = 2',
    )
    write(root, ".swarm/config.toml", 'base = "own"\nstale_after = 3\nidle_after = 3')
    config = load_config(root, {"SWARM_BASE": "env", "SWARM_STALE_AFTER": "4"}, user, {"base": "flag", "layouts": None})
    assert (config.base, config.stale_after, config.idle_after, config.archive_after) == ("flag", 4, 3, 2)
    assert config.exclude == ("u",)
    assert config.sources == {
        "base": "flags",
        "stale_after": "environment",
        "idle_after": ".swarm/config.toml",
        "archive_after": "pyproject.toml",
        "exclude": str(user / "config.toml"),
    }
    assert config.files == (str(user / "config.toml"), "pyproject.toml", ".swarm/config.toml")
    assert config.problems == ()


@pytest.mark.parametrize(
    ("key", "text", "value"),
    [
        ("stale_after", "90", 90),
        ("stale_after", '"60m"', 60),
        ("stale_after", '"2h"', 120),
        ("stale_after", '"1 Hour"', 60),
        ("idle_after", '"1d"', 1440),
        ("archive_after", '"30d"', 30),
        ("archive_after", '"4w"', 28),
        ("archive_after", '"36h"', 2),
        ("archive_after", "0", 0),
        ("port_range", "[4000, 4999]", (4000, 4999)),
        ("port_range", '"4000-4999"', (4000, 4999)),
        ("layouts", '"swarm"', ("swarm",)),
        ("exclude", '["a", "b/**"]', ("a", "b/**")),
        ("branch-patterns", '["feature/<slug>"]', ("feature/<slug>",)),
    ],
)
def test_values(tmp_path: Path, key: str, text: str, value: object) -> None:
    write(tmp_path, ".swarm/config.toml", f"{key} = {text}")
    config = load_config(tmp_path, {})
    assert config.problems == ()
    assert getattr(config, key.replace("-", "_")) == value


@pytest.mark.parametrize(
    ("key", "text"),
    [
        ("stale_after", '"soon"'), ("stale_after", "true"), ("stale_after", "0"), ("stale_after", "-5"),
        ("stale_after", "1.5"), ("stale_after", '"60x"'), ("stale_after", "99999999999999"), ("stale_after", '"6０m"'),
        ("base", "1"), ("base", '""'), ("base", '"a\\u001bb"'), ("base", '["main"]'),
        ("layouts", "{a = 1}"), ("layouts", "[1]"), ("exclude", "2026-01-01"),
        ("port_range", "[1]"), ("port_range", "[5, 1]"), ("port_range", "[0, 9]"), ("port_range", "[1, 99999]"),
        ("port_range", "[true, 9]"), ("port_range", '"many"'),
    ],
)  # fmt: skip
def test_a_wrong_value_is_said_and_the_earlier_one_stays(tmp_path: Path, key: str, text: str) -> None:
    write(tmp_path, ".swarm/config.toml", f"# mine\n{key} = {text}\nidle_after = 7\n")
    config = load_config(tmp_path, {})
    message, path, line, _ = one_problem(config)
    assert message.startswith(f"{key} must be ")
    assert (path, line) == (".swarm/config.toml", 2)
    assert (getattr(config, key), config.idle_after) == (getattr(Config(), key), 7)


def test_an_unknown_key_names_the_nearest(tmp_path: Path) -> None:
    write(tmp_path, ".swarm/config.toml", "\nstale_aftr = 1\n")
    expected = ('unknown key "stale_aftr"', ".swarm/config.toml", 2, "did you mean stale_after?")
    assert one_problem(load_config(tmp_path, {})) == expected
    write(tmp_path, ".swarm/config.toml", "zzz = 1\n")
    assert one_problem(load_config(tmp_path, {}))[3] == f"known keys: {', '.join(KEYS)}"


def test_a_variable_with_a_slip_is_said_and_others_are_nobodys_business(tmp_path: Path) -> None:
    env = {
        "SWARM_STALE_AFTR": "1",
        "SWARM_SESSION": "x",
        "SWARM_UNRELATED_THING": "y",
        "SWARM_EXCLUDE": "a, b/**,",
    }
    config = load_config(tmp_path, env)
    assert one_problem(config)[3] == "did you mean SWARM_STALE_AFTER?"
    assert config.exclude == ("a", "b/**")


@pytest.mark.parametrize("key", ["on_change", "on-change", "notify", "remote"])
def test_a_repository_cannot_say_what_runs(tmp_path: Path, key: str) -> None:
    write(tmp_path, "pyproject.toml", f'[tool.swarm]\n{key} = ["rm", "-rf", "/"]\n')
    message, path, line, _ = one_problem(load_config(tmp_path, {}))
    assert message == f'"{key}" is not taken from a repository, only from flags and your own configuration'
    assert (path, line) == ("pyproject.toml", 2)


def test_broken_files_are_said_with_their_line(tmp_path: Path) -> None:
    write(tmp_path, ".swarm/config.toml", 'base = "x"\nidle_after = = 3\n')
    config = load_config(tmp_path, {})
    message, path, line, _ = one_problem(config)
    assert message.startswith("the configuration is not valid TOML: ")
    assert (path, line, config.base) == (".swarm/config.toml", 2, "")


@pytest.mark.parametrize(
    "data",
    [
        b"\xff",
        b"a = " + b"[" * 5000,
        b"x" * 1_100_000,
        b"a = 1\na = 2",
        b"tool = 3\n# swarm",
        b"[tool]\nswarm = 3",
    ],
)
@pytest.mark.parametrize("name", [".swarm/config.toml", "pyproject.toml"])
def test_hostile_files_are_problems_or_nothing(tmp_path: Path, name: str, data: bytes) -> None:
    write(tmp_path, name, "")
    (tmp_path / name).write_bytes(data)
    config = load_config(tmp_path, {})
    assert (config.base, config.layouts, config.stale_after) == ("", (), 60)
    assert len(config.problems) <= 1


def test_a_link_out_of_the_repository_is_not_followed(tmp_path: Path) -> None:
    root = tmp_path / "repo"
    write(root, ".swarm/x", "")
    write(tmp_path, "secret.toml", 'base = "x"')
    (root / ".swarm/config.toml").symlink_to(tmp_path / "secret.toml")
    config = load_config(root, {})
    assert config.base == ""
    assert "leaves the repository" in one_problem(config)[0]


def test_a_link_inside_the_repository_and_one_of_the_user_are_followed(tmp_path: Path) -> None:
    root, user = tmp_path / "repo", tmp_path / "user"
    write(root, "etc/swarm.toml", 'base = "x"')
    write(tmp_path, "dotfiles.toml", "idle_after = 9")
    (root / ".swarm").mkdir()
    (root / ".swarm/config.toml").symlink_to("../etc/swarm.toml")
    user.mkdir()
    (user / "config.toml").symlink_to(tmp_path / "dotfiles.toml")
    config = load_config(root, {}, user)
    assert (config.base, config.idle_after, config.problems) == ("x", 9, ())


@pytest.mark.parametrize(
    "make", [lambda p: p.mkdir(), os.mkfifo, lambda p: p.symlink_to(p.name)], ids=["folder", "pipe", "loop"]
)
def test_what_is_no_file_is_said(tmp_path: Path, make: object) -> None:
    (tmp_path / ".swarm").mkdir()
    make(tmp_path / ".swarm/config.toml")  # type: ignore[operator]
    assert one_problem(load_config(tmp_path, {}))[0].startswith("the configuration cannot be read: ")


def test_a_pyproject_without_us_costs_nothing(tmp_path: Path) -> None:
    write(tmp_path, "pyproject.toml", "[tool.other]\nx = = 1\n")
    assert load_config(tmp_path, {}) == Config()


@settings(max_examples=60, suppress_health_check=[HealthCheck.function_scoped_fixture], deadline=None)
@given(st.text(max_size=80) | st.binary(max_size=80).map(lambda b: b.decode("latin-1")), st.sampled_from(KEYS))
def test_nothing_in_a_file_crashes_it(tmp_path: Path, text: str, key: str) -> None:
    (tmp_path / ".swarm").mkdir(exist_ok=True)
    (tmp_path / ".swarm/config.toml").write_text(f"{key} = {text}\n", encoding="utf-8", errors="surrogatepass")
    config = load_config(tmp_path, {})
    assert all("\x1b" not in problem.message + problem.hint for problem in config.problems)


def test_the_users_folder() -> None:
    assert user_folder({"XDG_CONFIG_HOME": "/x", "HOME": "/h"}) == Path("/x/swarm")
    assert user_folder({"XDG_CONFIG_HOME": "relative", "HOME": "/h"}) == Path("/h/.config/swarm")
    assert user_folder({}) is None


def test_without_files_no_toml_reader_is_loaded(tmp_path: Path) -> None:
    code = (
        "import sys, pathlib; from reconciler.config import load_config; "
        f"load_config(pathlib.Path({str(tmp_path)!r}), {{}}); print('tomllib' in sys.modules, 'difflib' in sys.modules)"
    )
    out = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert out.stdout.split() == ["False", "False"]

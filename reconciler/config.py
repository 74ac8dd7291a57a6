"""Reads the configuration (design.md §5): seven places, the later wins, every mistake is a problem and none a crash.

The files of a repository can change what is recognised and shown. No key says what to run or where to send,
so nothing that arrives with a clone can.
"""

import os
import re
import stat
from collections.abc import Callable, Iterable, Mapping
from dataclasses import field, replace
from pathlib import Path
from typing import Any, TypeAlias

from reconciler.frozen import frozen
from reconciler.model import Problem
from reconciler.printable import printable

LIMIT = 1024 * 1024  # bytes of one file
OWN_FILE = ".swarm/config.toml"
_UNITS = {"m": 1, "h": 60, "d": 24 * 60, "w": 7 * 24 * 60}  # in minutes
_DURATION = re.compile(
    r"\s*(\d{1,9})\s*(?:(m|h|d|w)(?:in|ins|inutes?|ours?|ays?|eeks?)?)?\s*", re.IGNORECASE | re.ASCII
)
_RANGE = re.compile(r"\s*(\d{1,5})\s*(?:-|\.\.|,)\s*(\d{1,5})\s*")
_LONGEST = 100 * 366 * 24 * 60
_RUNS = frozenset({"on_change", "notify", "remote", "command", "editor", "pager"})
_OTHER_VARIABLES = frozenset({"SWARM_SESSION", "SWARM_ASCII", "SWARM_HOOKS", "SWARM_DEBUG", "SWARM_PORT"})


@frozen
class Config:
    """What is configured. Times are numbers in the unit that their comment names."""

    base: str = ""  # "" = found by itself
    layouts: tuple[str, ...] = ()  # ids; () = all
    branch_patterns: tuple[str, ...] = ()
    exclude: tuple[str, ...] = ()  # folders and globs that hold no artifacts
    stale_after: int = 60  # minutes
    idle_after: int = 30  # minutes
    archive_after: int = 30  # days
    port_range: tuple[int, int] = (3001, 3999)
    on_change: str = ""  # what `swarm watch` runs; only from the user's own file
    notify: bool = False
    theme: str = "auto"  # of the screens; from the user's own file or environment
    sources: Mapping[str, str] = field(default_factory=dict)  # key -> the place that set it
    files: tuple[str, ...] = ()  # files that were looked at and exist
    problems: tuple[Problem, ...] = ()


Reader: TypeAlias = Callable[[Any], Any]


class WrongValueError(Exception):
    """The value is not of the kind that the key takes."""


def load_config(
    root: Path | None,
    env: Mapping[str, str],
    user_dir: Path | None = None,
    flags: Mapping[str, object] | None = None,
) -> Config:
    """Return the configuration of the repository at ``root`` (None: there is no work tree).

    ``user_dir`` is the user's own folder for swarm, see ``user_folder``; ``flags`` those given, by key, None
    for one that was not.
    """
    config = Config()
    for layer in _layers(root, env, user_dir, flags or {}):
        config = _laid_over(config, layer)
    return config


def user_folder(env: Mapping[str, str]) -> Path | None:
    """Return ``$XDG_CONFIG_HOME/swarm``, by default ``~/.config/swarm``; None without a home."""
    base = env.get("XDG_CONFIG_HOME", "")
    if base.startswith("/"):
        return Path(base, "swarm")
    home = env.get("HOME", "")
    return Path(home, ".config", "swarm") if home.startswith("/") else None


# -- below: the kinds of values


def _text(value: Any) -> str:
    if not isinstance(value, str) or not value.strip() or printable(value) != value:
        raise WrongValueError
    return value.strip()


def _flag(value: Any) -> bool:
    if not isinstance(value, bool):
        raise WrongValueError
    return value


def _texts(value: Any) -> tuple[str, ...]:
    if isinstance(value, str):
        value = [value]
    if not isinstance(value, list | tuple):
        raise WrongValueError
    return tuple(_text(item) for item in value)


def _duration(unit: str, least: int) -> Reader:
    def read(value: Any) -> int:
        if isinstance(value, bool) or not isinstance(value, int | str):
            raise WrongValueError
        match = _DURATION.fullmatch(str(value))
        if match is None:
            raise WrongValueError
        minutes = int(match[1]) * _UNITS[(match[2] or unit).lower()]
        number = -(-minutes // _UNITS[unit])  # a part of a day counts as one
        if not least <= number or minutes > _LONGEST:
            raise WrongValueError
        return number

    return read


def _theme(value: Any) -> str:
    if value not in ("auto", "dark", "light", "none"):
        raise WrongValueError
    return str(value)


def _ports(value: Any) -> tuple[int, int]:
    if isinstance(value, str) and (match := _RANGE.fullmatch(value)):
        value = [int(match[1]), int(match[2])]
    if not isinstance(value, list | tuple) or len(value) != 2 or any(type(port) is not int for port in value):
        raise WrongValueError
    low, high = value
    if not 1 <= low <= high <= 65535:
        raise WrongValueError
    return low, high


_KEYS: Mapping[str, tuple[Reader, str]] = {
    "base": (_text, 'the name of a branch: "main"'),
    "layouts": (_texts, 'a list of names: ["swarm", "thoughts"]'),
    "branch_patterns": (_texts, 'a list of patterns: ["feature/<date>-<slug>"]'),
    "exclude": (_texts, 'a list of folders or globs: ["vendor/**"]'),
    "stale_after": (_duration("m", 1), 'minutes: 60, "60m" or "1h"'),
    "idle_after": (_duration("m", 1), 'minutes: 30, "30m" or "1h"'),
    "archive_after": (_duration("d", 0), 'days: 30, "30d" or "4w"'),
    "port_range": (_ports, 'two ports: [3001, 3999] or "3001-3999"'),
}
_PERSONAL: Mapping[str, tuple[Reader, str]] = {  # of a person, not of a repository
    "theme": (_theme, '"auto", "dark", "light" or "none"'),
}
_USER_KEYS: Mapping[str, tuple[Reader, str]] = {  # what is run and sent: in the user's own file and nowhere else
    "on_change": (_text, 'a command: "notify-me --quick"'),
    "notify": (_flag, "true or false"),
}


# -- below: the places


@frozen
class _Layer:
    """What one place says, not yet checked."""

    place: str
    values: Mapping[str, object] = field(default_factory=dict)
    text: str = ""  # the file's, to find lines in
    own: bool = True  # the user's, not the repository's
    file: bool = False
    problems: tuple[Problem, ...] = ()


def _layers(
    root: Path | None, env: Mapping[str, str], user_dir: Path | None, flags: Mapping[str, object]
) -> Iterable[_Layer]:
    if user_dir is not None:
        yield _file_layer(user_dir / "config.toml", str(user_dir / "config.toml"), own=True)
    if root is not None:
        yield _file_layer(root / "pyproject.toml", "pyproject.toml", own=False, root=root)
        yield _file_layer(root / OWN_FILE, OWN_FILE, own=False, root=root)
    yield _environment(env)
    yield _Layer("flags", {key: value for key, value in flags.items() if value is not None})


def _file_layer(path: Path, place: str, *, own: bool, root: Path | None = None) -> _Layer:
    place = printable(place)
    try:
        data = _read(path, root)
    except FileNotFoundError:
        return _Layer(place)
    except NotADirectoryError:
        return _Layer(place)
    except (OSError, RuntimeError, WrongValueError) as error:
        why = getattr(error, "strerror", None) or str(error) or "it cannot be followed"
        return _bad_file(place, f"cannot be read: {printable(str(why).lower())}", 0)
    shared = path.name == "pyproject.toml"
    if shared and b"swarm" not in data:
        return _Layer(place)
    import tomllib  # only when there is something to read: the quick commands do without it

    try:
        text = data.decode("utf-8-sig")
        values: Any = tomllib.loads(text)
    except tomllib.TOMLDecodeError as error:
        line = re.search(r"line (\d+)", str(error))
        return _bad_file(place, f"is not valid TOML: {printable(str(error))}", int(line[1]) if line else 0)
    except UnicodeDecodeError as error:
        return _bad_file(place, "is not valid UTF-8", data.count(b"\n", 0, error.start) + 1)
    except (RecursionError, ValueError) as error:
        return _bad_file(place, f"cannot be read: {printable(str(error), limit=120)}", 0)
    if shared:
        tool = values.get("tool")
        values = tool.get("swarm", {}) if isinstance(tool, dict) else {}
        if not isinstance(values, dict):
            return _bad_file(place, "[tool.swarm] must be a table", _line(text, "swarm"))
    return _Layer(place, values, text, own, file=True)


def _bad_file(place: str, message: str, line: int) -> _Layer:
    problem = Problem("bad-config", f"the configuration {message}", place, line, "error")
    return _Layer(place, file=True, problems=(problem,))


def _read(path: Path, root: Path | None) -> bytes:
    """The bytes of a regular file; one of the repository may not lead out of it."""
    if root is not None:
        real = path.resolve(strict=True)
        if not real.is_relative_to(root.resolve()):
            raise WrongValueError("it is a link that leaves the repository")
        path = real
    fd = os.open(path, os.O_RDONLY | os.O_NONBLOCK | os.O_CLOEXEC)
    with os.fdopen(fd, "rb") as file:
        status = os.fstat(fd)
        if not stat.S_ISREG(status.st_mode):
            raise WrongValueError("it is not a regular file")
        data = file.read(LIMIT + 1)
    if len(data) > LIMIT:
        raise WrongValueError("it is larger than 1 MB")
    return data


def _environment(env: Mapping[str, str]) -> _Layer:
    known = {**_KEYS, **_PERSONAL}
    names = {f"SWARM_{key.upper()}": key for key in known}
    values: dict[str, object] = {}
    problems: list[Problem] = []
    for name, value in sorted(env.items()):
        if name in names and value.strip():
            listed = known[names[name]][0] is _texts
            values[names[name]] = [part for part in re.split(r"\s*,\s*", value) if part] if listed else value
        elif name.startswith("SWARM_") and name not in names and name not in _OTHER_VARIABLES:
            near = _nearest(name, names, 0.85)
            if near:
                message = f"unknown variable {printable(name, limit=60)}"
                problems.append(Problem("unknown-key", message, "environment", hint=f"did you mean {near}?"))
    return _Layer("environment", values, problems=tuple(problems))


# -- below: one place over the others


def _laid_over(config: Config, layer: _Layer) -> Config:
    changes: dict[str, Any] = {}
    problems = [*config.problems, *layer.problems]
    for key, value in layer.values.items():
        name = key.replace("-", "_")
        known = {**_KEYS, **(_PERSONAL if layer.own else {}), **(_USER_KEYS if layer.own and layer.file else {})}
        if name not in known:
            problems.append(_unknown(key, layer))
            continue
        read, expected = known[name]
        try:
            changes[name] = read(value)
        except WrongValueError:
            problems.append(_wrong(key, value, expected, layer))
    return replace(
        config,
        **changes,
        sources={**config.sources, **dict.fromkeys(changes, layer.place)},
        files=(*config.files, layer.place) if layer.file else config.files,
        problems=tuple(problems),
    )


def _unknown(key: str, layer: _Layer) -> Problem:
    shown = printable(key, limit=60)
    line = _line(layer.text, key)
    if not layer.own and key.replace("-", "_") in (*_RUNS, *_PERSONAL):
        message = f'"{shown}" is not taken from a repository, only from flags and your own configuration'
        return Problem("unknown-key", message, layer.place, line)
    near = _nearest(key, _KEYS, 0.6)
    hint = f"did you mean {near}?" if near else f"known keys: {', '.join(_KEYS)}"
    return Problem("unknown-key", f'unknown key "{shown}"', layer.place, line, hint=hint)


def _wrong(key: str, value: object, expected: str, layer: _Layer) -> Problem:
    shown = printable(repr(value), limit=60)
    message = f"{printable(key)} must be {expected}, not {shown}"
    return Problem("bad-config", message, layer.place, _line(layer.text, key), "error")


def _nearest(name: str, known: Iterable[str], cutoff: float) -> str:
    from difflib import get_close_matches

    spelled = {key.lower(): key for key in known}
    return next((spelled[key] for key in get_close_matches(name[:60].lower(), spelled, 1, cutoff)), "")


def _line(text: str, key: str) -> int:
    """The line that sets ``key``; 0 where there is none to point at."""
    spelled = re.escape(key)
    match = re.search(rf"""^[ \t]*\[*[ \t]*(?:[\w.]+\.)?["']?{spelled}["']?[ \t]*[\].=]""", text, re.MULTILINE)
    return text.count("\n", 0, match.start()) + 1 if match else 0

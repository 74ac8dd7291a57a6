"""Facts of the program for the reference: exit codes, configuration keys."""

import re
from dataclasses import dataclass
from pathlib import Path

from reconciler import config, errors
from reconciler.errors import Exit

_UNSAID = {"OK": "done", "BUG": "a fault of swarm itself: please report it", "INTERRUPTED": "interrupted (Ctrl-C)"}
_MEANINGS = {
    "base": "the branch that work is merged into; without it: the remote's HEAD, `init.defaultBranch`, main, master",
    "layouts": "ids of the layouts to look for; without it: all of them, see [rules](rules.md#layouts)",
    "branch_patterns": "how branches are named, as templates with `{slug}`; tried before the built-in ones",
    "exclude": "folders and globs in which no document is looked for",
    "stale_after": "a holder that was not heard for so long no longer counts; its claim may be taken over",
    "idle_after": "a holder that was not heard for so long is shown as idle",
    "archive_after": "work merged longer ago moves to `.swarm/archive/`",
    "theme": "colours of the screens, see [screens](screens.md#themes); your own file or variable, never a repository",
    "port_range": "from which `swarm port` chooses",
}


@dataclass(frozen=True, slots=True)
class Key:
    """One configuration key."""

    name: str
    expected: str
    default: str
    meaning: str


def exit_codes() -> list[tuple[int, str, str]]:
    """(number, name, meaning), the meaning as the comment in errors.py says it."""
    source = Path(errors.__file__).read_text("utf-8")
    said = dict(re.findall(r"^    ([A-Z_]+) = \d+  # (.+)$", source, re.MULTILINE))
    return [(int(code), code.name, said.get(code.name) or _UNSAID[code.name]) for code in Exit]


def configuration_keys() -> list[Key]:
    """Every key that the configuration takes."""
    plain = config.Config()
    return [
        Key(name, expected, _shown(getattr(plain, name)), _MEANINGS[name])
        for name, (_, expected) in {**config._KEYS, **config._PERSONAL}.items()
    ]


def _shown(value: object) -> str:
    if isinstance(value, tuple):
        return ", ".join(map(str, value)) or "-"
    return str(value) or "-"

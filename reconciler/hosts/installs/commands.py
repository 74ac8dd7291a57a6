"""Tells whether a command line in somebody's settings is one that swarm wrote, now or in an older form."""

import re
import shlex

_NAME = re.compile(r"swarm(\.exe)?")
_PYTHON = re.compile(r"(python|pypy)[0-9.]*(\.exe)?")
_ASSIGNMENT = re.compile(r"[A-Za-z_][A-Za-z0-9_]*=.*")
_NOWHERE = {(sign, "/dev/null") for sign in (">", ">>", "&>", "&>>", "<")} | {(">&", "1"), (">&", "2")}
_TAILS = (("||", "true"), ("||", ":"), ("||", "exit", "0"))


def hook_command(host: str, event: str) -> str:
    """What is written for one event; the same in every version."""
    return f"swarm hook {host} {event}"


def hook_of(command: str, host: str) -> str | None:
    """The event for which this command calls swarm and does nothing else; None when it is not ours."""
    words = _own_words(command)
    if words is None or len(words) != 3 or words[:2] != ["hook", host]:
        return None
    return words[2]


def mentions_hook(command: str, host: str) -> bool:
    """Whether swarm's hook is part of a command that does more: not ours to change, but it fires."""
    return re.search(rf"\bswarm(\.exe)?[\"']?\s+hook\s+{re.escape(host)}\s", command) is not None


def is_server(words: list[str]) -> bool:
    """Whether these words start swarm's MCP server."""
    return _after_swarm(words) == ["mcp"]


def _own_words(command: str) -> list[str] | None:
    try:
        lexer = shlex.shlex(command, posix=True, punctuation_chars=True)
        lexer.whitespace_split = True
        words = list(lexer)
    except ValueError:
        return None
    for tail in _TAILS:
        if tuple(words[-len(tail) :]) == tail:
            words = words[: -len(tail)]
            break
    words = _without_redirections(words)
    while words and _ASSIGNMENT.fullmatch(words[0]):
        words = words[1:]
    return _after_swarm(words)


def _without_redirections(words: list[str]) -> list[str]:
    """Leave out what sends output to nowhere."""
    kept: list[str] = []
    rest = list(words)
    while rest:
        word = rest.pop(0)
        if (word, *rest[:1]) not in _NOWHERE:
            kept.append(word)
            continue
        rest.pop(0)
        if kept and kept[-1] in ("1", "2"):
            kept.pop()
    return kept


def _after_swarm(words: list[str]) -> list[str] | None:
    """What stands behind ``swarm``, ``/some/where/swarm`` or ``python -m reconciler``."""
    if not words:
        return None
    name = re.split(r"[/\\]", words[0])[-1]
    if _NAME.fullmatch(name):
        return words[1:]
    if _PYTHON.fullmatch(name) and "-m" in words:
        module = words.index("-m") + 1
        if words[module : module + 1] == ["reconciler"] and all(w.startswith("-") for w in words[1 : module - 1]):
            return words[module + 1 :]
    return None

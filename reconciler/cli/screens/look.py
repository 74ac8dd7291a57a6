"""How the screens may draw: one frozen value, decided once from stream, environment and flags."""

import os
from collections.abc import Mapping
from typing import Protocol

from reconciler.cli.screens.themes import theme_for
from reconciler.frozen import frozen

NARROWEST = 20


@frozen
class Look:
    """``width`` None: no terminal, nothing is cut, every row repeats its state, times are ISO.

    ``prompt``: a model reads it; texts of documents stand in fields and hold nothing that acts on one.
    """

    unicode: bool = True
    colour: bool = False
    width: int | None = None
    accessible: bool = False
    prompt: bool = False
    theme: str = "dark"

    @property
    def mark(self) -> str:
        """Stands where text was cut; never wider than one column per character."""
        return "⋯" if self.unicode else ".."

    @property
    def piped(self) -> bool:
        return self.width is None and not self.accessible


class Stream(Protocol):
    """What is asked of the output stream."""

    @property
    def encoding(self) -> str | None: ...
    def isatty(self) -> bool: ...
    def fileno(self) -> int: ...


def look_from(
    stream: Stream, env: Mapping[str, str], *, no_color: bool = False, ascii_only: bool = False, theme: str = "auto"
) -> Look:
    """The look for ``stream``. Flags come first, then NO_COLOR over FORCE_COLOR, then what the stream is.

    ASCII: ``ascii_only``, ``SWARM_ASCII=1``, ``TERM=dumb``, ``ACCESSIBLE=1``, or a locale or stream that is not
    UTF-8. Colour: on a terminal or with ``FORCE_COLOR``. Width: ``COLUMNS``, else the terminal's; None off one.
    ``theme``: one of themes.CHOICES; "none" is no colour.
    """
    terminal = stream.isatty()
    dumb = env.get("TERM", "") == "dumb"
    accessible = _is_on(env, "ACCESSIBLE")
    plain = no_color or theme == "none" or bool(env.get("NO_COLOR")) or dumb or accessible
    return Look(
        unicode=not (ascii_only or dumb or accessible or _is_on(env, "SWARM_ASCII")) and _is_utf8(stream, env),
        colour=not plain and (terminal or _is_on(env, "FORCE_COLOR")),
        width=_columns(stream, env) if terminal else None,
        accessible=accessible,
        theme=theme_for(theme, env),
    )


def _is_on(env: Mapping[str, str], name: str) -> bool:
    return env.get(name, "").strip().lower() not in {"", "0", "false", "no"}


def _is_utf8(stream: Stream, env: Mapping[str, str]) -> bool:
    if (stream.encoding or "").lower().replace("-", "").replace("_", "") not in {"utf8", "utf8sig"}:
        return False
    locale = next((env[name] for name in ("LC_ALL", "LC_CTYPE", "LANG") if env.get(name)), "")
    return not locale or locale.lower().replace("-", "").partition("@")[0].endswith("utf8")


def _columns(stream: Stream, env: Mapping[str, str]) -> int:
    said = env.get("COLUMNS", "")
    if said.isascii() and said.isdigit() and int(said[:6]) > 0:
        return max(NARROWEST, int(said[:6]))
    try:
        columns = os.get_terminal_size(stream.fileno()).columns
    except (OSError, ValueError):
        columns = 0
    return max(NARROWEST, columns) if columns else 80

"""Themes: which colour stands for one of the rules, which are for a dark ground. None is needed to read a screen."""

from collections.abc import Mapping

CHOICES = ("auto", "dark", "light", "none")
THEMES: Mapping[str, Mapping[str, str]] = {
    "dark": {},
    "light": {"yellow": "magenta", "cyan": "blue"},  # both are too pale on white; magenta waits for you, too
}
_LIGHT = frozenset({"7", "9", "10", "11", "12", "13", "14", "15"})  # of the sixteen, as grounds


def theme_for(wanted: str, env: Mapping[str, str]) -> str:
    """The theme in force. ``auto``: light where the terminal says so in COLORFGBG ("0;15"), else dark."""
    if wanted != "auto":
        return wanted
    return "light" if env.get("COLORFGBG", "").rpartition(";")[2] in _LIGHT else "dark"


def themed(style: str, theme: str) -> str:
    """A style of the rules in the colours of a theme."""
    table = THEMES.get(theme, {})
    return " ".join(table.get(word, word) for word in style.split())

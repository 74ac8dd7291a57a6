"""Times as the command line takes them: 50ms, 2s, 1m."""

import re
from typing import TYPE_CHECKING, Any

import click

from reconciler.printable import printable

if TYPE_CHECKING:
    _Type = click.ParamType[float]
else:
    _Type = click.ParamType  # generic only for the type checker

_DURATION = re.compile(r"(\d{1,6}(?:\.\d{1,3})?)(ms|s|m|h)?", re.ASCII)
_UNITS = {"ms": 0.001, "s": 1.0, "m": 60.0, "h": 3600.0, None: 1.0}


class Seconds(_Type):
    """A duration: 50ms, 2s, 1m; a number alone is seconds."""

    name = "TIME"

    def __init__(self, least: float, most: float) -> None:
        self.least, self.most = least, most

    def convert(self, value: Any, param: click.Parameter | None, ctx: click.Context | None) -> float:
        if isinstance(value, float):
            return value
        match = _DURATION.fullmatch(str(value).strip())
        seconds = float(match[1]) * _UNITS[match[2]] if match else -1.0
        if not self.least <= seconds <= self.most:
            self.fail(f"{printable(str(value))} is no time from {self.least:g} to {self.most:g} s: 50ms, 2s, 1m")
        return seconds

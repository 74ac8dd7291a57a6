"""Moments as people type them: ``24h``, ``7d``, ``2w`` ago, a date, a time."""

import re
from datetime import datetime, timedelta
from typing import TYPE_CHECKING

from reconciler.errors import SwarmError
from reconciler.printable import printable

if TYPE_CHECKING:
    from reconciler.observe.earlier import Then

LONGEST = timedelta(days=3660)
_AGO = re.compile(r"(\d{1,5})([hdw])")
_HOURS = {"h": 1, "d": 24, "w": 168}
_DATED = re.compile(r"\d{4}-\d\d-\d\d")


def read_moment(text: str, until: datetime) -> datetime | None:
    """So long before ``until``; or a date or time of its zone, midnight unless a time is given. None: neither."""
    text = text.strip()
    ago = _AGO.fullmatch(text.lower())
    if ago:
        return until - min(timedelta(hours=int(ago[1]) * _HOURS[ago[2]]), LONGEST)
    try:
        moment = datetime.fromisoformat(text)
    except ValueError:
        return None
    return moment if moment.tzinfo else moment.replace(tzinfo=until.tzinfo)


def then_of(text: str, until: datetime) -> "Then":
    """What ``--at`` asks for. Where a name could be both, it is a moment: ``7d`` and ``2026-01-18`` are no commits.

    Raises SwarmError for a moment that is still to come.
    """
    from reconciler.observe.earlier import Then

    typed = text.strip()
    moment = read_moment(typed, until) if _AGO.fullmatch(typed.lower()) or _DATED.match(typed) else None
    if moment and moment > until:
        raise SwarmError(f'"{printable(typed, limit=60)}" is not in the past', hint="swarm status --at 7d")
    return Then(moment=moment) if moment else Then(rev=text)

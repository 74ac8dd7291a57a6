"""Takes a file or folder name apart: date, number or ticket key, phase, role, slug."""

import datetime
import re
from collections.abc import Mapping, Sequence

from reconciler.frozen import frozen
from reconciler.policy import Expression, Wild
from reconciler.printable import UNSAFE, printable

_DATE = re.compile(r"(\d{4})-?(\d{2})-?(\d{2})(?:[-_T](?:\d{2}[-:]\d{2}[-:]\d{2}|\d{6}Z?)(?=[-_]))?[-_. ]+(?=.)")
_TICKET = re.compile(r"([A-Z][A-Z0-9]{1,9}-\d{1,6}|[a-z]{2,10}_\d{1,6})(?:[-_. ]+(?=.)|$)")
_WHOLE_TICKET = re.compile(r"[a-z]{2,10}-\d{1,6}\Z")  # "arc-112" and nothing else, in the name of a ticket
_NUMBER = re.compile(r"(0\d{1,4})[-_. ]+(?=.)")
_SEPARATORS = re.compile(rf"(?:[\s_]|{UNSAFE.pattern})+|-{{2,}}")


@frozen
class Name:
    """The parts of one name; ``slug`` is never empty for a name that is not."""

    slug: str
    stem: str  # without date
    date: datetime.date | None = None
    number: str = ""
    phase: str = ""


def split_name(stem: str, *, stage: str, phases: Sequence[Wild], suffixes: Mapping[str, Expression]) -> Name:
    """ "2026-01-18-turn-system-phase-2" -> turn-system, its day, phase 2."""
    rest, day, number = stem, None, ""
    if (match := _DATE.match(rest)) and (day := to_date(*match.groups())):
        rest = rest[match.end() :]
    dateless = rest
    if match := _TICKET.match(rest):
        number = match.group(1).replace("_", "-").upper()
        rest = rest[match.end() :] or match.group(1)
    elif stage == "support" and _WHOLE_TICKET.match(rest):
        number = rest.upper()
    elif match := _NUMBER.match(rest):
        number, rest = match.group(1), rest[match.end() :]
    slug, phase = cut_suffixes(plain_slug(rest), stage=stage, phases=phases, suffixes=suffixes)
    return Name(slug, dateless, day, number, phase)


def cut_suffixes(
    slug: str, *, stage: str, phases: Sequence[Wild], suffixes: Mapping[str, Expression]
) -> tuple[str, str]:
    """The slug without role and phase suffixes, and the phase label; never cuts to nothing."""
    phase = ""
    for _ in range(4):
        shorter = slug
        for roles in (suffixes.get(stage), suffixes.get("any")):
            if roles is not None and (match := roles.search(shorter)) and match.start() > 0:
                shorter = shorter[: match.start()]
                break
        if not phase:
            shorter, phase = _cut_phase(shorter, phases)
        if shorter == slug:
            break
        slug = shorter
    return slug, phase


def plain_slug(text: str) -> str:
    """Lower case, words joined by single dashes; what steers a terminal joins words, too, so that all can be typed."""
    return _SEPARATORS.sub("-", text.strip()).strip("-.").casefold() or printable(text).casefold()


def to_date(year: str, month: str, day: str) -> datetime.date | None:
    """A calendar date, or None when there is no such day."""
    try:
        return datetime.date(int(year), int(month), int(day))
    except ValueError:
        return None


def _cut_phase(slug: str, phases: Sequence[Wild]) -> tuple[str, str]:
    for suffix in phases:
        if (match := suffix.search(slug)) and match.start() > 0:
            return slug[: match.start()], phase_label(match.groupdict().get("phase") or "all")
    return slug, ""


def phase_label(label: str) -> str:
    """ "a" -> "A", "2" -> "2": labels compare without regard to case."""
    return label if label == "all" else label.upper()

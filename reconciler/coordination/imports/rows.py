"""What every reader of a foreign format gives: rows, what was left out and why, and what is wrong."""

import re
from dataclasses import dataclass, field
from datetime import date
from typing import Any

from reconciler.coordination.intents import one_line
from reconciler.frozen import frozen
from reconciler.model import Problem
from reconciler.printable import UNSAFE, printable

TITLE_LIMIT = 300
KEY_LIMIT = 120

# words of trackers -> the state they speak of; "open" says only that it is not done
_STATES = {
    **dict.fromkeys(("merged", "done", "closed", "complete", "completed", "shipped", "finished", "released",
                     "implemented", "resolved", "fixed", "x"), "merged"),
    **dict.fromkeys(("in-review", "review", "validating", "verifying", "testing", "needs-review"), "in-review"),
    **dict.fromkeys(("implementing", "in-progress", "wip", "doing", "started", "active", "hooked", "claimed",
                     "working", "running"), "implementing"),
    **dict.fromkeys(("ready", "planned", "approved"), "ready"),
    **dict.fromkeys(("planning", "sub-planning", "in-planning", "plan", "draft"), "planning"),
    **dict.fromkeys(("research", "researching", "in-research"), "researching"),
    "researched": "researched",
    **dict.fromkeys(("idea", "backlog", "proposed", "icebox"), "idea"),
    **dict.fromkeys(("abandoned", "cancelled", "canceled", "wontfix", "won-t-do", "tombstone", "archived",
                     "superseded", "rejected"), "abandoned"),
}  # fmt: skip


@frozen
class Edge:
    """A dependency as the source names it."""

    target: str
    type: str = "blocks"  # blocks | informs | conflicts
    reason: str = ""


@frozen
class Row:
    """One item of a source. ``key`` is its own name there, "" when it has none."""

    line: int
    title: str
    key: str = ""
    names_id: bool = False  # the key may serve as our id; else it is an alias (numbers and ticket keys repeat)
    type: str = ""
    priority: int | None = None
    recorded: str = ""  # a state in the source's words
    decides: bool = True  # False: a box or a mark, weaker than a registry's word
    parent: str = ""
    edges: tuple[Edge, ...] = ()
    tags: tuple[str, ...] = ()
    phases: int | None = None
    notes: str = ""
    branch: str = ""
    artifacts: tuple[str, ...] = ()  # paths or names of documents
    created: date | None = None
    text: str = ""  # the line as written, where the source is text: found again by it
    label: str = ""  # what siblings call it: "D" in "depends on D"
    phase_labels: tuple[str, ...] = ()  # it speaks of phases of its parent: "2", "3"
    within: tuple[str, ...] = ()  # parts that are too small to stand alone, kept in its notes

    @property
    def state(self) -> str:
        """The lifecycle state that ``recorded`` speaks of, "open" when it only says so, "" when nothing."""
        return state_of(self.recorded)


@frozen
class Skip:
    """Something in the source that becomes nothing, and why."""

    line: int
    text: str
    why: str


@frozen
class Reading:
    """Everything one file says."""

    format: str
    rows: tuple[Row, ...] = ()
    skipped: tuple[Skip, ...] = ()
    problems: tuple[Problem, ...] = ()


@dataclass(slots=True)
class Notebook:
    """Collects while a file is read."""

    path: str
    rows: list[Row] = field(default_factory=list)
    skipped: list[Skip] = field(default_factory=list)
    problems: list[Problem] = field(default_factory=list)
    seen: set[str] = field(default_factory=set)  # keys met so far

    def skip(self, line: int, text: object, why: str) -> None:
        self.skipped.append(Skip(line, shown(text), why))

    def complain(self, line: int, message: str) -> None:
        self.problems.append(Problem("import", printable(message, limit=300), self.path, line))

    def reading(self, format: str) -> Reading:
        return Reading(format, tuple(self.rows), tuple(self.skipped), tuple(self.problems))


def state_of(words: str) -> str:
    """Return the lifecycle state that a tracker's word speaks of, "open" for others, "" for none."""
    key = re.sub(r"[^a-z]+", "-", words.lower()).strip("-")
    return _STATES.get(key, "open" if key else "")


def line_of(value: Any, limit: int = KEY_LIMIT) -> str:
    """Return text or a number as one clean line, "" for anything else; cut at ``limit``."""
    if isinstance(value, bool) or not isinstance(value, str | int | float):
        return ""
    text = one_line(_without_steering(str(value)))
    return text if len(text) <= limit else text[: limit - 1].rstrip() + "…"


def text_of(value: Any) -> str:
    """Return text of several lines without characters that steer a terminal; "" for anything else."""
    if not isinstance(value, str):
        return ""
    lines = value.replace("\r\n", "\n").replace("\r", "\n").split("\n")
    return "\n".join(_without_steering(line.expandtabs(4)).rstrip() for line in lines).strip("\n")


def date_of(value: Any) -> date | None:
    """Return the day of "2026-01-18…", None when it is none."""
    try:
        return date.fromisoformat(value.strip()[:10]) if isinstance(value, str) else None
    except ValueError:
        return None


def shown(value: object, limit: int = 120) -> str:
    """Return any value as a short printable text."""
    return printable(value if isinstance(value, str) else repr(value)[: limit * 4], limit=limit)


def _without_steering(text: str) -> str:
    return re.sub("[\ufffe\uffff]", "", UNSAFE.sub(" ", text)) if not text.isascii() or UNSAFE.search(text) else text

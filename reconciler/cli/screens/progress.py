"""`swarm report` and `swarm history`: one list of sections, drawn as text, Markdown or HTML."""

from collections.abc import Sequence
from datetime import UTC, datetime, time

from reconciler.cli.screens.explain import FULL_ID
from reconciler.cli.screens.ink import Ink, age, iso, line, paint, plural
from reconciler.cli.screens.needs import needs_of, needy_ids
from reconciler.cli.screens.sheet import Entry, sheet
from reconciler.cli.screens.words import warnings_of
from reconciler.derive.history import Step
from reconciler.derive.report import FLOW, Moved, Report, Spread, Stuck
from reconciler.frozen import frozen
from reconciler.model import View, Workstream

_SHOWN = 20  # of one section; the count says how many there are


@frozen
class Section:
    """``Merged 2   player-faction-tracking (8ec609c, 3 phases), …``."""

    label: str
    items: tuple[str, ...]
    number: int | None = None

    @property
    def text(self) -> str:
        left = len(self.items) - _SHOWN
        shown = [*self.items[:_SHOWN], *([f"{left} more: --json"] if left > 0 else [])]
        return "; ".join(shown)


def heading(report: Report, view: View) -> str:
    """What it is about: name, from, to."""
    days = (report.until - report.since).total_seconds() / 86400
    lasting = plural(round(days), "day") if days >= 1 else plural(round(days * 24), "hour")
    return f"{view.name}  {report.since:%Y-%m-%d} to {report.until:%Y-%m-%d} ({lasting})"


def sections(report: Report, view: View, ink: Ink) -> tuple[Section, ...]:
    """In the order of a stand-up: done, moved, stuck and why, how it flows."""
    needs = len(needy_ids(needs_of(view, ink)))
    found = [
        Section("Merged", tuple(map(_merged, report.merged)) or ("nothing",), len(report.merged)),
        Section("Moved", tuple(map(_moved, report.moved)) or ("nothing",), len(report.moved)),
        Section("Needs you", ("as swarm status",) if needs else ("nothing",), needs),
    ]
    if report.stale:
        found.append(Section("Stale", tuple(_stale(s, ink) for s in report.stale), len(report.stale)))
    if report.drift:
        found.append(Section("Drift", tuple(map(_drift, report.drift)), len(report.drift)))
    found.append(
        Section("Blocked", tuple(_blocked(b, ink) for b in report.blocked) or ("nothing",), len(report.blocked))
    )
    found.append(Section(f"Flow {FLOW}d", (_flow(report.flow),)))
    found.append(Section("Burn-up", (_burn(report), *_oldest(report, ink))))
    return (*found, *(_weekly(report, ink) if report.is_weekly else ()), *_cut(report))


def report_screen(report: Report, view: View, ink: Ink) -> str:
    """On a terminal or into a pipe."""
    entries = [Entry(_label(section), section.text) for section in sections(report, view, ink)]
    return paint(sheet(heading(report, view), entries, ink), ink.look)


def history_screen(stream: Workstream, steps: Sequence[Step], ink: Ink) -> str:
    """One row for each change of state, with its evidence."""
    if not steps:
        return paint([line(f"{stream.id}: nothing about it has a date, so nothing is known of its past.")], ink.look)
    rows = []
    for number, step in enumerate(steps):
        lasted = age(step.at, steps[number + 1].at if number + 1 < len(steps) else ink.now)
        source = FULL_ID.sub(lambda found: found[0][:7], step.because.source)
        rows.append(Entry(f"{iso(step.at)} {step.state}", f"for {lasted}: {step.because.detail}", source))
    return paint(sheet(f"{stream.id} is {stream.state}: {stream.reason}", rows, ink), ink.look)


def _label(section: Section) -> str:
    return section.label if section.number is None else f"{section.label} {section.number}"


def _merged(stream: Workstream) -> str:
    how = stream.merge_commit[:7] if stream.merge_commit else stream.rule
    phases = f", {plural(stream.total_phases, 'phase')}" if stream.total_phases else ""
    return f"{stream.id} ({how}{phases})"


def _moved(moved: Moved) -> str:
    start = f"{moved.before} to " if moved.before else "new, "
    return f"{moved.stream.id}: {start}{moved.stream.state}"


def _stale(stream: Workstream, ink: Ink) -> str:
    since = stream.claim.heard if stream.claim else stream.updated
    return f"{stream.id} {ink.lasting(since)}" if since else str(stream.id)


def _drift(stream: Workstream) -> str:
    found = warnings_of(stream)
    return f"{stream.id}: {found[0].say}" if found else str(stream.id)


def _blocked(stuck: Stuck, ink: Ink) -> str:
    since = f" {ink.lasting(stuck.since)}" if stuck.since else ""
    first, more = stuck.stream.blocked_by[0], len(stuck.stream.blocked_by) - 1
    return f"{stuck.stream.id}{since} by {first}" + (f" +{more}" if more else "")


def _flow(flow: Spread) -> str:
    if flow.median is None or flow.most is None:
        return f"{flow.cases} merged; too few for a time"
    return (
        f"{flow.cases} merged; first trace to merge: median {_days(flow.median)}, 85% within {_days(flow.most)} "
        f"(n {flow.cases})"
    )


def _days(days: float) -> str:
    return f"{days:.1f} d" if days >= 1 else f"{days * 24:.1f} h"


def _burn(report: Report) -> str:
    first, last = report.points[0], report.points[-1]
    return f"{last.done} done of {last.known} known ({last.done - first.done:+}, {last.known - first.known:+})"


def _oldest(report: Report, ink: Ink) -> tuple[str, ...]:
    oldest = report.oldest
    if oldest is None or oldest.created is None:
        return ()
    return (f"oldest open: {oldest.id} {ink.lasting(datetime.combine(oldest.created, time(), UTC))}",)


def _weekly(report: Report, ink: Ink) -> tuple[Section, ...]:
    ageing = tuple(
        f"{one.stream.id} {one.stream.state}" + (f" {ink.lasting(one.since)}" if one.since else "")
        for one in report.ageing
    )
    times = tuple(
        f"{state} {_days(spread.median)} (n {spread.cases})" if spread.median is not None else f"{state}: too few"
        for state, spread in report.times
    )
    waiting = tuple(f"{name} keeps {count}" for name, count in report.waiting)
    return (
        Section("In flight", ageing or ("nothing",), len(ageing)),
        Section("Time in", times or ("nothing moved on",)),
        Section("Waiting on", waiting or ("nobody",), len(waiting)),
    )


def _cut(report: Report) -> tuple[Section, ...]:
    return (Section("Note", ("older history was not read: earlier merges may be missing",)),) if report.cut else ()

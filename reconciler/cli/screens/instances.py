"""Who does what: `swarm instances`, and the sentences of `swarm claim`."""

from collections.abc import Iterable, Sequence
from datetime import datetime

from reconciler.cli.screens.ink import Ink, Line, Rules, Span, age, columns, iso, line, paint, plural, spoken_age
from reconciler.cli.screens.look import Look
from reconciler.cli.screens.sheet import wrapped
from reconciler.coordination.claims import Result
from reconciler.coordination.holdings import Holding
from reconciler.coordination.leases import Sign
from reconciler.frozen import frozen
from reconciler.model import Workstream
from reconciler.printable import printable

ORDER = ("active", "idle", "unknown", "stale")
STYLES = {"active": "cyan", "idle": "default", "unknown": "yellow", "stale": "yellow"}


@frozen
class Row:
    """One session as people see it. ``heard`` None: it cannot be told when."""

    session: str
    status: str
    since: datetime | None
    heard: datetime | None
    holds: tuple[str, ...] = ()
    host: str = ""
    worktree: str = ""
    why: str = ""


def instances_screen(
    rows: Sequence[Row], rules: Rules, now: datetime, look: Look, *, disk: str = "", said: Sequence[str] = ()
) -> str:
    """Every session, those that live first. ``disk``: the kind of network disk; ``said``: what a clean-up removed."""
    ink = Ink(look, now, rules)
    ordered = sorted(rows, key=lambda row: (_rank(row), -(row.heard.timestamp() if row.heard else 0), row.session))
    lines = [line(ink.text(text[:1].upper() + text[1:] + ".")) for text in said]
    if not ordered:
        lines += [line("No session is known: nobody has claimed anything."), line("Take work: swarm claim --next")]
    else:
        counts = [f"{n} {status}" for status in ORDER if (n := sum(row.status == status for row in ordered))]
        lines += wrapped((), f"{plural(len(ordered), 'session')}: {', '.join(counts)}", ink)
        lines += _spoken(ordered, ink) if look.accessible else _table(ordered, ink)
    if disk:
        text = f"The facts lie on a network disk ({disk}): what others did may show up to a minute late."
        lines += [line(ink.text(text))] if look.accessible else wrapped((), ink.text(text), ink)
    if any(row.status == "stale" and not row.holds for row in ordered):
        lines.append(line("Forget those that are gone: swarm instances --cleanup"))
    if any(row.status == "stale" and row.holds for row in ordered):
        lines.append(line("Give back what a stale one holds: swarm release ID"))
    return paint(lines, look)


def _rank(row: Row) -> int:
    return ORDER.index(row.status) if row.status in ORDER else len(ORDER)


def _table(rows: Sequence[Row], ink: Ink) -> list[Line]:
    cells = [
        (row.status, ink.text(row.session), ink.when(row.heard), ink.text(", ".join(row.holds)) or "-", _rest(row, ink))
        for row in rows
    ]
    drawn = columns(cells)
    return [
        line(" ", Span(text[: len(row.status)], STYLES.get(row.status, "")), text[len(row.status) :])
        for row, text in zip(rows, drawn, strict=True)
    ]


def _rest(row: Row, ink: Ink) -> str:
    since = f"since {ink.when(row.since)}" if row.since else ""
    if since and not ink.look.piped:
        since = f"for {ink.when(row.since)}"
    parts = (row.why, since, f"on {row.host}" if row.host else "", row.worktree)
    return ink.text("; ".join(filter(None, parts))) or "-"


def _spoken(rows: Sequence[Row], ink: Ink) -> list[Line]:
    said = []
    for row in rows:
        heard = f"last heard {spoken_age(row.heard, ink.now)}" if row.heard else "never heard"
        holds = f"holds {', '.join(row.holds)}" if row.holds else "holds nothing"
        why = f", {row.why}" if row.why else ""
        said.append(line(ink.text(f"{row.session} is {row.status}{why}, {heard}, {holds}.")))
    return said


# -- sentences


def holder_words(holding: Holding, now: datetime) -> str:
    """``claude-7c on desk since 2026-01-18T09:00:00Z, last heard 3m ago (active)``."""
    if holding.record is None:
        return f"somebody whose record cannot be read ({holding.verdict.why or 'unreadable'})"
    host = f" on {holding.sign.host}" if holding.sign.host else ""
    why = f", {holding.verdict.why}" if holding.verdict.why else ""
    since = iso(datetime.fromtimestamp(holding.record.since, now.tzinfo))
    heard = _last_heard(holding.sign, now)
    return printable(f"{holding.session}{host} since {since}, {heard} ({holding.verdict.status}{why})")


def _last_heard(sign: Sign, now: datetime) -> str:
    stamp = sign.heard if sign.heard is not None else sign.touched
    short = age(datetime.fromtimestamp(stamp, now.tzinfo), now)
    return "last heard at a time in the future" if short == "?" else f"last heard {short} ago"


def claimed(chosen: Workstream, result: Result, before: Holding, session: str, action: str) -> str:
    """What `swarm claim` says when it was granted: whose it is, what to do, what the last one left behind."""
    return "\n".join(_claimed(chosen, result, before, session, action))


def _claimed(chosen: Workstream, result: Result, before: Holding, session: str, action: str) -> Iterable[str]:
    how = {
        "claimed": "claimed",
        "renewed": "renewed",
        "taken-over": f"taken over from {before.session or 'an unreadable record'}",
        "forced": f"taken by force from {before.session or 'an unreadable record'}",
    }[result.outcome]
    number = f", number {result.generation}"
    yield printable(f"{chosen.id} is held by {session}: {how}{number}")
    phase = f", phase {chosen.phase_text}" if chosen.phase_text else ""
    todo = f"; to do: {action}" if action else ""
    if result.outcome == "renewed":
        return
    yield printable(f"it was {chosen.state}{phase}: {chosen.reason}{todo}")
    if before.record is not None and not before.held and before.record.note:
        yield printable(f"note of {before.session}: {before.record.note}")
    yield "give it back: swarm release"

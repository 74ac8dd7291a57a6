"""What waits for a person, and the command for it. The screen's last block; notices read the same values."""

from collections.abc import Iterator

from reconciler.cli.screens.ink import Ink, command, plural
from reconciler.cli.screens.words import in_order, is_open, warnings_of
from reconciler.frozen import frozen
from reconciler.model import Problem, View, Workstream, WorkstreamId

HANDLED = frozenset({"conflicted", "drift", "stale", "unreadable", "cycle", "review"})


@frozen
class Need:
    """One line: ``kind  text  command``."""

    kind: str
    ids: tuple[WorkstreamId, ...]
    text: str
    command: str
    style: str = ""


def needs_of(view: View, ink: Ink) -> tuple[Need, ...]:
    """Everything that needs a person: conflict, drift, stale, review, unreadable, cycle, then flags of one's own."""
    streams = in_order(stream for stream in view.workstreams if is_open(stream, ink))
    return (
        *_conflicts(streams, ink),
        *_drifts(streams, ink),
        *_stales(streams, ink),
        *_reviews(view, ink),
        *_unreadable(view, ink),
        *_cycles(view, ink),
        *_others(streams, ink),
    )


def needy_ids(needs: tuple[Need, ...]) -> frozenset[WorkstreamId]:
    """The workstreams that get a ``!``."""
    return frozenset(one for need in needs for one in need.ids)


def _conflicts(streams: list[Workstream], ink: Ink) -> Iterator[Need]:
    """One line for each group of workstreams that collide with one another."""
    style = ink.flag_style("conflicted")
    for group, files in _groups(streams):
        more = f" +{len(files) - 1}" if len(files) > 1 else ""
        text = ", ".join(group) + (f": {files[0]}{more}" if files else "")
        yield Need("conflict", group, text, "swarm conflicts", style)
    paired = {one for stream in streams for one, _ in stream.conflicts}
    for stream in streams:
        if "conflicted" in stream.flags and not stream.conflicts and stream.id not in paired:
            yield Need("conflict", (stream.id,), stream.id, "swarm conflicts", style)


def _groups(streams: list[Workstream]) -> list[tuple[tuple[WorkstreamId, ...], tuple[str, ...]]]:
    near: dict[WorkstreamId, set[WorkstreamId]] = {}
    files: dict[WorkstreamId, set[str]] = {}
    for stream in streams:
        for other, common in stream.conflicts:
            near.setdefault(stream.id, set()).add(other)
            near.setdefault(other, set()).add(stream.id)
            files.setdefault(stream.id, set()).update(common)
    groups = []
    left = set(near)
    while left:
        group = _reach(min(left), near)
        left -= group
        paths = sorted({path for one in group for path in files.get(one, ())})
        groups.append((tuple(sorted(group)), tuple(paths)))
    return groups


def _reach(start: WorkstreamId, near: dict[WorkstreamId, set[WorkstreamId]]) -> set[WorkstreamId]:
    found = {start}
    edge = [start]
    while edge:
        fresh = near[edge.pop()] - found
        found |= fresh
        edge.extend(fresh)
    return found


def _drifts(streams: list[Workstream], ink: Ink) -> Iterator[Need]:
    for stream in streams:
        if "drift" not in stream.flags:
            continue
        found = warnings_of(stream)
        said = found[0].say if found else "words and git disagree"
        more = f" +{len(found) - 1}" if len(found) > 1 else ""
        text = f"{stream.id}: {said}{more}"
        yield Need("drift", (stream.id,), text, command("swarm explain", stream.id), ink.flag_style("drift"))


def _stales(streams: list[Workstream], ink: Ink) -> Iterator[Need]:
    for stream in streams:
        claim = stream.claim
        if "stale" not in stream.flags and not (claim and claim.status == "stale"):
            continue
        since = claim.heard if claim else stream.updated
        parts = [claim.session if claim else "", ink.lasting(since) if since else ""]
        said = ", ".join(part for part in parts if part)
        run = command("swarm release", stream.id) if claim else command("swarm show", stream.id)
        text = f"{stream.id}: {said}" if said else stream.id
        yield Need("stale", (stream.id,), text, run, ink.flag_style("stale"))


def _reviews(view: View, ink: Ink) -> Iterator[Need]:
    for one in view.next:
        if one.action == "review":
            why = one.reasons[0].text if one.reasons else "review wanted"
            yield Need("review", (one.id,), f"{one.id}: {why}", command("swarm show", one.id), "magenta")


def _unreadable(view: View, ink: Ink) -> Iterator[Need]:
    """One line for all files; those of a workstream give it its ``!``."""
    errors = sorted(p for p in view.problems if p.severity == "error" and p.code != "cycle")
    opens = {stream.id: stream for stream in view.workstreams if is_open(stream, ink)}
    ids = {WorkstreamId(problem.workstream) for problem in errors} & set(opens)
    ids |= {one for one, stream in opens.items() if "unreadable" in stream.flags}
    if not errors and not ids:
        return
    text = f"{_where(errors[0])}: {errors[0].message}" if errors else ", ".join(sorted(ids))
    if len(errors) > 1:
        text = f"{plural(len(errors), 'file')}, first {text}"
    yield Need("unreadable", tuple(sorted(ids)), text, "swarm doctor", ink.flag_style("unreadable"))


def _where(problem: Problem) -> str:
    return f"{problem.path}:{problem.line}" if problem.line else problem.path or problem.code


def _cycles(view: View, ink: Ink) -> Iterator[Need]:
    for ring in filter(None, view.cycles):
        text = " > ".join((*ring, ring[0]))
        yield Need("cycle", ring, text, command("swarm explain", ring[0]), ink.flag_style("cycle"))


def _others(streams: list[Workstream], ink: Ink) -> Iterator[Need]:
    """Flags with ``attention`` that a rule file added."""
    for row in ink.rules.flags:
        if not row.attention or row.name in HANDLED:
            continue
        for stream in streams:
            if row.name in stream.flags:
                text = f"{stream.id}: {row.meaning}"
                run = command("swarm explain", stream.id)
                yield Need(row.name, (stream.id,), text, run, ink.flag_style(row.name))

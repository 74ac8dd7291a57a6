"""`swarm show ID`: everything known about one workstream."""

from collections.abc import Iterator
from datetime import datetime

from reconciler.cli.screens.explain import headline
from reconciler.cli.screens.ink import Ink, Rules, iso, paint, plural
from reconciler.cli.screens.look import Look
from reconciler.cli.screens.sheet import Entry, sheet
from reconciler.cli.screens.words import is_remark
from reconciler.model import DocumentRef, Relation, View, Workstream, WorkstreamId


def show(view: View, id: WorkstreamId, rules: Rules, now: datetime, look: Look) -> str:
    """All facts of ``id``, which must be one of the view's. Fields that say nothing are left out."""
    ink = Ink(look, now, rules)
    stream = next(one for one in view.workstreams if one.id == id)
    entries = [
        *_about(stream, ink),
        *_work(stream, ink),
        *_relations(stream, view),
        *_documents(stream),
        *_notes(stream),
    ]
    return paint(sheet(headline(stream), entries, ink), look)


def _about(stream: Workstream, ink: Ink) -> Iterator[Entry]:
    yield from _said("title", stream.title)
    yield from _said("why", stream.reason)
    yield from _said("type", stream.type)
    yield from _said("priority", "" if stream.priority is None else f"p{stream.priority}")
    yield from _said("flags", ", ".join(stream.flags))
    yield from _said("tags", ", ".join(stream.tags))
    yield from _said("also named", ", ".join(stream.aliases))
    created = stream.created.isoformat() if stream.created else ""
    updated = _moment(stream.updated, ink) if stream.updated else ""
    yield from _said("dates", ", ".join(filter(None, (created and f"created {created}", updated))))


def _work(stream: Workstream, ink: Ink) -> Iterator[Entry]:
    claim = stream.claim
    if claim:
        heard = ink.ago(claim.heard)
        host = f" on {claim.host}" if claim.host else ""
        yield Entry("held by", f"{claim.session}{host}, {claim.status}, last heard {heard}")
    distance = f", {stream.ahead} ahead, {stream.behind} behind" if stream.ahead or stream.behind else ""
    yield from _said("branch", f"{stream.branch}{distance}" if stream.branch else distance.lstrip(", "))
    yield from _said("worktree", stream.worktree or "")
    if stream.tasks[1]:
        yield Entry("boxes", f"{stream.tasks[0]} of {stream.tasks[1]} ticked")
    if stream.merged_at:
        commit = f" by {stream.merge_commit[:7]}" if stream.merge_commit else ""
        yield Entry("merged", f"{iso(stream.merged_at)}{commit}")
    for other, files in stream.conflicts:
        yield Entry("conflict", f"with {other}: {', '.join(files)}")
    for one in stream.drift:
        yield Entry("words" if is_remark(one) else "drift", one.say, one.source)


def _relations(stream: Workstream, view: View) -> Iterator[Entry]:
    states = {one.id: str(one.state) for one in view.workstreams}
    yield from _said("parent", stream.parent or "")
    yield from _said("children", ", ".join(f"{one} ({states.get(one, '?')})" for one in stream.children))
    for relation in stream.relations:
        if relation.type != "parent":
            label = {"blocks": "depends on", "conflicts": "not with"}.get(relation.type, relation.type)
            state = states.get(relation.target, "unknown")
            yield Entry(label, f"{relation.target} ({state}){_why(relation)}", relation.source)
    waiting = sorted(one.id for one in view.workstreams if stream.id in one.blocked_by)
    yield from _said("unblocks", ", ".join(waiting))


def _why(relation: Relation) -> str:
    """The source's own words, unless they are the id and nothing else."""
    said = relation.reason.strip()
    return "" if said.strip("`*\"'[]").casefold() in ("", relation.target.casefold()) else f", {said}"


def _documents(stream: Workstream) -> Iterator[Entry]:
    for index, document in enumerate(stream.documents):
        label = plural(len(stream.documents), "document") if index == 0 else ""
        yield Entry(label, f"{document.path} ({_words(document)})")


def _words(document: DocumentRef) -> str:
    claims = f'says "{document.claims}"' if document.claims else ""
    seen = "in " + ", ".join(document.seen_in) if document.seen_in else ""
    shared = "shared" if document.shared else ""
    return "; ".join(filter(None, (document.kind, claims, seen, shared, document.why)))


def _notes(stream: Workstream) -> Iterator[Entry]:
    for index, text in enumerate(stream.notes.strip().splitlines()):
        yield Entry("notes" if index == 0 else "", text.rstrip())


def _moment(at: datetime, ink: Ink) -> str:
    return f"newest evidence {ink.ago(at)}"


def _said(label: str, text: str) -> Iterator[Entry]:
    if text:
        yield Entry(label, text)

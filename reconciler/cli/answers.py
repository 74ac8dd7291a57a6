"""What the MCP server answers: the documents of ``--json``, one look each. Knows nothing of the protocol."""

import os
from collections.abc import Sequence
from dataclasses import replace
from pathlib import Path
from typing import TYPE_CHECKING, Any

from reconciler.cli import look, taking
from reconciler.cli.ground import Ground, ground, open_ground
from reconciler.cli.session import drawing, now, take_a_look
from reconciler.publish.projections import workstreams_document

if TYPE_CHECKING:
    from reconciler.reconcile import Look

Document = dict[str, Any]
_NAMED = ("SWARM_SESSION", "CLAUDE_CODE_SESSION_ID")


def status(states: Sequence[str], *, everything: bool) -> Document:
    """The document of ``workstreams.json``."""
    seen = take_a_look()
    look.check_states(seen, states)
    view = seen.view
    if states:
        view = replace(view, workstreams=tuple(w for w in view.workstreams if w.state in states))
    chosen = everything or bool(states)
    return workstreams_document(view, all=chosen, now=now(), archive_after_days=seen.config.archive_after)


def next_(count: int, parallel: int) -> Document:
    view = take_a_look().view
    return look.next_document(view, count, look.choose_set(view, parallel) if parallel else None)


def show(id: str) -> Document:
    return look.show_document(taking.found(take_a_look().view, id))


def explain(id: str) -> Document:
    return look.explain_document(taking.found(take_a_look().view, id))


def graph() -> Document:
    return look.graph_document(take_a_look().view)


def report(since: str) -> Document:
    from reconciler.cli.reports import read_report, report_document
    from reconciler.cli.screens.ink import Ink

    seen, until = take_a_look(), now()
    return report_document(seen, read_report(seen, since, until), Ink(drawing(), until, seen.rulebook))


def claim(id: str, client: str) -> Document:
    """Take one; without an id renew what the session holds, else take the best that is free. Never by force.

    A client may send a call again when it heard no answer: that must not take a second one.
    """
    seen = take_a_look()
    place = _as_client(ground(seen.config, Path(seen.facts.common_dir)), client)
    mine = [
        w for w in seen.view.workstreams if w.claim and w.claim.session == place.who.session and w.state != "merged"
    ]
    chosen = taking.found(seen.view, id) if id else mine[0] if mine else None
    granted = taking.claim_one(seen, place, chosen) if chosen else taking.claim_next(seen, place)
    return taking.claimed_document(seen, granted, place)


def release(id: str, note: str, client: str) -> Document:
    rows = taking.release_all(_as_client(open_ground(), client), id or None, everything=not id, note=note)
    return taking.released_document(rows)


def heard(client: str) -> None:
    """The session lives. What stands in the way of noting it is no reason not to answer."""
    from reconciler.coordination.sessions import heartbeat

    place = _as_client(open_ground(), client)
    heartbeat(place.root, place.who, place.here)


def queue_add(
    *,
    title: str,
    priority: int | None,
    type: str,
    depends_on: Sequence[str],
    parent: str,
    tags: Sequence[str],
    note: str,
) -> Document:
    from reconciler.cli.intents import all_known, intent_document, known, note_idea
    from reconciler.coordination.intent_files import Draft

    seen: Look = take_a_look()
    draft = Draft(
        title=title, type=type, priority=priority, parent=known(seen, parent), depends_on=all_known(seen, depends_on),
        tags=tuple(tags), note=note,
    )  # fmt: skip
    return intent_document(note_idea(seen, draft))


def _as_client(place: Ground, client: str) -> Ground:
    """A session that only the parent process names is called after the client."""
    kind, _, rest = place.who.session.partition("-")
    if kind not in ("shell", "parent") or not client or any(os.environ.get(name) for name in _NAMED):
        return place
    return replace(place, who=replace(place.who, session=f"{client}-{rest}"))

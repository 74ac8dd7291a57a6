"""Reads claims and instances. Never waits, never writes: it works beside writers and on a read-only disk."""

from datetime import UTC, datetime
from pathlib import Path

from reconciler.coordination import store
from reconciler.coordination.identity import Here
from reconciler.coordination.leases import Limits, Seen, Sign, Verdict, key_of, liveness, newest
from reconciler.coordination.names import decode, encode
from reconciler.coordination.records import Record, beat_from_bytes, from_bytes, seen_from_bytes, sign_of
from reconciler.errors import SwarmError
from reconciler.frozen import frozen
from reconciler.model import Claim, WorkstreamId

_LOOKS = 100  # each time the highest was gone, somebody else went ahead


@frozen
class Holding:
    """One workstream's claim at the moment of reading. Generation 0 = never claimed."""

    workstream: str
    generation: int
    record: Record | None  # None = never claimed, or what is there cannot be read
    sign: Sign  # the newest sign of life of its holder
    verdict: Verdict
    seen: Seen | None = None

    @property
    def held(self) -> bool:
        return self.record.held if self.record is not None else self.generation > 0

    @property
    def session(self) -> str:
        return self.record.session if self.record is not None else ""


@frozen
class Instance:
    """One session as its heartbeats show it."""

    session: str
    started: float | None
    sign: Sign
    verdict: Verdict
    holds: tuple[str, ...] = ()


def look(root: Path, workstream: str, here: Here, limits: Limits) -> Holding:
    """Return who holds one workstream."""
    if not workstream:
        raise SwarmError("the id of a workstream is empty", hint="swarm status")
    folder = root / "claims" / encode(workstream)
    generation, data, touched = _highest(folder)
    record = from_bytes(data) if data else None
    if generation == 0 or (record is not None and not record.held):
        return Holding(workstream, generation, record, Sign(heard=None), Verdict("stale", "nobody holds it"))
    undated = Sign(heard=None, touched=touched)
    sign = undated if record is None else _with_beat(root, record, sign_of(record, touched))
    seen = seen_from_bytes(store.read_if_whole(folder / "seen"))
    matching = seen if seen is not None and seen.key == key_of(sign, generation) else None
    return Holding(workstream, generation, record, sign, liveness(sign, here, limits, matching), matching)


def claims(root: Path, here: Here, limits: Limits | None = None) -> tuple[Holding, ...]:
    """Return everything that is held, sorted by id; what cannot be read is there with no record."""
    found = []
    for name in store.names(root / "claims"):
        workstream = decode(name) or _id_inside(root / "claims" / name)
        if workstream:
            holding = _look_safely(root, workstream, here, limits or Limits())
            if holding.held:
                found.append(holding)
    return tuple(sorted(found, key=lambda holding: holding.workstream))


def instances(root: Path, here: Here, limits: Limits | None = None) -> tuple[Instance, ...]:
    """Return every session that is known by a heartbeat or holds something, sorted by name."""
    bounds = limits or Limits()
    held: dict[str, list[Holding]] = {}
    for holding in claims(root, here, bounds):
        held.setdefault(holding.session, []).append(holding)
    found = {}
    for name in store.names(root / "instances"):
        session, started, sign = _beat(root / "instances" / name)
        session = session or decode(name) or name
        names = tuple(holding.workstream for holding in held.get(session, ()))
        found[session] = Instance(session, started, sign, liveness(sign, here, bounds), names)
    for session, holdings in held.items():
        if session and session not in found:
            first, names = holdings[0], tuple(holding.workstream for holding in holdings)
            since = min(holding.record.since for holding in holdings if holding.record is not None)
            found[session] = Instance(session, since, first.sign, first.verdict, names)
    return tuple(found[session] for session in sorted(found))


def as_claim(holding: Holding) -> Claim:
    """Return the shared value for a holding."""
    heard = holding.sign.heard if holding.sign.heard is not None else holding.sign.touched
    return Claim(
        workstream=WorkstreamId(holding.workstream),
        session=holding.session,
        since=_moment(holding.record.since if holding.record is not None else holding.sign.touched),
        heard=_moment(heard),
        host=holding.sign.host,
        pid=holding.sign.pid,
        worktree=holding.sign.worktree,
        branch=holding.sign.branch,
        status=holding.verdict.status,
    )


def holding_of(record: Record, here: Here, limits: Limits) -> Holding:
    """Return the holding that a record just written makes."""
    sign = sign_of(record, 0.0)
    return Holding(record.workstream, record.generation, record, sign, liveness(sign, here, limits))


def known_by(now: Holding, session: str, generation: int) -> bool:
    """Tell whether ``generation`` belongs to the unbroken hold of ``session`` that still stands."""
    record = now.record
    if record is None or not record.held or record.session != session:
        return False
    return record.grant <= generation <= now.generation


def generations(folder: Path) -> list[int]:
    """Return the numbers of all generations in the folder of a claim, rising."""
    return sorted(int(name) for name in store.names(folder) if name.isascii() and name.isdigit() and len(name) == 10)


# -- below: files


def _highest(folder: Path) -> tuple[int, bytes | None, float]:
    """Return (generation, bytes, when written); bytes None = cannot be read. (0, None, 0) = never claimed."""
    number = 0
    for _ in range(_LOOKS):
        number = max(generations(folder), default=0)
        while store.is_there(folder / f"{number + 1:010d}"):
            number += 1  # the list of a network disk may be old
        if not number:
            return 0, None, 0.0
        path = folder / f"{number:010d}"
        try:
            data = store.read(path)
        except SwarmError:
            return number, None, store.touched(path)
        if data is not None:
            return number, data, store.touched(path)
    return number, None, 0.0


def _look_safely(root: Path, workstream: str, here: Here, limits: Limits) -> Holding:
    """Look, but let one unreadable folder never hide the others: it counts as held by we cannot tell whom."""
    try:
        return look(root, workstream, here, limits)
    except SwarmError as error:
        return Holding(workstream, 1, None, Sign(heard=None), Verdict("unknown", error.message))


def _with_beat(root: Path, record: Record, own: Sign) -> Sign:
    path = root / "instances" / encode(record.session)
    session, _, sign = _beat(path)
    return newest(own, sign) if session == record.session else own


def _beat(path: Path) -> tuple[str, float | None, Sign]:
    touched = store.touched(path)
    try:
        data = store.read(path)
    except SwarmError:
        data = None
    return beat_from_bytes(data or b"", touched)


def _id_inside(folder: Path) -> str:
    _, data, _ = _highest(folder)
    record = from_bytes(data) if data else None
    return record.workstream if record is not None and encode(record.workstream) == folder.name else ""


def _moment(seconds: float) -> datetime:
    return datetime.fromtimestamp(seconds, UTC)

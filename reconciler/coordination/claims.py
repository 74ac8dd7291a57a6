"""Who holds a workstream: claims as numbered generations, of which the highest counts.

``claims/<id>/<generation>`` is written once, whole, by a link that only one can make; nothing is ever changed in place
and the highest is never removed. docs/explanation/coordination.md tells why this and nothing simpler.
"""

from collections.abc import Callable, Iterable, Mapping, Sequence
from contextlib import suppress
from dataclasses import replace
from pathlib import Path

from reconciler.coordination import store
from reconciler.coordination.holdings import Holding, generations, holding_of, known_by, look
from reconciler.coordination.identity import Here, Identity
from reconciler.coordination.leases import Limits, Seen, key_of
from reconciler.coordination.names import encode
from reconciler.coordination.records import DIGITS, HIGHEST, Record, record_of, seen_to_bytes, to_bytes
from reconciler.coordination.sessions import heartbeat, log
from reconciler.errors import Busy, SwarmError
from reconciler.frozen import frozen

KEPT = 8  # generations kept below the highest, so that a slow reader still finds what it listed
_ROUNDS = 200  # each lost round means that somebody else went ahead


@frozen
class Result:
    """What came of a request. ``holder`` is who holds it now, or who is in the way."""

    outcome: str  # claimed | renewed | taken-over | forced | released | free | refused | conflicting | outdated
    workstream: str
    generation: int = 0  # the fencing number, where I hold it
    holder: Holding | None = None
    notes: tuple[str, ...] = ()  # what was done but could not be logged

    @property
    def ok(self) -> bool:
        return self.outcome in ("claimed", "renewed", "taken-over", "forced", "released")


def claim(
    root: Path,
    workstream: str,
    who: Identity,
    here: Here,
    *,
    limits: Limits | None = None,
    force: bool = False,
    steal: bool = True,
    fresh: bool = False,
    against: Sequence[str] = (),
    note: str = "",
) -> Result:
    """Take a workstream, or renew it if it is mine already. Exactly one of any number of callers gets it.

    ``steal``: take over from a holder that is stale; ``force``: from a living one too, which is recorded.
    ``fresh``: what I hold already counts as held. ``against``: workstreams that must not be in other hands at the
    same time; if one turns out to be, mine is given back (outcome ``conflicting``). ``note`` is kept with the claim
    and its event. Raises SwarmError when the disk refuses; then the old or the new state stands, and asking again
    settles it.
    """
    bounds = limits or Limits()
    store.sweep(root / "claims" / encode(workstream))
    for _ in range(_ROUNDS):
        now = look(root, workstream, here, bounds)
        how = _decide(now, who, force=force, steal=steal, fresh=fresh)
        if how == "taken-over" and not _confirmed(root, now, bounds):
            how = "refused"
        if how == "refused":
            remember(root, now, here)
            return Result("refused", workstream, holder=now)
        record = replace(_next(now, who, here, how, bounds), note=note[:1000])
        if _append(root, record):
            return _granted(root, record, who, here, bounds, against)
    raise Busy(f"too many others claim {workstream} at the same time", hint="swarm instances")


def claim_next(
    root: Path,
    candidates: Iterable[str],
    who: Identity,
    here: Here,
    *,
    limits: Limits | None = None,
    steal: bool = False,
    against: Mapping[str, Sequence[str]] | None = None,
) -> Result | None:
    """Take the first candidate that can be had; None when none can. Two callers never get the same one.

    What the disk refuses is passed over; where nothing else can be had, its SwarmError is raised.
    """
    neighbours = against or {}
    trouble: SwarmError | None = None
    for workstream in candidates:
        beside = neighbours.get(workstream, ())
        try:
            given = claim(root, workstream, who, here, limits=limits, steal=steal, fresh=True, against=beside)
        except SwarmError as error:
            trouble = trouble or error
            continue
        if given.ok:
            return given
    if trouble is not None:
        raise trouble
    return None


def renew(
    root: Path, workstream: str, who: Identity, here: Here, *, generation: int, limits: Limits | None = None
) -> Result:
    """Renew what I hold under that number; ``outdated`` when the number is of an earlier hold, and nothing is taken."""

    def follow(now: Holding) -> Record | str:
        if not known_by(now, who.session, generation):
            return "outdated"
        return _next(now, who, here, "renewed", limits or Limits())

    result = _step(root, workstream, here, follow)
    return replace(result, notes=heartbeat(root, who, here)) if result.ok else result


def release(
    root: Path,
    workstream: str,
    who: Identity,
    here: Here,
    *,
    generation: int | None = None,
    force: bool = False,
    steal: bool = False,
    limits: Limits | None = None,
    note: str = "",
) -> Result:
    """Give a workstream back. ``free`` when nobody holds it, ``refused`` when somebody else does (unless ``force``).

    ``steal``: that of a holder who is stale, too. With ``generation`` only that hold is given back: the number of an
    earlier one is ``outdated``.
    """

    bounds = limits or Limits()

    def follow(now: Holding) -> Record | str:
        if not now.held:
            return "free"
        mine = now.record is not None and now.record.session == who.session
        if generation is not None and not (mine and known_by(now, who.session, generation)):
            return "outdated"
        stale = steal and now.verdict.status == "stale" and _confirmed(root, now, bounds)
        if not mine and not force and not stale:
            return "refused"
        given = _next(now, who, here, "released", bounds)
        return replace(given, state="released", note=note[:1000])

    result = _step(root, workstream, here, follow, bounds)
    if not result.ok:
        return result
    owner = result.holder.session if result.holder else who.session
    notes = log(root, who.session, _event("release", here, who, workstream, result, owner, note[:1000]))
    return replace(result, notes=notes)


def holds(root: Path, workstream: str, session: str, generation: int, here: Here) -> bool:
    """Tell whether a number still stands: the check to make before work is completed in its name."""
    return known_by(look(root, workstream, here, Limits()), session, generation)


def remember(root: Path, now: Holding, here: Here) -> None:
    """Note when a holder who cannot be dated was first met by one who was refused: in the end it is stale.

    A disk that takes no note changes nothing about the refusal.
    """
    if now.verdict.status != "unknown":
        return
    key = key_of(now.sign, now.generation)
    if now.seen is not None and now.seen.key == key and now.seen.at <= here.now:
        return
    path = root / "claims" / encode(now.workstream) / "seen"
    with suppress(SwarmError):
        store.replace(path, seen_to_bytes(Seen(key=key, at=here.now, mono=here.mono, boot=here.boot)))


# -- below: the steps


def _decide(now: Holding, who: Identity, *, force: bool, steal: bool, fresh: bool) -> str:
    if not now.held:
        return "claimed"
    if now.record is not None and now.record.session == who.session:
        return "refused" if fresh else "renewed"
    if now.verdict.status == "stale" and steal:
        return "taken-over"
    return "forced" if force else "refused"


def _next(now: Holding, who: Identity, here: Here, how: str, limits: Limits) -> Record:
    generation = now.generation + 1
    if generation > HIGHEST:
        raise SwarmError(f"the claims of {now.workstream} are numbered up to their end", hint="swarm doctor")
    renewed = how == "renewed" and now.record is not None
    record = record_of(
        who,
        here,
        workstream=now.workstream,
        generation=generation,
        grant=now.record.grant if renewed and now.record else generation,
        since=now.record.since if renewed and now.record else here.now,
    )
    previous = now.session if now.held and now.session != who.session else ""
    return replace(record, how=how, lease=limits.stale_after, previous=previous)


def _step(
    root: Path, workstream: str, here: Here, follow: Callable[[Holding], Record | str], limits: Limits | None = None
) -> Result:
    """Go from one generation to the next as ``follow`` says, as often as others come first."""
    store.sweep(root / "claims" / encode(workstream))
    for _ in range(_ROUNDS):
        now = look(root, workstream, here, limits or Limits())
        record = follow(now)
        if isinstance(record, str):
            return Result(record, workstream, holder=now if now.held else None)
        if _append(root, record):
            return Result(record.how, workstream, record.generation, now)
    raise Busy(f"too many others change the claim of {workstream} at the same time", hint="swarm instances")


def _append(root: Path, record: Record) -> bool:
    """Write the next generation; False when another was faster. Removes generations that nobody needs."""
    folder = root / "claims" / encode(record.workstream)
    path = folder / f"{record.generation:0{DIGITS}d}"
    if not store.create(path, to_bytes(record)):
        return False
    numbers = generations(folder)
    if numbers and numbers[-1] >= record.generation + KEPT:
        # We slept so long that the number had been used and removed: it is far below the highest and counts nothing.
        store.remove(path)
        return False
    for number in numbers:
        if number > record.generation - KEPT or not store.remove(folder / f"{number:0{DIGITS}d}"):
            break  # in rising order, so that whatever is gone, all below it is gone too
    return True


def _granted(root: Path, record: Record, who: Identity, here: Here, limits: Limits, against: Sequence[str]) -> Result:
    for other in against:
        neighbour = look(root, other, here, limits)
        if neighbour.held and neighbour.session != who.session and neighbour.verdict.status != "stale":
            release(
                root,
                record.workstream,
                who,
                here,
                generation=record.generation,
                note=f"conflicts with {other}",
            )
            return Result("conflicting", record.workstream, holder=neighbour)
    given = Result(record.how, record.workstream, record.generation, holding_of(record, here, limits))
    notes = heartbeat(root, who, here)
    if record.how != "renewed":
        notes += log(
            root, who.session, _event("claim", here, who, record.workstream, given, record.previous, record.note)
        )
    return replace(given, notes=notes)


def _event(
    kind: str, here: Here, who: Identity, workstream: str, result: Result, previous: str, note: str
) -> dict[str, object]:
    return {
        "at": round(here.now, 3),
        "event": kind,
        "session": who.session,
        "workstream": workstream,
        "generation": result.generation,
        "how": result.outcome,
        "worktree": who.worktree,
        "branch": who.branch,
        "previous": previous if previous != who.session else "",
        "note": note,
    }


def _confirmed(root: Path, now: Holding, limits: Limits) -> bool:
    """Ask the disk's own clock before somebody on another machine is taken for dead: ours may be wrong by a day."""
    if not now.verdict.foreign or not now.sign.touched:
        return True
    disk = store.disk_time(root / "claims")
    return disk is None or disk - now.sign.touched >= limits.stale_after

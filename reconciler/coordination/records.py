"""The claim as a file: what one generation holds, read with suspicion. Pure."""

import json
from dataclasses import asdict

from reconciler.coordination.identity import Here, Identity
from reconciler.coordination.leases import Seen, Sign
from reconciler.frozen import frozen

SCHEMA = "swarm.claim/1"
DIGITS = 10
HIGHEST = 10**DIGITS - 1
_NAMES = ("workstream", "state", "session", "how", "previous", "note")
_TEXTS = ("boot", "host", "space", "pid_start", "worktree", "branch")


@frozen
class Record:
    """One generation of one claim. ``grant`` is the generation at which the unbroken hold began."""

    workstream: str
    generation: int
    state: str  # held | released
    grant: int
    session: str
    how: str  # claimed | renewed | taken-over | forced | released
    since: float  # when the hold began
    at: float  # when this generation was written
    mono: float | None = None
    host: str = ""
    boot: str = ""
    space: str = ""
    pid: int | None = None
    pid_start: str = ""
    worktree: str = ""
    branch: str = ""
    lease: float = 0.0  # seconds of silence its holder counted on
    previous: str = ""  # the session it was taken from
    note: str = ""

    @property
    def held(self) -> bool:
        return self.state == "held"


def record_of(who: Identity, here: Here, *, workstream: str, generation: int, grant: int, since: float) -> Record:
    """Return the record of a claim that ``who`` makes here and now; the caller replaces what differs."""
    return Record(
        workstream=workstream,
        generation=generation,
        state="held",
        grant=grant,
        session=who.session,
        how="claimed",
        since=round(since, 3),
        at=round(here.now, 3),
        mono=round(here.mono, 3),
        host=who.host,
        boot=who.boot,
        space=who.space,
        pid=who.pid,
        pid_start=who.pid_start,
        worktree=who.worktree,
        branch=who.branch,
    )


def to_bytes(record: Record) -> bytes:
    """Return the file for a record: one line of JSON."""
    return (json.dumps({"schema": SCHEMA, **asdict(record)}) + "\n").encode()


def from_bytes(data: bytes) -> Record | None:
    """Return the record in a file, None when the file is empty, torn or not one of ours."""
    values = load(data)
    if values.get("schema") != SCHEMA:
        return None
    texts = {name: value for name in (*_NAMES, *_TEXTS) if isinstance(value := values.get(name), str)}
    since, at = _number(values.get("since")), _number(values.get("at"))
    generation, grant = _whole(values.get("generation")), _whole(values.get("grant"))
    if len(texts) < len(_NAMES) + len(_TEXTS) or texts["state"] not in ("held", "released"):
        return None
    if since is None or at is None or generation is None or grant is None:
        return None
    return Record(
        generation=generation,
        grant=grant,
        since=since,
        at=at,
        mono=_number(values.get("mono")),
        pid=_whole(values.get("pid")),
        lease=_number(values.get("lease")) or 0.0,
        **texts,
    )


def sign_of(record: Record, touched: float) -> Sign:
    """Return the claim itself as a sign of life."""
    return Sign(
        heard=record.at,
        mono=record.mono,
        boot=record.boot,
        host=record.host,
        space=record.space,
        pid=record.pid,
        pid_start=record.pid_start,
        worktree=record.worktree,
        branch=record.branch,
        touched=touched,
    )


def beat_from_bytes(data: bytes, touched: float) -> tuple[str, float | None, Sign]:
    """Return (session, when it started, newest sign of life) of an instance file; session "" when unreadable."""
    values = load(data)
    if values.get("schema") != "swarm.instance/1":
        return "", None, Sign(heard=None, touched=touched)
    texts = {name: value if isinstance(value := values.get(name), str) else "" for name in _TEXTS}
    sign = Sign(
        heard=_number(values.get("heard")),
        mono=_number(values.get("mono")),
        pid=_whole(values.get("pid")),
        touched=touched,
        ended=values.get("ended") is True,
        **texts,
    )
    return str(values.get("session", "")), _number(values.get("started")), sign


def seen_to_bytes(seen: Seen) -> bytes:
    """Return the file for a note."""
    return (json.dumps(asdict(seen)) + "\n").encode()


def seen_from_bytes(data: bytes | None) -> Seen | None:
    """Return the note in a file, None when there is none or it cannot be read."""
    values = load(data or b"")
    at, mono, key, boot = (
        _number(values.get("at")),
        _number(values.get("mono")),
        values.get("key"),
        values.get("boot"),
    )
    if at is None or mono is None or not isinstance(key, str) or not isinstance(boot, str):
        return None
    return Seen(key=key, at=at, mono=mono, boot=boot)


def load(data: bytes) -> dict[str, object]:
    """Return a JSON object, {} for everything else."""
    try:
        values = json.loads(data)
    except (ValueError, RecursionError):
        return {}
    return values if isinstance(values, dict) else {}


def _number(value: object) -> float | None:
    """A number that can be a time; neither NaN nor what no calendar holds."""
    if isinstance(value, int | float) and not isinstance(value, bool) and -1e10 < value < 2.5e11:
        return float(value)
    return None


def _whole(value: object) -> int | None:
    if isinstance(value, int) and not isinstance(value, bool) and 0 <= value <= HIGHEST:
        return value
    return None

"""Is a holder alive? Computed when asked, never stored; pure but for the two look-ups that ``Here`` carries.

The order of the rules and the reasons are told in docs/explanation/coordination.md.
"""

from reconciler.coordination.identity import Here
from reconciler.frozen import frozen

SKEW = 120.0  # seconds by which clocks of two hosts may differ without a word


@frozen
class Limits:
    """From the configuration, in seconds."""

    stale_after: float = 3600.0
    idle_after: float = 1800.0


@frozen
class Sign:
    """A sign of life: the line of a heartbeat, or the claim itself where no heartbeat followed."""

    heard: float | None  # wall clock of the writer; None = unreadable
    mono: float | None = None
    boot: str = ""
    host: str = ""
    space: str = ""
    pid: int | None = None
    pid_start: str = ""
    worktree: str = ""
    branch: str = ""
    touched: float = 0.0  # when the file was written, by the clock of its disk
    ended: bool = False  # the session said good-bye


@frozen
class Seen:
    """A note: when somebody first met exactly this sign and could not date it."""

    key: str
    at: float
    mono: float
    boot: str


@frozen
class Verdict:
    status: str  # active | idle | stale | unknown
    why: str  # one clause for people
    age: float | None = None  # seconds since last heard, where it can be told
    foreign: bool = False  # rests on the wall clock of another machine or boot


def liveness(sign: Sign, here: Here, limits: Limits, seen: Seen | None = None) -> Verdict:
    """Tell whether the session behind ``sign`` lives. ``seen`` ends what would else be unknown for ever."""
    gone = _gone(sign, here)
    if gone:
        return Verdict("stale", gone)
    age = _age_here(sign, here)
    if age is not None:
        return _by_age(age, limits, foreign=False)
    if sign.heard is not None and sign.heard <= here.now + SKEW:
        return _by_age(_age_by_wall(sign.heard, sign, here), limits, foreign=True)
    return _undated(sign, here, limits, seen)


def key_of(sign: Sign, generation: int) -> str:
    """Return what names exactly this sign of life, to recognise it unchanged later."""
    return f"{generation} {sign.heard} {sign.mono} {sign.boot}"


def newest(one: Sign, other: Sign) -> Sign:
    """Return the later of two signs of one session: by the steady clock within one boot, else by the disk's."""
    if one.boot and one.boot == other.boot and one.mono is not None and other.mono is not None:
        return one if one.mono > other.mono else other
    return one if one.touched > other.touched else other


# -- below: the rules


def _gone(sign: Sign, here: Here) -> str:
    """Say why the session has certainly ended, "" when that is not certain."""
    if sign.ended:
        return "the session ended"
    if _same_kernel(sign, here):
        if sign.pid and sign.space == here.space and here.process(sign.pid, sign.pid_start) is False:
            return f"its process {sign.pid} is gone"
    elif _restarted(sign, here):
        return "the machine was restarted since"
    if sign.worktree and sign.host == here.host and _may_share_disks(sign, here):
        return "its worktree is gone" if here.folder(sign.worktree) is False else ""
    return ""


def _age_here(sign: Sign, here: Here) -> float | None:
    """Seconds awake since the sign by the clock that never jumps; None when it was not made on this boot."""
    if sign.mono is None or sign.mono > here.mono:
        return None
    if _same_kernel(sign, here):
        return here.mono - sign.mono
    if sign.boot or here.boot or sign.host != here.host or sign.heard is None:
        return None
    # no boot ids on this system (macOS): the smaller of two ages never makes a live one stale
    by_wall = here.now - sign.heard
    steady = here.mono - sign.mono
    return min(steady, by_wall) if by_wall >= 0 else steady


def _age_by_wall(heard: float, sign: Sign, here: Here) -> float:
    by_stamp = max(0.0, here.now - heard)
    by_disk = here.now - sign.touched
    return min(by_stamp, max(0.0, by_disk)) if sign.touched and by_disk >= -SKEW else by_stamp


def _undated(sign: Sign, here: Here, limits: Limits, seen: Seen | None) -> Verdict:
    """The stamp lies in the future or cannot be read: unknown, until file or note show that nothing moved."""
    what = "its stamp cannot be read" if sign.heard is None else "its stamp lies in the future"
    by_disk = here.now - sign.touched
    if sign.touched and by_disk >= limits.stale_after:
        return Verdict("stale", f"{what}, and the file is old", by_disk, foreign=True)
    if seen is not None and _age_of(seen, here) >= limits.stale_after:
        return Verdict("stale", f"{what}, and it has not changed since it was first met", _age_of(seen, here))
    return Verdict("unknown", what, foreign=True)


def _by_age(age: float, limits: Limits, *, foreign: bool) -> Verdict:
    if age >= limits.stale_after:
        return Verdict("stale", "not heard for too long", age, foreign)
    return Verdict("idle" if age >= limits.idle_after else "active", "", age, foreign)


def _age_of(seen: Seen, here: Here) -> float:
    if seen.boot and seen.boot == here.boot and seen.mono <= here.mono:
        return here.mono - seen.mono
    return here.now - seen.at


def _same_kernel(sign: Sign, here: Here) -> bool:
    return bool(sign.boot) and sign.boot == here.boot


def _restarted(sign: Sign, here: Here) -> bool:
    known = sign.boot and here.boot and here.booted and sign.host == here.host
    return bool(known) and sign.heard is not None and sign.heard < here.booted - SKEW


def _may_share_disks(sign: Sign, here: Here) -> bool:
    return sign.space == here.space or not _same_kernel(sign, here)

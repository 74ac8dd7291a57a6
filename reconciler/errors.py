"""Exit codes and the one exception that carries them. Imports nothing of ours."""

from enum import IntEnum


class Exit(IntEnum):
    """Exit codes of every command (docs/reference/exit-codes.md)."""

    OK = 0
    FOUND = 1  # --check or check found something
    USAGE = 2  # usage, configuration or input that the user can mend
    UNKNOWN = 3  # no such workstream
    HELD = 4  # held by another live instance
    BLOCKED = 5  # blocked, or conflicting with work in flight
    BUSY = 6  # another pass or claim holds the lock too long
    NO_REPO = 7  # no usable git repository
    BUG = 70
    INTERRUPTED = 130


class SwarmError(Exception):
    """Something the user can act on. Caught once, in cli/.

    ``message`` says what and where in one line, lower case, no full stop;
    ``hint`` is a runnable way out, or "".
    """

    code: Exit = Exit.USAGE

    def __init__(self, message: str, *, hint: str = "", code: Exit | None = None) -> None:
        super().__init__(message)
        self.message = message
        self.hint = hint
        if code is not None:
            self.code = code


class UnknownWorkstream(SwarmError):
    code = Exit.UNKNOWN


class NoRepository(SwarmError):
    code = Exit.NO_REPO


class Busy(SwarmError):
    code = Exit.BUSY

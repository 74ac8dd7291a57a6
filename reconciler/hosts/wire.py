"""What a host says on stdin, and what it is answered on stdout. Imports next to nothing: prompts wait for it."""

import os

TYPE_CHECKING = False
if TYPE_CHECKING:  # typing itself costs milliseconds
    from collections.abc import Mapping, Sequence

    from reconciler.hosts.host import Host

LARGEST = 64 * 1024 * 1024  # bytes kept of what is said; the rest is read and dropped
PATIENCE = 2.0  # seconds without a byte, then what has come must do
_CHUNK = 1 << 20


class Event:
    """What happened, the same for every host."""

    __slots__ = ("cwd", "host", "input", "kind", "name", "reason", "session", "tool")

    def __init__(self, host: str, kind: str, name: str, payload: "Mapping[str, object]", words: "Host") -> None:
        self.host = host
        self.kind = kind  # start | prompt | stop | end | tool
        self.name = name  # the host's own word
        self.session = text(payload, words.session)
        self.cwd = text(payload, words.cwd)
        self.tool = text(payload, words.tool)
        self.input = first(payload, words.input)
        self.reason = text(payload, words.reason)


def hear(fd: int) -> bytes:
    """Return everything that comes on ``fd``; what a terminal or a silent pipe would say is not waited for."""
    import select

    if os.isatty(fd):
        return b""
    parts, size = [], 0
    while select.select([fd], [], [], PATIENCE)[0]:
        part = os.read(fd, _CHUNK)
        if not part:
            break
        if size < LARGEST:
            parts.append(part)
        size += len(part)
    return b"".join(parts)[:LARGEST]


def understand(data: bytes) -> "Mapping[str, object] | None":
    """Return a JSON object; None for everything else, however broken, deep or long."""
    said = data.decode("utf-8", "replace").strip("\ufeff \t\r\n")
    if not said.startswith("{"):
        return None
    try:
        value, end = _scan(said)
    except (ValueError, StopIteration, RecursionError, MemoryError, SystemError):
        return None  # SystemError: older scanners fail without an error when json.decoder, which has it, is not loaded
    return value if isinstance(value, dict) and end == len(said) else None


def first(payload: object, names: "Sequence[str]") -> object:
    """Return what the first of these fields that is there holds; None when none is."""
    for name in names:
        value = payload
        for step in name.split("."):
            value = _step(value, step)
        if value is not None:
            return value
    return None


def text(payload: object, names: "Sequence[str]") -> str:
    """Return the first of these fields that holds a text which says something; "" when none does."""
    for name in names:
        value = first(payload, (name,))
        if isinstance(value, str) and value.strip():
            return value
    return ""


def answer(shape: object, words: "Mapping[str, str]") -> object:
    """Return ``shape`` with the texts of ``words`` in place of ``{text}``, ``{event}``, ``{session}``."""
    if isinstance(shape, dict):
        return {key: answer(value, words) for key, value in shape.items()}
    return words.get(shape, shape) if isinstance(shape, str) else shape


# -- below


class _Plain:
    """How JSON is read: as it stands."""

    strict = False  # control characters in texts are no reason to hear nothing
    object_hook = None
    object_pairs_hook = None
    parse_float = float
    parse_int = int
    parse_constant = float
    memo: "dict[str, str]" = {}  # noqa: RUF012  (the scanner wants one)


def _scan(said: str) -> "tuple[object, int]":
    """The scanner under ``json``, without the regular expressions above it: they would double the cost."""
    try:
        from _json import make_scanner
    except ImportError:
        import json

        return json.loads(said), len(said)
    found: tuple[object, int] = make_scanner(_Plain)(said, 0)  # type: ignore[arg-type]  # wants the attributes only
    return found


def _step(value: object, name: str) -> object:
    if isinstance(value, dict):
        return value.get(name)
    if isinstance(value, list) and name.isdecimal() and int(name) < len(value):
        return value[int(name)]
    return None

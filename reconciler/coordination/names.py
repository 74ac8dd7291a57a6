"""File names for ids and sessions: safe on every file system and reversible. Imports nothing: heartbeats use it."""

LONGEST = 140  # bytes; the smallest limit met is 143 (eCryptfs)
_PLAIN = frozenset(b"abcdefghijklmnopqrstuvwxyz0123456789-_")
_DOT = ord(".")
_DEVICES = frozenset({"con", "prn", "aux", "nul", *(f"{kind}{n}" for kind in ("com", "lpt") for n in range(10))})


def encode(name: str) -> str:
    """Return the file name for ``name``: lower-case letters, digits, ``-``, ``_`` and inner dots stay.

    Every other byte of its UTF-8 form becomes ``%xx``, capitals too, so that ``A`` and ``a`` never meet on a
    file system that ignores case. What would be too long ends in ``%-`` and a digest; then only the content tells.
    """
    raw = name.encode("utf-8", "surrogatepass")
    last = len(raw) - 1
    parts = [
        chr(byte) if byte in _PLAIN or (byte == _DOT and 0 < at < last) else f"%{byte:02x}"
        for at, byte in enumerate(raw)
    ]
    if "".join(parts).partition(".")[0] in _DEVICES:
        parts[0] = f"%{raw[0]:02x}"
    encoded = "".join(parts)
    return encoded if len(encoded) <= LONGEST else _shortened(parts, raw)


def decode(file_name: str) -> str | None:
    """Return the name that ``encode`` was given, or None when the file name was shortened or is not ours."""
    pieces = file_name.split("%")
    raw = bytearray(pieces[0].encode("utf-8", "replace"))
    try:
        for piece in pieces[1:]:
            raw.append(int(piece[:2], 16))
            raw += piece[2:].encode("utf-8", "replace")
        name = raw.decode("utf-8", "surrogatepass")
    except ValueError:
        return None
    return name if name and encode(name) == file_name else None


def clean_session(text: str) -> str:
    """Return a session name that can be shown and stored: bounded, on one line, without control characters."""
    shown = "".join(
        char if char.isprintable() else "".join(f"%{byte:02x}" for byte in char.encode("utf-8", "surrogatepass"))
        for char in text[:4096].strip()
    )
    if len(shown) <= 100:
        return shown
    return f"{shown[:72]}~{_digest(text.encode('utf-8', 'surrogatepass'))[:24]}"


def _shortened(parts: list[str], raw: bytes) -> str:
    ending = f"%-{_digest(raw)[:40]}"
    length, kept = 0, 0
    while length + len(parts[kept]) + len(ending) <= LONGEST:
        length += len(parts[kept])
        kept += 1
    return "".join(parts[:kept]) + ending


def _digest(raw: bytes) -> str:
    import hashlib  # costs milliseconds, and long names are rare

    return hashlib.sha256(raw).hexdigest()

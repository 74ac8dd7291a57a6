"""Makes foreign text safe to show: control, bidi and undecodable characters become visible escapes."""

import re

# C0, DEL, C1, line and paragraph separators, bidi marks and overrides, byte order mark, lone surrogates
UNSAFE = re.compile("[\x00-\x1f\x7f-\x9f\u061c\u200e\u200f\u2028-\u202e\u2066-\u2069\ufeff\ud800-\udfff]")


def printable(text: str, *, limit: int = 0) -> str:
    """Return ``text`` on one line without characters that steer a terminal; cut to ``limit`` if given."""
    cut = text if not limit or len(text) <= limit else text[: limit - 1] + "…"
    return UNSAFE.sub(lambda match: visible(match[0]), cut)


def visible(char: str) -> str:
    """Return one character as an escape that people know: ``\\x1b``, ``\\u202e``."""
    code = ord(char)
    if 0xDC80 <= code <= 0xDCFF:  # a byte that was not UTF-8, as Python carries it
        code -= 0xDC00
    return f"\\x{code:02x}" if code < 0x100 else f"\\u{code:04x}"

"""Writes values as one line of YAML that every YAML reader takes for the same text, whatever is in them."""

import json
import re
from collections.abc import Mapping, Sequence
from typing import TypeAlias

from reconciler.printable import UNSAFE

Writable: TypeAlias = str | int | Sequence[str] | Mapping[str, str]

_PLAIN = re.compile(r"[A-Za-z][A-Za-z0-9_/.-]*(?: [A-Za-z0-9(][A-Za-z0-9_/.()-]*)*")
_TYPED = frozenset({"yes", "no", "on", "off", "true", "false", "null", "y", "n", "none", "nan", "inf"})
# what YAML does not let stand in a file, beside what a terminal should not see
_UNPRINTABLE = re.compile(f"{UNSAFE.pattern}|[\ufffe\uffff]|[\U0001fffe-\U0001ffff]")


def to_yaml(value: Writable) -> str:
    """Return ``value`` as one line of flow YAML: text quoted where it must be, lists and maps in brackets."""
    if isinstance(value, str):
        return _text(value)
    if isinstance(value, int):
        return str(int(value))
    if isinstance(value, Mapping):
        return "{" + ", ".join(f"{_text(key)}: {_text(text)}" for key, text in value.items()) + "}"
    return "[" + ", ".join(_text(text) for text in value) + "]"


def _text(text: str) -> str:
    if _PLAIN.fullmatch(text) and text.lower() not in _TYPED and len(text) < 1000:
        return text
    return _UNPRINTABLE.sub(_escaped, json.dumps(text, ensure_ascii=False))


def _escaped(match: re.Match[str]) -> str:
    code = ord(match[0])
    return f"\\u{code:04x}" if code < 0x10000 else f"\\U{code:08x}"

"""Makes ids and file names from what people type: ASCII, lower case, short, and never empty."""

import hashlib
import re
import unicodedata
from collections.abc import Collection

LONGEST = 60
_SPELLED = str.maketrans(
    {
        "ß": "ss",
        "æ": "ae",
        "œ": "oe",
        "ø": "o",
        "ł": "l",
        "đ": "d",
        "ð": "d",
        "þ": "th",
        "ı": "i",
        "&": " and ",
    }
)
_UNFIT = re.compile("[\\s\\\\\x00-\x1f\x7f-\x9f\ud800-\udfff]+")
_DATE = re.compile(r"\d{4}-\d{2}-\d{2}-")
_RESERVED = frozenset({"readme", "index", "template", "next", "all"})


def slug_of(title: str) -> str:
    """Return an id for a title: "Fog of war!" gives fog-of-war, a title in another script a short digest."""
    lower = title.lower().translate(_SPELLED)
    folded = unicodedata.normalize("NFKD", lower)
    bare = "".join(char for char in folded if not unicodedata.combining(char))
    slug = _DATE.sub("", _shortened(re.sub(r"[^a-z0-9]+", "-", bare).strip("-")))
    if any(char.isalnum() and not char.isascii() for char in bare):  # letters were lost: keep titles apart
        return f"{slug or 'idea'}-{hashlib.sha256(title.encode('utf-8', 'replace')).hexdigest()[:6]}"
    if not slug or not re.search("[a-z]", slug) or slug in _RESERVED:  # a number is no name
        return f"idea-{slug}" if slug else "idea"
    return slug


def clean_id(text: str) -> str:
    """Return a hand-written id in the form ids have, "" when nothing of it can be one."""
    lower = unicodedata.normalize("NFC", text.strip().lower())
    segments = (_UNFIT.sub("-", segment).strip("-.") for segment in lower.split("/"))
    return "/".join(segment for segment in segments if segment)[:200].rstrip("/-.")


def unused(slug: str, taken: Collection[str]) -> str:
    """Return ``slug``, or the first of slug-2, slug-3, … that is not taken."""
    if slug not in taken:
        return slug
    number = 2
    while f"{slug}-{number}" in taken:
        number += 1
    return f"{slug}-{number}"


def _shortened(slug: str) -> str:
    if len(slug) <= LONGEST:
        return slug
    head, _, _ = slug[: LONGEST + 1].rpartition("-")
    return head or slug[:LONGEST]

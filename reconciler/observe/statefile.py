"""Reads a small JSON file beside a specification that says how far it got (``spec.json`` of cc-sdd)."""

import json
import re

from reconciler.model import Field, Problem, Text
from reconciler.observe.layouts import folded
from reconciler.observe.names import to_date
from reconciler.observe.words import claim_of, tidy_status
from reconciler.policy import Match, Words

MAX_BYTES = 64 * 1024
MAX_VALUE = 1000

_DAY = re.compile(r"(\d{4})-(\d{2})-(\d{2})")


def parse_state(path: str, data: bytes, match: Match, words: Words) -> Text:
    """The file's top-level texts as fields, its ``phase`` or ``status`` as a claim; a mistake is a problem."""
    if len(data) > MAX_BYTES:
        return Text(problems=(Problem("too-big", f"larger than {MAX_BYTES // 1024} kB, not read", path),))
    try:
        table = json.loads(data.decode("utf-8-sig"))
    except json.JSONDecodeError as error:
        return Text(problems=(Problem("bad-json", f"not JSON: {error.msg}", path, error.lineno),))
    except (UnicodeDecodeError, RecursionError, ValueError):
        return Text(problems=(Problem("bad-json", "not JSON that can be read", path),))
    if not isinstance(table, dict):
        return Text(problems=(Problem("bad-json", "expected an object", path),))
    values = {folded(key): value for key, value in table.items()}
    texts = {key: value[:MAX_VALUE] for key, value in values.items() if isinstance(value, str)}
    status = tidy_status(texts.get("phase") or texts.get("status") or "")
    claim = claim_of(status, words, stage=match.stage)
    if values.get("ready-for-implementation") is True and claim in ("", "draft"):
        status, claim = "ready for implementation", "ready"
    day = _DAY.match(texts.get("created-at", ""))
    fields = tuple(
        Field(words.fields.get(key, key), value, 1, "frontmatter") for key, value in texts.items() if key != "phase"
    )
    return Text(
        fields=fields,
        status=status,
        status_line=1 if status else 0,
        claim=claim,
        created=to_date(*day.groups()) if day else None,
    )

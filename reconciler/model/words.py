"""The strings that must not be mixed up, and what went wrong with an input."""

from dataclasses import dataclass
from typing import NewType

CommitId = NewType("CommitId", str)  # full hexadecimal object id
BlobId = NewType("BlobId", str)
NO_BLOB = BlobId("")
Slug = NewType("Slug", str)  # a name without date, role and phase: "turn-system"
WorkstreamId = NewType("WorkstreamId", str)  # "turn-system" or "turn-system/phase-2"
Tag = NewType("Tag", str)  # the name of a kind of evidence: "merge-commit"
State = NewType("State", str)


@dataclass(frozen=True, slots=True, order=True)
class Problem:
    """Something that could not be read or is wrong in the input. Never proof that something is gone."""

    code: str  # kebab-case, stable: "unreadable", "bad-frontmatter"
    message: str  # one sentence, control characters already escaped
    path: str = ""  # file relative to the root, or a full ref name
    line: int = 0  # 1-based; 0 = the whole file
    severity: str = "warning"  # error | warning | info
    hint: str = ""
    workstream: str = ""

"""Derived: one thing that ``swarm check`` has to say."""

from reconciler.frozen import frozen

SEVERITIES = ("error", "warning", "info")  # most severe first


@frozen
class Finding:
    """A mistake, a contradiction or a leftover, with the place and the way out."""

    id: str  # kebab-case, stable: "dangling-link", or the id of a row in drift.toml
    check: str  # the row of checks.toml under which it is shown
    severity: str  # one of SEVERITIES
    text: str  # one sentence
    path: str = ""  # relative to the root; "" when it is about no file
    line: int = 0  # 1-based; 0 = the whole file
    workstream: str = ""
    hint: str = ""  # a command that can be run
    place: str = ""  # the branch or work tree that has the file, when it is not at hand
    about: str = ""  # what it is called among many: a branch, a workstream, a path
    count: int = 1  # of how many it is the sum

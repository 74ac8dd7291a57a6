"""What the last pass wrote, for the next process: files of ours need no parsing to be known as ours."""

from collections.abc import Mapping
from pathlib import Path

from reconciler.frozen import frozen
from reconciler.memory import Memory


@frozen
class Written:
    """What a pass left behind: digests of our files by their names, and the states in them by workstream."""

    target: str
    digests: Mapping[str, str]
    states: Mapping[str, str]


def recall_written(common: Path, target: Path) -> Written | None:
    """What the last pass wrote into ``target``; what is there now may be something else."""
    written: Written | None = _memory(common).recall(str(target))
    return written


def keep_written(common: Path, written: Written) -> None:
    """Note what a pass wrote. What stands in the way is no error."""
    _memory(common).keep(written.target, written)


def _memory(common: Path) -> Memory:
    return Memory(common, "written.json", Written)

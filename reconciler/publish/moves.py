"""Says what moved between the registry as it was written last and the view of now."""

from collections.abc import Mapping

from reconciler.frozen import frozen
from reconciler.model import View


@frozen
class Move:
    """One workstream that changed its state; ``old`` is "" for a new one, ``new`` for one that is gone."""

    id: str
    old: str
    new: str
    reason: str


def moved(old: Mapping[str, str], view: View) -> tuple[Move, ...]:
    """Return the moves since the states were ``old``, by id."""
    moves = [
        Move(stream.id, old.get(stream.id, ""), stream.state, stream.reason)
        for stream in view.workstreams
        if old.get(stream.id, "") != stream.state
    ]
    known = {stream.id for stream in view.workstreams}
    gone = [Move(name, state, "", "nothing of it is left") for name, state in old.items() if name not in known]
    return tuple(sorted([*moves, *gone], key=lambda move: move.id))

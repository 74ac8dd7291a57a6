"""Small changes of a text that can be taken back: what they replace is kept, not the text."""

from collections.abc import Iterable, Sequence

from reconciler.frozen import frozen


@frozen
class Splice:
    """Put ``text`` in place of what stands from ``start`` to ``end``."""

    start: int
    end: int
    text: str


Undo = tuple[tuple[Splice, ...], ...]  # step by step, the last change first


def splice(text: str, splices: Iterable[Splice]) -> str:
    """The text with the changes made; they do not overlap."""
    pieces: list[str] = []
    end = 0
    for one in sorted(splices, key=lambda s: (s.start, s.end)):
        pieces += [text[end : one.start], one.text]
        end = one.end
    return "".join([*pieces, text[end:]])


def inverse(text: str, splices: Iterable[Splice]) -> tuple[Splice, ...]:
    """The changes that lead from ``splice(text, splices)`` back to ``text``."""
    back: list[Splice] = []
    shift = 0
    for one in sorted(splices, key=lambda s: (s.start, s.end)):
        start = one.start + shift
        back.append(Splice(start, start + len(one.text), text[one.start : one.end]))
        shift += len(one.text) - (one.end - one.start)
    return tuple(back)


def undone(text: str, steps: Undo) -> str:
    """The text as it was before all steps."""
    for step in steps:
        text = splice(text, step)
    return text


def as_rows(steps: Undo) -> list[list[list[int | str]]]:
    """Steps as JSON can hold them."""
    return [[[one.start, one.end, one.text] for one in step] for step in steps]


def from_rows(rows: object) -> Undo | None:
    """Steps out of JSON; None when they are not steps."""
    try:
        return tuple(tuple(_read(one) for one in step) for step in rows)  # type: ignore[attr-defined]  # checked by use
    except (TypeError, ValueError):
        return None


def _read(row: Sequence[object]) -> Splice:
    start, end, text = row
    if not (isinstance(start, int) and isinstance(end, int) and isinstance(text, str) and 0 <= start <= end):
        raise ValueError("not a change")
    return Splice(start, end, text)

"""The decorator of plain values, as nearly every class here: frozen dataclasses that are quick to define and to make.

``dataclass(frozen=True, slots=True)`` compiles six methods for each class, and its ``__init__`` goes through
``object.__setattr__`` for each field: for the 145 classes of a pass that took 60 ms, twice as long as this takes.
Here only ``__init__`` is compiled; equality, hash and text are shared. Frozen is what the type checker says.
"""

from collections.abc import Callable
from dataclasses import dataclass, field, fields
from operator import attrgetter
from typing import Any, TypeVar, dataclass_transform

T = TypeVar("T")


@dataclass_transform(frozen_default=True, field_specifiers=(field,))
def frozen(kind: type[T]) -> type[T]:
    """A frozen dataclass with slots, equality, hash and ``repr``; ``fields`` and ``replace`` work as ever."""
    made = dataclass(repr=False, eq=False, match_args=False, slots=True)(kind)
    names = [one.name for one in fields(made) if one.compare]  # type: ignore[arg-type]  # it is a dataclass now
    take: Callable[[Any], Any] = attrgetter(*names) if names else lambda _: ()

    def equal(self: Any, other: object) -> Any:
        if self is other:
            return True
        return take(self) == take(other) if other.__class__ is self.__class__ else NotImplemented

    def digest(self: Any) -> int:
        return hash(take(self))

    made.__eq__, made.__hash__, made.__repr__ = equal, digest, _text  # type: ignore[method-assign]
    return made


def _text(self: Any) -> str:
    inner = ", ".join(f"{one.name}={getattr(self, one.name)!r}" for one in fields(self) if one.repr)
    return f"{type(self).__qualname__}({inner})"

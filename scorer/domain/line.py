"""One line of an explanation. Knows its fields, computes nothing."""

from __future__ import annotations

from mypy_extensions import mypyc_attr

from scorer.domain.outputs import LineKind


@mypyc_attr(acyclic=True)
class Line:
    """What a rule, a cap, silence or an adjustment does to a score. All lines add up exactly to it.

    Never changed once it is made. A native class and no named tuple: there are ten of them an event,
    and each costs a fifth.
    """

    __slots__ = ("cut", "decayed", "dimension", "kind", "name", "occurrences", "points")

    def __init__(
        self,
        kind: LineKind,
        dimension: str,
        name: str,
        points: float,
        occurrences: int = 0,
        decayed: float = 0.0,
        cut: float = 0.0,
    ) -> None:
        self.kind = kind
        self.dimension = dimension  # "" for a line about the total
        self.name = name  # id of the rule, of the capped group or dimension, of the adjustment
        self.points = points  # rounded to 0.01
        self.occurrences = occurrences  # those that count
        self.decayed = decayed  # points that decay has taken from it, ≥ 0
        self.cut = cut  # points that the rule's own cap cut off, ≥ 0

    def _fields(self) -> tuple[LineKind, str, str, float, int, float, float]:
        return (
            self.kind,
            self.dimension,
            self.name,
            self.points,
            self.occurrences,
            self.decayed,
            self.cut,
        )

    def as_dict(self) -> dict[str, object]:
        """The fields by name, in the order of the constructor."""
        names = ("kind", "dimension", "name", "points", "occurrences", "decayed", "cut")
        return dict(zip(names, self._fields(), strict=True))

    def __eq__(self, other: object) -> bool:
        return isinstance(other, Line) and self._fields() == other._fields()

    def __hash__(self) -> int:
        return hash(self._fields())

    def __repr__(self) -> str:
        return f"Line{self._fields()!r}"

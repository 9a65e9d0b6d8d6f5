"""When something happened, as a mapping says it: a column, an instant, a name. Knows no clock of ours."""

from __future__ import annotations

import re
from collections.abc import Callable
from typing import Final
from zoneinfo import ZoneInfo, ZoneInfoNotFoundError

from scorer.importing.dates import parse_time
from scorer.importing.errors import MappingProblem
from scorer.importing.mapping import Instant, Mapping, TimeColumn
from scorer.importing.reading import BadCell, Cells, Reader, shown

UNIT_US: Final = {
    "s": 1_000_000,
    "m": 60_000_000,
    "h": 3_600_000_000,
    "d": 86_400_000_000,
    "w": 604_800_000_000,
}
SHIFTED: Final = re.compile(r"(created|changed)\s*\+\s*(\d+)\s*([smhdw])")

Clock = Callable[[Cells], int]
"""Tells the time of something in a row, µs since the epoch; raises `BadCell`."""


class Clocks:
    """The times of one mapping, bound to the columns of one file."""

    def __init__(
        self, mapping: Mapping, reader: Reader, file_us: int, as_of_us: int | None
    ) -> None:
        self._mapping, self._reader, self._file_us = mapping, reader, file_us
        self.created = self.clock("created", mapping.created) if mapping.created != "none" else None
        if as_of_us is None or isinstance(mapping.changed, TimeColumn):
            self.changed = self.clock("changed", mapping.changed)
        else:
            self.changed = lambda _: as_of_us

    def clock(self, place: str, instant: Instant) -> Clock:
        """How to tell the time that a part of the mapping gives; `place` names the part."""
        if isinstance(instant, TimeColumn):
            return self._column(place, instant)
        if instant == "file":
            return lambda _: self._file_us
        if place not in ("created", "changed"):
            if instant in ("created", "changed"):
                return self._named(instant)
            if match := SHIFTED.fullmatch(instant):
                base, span_us = self._named(match[1]), int(match[2]) * UNIT_US[match[3]]
                return lambda cells: base(cells) + span_us
        fixed_us = _fixed(place, instant)
        return lambda _: fixed_us

    def _named(self, name: str) -> Clock:
        return self.changed if name == "changed" or self.created is None else self.created

    def _column(self, place: str, part: TimeColumn) -> Clock:
        zone = _zone(place, part.time_zone or self._mapping.time_zone)
        fallback = self._fallback(place, part.if_empty)
        forms = ", ".join(part.formats)

        def clock(cells: Cells) -> int:
            cell = self._reader.cell(cells, part.column)
            if not cell:
                if fallback is None:
                    raise BadCell(f"column {part.column!r} is empty, so there is no time")
                return fallback
            for form in part.formats:
                if (time_us := parse_time(cell, form, zone)) is not None:
                    return time_us
            raise BadCell(f"column {part.column!r}: {shown(cell)} is no time of the form {forms}")

        return clock

    def _fallback(self, place: str, if_empty: str | None) -> int | None:
        if not if_empty:
            return None
        return self._file_us if if_empty == "file" else _fixed(f"{place}.if_empty", if_empty)


def _fixed(place: str, text: str) -> int:
    time_us = parse_time(text, "ymd", ZoneInfo("UTC"))
    if time_us is None:
        raise MappingProblem(
            f"{place}: {text!r} is no instant",
            "write 2026-01-31T00:00:00Z, file or {column: …}; for `at` also created, changed, created + 2d",
        )
    return time_us


def _zone(place: str, name: str) -> ZoneInfo:
    try:
        return ZoneInfo(name)
    except (ZoneInfoNotFoundError, ValueError) as error:
        raise MappingProblem(
            f"{place}: unknown time zone {name!r}", "use an IANA name such as Asia/Shanghai"
        ) from error

"""One row → the events it tells of, by a mapping. Pure: no clock, no files, no Kafka.

Identity: `source` is `/import/<mapping name>`, `id` a hash of what the event says. Importing a row
again makes the same events; a changed row makes new ones only for what changed.
"""

from __future__ import annotations

import hashlib
import re
from collections.abc import Callable, Iterator, Sequence
from datetime import datetime
from typing import Final
from zoneinfo import ZoneInfo, ZoneInfoNotFoundError

import orjson

from scorer.contracts.model_problems import one_of
from scorer.domain.events import (
    AttributesChanged,
    AttributeValue,
    Behaviour,
    Body,
    Created,
    LeadEvent,
    Outcome,
    Ownership,
    OwnershipChange,
)
from scorer.importing.cells import clean, parse_bool, parse_number
from scorer.importing.dates import EPOCH, MICROSECOND, parse_time
from scorer.importing.errors import MappingProblem
from scorer.importing.mapping import (
    AttributeColumn,
    BehaviourColumn,
    Instant,
    Mapping,
    OutcomeColumn,
    SourceChannel,
    TimeColumn,
)
from scorer.importing.sheet import BadRow, Row

SHOWN_CHARS: Final = 40
UNIT_US: Final = {"s": 1_000_000, "m": 60_000_000, "h": 3_600_000_000, "d": 86_400_000_000, "w": 604_800_000_000}
SHIFTED: Final = re.compile(r"(created|changed)\s*\+\s*(\d+)\s*([smhdw])")

Cells = Sequence[str]
Clock = Callable[[Cells], int]


class _Bad(Exception):
    """Carries the reason why a row cannot be imported up to `Converter.events`."""


class Converter:
    """A mapping bound to the columns of one file.

    `file_us` is the file's own date, what `file` means in the mapping. `as_of_us` says that this
    export is newer than all before: it replaces the fixed `changed` time and, being part of the ids
    of attributes, lets a value return to what it was two exports ago.
    """

    def __init__(self, mapping: Mapping, columns: Sequence[str], *, file_us: int, as_of_us: int | None = None) -> None:
        self.source = f"/import/{mapping.name}"
        self._mapping = mapping
        self._columns = {name: number for number, name in enumerate(columns)}
        self._check_columns(columns)
        self._empty = frozenset(clean(word) for word in mapping.empty) | {""}
        self._file_us = file_us
        self._as_of_us = as_of_us
        self._timed = isinstance(mapping.changed, TimeColumn)
        self._ids = [self._columns[name] for name in mapping.lead_id.columns]
        self.creates = mapping.created != "none"
        self._created = self._clock("created", mapping.created) if self.creates else None
        self._changed = self._clock("changed", mapping.changed)
        if as_of_us is not None and not self._timed:
            self._changed = lambda _: as_of_us
        self._behaviour_clocks = [self._clock(f"behaviours[{n}].at", b.at) for n, b in enumerate(mapping.behaviours)]
        self._outcome_clocks = [self._clock(f"outcomes[{n}].at", o.at) for n, o in enumerate(mapping.outcomes)]

    def lead_id(self, cells: Cells) -> str | None:
        """The id of the row's lead, None when a cell it needs is empty."""
        parts = [clean(cells[number]) for number in self._ids]
        if not any(parts) or (len(parts) == 1 and parts[0] in self._empty):
            return None
        if self._mapping.lead_id.as_ == "hash":
            return _digest([part.casefold() for part in parts])
        return "/".join(parts) if all(parts) else None

    def events(
        self, row: Row, lead_id: str, *, create: bool = True, created_us: int | None = None
    ) -> list[LeadEvent] | BadRow:
        """What the row says about the lead, in the order of a story: created, attributes, the rest.

        `create=False`: an earlier row has created it. `created_us`: another row knows when better.
        """
        try:
            return list(self._events(row.cells, lead_id, create, created_us))
        except _Bad as bad:
            return BadRow(row.line, str(bad))

    def time_us(self, cells: Cells) -> int | None:
        """When the row says that its lead was created, None when it does not say."""
        try:
            return self._created(cells) if self._created else None
        except _Bad:
            return None

    def _events(self, cells: Cells, lead_id: str, create: bool, created_us: int | None) -> Iterator[LeadEvent]:
        def event(time_us: int, kind: str, content: object, body: Body) -> LeadEvent:
            return LeadEvent(lead_id, time_us, self.source, _digest([lead_id, kind, content]), body)

        changed_us = self._changed(cells)
        if create and self._created:
            at_us = self._created(cells) if created_us is None else created_us
            yield event(at_us, "created", None, Created(self._channel(cells)))
        if owner := self._cell(cells, self._mapping.owner):
            yield event(changed_us, "owner", owner, Ownership(OwnershipChange.ASSIGNED, owner))
        attributes = dict(self._attributes(cells))
        if attributes:
            stamp = changed_us if self._timed else self._as_of_us
            yield event(changed_us, "attributes", [sorted(attributes.items()), stamp], AttributesChanged(attributes))
        for part, clock in zip(self._mapping.behaviours, self._behaviour_clocks, strict=True):
            for name, number, about in self._behaviours(cells, part):
                at_us = clock(cells)
                content = [part.column, name, about, number, at_us if self._dates(part) else None]
                yield event(at_us, "behaviour", content, Behaviour(name, about or None))
        for outcome, clock in zip(self._mapping.outcomes, self._outcome_clocks, strict=True):
            if kind := self._look_up(cells, outcome):
                yield event(clock(cells), "outcome", [outcome.column, kind], Outcome(kind))

    def _channel(self, cells: Cells) -> str:
        channel = self._mapping.source_channel
        if not isinstance(channel, SourceChannel):
            return channel
        cell = self._cell(cells, channel.column)
        return channel.values.get(cell, cell) or channel.if_empty

    def _attributes(self, cells: Cells) -> Iterator[tuple[str, AttributeValue]]:
        for name, part in self._mapping.attributes.items():
            cell = self._cell(cells, part.column)
            if cell and cell not in part.empty:
                value = part.values.get(cell, cell)
                typed = _typed(str(value), part)
                if typed is not None:
                    yield name, typed
                elif part.invalid == "reject":
                    raise _Bad(f"column {part.column!r}: {_shown(cell)} is no {part.type}")

    def _behaviours(self, cells: Cells, part: BehaviourColumn) -> Iterator[tuple[str, int, str]]:
        """(behaviour, number of the occurrence, object) of one column."""
        cell = self._cell(cells, part.column)
        name = part.values.get(cell, "") if part.values else part.behaviour or ""
        if not cell or not name or (part.equals and cell not in part.equals):
            return
        about = self._cell(cells, part.object_column)
        times = 1
        if part.count:
            number = parse_number(cell, part.decimal)
            if number is None or number < 0:
                raise _Bad(f"column {part.column!r}: {_shown(cell)} is no count")
            times = min(int(number), part.at_most)
        yield from ((name, number, about) for number in range(1, times + 1))

    def _dates(self, part: BehaviourColumn) -> bool:
        """Whether the time tells one occurrence from the next. Of a count, the number does."""
        told = self._timed if isinstance(part.at, str) and part.at.startswith("changed") else isinstance(part.at, TimeColumn)
        return told and not part.count

    def _look_up(self, cells: Cells, part: OutcomeColumn) -> object | None:
        return part.values.get(self._cell(cells, part.column))

    def _cell(self, cells: Cells, column: str | None) -> str:
        """The cell, "" when it means `not known`."""
        if column is None:
            return ""
        text = clean(cells[self._columns[column]])
        if "\ufffd" in text:
            raise _Bad(f"column {column!r} holds bytes that are not in the file's encoding")
        return "" if text in self._empty else text

    def _clock(self, place: str, instant: Instant) -> Clock:
        """How to tell the time of something in a row."""
        if isinstance(instant, TimeColumn):
            return self._column_clock(place, instant)
        if instant == "file":
            return lambda _: self._file_us
        if instant in ("created", "changed") and place not in ("created", "changed"):
            return lambda cells: self._named(instant)(cells)
        if match := SHIFTED.fullmatch(instant):
            base, span_us = match.group(1), int(match.group(2)) * UNIT_US[match.group(3)]
            return lambda cells: self._named(base)(cells) + span_us
        fixed_us = _instant(place, instant)
        return lambda _: fixed_us

    def _named(self, name: str) -> Clock:
        return self._changed if name == "changed" or self._created is None else self._created

    def _column_clock(self, place: str, part: TimeColumn) -> Clock:
        zone = _zone(place, part.time_zone or self._mapping.time_zone)
        fallback = _instant(place, part.if_empty) if part.if_empty and part.if_empty != "file" else None
        fallback = self._file_us if part.if_empty == "file" else fallback

        def clock(cells: Cells) -> int:
            cell = self._cell(cells, part.column)
            if not cell:
                if fallback is None:
                    raise _Bad(f"column {part.column!r} is empty: when was it {place.partition('[')[0]}?")
                return fallback
            for form in part.formats:
                if (time_us := parse_time(cell, form, zone)) is not None:
                    return time_us
            raise _Bad(f"column {part.column!r}: {_shown(cell)} is no time of the form {', '.join(part.formats)}")

        return clock

    def _check_columns(self, columns: Sequence[str]) -> None:
        for place, column in self._mapping.columns():
            if column not in self._columns:
                raise MappingProblem(
                    f"{place} names the column {column!r}, which the file does not have", one_of(columns, column)
                )


def _typed(text: str, part: AttributeColumn) -> AttributeValue | None:
    if part.type == "number":
        return parse_number(text, part.decimal)
    return parse_bool(text) if part.type == "boolean" else text


def _instant(place: str, text: str) -> int:
    time_us = parse_time(text, "ymd", ZoneInfo("UTC"))
    if time_us is None:
        raise MappingProblem(
            f"{place}: {text!r} is no instant", "write created, changed, file, created + 2d, 2026-01-31T00:00:00Z, or {column: …}"
        )
    return time_us


def _zone(place: str, name: str) -> ZoneInfo:
    try:
        return ZoneInfo(name)
    except (ZoneInfoNotFoundError, ValueError) as error:
        raise MappingProblem(f"{place}: unknown time zone {name!r}", "use an IANA name such as Asia/Shanghai") from error


def _shown(cell: str) -> str:
    return repr(cell if len(cell) <= SHOWN_CHARS else cell[: SHOWN_CHARS - 1] + "…")


def _digest(content: object) -> str:
    """128 bits of SHA-256: no two rows of any import will ever meet in one id."""
    return hashlib.sha256(orjson.dumps(content)).hexdigest()[:32]


def instant_us(moment: datetime) -> int:
    """An aware datetime in µs since the epoch."""
    return (moment - EPOCH) // MICROSECOND

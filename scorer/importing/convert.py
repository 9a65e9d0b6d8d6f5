"""One row → the events it tells of, by a mapping. Pure: no clock, no files, no Kafka.

Identity: `source` is `/import/<mapping name>`, `id` a hash of what the event says. Importing a row
again makes the same events; a changed row makes new ones only for what changed.
"""

from __future__ import annotations

import hashlib
from collections.abc import Iterator, Sequence

import orjson

from scorer.contracts.model.problems import one_of
from scorer.domain.events import (
    AttributesChanged,
    AttributeValue,
    Behaviour,
    Body,
    Created,
    LeadEvent,
    Outcome,
    OutcomeKind,
    Ownership,
    OwnershipChange,
)
from scorer.importing.cells import parse_bool, parse_number
from scorer.importing.clocks import Clocks
from scorer.importing.errors import MappingProblem
from scorer.importing.mapping import (
    AttributeColumn,
    BehaviourColumn,
    Mapping,
    OutcomeColumn,
    SourceChannel,
    TimeColumn,
)
from scorer.importing.reading import BadCell, Cells, Reader, shown
from scorer.importing.records import Row
from scorer.importing.sheet import BadRow


class Converter:
    """A mapping bound to the columns of one file.

    `file_us` is the file's own date, what `file` means in the mapping. `as_of_us` says that this
    export is newer than all before: it replaces the fixed `changed` time and, being part of the ids
    of attributes, lets a value return to what it was two exports ago.
    """

    def __init__(
        self,
        mapping: Mapping,
        columns: Sequence[str],
        *,
        file_us: int,
        as_of_us: int | None = None,
    ) -> None:
        self.source = f"/import/{mapping.name}"
        _check_columns(mapping, columns)
        self._mapping = mapping
        self._reader = Reader(columns, mapping.empty)
        self._as_of_us = as_of_us
        self._timed = isinstance(mapping.changed, TimeColumn)
        self._clocks = clocks = Clocks(mapping, self._reader, file_us, as_of_us)
        self._behaviours_at = [
            clocks.clock(f"behaviours[{n}].at", b.at) for n, b in enumerate(mapping.behaviours)
        ]
        self._outcomes_at = [
            clocks.clock(f"outcomes[{n}].at", o.at) for n, o in enumerate(mapping.outcomes)
        ]

    def lead_id(self, cells: Cells) -> str | None:
        """The id of the row's lead, None when a cell it needs is empty."""
        try:
            parts = [self._reader.cell(cells, column) for column in self._mapping.lead_id.columns]
        except BadCell:
            return None
        if self._mapping.lead_id.as_ == "hash":
            return _digest([part.casefold() for part in parts]) if any(parts) else None
        return "/".join(parts) if all(parts) else None

    def events(
        self, row: Row, lead_id: str, *, create: bool = True, created_us: int | None = None
    ) -> list[LeadEvent] | BadRow:
        """What the row says about the lead, in the order of a story: created, attributes, the rest.

        `create=False`: an earlier row has created it. `created_us`: another row knows when better.
        """
        try:
            return list(self._events(row.cells, lead_id, create, created_us))
        except BadCell as bad:
            return BadRow(row.line, str(bad))

    def time_us(self, cells: Cells) -> int | None:
        """When the row says that its lead was created, None when it does not say."""
        try:
            return self._clocks.created(cells) if self._clocks.created else None
        except BadCell:
            return None

    def _events(
        self, cells: Cells, lead_id: str, create: bool, created_us: int | None
    ) -> Iterator[LeadEvent]:
        def event(time_us: int, kind: str, content: object, body: Body) -> LeadEvent:
            return LeadEvent(lead_id, time_us, self.source, _digest([lead_id, kind, content]), body)

        changed_us = self._clocks.changed(cells)
        if create and self._clocks.created:
            at_us = self._clocks.created(cells) if created_us is None else created_us
            yield event(at_us, "created", None, Created(self._channel(cells)))
        if owner := self._reader.cell(cells, self._mapping.owner):
            yield event(changed_us, "owner", owner, Ownership(OwnershipChange.ASSIGNED, owner))
        attributes = dict(self._attributes(cells))
        if attributes:
            stamp = changed_us if self._timed else self._as_of_us
            yield event(
                changed_us,
                "attributes",
                [sorted(attributes.items()), stamp],
                AttributesChanged(attributes),
            )
        for part, clock in zip(self._mapping.behaviours, self._behaviours_at, strict=True):
            for name, number, about in self._happened(cells, part):
                at_us = clock(cells)
                content = [part.column, name, about, number, at_us if self._dates(part) else None]
                yield event(at_us, "behaviour", content, Behaviour(name, about or None))
        for outcome, clock in zip(self._mapping.outcomes, self._outcomes_at, strict=True):
            if kind := self._look_up(cells, outcome):
                yield event(clock(cells), "outcome", [outcome.column, kind], Outcome(kind))

    def _channel(self, cells: Cells) -> str:
        channel = self._mapping.source_channel
        if not isinstance(channel, SourceChannel):
            return channel
        cell = self._reader.cell(cells, channel.column)
        return channel.values.get(cell, cell) or channel.if_empty

    def _attributes(self, cells: Cells) -> Iterator[tuple[str, AttributeValue]]:
        for name, part in self._mapping.attributes.items():
            cell = self._reader.cell(cells, part.column)
            if cell and cell not in part.empty:
                value = part.values.get(cell, cell)
                typed = _typed(str(value), part)
                if typed is not None:
                    yield name, typed
                elif part.invalid == "reject":
                    raise BadCell(f"column {part.column!r}: {shown(cell)} is no {part.type}")

    def _happened(self, cells: Cells, part: BehaviourColumn) -> Iterator[tuple[str, int, str]]:
        """(behaviour, number of the occurrence, object) of one column."""
        cell = self._reader.cell(cells, part.column)
        name = part.values.get(cell, "") if part.values else part.behaviour or ""
        if not cell or not name or (part.equals and cell not in part.equals):
            return
        about = self._reader.cell(cells, part.object_column)
        times = 1
        if part.count:
            number = parse_number(cell, part.decimal)
            if number is None or number < 0:
                raise BadCell(f"column {part.column!r}: {shown(cell)} is no count")
            times = min(int(number), part.at_most)
        yield from ((name, number, about) for number in range(1, times + 1))

    def _dates(self, part: BehaviourColumn) -> bool:
        """Whether the time tells one occurrence from the next. Of a count, the number does."""
        told = (
            self._timed
            if isinstance(part.at, str) and part.at.startswith("changed")
            else isinstance(part.at, TimeColumn)
        )
        return told and not part.count

    def _look_up(self, cells: Cells, part: OutcomeColumn) -> OutcomeKind | None:
        cell = self._reader.cell(cells, part.column)
        return part.values.get(cell, part.outcome) if cell else None


def _check_columns(mapping: Mapping, columns: Sequence[str]) -> None:
    for place, column in mapping.columns():
        if column not in columns:
            raise MappingProblem(
                f"{place} names the column {column!r}, which the file does not have",
                one_of(columns, column),
            )


def _typed(text: str, part: AttributeColumn) -> AttributeValue | None:
    if part.type == "number":
        return parse_number(text, part.decimal)
    return parse_bool(text) if part.type == "boolean" else text


def _digest(content: object) -> str:
    """128 bits of SHA-256: no two rows of any import will ever meet in one id."""
    return hashlib.sha256(orjson.dumps(content)).hexdigest()[:32]

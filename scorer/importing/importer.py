"""A whole file → events, with a report. Knows repeated rows and bad rows, knows no Kafka."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from typing import Final

from scorer.domain.events import LeadEvent
from scorer.importing.convert import Converter
from scorer.importing.mapping import Mapping, Repeats, TimeColumn
from scorer.importing.records import Row
from scorer.importing.sheet import BadRow, Sheet

FUTURE_TOLERANCE_US: Final = 300 * 1_000_000  # as the worker has it by default

Check = Callable[[LeadEvent], str | None]
"""Says why an event would be refused by the scorer, None when it would be accepted."""


@dataclass(slots=True)
class Report:
    """What became of the rows. `bad` holds every bad row, for the list and for `--bad-rows`."""

    rows: int = 0
    events: int = 0
    repeated: int = 0  # rows that are the same as one before
    leads: set[str] = field(default_factory=set)
    bad: list[BadRow] = field(default_factory=list)


@dataclass(slots=True)
class Importer:
    """Walks the rows of a file once (twice where rows of one lead are merged)."""

    sheet: Sheet
    mapping: Mapping
    converter: Converter
    now_us: int  # nothing can have happened later
    check: Check = lambda _: None
    report: Report = field(default_factory=Report)
    _first: dict[str, tuple[int, int]] = field(default_factory=dict)  # lead → line, hash of its row
    _alike: dict[str, int] = field(default_factory=dict)

    def run(self) -> Iterator[list[LeadEvent]]:
        """The events of each good row. Bad rows go to the report and stop nothing."""
        earliest = self._earliest()
        for row in self._rows():
            self.report.rows += 1
            events = row if isinstance(row, BadRow) else self._row(row, earliest)
            if isinstance(events, BadRow):
                self.report.bad.append(events)
            elif events:
                self.report.events += len(events)
                self.report.leads.add(events[0].lead_id)
                yield events

    def _rows(self) -> Iterator[Row | BadRow]:
        return self.sheet.rows(fill_short=self.mapping.file.short_rows == "fill")

    def _row(self, row: Row, earliest: dict[str, int]) -> list[LeadEvent] | BadRow:
        lead_id = self.converter.lead_id(row.cells)
        if lead_id is None:
            return BadRow(row.line, f"no lead id in {' + '.join(self.mapping.lead_id.columns)}")
        same = hash(tuple(row.cells))
        line, first = self._first.setdefault(lead_id, (row.line, same))
        repeats = self.mapping.lead_id.repeats
        create = line == row.line
        if not create and repeats is Repeats.REJECT:
            if same != first:
                return BadRow(
                    row.line, f"lead {lead_id!r} is already on line {line}, with other values"
                )
            self.report.repeated += 1
            return []
        if not create and repeats is Repeats.SEPARATE:
            self._alike[lead_id] = self._alike.get(lead_id, 1) + 1
            lead_id, create = f"{lead_id}-{self._alike[lead_id]}", True
        events = self.converter.events(
            row, lead_id, create=create, created_us=earliest.get(lead_id)
        )
        if isinstance(events, BadRow):
            if create:
                self._first.pop(lead_id, None)  # the next row may create the lead instead
            return events
        return self._refused(row, events) or events

    def _refused(self, row: Row, events: list[LeadEvent]) -> BadRow | None:
        """Why the scorer would not take an event of the row, found out before anything is sent."""
        for event in events:
            if event.time_us > self.now_us + FUTURE_TOLERANCE_US:
                return BadRow(
                    row.line, "its time lies in the future: is the order of day and month right?"
                )
            if reason := self.check(event):
                return BadRow(row.line, reason)
        return None

    def _earliest(self) -> dict[str, int]:
        """Of a log: the first time seen of each lead, for rows need not be in order of time."""
        merges = self.mapping.lead_id.repeats is Repeats.MERGE
        if not merges or not isinstance(self.mapping.created, TimeColumn):
            return {}
        times: dict[str, int] = {}
        for row in self._rows():
            if isinstance(row, Row) and (lead_id := self.converter.lead_id(row.cells)):
                time_us = self.converter.time_us(row.cells)
                if time_us is not None:
                    times[lead_id] = min(time_us, times.get(lead_id, time_us))
        return times

"""What the scorer says → CloudEvents in structured mode. Knows messages, knows no Kafka client.

The same output gives the same bytes, wherever and whenever it is written: replays can be compared
byte by byte. For that reason no message carries a timestamp of its own making: `timestamp_ms` stays
None, the broker stamps the arrival (cards: LogAppendTime), so that retention counts from the day of
publication even when last year's events are replayed. The event time is the attribute `time`.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Final

from librt.strings import BytesWriter

from scorer.contracts.fragments import (
    hundredths,
    number,
    quoted,
    write_instant_or_null,
)
from scorer.contracts.published import (
    SCORE_CHANGED,
    SCORES_TOPIC,
    TIER_CROSSED,
    TIERS_TOPIC,
)
from scorer.contracts.records import Message
from scorer.contracts.writing import EventWriter
from scorer.domain.line import Line
from scorer.domain.outputs import (
    RANK,
    Cause,
    CauseKind,
    FireMode,
    LineKind,
    ScoreChanged,
    Tier,
    TierCrossed,
)

_WORDS: Final = {
    word: f'"{word.value}"'.encode() for word in (*Tier, *CauseKind, *LineKind, *FireMode)
}
_COUNTS: Final = [b"", *(b',"count":%d' % count for count in range(1, 1_000))]
_NAMES_KEPT: Final = 10_000


class Encoder(EventWriter):
    """Writes outputs. `source` names the application, as CloudEvents wants: `/lead-scorer/<app>`.

    By hand and not by way of the structs of `scorer.contracts.published`, which say how it must look
    (tests compare the bytes).
    """

    def __init__(self, source: str) -> None:
        super().__init__((SCORE_CHANGED, TIER_CROSSED), source)
        self._names: dict[str, _Opening] = {}
        self._part = BytesWriter()
        # A crossing repeats what the score that came with it has said.
        self._last: tuple[Line, ...] | None = None
        self._last_text = b""
        self._last_dimensions: Mapping[str, float] | None = None
        self._last_points = b""

    def score_changed(self, event: ScoreChanged) -> Message:
        """A change of score with every line of its explanation."""
        (
            event_id, lead_id, time_us, score, previous, tier, dimensions, all_time, lines, cause,
            next_tier, next_tier_us, version, hash_, grid, first, changes, trace,
        ) = event  # fmt: skip
        out = self.begin(SCORE_CHANGED, event_id, time_us, lead_id, trace)
        out.write(b',"score":')
        out.write(hundredths(score))
        out.write(b',"previous_score":')
        out.write(b"null" if previous is None else hundredths(previous))
        out.write(b',"tier":')
        out.write(_WORDS[tier])
        self._dimensions(dimensions)
        out.write(b',"all_time":')
        out.write(hundredths(all_time))
        self._lines(lines)
        self._cause(cause)
        self._end(next_tier, next_tier_us, version, hash_, grid)
        if changes != 1:
            out.write(b',"changes":%d' % changes)
        if first is not None:
            out.write(b',"first_score":')
            out.write(hundredths(first))
        return self.end(SCORES_TOPIC, lead_id, trace)

    def tier_crossed(self, event: TierCrossed) -> Message:
        """A crossing with its direction, its cause and the plain reasons in two languages."""
        (
            event_id, lead_id, time_us, from_tier, to_tier, before, score, cause, first_time, reached,
            fires, in_previous_us, dimensions, lines, why_en, why_zh, next_tier, next_tier_us, version,
            hash_, grid, trace,
        ) = event  # fmt: skip
        out = self.begin(TIER_CROSSED, event_id, time_us, lead_id, trace)
        out.write(b',"from":')
        out.write(_WORDS[from_tier])
        out.write(b',"to":')
        out.write(_WORDS[to_tier])
        up = RANK[to_tier] > RANK[from_tier]
        out.write(b',"direction":"up"' if up else b',"direction":"down"')
        out.write(b',"score_before":')
        out.write(hundredths(before))
        out.write(b',"score":')
        out.write(hundredths(score))
        self._cause(cause)
        out.write(b',"first_time":true' if first_time else b',"first_time":false')
        out.write(b',"reached":%d,"fires":[' % reached)
        for place, mode in enumerate(fires):
            if place:
                out.write(b",")
            out.write(_WORDS[mode])
        out.write(b'],"seconds_in_previous":')
        out.write(number(in_previous_us / 1_000_000))
        self._dimensions(dimensions)
        self._lines(lines)
        self.why(why_en, why_zh)
        self._end(next_tier, next_tier_us, version, hash_, grid)
        return self.end(TIERS_TOPIC, lead_id, trace)

    def _end(
        self, tier: Tier | None, tier_us: int | None, version: str, hash_: str, grid: str | None
    ) -> None:
        """What time alone will bring, and the model that says so."""
        out = self.out
        out.write(b',"next_tier":')
        out.write(b"null" if tier is None else _WORDS[tier])
        out.write(b',"next_tier_at":')
        write_instant_or_null(out, tier_us)
        self.model(version, hash_)
        if grid is not None:
            out.write(b',"grid":')
            out.write(self.word(grid))

    def _dimensions(self, dimensions: Mapping[str, float]) -> None:
        if dimensions is not self._last_dimensions:
            self._last_dimensions, self._last_points = dimensions, self._points_of(dimensions)
        self.out.write(self._last_points)

    def _points_of(self, dimensions: Mapping[str, float]) -> bytes:
        out = self._part
        out.truncate(0)
        known = dimensions if isinstance(dimensions, dict) else dict(dimensions)
        opening = b',"dimensions":{'
        for name, points in known.items():
            out.write(opening)
            out.write(self.word(name))
            out.write(b":")
            out.write(hundredths(points))
            opening = b","
        out.write(b"}" if known else b',"dimensions":{}')
        return out.getvalue()

    def _lines(self, lines: tuple[Line, ...]) -> None:
        if lines is not self._last:
            self._last, self._last_text = lines, self._text_of(lines)
        self.out.write(self._last_text)

    def _text_of(self, lines: tuple[Line, ...]) -> bytes:
        out = self._part
        out.truncate(0)
        out.write(b',"lines":[')
        first = True
        for line in lines:
            if not first:
                out.write(b",")
            first = False
            out.write(self._opening_of(line))
            out.write(hundredths(line.points))
            count = line.occurrences
            out.write(_COUNTS[count] if 0 <= count < len(_COUNTS) else b',"count":%d' % count)
            if line.decayed and (points := hundredths(line.decayed)) != b"0.0":
                out.write(b',"decayed":')
                out.write(points)
            if line.cut and (points := hundredths(line.cut)) != b"0.0":
                out.write(b',"cut":')
                out.write(points)
            out.write(b"}")
        out.write(b"]")
        return out.getvalue()

    def _opening_of(self, line: Line) -> bytes:
        """What is the same in every line of that name."""
        last = self._names.get(line.name)
        if last is None or last.kind is not line.kind or last.dimension != line.dimension:
            if len(self._names) >= _NAMES_KEPT:  # adjustments carry the ids of their events
                self._names.clear()
            last = self._names[line.name] = _Opening(line)
        return last.text

    def _cause(self, cause: Cause) -> None:
        kind, source, event_id, what = cause
        out = self.out
        out.write(b',"cause":{"kind":')
        out.write(_WORDS[kind])
        if source is not None:
            out.write(b',"source":')
            out.write(self.word(source))
        if event_id is not None:
            out.write(b',"id":')
            out.write(quoted(event_id))
        if what is not None:
            out.write(b',"what":')
            out.write(self.word(what))
        out.write(b"}")


class _Opening:
    """How the lines of a name begin."""

    __slots__ = ("dimension", "kind", "text")

    def __init__(self, line: Line) -> None:
        self.kind, self.dimension = line.kind, line.dimension
        self.text = b'{"kind":%b,"dimension":%b,"name":%b,"points":' % (
            _WORDS[line.kind],
            quoted(line.dimension),
            quoted(line.name),
        )


def tombstone(topic: str, lead_id: str) -> Message:
    """The null value that makes compaction forget an erased lead."""
    return Message(topic, lead_id.encode(), None)

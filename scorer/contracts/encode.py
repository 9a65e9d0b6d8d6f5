"""What the scorer says → CloudEvents in structured mode. Knows messages, knows no Kafka client.

The same output gives the same bytes, wherever and whenever it is written: replays can be compared
byte by byte. For that reason no message carries a timestamp of its own making: `timestamp_ms` stays
None, the broker stamps the arrival (cards: LogAppendTime), so that retention counts from the day of
publication even when last year's events are replayed. The event time is the attribute `time`.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Final

from scorer.contracts.fragments import (
    hundredths,
    instant,
    instant_or_null,
    number,
    quoted,
)
from scorer.contracts.inputs import SPECVERSION
from scorer.contracts.modes import STRUCTURED_JSON
from scorer.contracts.published import (
    SCORE_CHANGED,
    SCORES_TOPIC,
    TIER_CROSSED,
    TIERS_TOPIC,
    dataschema,
)
from scorer.contracts.records import Headers, Message
from scorer.domain.line import Line
from scorer.domain.outputs import (
    Cause,
    CauseKind,
    FireMode,
    LineKind,
    ScoreChanged,
    Tier,
    TierCrossed,
)

_HEADERS: Final = (("content-type", STRUCTURED_JSON),)
_RANK: Final = {Tier.DISQUALIFIED: 0, Tier.COLD: 1, Tier.WARM: 2, Tier.HOT: 3}
_WORDS: Final = {word: f'"{word.value}"' for word in (*Tier, *CauseKind, *LineKind, *FireMode)}
_NAMES_KEPT: Final = 10_000


class Encoder:
    """Writes outputs. `source` names the application, as CloudEvents wants: `/lead-scorer/<app>`.

    By hand and not by way of the structs of `scorer.contracts.published`, which say how it must look
    (tests compare the bytes): what is the same in every event is written once.
    """

    def __init__(self, source: str) -> None:
        self._score = _opening(SCORE_CHANGED, source)
        self._tier = _opening(TIER_CROSSED, source)
        self._score_rest = _attributes(SCORE_CHANGED)
        self._tier_rest = _attributes(TIER_CROSSED)
        self._names: dict[str, _Written] = {}
        self._words: dict[str, str] = {}

    def score_changed(self, event: ScoreChanged) -> Message:
        """A change of score with every line of its explanation."""
        (
            event_id, lead_id, time_us, score, previous, tier, dimensions, all_time, lines, cause,
            next_tier, next_tier_us, version, hash_, grid, first, changes, trace,
        ) = event  # fmt: skip
        lead = quoted(lead_id)
        parts = [
            f'{self._score}{quoted(event_id)},"time":{instant(time_us)},"subject":{lead}{self._score_rest}',
            _trace(trace),
            f'"data":{{"lead_id":{lead},"score":{hundredths(score)},"previous_score":',
            "null" if previous is None else hundredths(previous),
            f',"tier":{_WORDS[tier]},',
            self._dimensions(dimensions),
            f',"all_time":{hundredths(all_time)},',
            self._lines(lines),
            f",{self._cause(cause)},",
            _next(next_tier, next_tier_us),
            self._model(version, hash_),
            _grid(grid),
        ]
        if changes != 1:
            parts.append(f',"changes":{changes}')
        if first is not None:
            parts.append(f',"first_score":{hundredths(first)}')
        parts.append("}}")
        return _message(SCORES_TOPIC, lead_id, "".join(parts).encode("utf-8"), trace)

    def tier_crossed(self, event: TierCrossed) -> Message:
        """A crossing with its direction, its cause and the plain reasons in two languages."""
        (
            event_id, lead_id, time_us, from_tier, to_tier, before, score, cause, first_time, reached,
            fires, in_previous_us, dimensions, lines, why_en, why_zh, next_tier, next_tier_us, version,
            hash_, grid, trace,
        ) = event  # fmt: skip
        lead = quoted(lead_id)
        direction = "up" if _RANK[to_tier] > _RANK[from_tier] else "down"
        parts = [
            f'{self._tier}{quoted(event_id)},"time":{instant(time_us)},"subject":{lead}{self._tier_rest}',
            _trace(trace),
            f'"data":{{"lead_id":{lead},"from":{_WORDS[from_tier]},"to":{_WORDS[to_tier]}',
            f',"direction":"{direction}","score_before":{hundredths(before)}',
            f',"score":{hundredths(score)},{self._cause(cause)}',
            f',"first_time":{"true" if first_time else "false"},"reached":{reached},"fires":[',
            ",".join([_WORDS[mode] for mode in fires]),
            f'],"seconds_in_previous":{number(in_previous_us / 1_000_000)},',
            self._dimensions(dimensions),
            ",",
            self._lines(lines),
            f',"why":{{"en":{quoted(why_en)},"zh":',
        ]
        rest = [
            "},",
            _next(next_tier, next_tier_us),
            self._model(version, hash_),
            _grid(grid),
            "}}",
        ]
        # Apart, because a text with Chinese in it takes twice the memory and five times as long.
        values = [text.encode("utf-8") for text in ("".join(parts), quoted(why_zh), "".join(rest))]
        return _message(TIERS_TOPIC, lead_id, b"".join(values), trace)

    def _dimensions(self, dimensions: Mapping[str, float]) -> str:
        known = dimensions if isinstance(dimensions, dict) else dict(dimensions)
        parts = []
        for name, points in known.items():
            parts.append(f"{self._word(name)}:{hundredths(points)}")
        return '"dimensions":{' + ",".join(parts) + "}"

    def _word(self, text: str) -> str:
        """A string that comes again: of the model, or of who publishes."""
        word = self._words.get(text)
        if word is None:
            if len(self._words) >= _NAMES_KEPT:
                self._words.clear()
            word = self._words[text] = quoted(text)
        return word

    def _lines(self, lines: tuple[Line, ...]) -> str:
        if not lines:
            return '"lines":[]'
        return '"lines":[' + ",".join([self._line(line) for line in lines]) + "]"

    def _line(self, line: Line) -> str:
        """What is the same as in the last line of that name is not written again."""
        last = self._names.get(line.name)
        if last is None or last.kind is not line.kind or last.dimension != line.dimension:
            if len(self._names) >= _NAMES_KEPT:  # adjustments carry the ids of their events
                self._names.clear()
            last = self._names[line.name] = _Written(line)
        if last.points != line.points or last.count != line.occurrences:
            last.points, last.count = line.points, line.occurrences
            count = f',"count":{line.occurrences}' if line.occurrences else ""
            last.text = f"{last.opening}{hundredths(line.points)}{count}"
        if not line.decayed and not line.cut:
            return last.text + "}"
        lost = ""
        if line.decayed and (points := hundredths(line.decayed)) != "0.0":
            lost = f',"decayed":{points}'
        if line.cut and (points := hundredths(line.cut)) != "0.0":
            lost += f',"cut":{points}'
        return last.text + lost + "}"

    def _cause(self, cause: Cause) -> str:
        kind, source, event_id, what = cause
        id_ = "" if event_id is None else f',"id":{quoted(event_id)}'
        source_ = "" if source is None else f',"source":{self._word(source)}'
        what_ = "" if what is None else f',"what":{self._word(what)}'
        return f'"cause":{{"kind":{_WORDS[kind]}{source_}{id_}{what_}}}'

    def _model(self, version: str, hash_: str) -> str:
        return f',"model":{{"version":{self._word(version)},"hash":{self._word(hash_)}}}'


class _Written:
    """A line of a name as it was written last."""

    __slots__ = ("count", "dimension", "kind", "opening", "points", "text")

    def __init__(self, line: Line) -> None:
        self.kind, self.dimension = line.kind, line.dimension
        self.opening = (
            f'{{"kind":{_WORDS[line.kind]},"dimension":{quoted(line.dimension)}'
            f',"name":{quoted(line.name)},"points":'
        )
        self.points = float("nan")  # unlike any
        self.count = -1
        self.text = ""


def tombstone(topic: str, lead_id: str) -> Message:
    """The null value that makes compaction forget an erased lead."""
    return Message(topic, lead_id.encode(), None)


def _opening(kind: str, source: str) -> str:
    return f'{{"type":{quoted(kind)},"specversion":{quoted(SPECVERSION)},"source":{quoted(source)},"id":'


def _attributes(kind: str) -> str:
    return f',"datacontenttype":"application/json","dataschema":{quoted(dataschema(kind))},'


def _trace(traceparent: str | None) -> str:
    return "" if traceparent is None else f'"traceparent":{quoted(traceparent)},'


def _next(tier: Tier | None, instant_us: int | None) -> str:
    word = "null" if tier is None else _WORDS[tier]
    return f'"next_tier":{word},"next_tier_at":{instant_or_null(instant_us)}'


def _grid(grid: str | None) -> str:
    return "" if grid is None else f',"grid":{quoted(grid)}'


def _message(topic: str, lead_id: str, value: bytes, traceparent: str | None) -> Message:
    headers: Headers = _HEADERS
    if traceparent is not None:
        headers = (*_HEADERS, ("traceparent", traceparent.encode()))
    return tuple.__new__(Message, (topic, lead_id.encode("utf-8"), value, headers, None, None))

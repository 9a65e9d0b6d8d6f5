"""What the pool says → CloudEvents in structured mode. Knows messages, knows no Kafka client.

The same output gives the same bytes, wherever and whenever it is written (see `encode`).
"""

from __future__ import annotations

from scorer.contracts.fragments import number, quoted, write_instant
from scorer.contracts.instants import LAST_US
from scorer.contracts.published_pool import (
    FOLLOW_UP_DUE,
    HANDED_OVER,
    MET,
    POOL_TOPIC,
    RETURNED,
    VOIDED,
)
from scorer.contracts.records import Message
from scorer.contracts.writing import EventWriter
from scorer.domain.followup.outputs import (
    About,
    Deadline,
    FollowUpDue,
    HandedOver,
    Met,
    PoolOutput,
    Returned,
    Summary,
    Voided,
)


class PoolEncoder(EventWriter):
    """Writes what the pool says. `source` names the application: `/lead-scorer/<app>/pool`.

    By hand and not by way of the structs of `scorer.contracts.published_pool`, which say how it must
    look (tests compare the bytes).
    """

    def __init__(self, source: str) -> None:
        super().__init__((FOLLOW_UP_DUE, RETURNED, HANDED_OVER, VOIDED, MET), source)

    def message(self, output: PoolOutput) -> Message:
        """One output as a record of `leads.pool.v1`."""
        if isinstance(output, Returned):
            self._returned(output)
        elif isinstance(output, FollowUpDue):
            self._due(output)
        elif isinstance(output, Met):
            self._met(output)
        elif isinstance(output, HandedOver):
            self._handed_over(output)
        else:
            self._voided(output)
        return self.end(POOL_TOPIC, output.about.lead_id, None)

    def _due(self, output: FollowUpDue) -> None:
        about, deadline, stage, to, count, of, risk = output
        self._begin(FOLLOW_UP_DUE, about)
        self._text(b',"clock":', deadline.clock)
        self._text(b',"stage":', stage)
        self._text(b',"to":', to)
        self._clock(deadline)
        self._text_or_null(b',"owner":', about.owner)
        self._where(about)
        self.model(about.model_version, about.model_hash)
        if count:
            self.out.write(b',"number":%d' % count)
        if of:
            self.out.write(b',"of":%d' % of)
        if risk:
            self.out.write(b',"risk":true')
        self._source_channel(about)

    def _returned(self, output: Returned) -> None:
        (
            about, deadline, reason, owner, pool, dead, count, held_since_us, last_touch_us, touches,
            summary,
        ) = output  # fmt: skip
        due_us = about.time_us if deadline is None else deadline.due_us
        late_us = about.time_us - due_us
        self._begin(RETURNED, about)
        self._text(b',"reason":', reason)
        self._text(b',"previous_owner":', owner)
        self._text_or_null(b',"pool":', pool)
        out = self.out
        out.write(b',"return_count":%d' % count)
        self._instant(b',"due_at":', due_us)
        out.write(b',"late_seconds":')
        out.write(self.seconds(late_us) if late_us > 0 else b"0.0")
        if deadline is None:
            out.write(b',"started_at":null,"limit_seconds":null')
        else:
            self._instant(b',"started_at":', deadline.start_us)
            out.write(b',"limit_seconds":')
            out.write(self.seconds(deadline.limit_us))
        self._instant(b',"held_since":', held_since_us)
        self._instant(b',"last_touch_at":', last_touch_us)
        out.write(b',"touches":%d' % touches)
        self._where(about)
        self._summary(summary)
        self.model(about.model_version, about.model_hash)
        if dead:
            out.write(b',"dead":true')
        self._source_channel(about)

    def _handed_over(self, output: HandedOver) -> None:
        about, previous_owner, held_since_us, summary = output
        self._begin(HANDED_OVER, about)
        self._text(b',"owner":', about.owner or "")
        self._text(b',"previous_owner":', previous_owner)
        self._instant(b',"held_since":', held_since_us)
        self._where(about)
        self._summary(summary)
        self.model(about.model_version, about.model_hash)
        self._source_channel(about)

    def _voided(self, output: Voided) -> None:
        about = output.about
        self._begin(VOIDED, about)
        self.out.write(b',"returned_id":')
        self.out.write(quoted(output.returned_id))
        self._instant(b',"returned_at":', output.returned_us)
        self._text(b',"reason":', output.reason)
        self._text(b',"evidence":{"source":', output.evidence_source)
        self.out.write(b',"id":')
        self.out.write(quoted(output.evidence_id))
        self._text(b',"what":', output.evidence_what)
        self._instant(b',"at":', output.evidence_us)
        self.out.write(b"}")
        self._text_or_null(b',"owner":', about.owner)
        self._instant(b',"next_due_at":', output.next_due_us)
        self._where(about)
        self.model(about.model_version, about.model_hash)
        self._source_channel(about)

    def _met(self, output: Met) -> None:
        about, deadline, took_us, by, corrects = output
        self._begin(MET, about)
        self._text(b',"clock":', deadline.clock)
        self._text(b',"by":', by)
        self._clock(deadline)
        self.out.write(b',"took_seconds":')
        self.out.write(number(took_us / 1_000_000))
        self._text_or_null(b',"owner":', about.owner)
        self._where(about)
        self.model(about.model_version, about.model_hash)
        if corrects is not None:
            self.out.write(b',"corrects":')
            self.out.write(quoted(corrects))
        self._source_channel(about)

    def _begin(self, kind: str, about: About) -> None:
        self.begin(kind, about.id, about.time_us, about.lead_id, None)

    def _clock(self, deadline: Deadline) -> None:
        self._instant(b',"started_at":', deadline.start_us)
        self.out.write(b',"limit_seconds":')
        self.out.write(self.seconds(deadline.limit_us))
        self._instant(b',"due_at":', deadline.due_us)

    def _where(self, about: About) -> None:
        """The tier of the lead, and the ownership or the stay in the pool that this is about."""
        self._text(b',"tier":', about.tier)
        self.out.write(b',"episode":')
        self.out.write(quoted(about.episode))

    def _summary(self, summary: Summary) -> None:
        out = self.out
        touches, latest, score, why_en, why_zh = summary
        out.write(b',"summary":{"touches":%d,"last_touches":[' % touches)
        opening = b'{"at":'
        for touch in latest:
            self._instant(opening, touch.time_us)
            self._text(b',"kind":', touch.kind)
            if touch.by is not None:
                self._text(b',"by":', touch.by)
            out.write(b"}")
            opening = b',{"at":'
        out.write(b'],"score":')
        out.write(b"null" if score is None else number(score))
        self.why(why_en, why_zh)
        out.write(b"}")

    def _source_channel(self, about: About) -> None:
        if about.source_channel is not None:
            self._text(b',"source_channel":', about.source_channel)

    def _text(self, name: bytes, text: str) -> None:
        self.out.write(name)
        self.out.write(self.word(text))

    def _text_or_null(self, name: bytes, text: str | None) -> None:
        self.out.write(name)
        self.out.write(b"null" if text is None else self.word(text))

    def _instant(self, name: bytes, instant_us: int | None) -> None:
        """The calendar ends with the year 9999; a deadline that never comes is shown as its last day."""
        self.out.write(name)
        if instant_us is None:
            self.out.write(b"null")
        else:
            write_instant(self.out, min(instant_us, LAST_US))

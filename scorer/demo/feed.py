"""Turns what the worker wrote into news for a board. Knows the outputs' format, knows no Kafka client."""

from __future__ import annotations

from collections.abc import Callable
from typing import Final

from scorer.contracts.instants import to_us
from scorer.contracts.published import (
    SCORES_TOPIC,
    TIERS_TOPIC,
    CrossingData,
    CrossingEvent,
    ScoreEvent,
    read_output,
)
from scorer.contracts.published_pool import POOL_TOPIC, PoolEvent, read_pool_output
from scorer.demo.board import Board, Crossed, Pooled, Scored
from scorer.demo.causes import Causes
from scorer.demo.pooling import pooled
from scorer.demo.words import Lang

DEAD_LETTERS_TOPIC: Final = "leads.dead-letters.v1"
TOPICS: Final = (SCORES_TOPIC, TIERS_TOPIC, POOL_TOPIC, DEAD_LETTERS_TOPIC)

News = Scored | Crossed | Pooled
Hear = Callable[[News], None]


def _nobody(_: News) -> None:
    """Hears nothing: the board is enough."""


class Feed:
    """Hears records one by one, in the order of their topic; tells the board and one listener."""

    def __init__(self, board: Board, causes: Causes, lang: Lang, listener: Hear = _nobody) -> None:
        self._board, self._causes, self._lang, self._listener = board, causes, lang, listener

    def record(self, topic: str, key: bytes | None, value: bytes | None) -> None:
        """One record of one of `TOPICS`."""
        if topic == DEAD_LETTERS_TOPIC:
            self._board.dead_letters += 1
        elif value is None:
            self._board.erased((key or b"").decode())
        elif topic == POOL_TOPIC:
            self._pool(read_pool_output(value))
        else:
            self._output(read_output(value))

    def _pool(self, event: PoolEvent) -> None:
        news = pooled(event)
        if news is not None:
            self._board.pooled(news)
            self._listener(news)

    def _output(self, event: ScoreEvent | CrossingEvent) -> None:
        time_us = to_us(event.time)
        if isinstance(event, ScoreEvent):
            data = event.data
            next_us = to_us(data.next_tier_at) if data.next_tier_at else None
            cause = self._causes.text(data.cause.kind, data.cause.what)
            scored = Scored(
                data.lead_id, time_us, data.score, data.tier, data.next_tier, next_us, cause
            )
            self._board.scored(scored)
            self._listener(scored)
        else:
            crossed = self._crossed(event.data, time_us)
            self._board.crossed(crossed)
            self._listener(crossed)

    def _crossed(self, data: CrossingData, time_us: int) -> Crossed:
        why = data.why.zh if self._lang is Lang.ZH else data.why.en
        cause = self._causes.text(data.cause.kind, data.cause.what)
        return Crossed(data.lead_id, time_us, data.from_, data.to, data.score, cause, why)

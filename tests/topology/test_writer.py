"""A writer that has to wait says so."""

from __future__ import annotations

import asyncio
from typing import Any

import pytest
from structlog.testing import capture_logs

from scorer.settings import Settings
from scorer.transport import writer
from scorer.transport.writer import Writer


class Slow:
    """A producer whose broker settles the last transaction only when told."""

    settled = asyncio.Event()

    def __init__(self, **_: Any) -> None:
        pass

    async def start(self) -> None:
        await self.settled.wait()

    async def stop(self) -> None:
        pass


async def test_a_start_that_waits_for_the_last_transaction_says_so_until_it_goes_on(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr(writer, "AIOKafkaProducer", Slow)
    monkeypatch.setattr(writer, "NOTICE_S", 0.01)
    monkeypatch.setattr(Slow, "settled", asyncio.Event())
    waiting = Writer(Settings(), "scoring", 3)
    with capture_logs() as said:
        starting = asyncio.create_task(waiting.start())
        while len(said) < 2:  # noqa: ASYNC110  (a log tells no event)
            await asyncio.sleep(0.01)
        Slow.settled.set()
        await starting
        told = len(said)
        await asyncio.sleep(0.05)

    assert len(said) == told
    assert {line["event"] for line in said} == {"lane.waiting"}
    assert said[0]["partition"] == 3
    assert said[0]["transactional_id"] == "leadscorer-scoring-3"
    assert "unavailable-partitions" in said[0]["advice"]


async def test_a_start_that_is_called_off_stops_talking(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(writer, "AIOKafkaProducer", Slow)
    monkeypatch.setattr(writer, "NOTICE_S", 0.01)
    monkeypatch.setattr(Slow, "settled", asyncio.Event())
    with capture_logs() as said:
        starting = asyncio.create_task(Writer(Settings(), "scoring", 0).start())
        await asyncio.sleep(0.03)
        starting.cancel()
        await asyncio.wait([starting])
        told = len(said)
        await asyncio.sleep(0.05)

    assert len(said) == told

"""Invented people on the Kafka of the settings: three weeks of their past at once, then as they come.

For `docker compose --profile demo up`, or any cluster that is for trying out:
`LEADSCORER_KAFKA__BOOTSTRAP_SERVERS=… python deploy/publisher.py`.
"""

from __future__ import annotations

import asyncio
import time
from typing import Final

from scorer.demo.board import Board
from scorer.demo.cast import stories
from scorer.demo.publisher import publish
from scorer.demo.story import BEFORE_US
from scorer.settings import Settings
from scorer.transport.clients import sending
from scorer.transport.clock import ScaledClock

SEED: Final = 7
LEADS: Final = 3_000  # in four weeks: some hundred events an hour


async def main() -> None:
    """Publish until stopped."""
    now_us = time.time_ns() // 1_000
    posts = stories(SEED, LEADS, now_us - BEFORE_US)
    async with sending(Settings()) as send:
        await publish(posts, ScaledClock(now_us, now_us, 1.0), send, Board())


if __name__ == "__main__":
    asyncio.run(main())

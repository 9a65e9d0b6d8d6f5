"""Asks a broker less often that answers "nothing new" at once. Knows aiokafka's consumer from inside.

Apache Kafka holds an empty fetch for `fetch.max.wait.ms`. The embedded broker does not: a consumer of
an idle topic then asks it 3,000 times a second, and a demo takes the whole machine to do nothing.
"""

from __future__ import annotations

import asyncio
import time
from typing import Any, Final

from aiokafka import AIOKafkaConsumer

QUICK_ANSWERS: Final = 3
"""Empty answers in a row, each too early, after which a broker is known not to wait."""


def be_patient(consumer: AIOKafkaConsumer) -> None:
    """Wait in the broker's stead. Call it when the consumer is started; a broker that waits notices nothing."""
    fetcher: Any = consumer._fetcher
    ask, wait_s = fetcher._proc_fetch_request, fetcher._fetch_max_wait_ms / 1000
    quick = 0

    async def ask_with_patience(*request: Any) -> bool:
        nonlocal quick
        asked = time.monotonic()
        news = bool(await ask(*request))
        early = not news and time.monotonic() - asked < wait_s / 2
        quick = quick + 1 if early else 0
        if quick >= QUICK_ANSWERS:
            try:
                await asyncio.sleep(wait_s)
            except asyncio.CancelledError:
                return False  # as the original ends when the consumer is stopped
        return news

    fetcher._proc_fetch_request = ask_with_patience

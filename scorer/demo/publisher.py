"""Publishes a story at its pace. Knows a clock and how to compose events, knows no Kafka client."""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable, Iterator, Sequence
from typing import Final

from scorer.contracts.compose import compose
from scorer.contracts.records import Message
from scorer.demo.board import Board
from scorer.demo.script import Post
from scorer.domain.events import LeadEvent
from scorer.transport.clock import ScaledClock

Send = Callable[[Sequence[Message]], Awaitable[None]]
"""Writes messages to their topics and returns when the broker has them."""

BATCH: Final = 500
LONGEST_NAP_S: Final = 0.25


def message_of(post: Post) -> Message:
    """The record of a post, stamped with the simulated instant at which it is sent.

    The worker's watermark and its look for events from the future go by this stamp, so that a
    story of the past or of the future means the same as one of today.
    """
    message = compose(post.what) if isinstance(post.what, LeadEvent) else post.what
    return message._replace(timestamp_ms=post.time_us // 1_000)


async def publish(posts: Iterator[Post], clock: ScaledClock, send: Send, board: Board) -> None:
    """Send each post when the clock shows its time; what lies before that at once. Ends with them."""
    post = next(posts, None)
    while post is not None:
        due: list[Message] = []
        now_us = clock.now_us()
        while post is not None and post.time_us <= now_us and len(due) < BATCH:
            due.append(message_of(post))
            post = next(posts, None)
        if due:
            await send(due)
            board.published += len(due)
        elif post is not None:
            await asyncio.sleep(min(LONGEST_NAP_S, max(0.0, clock.seconds_until(post.time_us))))

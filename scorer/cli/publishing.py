"""Checks events as the scorer will, and sends them. Knows contracts, knows no Kafka client."""

from __future__ import annotations

import asyncio
import json
import sys
import uuid
from collections.abc import Iterable, Iterator, Sequence
from datetime import datetime
from enum import StrEnum
from pathlib import Path
from typing import Final, NamedTuple, TypeVar

import typer

from scorer.cli import show
from scorer.cli.exits import Exit
from scorer.cli.failures import Failure
from scorer.cli.session import Session, session
from scorer.contracts.compose import address, compose
from scorer.contracts.decode import Decoder
from scorer.contracts.instants import to_us
from scorer.contracts.model.problems import one_of
from scorer.contracts.reasons import Rejected
from scorer.contracts.records import AnyHeaders, Message
from scorer.domain.events import AttributeValue, Body, LeadEvent

BATCH: Final = 2_000
LISTED: Final = 20

Closed = TypeVar("Closed", bound=StrEnum)


class Sent(NamedTuple):
    """A message as the scorer's decoder will see it when it arrives at `timestamp`."""

    topic: str
    key: bytes | None
    value: bytes | None
    headers: AnyHeaders
    timestamp: int
    partition: int = 0
    offset: int = 0


class Checker:
    """Asks the scorer's own decoder, before anything is sent."""

    def __init__(self, now_us: int) -> None:
        self._decoder = Decoder()
        self._now_ms = now_us // 1000

    def refusal(self, message: Message) -> Rejected | None:
        """Why the scorer would refuse the message."""
        sent = Sent(message.topic, message.key, message.value, message.headers, self._now_ms)
        decoded = self._decoder.decode(sent)
        return decoded if isinstance(decoded, Rejected) else None

    def __call__(self, event: LeadEvent) -> str | None:
        """The same for an event, in words."""
        refused = self.refusal(compose(event))
        return f"{refused.detail} ({refused.reason})" if refused else None


def publish_event(
    ctx: typer.Context,
    lead: str,
    body: Body,
    *,
    at: str | None,
    event_id: str | None,
    source: str,
    dry_run: bool,
) -> None:
    """One event from flags."""
    now = session(ctx)
    time_us = instant_of(at) if at else now.now_us()
    event = LeadEvent(lead, time_us, source, event_id or str(uuid.uuid4()), body)
    message = compose(event)
    if refused := Checker(now.now_us()).refusal(message):
        raise Failure(
            f"the scorer would refuse this event: {refused.detail} ({refused.reason})",
            "correct it",
            Exit.USAGE,
        )
    if dry_run:
        show.line((message.value or b"").decode())
        return
    asyncio.run(_send(now, [message]))
    show.line(f"published to {message.topic}: {lead} (id {event.id})")


def publish_lines(ctx: typer.Context, file: Path, *, dry_run: bool) -> None:
    """A file of CloudEvents; bad lines are listed and do not stop the good ones."""
    now = session(ctx)
    check = Checker(now.now_us())
    bad: list[str] = []
    good = 0

    def messages() -> Iterator[Message]:
        nonlocal good
        for number, text in enumerate(_lines(file), 1):
            message = address(text) if text.strip() else None
            if message is None:
                continue
            refused = message if isinstance(message, Rejected) else check.refusal(message)
            if refused:
                bad.append(f"line {number}: {refused.detail} ({refused.reason})")
            elif isinstance(message, Message):
                good += 1
                yield message

    if dry_run:
        for message in messages():
            show.line((message.value or b"").decode())
    else:
        asyncio.run(_send(now, messages()))
    for line in bad[:LISTED]:
        show.note(line)
    if len(bad) > LISTED:
        show.note(f"… and {len(bad) - LISTED:,} more")
    show.note(f"{good:,} events {'read' if dry_run else 'published'}, {len(bad):,} bad lines")
    if bad:
        raise typer.Exit(Exit.BAD_ROWS)


async def _send(now: Session, messages: Iterable[Message]) -> None:
    async with now.broker.sending() as send:
        batch: list[Message] = []
        for message in messages:
            batch.append(message)
            if len(batch) >= BATCH:
                await send(batch)
                batch = []
        await send(batch)


def _lines(file: Path) -> Iterator[bytes]:
    if str(file) == "-":
        yield from sys.stdin.buffer
        return
    try:
        with file.open("rb") as lines:
            yield from lines
    except OSError as error:
        raise Failure(
            f"cannot read {file}: {error.strerror}", "check the path", Exit.USAGE
        ) from error


def instant_of(text: str) -> int:
    """RFC 3339 with a zone → µs."""
    try:
        moment = datetime.fromisoformat(text)
    except ValueError:
        moment = None
    if moment is None or moment.tzinfo is None:
        raise Failure(
            f"{text!r} is no instant", "write it as 2026-01-31T09:00:00Z, with a zone", Exit.USAGE
        )
    return to_us(moment)


def attribute_values(pairs: Sequence[str]) -> dict[str, AttributeValue]:
    """`title=VP size=250 remote=true` → typed values, JSON's way; what is no JSON is text."""
    values: dict[str, AttributeValue] = {}
    for pair in pairs:
        name, equals, text = pair.partition("=")
        if not equals or not name:
            raise Failure(f"{pair!r} is no attribute", "write NAME=VALUE", Exit.USAGE)
        try:
            value = json.loads(text)
        except ValueError:
            value = text
        values[name] = value if isinstance(value, str | int | float | bool) else text
    return values


def member(kinds: type[Closed], word: str) -> Closed:
    """The member of a closed set that a word names."""
    return kinds(one_word(word, [kind.value for kind in kinds]))


def one_word(word: str, allowed: Sequence[str]) -> str:
    """The word, if it is allowed."""
    if word not in allowed:
        raise Failure(f"{word!r} is not known", one_of(allowed, word), Exit.USAGE)
    return word

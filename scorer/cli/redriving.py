"""Which dead letters are sent again, and as what. Knows dead letters, prints nothing."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import TYPE_CHECKING, Final, Self

from scorer.cli.exits import Exit
from scorer.cli.failures import Failure

if TYPE_CHECKING:
    from scorer.cli.session import Session
    from scorer.contracts.dead_letters import DeadLetter
    from scorer.contracts.records import Message

_CHUNK: Final = 1_000  # messages that wait for the brokers together


@dataclass(frozen=True)
class Wanted:
    """The filters of `dlq redrive`; None lets everything pass."""

    reason: str | None
    topic: str | None
    since_ms: int | None

    @classmethod
    def of(cls, reason: str | None, topic: str | None, since: str | None) -> Self:
        """From what was typed. A time without an offset is UTC."""
        if since is None:
            return cls(reason, topic, None)
        try:
            moment = datetime.fromisoformat(since)
        except ValueError as error:
            raise Failure(
                f"--since {since!r} is no time", "write it like 2026-11-22T09:30:00Z", Exit.USAGE
            ) from error
        moment = moment if moment.tzinfo else moment.replace(tzinfo=UTC)
        return cls(reason, topic, int(moment.timestamp() * 1000))

    def admits(self, letter: DeadLetter, topic: str) -> bool:
        """Whether a letter passes; `topic` is its logical name."""
        return (
            self.reason in (None, letter.reason)
            and self.topic in (None, topic, letter.topic)
            and (self.since_ms is None or letter.timestamp_ms >= self.since_ms)
        )


@dataclass(frozen=True)
class Chosen:
    """What will be sent, and what will not."""

    messages: Sequence[Message]
    topics: Mapping[str, int]
    doubled: int  # letters with the same bytes as another one: it was redriven before
    omitted: int  # letters that lost their value for its size


def chosen(letters: Iterable[DeadLetter], wanted: Wanted, prefix: str) -> Chosen:
    """The originals of the letters that pass, in the order in which they were rejected."""
    messages: dict[tuple[str, bytes | None, bytes | None], Message] = {}
    doubled = omitted = 0
    for letter in letters:
        message = letter.original(prefix)
        if not wanted.admits(letter, message.topic):
            continue
        identity = (message.topic, message.key, message.value)
        omitted += bool(letter.omitted)
        doubled += identity in messages and not letter.omitted
        if not letter.omitted:
            messages.setdefault(identity, message)
    topics = Counter(message.topic for message in messages.values())
    return Chosen(list(messages.values()), dict(topics.most_common()), doubled, omitted)


async def send_again(session: Session, messages: Sequence[Message]) -> None:
    """Publish them; returns when the brokers have them all."""
    if not messages:
        return
    async with session.broker.sending() as send:
        for start in range(0, len(messages), _CHUNK):
            await send(messages[start : start + _CHUNK])

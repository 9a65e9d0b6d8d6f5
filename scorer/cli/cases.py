"""The follow-up of every lead as the stage pool keeps it, read from its changelog. Prints nothing."""

from __future__ import annotations

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from scorer.cli.session import Session


async def cases(session: Session) -> dict[bytes, tuple[int | None, bytes]]:
    """Stored states by lead, each with the instant (µs) at which it is due; None: never.

    They are not decoded, which would take longer than reading them: some callers need one.
    """
    from scorer.engine.keys import is_lead
    from scorer.transport.changelog import unframe

    changelog = session.settings.changelog("pool").removeprefix(session.settings.topics.prefix)
    found: dict[bytes, tuple[int | None, bytes]] = {}
    async for record in session.broker.read([changelog]):
        if record.key is None or not is_lead(record.key):
            continue
        if record.value is None:
            found.pop(record.key, None)
        else:
            found[record.key] = unframe(record.value)
    return found

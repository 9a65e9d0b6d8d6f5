"""A connection with TLS that is closed is closed soon. Knows aiokafka's connection from the inside.

TLS asks the peer to confirm the end, and asyncio waits 30 s for that. A broker that holds a request of the
connection (a fetch without news, the joining of a group) reads nothing until it has answered: a stop would
take as long. All that we needed an answer to has one by then.

Importing this module is what makes every client of the process part like this.
"""

from __future__ import annotations

import asyncio
from typing import Any, Final

from aiokafka.conn import AIOKafkaConnection, CloseReason

GRACE_S: Final = 0.5
"""For what was written last, and for a peer that has nothing else to do."""

_close = AIOKafkaConnection.close


def _close_soon(
    self: Any, reason: CloseReason | None = None, exc: BaseException | None = None
) -> Any:
    writer = self._writer
    closed = _close(self, reason=reason, exc=exc)
    if writer is not None and self._ssl_context is not None:
        self._loop.call_later(GRACE_S, _cut, writer.transport, closed)
    return closed


def _cut(transport: asyncio.WriteTransport, closed: asyncio.Future[None]) -> None:
    if not closed.done():
        transport.abort()


AIOKafkaConnection.close = _close_soon

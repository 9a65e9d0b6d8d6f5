"""Why the brokers cannot be reached, in words: the client itself says only that they cannot.

Connects once more, to one broker after the other, and tells a wrong password from a wrong certificate
from nobody being there.
"""

from __future__ import annotations

import asyncio
import ssl
from typing import Final

from aiokafka.conn import create_conn
from aiokafka.errors import (
    IllegalSaslStateError,
    KafkaConnectionError,
    KafkaError,
    SaslAuthenticationFailed,
    TopicAuthorizationFailedError,
    UnsupportedSaslMechanismError,
)

from scorer.settings import KafkaSettings
from scorer.transport.connection import connection
from scorer.transport.exits import BrokerUnreachable, NotReady, TransportError

_PATIENCE_S: Final = 5.0
_GRANT: Final = "let an administrator run what `lead-scorer topics acls --role support` prints"


async def refusal(kafka: KafkaSettings, error: Exception) -> TransportError:
    """The error to raise for `error`, which a client met at its start; the cause where it can be found."""
    if isinstance(error, TopicAuthorizationFailedError):
        topics = ", ".join(sorted(map(str, error.args[0]))) if error.args else "a topic"
        return NotReady(f"the brokers do not allow us to read {topics}", _GRANT)
    for server in kafka.bootstrap_servers.split(","):
        try:
            await asyncio.wait_for(_connect(kafka, server.strip()), _PATIENCE_S)
        except (KafkaError, OSError, TimeoutError, ValueError) as cause:
            known = _known(kafka, server.strip(), cause)
            if known is not None:
                return known
    return BrokerUnreachable(f"no answer from {kafka.bootstrap_servers}: {error!r}")


async def _connect(kafka: KafkaSettings, server: str) -> None:
    host, _, port = server.rpartition(":")
    arguments = connection(kafka, "lead-scorer-refusal")
    del arguments["bootstrap_servers"]
    connected = await create_conn(host.strip("[]"), int(port), **arguments)
    connected.close()


def _known(kafka: KafkaSettings, server: str, cause: Exception) -> TransportError | None:
    """What a person must mend; None when it may pass by itself."""
    if isinstance(cause, SaslAuthenticationFailed):
        who = kafka.username or "the bearer token"
        return NotReady(
            f"{server} does not accept the credentials of {who}: {cause.args[0] if cause.args else cause}",
            "correct kafka.username and kafka.password_file (or kafka.token_file)",
        )
    if isinstance(cause, UnsupportedSaslMechanismError | IllegalSaslStateError):
        return NotReady(
            f"{server} has no sign-in by {kafka.mechanism}: {cause}",
            "set kafka.protocol and kafka.mechanism to what the listener offers",
        )
    if isinstance(cause, ssl.SSLCertVerificationError):
        return NotReady(
            f"the certificate of {server} cannot be trusted: {cause.verify_message}",
            "set kafka.ca_file to the certificate that signs the brokers', and name the brokers as it does",
        )
    if isinstance(cause, ssl.SSLError | KafkaConnectionError):
        return BrokerUnreachable(
            f"{server} accepts connections and closes them: {cause}",
            f"is it a listener for {kafka.protocol}, and is it up? One that asks for client "
            "certificates needs kafka.cert_file and kafka.key_file",
        )
    return None

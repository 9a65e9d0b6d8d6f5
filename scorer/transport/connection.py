"""How every client of ours reaches the brokers. Knows security settings, knows no topic."""

from __future__ import annotations

import ssl
from pathlib import Path
from typing import Any

from aiokafka.abc import AbstractTokenProvider

import scorer.transport.farewell  # noqa: F401  (so that any client can be stopped)
from scorer.settings import KafkaSettings, SaslMechanism, SecurityProtocol

_TLS = (SecurityProtocol.SSL, SecurityProtocol.SASL_SSL)
_SASL = (SecurityProtocol.SASL_PLAINTEXT, SecurityProtocol.SASL_SSL)


class TokenFile(AbstractTokenProvider):
    """The bearer token that somebody else keeps fresh in a file."""

    def __init__(self, path: Path) -> None:
        self._path = path

    async def token(self) -> str:
        return self._path.read_text(encoding="utf-8").strip()


def connection(kafka: KafkaSettings, client_id: str) -> dict[str, Any]:
    """Arguments that any aiokafka client takes to connect."""
    arguments: dict[str, Any] = {
        "bootstrap_servers": kafka.bootstrap_servers,
        "client_id": client_id,
        "request_timeout_ms": kafka.request_timeout_ms,
        "security_protocol": kafka.protocol.value,
        "ssl_context": _tls(kafka),
    }
    if kafka.protocol in _SASL:
        arguments["sasl_mechanism"] = kafka.mechanism.value
        if kafka.mechanism is SaslMechanism.OAUTHBEARER:
            assert kafka.token_file is not None  # held by the settings' validator
            arguments["sasl_oauth_token_provider"] = TokenFile(kafka.token_file)
        else:
            arguments["sasl_plain_username"] = kafka.username
            arguments["sasl_plain_password"] = kafka.secret()
    return arguments


def _tls(kafka: KafkaSettings) -> ssl.SSLContext | None:
    if kafka.protocol not in _TLS:
        return None
    context = ssl.create_default_context(cafile=kafka.ca_file)
    if kafka.cert_file:
        password = kafka.key_password.get_secret_value() if kafka.key_password else None
        context.load_cert_chain(kafka.cert_file, kafka.key_file, password)
    return context

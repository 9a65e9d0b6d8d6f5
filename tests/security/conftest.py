"""A secured Kafka for the run, and settings of those who may and may not use it."""

from __future__ import annotations

import asyncio
import json
import time
import uuid
from base64 import urlsafe_b64encode
from collections.abc import Callable, Iterable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any, NamedTuple

import pytest
import trustme
from cryptography.hazmat.primitives import serialization

from scorer.settings import Settings
from scorer.transport import admin
from scorer.transport.acls import Grant, Role, commands, grants
from scorer.transport.brokers.jars import JarsMissing
from scorer.transport.brokers.real import NoBroker
from scorer.transport.brokers.secure import Certificates, SecureKafka

PASSWORDS = {user: f"s3cret-of-{user}" for user in ("scorer", "shop", "crm", "janitor")}


class Secured(NamedTuple):
    """The broker, and the files with which clients come."""

    kafka: SecureKafka
    files: Path
    authority: trustme.CA
    prefix: str = f"t{uuid.uuid4().hex[:8]}."

    def certificate(self, user: str) -> dict[str, Any]:
        """A client certificate whose common name is the user."""
        issued = self.authority.issue_cert(f"{user}.example", common_name=user)
        chain, key = self.files / f"{user}.pem", self.files / f"{user}.key"
        issued.private_key_pem.write_to_path(key)
        for blob in issued.cert_chain_pems:
            blob.write_to_path(chain, append=chain.exists())
        return {"cert_file": chain, "key_file": key}

    def password_file(self, user: str, password: str | None = None) -> Path:
        path = self.files / f"{user}-{uuid.uuid4().hex}.password"
        path.write_text((password or PASSWORDS[user]) + "\n", encoding="utf-8")
        return path

    def allow(self, user: str, needed: Iterable[Grant]) -> list[str]:
        """The commands, as they are printed."""
        config = str(self.files / "admin.properties")
        return commands(needed, f"User:{user}", self.kafka.plain, config)

    def token_file(self, user: str, seconds: int = 3_600) -> Path:
        """An unsigned token, which a broker without a validator of its own accepts."""
        path = self.files / f"{user}.token"
        now = int(time.time())
        claims = {"sub": user, "iat": now, "exp": now + seconds}
        parts = [json.dumps(part).encode() for part in ({"alg": "none"}, claims)]
        path.write_text(".".join(urlsafe_b64encode(p).rstrip(b"=").decode() for p in parts) + ".")
        return path


Connect = Callable[..., Settings]


@pytest.fixture(scope="session")
def secured(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Secured]:
    """One secured Apache Kafka; skips with the reason when there is none."""
    files = tmp_path_factory.mktemp("secured")
    authority = trustme.CA()
    authority.cert_pem.write_to_path(files / "ca.pem")
    broker = authority.issue_cert("127.0.0.1", "localhost")
    (files / "broker.pem").write_bytes(_for_java(broker))
    try:
        kafka = SecureKafka(Certificates(files / "ca.pem", files / "broker.pem"), PASSWORDS)
    except (JarsMissing, NoBroker) as reason:
        pytest.skip(str(reason))
    try:
        yield _prepared(Secured(kafka, files, authority))
    finally:
        kafka.close()


def _prepared(secured: Secured) -> Secured:
    """With the topics, and with the rights that `lead-scorer topics acls` prints for each role."""
    (secured.files / "admin.properties").touch()
    settings = plainly(secured)
    asyncio.run(admin.apply(settings))
    roles = {
        "scorer": Role.WORKER,
        "shop": Role.PUBLISHER,
        "crm": Role.SUBSCRIBER,
        "janitor": Role.ERASER,
    }
    for user, role in roles.items():
        for command in secured.allow(user, grants(settings, role)):
            secured.kafka.run(command)
    return secured


def _for_java(issued: trustme.LeafCert) -> bytes:
    """Key and certificate in one file, the key in the form that Java reads (PKCS 8)."""
    key = serialization.load_pem_private_key(issued.private_key_pem.bytes(), None)
    pkcs8 = key.private_bytes(
        serialization.Encoding.PEM,
        serialization.PrivateFormat.PKCS8,
        serialization.NoEncryption(),
    )
    return pkcs8 + b"".join(blob.bytes() for blob in issued.cert_chain_pems)


@pytest.fixture
def connect(secured: Secured, tmp_path: Path) -> Connect:
    """`connect(user, …)`: settings of a user; keyword arguments are those of `kafka`."""

    def settings(user: str = "scorer", **kafka: Any) -> Settings:
        reached = {
            "bootstrap_servers": secured.kafka.sasl,
            "protocol": "SASL_SSL",
            "username": user,
            "ca_file": secured.files / "ca.pem",
            "session_timeout_s": 6,
        }
        if kafka.get("mechanism") != "OAUTHBEARER" and "password" not in kafka:
            reached["password_file"] = secured.password_file(user)
        return Settings(
            data_dir=tmp_path / "data",
            tick_seconds=0.1,
            topics={"prefix": secured.prefix},  # type: ignore[arg-type]
            web={"enabled": False},  # type: ignore[arg-type]
            kafka={**reached, **kafka},  # type: ignore[arg-type]
        )

    return settings


def plainly(secured: Secured) -> Settings:
    """What the administrator sees, who needs no rights."""
    kafka = {"bootstrap_servers": secured.kafka.plain}
    return Settings(kafka=kafka, topics={"prefix": secured.prefix})  # type: ignore[arg-type]


@contextmanager
def taken_away(secured: Secured, grant: Grant, user: str = "scorer") -> Iterator[None]:
    """The user has everything but this."""
    (add,) = secured.allow(user, [grant])
    secured.kafka.run(add.replace("--add", "--remove --force"))
    try:
        yield
    finally:
        secured.kafka.run(add)

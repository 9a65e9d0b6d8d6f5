"""Settings: from the environment, refused when unsafe, shown without secrets."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest
from pydantic import BaseModel, SecretStr, ValidationError

from scorer.settings import HIDDEN, KafkaSettings, Settings, effective, environment
from scorer.transport.connection import TokenFile, connection


def given(**values: Any) -> Settings:
    """Settings of plain values, as a file or the environment would give them."""
    return Settings(**values)


def kafka_of(**values: Any) -> KafkaSettings:
    return KafkaSettings(**values)


def test_variables_reach_nested_settings(monkeypatch: pytest.MonkeyPatch) -> None:
    """Two underscores go one level down."""
    monkeypatch.setenv("LEADSCORER_KAFKA__BOOTSTRAP_SERVERS", "a:1,b:2")
    monkeypatch.setenv("LEADSCORER_TOPICS__PARTITIONS", "12")
    settings = Settings()
    assert (settings.kafka.bootstrap_servers, settings.topics.partitions) == ("a:1,b:2", 12)


def test_a_misspelt_setting_of_a_section_is_refused(monkeypatch: pytest.MonkeyPatch) -> None:
    """A setting that nobody reads would be worse than an error."""
    monkeypatch.setenv("LEADSCORER_KAFKA__BOOTSTRAP_SERVER", "a:1")
    with pytest.raises(ValidationError, match="bootstrap_server"):
        Settings()


SASL = {"protocol": "SASL_SSL", "username": "me", "password": SecretStr("x")}


@pytest.mark.parametrize(
    ("kafka", "remedy"),
    [
        ({**SASL, "protocol": "SASL_PLAINTEXT"}, "allow_sasl_without_tls"),
        ({**SASL, "password": None}, "password_file"),
        ({**SASL, "username": None}, "username"),
        ({**SASL, "mechanism": "OAUTHBEARER"}, "token_file"),
        ({"key_file": "k.pem"}, "cert_file"),
    ],
)
def test_credentials_that_cannot_work_are_refused_with_a_remedy(
    kafka: dict[str, Any], remedy: str
) -> None:
    """At the start, not at the first connection."""
    with pytest.raises(ValidationError, match=remedy):
        given(kafka=kafka_of(**kafka))


@pytest.mark.parametrize("clock", [{"scale": 60}, {"origin_us": 1, "started_us": 1}])
def test_production_has_the_real_time(clock: dict[str, Any]) -> None:
    """A demo's variables, left over in a shell, must not age real leads."""
    production = {"environment": "production", "topics": {"replication_factor": 3}}
    assert given(**production).environment == "production"
    assert given(clock=clock).clock.scale > 0
    with pytest.raises(ValidationError, match="unset LEADSCORER_CLOCK__"):
        given(**production, clock=clock)


def test_sasl_without_tls_is_allowed_by_name() -> None:
    """Somebody may trust their network, and says so."""
    kafka = kafka_of(**{**SASL, "protocol": "SASL_PLAINTEXT"}, allow_sasl_without_tls=True)
    arguments = connection(kafka, "test")
    assert arguments["ssl_context"] is None
    assert arguments["sasl_plain_password"] == "x"


def test_one_copy_is_not_enough_for_production() -> None:
    """Unless it is allowed by name."""
    with pytest.raises(ValidationError, match="replication_factor"):
        given(environment="production")
    given(environment="production", topics={"allow_single_replica": True})
    given(environment="production", topics={"replication_factor": 3})


def test_a_secret_comes_from_a_file_without_its_newline(tmp_path: Path) -> None:
    """As mounted secrets are."""
    (tmp_path / "password").write_text("s3cret\n")
    kafka = kafka_of(protocol="SASL_SSL", username="me", password_file=tmp_path / "password")
    assert connection(kafka, "test")["sasl_plain_password"] == "s3cret"


async def test_a_token_is_read_for_each_connection(tmp_path: Path) -> None:
    """Somebody else renews it."""
    path = tmp_path / "token"
    tokens = TokenFile(path)
    path.write_text("one\n")
    first = await tokens.token()
    path.write_text("two\n")
    assert (first, await tokens.token()) == ("one", "two")


def test_tls_verifies_names_and_certificates() -> None:
    """The system's authorities, unless others are given."""
    context = connection(kafka_of(protocol="SSL"), "test")["ssl_context"]
    assert context.check_hostname


def test_secrets_are_never_shown() -> None:
    """Not in `config show`, and not in a representation that ends up in a log."""
    settings = given(kafka={"password": "hunter2", "key_password": "hunter3"})
    shown = effective(settings)
    assert shown["kafka"]["password"] == HIDDEN
    assert "hunter" not in f"{shown}{settings!r}"


def test_another_process_reads_the_same_settings(monkeypatch: pytest.MonkeyPatch) -> None:
    """How the supervisor hands them to its stages, secrets included."""
    settings = given(
        kafka={"password": "hunter2", "session_timeout_s": 7},
        topics={"prefix": "x."},
        web={"enabled": False},
        clock={"scale": 2.5, "origin_us": 5, "started_us": 6},
    )
    for name, value in environment(settings).items():
        monkeypatch.setenv(name, value)
    assert Settings() == settings


def _fields(model: type[BaseModel], path: str = "") -> list[tuple[str, str | None]]:
    out: list[tuple[str, str | None]] = []
    for name, field in model.model_fields.items():
        kind = field.annotation
        if isinstance(kind, type) and issubclass(kind, BaseModel):
            out += _fields(kind, f"{path}{name}.")
        else:
            out.append((path + name, field.description))
    return out


@pytest.mark.parametrize(("path", "description"), _fields(Settings))
def test_every_setting_says_what_it_is_for(path: str, description: str | None) -> None:
    """The table in the docs is made of these sentences."""
    assert description, path
    assert description.endswith("."), path

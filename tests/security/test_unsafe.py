"""Settings that would show a secret, or lose data, are refused with the reason and the way out."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest
from aiohttp import ClientSession
from pydantic import ValidationError

from scorer.observe.health import Health
from scorer.observe.metrics import Metrics
from scorer.observe.web import Web
from scorer.settings import HIDDEN, Settings, effective

USER = {"username": "scorer", "password": "s3cret"}


@pytest.mark.parametrize(
    ("unsafe", "allowed_by"),
    [
        ({"kafka": {"protocol": "SASL_PLAINTEXT", **USER}}, "kafka.allow_sasl_without_tls"),
        ({"web": {"host": "0.0.0.0"}}, "web.allow_without_token"),
        ({"environment": "production"}, "topics.allow_single_replica"),
    ],
)
def test_what_is_unsafe_must_be_allowed_by_name(unsafe: dict[str, Any], allowed_by: str) -> None:
    with pytest.raises(ValidationError, match=f"{allowed_by}=true") as refused:
        Settings(**unsafe)
    assert "s3cret" not in str(refused.value)
    section, name = allowed_by.split(".")
    Settings(**{**unsafe, section: {**unsafe.get(section, {}), name: True}})


@pytest.mark.parametrize("host", ["127.0.0.1", "localhost", "::1"])
def test_this_machine_may_read_its_own_metrics(host: str) -> None:
    assert Settings(web={"host": host}).web.secret() is None  # type: ignore[arg-type]


def test_a_token_opens_the_web_server_to_others(tmp_path: Path) -> None:
    file = tmp_path / "token"
    file.write_text("t0ken\n", encoding="utf-8")
    settings = Settings(web={"host": "0.0.0.0", "token_file": file})  # type: ignore[arg-type]
    assert settings.web.secret() == "t0ken"


def test_every_secret_is_hidden_when_settings_are_shown() -> None:
    settings = Settings(
        kafka={**USER, "key_password": "k3y"},  # type: ignore[arg-type]
        web={"token": "t0ken"},  # type: ignore[arg-type]
    )
    shown = effective(settings)
    hidden = (shown["kafka"]["password"], shown["kafka"]["key_password"], shown["web"]["token"])
    assert hidden == (HIDDEN,) * 3
    assert not any(secret in f"{settings!r}{shown}" for secret in ("s3cret", "k3y", "t0ken"))


async def test_metrics_are_for_those_with_the_token_and_probes_for_all() -> None:
    web = Web(Metrics("scoring"), Health(), token="t0ken")
    port = await web.start()
    try:
        async with ClientSession(f"http://127.0.0.1:{port}") as client:
            asked = {path: (await client.get(path)).status for path in ("/livez", "/metrics")}
            assert asked == {"/livez": 200, "/metrics": 401}
            wrong = await client.get("/version", headers={"Authorization": "Bearer guess"})
            right = await client.get("/metrics", headers={"Authorization": "Bearer t0ken"})
            assert (wrong.status, right.status) == (401, 200)
    finally:
        await web.stop()

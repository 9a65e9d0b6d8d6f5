"""The web server answers what Prometheus, Kubernetes and people ask."""

from __future__ import annotations

from collections.abc import AsyncIterator

import pytest
from aiohttp import ClientSession

from scorer.observe import catalogue
from scorer.observe.health import Health
from scorer.observe.metrics import Metrics
from scorer.observe.web import Web, WebPortTaken


class Frozen:
    now = 0.0

    def __call__(self) -> float:
        return self.now


@pytest.fixture
def clock() -> Frozen:
    return Frozen()


@pytest.fixture
def metrics() -> Metrics:
    return Metrics("scoring")


@pytest.fixture
def health(clock: Frozen) -> Health:
    return Health(monotonic=clock)


@pytest.fixture
async def get(metrics: Metrics, health: Health) -> AsyncIterator[ClientSession]:
    web = Web(metrics, health, about={"stage": "scoring"})
    port = await web.start()
    async with ClientSession(f"http://127.0.0.1:{port}") as session:
        yield session
    await web.stop()


async def test_metrics_are_served_as_prometheus_text(get: ClientSession, metrics: Metrics) -> None:
    metrics.inc(catalogue.EVENTS_CONSUMED, 3, "leads.created.v1")
    async with get.get("/metrics") as response:
        assert response.status == 200
        assert response.headers["Content-Type"].startswith("text/plain; version=0.0.4")
        text = await response.text()
    assert 'leadscorer_events_consumed_total{stage="scoring",topic="leads.created.v1"} 3.0' in text


async def test_livez_turns_503_when_a_loop_is_stuck_and_names_it(
    get: ClientSession, health: Health, clock: Frozen
) -> None:
    health.beat("lane-3")
    assert (await get.get("/livez")).status == 200
    clock.now = 60
    health.beat()
    async with get.get("/livez") as response:
        assert response.status == 503
        assert (await response.json())["stuck_seconds"] == {"lane-3": 60.0}


async def test_readyz_says_what_it_waits_for(get: ClientSession, health: Health) -> None:
    async with get.get("/readyz") as response:
        assert response.status == 503
        assert (await response.json())["waiting"] == "for an assignment"
    health.assigned([0, 1])
    health.restored(0)
    async with get.get("/readyz") as response:
        assert (await response.json())["partitions"] == [1]
    health.restored(1)
    assert (await get.get("/readyz")).status == 200


async def test_version_names_the_stage(get: ClientSession) -> None:
    async with get.get("/version") as response:
        body = await response.json()
    assert body["stage"] == "scoring"
    assert body["version"]


async def test_a_taken_port_is_refused_with_the_setting_that_mends_it(
    metrics: Metrics, health: Health
) -> None:
    first, second = Web(metrics, health), Web(metrics, health)
    port = await first.start()
    try:
        with pytest.raises(WebPortTaken, match="LEADSCORER_WEB__PORT"):
            await second.start(port=port)
    finally:
        await first.stop()
        await second.stop()

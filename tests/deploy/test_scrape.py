"""Prometheus itself scrapes two workers under load: every panel has an answer, and every metric has moved."""

from __future__ import annotations

import asyncio
import time
from collections.abc import Sequence

import pytest

from scorer.contracts.records import Message
from scorer.observe.catalogue import BY_KEY, CATALOGUE, Kind, Metric
from scorer.transport.clients import sending
from scorer.transport.topics import STAGES
from tests.deploy.conftest import Installation, Prometheus
from tests.deploy.due_leads import crossings
from tests.deploy.eventful import eventful
from tests.deploy.test_dashboards import MADE

pytestmark = [pytest.mark.slow, pytest.mark.usefixtures("people")]

AT_ZERO = {
    "transactions_aborted": "no transaction failed",
    "inconsistencies": "no state was altered",
    "metrics_undeclared": "the catalogue is complete",
    "due_backlog": "nothing waits when all is well: tests/faults and test_alerts_fire.py bring it about",
}
"""Metrics that stand at zero while all is well."""


@pytest.fixture
def stages() -> list[str]:
    return [*STAGES]


async def test_every_panel_and_every_metric_has_an_answer_from_real_events(
    installation: Installation, prometheus: Prometheus
) -> None:
    expected = {
        in_a_hurry(expr): f"{panel.title}: {legend}"
        for _, panels in MADE.DASHBOARDS.values()
        for panel in panels
        for legend, expr in panel.queries.items()
    }
    expected |= {moved(metric): metric.name for metric in CATALOGUE if metric.key not in AT_ZERO}
    async with asyncio.timeout(200):
        while missing := [w for expr, w in expected.items() if not await prometheus.ask(expr)]:
            print(f"no answer yet: {missing}")
            now_us = time.time_ns() // 1_000
            await publish(installation, [*eventful(now_us), *crossings(now_us + 3_000_000, 3)])
            await asyncio.sleep(3)
    for key in AT_ZERO:
        assert await prometheus.ask(f"{BY_KEY[key].name} >= 0"), f"{key} is not even there"


def moved(metric: Metric) -> str:
    """A query with an answer once a metric is more than declared."""
    if metric.kind is Kind.HISTOGRAM:
        return f"sum({metric.name}_count) > 0"
    return f"sum({metric.name}) > 0"


def in_a_hurry(expr: str) -> str:
    """As Grafana fills it in for a minute instead of hours."""
    for span in ("$__rate_interval", "1h", "1d"):
        expr = expr.replace(f"[{span}]", "[60s]")
    return expr


async def publish(it: Installation, messages: Sequence[Message]) -> None:
    async with sending(it.settings) as send:
        await send(messages)


async def publish_rubbish(it: Installation, count: int) -> None:
    """What is no event."""
    rubbish = [Message("leads.behaviours.v1", b"lead-%d" % n, b"{") for n in range(count)]
    await publish(it, rubbish)

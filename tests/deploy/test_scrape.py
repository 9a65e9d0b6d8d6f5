"""Prometheus itself scrapes two workers under load: every panel and every rule has an answer."""

from __future__ import annotations

import asyncio

import pytest

from scorer.contracts.records import Message
from scorer.transport.clients import sending
from tests.deploy.conftest import Installation, Prometheus
from tests.deploy.test_dashboards import MADE

pytestmark = [pytest.mark.slow, pytest.mark.usefixtures("people")]

NOT_ALWAYS = ("deadline", "follow_up", "owner_departures")
"""Of the stage `pool`, which runs only for a model with follow-up rules."""


async def test_every_panel_has_an_answer_from_real_metrics(
    installation: Installation, prometheus: Prometheus
) -> None:
    expected = {
        in_a_hurry(expr): f"{panel.title}: {legend}"
        for _, panels in MADE.DASHBOARDS.values()
        for panel in panels
        for legend, expr in panel.queries.items()
        if not any(word in expr for word in NOT_ALWAYS)
    }
    async with asyncio.timeout(150):
        while missing := [w for expr, w in expected.items() if not await prometheus.ask(expr)]:
            print(f"no answer yet: {missing}")
            await publish_rubbish(installation, 5)
            await asyncio.sleep(1)


def in_a_hurry(expr: str) -> str:
    """As Grafana fills it in for a minute instead of hours."""
    for span in ("$__rate_interval", "1h", "1d"):
        expr = expr.replace(f"[{span}]", "[60s]")
    return expr


async def publish_rubbish(it: Installation, count: int) -> None:
    async with sending(it.settings) as send:
        rubbish = [Message("leads.behaviours.v1", b"lead-%d" % n, b"{") for n in range(count)]
        await send(rubbish)

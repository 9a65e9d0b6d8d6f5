"""A worker with another model scores every lead anew, also those that nothing happens to."""

from __future__ import annotations

import shutil
from collections import Counter
from pathlib import Path
from typing import Any

import orjson
import pytest

from scorer.contracts.compose import compose
from scorer.domain.events import Created, LeadEvent
from scorer.settings import Settings
from scorer.transport import admin
from scorer.transport.brokers.embedded import EmbeddedBroker
from tests.fixtures.kafka import OnBroker
from tests.fixtures.workers import publish, scoring_worker, until_seen

LEADS = 500
BATCH = 50  # several commits a partition
MODEL = """\
name: changing
version: "{points}"
dimensions: {{fit: {{min: 0, max: 90}}}}
rules:
  - {{id: field, dimension: fit, when: {{attribute: field, operator: exists}}, points: {points}}}
"""


@pytest.mark.parametrize("store", ["kept", "lost"])
async def test_a_new_model_scores_every_lead_anew_once(
    embedded_broker: EmbeddedBroker, on: OnBroker, tmp_path: Path, store: str
) -> None:
    """With the cause `model`; and a restart with the same model says nothing."""
    settings = on(embedded_broker.bootstrap_servers, lanes={"due_batch": BATCH})
    await admin.apply(settings, ["scoring"])
    await publish(settings, _created())
    assert await _scored(settings, tmp_path, 20, LEADS) == {("evidence", 20.0): LEADS}

    if store == "lost":
        shutil.rmtree(settings.data_dir)
    changed = await _scored(settings, tmp_path, 80, 2 * LEADS)

    assert changed == {("evidence", 20.0): LEADS, ("model", 80.0): LEADS}
    await publish(settings, [_message(LEADS)])
    again = await _scored(settings, tmp_path, 80, 2 * LEADS + 1)
    assert again == {**changed, ("evidence", 80.0): 1}


def _created() -> list[tuple[str, bytes, bytes]]:
    return [_message(number) for number in range(LEADS)]


def _message(number: int) -> tuple[str, bytes, bytes]:
    event = LeadEvent(f"lead-{number}", 1_760_000_000_000_000, "/t", f"e-{number}", _BODY)
    message = compose(event)
    assert message.key is not None
    assert message.value is not None
    return message.topic, message.key, message.value


_BODY = Created("web", {"field": "software"})


async def _scored(settings: Settings, place: Path, points: int, count: int) -> dict[Any, int]:
    """What is on the topic when a worker with this model has said so many scores."""
    path = place / f"model-{points}.yaml"
    path.write_text(MODEL.format(points=points))
    settings = settings.model_copy(update={"model": str(path)})
    with scoring_worker(settings, place / "worker.log") as worker:
        said = [orjson.loads(r.value) for r in await until_seen(settings, "leads.scores.v1", count)]
        assert worker.stop() == 0
    of_each = Counter((one["data"]["lead_id"], one["data"]["model"]["version"]) for one in said)
    assert max(of_each.values()) == 1
    return dict(Counter((one["data"]["cause"]["kind"], one["data"]["score"]) for one in said))

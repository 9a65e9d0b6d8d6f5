"""What `docker compose --profile demo up` starts works: each command, variable and health check, as a process.

With a real Apache Kafka that is configured by the compose file. Not seen here: isolation of containers.
"""

from __future__ import annotations

import json
import sys
from collections.abc import Iterator
from functools import partial
from pathlib import Path

import pytest

from scorer.transport.brokers.jars import JarsMissing
from scorer.transport.brokers.real import NoBroker
from tests.deploy.composed import SERVICES, Composed, Image, until

pytestmark = [pytest.mark.real_kafka, pytest.mark.slow]


@pytest.fixture
def composed(tmp_path: Path) -> Iterator[Composed]:
    image = Image(tmp_path / "image", Path(sys.executable).parent / "uv")
    composed = Composed(image, tmp_path)
    try:
        composed.start_kafka()
        yield composed
    except (JarsMissing, NoBroker) as reason:
        pytest.skip(f"{reason}; compose's commands were not run")
    finally:
        composed.close()


def test_all_services_start_in_their_order_become_healthy_and_stop(composed: Composed) -> None:
    until(composed.kafka_is_healthy)
    assert composed.start("topics").wait(60) == 0, composed.log("topics")
    workers = [name for name, s in SERVICES.items() if s.get("command") == ["run"]]
    for name in [*workers, "publisher"]:
        composed.start(name)
    for name in workers:
        until(partial(composed.healthy, name))
    until(lambda: _leads(composed) > 100)
    doctor = composed.run("doctor")
    assert doctor.returncode == 0, doctor.stdout
    codes = {name: composed.stop(name) for name in workers}
    assert codes == dict.fromkeys(workers, 0), "\n".join(composed.log(name) for name in workers)


def _leads(composed: Composed) -> int:
    said = composed.run("status", "--json")
    assert said.returncode == 0, said.stderr
    found = json.loads(said.stdout)
    return sum(found["leads"]["tiers"].values()) if found["leads"] else 0

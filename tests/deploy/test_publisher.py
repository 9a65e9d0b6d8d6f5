"""The publisher of `docker compose --profile demo` fills a Kafka that is empty but for its topics."""

from __future__ import annotations

import os
import subprocess
import sys
from collections import Counter
from pathlib import Path

from scorer.settings import KafkaSettings, Settings
from scorer.transport import admin
from scorer.transport.brokers.embedded import EmbeddedBroker
from scorer.transport.clients import read

ROOT = Path(__file__).parents[2]
ENOUGH = 500


async def test_people_publish_to_the_brokers_of_the_settings() -> None:
    with EmbeddedBroker() as broker:
        settings = Settings(kafka=KafkaSettings(bootstrap_servers=broker.bootstrap_servers))
        await admin.apply(settings)
        env = {**os.environ, "LEADSCORER_KAFKA__BOOTSTRAP_SERVERS": broker.bootstrap_servers}
        publisher = subprocess.Popen([sys.executable, ROOT / "deploy" / "publisher.py"], env=env)
        try:
            heard: Counter[str] = Counter()
            topics = ["leads.created.v1", "leads.attributes.v1", "leads.behaviours.v1"]
            async for record in read(settings, topics, follow=True):
                heard[record.topic] += 1
                if sum(heard.values()) >= ENOUGH and len(heard) == len(topics):
                    break
        finally:
            publisher.terminate()
            publisher.wait(10)
    assert set(heard) == set(topics)

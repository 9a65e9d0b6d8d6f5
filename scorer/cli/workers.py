"""What the workers on this machine say of themselves, by their web servers. Reads no broker, prints nothing.

The others are seen as members of their group only: a worker listens on 127.0.0.1 unless told otherwise.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any, Final

if TYPE_CHECKING:
    from scorer.settings import Settings

_ANSWER_S: Final = 1.0


@dataclass(frozen=True)
class Share:
    """One partition of a stage, as its owner counts it."""

    leads: Mapping[str, int]  # by tier; empty of the pool, which counts none
    next_due_us: int | None  # None: nothing will ever be due
    due: int  # leads whose instant has come, and that are not advanced yet


@dataclass(frozen=True)
class Worker:
    """One stage in one process."""

    url: str
    stage: str
    ready: bool
    version: str
    model: str
    model_hash: str
    waiting: str | None  # for an assignment, for the restore
    partitions: Mapping[int, Share] = field(default_factory=dict)


def shares(workers: Iterable[Worker], stage: str, partitions: int) -> Sequence[Share] | None:
    """Every partition of a stage; None when these workers do not have all of them."""
    found: dict[int, Share] = {}
    for worker in workers:
        if worker.stage == stage and worker.ready:
            found |= worker.partitions
    return [*found.values()] if found.keys() == set(range(partitions)) else None


async def workers(settings: Settings, stages: int) -> list[Worker]:
    """Those that answer on the ports that one `lead-scorer run` takes."""
    import aiohttp

    if not settings.web.enabled:
        return []
    token = settings.web.secret()
    headers = {"Authorization": f"Bearer {token}"} if token else {}
    patience = aiohttp.ClientTimeout(total=_ANSWER_S)
    found = []
    async with aiohttp.ClientSession(headers=headers, timeout=patience) as client:
        for port in range(settings.web.port, settings.web.port + stages):
            url = f"http://127.0.0.1:{port}"
            try:
                found.append(await _worker(client, url))
            except (aiohttp.ClientError, TimeoutError, KeyError, ValueError):
                continue  # nobody there, or somebody else
    return found


async def _worker(client: Any, url: str) -> Worker:
    about = await (await client.get(f"{url}/version")).json()
    ready = await (await client.get(f"{url}/readyz")).json()
    metrics = await (await client.get(f"{url}/metrics")).text()
    return Worker(
        url,
        about["stage"],
        ready["ok"],
        about["version"],
        about["model"],
        about["model_hash"],
        ready["waiting"],
        partitions(metrics),
    )


def partitions(metrics: str) -> dict[int, Share]:
    """The partitions that a worker has, from what it shows to Prometheus."""
    from prometheus_client.parser import text_string_to_metric_families

    from scorer.observe import catalogue as c

    leads: dict[int, dict[str, int]] = {}
    waiting: dict[int, int] = {}
    next_s: dict[int, float] = {}
    for family in text_string_to_metric_families(metrics):
        for name, labels, value, *_ in family.samples:
            partition = int(labels.get(c.PARTITION, -1))
            if name == c.NEXT_DUE.name:
                next_s[partition] = value
            elif name == c.DUE_BACKLOG.name:
                waiting[partition] = int(value)
            elif name == c.LEADS.name:
                leads.setdefault(partition, {})[labels["tier"]] = int(value)
    return {
        partition: Share(
            leads.get(partition, {}),
            None if at_s == float("inf") else round(at_s * 1_000_000),
            waiting.get(partition, 0),
        )
        for partition, at_s in next_s.items()
    }

"""What `status` tells, put together. Reads brokers and the worker's web server, prints nothing."""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import asdict, dataclass
from typing import TYPE_CHECKING, Any, Final

if TYPE_CHECKING:
    from scorer.cli.session import Session
    from scorer.settings import Settings
    from scorer.transport.progress import Group

RECENT: Final = 10_000  # records of each partition that are looked at for unknown names and reasons
_ANSWER_S: Final = 1.0


@dataclass(frozen=True)
class Worker:
    """A worker's web server on this machine, as it answered."""

    url: str
    ready: bool
    version: str
    model: str
    model_hash: str
    waiting: str | None  # for an assignment, for the restore


@dataclass(frozen=True)
class Leads:
    """All leads, as last published."""

    tiers: Mapping[str, int]
    next_lead: str | None  # whose tier changes next by time alone
    next_tier: str | None
    next_at: str | None


@dataclass(frozen=True)
class Standing:
    """Everything at a glance."""

    groups: Sequence[Group]
    workers: Sequence[Worker]
    leads: Leads | None
    unknown_behaviours: Mapping[str, int]  # among the recent ones
    dead_letters: Mapping[str, int]  # recent ones, by reason

    def as_json(self) -> dict[str, Any]:
        """Plain JSON types."""
        return {
            "stages": [
                {
                    "stage": group.stage,
                    "state": group.state,
                    "members": [member._asdict() for member in group.members],
                    "lag_records": sum(lag.records for lag in group.lags),
                    "partitions": [
                        lag._asdict() | {"lag_records": lag.records} for lag in group.lags
                    ],
                }
                for group in self.groups
            ],
            "workers": [asdict(worker) for worker in self.workers],
            "leads": asdict(self.leads) if self.leads else None,
            "unknown_behaviours": dict(self.unknown_behaviours),
            "dead_letters": dict(self.dead_letters),
        }


async def standing(session: Session, *, with_leads: bool) -> Standing:
    """Look at everything. Raises `TransportError` when the brokers do not answer."""
    from scorer.transport.progress import group
    from scorer.transport.topics import STAGES

    settings = session.settings
    return Standing(
        groups=[await group(settings, stage) for stage in STAGES],
        workers=await _workers(settings, len(STAGES)),
        leads=await _leads(session) if with_leads else None,
        unknown_behaviours=await _unknown(settings),
        dead_letters=await _reasons(settings),
    )


async def _workers(settings: Settings, stages: int) -> list[Worker]:
    """Those on this machine that answer; others are seen as members of the group only."""
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
                about = await (await client.get(f"{url}/version")).json()
                ready = await (await client.get(f"{url}/readyz")).json()
                found.append(
                    Worker(
                        url,
                        ready["ok"],
                        about["version"],
                        about["model"],
                        about["model_hash"],
                        ready["waiting"],
                    )
                )
            except (aiohttp.ClientError, TimeoutError, KeyError, ValueError):
                continue  # nobody there, or somebody else
    return found


async def _leads(session: Session) -> Leads:
    from scorer.cli import scores
    from scorer.domain.outputs import Tier

    found = await scores.latest(session)
    coming = [said.data for said in found.values() if said.data.next_tier_at is not None]
    first = min(coming, key=lambda data: str(data.next_tier_at), default=None)
    counts = Counter(str(said.data.tier) for said in found.values())
    return Leads(
        {str(tier.value): counts[tier.value] for tier in Tier},
        first.lead_id if first else None,
        str(first.next_tier) if first else None,
        first.next_tier_at.isoformat() if first and first.next_tier_at else None,
    )


async def _unknown(settings: Settings) -> Mapping[str, int]:
    """Names that publishers use and the model does not know."""
    from scorer.contracts.decode import Decoder
    from scorer.contracts.model.file import load_model
    from scorer.contracts.reasons import Rejected
    from scorer.domain.events import Behaviour
    from scorer.domain.plan import Plan
    from scorer.transport import clients

    known = Plan(load_model(settings.model)).behaviours
    decoder = Decoder(
        future_tolerance_ms=settings.future_tolerance_s * 1000, topic_prefix=settings.topics.prefix
    )
    counts: Counter[str] = Counter()
    topic = settings.topic("leads.behaviours.v1")
    async for record in clients.read(settings, [topic], last=RECENT):
        event = decoder.decode(record)
        if not isinstance(event, Rejected) and isinstance(event.body, Behaviour):
            counts[event.body.name] += event.body.name not in known
    return {name: count for name, count in counts.most_common() if count}


async def _reasons(settings: Settings) -> Mapping[str, int]:
    from scorer.contracts.dead_letters import DEAD_LETTERS_TOPIC, parse_dead_letter
    from scorer.transport import clients

    topic = settings.topic(DEAD_LETTERS_TOPIC)
    counts: Counter[str] = Counter()
    async for record in clients.read(settings, [topic], last=RECENT):
        letter = parse_dead_letter(record)
        if letter is not None:
            counts[letter.reason] += 1
    return dict(counts.most_common())

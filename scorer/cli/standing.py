"""What `status` tells, put together. Reads brokers and the workers' web servers, prints nothing."""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import asdict, dataclass
from enum import Enum, auto
from typing import TYPE_CHECKING, Any, Final

if TYPE_CHECKING:
    from scorer.cli.foretold import Foretold
    from scorer.cli.session import Session
    from scorer.cli.workers import Worker
    from scorer.settings import Settings
    from scorer.transport.progress import Group

RECENT: Final = 10_000  # records of each partition that are looked at for unknown names and reasons


class Count(Enum):
    """Whether leads are counted, and from where."""

    NO = auto()
    CHEAPLY = auto()  # ask the workers on this machine; read the topics when they do not have all
    BY_NAME = auto()  # read the topics


@dataclass(frozen=True)
class Standing:
    """Everything at a glance."""

    groups: Sequence[Group]
    workers: Sequence[Worker]
    leads: Foretold | None
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


async def standing(session: Session, count: Count) -> Standing:
    """Look at everything. Raises `TransportError` when the brokers do not answer."""
    from scorer.cli.workers import workers
    from scorer.transport.progress import group
    from scorer.transport.topics import STAGES

    settings = session.settings
    found = await workers(settings, len(STAGES))
    return Standing(
        groups=[await group(settings, stage) for stage in STAGES],
        workers=found,
        leads=await _foretold(session, found, count),
        unknown_behaviours=await _unknown(settings),
        dead_letters=await _reasons(settings),
    )


async def _foretold(session: Session, found: Sequence[Worker], count: Count) -> Foretold | None:
    from scorer.cli.foretold import by_topics, by_workers

    if count is Count.NO:
        return None
    told = None
    if count is Count.CHEAPLY:
        told = by_workers(found, session.settings.topics.partitions)
    return told or await by_topics(session)


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

"""A session: some weeks of a few leads, much of it damaged, as plain data that can be kept and repeated.

Knows how records come to be, not what becomes of them.
"""

from __future__ import annotations

import json
import random
from collections.abc import Iterator
from typing import Any, Final, NamedTuple

from scorer.engine.memory import MemoryRecord
from tests.domain.cases import RandomChoices
from tests.fuzz import stories
from tests.fuzz.mutations import TOPICS, mutate_document, mutate_record, mutate_value
from tests.fuzz.stories import DAY_US, HOUR_US, Cast, Template, event

MODELS: Final = ("default", "short_memory", "education")
STRUCTURED: Final = (("content-type", b"application/cloudevents+json"),)


class Step(NamedTuple):
    """A batch of records, and the instant to which time passes after it, if it does."""

    records: tuple[MemoryRecord, ...] = ()
    tick_us: int | None = None


class Session(NamedTuple):
    """What happens to one partition of both stages."""

    model: str
    partitions: int
    steps: tuple[Step, ...]

    @property
    def cases(self) -> int:
        return sum(len(step.records) for step in self.steps)


def session(seed: int, number: int) -> Session:
    """The session of a number; the same for as long as this folder and the examples stay as they are."""
    choose = RandomChoices(random.Random(f"{seed}:{number}"))
    steps = tuple(_steps(choose, stories.cast(choose)))
    return Session(choose.one_of(MODELS), choose.one_of((1, 1, 3)), steps)


def _steps(choose: RandomChoices, people: Cast) -> Iterator[Step]:
    batches = choose.one_of((2, 6, 12, 12, 12, 60))
    damage = choose.one_of((0, 20, 50, 80))  # per cent of records
    for _ in range(batches):
        records = tuple(_record(choose, people, damage) for _ in range(choose.whole(0, 12)))
        people.now_us += choose.whole(0, 24) * choose.one_of((1_000, HOUR_US, HOUR_US, DAY_US))
        tick = people.now_us if choose.whole(0, 1) else None
        yield Step(records, tick)
    yield Step((), people.now_us + choose.whole(0, 400) * DAY_US)


def _record(choose: RandomChoices, people: Cast, damage: int) -> MemoryRecord:
    damaged = choose.whole(1, 100) <= damage
    template = _template(choose, valid=not damaged or choose.whole(0, 3) > 0)
    document = event(choose, people, template)
    if damaged and choose.whole(0, 1):
        mutate_document(choose, document)
    record = _written(choose, people, template, document)
    if damaged:
        for _ in range(choose.whole(0, 2)):
            if choose.whole(0, 1):
                record = record._replace(value=mutate_value(choose, record.value))
            else:
                record = mutate_record(choose, record)
    return record


def _template(choose: RandomChoices, *, valid: bool) -> Template:
    """Creations and behaviours more often than the rest."""
    pool = stories.templates(valid=valid)
    if choose.whole(0, 1):
        pool = _usual(valid=valid)
    return choose.one_of(pool)


def _usual(*, valid: bool) -> tuple[Template, ...]:
    key = valid
    if key not in _USUAL:
        _USUAL[key] = tuple(
            each
            for each in stories.templates(valid=valid)
            if each.topic in {"leads.created.v1", "leads.behaviours.v1"}
            and "erased" not in each.type
        )
    return _USUAL[key]


_USUAL: dict[bool, tuple[Template, ...]] = {}


def _written(
    choose: RandomChoices, people: Cast, template: Template, document: dict[str, Any]
) -> MemoryRecord:
    """The record of a document: structured, bare or binary."""
    data = document.get("data")
    key = _key(document)
    form = choose.whole(0, 3)
    headers: tuple[tuple[str, bytes], ...] = STRUCTURED if form else ()
    whole: Any = document
    if form == 1 and template.topic in TOPICS[:-1]:
        whole = data
        headers = tuple(
            (_read(f"ce_{name}"), _bytes(value))
            for name, value in document.items()
            if name != "data"
        )
    text = json.dumps(whole, ensure_ascii=choose.whole(0, 1) == 0)
    value = text.encode("utf-8", "surrogatepass")
    return MemoryRecord(template.topic, key, value, people.now_us // 1_000, headers)


def _key(document: dict[str, Any]) -> bytes | None:
    data = document.get("data")
    if not isinstance(data, dict):
        return b"lead-0"
    about = data.get("lead_id", data.get("owner"))
    return about.encode("utf-8", "surrogatepass") if isinstance(about, str) else b"lead-0"


def _bytes(value: Any) -> bytes:
    text = value if isinstance(value, str) else json.dumps(value)
    return text.encode("utf-8", "surrogatepass")


def _read(name: str) -> str:
    """The name of a header as the transport reads it from the wire: bytes that are no UTF-8 escaped."""
    return name.encode("utf-8", "surrogatepass").decode("utf-8", "surrogateescape")

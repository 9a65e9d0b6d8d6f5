"""Valid events about a few leads, in bulk: the published examples with other people, times and values.

Knows the examples and the fields that an event may have, not what any of them does.
"""

from __future__ import annotations

from collections.abc import Sequence
from copy import deepcopy
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from functools import cache
from typing import Any, Final, NamedTuple

from schemas.catalogue import Direction, event_types, examples
from scorer.contracts.inputs import OWNERS_TOPIC
from scorer.contracts.published import TIERS_TOPIC
from tests.domain.cases import RandomChoices
from tests.fuzz import words

START_US: Final = 1_774_420_000_000_000  # 25 March 2026
HOUR_US: Final = 3_600_000_000
DAY_US: Final = 24 * HOUR_US
EPOCH: Final = datetime(1970, 1, 1, tzinfo=UTC)

ATTRIBUTES: Final[dict[str, tuple[Any, ...]]] = {
    "industry": ("software", "retail", "gambling"),
    "employees": (3, 250, 3_000, 0.5),
    "region": ("east", "overseas"),
    "title": ("VP Sales", "intern", "总经理"),
    "decision_power": ("decides", "shares"),
    "interest": ("high", "medium"),
    "unheard_of": (True, "x", -1),
}
BEHAVIOURS: Final = (
    *("demo_requested", "quote_requested", "needs_stated", "documents_requested", "page_viewed"),
    *("question_asked", "call_answered", "call_unanswered", "message_unanswered", "budget_too_low"),
    *("cannot_afford", "problem_unclear", "trial_lesson_attended", "unheard_of"),
)
KINDS: Final = ("call_answered", "message", "meeting", "visit", "note")


class Template(NamedTuple):
    """An example of one type and the topic that carries it."""

    type: str
    topic: str
    event: Any


@cache
def templates(*, valid: bool) -> tuple[Template, ...]:
    """The published examples of all inputs, and of the crossings that one stage reads of the other."""
    found = []
    for name, card in event_types().items():
        if card.direction is Direction.INPUT or card.name == TIERS_TOPIC:
            for example in examples(name):
                if (example.reason is None) is valid:
                    found.append(Template(name, card.name, example.event))
    return tuple(found)


@dataclass(slots=True)
class Cast:
    """Who there is in a session, what was said so far, and what time it is for the broker."""

    leads: list[str]
    owners: list[str]
    sources: list[str]
    ids: int  # so many different ones
    prefix: str  # of every id
    now_us: int = START_US
    said: list[tuple[str, str]] = field(default_factory=list)


def cast(choose: RandomChoices) -> Cast:
    """The people of one session; one in four has an odd name."""
    return Cast(
        leads=[_name(choose, f"lead-{n}") for n in range(choose.whole(1, 4))],
        owners=[_name(choose, f"rep-{n}") for n in range(choose.whole(1, 3))],
        sources=[_name(choose, f"/source-{n}") for n in range(choose.whole(1, 2))],
        ids=choose.one_of((8, 1_000, 1_000_000)),
        prefix=choose.one_of(("e-", "e-", "e-", "漢" * 200)),
    )


def _name(choose: RandomChoices, usual: str) -> str:
    return choose.one_of(words.IDS) if choose.whole(0, 3) == 0 else usual


def event(choose: RandomChoices, people: Cast, template: Template) -> dict[str, Any]:
    """The example with the people, the time and the values of this session. May stay invalid."""
    whole = deepcopy(template.event)
    if not isinstance(whole, dict):
        return {"data": whole}
    about = choose.one_of(people.owners if template.topic == OWNERS_TOPIC else people.leads)
    source, number = choose.one_of(people.sources), choose.whole(0, people.ids)
    for name, value in (
        ("subject", about),
        ("source", source),
        ("id", f"{people.prefix}{number}"),
        ("time", instant(choose, people.now_us - _ago(choose))),
    ):
        if name in whole:
            whole[name] = value
    if isinstance(whole.get("data"), dict):
        _fill(choose, people, whole["data"], about)
    if choose.whole(0, 3) == 0:
        whole.pop("subject", None)
    people.said.append((source, f"{people.prefix}{number}"))
    return whole


def instant(choose: RandomChoices, time_us: int) -> str:
    """An instant as publishers write it."""
    moment = EPOCH + timedelta(microseconds=time_us)
    form = choose.whole(0, 3)
    if form == 0:
        return (moment + timedelta(hours=8)).replace(tzinfo=None).isoformat() + "+08:00"
    return moment.replace(tzinfo=None).isoformat() + "Z"


def _ago(choose: RandomChoices) -> int:
    """How long ago it happened: mostly just now, sometimes weeks, a little ahead at times."""
    unit = choose.one_of((1, 1, 1_000, 1_000_000, 1_000_000, HOUR_US, DAY_US))
    return choose.whole(-3, 30) * unit if unit < HOUR_US else choose.whole(0, 30) * unit


def _fill(choose: RandomChoices, people: Cast, data: dict[str, Any], about: str) -> None:  # noqa: C901
    """Other values for the fields of `data`, by their names."""
    for name, value in data.items():
        if name == "lead_id" or (name == "owner" and "lead_id" not in data):
            data[name] = about
        elif name in {"owner", "previous_owner", "by", "to", "author"}:
            if value not in {"hot", "warm", "cold", "disqualified"}:
                data[name] = choose.one_of(people.owners)
            else:
                data[name] = choose.one_of(("hot", "warm", "cold", "disqualified"))
        elif name == "behaviour":
            data[name] = choose.one_of(BEHAVIOURS)
        elif name == "object":
            data[name] = choose.one_of(("a", "b", "/demo", *words.IDS))
        elif name == "kind":
            data[name] = choose.one_of(KINDS)
        elif name in {"attributes", "set"}:
            data[name] = _attributes(choose)
        elif name == "unset":
            data[name] = [choose.one_of(list(ATTRIBUTES))]
        elif name == "retracts" and people.said:
            source, number = choose.one_of(people.said)
            data[name] = {"source": source, "id": number}
        elif name == "points" and isinstance(value, int | float):
            data[name] = choose.one_of((-10_000, -30, 0.1, 5, 33.333, 10_000))
        elif name == "expires_at":
            data[name] = instant(choose, people.now_us + choose.whole(-5, 20) * DAY_US)


def _attributes(choose: RandomChoices) -> dict[str, Any]:
    names: Sequence[str] = list(ATTRIBUTES)
    return {
        name: choose.one_of(ATTRIBUTES[name])
        for name in (choose.one_of(names) for _ in range(choose.whole(0, 5)))
    }

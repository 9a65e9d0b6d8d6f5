"""A lead and a model with defaults, in the words of the tests: days, points, behaviours."""

from __future__ import annotations

from dataclasses import replace
from datetime import datetime
from typing import Any, Final
from zoneinfo import ZoneInfo

from scorer.contracts.state_codec import decode_state, encode_state
from scorer.domain import events as e
from scorer.domain.fold import Folded, advance, fold
from scorer.domain.model import (
    DAY_US,
    UNBOUNDED,
    AttributeRule,
    BehaviourRule,
    Bounds,
    Condition,
    Decay,
    Dimension,
    History,
    Limit,
    Model,
)
from scorer.domain.outputs import Output, ScoreChanged, Tier, TierCrossed
from scorer.domain.plan import Plan
from scorer.domain.state import LeadState
from scorer.engine.account import Account, account

HOUR: Final = 3_600_000_000
DAY: Final = DAY_US
MINUTE: Final = 60_000_000
SECOND: Final = 1_000_000
START: Final = 1_772_323_200_000_000  # Sunday 2026-03-01 00:00 UTC


def at(text: str, zone: str = "UTC") -> int:
    """ "2026-03-01 22:00" in a time zone, as µs since the epoch."""
    moment = datetime.fromisoformat(text).replace(tzinfo=ZoneInfo(zone))
    return round(moment.timestamp()) * 1_000_000


def attribute_rule(
    name: str, attribute: str, value: object, points: float, **changed: Any
) -> AttributeRule:
    """Points while the attribute equals the value."""
    condition = Condition(attribute, lambda v: v == value, f"{attribute} is {value}")
    given: dict[str, Any] = {"dimension": "fit", "conditions": (condition,)} | changed
    return AttributeRule(name, points=points, **given)


def behaviour_rule(name: str, points: float, **changed: Any) -> BehaviourRule:
    """Points for each behaviour of the rule's own name."""
    given: dict[str, Any] = {"dimension": "behaviour", "on": frozenset({name})} | changed
    return BehaviourRule(name, points=points, **given)


def model(*rules: AttributeRule | BehaviourRule, **changed: Any) -> Model:
    """Fit and behaviour without caps and silence, hot above 70, warm from 30."""
    given: dict[str, Any] = {
        "name": "test",
        "version": "1",
        "hash": "test",
        "dimensions": (dimension("fit"), dimension("behaviour")),
        "rules": rules,
        "total": Bounds(),
        "behaviours": frozenset({"visited"}),
        "history": History(400 * DAY, 200),
    } | changed
    return Model(**given)


def dimension(name: str, **changed: Any) -> Dimension:
    """A dimension without caps."""
    return replace(Dimension(name, -UNBOUNDED, UNBOUNDED), **changed)


def limited(*limits: Limit, points: float = 10.0, decay: Decay | None = None) -> Model:
    """One rule, `opened`, with limits."""
    return model(behaviour_rule("opened", points, limits=limits, decay=decay or Decay()))


class Lead:
    """One lead under one model; every step takes its instant."""

    def __init__(self, of: Model) -> None:
        self.plan = Plan(of)
        self.state = LeadState(self.plan.hash)
        self.outputs: list[Output] = []
        self._number = 0

    def add(self, t: int, body: e.Body, name: str | None = None) -> Folded:
        """Fold a piece of evidence; its id is its number unless it is named."""
        self._number += 1
        event = e.LeadEvent("lead", t, "test", name or f"{self._number:06}", body)
        folded = fold(self.state, event, self.plan)
        self.outputs += folded.outputs
        return folded

    def created(self, t: int = START, **attributes: e.AttributeValue) -> Folded:
        return self.add(t, e.Created("web", attributes))

    def did(self, t: int, behaviour: str, about: str | None = None, **kwargs: Any) -> Folded:
        return self.add(t, e.Behaviour(behaviour, about), **kwargs)

    def became(self, t: int, **attributes: e.AttributeValue) -> Folded:
        return self.add(t, e.AttributesChanged(attributes))

    def adjusted(self, t: int, points: float, until: int | None = None) -> Folded:
        return self.add(t, e.Adjustment(points, "Wang", "met at a fair", until))

    def paused(self, t: int) -> Folded:
        return self.add(t, e.Hold(True))

    def resumed(self, t: int) -> Folded:
        return self.add(t, e.Hold(False))

    def retracted(self, t: int, name: str) -> Folded:
        return self.add(t, e.Retraction("test", name))

    def waits(self, t: int) -> list[Output]:
        """Let time pass to an instant; what it said."""
        said = advance(self.state, "lead", self.plan, t)
        self.outputs += said
        return said

    def account(self, t: int) -> Account:
        return account(self.state, "lead", self.plan, t)

    def score(self, t: int) -> float:
        return self.account(t).score

    def tier(self, t: int) -> Tier:
        return self.account(t).tier

    def points(self, t: int) -> dict[str, float]:
        """The points of each line of the explanation."""
        return {line.name: line.points for line in self.account(t).explanation.lines}

    @property
    def scores(self) -> list[ScoreChanged]:
        return [o for o in self.outputs if isinstance(o, ScoreChanged)]

    @property
    def crossings(self) -> list[TierCrossed]:
        return [o for o in self.outputs if isinstance(o, TierCrossed)]

    @property
    def path(self) -> list[str]:
        """The tiers in the order in which they were entered."""
        return [str(crossing.to_tier) for crossing in self.crossings]

    def stored(self) -> bytes:
        """The state as it is stored; going on from there must be the same."""
        raw = encode_state(self.state)
        self.state = decode_state(raw)
        return raw

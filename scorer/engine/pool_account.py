"""Who owes a lead attention until when, and why: one lead's follow-up in detail. Pure, no Kafka."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import asdict, dataclass
from typing import Any

from scorer.contracts.instants import LAST_US, to_datetime
from scorer.domain.followup.case import Case, Run
from scorer.domain.followup.clocks import exempt_from
from scorer.domain.followup.fold import advance
from scorer.domain.followup.policy import Clock, FollowUpPolicy
from scorer.domain.followup.state import FollowUpState


@dataclass(frozen=True, slots=True)
class Running:
    """One clock that runs, in words and instants."""

    clock: str
    due_us: int | None  # None: it stands still
    start_us: int
    limit_us: int
    state: str  # armed, warned, exempt
    why: str


@dataclass(frozen=True, slots=True)
class FollowUp:
    """The follow-up of one lead at an instant."""

    lead_id: str
    created: bool
    owner: str | None
    pool: str | None
    since_us: int
    episode: str
    tier: str
    touches: int
    last_touch_us: int | None
    returns: int
    dead: bool
    closed: bool
    exempt: tuple[str, ...]
    clocks: tuple[Running, ...]  # the earliest first

    @property
    def next(self) -> Running | None:
        """The clock that expires first, of those that go on."""
        return next((each for each in self.clocks if each.due_us is not None), None)


def follow_up(state: FollowUpState, lead_id: str, policy: FollowUpPolicy, at_us: int) -> FollowUp:
    """The follow-up of a lead at an instant. Changes the given state."""
    advance(state, lead_id, policy, at_us)
    case = state.head
    clocks = sorted(_running(case, policy), key=lambda each: each.due_us or LAST_US)
    return FollowUp(
        lead_id,
        case.created_us is not None,
        case.owner,
        case.pool,
        case.since_us,
        case.episode,
        case.tier.value,
        case.touches,
        case.last_touch_us,
        case.returns,
        case.dead,
        case.closed,
        tuple(case.flags),
        tuple(clocks),
    )


def _running(case: Case, policy: FollowUpPolicy) -> Iterator[Running]:
    for clock, run in case.runs.items():
        still = run.left_us is not None
        yield Running(
            clock.value,
            None if still else run.due_us,
            run.start_us,
            run.span_us,
            "exempt" if still else run.state.value,
            _why(case, policy, clock, run),
        )


def _why(case: Case, policy: FollowUpPolicy, clock: Clock, run: Run) -> str:
    if not policy.enabled or clock not in policy.limits:
        return "does not run: the model has switched it off"
    if run.left_us is not None:
        return f"stands still: {', '.join(sorted(exempt_from(case, policy, clock)))}"
    if clock is Clock.NEXT_FOLLOW_UP and case.last_touch_us is not None:
        longest = case.runs.get(Clock.MAXIMUM_HOLDING)
        if longest is not None and longest.due_us == run.due_us:
            return "touched, and no touch goes beyond the maximum holding"
        return "since the last touch"
    if run.since_us > run.start_us:
        return f"moved when the lead turned {case.tier.value} or an exemption ended"
    return {
        Clock.UNASSIGNED: "nobody has the lead",
        Clock.FIRST_RESPONSE: "no touch by the owner yet",
        Clock.NEXT_FOLLOW_UP: "no touch by the owner yet",
        Clock.NO_OPPORTUNITY: "no opportunity opened yet",
        Clock.NO_DEAL: "not won yet",
        Clock.MAXIMUM_HOLDING: "no owner keeps a lead longer",
    }[clock]


def as_json(it: FollowUp) -> dict[str, Any]:
    """The same as plain JSON types."""
    plain = asdict(it)
    clocks = [
        {
            "clock": each.clock,
            "due_at": None if each.due_us is None else to_datetime(min(each.due_us, LAST_US)),
            "started_at": to_datetime(each.start_us),
            "limit_seconds": each.limit_us / 1_000_000,
            "state": each.state,
            "why": each.why,
        }
        for each in it.clocks
    ]
    for name in ("since_us", "last_touch_us"):
        instant_us = plain.pop(name)
        key = name.removesuffix("_us")
        plain[f"{key}_at" if key != "since" else key] = (
            None if instant_us is None else to_datetime(instant_us)
        )
    return plain | {"clocks": clocks}

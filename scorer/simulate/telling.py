"""A story as written → what is published, when it arrives, and when somebody looks.

Knows the domain's events; plays nothing. What does not fit together is returned, with its place.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, field
from typing import Final, NamedTuple
from zoneinfo import ZoneInfo

from scorer.contracts.model.problems import Path
from scorer.domain.events import (
    Adjustment,
    AttributesChanged,
    Behaviour,
    Body,
    Created,
    Hold,
    LeadEvent,
    Outcome,
    OutcomeKind,
    Retraction,
)
from scorer.domain.model import Model
from scorer.simulate.moments import Calendar, moment_us
from scorer.simulate.shape import (
    AdjustmentStep,
    AdvanceStep,
    AgainStep,
    AttributesStep,
    BehaviourStep,
    CreatedStep,
    OutcomeStep,
    PausedStep,
    ResumedStep,
    RetractionStep,
    StandingEntry,
    Step,
    StepEntry,
    Story,
)

SOURCE: Final = "/simulate"
Wrong = tuple[Path, str, str]


class Publication(NamedTuple):
    """One event on its way to the scorer."""

    event: LeadEvent
    arrives_us: int
    step: int
    says: str  # what it is in a few words; "" for all but the last of a repetition


class Look(NamedTuple):
    """The scorer's clock comes to an instant, and somebody may look at the lead."""

    at_us: int
    every_us: int | None  # ticks on the way
    says: str


class Standing(NamedTuple):
    """How the lead is expected to stand at an instant."""

    at_us: int
    next_us: int | None  # of `next: cold at day 20`
    expected: StandingEntry


class Crossing(NamedTuple):
    """An expected crossing: `cold to warm by demo_requested`."""

    at_us: int
    words: str


@dataclass(frozen=True, slots=True)
class Told:
    """A story, ready to be played."""

    name: str
    about: str
    lead_id: str
    model: Model
    calendar: Calendar
    publications: tuple[Publication, ...]  # in the order of arrival
    looks: tuple[Look, ...]
    standings: tuple[Standing, ...] = ()
    crossings: tuple[Crossing, ...] | None = None
    score_events: int | None = None
    end_us: int = field(default=0)


def tell(story: Story, model: Model) -> tuple[Told, list[Wrong]]:
    """Resolve times and names."""
    zone = ZoneInfo(story.timezone)
    calendar = Calendar(moment_us(story.start, zone), zone)
    teller = _Teller(story.lead, calendar)
    for number, step in enumerate(story.story):
        teller.step(number, step)
    expect, start = story.expect, calendar.start_us
    standings = [_standing(calendar, text, entry) for text, entry in expect.at.items()]
    crossings = [
        Crossing(calendar.instant(text, start), words)
        for text, words in (expect.crossings or {}).items()
    ]
    ends = [
        *(p.arrives_us for p in teller.publications),
        *(look.at_us for look in teller.looks),
        *(standing.at_us for standing in standings),
        *(crossing.at_us for crossing in crossings),
    ]
    told = Told(
        name=story.name,
        about=story.about,
        lead_id=story.lead,
        model=model,
        calendar=calendar,
        publications=tuple(sorted(teller.publications, key=lambda p: p.arrives_us)),
        looks=tuple(sorted(teller.looks, key=lambda look: look.at_us)),
        standings=tuple(sorted(standings, key=lambda standing: standing.at_us)),
        crossings=None if expect.crossings is None else tuple(crossings),
        score_events=expect.score_events,
        end_us=max(ends, default=start),
    )
    return told, teller.wrong


def _standing(calendar: Calendar, text: str, entry: StandingEntry) -> Standing:
    at_us = calendar.instant(text, calendar.start_us)
    if entry.next is None or entry.next == "none":
        return Standing(at_us, None, entry)
    return Standing(at_us, calendar.instant(entry.next.split(" at ")[1], at_us), entry)


class _Teller:
    """Goes through the steps once, from the first to the last."""

    def __init__(self, lead_id: str, calendar: Calendar) -> None:
        self.lead_id, self.calendar = lead_id, calendar
        self.now_us = calendar.start_us
        self.publications: list[Publication] = []
        self.looks: list[Look] = []
        self.wrong: list[Wrong] = []
        self._told: dict[str, list[LeadEvent]] = {}

    def step(self, number: int, step: StepEntry) -> None:
        """One step of the story."""
        place: Path = ("story", number)
        if isinstance(step, AdvanceStep):
            self.now_us = self.calendar.instant(step.until, self.now_us)
            self.looks.append(Look(self.now_us, step.every, "time passes"))
            return
        if step.at is not None:
            self.now_us = self.calendar.instant(step.at, self.now_us)
        if isinstance(step, AgainStep):
            again = self._referred((*place, "again"), step.again)
            self._publish(number, again, self.now_us, f"{step.again} arrives again")
            return
        name = step.id or f"{number + 1:03}"  # at the same instant the id decides the order
        if name in self._told:
            self.wrong.append(((*place, "id"), f"there is another step `{name}`", "rename one"))
        bodies = list(self._bodies(place, step))
        events = [
            LeadEvent(
                self.lead_id, time_us, SOURCE, name + (f".{n:05}" if len(bodies) > 1 else ""), b
            )
            for n, (time_us, b) in enumerate(bodies, 1)
        ]
        self._told[name] = events
        self._publish(number, events, None, _says(step), self._late_us(place, step))

    def _late_us(self, place: Path, step: Step) -> int:
        """How much later than it happens the scorer hears of it."""
        if step.arrives is None:
            return 0
        late_us = self.calendar.instant(step.arrives, self.now_us) - self.now_us
        if late_us < 0:
            remedy = "give a later moment, or remove it"
            self.wrong.append(((*place, "arrives"), "it arrives before it happens", remedy))
        return late_us

    def _publish(
        self, number: int, events: list[LeadEvent], at_us: int | None, says: str, late_us: int = 0
    ) -> None:
        for event in events:
            last = event is events[-1]
            arrives_us = event.time_us + late_us if at_us is None else at_us
            self.publications.append(Publication(event, arrives_us, number, says if last else ""))

    def _referred(self, place: Path, name: str) -> list[LeadEvent]:
        if name not in self._told:
            known = ", ".join(self._told)
            remedy = f"use the `id` of an earlier step, one of: {known}"
            self.wrong.append((place, f"there is no step `{name}` before", remedy))
        return self._told.get(name, [])

    def _bodies(self, place: Path, step: Step) -> Iterator[tuple[int, Body]]:
        now_us = self.now_us
        match step:
            case CreatedStep():
                yield now_us, Created(step.created, step.attributes)
            case AttributesStep():
                if not step.set and not step.unset:
                    remedy = "write what happens: created, does, set, retracts, advance to, …"
                    self.wrong.append((place, "nothing happens in this step", remedy))
                yield now_us, AttributesChanged(step.set, tuple(step.unset))
            case BehaviourStep():
                count, within_us = step.times
                for n in range(count):
                    about = step.about.replace("{n}", str(n + 1)) if step.about else None
                    gap = within_us * n // (count - 1) if count > 1 else 0
                    yield now_us + gap, Behaviour(step.does, about)
            case RetractionStep():
                for event in self._referred((*place, "retracts"), step.retracts):
                    yield now_us, Retraction(event.source, event.id, step.because)
            case PausedStep():
                yield now_us, Hold(True, step.paused)
            case ResumedStep():
                yield now_us, Hold(False, step.resumed)
            case AdjustmentStep():
                until = self.calendar.instant(step.until, now_us) if step.until else None
                yield now_us, Adjustment(step.adjusts, step.by, step.because, until)
            case OutcomeStep():
                yield now_us, Outcome(OutcomeKind(step.outcome), step.because)


def _says(step: Step) -> str:
    """What happens in a step, in a few words."""
    match step:
        case CreatedStep():
            return f"created ({step.created})"
        case AttributesStep():
            known = [f"{name}={value}" for name, value in step.set.items()]
            return ", ".join([*known, *(f"{name} unknown" for name in step.unset)])
        case BehaviourStep():
            times = f" ×{step.times[0]}" if step.times[0] > 1 else ""
            return step.does + times + (f" ({step.about})" if step.about else "")
        case RetractionStep():
            return f"{step.retracts} retracted"
        case PausedStep():
            return f"paused ({step.paused})"
        case ResumedStep():
            return f"resumed ({step.resumed})"
        case AdjustmentStep():
            return f"{step.adjusts:+g} by {step.by}"
        case OutcomeStep():
            return step.outcome
        case _:
            return ""

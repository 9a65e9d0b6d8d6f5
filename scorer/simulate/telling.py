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
from scorer.simulate import ownership
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
    StepEntry,
    Story,
)
from scorer.simulate.step import Step

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
    due_us: int | None  # of `due: first_response at day 3`
    expected: StandingEntry


class Words(NamedTuple):
    """Something that is expected to be said: `cold to warm by demo_requested`."""

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
    crossings: tuple[Words, ...] | None = None
    score_events: int | None = None
    followed: bool = False  # it says whose the lead is, so the pool is played too
    pool: tuple[Words, ...] | None = None
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
        Words(calendar.instant(text, start), words)
        for text, words in (expect.crossings or {}).items()
    ]
    pool = [
        Words(calendar.instant(text, start), words)
        for text, several in (expect.pool or {}).items()
        for words in several
    ]
    ends = [
        *(p.arrives_us for p in teller.publications),
        *(look.at_us for look in teller.looks),
        *(standing.at_us for standing in standings),
        *(words.at_us for words in (*crossings, *pool)),
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
        followed=expect.pool is not None or any(_followed(step) for step in story.story),
        pool=None if expect.pool is None else tuple(pool),
        end_us=max(ends, default=start),
    )
    return told, teller.wrong


def _followed(step: StepEntry) -> bool:
    """Whether a step is about whose the lead is."""
    owner = isinstance(step, CreatedStep) and step.owner is not None
    return owner or isinstance(step, ownership.OwnershipStep)


def _standing(calendar: Calendar, text: str, entry: StandingEntry) -> Standing:
    at_us = calendar.instant(text, calendar.start_us)

    def instant(words: str | None) -> int | None:
        if words is None or words == "none":
            return None
        return calendar.instant(words.split(" at ")[1], at_us)

    return Standing(at_us, instant(entry.next), instant(entry.due), entry)


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
        subject = ownership.owner_of(step) or self.lead_id
        bodies = list(self._bodies(place, step))
        events = [
            LeadEvent(
                subject,
                time_us,
                SOURCE,
                name + (f".{n:05}" if len(bodies) > 1 else ""),
                b,
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
                yield now_us, Created(step.created, step.attributes, step.owner)
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
                yield from self._retractions((*place, "retracts"), step)
            case PausedStep():
                yield now_us, Hold(True, step.paused)
            case ResumedStep():
                yield now_us, Hold(False, step.resumed)
            case AdjustmentStep():
                until = self.calendar.instant(step.until, now_us) if step.until else None
                yield now_us, Adjustment(step.adjusts, step.by, step.because, until)
            case OutcomeStep():
                yield now_us, Outcome(OutcomeKind(step.outcome), step.because)
            case _ if isinstance(step, ownership.OwnershipStep):
                yield now_us, ownership.body_of(step)

    def _retractions(self, place: Path, step: RetractionStep) -> Iterator[tuple[int, Body]]:
        for event in self._referred(place, step.retracts):
            if ownership.about_owner(event.body):
                said = "that an owner left or came back cannot be retracted"
                self.wrong.append((place, said, "write `owner returned` or `owner left` instead"))
            pooled = ownership.heard_by_the_pool(event.body)
            yield self.now_us, Retraction(event.source, event.id, step.because, pooled)


def _says(step: Step) -> str:
    """What happens in a step, in a few words."""
    match step:
        case CreatedStep():
            return f"created ({step.created})" + (f" for {step.owner}" if step.owner else "")
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
        case _ if isinstance(step, ownership.OwnershipStep):
            return ownership.says(step)
        case _:
            return ""

"""What is to be said when evidence makes another timeline of a lead: the difference of the two. Pure.

Nearly all that was ever said lies in the timeline, once, under its own id. The rest is remembered as
`Saying`s: what left the timeline, and may come back; what was said again, under another id; what was not
worth saying when it came to light. So no id is used twice, what stands is not repeated, what was taken
back is said anew when it turns out to be right after all, and nothing that moved a lead stays unsaid.
"""

from __future__ import annotations

from collections.abc import Container, Iterable, Iterator, Sequence
from typing import Final, NamedTuple

from scorer.domain.evidence import ID, SOURCE, TIME, Entry
from scorer.domain.followup.case import Case
from scorer.domain.followup.clocks import due_of
from scorer.domain.followup.entries import what
from scorer.domain.followup.outputs import (
    FollowUpDue,
    HandedOver,
    Met,
    PoolOutput,
    Returned,
    Stage,
    Voided,
)
from scorer.domain.followup.policy import Clock
from scorer.domain.followup.table import Move, State
from scorer.domain.followup.telling import Step, Telling
from scorer.domain.publishing import output_id

SAYINGS_KEPT: Final = 24
"""Of a lead; the oldest are forgotten first. A late touch leaves one or two, and the history ends them."""


_Key = tuple[object, ...]


class Saying(NamedTuple):
    """What became of an output that is not simply in the timeline, said once."""

    id: str  # by which the timeline knows it
    said_id: str  # under which it was said last; empty: it was not
    stands: bool  # nothing that was said since has taken it back
    first_of: str  # the episode whose first response it is; empty: of none
    at_us: int


def kept(sayings: Iterable[Saying], oldest_us: int) -> list[Saying]:
    """Those that matter while a history begins at an instant: what lies before cannot change any more."""
    return [one for one in sayings if one.at_us >= oldest_us][-SAYINGS_KEPT:]


class Revision:
    """One piece of evidence changes what there is to say about a lead; used once."""

    __slots__ = ("_entry", "_now", "_old", "_sayings", "_told")

    def __init__(
        self, sayings: Iterable[Saying], old: Case, now: Case, entry: Entry, told: Telling
    ) -> None:
        self._sayings = {one.id: one for one in sayings}
        self._old, self._now = old, now
        self._entry, self._told = entry, told

    @property
    def sayings(self) -> list[Saying]:
        """What is to be remembered from now on, the oldest first."""
        return [*self._sayings.values()]

    def added(self, steps: Sequence[Step]) -> list[Step]:
        """What of the new end of a timeline is to be said: all, but for what is said already."""
        found = []
        for step in steps:
            output = step.output
            if output is None:
                found.append(step)
                continue
            known = self._sayings.get(output.about.id)
            if not self._stands(known):
                found.append(self._worded(step, output, known))
        return found

    def changed(self, before: Sequence[Step], after: Sequence[Step]) -> list[Step]:
        """What is to be said when one timeline takes the place of another."""
        was = {_key(step): step for step in before}
        will = {_key(step): step for step in after}
        undone = [self._gone(step) for key, step in was.items() if key not in will]
        return [*(step for step in undone if step is not None), *self._said_now(will, was)]

    def _gone(self, step: Step) -> Step | None:
        """An output that is not in the timeline any more: its undoing, if it is to be undone."""
        output = step.output
        if output is None:
            return None
        it = output.about.id
        known = self._sayings.pop(it, None)
        if known is None:
            known = Saying(it, it, True, _first_of(step), step.at_us)
        elif not known.said_id:
            return None
        undone = self._voided(step, known.said_id) if known.stands else None
        self._sayings[it] = known._replace(stands=known.stands and undone is None)
        return undone

    def _said_now(self, will: dict[_Key, Step], heard: Container[_Key]) -> Iterator[Step]:
        """What of a timeline is new, or was kept back until now; `heard` is what was in it before."""
        for key, step in will.items():
            output = step.output
            if output is None:
                if key not in heard:
                    yield step
                continue
            known = self._sayings.get(output.about.id)
            if (known is None and key in heard) or self._stands(known):
                continue
            if _still_true(output, self._now):
                yield self._worded(step, _late(output, self._entry[TIME]), known)
            elif known is None and not isinstance(output, FollowUpDue):
                self._sayings[output.about.id] = Saying(output.about.id, "", True, "", step.at_us)

    def _stands(self, known: Saying | None) -> bool:
        """Whether an output of the timeline is believed already; if so, it is an ordinary one again."""
        if known is None or not (known.said_id and known.stands):
            return False
        if known.said_id == known.id:
            del self._sayings[known.id]
        return True

    def _worded(self, step: Step, output: PoolOutput, known: Saying | None) -> Step:
        """An output as it is said now: once more, in the place of another, or simply."""
        about = output.about
        if known is not None:
            del self._sayings[known.id]
            if known.said_id:  # and was taken back
                again = output_id(f"again\0{known.id}\0{self._entry[SOURCE]}\0{self._entry[ID]}")
                self._sayings[known.id] = known._replace(said_id=again, stands=True)
                about = about._replace(id=again)
        if isinstance(output, Met) and (first := _first_of(step)):
            output = output._replace(corrects=self._corrected(first, output.about.id))
        return step.saying(output._replace(about=about))

    def _corrected(self, episode: str, by: str) -> str | None:
        """The first response of an episode that another one takes the place of."""
        for one in self._sayings.values():
            if one.first_of == episode and one.stands and one.id != by:
                self._sayings[one.id] = one._replace(stands=False)
                return one.said_id
        return None

    def _voided(self, step: Step, said_id: str) -> Step | None:
        """The undoing of a return that should not have been; None when the lead has moved on (F13)."""
        returned = step.output
        if not isinstance(returned, Returned) or self._old.returned_id != returned.about.id:
            return None
        entry, told, now = self._entry, self._told, self._now
        about = told.about(now, "voided", returned.about.time_us, f"{entry[SOURCE]}\0{entry[ID]}")
        dues = [due_of(now, told.policy, c, r, entry[TIME]) for c, r in now.runs.items()]
        output = Voided(
            about._replace(time_us=max(returned.about.time_us, entry[TIME]), episode=step.episode),
            returned.deadline,
            returned.reason,
            said_id,
            returned.about.time_us,
            entry[SOURCE],
            entry[ID],
            what(entry),
            entry[TIME],
            min(dues, default=None),
        )
        state = State.VOIDED if step.clock else None
        return Step(step.clock, step.episode, step.start_us, Move.UNDO, state, step.at_us, output)


def _late(output: PoolOutput, now_us: int) -> PoolOutput:
    """As something that came to light now; what was met was met when it was."""
    if isinstance(output, Met):
        return output
    return output._replace(about=output.about._replace(time_us=max(output.about.time_us, now_us)))


def _still_true(output: PoolOutput, case: Case) -> bool:
    if isinstance(output, Returned):
        return case.returned_id == output.about.id
    if isinstance(output, HandedOver):
        return case.owner == output.about.owner
    if isinstance(output, FollowUpDue):
        run = case.runs.get(output.deadline.clock)
        if output.stage is Stage.EXPIRED:
            return case.episode == output.about.episode
        return run is not None and run.start_us == output.deadline.start_us
    return True


def _first_of(step: Step) -> str:
    """The episode, of a first response."""
    first = isinstance(step.output, Met) and step.clock is Clock.FIRST_RESPONSE
    return step.episode if first else ""


def _key(step: Step) -> _Key:
    """What makes a step the same in two timelines: for a return, where it has put the lead, too."""
    output = step.output
    if output is None:
        return step.episode, step.clock, step.start_us, step.move, step.at_us
    return output.about.id, output.pool if isinstance(output, Returned) else None

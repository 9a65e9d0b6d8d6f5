"""What is said while a case is folded: transitions of deadlines, with the outputs that go with them.

Ids are functions of the lead, the episode, the clock and the instant, never of when or where they
were computed: a replay says the same things with the same ids (semantics, section 7).
"""

from __future__ import annotations

from typing import Final

from scorer.domain.followup.case import Case, Run
from scorer.domain.followup.outputs import (
    About,
    Deadline,
    FollowUpDue,
    HandedOver,
    Met,
    PoolOutput,
    Reason,
    Returned,
    Stage,
    Summary,
    Touched,
)
from scorer.domain.followup.policy import Clock, FollowUpPolicy, Reminder
from scorer.domain.followup.table import MACHINE, Move, State
from scorer.domain.making import make
from scorer.domain.publishing import output_id

ARM: Final[Move] = Move.ARM


class Step:
    """One transition of one deadline, or (without a clock) one that an owner's leaving brought."""

    __slots__ = ("at_us", "clock", "episode", "move", "output", "start_us", "state")

    def __init__(
        self,
        clock: Clock | None,
        episode: str,
        start_us: int,
        move: Move,
        state: State | None,
        at_us: int,
        output: PoolOutput | None,
    ) -> None:
        self.clock = clock
        self.episode = episode
        self.start_us = start_us
        self.move = move
        self.state = state
        self.at_us = at_us
        self.output = output

    def saying(self, output: PoolOutput) -> Step:
        """The same transition, with another output."""
        return Step(
            self.clock, self.episode, self.start_us, self.move, self.state, self.at_us, output
        )


class Telling:
    """Collects what is said about one lead."""

    __slots__ = ("lead_id", "policy", "steps")

    def __init__(self, policy: FollowUpPolicy, lead_id: str) -> None:
        self.policy = policy
        self.lead_id = lead_id
        self.steps: list[Step] = []

    @property
    def outputs(self) -> list[PoolOutput]:
        """What is to be published, in order."""
        return [step.output for step in self.steps if step.output is not None]

    def moved(
        self, case: Case, clock: Clock, run: Run, move: Move, at_us: int, output: PoolOutput | None
    ) -> None:
        """Note a transition; one that is not in the table is a defect."""
        before = None if move is ARM else run.state
        state = MACHINE[before, move]
        self.steps.append(Step(clock, case.episode, run.start_us, move, state, at_us, output))

    def about(self, case: Case, kind: str, at_us: int, which: str) -> About:
        """The head of an output about a case as it stands; `which` tells its id from those of its kind."""
        return self._about(case, self._id(case, kind, at_us, which), at_us, case.owner)

    def _id(self, case: Case, kind: str, at_us: int, which: str) -> str:
        parts = (kind, self.lead_id, case.episode, which, str(at_us), self.policy.hash)
        return output_id("\0".join(parts))

    def _about(self, case: Case, identity: str, at_us: int, owner: str | None) -> About:
        policy = self.policy
        # In the order of its fields, all given: a third of what the constructor costs.
        return make(
            About,
            (
                identity,
                self.lead_id,
                at_us,
                case.episode,
                owner,
                case.tier,
                case.source_channel,
                policy.model_version,
                policy.model_hash,
            ),
        )

    def reminded(self, case: Case, clock: Clock, run: Run, number: int, at_us: int) -> FollowUpDue:
        """Reminder `number` (from 1) of a deadline."""
        reminders = self.policy.limits[clock].reminders
        reminder: Reminder = reminders[number - 1]
        about = self._due(case, clock, run, number, at_us)
        return FollowUpDue(
            about, deadline_of(clock, run), Stage.REMINDER, reminder.to, number, len(reminders), reminder.risk
        )  # fmt: skip

    def _due(self, case: Case, clock: Clock, run: Run, number: int, at_us: int) -> About:
        return self.about(case, "due", at_us, f"{clock}\0{run.start_us}\0{number}")

    def expired(self, case: Case, clock: Clock, run: Run, at_us: int) -> FollowUpDue:
        """A deadline that expires into words."""
        about = self._due(case, clock, run, 0, at_us)
        of = len(self.policy.limits[clock].reminders)
        to = self.policy.pools.manager
        return FollowUpDue(about, deadline_of(clock, run), Stage.EXPIRED, to, 0, of, True)

    def met(self, case: Case, clock: Clock, run: Run, at_us: int, by: str) -> Met:
        """What a clock waited for."""
        about = self.about(case, "met", at_us, f"{clock}\0{run.start_us}")
        return Met(about, deadline_of(clock, run), at_us - run.start_us, by)

    def returned(
        self, case: Case, reason: Reason, deadline: Deadline | None, at_us: int
    ) -> Returned:
        """The lead leaves its owner; the case is as it was just before."""
        pools = self.policy.pools
        count = case.returns + 1
        dead = bool(pools.dead_after) and count >= pools.dead_after
        due_us = deadline.due_us if deadline else at_us
        identity = self._id(case, "returned", due_us, reason)
        return make(
            Returned,
            (
                self._about(case, identity, at_us, None),
                deadline,
                reason,
                case.owner or "",
                pools.dead if dead else case.pool or pools.default,
                dead,
                count,
                case.since_us,
                case.last_touch_us,
                case.touches,
                summary_of(case),
            ),
        )

    def handed_over(self, case: Case, to: str, at_us: int) -> HandedOver:
        """The lead goes to another owner; the case is as it was just before."""
        about = self._about(case, self._id(case, "handed_over", at_us, to), at_us, to)
        return HandedOver(about, case.owner or "", case.since_us, summary_of(case))


def episode_id(begun: str, by: str) -> str:
    """The id of an episode, from what began it: unique within its lead."""
    return output_id(f"episode\0{begun}\0{by}")[:16]


def deadline_of(clock: Clock, run: Run) -> Deadline:
    """The numbers of a clock."""
    return make(Deadline, (clock, run.start_us, run.span_us, run.due_us))


def summary_of(case: Case) -> Summary:
    """What the next owner must know."""
    latest = tuple([Touched(touch[0], touch[1], touch[2]) for touch in case.touch_log[::-1]])
    return make(Summary, (case.touches_total, latest, case.score, case.why_en, case.why_zh))

"""Every metric there is: name, type, unit, labels, meaning, remedy. Knows no Prometheus client.

One list for the code, the documentation, the alert rules and the dashboards; tests hold them together.
Label values are closed sets, so every series exists at 0 before anything happens, and a rate over it
is right from the first event. `PARTITION` is the one label whose values come with the assignment.
No lead id is ever a label.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from enum import StrEnum
from typing import Final

from scorer.contracts.inspection import Inconsistency
from scorer.contracts.reasons import RejectReason
from scorer.domain.followup.policy import Clock
from scorer.domain.outputs import CauseKind, Tier

PREFIX: Final = "leadscorer_"
STAGE: Final = "stage"
PARTITION: Final = "partition"

# A transaction of a healthy broker takes 13 to 30 ms (measured), an event two of them at the most.
_FAST: Final = (
    0.005,
    0.01,
    0.02,
    0.03,
    0.05,
    0.075,
    0.1,
    0.15,
    0.25,
    0.5,
    1.0,
    2.5,
    5.0,
    10.0,
    30.0,
    60.0,
)
# From "at once" to "the worker was down for three days".
_SLOW: Final = (
    0.1,
    0.25,
    0.5,
    1.0,
    2.0,
    5.0,
    10.0,
    30.0,
    60.0,
    300.0,
    1800.0,
    3600.0,
    21600.0,
    86400.0,
    259200.0,
)
_SIZES: Final = (1.0, 10.0, 50.0, 100.0, 250.0, 500.0, 1000.0, 2500.0, 5000.0, 10000.0)


class Kind(StrEnum):
    COUNTER = "counter"
    GAUGE = "gauge"
    HISTOGRAM = "histogram"


@dataclass(frozen=True, slots=True)
class Metric:
    """One metric. `key` is its name in `Stage.counters()`; `name` is what Prometheus shows."""

    key: str
    kind: Kind
    meaning: str
    remedy: str
    unit: str = ""  # "" counts things; else the base unit that ends the name
    labels: Mapping[str, tuple[str, ...]] = field(default_factory=dict)
    buckets: tuple[float, ...] = ()

    @property
    def name(self) -> str:
        return PREFIX + self.key + ("_total" if self.kind is Kind.COUNTER else "")


_INPUTS: Final = (
    "leads.created.v1",
    "leads.attributes.v1",
    "leads.behaviours.v1",
    "leads.followups.v1",
    "leads.outcomes.v1",
    "leads.tiers.v1",  # an output of scoring is an input of the pool
    "leads.owners.v1",
)
_TOPIC: Final = {"topic": _INPUTS}
_BY_PARTITION: Final[Mapping[str, tuple[str, ...]]] = {PARTITION: ()}
_TIERS: Final = tuple(Tier)
_CAUSES: Final = tuple(CauseKind)
_CLOCKS: Final = tuple(Clock)

EVENTS_CONSUMED = Metric(
    "events_consumed",
    Kind.COUNTER,
    "Records read and committed, whatever became of them.",
    "Flat while publishers publish: see consumer_lag_records and last_commit_timestamp_seconds.",
    labels=_TOPIC,
)
EVENTS_REJECTED = Metric(
    "events_rejected",
    Kind.COUNTER,
    "Records that are no valid event; each is one dead letter.",
    "`lead-scorer dlq list` shows them; the reason says what the publisher must change.",
    labels={"reason": tuple(RejectReason)},
)
EVENTS_DUPLICATE = Metric(
    "events_duplicate",
    Kind.COUNTER,
    "Events whose (source, id) the lead had seen: they changed nothing.",
    "Harmless. A constant share means that a publisher retries without need.",
)
EVENTS_OUT_OF_ORDER = Metric(
    "events_out_of_order",
    Kind.COUNTER,
    "Events that came after a later one about the same lead: the lead is folded again, in order.",
    "Harmless, but each costs a second fold; a constant share means that a publisher reorders.",
)
EVENTS_LATE = Metric(
    "events_late",
    Kind.COUNTER,
    "Events older than the lead's history: counted where order does not matter.",
    "Find the publisher that buffers; or raise `history` in the model.",
)
EVENTS_FORGOTTEN = Metric(
    "events_forgotten",
    Kind.COUNTER,
    "Events too old to be told from one that was seen before: worth nothing, lest they count twice.",
    "Import history before the present, oldest first; or raise `history` in the model.",
)
EVENTS_HELD = Metric(
    "events_held",
    Kind.COUNTER,
    "Events about a lead that is not created yet: held, and applied on its creation.",
    "Rising without end: a publisher never sends leads.created.v1 for its leads.",
)
EVENTS_SUPPRESSED = Metric(
    "events_suppressed",
    Kind.COUNTER,
    "Occurrences beyond a rule's limit (once, per day, …): kept, but worth no points.",
    "Harmless; `lead-scorer explain` lists them. A surge may be a bot: look at the lead.",
)
BEHAVIOURS_UNKNOWN = Metric(
    "behaviours_unknown",
    Kind.COUNTER,
    "Behaviours that the model has no name for: accepted, worth nothing.",
    "Add the name to `behaviours` in the model, or correct the publisher's spelling.",
)
DEAD_LETTERS = Metric(
    "dead_letters",
    Kind.COUNTER,
    "Records written to leads.dead-letters.v1, by the topic they came from.",
    "`lead-scorer dlq list`; past the limit the worker stops, so that a bad deploy drains nothing.",
    labels=_TOPIC,
)
SCORE_CHANGES = Metric(
    "score_changes",
    Kind.COUNTER,
    "Events written to leads.scores.v1, by what moved the score.",
    "Flat while events are consumed: no rule matches what is published; `lead-scorer model check`.",
    labels={"cause": _CAUSES},
)
TIER_CHANGES = Metric(
    "tier_changes",
    Kind.COUNTER,
    "Crossings written to leads.tiers.v1.",
    "Many both ways: widen `leave_margin` in the model.",
    labels={"from": _TIERS, "to": _TIERS, "cause": _CAUSES},
)
LEADS = Metric(
    "leads",
    Kind.GAUGE,
    "Leads that are created and not erased, by the tier that they are in now, as last committed.",
    "All of them fall at once: a partition is not owned; see partitions_ready.",
    labels={"tier": _TIERS, **_BY_PARTITION},
)
PROCESSING_SECONDS = Metric(
    "processing_seconds",
    Kind.HISTOGRAM,
    "Time to fold one batch, without the commit.",
    "Rising with the same batch_records: profile the model's rules; more workers share the partitions.",
    unit="seconds",
    buckets=_FAST,
)
BATCH_RECORDS = Metric(
    "batch_records",
    Kind.HISTOGRAM,
    "Records in one commit.",
    "Large batches with low age are healthy; large with high age: add workers.",
    unit="records",
    buckets=_SIZES,
)
EVENT_AGE_SECONDS = Metric(
    "event_age_seconds",
    Kind.HISTOGRAM,
    "Arrival at the broker minus event time, of the latest comer in each batch: how late publishers are.",
    "High: a publisher buffers, or history is being imported. What we add is in end_to_end_seconds.",
    unit="seconds",
    buckets=_SLOW,
)
END_TO_END_SECONDS = Metric(
    "end_to_end_seconds",
    Kind.HISTOGRAM,
    "Commit minus the broker's timestamp, of the oldest record in each batch: what a subscriber waits.",
    "High: see consumer_lag_records (too few workers) and transaction_seconds (slow broker).",
    unit="seconds",
    buckets=_FAST,
)
CONSUMER_LAG_RECORDS = Metric(
    "consumer_lag_records",
    Kind.GAUGE,
    "Records of an input partition that are not committed yet: in a commit under way, unread, or held back "
    "by a publisher's open transaction.",
    "Growing: start more workers, up to the number of partitions.",
    unit="records",
    labels={**_TOPIC, PARTITION: ()},
)
LAST_PROCESSED = Metric(
    "last_processed_timestamp_seconds",
    Kind.GAUGE,
    "When the lane of a partition last folded a batch.",
    "Old while consumer_lag_records is above 0: the lane is stuck; the log says where.",
    unit="seconds",
    labels=_BY_PARTITION,
)
LAST_COMMIT = Metric(
    "last_commit_timestamp_seconds",
    Kind.GAUGE,
    "When the lane of a partition last committed.",
    "Behind last_processed_timestamp_seconds: the broker does not take transactions.",
    unit="seconds",
    labels=_BY_PARTITION,
)
WATERMARK = Metric(
    "watermark_timestamp_seconds",
    Kind.GAUGE,
    "The instant up to which a partition's leads have been advanced.",
    "Behind the clock: an input is not read to its end; see consumer_lag_records.",
    unit="seconds",
    labels=_BY_PARTITION,
)
TRANSACTION_SECONDS = Metric(
    "transaction_seconds",
    Kind.HISTOGRAM,
    "From beginning a Kafka transaction to its commit.",
    "Above 0.1 s: the broker is slow or its disks are; check its request times.",
    unit="seconds",
    buckets=_FAST,
)
TRANSACTIONS_ABORTED = Metric(
    "transactions_aborted",
    Kind.COUNTER,
    "Transactions that did not commit; their records are folded again.",
    "Any: the log names the cause; fenced after a rebalance is normal, all else is not.",
)
REBALANCES = Metric(
    "rebalances",
    Kind.COUNTER,
    "Times the partitions were shared out anew.",
    "More than a few a deployment: workers come and go; see their exit codes.",
)
PARTITIONS = Metric(
    "partitions",
    Kind.GAUGE,
    "Partitions that the stage has, wherever they are owned: `topics.partitions`.",
    "Different among workers: they run with different settings; `lead-scorer config show`.",
)
PARTITIONS_READY = Metric(
    "partitions_ready",
    Kind.GAUGE,
    "Partitions whose lane is fenced, restored and running.",
    "Below the assigned number for long: the restore does not end; see restore_seconds and the log.",
)
RESTORE_SECONDS = Metric(
    "restore_seconds",
    Kind.HISTOGRAM,
    "Time to restore one partition's states from the changelog.",
    "A million leads take about 5 s; much more: the changelog is not compacted.",
    unit="seconds",
    buckets=_SLOW,
)
DUE_BACKLOG = Metric(
    "due_backlog",
    Kind.GAUGE,
    "Leads whose next instant has come and that are not advanced yet, counted up to 10,000.",
    "High after downtime or a change of model, then falling; growing: add workers.",
    labels=_BY_PARTITION,
)
NEXT_DUE = Metric(
    "next_due_timestamp_seconds",
    Kind.GAUGE,
    "When time alone changes something next: a crossing; of the pool a reminder, a return. +Inf: never.",
    "Long past: see due_backlog and watermark_timestamp_seconds. 0 is a new model: every lead is due.",
    unit="seconds",
    labels=_BY_PARTITION,
)
CROSSING_LATENESS_SECONDS = Metric(
    "crossing_lateness_seconds",
    Kind.HISTOGRAM,
    "The partition's time minus the instant of a crossing that it tells, the worst of each tick.",
    "High after downtime is right (instants are exact, the telling was late); high always: add workers.",
    unit="seconds",
    buckets=_SLOW,
)
CONSISTENCY_CHECKS = Metric(
    "consistency_checks",
    Kind.COUNTER,
    "Leads whose state was compared with itself: one a second and partition while events come.",
    "Flat while events are consumed: nobody looks; please report it.",
)
INCONSISTENCIES = Metric(
    "inconsistencies",
    Kind.COUNTER,
    "What did not agree: lines and score, sums and evidence, published score and score, memory and store.",
    "Any: the log line `state.inconsistent` names the lead; see the runbook StatesInconsistent.",
    labels={"what": tuple(Inconsistency)},
)
DEADLINES_ARMED = Metric(
    "deadlines_armed",
    Kind.COUNTER,
    "Follow-up clocks that started.",
    "Flat while leads are assigned: the model has no `follow_up` section, or it is not enabled.",
    labels={"clock": _CLOCKS},
)
DEADLINES_ENDED = Metric(
    "deadlines_ended",
    Kind.COUNTER,
    "Follow-up deadlines that ended: met, breached, cancelled with their episode, or voided later.",
    "Many voided: a publisher of touches is late; see event_age_seconds.",
    labels={"clock": _CLOCKS, "end": ("met", "breached", "cancelled", "voided")},
)
FOLLOW_UP_REMINDERS = Metric(
    "follow_up_reminders",
    Kind.COUNTER,
    "Reminders of deadlines that were said.",
    "Harmless; who gets them is in `leads.pool.v1`.",
    labels={"clock": _CLOCKS},
)
FOLLOW_UP_ATTAINMENT = Metric(
    "follow_up_attainment",
    Kind.COUNTER,
    "Deadlines met and breached, by the lead's tier: attainment is met / (met + breached).",
    "Falling: `lead-scorer report followups` shows it by owner and source.",
    labels={"clock": _CLOCKS, "tier": _TIERS, "end": ("met", "breached")},
)
DEADLINE_LATENESS_SECONDS = Metric(
    "deadline_lateness_seconds",
    Kind.HISTOGRAM,
    "The partition's time minus the instant of a reminder or return that it says, the worst of each "
    "tick.",
    "High after downtime is right (instants are exact, the telling was late); high always: add workers.",
    unit="seconds",
    buckets=_SLOW,
)
OWNER_DEPARTURES = Metric(
    "owner_departures",
    Kind.COUNTER,
    "Leads taken from an owner who left, returned or handed over.",
    "Harmless. Unexpected: see what is published on leads.owners.v1.",
)
UNDECLARED = Metric(
    "metrics_undeclared",
    Kind.COUNTER,
    "Counts that carried a name or label value which this catalogue does not have.",
    "A defect of ours: the log names the series once; please report it.",
)
BUILD_INFO = Metric(
    "build_info",
    Kind.GAUGE,
    "Always 1; its labels say which version runs which model.",
    "Different model hashes among workers: finish the deployment.",
    labels={"version": (), "model": (), "model_version": (), "model_hash": ()},
)

CATALOGUE: Final[tuple[Metric, ...]] = tuple(
    value for value in list(globals().values()) if isinstance(value, Metric)
)
BY_KEY: Final[Mapping[str, Metric]] = {metric.key: metric for metric in CATALOGUE}

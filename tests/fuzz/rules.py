"""What must hold of every batch, whatever is in it: the checks, without a source of records.

Each broken rule is a `Broken` with a name of its own, by which a finding is filed.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from typing import Final

from scorer.contracts.dead_letters import PREFIX, parse_dead_letter
from scorer.contracts.pool_codec import decode_follow_up, encode_follow_up
from scorer.contracts.published import SCORES_TOPIC, TIERS_TOPIC, read_output
from scorer.contracts.published_pool import POOL_TOPIC, read_pool_output
from scorer.contracts.reasons import MAX_DETAIL_CHARS, Rejected
from scorer.contracts.records import Message, Record
from scorer.contracts.state_codec import decode_state, encode_state
from scorer.engine.keys import is_lead
from scorer.engine.memory import MemoryRecord
from scorer.engine.ports import Effects
from tests.fuzz.words import SECRET

LIMIT_BYTES: Final = 16 * 1024


class Broken(AssertionError):
    """A rule does not hold; `rule` is its name."""

    def __init__(self, rule: str, what: str) -> None:
        super().__init__(f"{rule}: {what}")
        self.rule = rule


def require(holds: bool, rule: str, what: object) -> None:
    if not holds:
        raise Broken(rule, str(what)[:500])


def check_dead_letters(refused: Sequence[tuple[Record, Rejected]], dead: Sequence[Message]) -> None:
    """One dead letter each, in order, with the record untouched, and nothing quoted in the detail."""
    require(len(refused) == len(dead), "one-dead-letter-each", (len(refused), len(dead)))
    for (record, verdict), message in zip(refused, dead, strict=True):
        letter = parse_dead_letter(_as_record(message))
        require(letter is not None, "a-dead-letter-can-be-read", message)
        assert letter is not None
        require(letter.reason == verdict.reason.value, "the-reason-is-the-first-fault", letter)
        require(
            (letter.key, letter.value) == (record.key, record.value),
            "a-dead-letter-keeps-the-record",
            letter.reason,
        )
        foreign = [content for name, content in record.headers if not name.startswith(PREFIX)]
        require(
            [content for _, content in letter.headers] == foreign,
            "a-dead-letter-keeps-the-headers",
            letter.headers,
        )
        require(0 < len(letter.detail) <= MAX_DETAIL_CHARS, "a-detail-fits", letter.detail)
        require(SECRET not in letter.detail, "a-detail-quotes-nothing", letter.detail)
        check_can_be_sent(message)


def check_can_be_sent(message: Message) -> None:
    """Every header name is UTF-8: the producer would raise in the midst of a transaction."""
    for name, _ in message.headers:
        try:
            name.encode()
        except UnicodeEncodeError:
            raise Broken("what-is-said-can-be-sent", repr(name)) from None


def check_outputs(outputs: Sequence[Message]) -> None:
    """Each output can be read by its subscribers, is keyed by its lead, and adds up."""
    for message in outputs:
        check_can_be_sent(message)
        if message.value is None or message.topic not in {SCORES_TOPIC, TIERS_TOPIC, POOL_TOPIC}:
            continue
        read = read_pool_output if message.topic == POOL_TOPIC else read_output
        said = read(message.value)
        require(said.data.lead_id.encode() == message.key, "an-output-has-its-key", message.key)
        if message.topic != POOL_TOPIC:
            _check_sum(message.value)


def _check_sum(value: bytes) -> None:
    """Lines = score = dimensions and what lies outside them, in whole cents."""
    data = read_output(value).data
    lines = [_cents(line.points) for line in data.lines]
    outside = [_cents(line.points) for line in data.lines if not line.dimension]
    dimensions = [_cents(points) for points in data.dimensions.values()]
    require(sum(lines) == _cents(data.score), "an-explanation-adds-up", value)
    require(sum(dimensions) + sum(outside) == _cents(data.score), "dimensions-add-up", value)


def _cents(points: float) -> int:
    cents = round(points * 100)
    require(points == cents / 100, "points-are-whole-cents", points)
    return cents


def check_states(effects: Effects, stage: str) -> None:
    """Every state goes through its codec byte for byte, and stays small."""
    for key, write in effects.states.items():
        if write.value is None or not is_lead(key):
            continue
        again = (
            encode_state(decode_state(write.value))
            if stage == "scoring"
            else encode_follow_up(decode_follow_up(write.value))
        )
        require(again == write.value, "a-state-survives-its-codec", (stage, write.value[:300]))
        require(
            len(write.value) < LIMIT_BYTES,
            "a-state-stays-below-16-KiB",
            (stage, len(write.value)),
        )


def check_ids(outputs: Iterable[Message], seen: set[str]) -> None:
    """No output has the id of another one."""
    for message in outputs:
        if message.value is not None and message.topic in {SCORES_TOPIC, TIERS_TOPIC, POOL_TOPIC}:
            read = read_pool_output if message.topic == POOL_TOPIC else read_output
            name = f"{message.topic} {read(message.value).id}"
            require(name not in seen, "an-id-is-used-once", name)
            seen.add(name)


def _as_record(message: Message) -> MemoryRecord:
    return MemoryRecord(message.topic, message.key, message.value, 0, message.headers)

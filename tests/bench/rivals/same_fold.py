"""The product's own decoding, fold and encoding as one function, for other plumbings. Knows no Kafka."""

from __future__ import annotations

from collections.abc import Sequence

from scorer.contracts.decode import Decoder
from scorer.contracts.encode import Encoder
from scorer.contracts.model.file import load_model
from scorer.contracts.reasons import Rejected
from scorer.contracts.records import Message
from scorer.contracts.state_codec import decode_state, encode_state
from scorer.domain.fold import fold
from scorer.domain.outputs import ScoreChanged
from scorer.domain.plan import Plan
from scorer.domain.state import LeadState
from scorer.engine.memory import MemoryRecord

_INPUT_OF = {
    b"created": "leads.created.v1",
    b"attribu": "leads.attributes.v1",
    b"behavio": "leads.behaviours.v1",
}


class SameFold:
    """A record and the stored state of its lead → the new stored state and the outputs."""

    def __init__(self, model: str, events_topic: str) -> None:
        self._plan = Plan(load_model(model))
        self._decoder = Decoder()
        self._encoder = Encoder("/rival")

    def __call__(
        self, key: bytes, value: bytes, timestamp_s: float, stored: str
    ) -> tuple[str, Sequence[Message]]:
        at = value.find(b"leadscorer.lead.") + 16
        topic = _INPUT_OF[value[at : at + 7]]  # one topic here, five in the product
        record = MemoryRecord(topic, key, value, int(timestamp_s * 1000))
        event = self._decoder.decode(record)
        assert not isinstance(event, Rejected), event
        state = decode_state(stored.encode("latin-1")) if stored else LeadState(self._plan.hash)
        said = fold(state, event, self._plan).outputs
        encoder = self._encoder
        return encode_state(state).decode("latin-1"), [
            encoder.score_changed(one)
            if isinstance(one, ScoreChanged)
            else encoder.tier_crossed(one)
            for one in said
        ]

"""What a lead is worth at this instant, between two records about it. Knows states, knows no Kafka.

Scores are published when something happens; decay and silence go on in between. The view draws them
from the worker's own states with the functions of `lead-scorer explain`, so that what moves on the
screen is the model and not an animation.
"""

from __future__ import annotations

from scorer.contracts.state_codec import decode_state
from scorer.demo.board import Outlook
from scorer.demo.words import Lang
from scorer.domain.explain import explain
from scorer.domain.model import Model
from scorer.domain.outputs import Tier
from scorer.domain.plan import Plan
from scorer.domain.scoring import score_at
from scorer.domain.sentence import sentence
from scorer.domain.state import LeadState


class Present:
    """The newest state of every lead, as the changelog tells it."""

    def __init__(self, model: Model) -> None:
        self._plan = Plan(model)
        self._states: dict[str, LeadState] = {}

    def heard(self, lead_id: str, state: bytes | None) -> None:
        """A new state of a lead, or that nothing is held about it any more."""
        if state is None:
            self._states.pop(lead_id, None)
        else:
            self._states[lead_id] = decode_state(state)

    def outlook(self, lead_id: str, now_us: int) -> Outlook | None:
        """Score and next crossing at an instant; None for a lead that is not (yet) created."""
        state = self._states.get(lead_id)
        if state is None or state.head.created_us is None:
            return None
        score = score_at(state.head, self._plan, max(now_us, state.head.last_us))
        if state.next is None:
            return Outlook(score, None, None)
        return Outlook(score, state.next.tier, state.next.time_us)

    def why(self, lead_id: str, now_us: int, lang: Lang) -> str:
        """The plain reason at an instant, deeds before fit; nothing for a lead that is unknown."""
        state = self._states.get(lead_id)
        if state is None or state.head.created_us is None:
            return ""
        time_us = max(now_us, state.head.last_us)
        explanation = explain(state.head, self._plan, time_us)
        text = sentence(state.head, self._plan, explanation, time_us, lang.value)
        return _deeds_first(text, 1 if state.head.tier is Tier.DISQUALIFIED else 0)


def _deeds_first(text: str, fit: int) -> str:
    """The sentence with its part about fit at the end: deeds change, and a column may be narrow."""
    stop = "。" if text.endswith("。") else ". "
    parts = text.removesuffix(stop.strip()).split(stop)
    parts.append(parts.pop(min(fit, len(parts) - 1)))
    return stop.join(parts) + stop.strip()

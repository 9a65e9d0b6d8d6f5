"""The words that a model's rules listen to: attributes, their values, behaviours. Knows no columns."""

from __future__ import annotations

import re
from dataclasses import dataclass, field
from typing import Final

from scorer.domain.events import AttributeValue
from scorer.domain.model import AttributeRule, BehaviourRule, Condition, Model

_TEXT: Final = re.compile(
    r"(.+?) (=|≠|≥|≤|not in|in|between|contains|matches|is known|is unknown)(?: (.*))?", re.DOTALL
)
NUMERIC: Final = frozenset({"≥", "≤", "between"})
NEGATIVE: Final = frozenset({"≠", "not in", "is known", "is unknown"})
"""Conditions that hold for almost anything: they tell nothing about the words of the model."""


@dataclass
class AttributeWords:
    """What rules ask of one attribute."""

    name: str
    values: list[str] = field(default_factory=list)  # texts that some rule compares with
    numeric: bool = False
    boolean: bool = False
    conditions: list[Condition] = field(default_factory=list)

    def is_heard(self, value: AttributeValue) -> bool:
        """Whether some rule holds for this value: it then means something as it is."""
        return any(condition.holds(value) for condition in self.conditions)


@dataclass(frozen=True)
class ModelWords:
    name: str = ""
    attributes: dict[str, AttributeWords] = field(default_factory=dict)
    behaviours: dict[str, list[str]] = field(default_factory=dict)  # name → other words for it


def model_words(model: Model) -> ModelWords:
    """Everything that the rules of the model name."""
    words = ModelWords(model.name, {}, {name: [] for name in sorted(model.behaviours)})
    for rule in model.rules:
        if isinstance(rule, AttributeRule):
            for condition in rule.conditions:
                _learn(
                    words.attributes.setdefault(
                        condition.attribute, AttributeWords(condition.attribute)
                    ),
                    condition,
                )
        elif isinstance(rule, BehaviourRule):
            for behaviour in sorted(rule.on):
                labels = [rule.label_en, rule.label_zh] if len(rule.on) == 1 else []
                words.behaviours.setdefault(behaviour, []).extend(filter(None, labels))
    return words


def _learn(words: AttributeWords, condition: Condition) -> None:
    match = _TEXT.fullmatch(condition.text)
    if match is None:
        return
    sign, said = match.group(2), match.group(3) or ""
    if sign not in NEGATIVE:
        words.conditions.append(condition)
    if sign in NUMERIC:
        words.numeric = True
    elif sign in ("=", "in"):
        inner = said[1:-1].split(", ") if said.startswith("[") and said.endswith("]") else [said]
        for value in inner:
            if value in ("true", "false"):
                words.boolean = True
            elif re.fullmatch(r"-?\d+(\.\d+)?", value):
                words.numeric = True
            elif value not in words.values:
                words.values.append(value)

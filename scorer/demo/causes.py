"""Why a score or a tier moved, in a few words of the model's own labels. Knows words only."""

from __future__ import annotations

from typing import Final

from scorer.demo.words import WORDS, Lang
from scorer.domain.model import BehaviourRule, Model
from scorer.domain.outputs import CauseKind

CREATED: Final = "created"
NAMED: Final = 3
"""Attributes that are named; of more, their number is told."""


class Causes:
    """Turns `decay`, or `evidence` with `demo_requested`, into what a person says."""

    def __init__(self, model: Model, lang: Lang) -> None:
        self._words = WORDS[lang].causes
        self._labels: dict[str, str] = {}
        for rule in model.rules:
            label = rule.label_zh if lang is Lang.ZH else rule.label_en
            self._labels.setdefault(rule.id, label)
            for name in rule.on if isinstance(rule, BehaviourRule) and not rule.streak else ():
                self._labels.setdefault(name, label)

    def text(self, kind: str, what: str | None) -> str:
        """`Asked for a demo`, `decay`, `taken back`."""
        if kind == CauseKind.EVIDENCE:
            return self._named(what)
        return self._words.get(kind, kind)

    def _named(self, what: str | None) -> str:
        """One behaviour, or the names of the attributes that were set."""
        names = (what or CREATED).split(",")
        if len(names) > NAMED:
            return self._words["attributes"].format(n=len(names))
        shown = (self._labels.get(n) or self._words.get(n) or n.replace("_", " ") for n in names)
        return ", ".join(shown)

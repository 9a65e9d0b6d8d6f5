"""The stages there are, and how each is built from the settings. The composition root.

A further stage is one more row.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Final

from scorer import __version__
from scorer.contracts.model.file import load_model
from scorer.domain.model import Model
from scorer.engine.flood import FloodLimit
from scorer.engine.pool import pool_factory
from scorer.engine.ports import StageFactory
from scorer.engine.scoring import scoring_factory
from scorer.settings import Settings


def _scoring(settings: Settings, model: Model) -> StageFactory:
    limits = settings.dead_letters
    return scoring_factory(
        model,
        app=settings.app,
        version=__version__,
        future_tolerance_ms=settings.future_tolerance_s * 1000,
        topic_prefix=settings.topics.prefix,
        limit=FloodLimit(limits.max_consecutive, limits.max_ratio, limits.ratio_window),
    )


def _pool(settings: Settings, model: Model) -> StageFactory:
    return pool_factory(
        model,
        app=settings.app,
        version=__version__,
        partitions=settings.topics.partitions,
        future_tolerance_ms=settings.future_tolerance_s * 1000,
        topic_prefix=settings.topics.prefix,
    )


STAGES: Final[Mapping[str, Callable[[Settings, Model], StageFactory]]] = {
    "scoring": _scoring,
    "pool": _pool,
}


def build(settings: Settings, stage: str) -> tuple[Model, StageFactory]:
    """The model and the factory of a stage; raises what `load_model` raises for a bad file."""
    model = load_model(settings.model)
    return model, STAGES[stage](settings, model)

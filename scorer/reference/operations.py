"""The pages for who runs it: metrics, settings, exit codes. Knows the catalogues, no files."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from enum import Enum
from typing import Any, Final

from pydantic import BaseModel
from pydantic.fields import FieldInfo

from scorer.observe.catalogue import CATALOGUE, PARTITION, STAGE, Metric
from scorer.reference.markdown import MADE, table
from scorer.settings import Settings
from scorer.transport.exits import NEEDS_A_PERSON, REMEDIES, ExitCode

_METRICS: Final = f"""{MADE}# Metrics

Each stage of `lead-scorer run` is a process with a web server of its own, which serves these at `/metrics`: the
first stage on `LEADSCORER_WEB__PORT`, each further one on the next port. Every series has the label `{STAGE}`; all
label values exist at 0 from the start, except `{PARTITION}`, which comes with the assignment. No label ever holds
a lead id. The process's own CPU and memory come as `process_*`.

"""
_SETTINGS: Final = f"""{MADE}# Settings

All settings are environment variables. `lead-scorer config show` prints the values in force, with secrets hidden.

"""
_EXIT_CODES: Final = f"""{MADE}# Exit codes of `lead-scorer run`

The worker stops rather than go on with doubtful data: nothing that it had begun is committed.

"""


def metrics_page() -> str:
    """Every metric with its labels, meaning and remedy."""
    head = ("metric", "type", "labels", "meaning", "when it looks wrong")
    return _METRICS + table(head, map(_metric, CATALOGUE))


def settings_page() -> str:
    """Every setting with its variable, default and meaning."""
    return _SETTINGS + table(("setting", "variable", "default", "meaning"), _settings(Settings))


def exit_codes_page() -> str:
    """Every exit code of `lead-scorer run`, and what to do about it."""
    rows = [
        (str(code.value), code.name, "no" if code in NEEDS_A_PERSON else "yes", REMEDIES[code])
        for code in ExitCode
    ]
    return _EXIT_CODES + table(("code", "name", "worth a restart", "what to do"), rows)


def _metric(metric: Metric) -> Sequence[str]:
    labels = (
        f"`{name}`: {', '.join(values)}" if values else f"`{name}`"
        for name, values in metric.labels.items()
    )
    return f"`{metric.name}`", metric.kind, "; ".join(labels), metric.meaning, metric.remedy


def _settings(model: type[BaseModel], section: str = "") -> Iterator[Sequence[str]]:
    for name, info in model.model_fields.items():
        kind, path = info.annotation, section + name
        if isinstance(kind, type) and issubclass(kind, BaseModel):
            yield from _settings(kind, f"{path}.")
        else:
            variable = "LEADSCORER_" + path.upper().replace(".", "__")
            yield f"`{path}`", f"`{variable}`", _default(info), info.description or ""


def _default(info: FieldInfo) -> str:
    value: Any = info.get_default(call_default_factory=True, validated_data={})
    if value is None:
        return "none"
    if isinstance(value, bool):
        return f"`{str(value).lower()}`"
    text = str(value.value if isinstance(value, Enum) else value)
    return f"`{text}`" if text else "empty"

"""Writes the reference pages that are made from code: metrics, settings, exit codes.

`make docs` runs it; a test compares the pages with what this module would write, so that they cannot fall behind.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from enum import Enum
from pathlib import Path
from typing import Any, Final

from pydantic import BaseModel
from pydantic.fields import FieldInfo

from scorer.observe.catalogue import CATALOGUE, PARTITION, STAGE, Metric
from scorer.settings import Settings
from scorer.transport.exits import NEEDS_A_PERSON, REMEDIES, ExitCode

_MADE: Final = "<!-- Made by `make docs`; do not edit. -->\n"
_ENV: Final = "LEADSCORER_"


def metrics_page() -> str:
    """Every metric with its labels, meaning and remedy."""
    rows = [_metric_row(metric) for metric in CATALOGUE]
    return (
        f"{_MADE}# Metrics\n\n"
        "Each stage of `lead-scorer run` is a process with a web server of its own, which serves these at\n"
        "`/metrics`: the first stage on `LEADSCORER_WEB__PORT`, each further one on the next port. Every\n"
        f"series has the label `{STAGE}`; all label values exist at 0 from the start, except `{PARTITION}`,\n"
        "which comes with the assignment. No label ever holds a lead id. The process's own CPU and memory\n"
        "come as `process_*`.\n\n"
        "| metric | type | labels | meaning | when it looks wrong |\n| --- | --- | --- | --- | --- |\n"
        + "\n".join(rows)
        + "\n"
    )


def settings_page() -> str:
    """Every setting with its variable, default and meaning."""
    rows = [
        f"| `{name}` | `{_ENV}{name.upper().replace('.', '__')}` | {default} | {meaning} |"
        for name, default, meaning in _settings(Settings)
    ]
    return (
        f"{_MADE}# Settings\n\n"
        "All settings are environment variables. `lead-scorer config show` prints the values in force, with\n"
        "secrets hidden.\n\n"
        "| setting | variable | default | meaning |\n| --- | --- | --- | --- |\n"
        + "\n".join(rows)
        + "\n"
    )


def exit_codes_page() -> str:
    """Every exit code of `lead-scorer run`, and what to do about it."""
    rows = [
        f"| {code.value} | {code.name} | {'no' if code in NEEDS_A_PERSON else 'yes'} | {REMEDIES[code]} |"
        for code in ExitCode
    ]
    return (
        f"{_MADE}# Exit codes of `lead-scorer run`\n\n"
        "The worker stops rather than go on with doubtful data: nothing that it had begun is committed.\n\n"
        "| code | name | worth a restart | what to do |\n| --- | --- | --- | --- |\n"
        + "\n".join(rows)
        + "\n"
    )


PAGES: Final[Mapping[str, Callable[[], str]]] = {
    "exit-codes.md": exit_codes_page,
    "metrics.md": metrics_page,
    "settings.md": settings_page,
}
FOLDER: Final = Path(__file__).parent / "reference"


def write(folder: Path) -> list[Path]:
    """Write all pages into `folder`; returns those that changed."""
    folder.mkdir(parents=True, exist_ok=True)
    changed = []
    for name, page in PAGES.items():
        path, text = folder / name, page()
        if not path.exists() or path.read_text(encoding="utf-8") != text:
            path.write_text(text, encoding="utf-8")
            changed.append(path)
    return changed


def _metric_row(metric: Metric) -> str:
    labels = "; ".join(f"`{name}`{_values(values)}" for name, values in metric.labels.items())
    return (
        f"| `{metric.name}` | {metric.kind.value} | {labels} | {metric.meaning} | {metric.remedy} |"
    )


def _values(values: tuple[str, ...]) -> str:
    return f": {', '.join(values)}" if values else ""


def _settings(model: type[BaseModel], prefix: str = "") -> Iterator[tuple[str, str, str]]:
    for name, info in model.model_fields.items():
        section = info.annotation
        if isinstance(section, type) and issubclass(section, BaseModel):
            yield from _settings(section, f"{prefix}{name}.")
        else:
            yield (
                prefix + name,
                _default(info),
                (info.description or "").replace("\n", " ").replace("|", "\\|"),
            )


def _default(info: FieldInfo) -> str:
    value: Any = info.get_default(call_default_factory=True, validated_data={})
    value = value.value if isinstance(value, Enum) else value
    if value is None:
        return "none"
    return (
        f"`{str(value).lower() if isinstance(value, bool) else value}`" if value != "" else "empty"
    )


if __name__ == "__main__":
    for path in write(FOLDER):
        print(f"wrote {path.relative_to(Path.cwd())}")

"""Writes the dashboards: `python deploy/grafana/dashboards.py [FOLDER]`, which `make docs` runs, too.

One for whoever runs it, one for whoever sells. A panel's description is what the catalogue says of its
metrics: meaning, and what to do when it looks wrong.
"""

from __future__ import annotations

import re
import sys
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any, Final, NamedTuple

from grafana_foundation_sdk.builders import dashboard, prometheus, stat, timeseries
from grafana_foundation_sdk.builders.common import StackingConfig, VizLegendOptions
from grafana_foundation_sdk.cog.encoder import JSONEncoder
from grafana_foundation_sdk.models.common import LegendDisplayMode, StackingMode
from grafana_foundation_sdk.models.dashboard import DataSourceRef, GridPos

from scorer.observe.catalogue import CATALOGUE

PROMETHEUS: Final = DataSourceRef(type_val="prometheus", uid="prometheus")
_WIDE, _HIGH, _STATS_HIGH = 12, 8, 4  # of 24 columns; two graphs beside each other


class Panel(NamedTuple):
    """One graph, or one number: an expression for each kind of line."""

    title: str
    queries: Mapping[str, str]  # legend → PromQL
    unit: str = "short"
    number: bool = False
    stacked: bool = False


def _rate(metric: str, by: str) -> str:
    return f"sum by ({by}) (rate({metric}[$__rate_interval]))"


def _quantile(share: float, metric: str) -> str:
    buckets = f"sum by (stage, le) (rate({metric}_bucket[$__rate_interval]))"
    return f"histogram_quantile({share}, {buckets})"


def _quantiles(metric: str) -> dict[str, str]:
    return {
        f"{{{{stage}}}} p{int(share * 100)}": _quantile(share, metric)
        for share in (0.5, 0.95, 0.99)
    }


_SINCE_START: Final = (
    "histogram_quantile(0.99, sum by (stage, le) (leadscorer_restore_seconds_bucket))"
)
"""Restores are rare: a rate would show one for a minute and then nothing."""

OPERATIONS: Final = (
    Panel(
        "Partitions scored",
        {
            "{{stage}}": "sum by (stage) (leadscorer_partitions_ready)",
            "{{stage}} has": "max by (stage) (leadscorer_partitions)",
        },
        number=True,
    ),
    Panel(
        "Records that wait",
        {"{{stage}}": "sum by (stage) (leadscorer_consumer_lag_records)"},
        number=True,
    ),
    Panel(
        "Within 5 s",
        {"{{stage}}": "leadscorer:end_to_end_seconds:within_5s_ratio"},
        "percentunit",
        number=True,
    ),
    Panel(
        "Inconsistencies in a day",
        {"{{stage}}": "sum by (stage) (increase(leadscorer_inconsistencies_total[1d]))"},
        number=True,
    ),
    Panel(
        "Events consumed",
        {"{{topic}}": _rate("leadscorer_events_consumed_total", "topic")},
        "cps",
        stacked=True,
    ),
    Panel("From arrival to commit", _quantiles("leadscorer_end_to_end_seconds"), "s"),
    Panel(
        "Records that wait, by topic",
        {"{{topic}}": "sum by (topic) (leadscorer_consumer_lag_records)"},
    ),
    Panel(
        "How far behind the clock",
        {
            "{{stage}} {{partition}}": "time() - max by (stage, partition) (leadscorer_watermark_timestamp_seconds)"
        },
        "s",
    ),
    Panel(
        "Time since the last commit",
        {
            "{{stage}} {{partition}}": "time() - max by (stage, partition) (leadscorer_last_commit_timestamp_seconds)"
        },
        "s",
    ),
    Panel("How late crossings are told", _quantiles("leadscorer_crossing_lateness_seconds"), "s"),
    Panel(
        "How late reminders and returns are told",
        _quantiles("leadscorer_deadline_lateness_seconds"),
        "s",
    ),
    Panel(
        "Leads that are due and wait",
        {"{{stage}} {{partition}}": "max by (stage, partition) (leadscorer_due_backlog)"},
    ),
    Panel(
        "Until time alone changes something",
        {
            "{{stage}}": "min by (stage) (leadscorer_next_due_timestamp_seconds) - time() < Inf",
        },
        "s",
    ),
    Panel("How late publishers are", _quantiles("leadscorer_event_age_seconds"), "s"),
    Panel("Transactions", _quantiles("leadscorer_transaction_seconds"), "s"),
    Panel("Fold of a batch", _quantiles("leadscorer_processing_seconds"), "s"),
    Panel("Records in a batch", _quantiles("leadscorer_batch_records")),
    Panel(
        "Disturbances",
        {
            "rebalances": "sum(increase(leadscorer_rebalances_total[$__rate_interval]))",
            "aborted transactions": "sum(increase(leadscorer_transactions_aborted_total[$__rate_interval]))",
            "starts": 'sum(changes(process_start_time_seconds{job="lead-scorer"}[$__rate_interval]))',
        },
    ),
    Panel("Restore", {"{{stage}} p99": _SINCE_START}, "s"),
    Panel("Memory", {"{{instance}}": 'process_resident_memory_bytes{job="lead-scorer"}'}, "bytes"),
    Panel(
        "CPU",
        {"{{instance}}": 'rate(process_cpu_seconds_total{job="lead-scorer"}[$__rate_interval])'},
        "percentunit",
    ),
    Panel(
        "Looked at and found wrong",
        {
            "looked at": "sum(rate(leadscorer_consistency_checks_total[$__rate_interval]))",
            "{{what}}": "sum by (what) (increase(leadscorer_inconsistencies_total[$__rate_interval]))",
        },
    ),
    Panel(
        "What runs",
        {
            "{{version}}, {{model}} {{model_version}} {{model_hash}}": "count by (version, model, model_version, model_hash) (leadscorer_build_info)"
        },
    ),
)

_LEADS: Final = "sum by (tier) (max by (tier, partition) (leadscorer_leads))"
"""While a partition changes hands two workers may tell of it."""

BUSINESS: Final = (
    Panel(
        "Hot leads",
        {"": 'sum(max by (partition) (leadscorer_leads{tier="hot"}))'},
        number=True,
    ),
    Panel(
        "Turned hot in a day",
        {"": 'sum(increase(leadscorer_tier_changes_total{to="hot"}[1d]))'},
        number=True,
    ),
    Panel(
        "Left hot in a day",
        {"": 'sum(increase(leadscorer_tier_changes_total{from="hot"}[1d]))'},
        number=True,
    ),
    Panel(
        "Events in a day", {"": "sum(increase(leadscorer_events_consumed_total[1d]))"}, number=True
    ),
    Panel(
        "Dead letters in a day",
        {"": "sum(increase(leadscorer_dead_letters_total[1d]))"},
        number=True,
    ),
    Panel("Leads by tier", {"{{tier}}": _LEADS}, stacked=True),
    Panel(
        "Crossings by tier",
        {
            "{{from}} → {{to}}": "sum by (from, to) (increase(leadscorer_tier_changes_total[1h])) > 0"
        },
        stacked=True,
    ),
    Panel(
        "Crossings by cause",
        {"{{cause}}": "sum by (cause) (increase(leadscorer_tier_changes_total[1h]))"},
        stacked=True,
    ),
    Panel(
        "Follow-up deadlines met, of those met or missed",
        {
            "{{clock}}": (
                'sum by (clock) (increase(leadscorer_follow_up_attainment_total{end="met"}[1d]))'
                " / sum by (clock) (increase(leadscorer_follow_up_attainment_total[1d]))"
            )
        },
        "percentunit",
    ),
    Panel(
        "Follow-up clocks started, and how they ended",
        {
            "{{clock}} started": "sum by (clock) (increase(leadscorer_deadlines_armed_total[1h]))",
            "{{clock}} {{end}}": "sum by (clock, end) (increase(leadscorer_deadlines_ended_total[1h])) > 0",
        },
    ),
    Panel(
        "Deadlines missed, by the lead's tier",
        {
            "{{tier}}": 'sum by (tier) (increase(leadscorer_follow_up_attainment_total{end="breached"}[1h]))'
        },
        stacked=True,
    ),
    Panel(
        "Reminders said, and leads taken from owners who left",
        {
            "reminder: {{clock}}": "sum by (clock) (increase(leadscorer_follow_up_reminders_total[1h]))",
            "taken": "sum(increase(leadscorer_owner_departures_total[1h]))",
        },
    ),
    Panel(
        "Why scores move",
        {"{{cause}}": "sum by (cause) (increase(leadscorer_score_changes_total[1h]))"},
        stacked=True,
    ),
    Panel(
        "What comes in",
        {"{{topic}}": "sum by (topic) (increase(leadscorer_events_consumed_total[1h]))"},
        stacked=True,
    ),
    Panel(
        "Rejected, by reason",
        {"{{reason}}": "sum by (reason) (increase(leadscorer_events_rejected_total[1h])) > 0"},
        stacked=True,
    ),
    Panel(
        "Came, and counted for nothing",
        {
            "unknown behaviour": "sum(increase(leadscorer_behaviours_unknown_total[1h]))",
            "beyond a limit": "sum(increase(leadscorer_events_suppressed_total[1h]))",
            "seen before": "sum(increase(leadscorer_events_duplicate_total[1h]))",
            "too old": "sum(increase(leadscorer_events_forgotten_total[1h]))",
            "before the lead's creation": "sum(increase(leadscorer_events_held_total[1h]))",
        },
        stacked=True,
    ),
)

DASHBOARDS: Final[Mapping[str, tuple[str, Sequence[Panel]]]] = {
    "lead-scorer-operations": ("Lead scorer: operations", OPERATIONS),
    "lead-scorer-business": ("Lead scorer: business", BUSINESS),
}


def text(uid: str) -> str:
    """The dashboard as Grafana imports it."""
    title, panels = DASHBOARDS[uid]
    made = (
        dashboard.Dashboard(title).uid(uid).tags(["lead-scorer"]).refresh("30s")
        .time("now-6h", "now").timezone("browser").readonly()
    )  # fmt: skip
    for number, panel in enumerate(panels):
        made.with_panel(_panel(panel, number, panels))
    return JSONEncoder(sort_keys=True, indent=2).encode(made.build()) + "\n"


def write(folder: Path) -> None:
    """Write all of them."""
    for uid in DASHBOARDS:
        (folder / f"{uid}.json").write_text(text(uid), encoding="utf-8")


def _panel(it: Panel, number: int, panels: Sequence[Panel]) -> Any:  # the builders share no type
    made: Any = stat.Panel() if it.number else timeseries.Panel()
    made.id(number + 1).title(it.title).unit(it.unit).description(_description(it))
    made.datasource(PROMETHEUS).grid_pos(_place(it, number, panels))
    if not it.number:
        made.legend(_legend()).min(0.0) if it.stacked else made.legend(_legend())
    if it.stacked:
        made.fill_opacity(30.0).stacking(_stacked())
    for letter, (legend, expr) in zip("ABCDEFGH", it.queries.items(), strict=False):
        query = prometheus.Dataquery().expr(expr).legend_format(legend).ref_id(letter)
        made.with_target(query)
    return made


def _legend() -> Any:
    return VizLegendOptions().display_mode(LegendDisplayMode.LIST).show_legend(True)


def _stacked() -> Any:
    return StackingConfig().mode(StackingMode.NORMAL)


def _place(it: Panel, number: int, panels: Sequence[Panel]) -> GridPos:
    """Numbers in the first row, then graphs two by two."""
    numbers = sum(panel.number for panel in panels)
    if it.number:
        wide = 24 // numbers
        return GridPos(_STATS_HIGH, wide, number * wide, 0)
    row, column = divmod(number - numbers, 2)
    return GridPos(_HIGH, _WIDE, column * _WIDE, _STATS_HIGH + row * _HIGH)


def _description(it: Panel) -> str:
    expressions = " ".join(it.queries.values())
    named = set(re.findall(r"leadscorer[_:][a-z0-9_:]+", expressions))
    return "\n\n".join(
        f"`{metric.name}`: {metric.meaning} {metric.remedy}"
        for metric in CATALOGUE
        if any(name == metric.name or name.startswith(f"{metric.name}_") for name in named)
    )


if __name__ == "__main__":
    write(Path(sys.argv[1]) if len(sys.argv) > 1 else Path(__file__).parent / "dashboards")

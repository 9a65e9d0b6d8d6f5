"""docs/capacity.md from the measured figures. Knows Markdown, measures nothing."""

from __future__ import annotations

from collections.abc import Iterable
from pathlib import Path
from typing import Final

from scorer.reference.markdown import table
from tests.bench.capacity.figures import Measured
from tests.bench.capacity.fit import checks, costs_of
from tests.bench.capacity.simulation import Costs, Load, simulate
from tests.bench.capacity.sizing import (
    UTILISATION,
    breaks_first,
    capacity_of_worker,
    catch_up_s,
    holding,
    need,
)

PAGE: Final = Path(__file__).parents[3] / "docs" / "capacity.md"
RATES: Final = (100, 1_000, 10_000, 100_000, 1_000_000)
LEADS: Final = (10_000, 1_000_000, 100_000_000)
SECONDS: Final = 10.0

QUIET: Final = 0.8
"""Of a core: with less, others decided how long things took."""

_BUSY: Final = """
**The machine was busy with other work: processor times are good, latencies are not. Measure again on a quiet one.**
"""
_HEAD: Final = """# Capacity

How many workers, partitions, gigabytes for how many leads and events, and what breaks first. Computed from the
measured figures in [measured.json](../tests/bench/capacity/measured.json), not measured at these sizes: **beyond one
process and a few thousand events/s nobody has seen it run.** `make capacity` writes this page again;
`make capacity ARGS=--measure` measures on your machine first (real Kafka, some minutes), and
`make capacity ARGS="--figures mine.json --print"` shows the page for figures of your own.

"""
_MODEL: Final = """## How it is computed

A simulation, event by event, of [lanes](decisions/exactly-once-lanes.md): events arrive at random; a lane takes all
that waits, at most {batch:,} events, folds it on the one core of its process and commits it in one transaction; the
lanes of a process wait for the core one after the other and for transactions side by side. Costs are fitted to the
backlog and to the lowest measured rate: {event:.0f} µs an event, {transaction:.1f} ms of processor and {commit:.0f} ms
of waiting a transaction (99th percentile {tail:.0f} ms). What it says of figures that it was not fitted to:

"""


def page(it: Measured) -> str:
    """The whole page."""
    costs = costs_of(it)
    share = it.backlog.core_share
    taken = (
        f"Taken on {it.taken}: {it.machine}.\nLoad average {it.load_average[0]} to {it.load_average[-1]}; a "
        f"process got {share:.0%} of a core when it asked for all of it.\nThe tables are for a whole core a process.\n"
        + ("" if share > QUIET else _BUSY)
        + "\n"
    )
    return "".join(
        [
            _HEAD,
            taken,
            _by_rate(it, costs),
            _by_leads(it, costs),
            _both(it, costs),
            _model(it, costs),
            _sizes(it),
        ]
    )


def _by_rate(it: Measured, costs: Costs) -> str:
    rows = []
    for rate in RATES:
        asked = need(rate, costs, it.sizes)
        own = max(asked.partitions // asked.workers, 1)
        one = simulate(Load(rate / asked.workers, own, 1, SECONDS), costs)
        rows.append(
            (
                f"{rate:,}",
                f"{asked.workers:,} + {asked.pool_workers:,}",
                f"{asked.partitions:,}",
                f"{asked.memory_gb:,.1f}",
                f"{asked.network_in_mb_s:,.1f} / {asked.network_out_mb_s:,.1f}",
                f"{asked.inputs_disk_gb:,.0f} + {asked.outputs_disk_gb:,.0f}",
                f"{_ms(one.percentile_ms(0.5))} / {_ms(one.percentile_ms(0.99))}",
            )
        )
    head = (
        "events/s", "workers (scoring + pool)", "partitions", "memory, GB",
        "network, MB/s in / out", "disk of inputs + scores, GB", "p50 / p99, ms",
    )  # fmt: skip
    return (
        "## By events a second\n\n"
        f"A worker is a process with a core of its own: at most {capacity_of_worker(costs, 4):,.0f} events/s, planned "
        f"to {UTILISATION:.0%}.\nNetwork and disk are those of the brokers, {it.sizes.broker_copies} copies included; "
        f"inputs are kept {it.sizes.inputs_kept_days:.0f} days,\nscores {it.sizes.outputs_kept_days:.0f} days before "
        "they are compacted.\n\n" + table(head, rows) + "\n"
    )


def _by_leads(it: Measured, costs: Costs) -> str:
    rows = []
    for leads in LEADS:
        for workers in (1, 8):
            held = holding(leads, workers, it.sizes)
            rows.append(
                (
                    f"{leads:,}",
                    f"{workers}",
                    f"{held.changelog_gb:,.2f}",
                    f"{held.local_gb:,.2f}",
                    _span(held.restore_s),
                    _span(held.restore_one_s),
                    _span(catch_up_s(_planned(costs, workers), workers, held.restore_one_s, costs)),
                )
            )
    head = (
        "leads", "workers", "changelog, GB", "local disks, GB", "restore of everything",
        "until a lost worker's leads are scored again", "until its backlog is gone",
    )  # fmt: skip
    return (
        "## By leads\n\n"
        "Of one stage. Memory does not grow with leads: each partition keeps "
        f"{it.sizes.cached_leads:,} states at hand. A worker that comes\nback to its own disk restores next to nothing; "
        f"the figures are for one whose disk is gone, at {UTILISATION:.0%} load.\n\n"
        + table(head, rows)
        + "\n"
    )


def _planned(costs: Costs, workers: int) -> float:
    return capacity_of_worker(costs, 4) * workers * UTILISATION


def _both(it: Measured, costs: Costs) -> str:
    rows = []
    for leads, rate in ((10_000, 100), (1_000_000, 1_000), (1_000_000, 10_000), (100_000_000, 100_000),
                        (100_000_000, 1_000_000)):  # fmt: skip
        asked = need(rate, costs, it.sizes)
        held = holding(leads, asked.workers, it.sizes)
        rows.append((f"{leads:,}", f"{rate:,}", breaks_first(rate, leads, asked, held)))
    return (
        "## What breaks first\n\n" + table(("leads", "events/s", "look at"), rows) + "\n"
        "One lead alone: all of its events go through one lane, so a lead with more than\n"
        f"{UTILISATION / costs.event_s:,.0f} events/s is too busy for any number of workers.\n\n"
    )


def _model(it: Measured, costs: Costs) -> str:
    said = _MODEL.format(
        batch=costs.batch_records,
        event=costs.event_s * 1e6,
        transaction=costs.transaction_s * 1e3,
        commit=costs.commit_s * 1e3,
        tail=costs.commit_p99_s * 1e3,
    )
    rows = [
        (c.what, _figure(c.measured), _figure(c.simulated), "fitted" if c.fitted else _off(c.measured, c.simulated))
        for c in checks(it, costs)
    ]  # fmt: skip
    return (
        said + table(("figure", "measured", "simulated", "off by"), rows) + "\n"
        "Not in it: the bandwidth of the network, the queue of the brokers, a slow disk, leads that are far busier than "
        "others,\ncrossings that come due all at once.\n\n"
    )


def _sizes(it: Measured) -> str:
    rows: Iterable[tuple[str, str, str]] = [
        (name.replace("_", " "), f"{getattr(it.sizes, name):g}", origin)
        for name, origin in it.origins.items()
    ]
    return "## Figures that went in\n\n" + table(("figure", "value", "from"), rows)


def _off(measured: float, simulated: float) -> str:
    return f"{(simulated / measured - 1):+.0%}"


def _figure(value: float) -> str:
    return f"{value:,.0f}" if value >= 10 else f"{value:.2g}"


def _ms(value: float) -> str:
    return f"{value:,.0f}"


def _span(seconds: float) -> str:
    if seconds == float("inf"):
        return "never"
    if seconds < 120:
        return f"{seconds:,.0f} s"
    return f"{seconds / 60:,.0f} min" if seconds < 7_200 else f"{seconds / 3_600:,.1f} h"

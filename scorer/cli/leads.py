"""`lead-scorer list`: leads by score. Reads the scores topic, keeps the last of each lead."""

from __future__ import annotations

from typing import Annotated, Final

import typer

WIDE: Final = 120  # columns from which there is room for the time


def list_leads(
    ctx: typer.Context,
    tier: Annotated[
        str | None, typer.Option("--tier", help="hot, warm, cold or disqualified.")
    ] = None,
    limit: Annotated[
        int, typer.Option("--limit", "-n", min=0, help="At most so many; 0: all.")
    ] = 50,
    as_json: Annotated[bool, typer.Option("--json", help="One JSON object a line.")] = False,
) -> None:
    """Leads by score, as last published. Decay since then is in `lead-scorer explain`."""
    import asyncio

    from scorer.cli import scores, show
    from scorer.cli.publishing import one_word
    from scorer.cli.session import session
    from scorer.domain.outputs import Tier

    if tier:
        one_word(tier, [each.value for each in Tier])
    found = asyncio.run(scores.latest(session(ctx)))
    chosen = [said for said in found.values() if tier in (None, said.data.tier)]
    chosen.sort(
        key=lambda said: (said.data.tier == Tier.DISQUALIFIED, -said.data.score, said.data.lead_id)
    )
    shown = chosen[:limit] if limit else chosen
    if as_json:
        for said in shown:
            show.json_line(_row(said))
        return
    if not found:
        show.note("no scores yet → is `lead-scorer run` running, and has anything been published?")
        return
    _print(shown)
    counts = ", ".join(
        f"{sum(s.data.tier == each for s in found.values()):,} {each}" for each in Tier
    )
    show.note(f"{len(shown):,} of {len(found):,} leads: {counts}")


def _print(shown) -> None:  # type: ignore[no-untyped-def]  # list[ScoreEvent], imported late
    """The table, with as many columns as the terminal is wide and the leads have something for."""
    from scorer.cli import show

    cells = {
        "lead": [said.data.lead_id for said in shown],
        "score": [f"{said.data.score:.2f}" for said in shown],
        "tier": [show.tier_text(said.data.tier) for said in shown],
        "next": [_next(said) for said in shown],
        "grid": [said.data.grid or "" for said in shown],
        "largest reasons": [_reasons(said) for said in shown],
        "as of (UTC)": [show.when(said.time) for said in shown],
    }
    wide = show.out().width >= WIDE
    empty = {name for name, column in cells.items() if not any(column)} - {"largest reasons"}
    columns = [name for name in cells if name not in empty and (wide or name != "as of (UTC)")]
    rows = zip(*(cells[name] for name in columns), strict=True)
    show.out().print(show.table(columns, rows, right=["score"], short="largest reasons"))


def _next(said) -> str:  # type: ignore[no-untyped-def]  # ScoreEvent, imported late
    data = said.data
    return (
        f"{data.next_tier} on {data.next_tier_at:%Y-%m-%d}"
        if data.next_tier and data.next_tier_at
        else ""
    )


def _reasons(said) -> str:  # type: ignore[no-untyped-def]  # ScoreEvent, imported late
    lines = sorted(said.data.lines, key=lambda line: -abs(line.points))
    return ", ".join(f"{line.name} {line.points:+g}" for line in lines[:3])


def _row(said) -> dict[str, object]:  # type: ignore[no-untyped-def]  # ScoreEvent, imported late
    data = said.data
    return {
        "lead_id": data.lead_id, "score": data.score, "tier": data.tier, "dimensions": data.dimensions,
        "next_tier": data.next_tier, "next_tier_at": data.next_tier_at, "grid": data.grid, "time": said.time,
    }  # fmt: skip

"""`lead-scorer list`: leads by score. Reads the scores topic, keeps the last of each lead."""

from __future__ import annotations

from typing import Annotated

import typer


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
    rows = [
        (
            said.data.lead_id, f"{said.data.score:.2f}", show.tier_text(said.data.tier), _next(said), said.data.grid or "",
            _reasons(said), show.when(said.time),
        )
        for said in shown
    ]  # fmt: skip
    show.out().print(
        show.table(
            ["lead", "score", "tier", "next", "grid", "largest reasons", "as of (UTC)"],
            rows,
            right=["score"],
        )
    )
    counts = ", ".join(
        f"{sum(s.data.tier == each for s in found.values()):,} {each}" for each in Tier
    )
    show.note(f"{len(shown):,} of {len(found):,} leads: {counts}")


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

"""`lead-scorer explain`: why a lead has the score it has, line by line, now."""

from __future__ import annotations

from typing import TYPE_CHECKING, Annotated, Final

import typer

if TYPE_CHECKING:
    from scorer.cli.explaining import Account, Kept
    from scorer.domain.outputs import Line


def explain(
    ctx: typer.Context,
    lead: Annotated[str, typer.Argument(metavar="LEAD", help="The lead's id.")],
    as_json: Annotated[bool, typer.Option("--json", help="As JSON.")] = False,
    lang: Annotated[
        str, typer.Option("--lang", help="en or zh, of the sentence and the labels.")
    ] = "en",
) -> None:
    """Every line of a lead's score and their exact sum, its tier, what comes next, what does not count."""
    import asyncio

    from scorer.cli import scores, show
    from scorer.cli.explaining import account
    from scorer.cli.explaining import as_json as to_json
    from scorer.cli.session import session
    from scorer.contracts.model.file import load_model
    from scorer.contracts.state_codec import decode_state
    from scorer.domain.plan import Plan

    now = session(ctx)
    plan = Plan(load_model(now.settings.model))
    state = decode_state(asyncio.run(scores.state_of(now, lead)))
    it = account(state, lead, plan, now.now_us())
    if as_json:
        show.json_page(to_json(it))
    else:
        print_account(it, lang)


def print_account(it: Account, lang: str = "en") -> None:
    """The account as a person reads it."""
    from rich.text import Text

    from scorer.cli import show

    console = show.out()
    if not it.created:
        console.print(Text(f"{it.lead_id} is not created yet: nothing is scored", style="bold"))
    else:
        head = Text.assemble(
            (it.lead_id, "bold"), "  ", (f"{it.explanation.score:.2f}", "bold"), "  "
        )
        since = f"  since {show.when(it.since_us)} UTC, {show.span(it.at_us - it.since_us)}"
        console.print(head.append_text(show.tier_text(it.tier)).append(since, style="dim"))
        console.print(Text(it.why_zh if lang == "zh" else it.why_en), soft_wrap=True)
        _print_lines(it, lang)
        _print_next(it)
    _print_kept("suppressed: happened, does not count", it.suppressed)
    _print_kept("held: waits for the lead to be created", it.held)


COLUMNS: Final = ("dimension", "line", "what", "count", "decayed", "capped", "points")


def _print_lines(it: Account, lang: str) -> None:
    """One row a line, one for the sum of each dimension, one for the score."""
    from scorer.cli import show

    rows = []
    for dimension in (*it.explanation.dimensions, ""):
        rows += [
            _row(it, line, lang) for line in it.explanation.lines if line.dimension == dimension
        ]
        if dimension:
            rows.append(_sum(f"= {dimension}", it.explanation.dimensions[dimension]))
    rows.append(_sum("= score" if it.adds_up else "≠ SCORE", it.explanation.score))
    used = [
        n for n, name in enumerate(COLUMNS) if n < 4 or name == "points" or any(r[n] for r in rows)
    ]
    table = show.table(
        [COLUMNS[n] for n in used],
        [[row[n] for n in used] for row in rows],
        right=COLUMNS[3:],
        short="what",
    )
    show.out().print(table)


def _row(it: Account, line: Line, lang: str) -> tuple[str, ...]:
    from scorer.cli import show

    rule = it.plan.rules.get(line.name)
    label = (rule.label_zh if lang == "zh" else rule.label_en) if rule else line.kind.value
    count, decayed, cut = str(line.occurrences or ""), _less(line.decayed), _less(line.cut)
    dimension = line.dimension or "total"
    return dimension, line.name, label, count, decayed, cut, show.points(line.points)


def _sum(name: str, points: float) -> tuple[str, ...]:
    return "", name, "", "", "", "", f"{points:.2f}"


def _print_next(it: Account) -> None:
    from scorer.cli import show

    if it.next_tier and it.next_us:
        left = show.span(it.next_us - it.at_us)
        show.line(
            f"next      {it.next_tier} at {show.when(it.next_us)} UTC, in {left}, if nothing happens"
        )
    else:
        show.line("next      no other tier by time alone")
    model = it.plan.model
    show.line(
        f"as of     {show.when(it.at_us)} UTC; model {model.name} {model.version} ({it.plan.hash})"
    )
    if it.attributes:
        show.line(
            "knows     "
            + ", ".join(f"{name}={value}" for name, value in sorted(it.attributes.items()))
        )


def _print_kept(title: str, kept: list[Kept]) -> None:
    from scorer.cli import show

    if kept:
        show.line("")
        rows = [
            (show.when(each.time_us), each.what, each.why, f"{each.source} {each.id}")
            for each in kept[-20:]
        ]
        show.out().print(show.table([title, "what", "why", "event"], rows))


def _less(points: float) -> str:
    return f"-{points:.2f}" if points else ""

"""`lead-scorer doctor`: is everything there that a worker needs. Prints checks, changes nothing."""

from __future__ import annotations

from typing import Annotated, Final

import typer

from scorer.cli.exits import Exit

MARK: Final = {
    "ok": ("✓", "green"),
    "warning": ("!", "yellow"),
    "problem": ("✗", "bold red"),
    "skipped": ("·", "dim"),
}


def doctor(as_json: Annotated[bool, typer.Option("--json", help="As JSON.")] = False) -> None:
    """Check Python, packages, settings, model, disk, brokers, rights, topics, clocks and lag; each with its remedy."""
    import asyncio

    from rich.text import Text

    from scorer.cli import show
    from scorer.cli.checkup import checkup

    checks = asyncio.run(checkup())
    if as_json:
        show.json_page([check._asdict() for check in checks])
    else:
        for check in checks:
            sign, style = MARK[check.status]
            show.out().print(
                Text.assemble((sign, style), " ", (f"{check.name:10}", "bold"), check.found),
                soft_wrap=True,
            )
            if check.remedy:
                show.out().print(
                    Text(
                        f"             → {check.remedy}",
                        style="dim" if check.status == "ok" else "",
                    ),
                    soft_wrap=True,
                )
    if any(check.status == "problem" for check in checks):
        raise typer.Exit(Exit.PROBLEMS)

"""`lead-scorer model`: is the model right, what does it say, how do leads cool down under it."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer

from scorer.cli.exits import Exit

app = typer.Typer(no_args_is_help=True, help="The scoring model: check it, read it.")

Source = Annotated[
    str | None,
    typer.Argument(
        metavar="MODEL",
        help="A shipped name (default, education) or a path; else that of the settings.",
    ),
]
AsJson = Annotated[bool, typer.Option("--json", help="As JSON.")]


@app.command()
def check(ctx: typer.Context, model: Source = None, as_json: AsJson = False) -> None:
    """What is wrong, dead, unreachable or suspicious, with line and suggestion. Exit code 5 unless all is well."""
    from scorer.cli import show
    from scorer.cli.session import session
    from scorer.contracts.model.check import Severity
    from scorer.contracts.model.check import check as find

    source = model or session(ctx).settings.model
    findings = find(source)
    serious = [finding for finding in findings if finding.severity is not Severity.INFO]
    if as_json:
        show.json_page([finding._asdict() for finding in findings])
    elif findings:
        rows = [(f.line, f.severity, f.rule, f.message, f.suggestion) for f in findings]
        show.out().print(
            show.table(["line", "", "where", "what", "suggestion"], rows, right=["line"])
        )
    if not as_json and not serious:
        show.line(f"{source}: all is well" + (f", {len(findings)} remarks" if findings else ""))
    if serious:
        raise typer.Exit(
            Exit.CONFIG if any(f.severity is Severity.ERROR for f in serious) else Exit.PROBLEMS
        )


@app.command()
def show(ctx: typer.Context, model: Source = None, as_json: AsJson = False) -> None:
    """The model as tables: tiers, dimensions, rules with their decay and limits."""
    from scorer.cli import show as page
    from scorer.cli.session import session
    from scorer.contracts.model.show import show as sections

    found = sections(model or session(ctx).settings.model)
    if as_json:
        page.json_page([section.as_json() for section in found])
        return
    for section in found:
        page.out().print(f"\n{section.title}", style="bold", markup=False)
        page.out().print(page.table(section.columns, section.rows, right=["points", "min", "max"]))


@app.command()
def plot(
    ctx: typer.Context,
    model: Source = None,
    svg: Annotated[
        Path | None, typer.Option("--svg", metavar="FILE", help="Draw it to a file.")
    ] = None,
    as_json: AsJson = False,
    lang: Annotated[str, typer.Option("--lang", help="en or zh, of the labels.")] = "en",
) -> None:
    """How a typical lead cools down under the model, and how each rule and each silence fades."""
    from scorer.cli import explaining, plotting
    from scorer.cli import show as page
    from scorer.cli.session import session
    from scorer.contracts.model.build import build
    from scorer.contracts.model.file import load_document
    from scorer.simulate import typical_svg
    from scorer.simulate.typical import typical

    language = explaining.language(lang)
    document, _ = load_document(model or session(ctx).settings.model)
    it = typical(document, build(document))
    if svg is not None:
        svg.write_text(typical_svg.draw(it, language), encoding="utf-8")
        page.note(f"wrote {svg}")
    if as_json:
        page.json_page(plotting.as_json(it))
    else:
        plotting.print_typical(it, language)

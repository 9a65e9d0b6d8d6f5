"""`lead-scorer simulate`: what becomes of a lead in a story. Needs no broker."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from scorer.cli.exits import Exit

if TYPE_CHECKING:
    from scorer.simulate.play import Played


def simulate(
    stories: Annotated[
        list[str] | None,
        typer.Argument(metavar="STORY", help="Story files, or names of shipped ones (--list)."),
    ] = None,
    model: Annotated[
        str | None, typer.Option("--model", help="Instead of the model that the story names.")
    ] = None,
    check: Annotated[
        bool,
        typer.Option(
            "--check",
            help="Only say whether each story ends as it expects; exit code 5 unless all do.",
        ),
    ] = False,
    svg: Annotated[
        Path | None, typer.Option("--svg", metavar="FILE", help="Draw the story to a file.")
    ] = None,
    list_all: Annotated[bool, typer.Option("--list", help="List the shipped stories.")] = False,
    as_json: Annotated[bool, typer.Option("--json", help="As JSON, with whole events.")] = False,
    lang: Annotated[str, typer.Option("--lang", help="en or zh, of the reasons.")] = "en",
) -> None:
    """Play a lead's story: its score over time, what is published, and whether it ends as expected."""
    from scorer.cli import explaining, show, simulating
    from scorer.cli.failures import Failure
    from scorer.simulate import svg as drawing
    from scorer.simulate.chart import chart_of
    from scorer.simulate.story_file import scenarios

    language = explaining.language(lang)
    if list_all or not stories:
        simulating.print_list(scenarios(), as_json=as_json)
        return
    if svg is not None and len(stories) != 1:
        raise Failure("--svg draws one story", "give one story", Exit.USAGE)
    played = [_played(story, model) for story in stories]
    if svg is not None:
        svg.write_text(drawing.draw(chart_of(played[0])), encoding="utf-8")
        show.note(f"wrote {svg}")
    if as_json:
        pages = [simulating.as_json(each) for each in played]
        show.json_page(pages[0] if len(pages) == 1 else pages)
    else:
        for each in played:
            if check:
                simulating.print_check(each)
            else:
                simulating.print_story(each, language)
    if check and not all(simulating.holds(each) for each in played):
        raise typer.Exit(Exit.PROBLEMS)


def _played(story: str, model: str | None) -> Played:
    """A story by its path or its shipped name, played to its end."""
    from scorer.cli.failures import Failure
    from scorer.simulate.play import Refused, play
    from scorer.simulate.story_file import load_story, scenarios

    shipped = scenarios()
    path = shipped[story] if story in shipped and not Path(story).exists() else Path(story)
    try:
        return play(load_story(path, model))
    except Refused as error:
        raise Failure(
            f"{path}: {error}",
            "correct the step; docs/reference/events.md has the limits",
            Exit.CONFIG,
        ) from error

"""`lead-scorer topics`: create and compare topics. Knows how to print differences."""

from __future__ import annotations

from typing import TYPE_CHECKING, Annotated

import typer

from scorer.cli.exits import Exit

if TYPE_CHECKING:
    from scorer.transport.topics import Difference

app = typer.Typer(
    no_args_is_help=True, help="Create the topics, or see how they differ from their cards."
)

AsJson = Annotated[bool, typer.Option("--json", help="As JSON.")]


@app.command()
def apply(as_json: AsJson = False) -> None:
    """Create missing topics and set what differs. Never deletes, never moves data."""
    import asyncio

    from scorer.settings import Settings
    from scorer.transport import admin

    _print(
        asyncio.run(admin.apply(Settings())),
        as_json,
        "created or changed",
        "nothing to do: all topics are as they must be",
    )


@app.command()
def diff(as_json: AsJson = False) -> None:
    """Show what `apply` would do; changes nothing. Exit code 5 when something differs."""
    import asyncio

    from scorer.settings import Settings
    from scorer.transport import admin

    found = asyncio.run(admin.diff(Settings()))
    _print(found, as_json, "differs", "all topics are as they must be")
    if found:
        raise typer.Exit(Exit.PROBLEMS)


@app.command()
def acls(
    principal: Annotated[
        str, typer.Option("--principal", metavar="User:NAME", help="Whom to grant it to.")
    ],
    role: Annotated[
        str,
        typer.Option(
            "--role",
            metavar="ROLE",
            help="worker, operator (topics), support (readers, dlq), eraser (dlq erase), publisher or subscriber.",
        ),
    ] = "worker",
    config: Annotated[
        str,
        typer.Option("--command-config", metavar="FILE", help="Credentials of the administrator."),
    ] = "admin.properties",
    as_json: AsJson = False,
) -> None:
    """Print the kafka-acls.sh commands that grant a role what it needs and nothing more."""
    from scorer.cli import show
    from scorer.cli.publishing import one_word
    from scorer.settings import Settings
    from scorer.transport.acls import Role, commands, grants

    one_word(role, [each.value for each in Role])
    settings = Settings()
    needed = grants(settings, Role(role))
    if as_json:
        show.json_page([{"principal": principal, **grant._asdict()} for grant in needed])
        return
    for command in commands(needed, principal, settings.kafka.bootstrap_servers, config):
        show.line(command)


def _print(found: list[Difference], as_json: bool, verb: str, nothing: str) -> None:
    from scorer.cli import show

    if as_json:
        show.json_page([
            {"topic": d.topic, "kind": d.kind, "config": d.config, "wanted": d.wanted, "found": d.found, "remedy": d.remedy}
            for d in found
        ])  # fmt: skip
    elif not found:
        show.line(nothing)
    else:
        rows = [(d.topic, d.config or d.kind.value, d.found, d.wanted) for d in found]
        show.out().print(
            show.table(["topic", verb, "was" if verb != "differs" else "is", "must be"], rows)
        )
        for remedy in sorted({d.remedy for d in found}) if verb == "differs" else ():
            show.note(f"→ {remedy}")

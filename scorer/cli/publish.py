"""`lead-scorer publish`: events from a file, or one from flags. Checks each as the scorer would."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Final

import typer

if TYPE_CHECKING:
    from scorer.domain.events import AttributeValue, Body

app = typer.Typer(
    no_args_is_help=True, help="Publish events: a file of CloudEvents, or one event from flags."
)

SOURCE: Final = "/lead-scorer/cli"

Lead = Annotated[str, typer.Argument(metavar="LEAD", help="The lead's id.")]
At = Annotated[str | None, typer.Option("--at", help="When it happened, RFC 3339; else now.")]
Id = Annotated[
    str | None,
    typer.Option(
        "--id", help="Identity of the event; the same (source, id) counts once. Else random."
    ),
]
Source = Annotated[str, typer.Option("--source", help="Who says so.")]
Dry = Annotated[bool, typer.Option("--dry-run", help="Print the event, send nothing.")]
Pairs = Annotated[
    list[str] | None,
    typer.Argument(
        metavar="NAME=VALUE…",
        help="true, false and numbers are meant as such; 'name=\"5\"' is text.",
    ),
]


@app.command()
def events(
    ctx: typer.Context,
    file: Annotated[Path, typer.Argument(help="CloudEvents, one JSON object a line; - is stdin.")],
    dry_run: Dry = False,
) -> None:
    """Publish a file of CloudEvents (JSONL). Bad lines are listed, good ones are sent; exit code 3."""
    from scorer.cli.publishing import publish_lines

    publish_lines(ctx, file, dry_run=dry_run)


@app.command()
def created(
    ctx: typer.Context, lead: Lead, attributes: Pairs = None,
    channel: Annotated[str, typer.Option("--channel", help="Where the lead came from.")] = "cli",
    owner: Annotated[str | None, typer.Option("--owner", help="The rep.")] = None,
    at: At = None, id: Id = None, source: Source = SOURCE, dry_run: Dry = False,
) -> None:  # fmt: skip
    """The lead exists: `publish created lead-1 industry=software title=VP`."""
    from scorer.domain.events import Created

    _one(ctx, lead, Created(channel, _values(attributes), owner), at, id, source, dry_run)


@app.command()
def attributes(
    ctx: typer.Context, lead: Lead, attributes: Pairs = None,
    unset: Annotated[list[str] | None, typer.Option("--unset", help="An attribute that is not known any more.")] = None,
    at: At = None, id: Id = None, source: Source = SOURCE, dry_run: Dry = False,
) -> None:  # fmt: skip
    """Attributes changed: `publish attributes lead-1 title=CEO --unset budget`."""
    from scorer.domain.events import AttributesChanged

    _one(
        ctx,
        lead,
        AttributesChanged(_values(attributes), tuple(unset or ())),
        at,
        id,
        source,
        dry_run,
    )


@app.command()
def behaviour(
    ctx: typer.Context, lead: Lead,
    name: Annotated[str, typer.Argument(help="What it did; `lead-scorer model show` lists what counts.")],
    about: Annotated[str | None, typer.Option("--object", help="The document, the page, the mail.")] = None,
    at: At = None, id: Id = None, source: Source = SOURCE, dry_run: Dry = False,
) -> None:  # fmt: skip
    """The lead did something: `publish behaviour lead-1 demo_requested`."""
    from scorer.domain.events import Behaviour

    _one(ctx, lead, Behaviour(name, about), at, id, source, dry_run)


@app.command()
def owner(
    ctx: typer.Context, lead: Lead,
    change: Annotated[str, typer.Argument(help="assigned, claimed, released or transferred.")],
    owner: Annotated[str | None, typer.Option("--owner", help="The rep.")] = None,
    previous: Annotated[str | None, typer.Option("--previous", help="Whose it was.")] = None,
    pool: Annotated[str | None, typer.Option("--pool", help="The pool it is in, or goes to.")] = None,
    by: Annotated[str | None, typer.Option("--by", help="Who did it.")] = None,
    at: At = None, id: Id = None, source: Source = SOURCE, dry_run: Dry = False,
) -> None:  # fmt: skip
    """The lead went to an owner or to a pool: `publish owner lead-1 claimed --owner ann`."""
    from scorer.cli.publishing import member
    from scorer.domain.events import Ownership, OwnershipChange

    kind = member(OwnershipChange, change)
    _one(ctx, lead, Ownership(kind, owner, previous, pool, by), at, id, source, dry_run)


@app.command()
def touched(
    ctx: typer.Context, lead: Lead,
    kind: Annotated[str, typer.Argument(help="call_answered, message, meeting, visit, note, …")],
    by: Annotated[str | None, typer.Option("--by", help="Who did it.")] = None,
    automatic: Annotated[bool, typer.Option("--automatic", help="By a machine: moves no deadline.")] = False,
    at: At = None, id: Id = None, source: Source = SOURCE, dry_run: Dry = False,
) -> None:  # fmt: skip
    """A rep followed up: `publish touched lead-1 meeting --by ann`."""
    from scorer.domain.events import Touch

    _one(ctx, lead, Touch(kind, by, automatic), at, id, source, dry_run)


@app.command()
def hold(
    ctx: typer.Context, lead: Lead,
    state: Annotated[str, typer.Argument(help="paused or resumed.")],
    reason: Annotated[str | None, typer.Option("--reason", help="Why, in words.")] = None,
    at: At = None, id: Id = None, source: Source = SOURCE, dry_run: Dry = False,
) -> None:  # fmt: skip
    """Somebody else works the lead: `publish hold lead-1 paused`."""
    from scorer.cli.publishing import one_word
    from scorer.domain.events import Hold

    paused = one_word(state, ("paused", "resumed")) == "paused"
    _one(ctx, lead, Hold(paused, reason), at, id, source, dry_run)


@app.command()
def lock(
    ctx: typer.Context, lead: Lead,
    state: Annotated[str, typer.Argument(help="locked or unlocked.")],
    reason: Annotated[str | None, typer.Option("--reason", help="Why, in words.")] = None,
    by: Annotated[str | None, typer.Option("--by", help="Who did it.")] = None,
    at: At = None, id: Id = None, source: Source = SOURCE, dry_run: Dry = False,
) -> None:  # fmt: skip
    """A manager keeps the lead where it is: `publish lock lead-1 locked --reason "key account"`."""
    from scorer.cli.publishing import one_word
    from scorer.domain.events import Lock

    locked = one_word(state, ("locked", "unlocked")) == "locked"
    _one(ctx, lead, Lock(locked, reason, by), at, id, source, dry_run)


@app.command()
def staff(
    ctx: typer.Context,
    owner: Annotated[str, typer.Argument(metavar="OWNER", help="The rep.")],
    state: Annotated[str, typer.Argument(help="left or returned.")],
    to: Annotated[str | None, typer.Option("--to", help="Who takes all leads over; else the pool.")] = None,
    reason: Annotated[str | None, typer.Option("--reason", help="Why, in words.")] = None,
    at: At = None, id: Id = None, source: Source = SOURCE, dry_run: Dry = False,
) -> None:  # fmt: skip
    """An owner is gone, with all leads: `publish staff ann left --to bob`."""
    from scorer.cli.publishing import one_word
    from scorer.domain.events import OwnerLeft, OwnerReturned

    gone = one_word(state, ("left", "returned")) == "left"
    _one(
        ctx,
        owner,
        OwnerLeft(to, reason) if gone else OwnerReturned(reason),
        at,
        id,
        source,
        dry_run,
    )


@app.command()
def outcome(
    ctx: typer.Context, lead: Lead,
    kind: Annotated[str, typer.Argument(help="opportunity_opened, won, lost, disqualified or reopened.")],
    reason: Annotated[str | None, typer.Option("--reason", help="Why, in words.")] = None,
    value: Annotated[float | None, typer.Option("--value", help="Of the deal.")] = None,
    at: At = None, id: Id = None, source: Source = SOURCE, dry_run: Dry = False,
) -> None:  # fmt: skip
    """How the sale went: `publish outcome lead-1 won --value 12000`."""
    from scorer.cli.publishing import member
    from scorer.domain.events import Outcome, OutcomeKind

    _one(ctx, lead, Outcome(member(OutcomeKind, kind), reason, value), at, id, source, dry_run)


@app.command()
def adjust(
    ctx: typer.Context, lead: Lead, points: Annotated[float, typer.Argument(help="Given or taken by hand; put -- before a negative number.")],
    author: Annotated[str, typer.Option("--author", help="Who gives or takes the points.")], reason: Annotated[str, typer.Option("--reason", help="Why, in words.")],
    expires: Annotated[str | None, typer.Option("--expires", help="RFC 3339; else never.")] = None,
    at: At = None, id: Id = None, source: Source = SOURCE, dry_run: Dry = False,
) -> None:  # fmt: skip
    """Points by hand: `publish adjust lead-1 5 --author ann --reason "met at the fair"`."""
    from scorer.cli.publishing import instant_of
    from scorer.domain.events import Adjustment

    until = instant_of(expires) if expires else None
    _one(ctx, lead, Adjustment(points, author, reason, until), at, id, source, dry_run)


@app.command()
def retract(
    ctx: typer.Context, lead: Lead,
    retracted_id: Annotated[str, typer.Argument(help="Id of the event that never happened.")],
    retracted_source: Annotated[str, typer.Option("--of", help="Source of that event.")] = SOURCE,
    follow_up: Annotated[bool, typer.Option("--follow-up", help="It was a follow-up, an ownership, a lock or an outcome.")] = False,
    reason: Annotated[str | None, typer.Option("--reason", help="Why, in words.")] = None,
    at: At = None, id: Id = None, source: Source = SOURCE, dry_run: Dry = False,
) -> None:  # fmt: skip
    """An event never happened: `publish retract lead-1 EVENT-ID --of /website`."""
    from scorer.domain.events import Retraction

    _one(
        ctx,
        lead,
        Retraction(retracted_source, retracted_id, reason, follow_up),
        at,
        id,
        source,
        dry_run,
    )


@app.command()
def erase(
    ctx: typer.Context, lead: Lead,
    reason: Annotated[str | None, typer.Option("--reason", help="Why, in words.")] = None,
    at: At = None, id: Id = None, source: Source = SOURCE, dry_run: Dry = False,
) -> None:  # fmt: skip
    """Erase everything held about the lead: `publish erase lead-1 --reason "asked to"`."""
    from scorer.domain.events import Erased

    _one(ctx, lead, Erased(reason), at, id, source, dry_run)


def _one(
    ctx: typer.Context,
    lead: str,
    body: Body,
    at: str | None,
    id: str | None,
    source: str,
    dry_run: bool,
) -> None:
    from scorer.cli.publishing import publish_event

    publish_event(ctx, lead, body, at=at, event_id=id, source=source, dry_run=dry_run)


def _values(pairs: list[str] | None) -> dict[str, AttributeValue]:
    from scorer.cli.publishing import attribute_values

    return attribute_values(pairs or [])

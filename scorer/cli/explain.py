"""`lead-scorer explain`: why a lead has the score it has, line by line, now, then, or under another model."""

from __future__ import annotations

from typing import TYPE_CHECKING, Annotated, Any

import typer

if TYPE_CHECKING:
    from scorer.cli.session import Session
    from scorer.contracts.records import Record
    from scorer.domain.plan import Plan
    from scorer.engine.account import Account


def explain(
    ctx: typer.Context,
    lead: Annotated[str, typer.Argument(metavar="LEAD", help="The lead's id.")],
    at: Annotated[
        str | None,
        typer.Option(
            "--at",
            metavar="TIME",
            help="An earlier instant: 2026-11-18, 2026-11-18T12:30 (UTC), -3d. Or a later one: what will be if nothing happens.",
        ),
    ] = None,
    against: Annotated[
        str | None,
        typer.Option(
            "--against", metavar="MODEL", help="Another model: both explanations side by side."
        ),
    ] = None,
    replay: Annotated[
        bool,
        typer.Option(
            "--replay",
            help="Fold the lead anew from the input topics: slower, but exact for any instant and any model.",
        ),
    ] = False,
    stored: Annotated[
        bool,
        typer.Option(
            "--stored", help="What the workers hold of the lead, both stages, as JSON and uncut."
        ),
    ] = False,
    as_json: Annotated[bool, typer.Option("--json", help="As JSON.")] = False,
    lang: Annotated[
        str, typer.Option("--lang", help="en or zh, of the sentence and the labels.")
    ] = "en",
) -> None:
    """Every line of a lead's score and their exact sum, what comes next, what does not count, and who owes it what."""
    from scorer.cli import explaining, following, show
    from scorer.cli.session import session
    from scorer.contracts.model.file import load_model
    from scorer.domain.plan import Plan
    from scorer.engine.account import as_json as plain
    from scorer.engine.comparison import as_json_pair, compare
    from scorer.engine.pool_account import as_json as owed_json

    language = explaining.language(lang)
    now = session(ctx)
    if stored:
        show.json_page(_stored(now, lead))
        return
    plan = Plan(load_model(now.settings.model))
    other = Plan(load_model(against)) if against else None
    at_us = None if at is None else _instant(at, now.now_us())
    records = _records(now, lead) if replay else None
    one = _account(now, lead, plan, at_us, records)
    if other is None:
        owed = None if replay else following.of(now, lead, plan.model, one.at_us)
        if as_json:
            show.json_page(plain(one) | {"follow_up": None if owed is None else owed_json(owed)})
        else:
            explaining.print_account(one, language)
            if owed is not None:
                following.print_follow_up(owed, one.at_us)
        return
    pair = compare(one, _account(now, lead, other, one.at_us, records))
    if as_json:
        show.json_page(as_json_pair(pair))
    else:
        explaining.print_comparison(pair, language, replayed=replay)


def _stored(now: Session, lead: str) -> dict[str, Any]:
    """The states of a lead as the changelogs have them."""
    import asyncio

    from scorer.cli import following, scores
    from scorer.contracts.laid_open import laid_open
    from scorer.contracts.state_codec import decode_state

    scoring = decode_state(asyncio.run(scores.state_of(now, lead)))
    return {
        "lead_id": lead,
        "scoring": laid_open(scoring),
        "pool": laid_open(following.state_of(now, lead)),
    }


def _instant(text: str, now_us: int) -> int:
    """`-3d`, `+1w`, or a date and a time."""
    from pydantic_core import PydanticCustomError

    from scorer.cli.exits import Exit
    from scorer.cli.failures import Failure
    from scorer.contracts.model.scalars import parse_duration
    from scorer.simulate.moments import moment_us

    try:
        if text[:1] in {"-", "+"}:
            span_us = parse_duration(text[1:])
            return now_us - span_us if text[0] == "-" else now_us + span_us
        return moment_us(text)
    except (PydanticCustomError, ValueError, OverflowError):
        raise Failure(
            f"--at {text} is no instant",
            "write such as 2026-11-18, 2026-11-18T12:30:00Z or -3d",
            Exit.USAGE,
        ) from None


def _account(
    now: Session, lead: str, plan: Plan, at_us: int | None, records: list[Record] | None
) -> Account:
    """The account from the stored state, or from the lead's records."""
    import asyncio

    from scorer.cli import scores
    from scorer.cli.exits import Exit
    from scorer.cli.failures import Failure
    from scorer.contracts.decode import Decoder
    from scorer.contracts.state_codec import decode_state
    from scorer.engine.account import NoLongerHeld, account, latest
    from scorer.engine.replay import replay

    if records is None:
        state = decode_state(asyncio.run(scores.state_of(now, lead)))
    else:
        decoder = Decoder(
            future_tolerance_ms=now.settings.future_tolerance_s * 1000,
            topic_prefix=now.settings.topics.prefix,
        )
        until_us = now.now_us() + 300_000_000 if at_us is None else at_us
        found = replay(records, lead, plan, decoder, until_us)
        if found is None:
            raise Failure(
                f"the input topics hold nothing about {lead!r} up to then",
                "check the id with `lead-scorer list`, or choose a later instant",
                Exit.NOT_FOUND,
            )
        state = found
    try:
        return account(state, lead, plan, latest(state, now.now_us()) if at_us is None else at_us)
    except NoLongerHeld as error:
        raise Failure(
            str(error), "choose a later instant, or add --replay to read the topics", Exit.NOT_FOUND
        ) from None


def _records(now: Session, lead: str) -> list[Record]:
    """Everything about one lead that the input topics still hold."""
    import asyncio

    from scorer.engine.scoring import INPUTS

    async def read() -> list[Record]:
        key = lead.encode()
        return [record async for record in now.broker.read(INPUTS) if record.key == key]

    return asyncio.run(read())

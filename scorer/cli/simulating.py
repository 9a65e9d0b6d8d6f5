"""How a played story is printed: a chart, its score over time, what was published, the verdict."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING, Any, Final

from scorer.cli import show
from scorer.contracts.instants import to_datetime, to_us
from scorer.contracts.published import CrossingEvent
from scorer.engine.account import as_json as account_json
from scorer.engine.pool_account import as_json as follow_up_json
from scorer.simulate import pool_words
from scorer.simulate.braille import Segment, draw
from scorer.simulate.chart import chart_of
from scorer.simulate.verdict import verdicts

if TYPE_CHECKING:
    from rich.text import Text

    from scorer.domain.sentence import Language
    from scorer.simulate.play import Played, Row, Said

CHART: Final = (100, 15)  # columns and lines at most: a curve wider than this only grows flatter
MOST_EVENTS: Final = 30
NARROW, DIMENSION = 78, 12  # columns of the table without dimensions, and of one dimension
FOLLOWED = 110  # columns of the table with an owner, his deadline and the next tier


def print_story(played: Played, language: Language) -> None:
    """Everything about a story, for a person."""
    from rich.text import Text

    told, model = played.told, played.told.model
    show.out().print(Text(told.name, style="bold"))
    if told.about:
        show.out().print(Text(told.about.strip(), style="dim"))
    show.line("")
    print_chart(draw(chart_of(played), min(show.out().width, CHART[0]), CHART[1]))
    show.line("")
    _print_rows(played)
    _print_events(played, language)
    zone = told.calendar.zone.key
    show.line(f"day 1 is {told.calendar.local(told.calendar.start_us):%Y-%m-%d}; times are {zone}; "
              f"model {model.name} {model.version}")  # fmt: skip
    _print_verdict(played)


def print_chart(lines: Sequence[Sequence[Segment]]) -> None:
    """A chart in the colours of the tiers."""
    from rich.text import Text

    for line in lines:
        text = Text(no_wrap=True)
        for part, style in line:
            text.append(part, style="dim" if style == "axis" else show.TIER_STYLE.get(style, ""))
        show.out().print(text)


def _print_rows(played: Played) -> None:
    """The score over time: a row for everything that happened."""
    columns = _followed(played) if played.told.followed else _scored(played)
    rows = [
        (played.told.calendar.words(row.at_us), _what(played, row), *(cell(row) for cell in columns.values()))
        for row in played.rows
    ]  # fmt: skip
    right = ["score", *(dimension.id for dimension in played.told.model.dimensions)]
    show.out().print(show.table(["when", "what", *columns], rows, right=right, short="what"))


def _scored(played: Played) -> dict[str, Callable[[Row], str | Text]]:
    """Columns about the score, with each dimension where there is room for it."""
    names = [dimension.id for dimension in played.told.model.dimensions]
    several = len(names) > 1 and show.out().width >= NARROW + DIMENSION * len(names)
    dimensions = {name: partial(_dimension, name) for name in (names if several else ())}
    by_time = partial(_next, played)
    return {**dimensions, "score": _score, "tier": _tier, "next by time alone": by_time}


def _followed(played: Played) -> dict[str, Callable[[Row], str | Text]]:
    """Columns about score, owner and deadline; the next tier where there is room for it."""
    wide = show.out().width >= FOLLOWED
    by_time = {"next by time alone": partial(_next, played)} if wide else {}
    return {
        "score": _score,
        "tier": _tier,
        **by_time,
        "owner": _owner,
        "due": partial(_due, played),
    }


def _dimension(name: str, row: Row) -> str:
    return f"{row.account.explanation.dimensions.get(name, 0.0):.2f}"


def _score(row: Row) -> str:
    return f"{row.account.score:.2f}" if row.account.created else ""


def _tier(row: Row) -> str | Text:
    return show.tier_text(row.account.tier) if row.account.created else "not created"


def _owner(row: Row) -> str:
    it = row.follow_up
    return "" if it is None or not it.created else it.owner or f"({it.pool or 'pool'})"


def _due(played: Played, row: Row) -> str:
    due = row.follow_up.next if row.follow_up is not None else None
    if due is None or due.due_us is None:
        return ""
    return f"{due.clock} {played.told.calendar.words(due.due_us)}"


def _what(played: Played, row: Row) -> str:
    if row.happened_us == row.at_us:
        return row.what
    return f"{row.what}, of {played.told.calendar.words(row.happened_us)}"


def _next(played: Played, row: Row) -> str:
    if row.account.next_us is None:
        return ""
    return f"{row.account.next_tier} at {played.told.calendar.words(row.account.next_us)}"


def _print_events(played: Played, language: Language) -> None:
    """What subscribers read; of each crossing also the reasons."""
    events, calendar = played.events, played.told.calendar
    shown = events if len(events) <= MOST_EVENTS else [*played.crossings]
    columns = ["published", "type", "score", "change", "cause"]
    rows = [(calendar.words(to_us(event.time)), *_event(event)) for event in shown]
    show.line("")
    show.out().print(show.table(columns, rows, right=["score"], short="cause"))
    if len(shown) < len(events):
        show.note(f"{len(events) - len(shown)} changes of score are not shown; --json has them")
    show.line("")
    for crossing in played.crossings:
        why = crossing.data.why.zh if language == "zh" else crossing.data.why.en
        when = calendar.words(to_us(crossing.time))
        show.out().print(_change(crossing).append(f" {when}: {why}", style="dim"), soft_wrap=True)
    if played.crossings:
        show.line("")
    if played.pool:
        _print_pool(played)


def _print_pool(played: Played) -> None:
    """What the pool says: when it can be read, and the numbers behind it."""
    calendar = played.told.calendar
    rows = []
    for said in played.pool:
        it = pool_words.exact(said.event)
        why = pool_words.why(said.event, calendar)
        rows.append((calendar.words(said.at_us), it.kind, it.by[0], it.to or "", why))
    show.out().print(show.table(["the pool says", "type", "by", "to", "why"], rows, short="why"))
    show.line("")


def _event(event: Said) -> tuple[str | Text, ...]:
    """Type, score, change and cause."""
    from rich.text import Text

    data = event.data
    cause = data.cause.what or data.cause.kind
    if isinstance(event, CrossingEvent):
        return "tier", f"{data.score:.2f}", _change(event), cause
    before = event.data.previous_score
    change = Text("" if before is None else show.points(round(data.score - before, 2)))
    return "score", f"{data.score:.2f}", change, cause


def _change(crossing: CrossingEvent) -> Text:
    from rich.text import Text

    data = crossing.data
    return Text.assemble(show.tier_text(data.from_), " → ", show.tier_text(data.to))


def holds(played: Played) -> bool:
    """Whether something is expected, and all of it came."""
    found = verdicts(played)
    return bool(found) and all(verdict.holds for verdict in found)


def print_check(played: Played) -> None:
    """One line for a story that ends as expected, one more for each expectation that does not."""
    found = verdicts(played)
    good = sum(verdict.holds for verdict in found)
    sign = "ok   " if holds(played) else "FAILS"
    of = f"{good} of {len(found)} expectations" if found else "it expects nothing: add `expect:`"
    show.line(f"{sign} {played.told.name}: {of}")
    _print_failures(played)


def _print_verdict(played: Played) -> None:
    found = verdicts(played)
    if found:
        good = sum(verdict.holds for verdict in found)
        show.line(f"as expected: {good} of {len(found)}")
        _print_failures(played)


def _print_failures(played: Played) -> None:
    rows = [(v.when, v.what, v.expected, v.found) for v in verdicts(played) if not v.holds]
    if rows:
        show.out().print(show.table(["at", "what", "expected", "came"], rows))


def print_list(stories: Mapping[str, Path], *, as_json: bool) -> None:
    """The shipped stories, each with what it shows."""
    from scorer.simulate.story_file import load_story

    told = {name: load_story(path) for name, path in stories.items()}
    if as_json:
        show.json_page([{"name": n, "title": t.name, "about": t.about, "path": str(stories[n])} for n, t in told.items()])  # fmt: skip
        return
    rows = [(name, each.name) for name, each in told.items()]
    show.out().print(show.table(["story", "what it shows"], rows, short="what it shows"))
    show.note("lead-scorer simulate STORY plays one of them, or a file of your own")


def as_json(played: Played) -> dict[str, Any]:
    """A played story as plain JSON types; events as subscribers read them."""
    import orjson

    told = played.told
    return {
        "name": told.name,
        "about": told.about.strip(),
        "lead_id": told.lead_id,
        "rows": [
            {"time": to_datetime(row.at_us), "happened": to_datetime(row.happened_us), "what": row.what}
            | {"account": account_json(row.account)}
            | ({"follow_up": follow_up_json(row.follow_up)} if row.follow_up is not None else {})
            for row in played.rows
        ],
        "curve": [[to_datetime(at_us), score] for at_us, score in played.curve],
        "events": [orjson.Fragment(message.value or b"null") for message in played.said],
        "pool": [
            {"time": to_datetime(said.at_us), "event": orjson.Fragment(said.message.value or b"null")}
            for said in played.pool
        ],
        "expectations": [verdict._asdict() | {"holds": verdict.holds} for verdict in verdicts(played)],
    }  # fmt: skip

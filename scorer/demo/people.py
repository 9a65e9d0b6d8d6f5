"""Who comes to the demo and what they do. Knows the words of the default model, knows no points.

Each persona is one short story of (pause, act), told with seeded dice: the same seed tells the same
story at the same instants. `CAST` says how often each comes and in which tier its story ends;
tests/demo holds the default model to it.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Final, NamedTuple

from scorer.demo.script import Again, Dice, Script, Undo, arrives, becomes, does, loses
from scorer.domain.events import AttributeValue, Created, Outcome, OutcomeKind
from scorer.domain.outputs import Tier

Persona = Callable[[Dice], Script]

PAPERS: Final = ("product overview", "price list", "case study", "security paper", "roadmap")
PAGES: Final = ("pricing", "product", "customers", "security", "docs", "careers")


def buyer(dice: Dice) -> Script:
    """Fits, decides, and asks for everything within a fortnight."""
    yield 0, _core_company(dice, "webinar", **_decider(dice))
    yield dice.hours(1, 8), does("documents_requested", "product overview")
    yield dice.hours(10, 30), does("question_asked", "integrations")
    yield dice.days(1, 3), does("needs_stated", "replace the spreadsheet")
    yield dice.hours(2, 9), becomes(interest="high")
    yield dice.days(1, 3), does("demo_requested", "the product")
    yield dice.minutes(1, 3), Again()
    yield dice.days(2, 4), does("quote_requested", "200 seats")
    for _ in range(dice.randint(1, 3)):
        yield dice.days(1, 2), does("question_asked", "the contract")


def champion(dice: Dice) -> Script:
    """As hot as they come, until the one who fought for us changes jobs and the telephone is dead."""
    yield from buyer(dice)
    yield dice.days(3, 8), becomes(industry="agriculture", title="Advisor", decision_power="none")
    yield dice.hours(1, 5), loses("employees", "influence", "buying_department", "interest")
    for _ in range(3):
        yield dice.days(1, 2), does("call_unanswered")


def researcher(dice: Dice) -> Script:
    """Reads for weeks and asks good questions. The form said VP; the truth is a manager."""
    yield 0, _near_company(dice, "search", title="VP", department="it", interest="medium")
    yield dice.hours(3, 20), becomes(title="Project manager")
    for paper in PAPERS:
        yield dice.days(0.5, 3), does("documents_requested", paper)
    for _ in range(dice.randint(5, 8)):
        yield dice.days(0.5, 3), does("question_asked", dice.choice(PAGES))


def student(dice: Dice) -> Script:
    """Downloads everything for a thesis, asks for a demo too, and is not going to buy."""
    yield 0, arrives("search", industry="education", region=dice.choice(("east", "south")))
    for _ in range(dice.randint(6, 12)):
        yield dice.hours(0.2, 30), does("documents_requested", dice.choice(PAPERS))
    yield dice.hours(1, 30), does("demo_requested", "the product")
    yield dice.hours(2, 30), becomes(title="Student")


def competitor(dice: Dice) -> Script:
    """Hot within a day: the right words, the largest quote. Sales knows the face."""
    yield 0, _core_company(dice, "website", **_decider(dice))
    yield dice.hours(1, 4), does("demo_requested", "the product")
    yield dice.hours(1, 9), does("quote_requested", "5000 seats")
    yield dice.days(2, 5), Outcome(OutcomeKind.DISQUALIFIED, "works for a competitor")


def ghost(dice: Dice) -> Script:
    """A strong start; then the telephone rings and rings."""
    yield 0, _near_company(dice, "fair", title="Director")
    yield dice.hours(2, 20), does("documents_requested", "case study")
    yield dice.hours(6, 30), does("demo_requested", "the product")
    for _ in range(dice.randint(4, 6)):
        yield dice.days(1, 4), does("call_unanswered")


def bot(dice: Dice) -> Script:
    """Two hundred pages in two minutes, and every paper there is."""
    yield 0, arrives("website")
    for _ in range(200):
        yield dice.minutes(0.003, 0.017), does("page_viewed", dice.choice(PAGES))
    for paper in PAPERS:
        yield dice.minutes(0.003, 0.017), does("documents_requested", paper)


def returner(dice: Dice) -> Script:
    """Curious without a budget, then silent for two months; one morning there is one."""
    yield 0, _core_company(dice, "partner")
    yield dice.hours(2, 30), does("documents_requested", "product overview")
    yield dice.days(1, 3), does("question_asked", "prices")
    yield dice.days(1, 4), does("budget_too_low")
    yield dice.days(40, 60), becomes(**_decider(dice))
    yield dice.hours(2, 20), does("demo_requested", "the product")
    yield dice.days(0.5, 2), does("needs_stated", "start in spring")
    yield dice.days(0.5, 2), does("quote_requested", "80 seats")


def mistaken(dice: Dice) -> Script:
    """Warm, until it turns out that a colleague had asked: sales takes the demand back."""
    yield 0, _near_company(dice, "website", department="marketing")
    yield dice.days(1, 2), does("demo_requested", "the product")
    yield dice.days(2, 5), Undo("asked for by somebody else")


class Role(NamedTuple):
    """A persona, how often it comes, and the tier in which its story ends."""

    persona: Persona
    weight: int
    ends: Tier


CAST: Final = (
    Role(buyer, 4, Tier.HOT),
    Role(champion, 2, Tier.COLD),
    Role(researcher, 4, Tier.WARM),
    Role(student, 2, Tier.DISQUALIFIED),
    Role(competitor, 1, Tier.DISQUALIFIED),
    Role(ghost, 4, Tier.COLD),
    Role(bot, 1, Tier.COLD),
    Role(returner, 3, Tier.HOT),
    Role(mistaken, 2, Tier.COLD),
)


def _core_company(dice: Dice, channel: str, **contact: AttributeValue) -> Created:
    """An arrival from a company such as those that buy."""
    return arrives(
        channel,
        industry=dice.choice(("software", "finance", "manufacturing", "healthcare")),
        employees=dice.randint(60, 1900),
        region=dice.choice(("east", "south", "north", "west")),
        buying_department=dice.choice(("sales", "marketing", "operations", "legal")),
        **contact,
    )


def _near_company(dice: Dice, channel: str, **contact: AttributeValue) -> Created:
    """An arrival from a company of a kind that buys now and then."""
    return arrives(
        channel,
        industry=dice.choice(("retail", "logistics", "telecom", "energy")),
        employees=dice.randint(60, 1900),
        region=dice.choice(("east", "south", "north")),
        **contact,
    )


def _decider(dice: Dice) -> dict[str, AttributeValue]:
    """Who can say yes."""
    title = dice.choice(("VP Operations", "COO", "Head of Sales", "Director of IT", "CEO"))
    return {
        "title": title,
        "decision_power": "decides",
        "influence": "high",
        "department": "operations",
    }

"""Who comes to the demo and what they do. Knows the words of the default model, knows no points.

Each persona is one short story of (pause, act), told with seeded dice: the same seed tells the same
story at the same instants. `CAST` says how often each comes and in which tier its story ends;
tests/demo holds the default model to it.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Final, NamedTuple

from scorer.demo.script import Again, Dice, Script, Undo, arrives, becomes, does, loses
from scorer.domain.events import AttributeValue, Created
from scorer.domain.outputs import Tier

Persona = Callable[[Dice], Script]

PAGES: Final = ("pricing", "product", "customers", "security", "docs", "careers")
PAPERS: Final = ("product overview", "price list", "case study", "security paper")


def buyer(dice: Dice) -> Script:
    """Fits, decides, and asks for everything within a fortnight."""
    yield 0, _good_company(dice, "webinar", title="vp", decision_power="decider", influence="high")
    yield dice.hours(1, 8), does("document_requested", "product overview")
    yield dice.hours(10, 30), does("question_asked", "integrations")
    yield dice.days(1, 3), does("needs_stated", "replace the spreadsheet")
    yield dice.hours(2, 9), becomes(interest="high")
    yield dice.days(1, 3), does("demo_requested", "the product")
    yield dice.minutes(1, 3), Again()
    yield dice.days(2, 4), does("quote_requested", "200 seats")
    for _ in range(dice.randint(1, 3)):
        yield dice.days(1, 3), does("question_asked", "the contract")


def champion(dice: Dice) -> Script:
    """Hot, until the one who fought for us leaves for a company that we do not sell to."""
    yield from buyer(dice)
    yield dice.days(4, 9), becomes(title="intern", decision_power="none", influence="low")
    yield dice.hours(1, 5), loses("department", "interest")


def researcher(dice: Dice) -> Script:
    """Reads for weeks and asks good questions; the form said VP, the truth is a manager."""
    yield 0, _good_company(dice, "search", title="vp", influence="medium")
    yield dice.hours(3, 20), becomes(title="manager")
    for paper in PAPERS:
        yield dice.days(1, 4), does("document_requested", paper)
    for _ in range(dice.randint(4, 7)):
        yield dice.days(1, 4), does("question_asked", dice.choice(PAGES))


def student(dice: Dice) -> Script:
    """Downloads everything for a thesis, and is not going to buy."""
    yield 0, arrives("search", industry="education", title="student", department="none")
    for _ in range(dice.randint(8, 14)):
        yield dice.hours(0.2, 30), does("document_requested", dice.choice(PAPERS))
    yield dice.hours(1, 5), does("problem_unclear")


def competitor(dice: Dice) -> Script:
    """Asks for a demo and a quote, and works for the other side."""
    yield 0, arrives("website", title="director", decision_power="decider", employees=900)
    yield dice.hours(1, 4), does("demo_requested", "the product")
    yield dice.hours(1, 9), does("quote_requested", "5000 seats")
    yield dice.days(1, 3), becomes(industry="competitor")


def ghost(dice: Dice) -> Script:
    """A strong start; then the telephone rings and rings."""
    yield 0, _good_company(dice, "fair", title="director", influence="medium", interest="high")
    yield dice.hours(2, 20), does("document_requested", "case study")
    yield dice.hours(6, 30), does("demo_requested", "the product")
    for _ in range(dice.randint(4, 6)):
        yield dice.days(1, 3), does("call_unanswered")


def bot(dice: Dice) -> Script:
    """Two hundred pages in two minutes."""
    yield 0, arrives("website")
    for _ in range(200):
        yield dice.minutes(0.003, 0.017), does("page_viewed", dice.choice(PAGES))


def returner(dice: Dice) -> Script:
    """Interested, then silent for two months; one morning there is a budget."""
    yield 0, _good_company(dice, "partner", title="director", decision_power="influencer")
    yield dice.hours(2, 30), does("document_requested", "product overview")
    yield dice.days(1, 3), does("question_asked", "prices")
    yield dice.days(1, 4), does("budget_too_low")
    yield dice.days(40, 60), does("demo_requested", "the product")
    yield dice.hours(2, 20), does("needs_stated", "start in January")
    yield dice.days(1, 3), does("quote_requested", "80 seats")


def mistaken(dice: Dice) -> Script:
    """Looks like a buyer until sales finds that a colleague had asked, and takes it back."""
    yield 0, _good_company(dice, "website", title="manager", influence="medium")
    yield dice.hours(2, 20), does("document_requested", "price list")
    yield dice.days(1, 2), does("demo_requested", "the product")
    yield dice.days(2, 5), Undo("asked for by somebody else")


def _good_company(dice: Dice, channel: str, **contact: AttributeValue) -> Created:
    """An arrival from a company that we like to sell to."""
    return arrives(
        channel,
        industry=dice.choice(("software", "finance", "manufacturing")),
        employees=dice.randint(250, 4000),
        region=dice.choice(("emea", "north_america", "apac")),
        department=dice.choice(("operations", "sales", "it")),
        **contact,
    )


class Role(NamedTuple):
    """A persona, how often it comes, and the tier in which its story ends."""

    persona: Persona
    weight: int
    ends: Tier


CAST: Final = (
    Role(buyer, 4, Tier.HOT),
    Role(champion, 2, Tier.WARM),
    Role(researcher, 4, Tier.WARM),
    Role(student, 2, Tier.DISQUALIFIED),
    Role(competitor, 1, Tier.DISQUALIFIED),
    Role(ghost, 4, Tier.COLD),
    Role(bot, 1, Tier.COLD),
    Role(returner, 3, Tier.HOT),
    Role(mistaken, 1, Tier.COLD),
)

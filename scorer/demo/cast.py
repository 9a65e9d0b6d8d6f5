"""Invented people with names, and the order of everything they do. Knows no Kafka and no clock."""

from __future__ import annotations

import heapq
from collections import Counter
from collections.abc import Iterator
from itertools import count
from typing import Final

from scorer.demo.mishaps import mishaps
from scorer.demo.people import CAST, Role
from scorer.demo.reps import follow_up
from scorer.demo.script import Dice, Post, play
from scorer.domain.model import DAY_US

GIVEN: Final = (
    "ada", "amara", "anders", "aoife", "beatriz", "bo", "chiara", "chidi", "daan", "diego",
    "elif", "emeka", "farah", "felix", "freya", "goran", "hana", "hugo", "ines", "ivan",
    "jonas", "jun", "kaya", "kofi", "lars", "leila", "lin", "lucia", "mateo", "mei",
    "mia", "milan", "nadia", "noor", "oscar", "paula", "pedro", "priya", "rafa", "rosa",
    "sami", "sofia", "tariq", "theo", "uma", "vera", "wei", "xin", "yara", "yuki",
)  # fmt: skip
FAMILY: Final = (
    "abe", "adeyemi", "alonso", "bauer", "becker", "bianchi", "brandt", "chen", "costa", "dias",
    "dubois", "eriksen", "farouk", "fischer", "garcia", "haddad", "hansen", "hoang", "ito", "ivanov",
    "jansen", "kaya", "keller", "khan", "kim", "kovac", "larsen", "lee", "li", "lopez",
    "maier", "mensah", "moreau", "nair", "nakamura", "novak", "okafor", "olsen", "park", "petrov",
    "rossi", "santos", "sato", "silva", "singh", "tanaka", "torres", "wang", "weber", "zhang",
)  # fmt: skip

MONTH_US: Final = 28 * DAY_US
"""The time over which `leads` people arrive; then as many new ones begin to come."""


def stories(seed: int, leads: int, start_us: int) -> Iterator[Post]:
    """Everything that ever happens, in order of time, without end: `leads` newcomers a month.

    Deterministic: equal arguments give equal posts. Holds two months or so of posts in memory.
    """
    waiting: list[tuple[int, int, Post]] = []
    numbers, names = count(), Counter[str]()
    for month in count():
        for post in _arrivals(seed, month, leads, start_us + month * MONTH_US, names):
            heapq.heappush(waiting, (post.time_us, next(numbers), post))
        until_us = start_us + (month + 1) * MONTH_US
        while waiting and waiting[0][0] < until_us:
            yield heapq.heappop(waiting)[2]


def _arrivals(
    seed: int, month: int, leads: int, start_us: int, names: Counter[str]
) -> Iterator[Post]:
    dice = Dice(f"{seed}/{month}")
    for number, role in enumerate(_deal(dice, leads)):
        own_dice = Dice(f"{seed}/{month}/{number}")
        arrival_us = start_us + MONTH_US * number // leads + own_dice.hours(0, 12)
        name = _name(own_dice, names)
        yield from play(role.persona(own_dice), name, arrival_us)
        yield from follow_up(Dice(f"{seed}/{month}/{number}/rep"), name, arrival_us)
    yield from mishaps(dice, leads, start_us, MONTH_US)


def _deal(dice: Dice, leads: int) -> list[Role]:
    """Roles from shuffled decks, so that a small month too has someone of most kinds."""
    dealt: list[Role] = []
    while len(dealt) < leads:
        deck = [role for role in CAST for _ in range(role.weight)]
        dice.shuffle(deck)
        dealt += deck
    return dealt[:leads]


def _name(dice: Dice, names: Counter[str]) -> str:
    """A lead id that no two people share; in a crowd, `mei-okafor-2` after a first of that name."""
    for _ in range(10):
        name = f"{dice.choice(GIVEN)}-{dice.choice(FAMILY)}"
        if not names[name]:
            break
    names[name] += 1
    return name if names[name] == 1 else f"{name}-{names[name]}"

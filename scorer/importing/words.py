"""How alike names are, and what they speak of. Knows how words are written, not which there are.

`LeadSource`, `lead_source` and `Lead source` are one name; `call_unanswered` is not `call_answered`.
"""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Iterable
from difflib import SequenceMatcher
from functools import lru_cache
from typing import Final

from scorer.importing.vocabulary import NEGATIONS, TOPICS, Topic

_ENDINGS: Final = ("ing", "ed", "es", "s", "d")


@lru_cache(maxsize=100_000)
def phrase(text: str) -> str:
    """The words of a name, spaced and folded: `LeadSource`, `lead_source` → `lead source`."""
    apart = re.sub(r"(?<=[a-zà-ÿ0-9])(?=[A-ZÀ-Ý])|(?<=[A-Z])(?=[A-Z][a-z])", " ", text)
    return " ".join(re.findall(r"[^\W_]+", unicodedata.normalize("NFC", apart).casefold()))


@lru_cache(maxsize=100_000)
def stems(text: str) -> frozenset[str]:
    """Words without accents and endings, so that `Calls answered` meets `call_answer`."""
    plain = unicodedata.normalize("NFKD", phrase(text)).encode(
        "ascii", "ignore"
    ).decode() or phrase(text)
    return frozenset(
        _stem(word)
        for word in plain.split()
        if word not in ("on", "the", "a", "of", "for", "to", "is", "in")
    )


def _stem(word: str) -> str:
    for ending in _ENDINGS:
        if word.endswith(ending) and len(word) - len(ending) >= 3:
            return word[: -len(ending)]
    return word


@lru_cache(maxsize=100_000)
def is_cjk(text: str) -> bool:
    """Whether a text is written without spaces between words."""
    return any("\u3400" <= char <= "\u9fff" or "\u3040" <= char <= "\u30ff" for char in text)


def about(name: str, topic: Topic) -> float:
    """How surely a column's name speaks of a topic: 1 the very words, 0.5 among others, 0 not at all."""
    return mentions(name, _split(TOPICS[topic]))


def is_about_losing(name: str) -> bool:
    """Whether `yes` in this column is bad news."""
    return mentions(name, ("lost", "churn", "churned", "流失", "verloren", "perdido", "perdu")) > 0


def is_value_of_deal(name: str) -> bool:
    """Whether a column holds what was sold for: it is known only when the sale is won."""
    return (
        mentions(
            name,
            (
                "close value",
                "deal value",
                "deal amount",
                "deal size",
                "sale amount",
                "order value",
                "成交金额",
                "auftragswert",
            ),
        )
        > 0
    )


def mentions(name: str, words: Iterable[str]) -> float:
    """1 if the name is one of the words, 0.5 if it contains one, else 0."""
    said = phrase(name)
    padded = f" {said} "
    best = 0.0
    for word in words:
        if word == said:
            return 1.0
        if is_cjk(word):
            within = len(word) > 1 and word in said
        else:  # `id` and `at` count at an end; `us` amid other words is no country
            within = (
                f" {word} " in padded
                if len(word) > 2
                else len(word) == 2 and padded.endswith(f" {word} ")
            )
        best = max(best, 0.5 if within else 0.0)
    return best


@lru_cache(maxsize=1_000)
def _split(words: str) -> tuple[str, ...]:
    return tuple(phrase(word) for word in words.split(","))


def likeness(one: str, other: str, groups: tuple[str, ...] = (), *, parts: bool = True) -> float:
    """How alike two names are, 0 to 1: the same words, the same concept.

    With `parts`, a name within another is alike too: right for columns (`Contact department`), wrong
    for their values (`South Africa` is not in the `south`).
    """
    first, second = phrase(one), phrase(other)
    if not first or not second or denies(first) != denies(second):
        return 0.0
    if first == second:
        return 1.0
    if stems(one) == stems(other):
        return 0.95
    together = max((_in_group(first, second, group) for group in groups), default=0.0)
    if together:
        return together
    mine, theirs = stems(one), stems(other)
    if parts and len(min(mine, theirs, key=len)) and (mine < theirs or theirs < mine):
        shared = len(mine & theirs) / len(mine | theirs)
        return 0.5 + 0.4 * shared
    ratio = SequenceMatcher(None, first, second).ratio()
    return ratio if ratio >= 0.85 and len(first) > 4 else 0.0


def _in_group(first: str, second: str, group: str) -> float:
    """0.9 when both are words of one group, less the less of a name such a word is."""
    one = _share(first, group)
    other = _share(second, group) if one else 0.0
    return 0.9 - 0.3 * (2 - one - other) if one and other else 0.0


@lru_cache(maxsize=100_000)
def _share(said: str, group: str) -> float:
    """How much of a name is one of the group's words: 1 all of it, ½ a third or more, 0 less."""
    words = _split(group)
    if not mentions(said, words):
        return 0.0
    if is_cjk(said):
        return 1.0 if said in words else 0.5
    length = len(said.split())
    longest = max(len(word.split()) for word in words if mentions(said, (word,)))
    return 1.0 if longest == length else 0.5 if longest * 3 >= length else 0.0


def denies(said: str) -> bool:
    """Whether a name says that something did not happen: `call_unanswered`, `no reply`, `未接电话`."""
    return any(
        word in NEGATIONS or re.fullmatch(r"un(answered|reachable|read)", word)
        for word in said.replace("no of ", "").split()  # `No. of employees` is a number
    ) or any(sign in said for sign in "未没无")

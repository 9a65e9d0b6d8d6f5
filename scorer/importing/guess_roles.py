"""Columns that never become attributes as they are: personal data, notes, other scores, channels, owners."""

from __future__ import annotations

from typing import Final

from scorer.importing.guess_attributes import Fit, attribute_for
from scorer.importing.mapping import SourceChannel
from scorer.importing.model_words import ModelWords
from scorer.importing.profile import ADDRESS_OF_MACHINE, MAIL, PHONE, URL, Profile
from scorer.importing.suggestion import Noted, Suggestion
from scorer.importing.vocabulary import Topic
from scorer.importing.words import about, phrase

THINGS: Final = frozenset(
    "company course product campaign organization organisation event file department school college university industry"
    " 公司 企业 课程 产品 活动 firma empresa entreprise".split()
)
"""`company name` names no person."""


def is_personal(column: Profile) -> bool:
    """Whether the cells tell who somebody is, by the column's name or by their form."""
    named = about(column.name, Topic.PERSON)
    thing = any(word in phrase(column.name) for word in THINGS)
    if column.is_boolean:
        return False  # "Do Not Email", "Has phone"
    if named == 1 or (named == 0.5 and not thing and column.distinct > 0.2 * max(column.filled, 1)):
        return True
    phones = (
        column.share(PHONE) > 0.8
        and not column.is_number
        and not column.time_formats(named_like_time=True)
    )
    return phones or max(column.share(MAIL), column.share(ADDRESS_OF_MACHINE)) > 0.8


def why_left_out(column: Profile) -> str | None:
    """Why a column says nothing to a rule, None when it may."""
    if not column.filled:
        return "empty in every row"
    if column.distinct == 1 and column.filled == column.rows:
        return f"the same in every row: {column.sample[0][:40]}"
    if is_personal(column):
        return "personal data: scoring needs none"
    if column.share(URL) > 0.8:
        return "links"
    if about(column.name, Topic.SCORE) == 1 or (
        about(column.name, Topic.SCORE) and (column.is_number or column.distinct <= 12)
    ):
        return "somebody else's score or grade: it would leak into ours"
    notes = about(column.name, Topic.NOTE) == 1 and (column.mean_words > 2 or column.mean_chars > 6)
    if notes or (column.mean_words > 4 and column.distinct > 0.5 * column.filled):
        return "free text: may hold personal data"
    return None


def choose_channel_and_owner(
    made: Suggestion, columns: list[Profile], fits: dict[str, Fit], model: ModelWords
) -> list[Profile]:
    """The column that tells the channel, and the one that tells the rep."""
    texts = [column for column in columns if not column.is_number and not column.is_boolean]
    channel = max(
        texts,
        key=lambda c: (about(c.name, Topic.CHANNEL), "source" in phrase(c.name), c.distinct),
        default=None,
    )
    if (
        channel is not None
        and about(channel.name, Topic.CHANNEL) >= 0.5
        and channel.distinct <= 200
    ):
        fit = fits.get(channel.name)
        part = SourceChannel(column=channel.name)
        made.channel = Noted(part, f"{channel.distinct} channels")
        name, attribute, why = attribute_for(channel, fit, model, set(made.attributes))
        made.attributes[name] = Noted(attribute, why)
        columns = [column for column in columns if column is not channel]
    owner = max(texts, key=lambda column: about(column.name, Topic.OWNER), default=None)
    if (
        owner is not None
        and owner is not channel
        and about(owner.name, Topic.OWNER) >= 0.5
        and owner.name not in fits
    ):
        made.owner = Noted(owner.name, f"{owner.distinct} reps")
        columns = [column for column in columns if column is not owner]
    return columns

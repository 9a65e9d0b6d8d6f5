"""Who is gone, and whose leads are where: what one lane of the pool knows of owners. Knows no Kafka.

Both are kept in the lane's own table, under keys that no lead can have, because they are no UTF-8:
    ff o <owner>              → what was heard of the owner, and how far his leads have been told
    ff l <length><owner><lead> → nothing; that the entry exists says whose the lead is
"""

from __future__ import annotations

from bisect import insort
from collections.abc import Sequence
from typing import Final, NamedTuple

import orjson

from scorer.domain.events import LeadEvent, OwnerLeft
from scorer.domain.evidence import Entry
from scorer.domain.followup.case import Case
from scorer.domain.followup.entries import OWNER_LEFT
from scorer.engine.keys import RESERVED
from scorer.engine.ports import StateReader, StateWrite

_OWNER: Final = RESERVED + b"o"
_LEAD: Final = RESERVED + b"l"
_HEARD_KEPT: Final = 64  # leavings and comings back of one owner
PRESENT: Final = StateWrite(b"1", None)
"""The value of an entry of the index."""


class Leaving(NamedTuple):
    """An owner left (or came back) at an instant. The order is canonical."""

    time_us: int
    source: str
    id: str
    gone: bool
    to: str | None  # who takes over


def is_owner(key: bytes) -> bool:
    """Whether a key of the table is that of an owner."""
    return key.startswith(_OWNER)


def owner_key(owner: str) -> bytes:
    """The key of what was heard of an owner."""
    return _OWNER + owner.encode()


def owner_of(key: bytes) -> str:
    """The owner in such a key."""
    return key[len(_OWNER) :].decode()


def index_key(owner: str, lead: bytes) -> bytes:
    """The entry that says that the owner has the lead."""
    return _index_prefix(owner) + lead


def indexed(key: bytes) -> tuple[str, bytes] | None:
    """The owner and the lead of an entry of the index; None for any other key."""
    if not key.startswith(_LEAD):
        return None
    begin = len(_LEAD) + 2
    end = begin + int.from_bytes(key[len(_LEAD) : begin], "big")
    return key[begin:end].decode(errors="replace"), key[end:]


def leads_of(owner: str, after: bytes, states: StateReader, limit: int) -> Sequence[bytes]:
    """At most `limit` leads of an owner behind `after`."""
    prefix = _index_prefix(owner)
    found = states.keys(prefix, prefix + after if after else b"", limit)
    return [key[len(prefix) :] for key in found]


def _index_prefix(owner: str) -> bytes:
    raw = owner.encode()
    return _LEAD + len(raw).to_bytes(2, "big") + raw


class OwnerFile:
    """What was heard of one owner, and how far the leads of this lane have been told of it."""

    __slots__ = ("after", "heard", "telling_us")

    def __init__(self) -> None:
        self.heard: list[Leaving] = []
        self.telling_us: int | None = None  # leads are being told, since this instant
        self.after = b""  # the last lead that was

    def hear(self, event: LeadEvent) -> bool:
        """Take an event in; False when it was known."""
        body = event.body
        gone = isinstance(body, OwnerLeft)
        to = body.to if isinstance(body, OwnerLeft) else None
        if any((each.source, each.id) == (event.source, event.id) for each in self.heard):
            return False
        insort(self.heard, Leaving(event.time_us, event.source, event.id, gone, to))
        del self.heard[:-_HEARD_KEPT]
        if gone:
            self.telling_us, self.after = event.time_us, b""
        return True

    def entry_for(self, case: Case) -> Entry | None:
        """The leaving that takes a case from this owner; None when he is here to keep it.

        The first one in whose time the owner has the lead. Its identity is that of the leaving and
        of the episode: the same lead may be given to somebody who is gone more than once.
        """
        for number, left in enumerate(self.heard):
            if not left.gone:
                continue
            back = next((each for each in self.heard[number + 1 :] if not each.gone), None)
            if back is not None and back.time_us <= case.since_us:
                continue
            # A µs later where he never should have had it: at one instant ids decide what is first.
            at_us = max(left.time_us, case.since_us + 1)
            identity = f"{left.id}#{case.episode}"
            assert case.owner is not None
            return (at_us, left.source, identity, OWNER_LEFT, case.owner, left.to)
        return None

    def write(self) -> StateWrite:
        """The stored form; due at once while leads are being told."""
        heard = [list(each) for each in self.heard]
        value = orjson.dumps([heard, self.telling_us, self.after.decode()])
        return StateWrite(value, self.telling_us)

    @classmethod
    def read(cls, raw: bytes | None) -> OwnerFile:
        """The file of some bytes; an empty one for nothing."""
        made = cls()
        if raw is not None:
            heard, made.telling_us, after = orjson.loads(raw)
            made.heard = [Leaving(*each) for each in heard]
            made.after = after.encode()
        return made

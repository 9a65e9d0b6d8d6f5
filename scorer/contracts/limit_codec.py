"""What the limits of a rule remember, as bytes, and back. Knows the forms, not what a limit is.

One value a limit: nothing yet, a number, some instants or days and counts, or marks of objects.
"""

from __future__ import annotations

from typing import Any, Final

import orjson
from librt.strings import BytesWriter
from mypy_extensions import mypyc_attr

from scorer.contracts.binary import Reading, write_chunk, write_count, write_whole
from scorer.contracts.stored import unreadable
from scorer.domain.sealed import Sealed

_NOTHING: Final = 0
_NUMBER: Final = 1
_NUMBERS: Final = 2
_WORDS: Final = 3


@mypyc_attr(acyclic=True)
class SealedLimits(Sealed):
    """What some limits remember, as it is stored."""

    __slots__ = ()

    def open(self) -> Any:
        reading = Reading(self.raw, 0)
        limits: list[Any] = []
        try:
            while reading.at < len(self.raw):
                limits.append(_read_one(reading))
        except (ValueError, IndexError) as error:
            raise unreadable("lead state") from error
        return limits


def limits_as_bytes(limits: list[Any] | Sealed) -> bytes:
    """What some limits remember as it is stored."""
    if isinstance(limits, Sealed):
        return limits.raw
    out = BytesWriter()
    for one in limits:
        _write_one(out, one)
    return out.getvalue()


def _write_one(out: BytesWriter, one: Any) -> None:
    if one is None:
        out.append(_NOTHING)
    elif isinstance(one, int):
        out.append(_NUMBER)
        write_whole(out, one)
    elif isinstance(one, list) and one and isinstance(one[0], str):
        out.append(_WORDS)
        write_chunk(out, orjson.dumps(one))
    else:
        out.append(_NUMBERS)
        write_count(out, len(one))
        for number in one:
            write_whole(out, number)


def _read_one(reading: Reading) -> Any:
    form = reading.byte()
    if form == _NOTHING:
        return None
    if form == _NUMBER:
        return reading.whole()
    if form == _WORDS:
        return orjson.loads(reading.chunk())
    if form != _NUMBERS:
        raise ValueError("no form of a limit's memory")
    return [reading.whole() for _ in range(reading.count())]

"""Which tiers a lead has been in, as bytes, and back. A crossing looks into it, other evidence does not.

For each: its place, when first, how often, when it was last told anew.
"""

from __future__ import annotations

from typing import Any, Final

import orjson
from librt.strings import BytesWriter
from mypy_extensions import mypyc_attr

from scorer.contracts.binary import Reading, write_count, write_whole
from scorer.contracts.stored import TIERS, unreadable
from scorer.domain.sealed import Sealed

_PLACES: Final = {str(tier): place for place, tier in enumerate(TIERS)}
_NAMES: Final = tuple(_PLACES)
_JSON: Final = ord("{")
"""How it began for a day, before the first release."""


@mypyc_attr(acyclic=True)
class SealedReached(Sealed):
    """The tiers that a lead has been in, as they are stored."""

    __slots__ = ()

    def open(self) -> Any:
        raw = self.raw
        reached: dict[str, list[int]] = {}
        try:
            if raw[0] == _JSON:
                return orjson.loads(raw)
            reading = Reading(raw, 0)
            while reading.at < len(raw):
                name = _NAMES[reading.byte()]
                first_us, times = reading.whole(), reading.count()
                reached[name] = [first_us, times, reading.whole()]
        except (ValueError, IndexError) as error:
            raise unreadable("lead state") from error
        return reached


def reached_as_bytes(reached: dict[str, list[int]] | Sealed) -> bytes:
    """The same as it is stored; nothing for none."""
    if isinstance(reached, Sealed):
        return reached.raw
    out = BytesWriter()
    for name, (first_us, times, told_us) in reached.items():
        out.append(_PLACES[name])
        write_whole(out, first_us)
        write_count(out, times)
        write_whole(out, told_us)
    return out.getvalue()

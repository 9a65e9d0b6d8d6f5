"""Is this process alive, and may it be counted on? Knows clocks and partitions, asks no broker.

Alive: every loop that ever reported has made progress lately. A broker that is away is no reason to be
killed, so a loop beats while it waits, too. Ready: the partitions are known and all of them restored.
"""

from __future__ import annotations

import time
from collections.abc import Callable, Iterable
from typing import Final

STUCK_AFTER_S: Final = (
    30.0  # ticks beat each second; a full disk or a swapping machine may take a few
)


class Health:
    """What `/livez` and `/readyz` answer from; updated by the worker's loops."""

    def __init__(
        self,
        *,
        stuck_after_s: float = STUCK_AFTER_S,
        monotonic: Callable[[], float] = time.monotonic,
    ) -> None:
        self._stuck_after_s = stuck_after_s
        self._monotonic = monotonic
        self._beats: dict[str, float] = {"worker": monotonic()}
        self._restored: dict[int, bool] | None = None

    def beat(self, loop: str = "worker") -> None:
        """`loop` has made progress, or is waiting for work as it should."""
        self._beats[loop] = self._monotonic()

    def retire(self, loop: str) -> None:
        """`loop` has ended as planned and will not beat again."""
        self._beats.pop(loop, None)

    def assigned(self, partitions: Iterable[int]) -> None:
        """These partitions belong to the worker now. All lanes start anew, so none is restored."""
        self._restored = dict.fromkeys(partitions, False)

    def restored(self, partition: int) -> None:
        """The lane of `partition` is fenced, restored and running."""
        self._restored = {**(self._restored or {}), partition: True}

    def lost(self, partition: int) -> None:
        """Another worker owns `partition` now."""
        (self._restored or {}).pop(partition, None)

    def stuck(self) -> dict[str, float]:
        """The loops without progress, with the seconds since their last."""
        now = self._monotonic()
        late = {loop: now - beat for loop, beat in self._beats.items()}
        return {loop: round(age, 1) for loop, age in late.items() if age > self._stuck_after_s}

    def missing(self) -> list[int] | None:
        """Partitions that are not restored yet; None before the first assignment."""
        if self._restored is None:
            return None
        return sorted(partition for partition, done in self._restored.items() if not done)

    @property
    def alive(self) -> bool:
        return not self.stuck()

    @property
    def ready(self) -> bool:
        return self.missing() == [] and self.alive

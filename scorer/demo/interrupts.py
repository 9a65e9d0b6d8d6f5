"""Being asked to stop, politely and at any moment. Knows signals, knows nothing of a demo."""

from __future__ import annotations

import signal
from types import FrameType, TracebackType
from typing import Final, Self

_NAMES: Final = ("SIGINT", "SIGTERM", "SIGHUP")  # Ctrl-C, kill, and a terminal that was closed


class Interrupts:
    """Remembers that a stop was asked for instead of raising in the middle of something.

    So nothing is left behind: neither a start-up nor a clean-up is ever cut off half-way, however
    often Ctrl-C is pressed. Everything between two looks at `asked` takes a bounded time.
    """

    def __init__(self) -> None:
        self.asked = False

    def __enter__(self) -> Self:
        known = [getattr(signal, name) for name in _NAMES if hasattr(signal, name)]
        self._previous = {number: signal.signal(number, self._ask) for number in known}
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        tb: TracebackType | None,
    ) -> None:
        for number, handler in self._previous.items():
            signal.signal(number, handler)

    def _ask(self, number: int, frame: FrameType | None) -> None:
        self.asked = True

"""Processes that end with the one that started them, however that one ended. Knows Linux.

Elsewhere nothing happens: a parent that was killed by force leaves its children there.
"""

from __future__ import annotations

import ctypes
import signal
import sys
from collections.abc import Callable
from typing import Final

_PR_SET_PDEATHSIG: Final = 1


def follow_parent() -> None:
    """Have the kernel send this process SIGTERM when its parent is gone; survives an `exec`.

    The parent is the *thread* that started the process: let that be one that lives long.
    """
    ctypes.CDLL(None).prctl(_PR_SET_PDEATHSIG, signal.SIGTERM)


BEFORE_EXEC: Final[Callable[[], None] | None] = follow_parent if sys.platform == "linux" else None
"""For `subprocess.Popen(preexec_fn=…)`."""

from __future__ import annotations

import pytest

from tests.cli.memory_broker import Desk


@pytest.fixture
def desk() -> Desk:
    return Desk()

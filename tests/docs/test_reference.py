"""The reference pages say what the code says."""

from __future__ import annotations

from pathlib import Path

import pytest

from scorer.reference.__main__ import PAGES

ROOT = Path(__file__).parents[2]


@pytest.mark.parametrize("name", PAGES)
def test_a_reference_page_is_as_the_code_would_write_it(name: str) -> None:
    expected = PAGES[name]()
    assert (ROOT / "docs" / "reference" / name).read_text("utf-8") == expected, (
        "run `make docs` and commit"
    )


def test_every_setting_says_what_it_is_for() -> None:
    for row in PAGES["settings.md"]().splitlines():
        if row.startswith("| `"):
            assert row.rstrip(" |").endswith("."), row

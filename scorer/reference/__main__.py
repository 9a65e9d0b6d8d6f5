"""Writes docs/reference: `python -m scorer.reference [FOLDER]`."""

from __future__ import annotations

import sys
from collections.abc import Callable, Mapping
from pathlib import Path
from typing import Final

from scorer.reference.commands import cli_page
from scorer.reference.events import events_page
from scorer.reference.follow_up import follow_up_page
from scorer.reference.languages import import_page, model_page, story_page
from scorer.reference.operations import exit_codes_page, metrics_page, settings_page

PAGES: Final[Mapping[str, Callable[[], str]]] = {
    "cli.md": cli_page,
    "events.md": events_page,
    "exit-codes.md": exit_codes_page,
    "follow-up.md": follow_up_page,
    "import.md": import_page,
    "metrics.md": metrics_page,
    "model.md": model_page,
    "settings.md": settings_page,
    "story.md": story_page,
}


def write(folder: Path) -> None:
    """Write all pages; say which have changed."""
    folder.mkdir(parents=True, exist_ok=True)
    for name, page in PAGES.items():
        path, text = folder / name, page()
        if not path.exists() or path.read_text(encoding="utf-8") != text:
            path.write_text(text, encoding="utf-8")
            print(f"wrote {path}")  # noqa: T201  (a command)


if __name__ == "__main__":
    write(Path(sys.argv[1] if len(sys.argv) > 1 else "docs/reference"))

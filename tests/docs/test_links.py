"""Whoever follows the documentation arrives: links, commands, targets and names exist."""

from __future__ import annotations

import re
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[2]
PAGES = [ROOT / "README.md", ROOT / "CHANGELOG.md", *sorted((ROOT / "docs").rglob("*.md"))]
LINK = re.compile(r"\[[^\]]*\]\(([^)#\s]+)(?:#[^)]*)?\)")
EACH = pytest.mark.parametrize("page", PAGES, ids=lambda page: str(page.relative_to(ROOT)))


@EACH
def test_every_link_within_the_repository_leads_somewhere(page: Path) -> None:
    targets = [link for link in LINK.findall(page.read_text("utf-8")) if "://" not in link]
    broken = [target for target in targets if not (page.parent / target).exists()]
    assert broken == []


@EACH
def test_every_file_that_is_named_exists(page: Path) -> None:
    named = re.findall(
        r"`((?:scorer|topologies|schemas|tests|deploy|docs)/[\w./-]+)`", page.read_text("utf-8")
    )
    missing = [name for name in named if not (ROOT / name).exists()]
    assert missing == []


@EACH
def test_every_make_target_exists(page: Path) -> None:
    targets = set(re.findall(r"^([a-z]+):", (ROOT / "Makefile").read_text("utf-8"), re.MULTILINE))
    code = "\n".join(re.findall(r"`make ([a-z]+)", page.read_text("utf-8")))
    blocks = "\n".join(re.findall(r"^make ([a-z]+)", page.read_text("utf-8"), re.MULTILINE))
    assert set(code.split()) | set(blocks.split()) <= targets


def test_every_page_can_be_reached_from_the_readme() -> None:
    seen: set[Path] = set()
    todo = [ROOT / "README.md"]
    while todo:
        page = todo.pop().resolve()
        if page in seen or page.suffix != ".md":
            continue
        seen.add(page)
        links = LINK.findall(page.read_text("utf-8"))
        todo += [page.parent / link for link in links if "://" not in link]
    assert {page.resolve() for page in PAGES} - seen == set()


def test_every_target_of_the_makefile_is_explained() -> None:
    makefile = (ROOT / "Makefile").read_text("utf-8")
    targets = re.findall(r"^([a-z]+):(?!=)", makefile, re.MULTILINE)
    explained = re.findall(r"^([a-z]+):.*## .", makefile, re.MULTILINE)
    assert targets == explained


def test_every_module_named_in_the_source_as_documentation_exists() -> None:
    named = {
        (path, reference)
        for folder in ("scorer", "topologies", "schemas")
        for path in (ROOT / folder).rglob("*.py")
        for reference in re.findall(r"\bdocs/[\w./-]*\w", path.read_text("utf-8"))
    }
    assert {(str(p), r) for p, r in named if not (ROOT / r).exists()} == set()

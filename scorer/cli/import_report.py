"""What an import says to the person who started it: progress, result, bad rows."""

from __future__ import annotations

import csv
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Final

from scorer.cli import show
from scorer.importing.importer import Importer
from scorer.importing.records import Row

LISTED: Final = 20


@contextmanager
def progress(importer: Importer, size_bytes: int) -> Iterator[Callable[[], None]]:
    """A progress bar on stderr; nothing where stderr is no terminal."""
    from rich.progress import BarColumn, Progress, TextColumn, TimeRemainingColumn

    lines = max(_lines(importer.sheet.path, size_bytes), 1)
    columns = (
        TextColumn("importing"),
        BarColumn(),
        TextColumn("{task.completed:,.0f} rows"),
        TimeRemainingColumn(),
    )
    console = show.err()
    with Progress(
        *columns, console=console, transient=True, disable=not console.is_terminal
    ) as bar:
        task = bar.add_task("import", total=lines)
        yield lambda: bar.update(task, completed=importer.report.rows)


def _lines(path: Path, size_bytes: int) -> int:
    """About how many lines a file has: counted in its first megabyte."""
    with path.open("rb") as file:
        head = file.read(1 << 20)
    return int(head.count(b"\n") * size_bytes / max(len(head), 1))


def report(importer: Importer, *, dry_run: bool, as_json: bool, written: Path | None) -> None:
    """The counts, and the bad rows with line and reason."""
    result = importer.report
    if as_json:
        show.json_page(
            {
                "rows": result.rows, "leads": len(result.leads), "events": result.events, "repeated": result.repeated,
                "bad": [{"line": bad.line, "reason": bad.reason} for bad in result.bad], "dry_run": dry_run,
                "source": importer.converter.source,
            }
        )  # fmt: skip
        return
    for bad in result.bad[:LISTED]:
        show.err().print(
            f"line {bad.line}: {bad.reason}", style="yellow", markup=False, soft_wrap=True
        )
    if len(result.bad) > LISTED:
        where = f"all are in {written}" if written else "--bad-rows FILE writes all of them"
        show.note(f"… and {len(result.bad) - LISTED:,} more; {where}")
    verb = "would be published" if dry_run else "published"
    repeated = f", {result.repeated:,} rows repeated" if result.repeated else ""
    bad_count = f", {len(result.bad):,} bad" if result.bad else ""
    show.line(
        f"{result.rows:,} rows: {len(result.leads):,} leads, {result.events:,} events {verb}{repeated}{bad_count}"
    )
    unused = _unused(importer)
    if unused:
        show.note(
            f"columns neither used nor ignored: {', '.join(unused[:8])} → add them to the mapping, or to `ignore`"
        )
    if not dry_run and result.leads:
        show.note("→ lead-scorer list")


def _unused(importer: Importer) -> list[str]:
    named = {column for _, column in importer.mapping.columns()} | set(importer.mapping.ignore)
    return [column for column in importer.sheet.columns if column not in named]


def write_bad_rows(path: Path, importer: Importer) -> None:
    """The bad rows as CSV: line, reason, then the cells, to be mended and imported by themselves."""
    reasons = {bad.line: bad.reason for bad in importer.report.bad}
    with path.open("w", encoding="utf-8", newline="") as file:
        writer = csv.writer(file)
        writer.writerow(["line", "reason", *importer.sheet.columns])
        written = set()
        for row in importer.sheet.rows():
            if row.line in reasons and isinstance(row, Row):
                writer.writerow([row.line, reasons[row.line], *row.cells])
                written.add(row.line)
        writer.writerows([line, reason] for line, reason in reasons.items() if line not in written)

"""How commands print: tables, colours, times, JSON lines. Colour on a terminal only."""

from __future__ import annotations

import sys
from collections.abc import Iterable, Sequence
from datetime import UTC, datetime
from functools import cache
from typing import TYPE_CHECKING, Any, Final

if TYPE_CHECKING:
    from rich.console import Console, JustifyMethod
    from rich.table import Table
    from rich.text import Text

TIER_STYLE: Final = {"hot": "bold red", "warm": "yellow", "cold": "cyan", "disqualified": "dim"}
WIDE: Final = 200  # columns off a terminal: a pipe must not fold lines


@cache
def _console(stderr: bool, terminal: bool, stream: int) -> Console:
    from rich.console import Console

    return Console(stderr=stderr, highlight=False, width=None if terminal else WIDE)


def out() -> Console:
    """The console of stdout."""
    return _console(False, sys.stdout.isatty(), id(sys.stdout))


def err() -> Console:
    """The console of stderr: progress, warnings, hints."""
    return _console(True, sys.stderr.isatty(), id(sys.stderr))


def note(text: str) -> None:
    """A remark beside the result; never on stdout, which may be piped."""
    from rich.markup import escape

    err().print(escape(text), style="dim", soft_wrap=True)


def line(text: str) -> None:
    """A line of the result as it is, without any markup."""
    print(text)


def json_line(value: Any) -> None:  # anything that JSON can hold
    """One JSON value on one line, at once: a reader at the other end of a pipe is waiting."""
    import orjson

    sys.stdout.write(orjson.dumps(value, option=orjson.OPT_NON_STR_KEYS).decode() + "\n")
    sys.stdout.flush()


def json_page(value: Any) -> None:  # anything that JSON can hold
    """A JSON document for people and scripts alike."""
    import orjson

    print(orjson.dumps(value, option=orjson.OPT_INDENT_2 | orjson.OPT_NON_STR_KEYS).decode())


def table(
    columns: Sequence[str],
    rows: Iterable[Sequence[Any]],
    *,
    right: Sequence[str] = (),
    short: str | None = None,
) -> Table:
    """A plain table; cells may be styled texts, everything else is shown as it is.

    Without `short`, wide cells wrap. With it, that column is cut with … to what the terminal leaves,
    and every row stays on one line.
    """
    from rich import box
    from rich.table import Table
    from rich.text import Text

    made = Table(box=box.SIMPLE_HEAD, pad_edge=False, show_edge=False)
    cells = [[c if isinstance(c, Text) else Text(str(c)) for c in row] for row in rows]
    if short is not None:
        _cut(columns, cells, columns.index(short))
    for name in columns:
        justify: JustifyMethod = "right" if name in right else "left"
        made.add_column(name, justify=justify, overflow="fold", no_wrap=short is not None)
    for row in cells:
        made.add_row(*row)
    return made


def _cut(columns: Sequence[str], rows: Sequence[Sequence[Text]], number: int) -> None:
    """Cut the texts of one column so that all columns fit beside each other."""
    widths = [
        max([len(name), *(row[n].cell_len for row in rows)]) for n, name in enumerate(columns)
    ]
    others = sum(widths) - widths[number] + 3 * (len(columns) - 1)
    left = max(out().width - others, len(columns[number]))
    for row in rows:
        row[number].truncate(left, overflow="ellipsis")


def tier_text(tier: str) -> Any:  # rich.text.Text, which is imported late
    """The tier in its colour."""
    from rich.text import Text

    return Text(tier, style=TIER_STYLE.get(tier, ""))


def points(value: float) -> str:
    """`+12.50`, `-3.00`, `0.00`."""
    return f"{value:+.2f}" if value else "0.00"


def when(moment: datetime | int) -> str:
    """`2026-11-22 09:30:00` in UTC."""
    if isinstance(moment, int):
        moment = datetime.fromtimestamp(moment / 1_000_000, UTC)
    return moment.astimezone(UTC).strftime("%Y-%m-%d %H:%M:%S")


def span(us: int) -> str:
    """`3 d 4 h`, `12 min`, `5 s`: as much as a person wants to know."""
    seconds = abs(us) // 1_000_000
    for size, unit, smaller, small_unit in (
        (86_400, "d", 3_600, "h"),
        (3_600, "h", 60, "min"),
        (60, "min", 1, "s"),
    ):
        if seconds >= size:
            rest = seconds % size // smaller
            return f"{seconds // size} {unit}" + (f" {rest} {small_unit}" if rest else "")
    return f"{seconds} s"

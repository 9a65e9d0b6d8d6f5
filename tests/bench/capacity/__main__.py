"""`make capacity`: the page from the figures, or the figures from this machine first."""

from __future__ import annotations

import argparse
import json
from pathlib import Path

from tests.bench.capacity import figures, page


def main() -> None:
    """Measure if asked to, then write the page."""
    parser = argparse.ArgumentParser(prog="make capacity", description=__doc__)
    parser.add_argument(
        "--figures", type=Path, default=figures.FILE, help="a file like measured.json"
    )
    parser.add_argument("--print", action="store_true", help="show the page, write nothing")
    parser.add_argument(
        "--measure", action="store_true", help="take the figures on real Kafka first"
    )
    parser.add_argument(
        "--events", type=int, default=200_000, help="of the backlog, when measuring"
    )
    parser.add_argument("--seconds", type=float, default=30.0, help="at each rate, when measuring")
    parser.add_argument("--repeat", type=int, default=3, help="the median counts, when measuring")
    parser.add_argument("--rates", default="500,2000", help="events/s, when measuring")
    args = parser.parse_args()
    if args.measure:
        from tests.bench.capacity.in_memory import in_memory
        from tests.bench.capacity.measure import measured

        content = json.loads(args.figures.read_text(encoding="utf-8"))
        rates = tuple(int(rate) for rate in args.rates.split(","))
        content |= measured(args.events, args.seconds, args.repeat, rates)
        content["sizes"] |= in_memory()
        args.figures.write_text(json.dumps(content, indent=1) + "\n", encoding="utf-8")
    text = page.page(figures.load(args.figures))
    if args.print:
        print(text)
        return
    page.PAGE.write_text(text, encoding="utf-8")
    print(f"wrote {page.PAGE.name}")


if __name__ == "__main__":
    main()

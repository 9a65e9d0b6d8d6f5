"""How accounts and comparisons are printed: every line, the sums, what comes next, what does not count."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from scorer.cli import show
from scorer.cli.publishing import one_word

if TYPE_CHECKING:
    from scorer.domain.line import Line
    from scorer.domain.sentence import Language
    from scorer.engine.account import Account, Kept
    from scorer.engine.comparison import Comparison, Difference

COLUMNS: Final = ("dimension", "line", "what", "count", "decayed", "capped", "points")
MOST_KEPT: Final = 20
"""Pieces of evidence that do not count, listed at most; --json has them all."""


def language(word: str) -> Language:
    """The language of an option. Raises `Failure` for one that we do not speak."""
    return "zh" if one_word(word, ["en", "zh"]) == "zh" else "en"


def print_account(it: Account, lang: Language = "en") -> None:
    """The account as a person reads it."""
    from rich.text import Text

    if not it.created:
        known = "is not created yet: nothing is scored" if it.held else "was not known yet"
        show.out().print(Text(f"{it.lead_id} {known} at {show.when(it.at_us)} UTC", style="bold"))
    else:
        _print_head(it, lang)
        _print_lines(it, lang)
        _print_next(it)
    _print_kept("suppressed: happened, does not count", it.suppressed)
    _print_kept("held: waits for the lead to be created", it.held)


def _print_head(it: Account, lang: Language) -> None:
    from rich.text import Text

    head = Text.assemble((it.lead_id, "bold"), "  ", (f"{it.score:.2f}", "bold"), "  ")
    since = f"  since {show.when(it.since_us)} UTC, {show.span(it.at_us - it.since_us)}"
    show.out().print(head.append_text(show.tier_text(it.tier)).append(since, style="dim"))
    show.out().print(Text(it.why(lang)), soft_wrap=True)


def _print_lines(it: Account, lang: Language) -> None:
    """One row a line, one for the sum of each dimension, one for the score."""
    rows = []
    for dimension in (*it.explanation.dimensions, ""):
        rows += [
            _row(it, line, lang) for line in it.explanation.lines if line.dimension == dimension
        ]
        if dimension:
            rows.append(_sum(f"= {dimension}", it.explanation.dimensions[dimension]))
    rows.append(_sum("= score" if it.adds_up else "≠ SCORE", it.score))
    used = [
        n for n, name in enumerate(COLUMNS) if n < 4 or name == "points" or any(r[n] for r in rows)
    ]
    table = show.table(
        [COLUMNS[n] for n in used],
        [[row[n] for n in used] for row in rows],
        right=COLUMNS[3:],
        short="what",
    )
    show.out().print(table)


def _row(it: Account, line: Line, lang: Language) -> tuple[str, ...]:
    count, decayed, cut = str(line.occurrences or ""), _less(line.decayed), _less(line.cut)
    dimension = line.dimension or "total"
    label = it.label(line, lang)
    return dimension, line.name, label, count, decayed, cut, show.points(line.points)


def _sum(name: str, points: float) -> tuple[str, ...]:
    return "", name, "", "", "", "", f"{points:.2f}"


def _print_next(it: Account) -> None:
    if it.next_tier and it.next_us:
        left = show.span(it.next_us - it.at_us)
        when = show.when(it.next_us)
        show.line(f"next      {it.next_tier} at {when} UTC, in {left}, if nothing happens")
    else:
        show.line("next      no other tier by time alone")
    show.line(f"as of     {show.when(it.at_us)} UTC; {_model(it)}")
    if it.attributes:
        known = ", ".join(f"{name}={value}" for name, value in sorted(it.attributes.items()))
        show.line(f"knows     {known}")


def _model(it: Account) -> str:
    model = it.plan.model
    return f"model {model.name} {model.version} ({it.plan.hash})"


def _print_kept(title: str, kept: list[Kept]) -> None:
    if not kept:
        return
    show.line("")
    rows = [
        (show.when(each.time_us), each.what, each.why, f"{each.source} {each.id}")
        for each in kept[-MOST_KEPT:]
    ]
    show.out().print(show.table([title, "what", "why", "event"], rows))
    if len(kept) > MOST_KEPT:
        show.note(f"the latest {MOST_KEPT} of {len(kept)}; --json lists all")


def print_comparison(it: Comparison, lang: Language, *, replayed: bool) -> None:
    """Two accounts side by side: rule by rule, dimension by dimension, score, tier."""
    from rich.text import Text

    one, other = it.one, it.other
    for sign, each in (("this  ", one), ("other ", other)):
        text = Text.assemble((sign, "dim"), (f"{each.score:7.2f}", "bold"), "  ")
        text.append_text(show.tier_text(each.tier)).append(f"  {_model(each)}", style="dim")
        show.out().print(text, soft_wrap=True)
    show.line("")
    names = list(dict.fromkeys(line.dimension for line in it.lines if line.dimension))
    rows: list[tuple[str, ...]] = []
    for name in (*names, ""):
        rows += [_pair(it, line, lang) for line in it.lines if line.dimension == name]
        rows += [_total(f"= {name}", each) for each in it.dimensions if name and each.name == name]
    rows.append(("", "= score", "", f"{one.score:.2f}", f"{other.score:.2f}", _by(it.by)))
    columns = ["dimension", "line", "what", "this", "other", "difference"]
    table = show.table(columns, rows, right=columns[3:], short="what")
    show.out().print(table)
    for sign, each in (("this", one), ("other", other)):
        coming = "no other tier by time alone"
        if each.next_tier and each.next_us:
            coming = f"{each.next_tier} at {show.when(each.next_us)} UTC"
        show.line(f"{sign:6}{each.tier}, then {coming}")
    show.line(f"as of {show.when(one.at_us)} UTC")
    _warn_of_the_unknown(it, replayed=replayed)


def _pair(it: Comparison, line: Difference, lang: Language) -> tuple[str, ...]:
    label = ""
    for each in (it.one, it.other):
        for found in each.explanation.lines:
            if (found.dimension, found.kind, found.name) == (line.dimension, line.kind, line.name):
                label = label or each.label(found, lang)
    left, right = (("" if v is None else show.points(v)) for v in (line.one, line.other))
    return line.dimension or "total", line.name, label, left, right, _by(line.by)


def _total(title: str, line: Difference) -> tuple[str, ...]:
    left, right = (("" if v is None else f"{v:.2f}") for v in (line.one, line.other))
    return "", title, "", left, right, _by(line.by)


def _by(points: float) -> str:
    return show.points(points) if points else ""


def _warn_of_the_unknown(it: Comparison, *, replayed: bool) -> None:
    """A state holds only what its own model asks for."""
    missing = [*it.unknown_attributes, *it.unknown_behaviours]
    if missing and not replayed:
        show.note(
            f"only the other model asks for {', '.join(missing)}: the stored state does not hold them "
            "→ add --replay to read them from the topics"
        )


def _less(points: float) -> str:
    return f"-{points:.2f}" if points else ""

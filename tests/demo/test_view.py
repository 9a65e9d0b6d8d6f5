"""The live view is a pure function: what a person sees is asserted without a terminal."""

from __future__ import annotations

import io

import pytest
from rich.cells import cell_len
from rich.console import Console

from scorer.demo.board import Board, Crossed, Outlook, Scored
from scorer.demo.view import Frame, draw
from scorer.demo.words import Lang, span
from scorer.domain.model import DAY_US
from scorer.domain.outputs import Tier

NOW_US = 1_767_600_000_000_000  # Mon 05 Jan 2026 08:00 UTC
SIZES = [(80, 24), (120, 40), (200, 60), (60, 12)]


def scored(lead_id: str, score: float, tier: Tier) -> Scored:
    return Scored(lead_id, NOW_US, score, tier, None, None)


def board_of(count: int) -> Board:
    board = Board()
    tiers = (Tier.HOT, Tier.WARM, Tier.COLD, Tier.DISQUALIFIED)
    for number in range(count):
        tier = tiers[number % 4]
        board.scored(scored(f"lead-{number}", 90.0 - number, tier))
        board.crossed(
            Crossed(f"lead-{number}", NOW_US, Tier.COLD, tier, 90.0 - number, "decay", "why " * 60)
        )
        board.sample()
    board.tell(count, lambda _: "很适合：软件业。" * 20)
    return board


def seen(board: Board, width: int = 80, height: int = 24, lang: Lang = Lang.EN) -> list[str]:
    """The lines of the screen without colours."""
    out = io.StringIO()
    console = Console(file=out, width=width, height=height, force_terminal=False)
    console.print(draw(board, Frame(width, height, NOW_US, 21_600, lang)), end="")
    return out.getvalue().splitlines()


@pytest.mark.parametrize("lang", list(Lang))
@pytest.mark.parametrize("leads", [0, 1, 7, 300])
@pytest.mark.parametrize(("width", "height"), SIZES)
def test_a_frame_fills_the_screen_and_never_leaves_it(
    width: int, height: int, leads: int, lang: Lang
) -> None:
    """Any number of leads, any language: as many lines as the terminal has, none too wide."""
    lines = seen(board_of(leads), width, height, lang)

    assert len(lines) == height
    assert max(cell_len(line) for line in lines) <= width


def test_leads_are_listed_best_first_and_the_disqualified_last() -> None:
    """A disqualified lead with many points is still below a cold one."""
    board = Board()
    board.scored(scored("middling", 44.0, Tier.WARM))
    board.scored(scored("unfit", 99.0, Tier.DISQUALIFIED))
    board.scored(scored("keen", 88.25, Tier.HOT))
    board.scored(scored("quiet", 3.0, Tier.COLD))

    assert [row.lead_id for row in board.ranked()] == ["keen", "middling", "quiet", "unfit"]


def test_a_lead_shows_score_tier_reason_and_what_comes_next() -> None:
    """One line answers: how good, why, and until when."""
    board = Board()
    board.scored(Scored("mei", NOW_US, 71.26, Tier.HOT, Tier.WARM, NOW_US + 3 * DAY_US))
    board.tell(1, {"mei": "Asked for a demo."}.__getitem__)

    line = next(line for line in seen(board, 100) if "mei" in line)

    assert line.split() == ["71.3", "→", "mei", "hot", "↓warm", "3d", "Asked", "for", "a", "demo."]


def test_a_crossing_shows_when_from_where_to_where_and_why() -> None:
    """The newest crossing is the first one below the leads."""
    board = Board()
    board.scored(scored("mei", 71.0, Tier.HOT))
    board.crossed(Crossed("old", NOW_US - DAY_US, Tier.WARM, Tier.COLD, 27.9, "silence", "Silent."))
    board.crossed(
        Crossed("mei", NOW_US, Tier.WARM, Tier.HOT, 71.0, "Asked for a demo", "Strong fit.")
    )

    crossings = [line for line in seen(board, 100) if "▲" in line or "▼" in line]

    newest = "05 Jan 08:00 mei warm ▲ hot 71.0 Asked for a demo Strong fit."
    assert " ".join(crossings[0].split()) == newest
    assert crossings[1].split()[3:7] == ["old", "warm", "▼", "cold"]


def test_time_alone_moves_a_score_on_the_board() -> None:
    """Between two records the shown score follows the model's decay, and the arrow says so."""
    board = Board()
    board.scored(scored("mei", 60.0, Tier.WARM))
    board.scored(scored("unknown", 50.0, Tier.WARM))
    board.sample()

    board.look({"mei": Outlook(41.5, None, None)}.get)
    board.sample()

    assert [board.rows[name].score for name in ("mei", "unknown")] == [41.5, 50.0]
    assert "↘" in next(line for line in seen(board) if "mei" in line)


def test_an_erased_lead_leaves_the_board() -> None:
    """A tombstone on the scores topic takes the lead off the list."""
    board = Board()
    board.scored(scored("mei", 60.0, Tier.WARM))

    board.erased("mei")
    board.erased("never seen")

    assert board.ranked() == []


def test_counts_and_dead_letters_stand_in_the_header() -> None:
    """How many are in each tier, how much was published, how much was refused."""
    board = board_of(8)
    board.published, board.events_per_second, board.dead_letters = 1284, 42.4, 3

    assert " ".join(seen(board)[1].split()) == (
        "● 2 hot ● 2 warm ● 2 cold ● 2 out 1,284 events 42/s 3 dead letters"
    )


@pytest.mark.parametrize(
    ("us", "english", "chinese"),
    [
        (12 * DAY_US, "12d", "12天"),
        (DAY_US // 2, "12h", "12时"),
        (DAY_US // 24 / 2, "30m", "30分"),
        (1.0, "<1m", "1分内"),
    ],
)
def test_a_span_is_told_in_one_unit(us: float, english: str, chinese: str) -> None:
    """A column of ten characters has room for one number and one unit."""
    assert [span(us), span(us, Lang.ZH)] == [english, chinese]

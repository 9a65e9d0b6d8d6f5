"""The reps of the demo, and what the view shows of the pool."""

from __future__ import annotations

from scorer.demo.board import Crossed, Owed, PoolMove
from scorer.demo.cells import happening_cells, owed_text
from scorer.demo.rehearsal import Rehearsal
from scorer.demo.reps import LATE, NEVER, WELL
from scorer.demo.story import invented
from scorer.demo.words import WORDS, Lang
from scorer.domain.model import DAY_US


def seen() -> Rehearsal:
    """Five weeks of the demo, the last two of them on stage."""
    story = invented(seed=7, leads=60)
    rehearsal = Rehearsal(story)
    rehearsal.until(story.curtain_us + 14 * DAY_US)
    return rehearsal


def test_who_never_calls_loses_every_lead_and_who_logs_late_gets_some_back() -> None:
    """All three reps, and all that the pool may do, are on stage."""
    news = [each for each in seen().board.happenings if not isinstance(each, Crossed)]

    returned = [each.owner for each in news if each.move is PoolMove.RETURNED]
    assert returned.count(NEVER) > 3
    assert returned.count(LATE) > returned.count(WELL)
    assert {each.owner for each in news if each.move is PoolMove.VOIDED} == {LATE}
    assert any(each.move is PoolMove.AT_RISK for each in news)


def test_what_is_due_next_is_at_the_top() -> None:
    rehearsal = seen()
    rehearsal.look(rehearsal.board.happenings[0].time_us)
    owed = rehearsal.board.next_owed()

    assert owed is not None
    assert owed.due_us == min(each.due_us for each in rehearsal.board.owed.values())
    assert owed.owner in (WELL, LATE, NEVER)


def test_news_of_the_pool_is_said_in_both_languages() -> None:
    news = next(n for n in seen().board.happenings if not isinstance(n, Crossed))
    for lang in Lang:
        owed = Owed(DAY_US, "lead-1", "first_response", "rep-ann")
        assert news.owner in " ".join(cell.plain for cell in happening_cells(news, WORDS[lang]))
        assert "rep-ann" in owed_text(owed, 0, lang).plain

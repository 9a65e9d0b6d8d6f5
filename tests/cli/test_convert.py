"""Rows become events: what is in them, when, and who they are when they are imported again."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from scorer.domain.events import (
    AttributesChanged,
    Behaviour,
    Created,
    LeadEvent,
    Outcome,
    OutcomeKind,
    Ownership,
)
from scorer.importing.convert import Converter
from scorer.importing.errors import MappingProblem
from scorer.importing.mapping_file import parse_mapping
from scorer.importing.records import Row
from scorer.importing.sheet import BadRow

FILE_US = 1_700_000_000_000_000
DAY_US = 86_400_000_000

MAPPING = """
name: shop
empty: ["", Select]
time_zone: Europe/Berlin
lead_id: ID
created: {column: Since, format: dmy}
changed: {column: Updated, format: dmy, if_empty: file}
source_channel: {column: Source, values: {goog: google}}
owner: Rep
attributes:
  title: Title
  employees: {column: Staff, type: number, decimal: ",", values: {many: 5000}}
  newsletter: {column: News, type: boolean, empty: ["?"]}
behaviours:
  - {column: Last, values: {Opened: email_opened}, object_column: Title}
  - {column: Visits, behaviour: page_viewed, count: true, at_most: 3, at: created + 2d}
  - {column: Demo, behaviour: demo_requested, at: {column: Demo, format: dmy}}
outcomes:
  - {column: Stage, values: {Won: won}}
"""
COLUMNS = "ID Since Updated Source Rep Title Staff News Last Visits Demo Stage".split()
CELLS = "7 01.02.2024 03.02.2024 goog ann VP 1.200 ja Opened 5 04.02.2024 Won".split()


def converter(mapping: str = MAPPING, **options: int) -> Converter:
    return Converter(parse_mapping(mapping), COLUMNS, file_us=FILE_US, **options)


def cells(**changes: str) -> list[str]:
    return [changes.get(name, cell) for name, cell in zip(COLUMNS, CELLS, strict=True)]


def events(it: Converter, **changes: str) -> list[LeadEvent]:
    row = Row(2, cells(**changes))
    made = it.events(row, it.lead_id(row.cells) or "")
    assert not isinstance(made, BadRow), made.reason
    return made


def test_a_row_tells_its_whole_story() -> None:
    bodies = [event.body for event in events(converter())]
    assert bodies == [
        Created("google"),
        Ownership("assigned", "ann"),  # type: ignore[arg-type]
        AttributesChanged({"title": "VP", "employees": 1200, "newsletter": True}),
        Behaviour("email_opened", "VP"),
        *[Behaviour("page_viewed")] * 3,
        Behaviour("demo_requested"),
        Outcome(OutcomeKind.WON),
    ]


def test_times_are_those_of_the_columns_in_their_zone() -> None:
    made = events(converter())
    created_us = 1_706_742_000_000_000  # 1 February 2024, 00:00 in Berlin
    assert made[0].time_us == created_us
    assert made[2].time_us == created_us + 2 * DAY_US
    assert made[4].time_us == created_us + 2 * DAY_US
    assert made[-2].time_us == created_us + 3 * DAY_US


def test_cells_that_mean_not_known_say_nothing() -> None:
    made = events(converter(), Title="Select", News="?", Demo="", Stage="", Rep="", Updated="")
    assert AttributesChanged({"employees": 1200}) in [event.body for event in made]
    assert not [e for e in made if isinstance(e.body, Ownership | Outcome)]
    assert made[-1].time_us != FILE_US
    assert [e.time_us for e in made if isinstance(e.body, AttributesChanged)] == [FILE_US]


@pytest.mark.parametrize(
    ("column", "cell", "said"),
    [
        ("Since", "soon", "is no time"),
        ("Since", "", "is empty"),
        ("Staff", "a lot", "is no number"),
        ("Visits", "-1", "is no count"),
        ("Title", "caf\ufffd", "encoding"),
    ],
)
def test_a_cell_that_cannot_be_read_makes_its_row_bad(column: str, cell: str, said: str) -> None:
    row = Row(9, cells(**{column: cell}))
    bad = converter().events(row, "7")
    assert isinstance(bad, BadRow)
    assert bad.line == 9
    assert column in bad.reason
    assert said in bad.reason


def test_the_same_row_makes_the_same_events() -> None:
    assert events(converter()) == events(converter())


def test_a_changed_cell_makes_new_events_only_for_what_changed() -> None:
    before = {event.id for event in events(converter())}
    after = events(converter(), Staff="35")
    assert [type(e.body) for e in after if e.id not in before] == [AttributesChanged]


def test_a_higher_count_adds_the_difference() -> None:
    before = {event.id for event in events(converter(), Visits="1")}
    after = events(converter(), Visits="3")
    assert [e.body for e in after if e.id not in before] == [Behaviour("page_viewed")] * 2


def test_all_ids_of_a_row_differ() -> None:
    ids = [event.id for event in events(converter())]
    assert len(set(ids)) == len(ids)


def test_the_file_date_is_no_part_of_an_id() -> None:
    fixed = MAPPING.replace("{column: Updated, format: dmy, if_empty: file}", "file")
    early = Converter(parse_mapping(fixed), COLUMNS, file_us=FILE_US)
    later = Converter(parse_mapping(fixed), COLUMNS, file_us=FILE_US + DAY_US)
    assert [e.id for e in events(early)] == [e.id for e in events(later)]
    assert [e.time_us for e in events(early)] != [e.time_us for e in events(later)]


def test_a_newer_export_can_bring_an_old_value_back() -> None:
    fixed = MAPPING.replace("{column: Updated, format: dmy, if_empty: file}", "file")

    def attributes(as_of_us: int | None) -> str:
        it = Converter(parse_mapping(fixed), COLUMNS, file_us=FILE_US, as_of_us=as_of_us)
        return next(e.id for e in events(it) if isinstance(e.body, AttributesChanged))

    assert len({attributes(None), attributes(FILE_US + 1), attributes(FILE_US + 2)}) == 3


@given(
    st.lists(st.text(max_size=8), min_size=2, max_size=2),
    st.lists(st.text(max_size=8), min_size=2, max_size=2),
)
def test_hashed_ids_differ_when_the_cells_do(one: list[str], other: list[str]) -> None:
    mapping = "name: n\nlead_id: {columns: [a, b], as: hash}\ncreated: file\n"
    it = Converter(parse_mapping(mapping), ["a", "b"], file_us=FILE_US)
    same = [[cell.strip().casefold() for cell in each] for each in (one, other)]
    first, second = it.lead_id(one), it.lead_id(other)
    if first and second and first == second:
        import unicodedata

        assert [unicodedata.normalize("NFC", c).strip() for c in same[0]] == [
            unicodedata.normalize("NFC", c).strip() for c in same[1]
        ]


def test_a_column_that_the_file_lacks_is_named_with_the_nearest() -> None:
    with pytest.raises(MappingProblem, match="Titel") as problem:
        converter(MAPPING.replace("title: Title", "title: Titel"))
    assert "Title" in problem.value.remedy


@pytest.mark.parametrize(
    ("wrong", "said"),
    [
        ("nmae: x\nlead_id: a\ncreated: file", "did you mean `name`"),
        ("name: x\ncreated: file", "lead_id: is missing"),
        ("name: x\nlead_id: a\ncreated: file\nname: y", "there twice"),
        ("name: x\nlead_id: a\ncreated: {column: b, format: ydm}", "'ydm'"),
        ("name: [x", "not YAML"),
        ("name: x\nlead_id: a\ncreated: file\nattributes: {b: {column: c, type: date}}", "type"),
        (
            "name: x\nlead_id: a\ncreated: file\noutcomes: [{column: c, values: {x: sold}}]",
            "sold|won",
        ),
    ],
)
def test_mistakes_in_a_mapping_are_told_with_their_line(wrong: str, said: str) -> None:
    with pytest.raises(MappingProblem, match=said) as problem:
        parse_mapping(wrong, "map.yaml")
    assert "map.yaml:" in problem.value.message


@pytest.mark.parametrize("created", ["someday", "created", "changed + 2x"])
def test_an_instant_that_is_none_is_refused(created: str) -> None:
    with pytest.raises(MappingProblem, match="no instant"):
        converter(MAPPING.replace("{column: Since, format: dmy}", f'"{created}"'))

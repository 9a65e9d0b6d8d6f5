"""Every operator, on every kind of value that a publisher may send."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from scorer.contracts.model.conditions import ConditionError, Value, condition
from scorer.domain.events import AttributeValue

OPERATORS: dict[str, Value] = {
    "equals": "vp",
    "not_equals": "vp",
    "in": ["vp", 3.0, True],
    "not_in": ["vp", 3.0, True],
    "at_least": 10.0,
    "at_most": 10.0,
    "between": [5.0, 10.0],
    "contains": "vp",
    "matches": r"^vp\b",
    "exists": None,
    "missing": None,
}


def holds(
    operator: str, value: Value, held: AttributeValue | None, *, ignore_case: bool = False
) -> bool:
    return condition("a", operator, value, ignore_case=ignore_case).holds(held)


@pytest.mark.parametrize("operator", OPERATORS)
def test_of_an_unknown_attribute_only_missing_holds(operator: str) -> None:
    """An unknown country neither fits nor disqualifies."""
    assert holds(operator, OPERATORS[operator], None) == (operator == "missing")


@pytest.mark.parametrize(
    ("operator", "value", "held", "expected"),
    [
        ("equals", "vp", "vp", True),
        ("equals", "vp", "VP", False),
        ("equals", "vp", "vp ", False),
        ("equals", 3.0, 3, True),
        ("equals", 3.0, "3", True),
        ("equals", 3.0, "3.00", True),
        ("equals", 3.0, "three", False),
        ("equals", "3", 3, False),
        ("equals", 1.0, True, False),
        ("equals", True, True, True),
        ("equals", True, 1, False),
        ("equals", True, "true", False),
        ("equals", False, False, True),
        ("not_equals", "vp", "intern", True),
        ("not_equals", "vp", "vp", False),
        ("not_equals", "vp", 7, True),
        ("in", ["a", "b"], "b", True),
        ("in", ["a", "b"], "c", False),
        ("in", ["a", 2.0], "2", True),
        ("in", ["a", 2.0], 2, True),
        ("in", [1.0], True, False),
        ("not_in", ["a", "b"], "c", True),
        ("not_in", ["a", "b"], "a", False),
        ("at_least", 10.0, 10, True),
        ("at_least", 10.0, 9.99, False),
        ("at_least", 10.0, " 250 ", True),
        ("at_least", 10.0, "many", False),
        ("at_least", 10.0, "", False),
        ("at_least", 0.0, True, False),
        ("at_least", 0.0, "1_000", False),
        ("at_least", 0.0, "nan", False),
        ("at_least", 0.0, "inf", False),
        ("at_least", 0.0, "٣", False),
        ("at_most", 10.0, 10, True),
        ("at_most", 10.0, -1, True),
        ("at_most", 10.0, "10.01", False),
        ("at_most", 10.0, False, False),
        ("between", [5.0, 10.0], 5, True),
        ("between", [5.0, 10.0], 10, True),
        ("between", [5.0, 10.0], 10.5, False),
        ("between", [5.0, 10.0], "7", True),
        ("contains", "engineer", "head engineer", True),
        ("contains", "engineer", "Engineer", False),
        ("contains", "1", 11, False),
        ("matches", r"\bvp\b", "the vp", True),
        ("matches", r"\bvp\b", "vpn", False),
        ("matches", r"(?i)\bvp\b", "VP Sales", True),
        ("matches", "总经理|创始人", "副总经理", True),
        ("matches", ".", 5, False),
        ("matches", ".", "\ud800", False),
        ("exists", None, "", True),
        ("exists", None, False, True),
        ("missing", None, 0, False),
    ],
)
def test_the_type_of_the_value_decides_how_it_is_compared(
    operator: str, value: Value, held: AttributeValue, expected: bool
) -> None:
    """A number is compared with numbers, a text with texts; what differs in type is different."""
    assert holds(operator, value, held) is expected


@pytest.mark.parametrize(
    ("operator", "value", "held"),
    [
        ("equals", "Straße", "STRASSE"),
        ("in", ["Software"], "SOFTWARE"),
        ("contains", "VP", "the vp of sales"),
    ],
)
def test_case_is_ignored_only_when_the_model_says_so(
    operator: str, value: Value, held: str
) -> None:
    assert holds(operator, value, held, ignore_case=True)
    assert not holds(operator, value, held)


ANYTHING = st.one_of(
    st.none(), st.booleans(), st.integers(), st.floats(), st.text(st.characters(), max_size=20)
)


@given(operator=st.sampled_from(sorted(OPERATORS)), held=ANYTHING)
def test_no_value_that_a_lead_may_have_makes_a_condition_raise(
    operator: str, held: AttributeValue | None
) -> None:
    assert holds(operator, OPERATORS[operator], held) in (True, False)


@given(held=ANYTHING.filter(lambda held: held is not None))
def test_a_known_attribute_either_is_or_is_not(held: AttributeValue) -> None:
    """`not_equals` and `not_in` are the opposites of `equals` and `in` where something is known."""
    for operator in ("equals", "in"):
        value = OPERATORS[operator]
        opposite = {"equals": "not_equals", "in": "not_in"}[operator]
        assert holds(operator, value, held) != holds(opposite, value, held)


@pytest.mark.parametrize(
    ("operator", "value"),
    [
        ("equals", ["a"]),
        ("equals", None),
        ("in", "a"),
        ("in", []),
        ("at_least", "10"),
        ("at_most", True),
        ("between", [10.0, 5.0]),
        ("between", [1.0]),
        ("between", "5"),
        ("contains", 5.0),
        ("contains", ""),
        ("matches", "(a"),
        ("matches", "(?=look)ahead"),
        ("matches", r"(a)\1"),
        ("exists", "a"),
        ("missing", True),
    ],
)
def test_a_value_that_does_not_suit_the_operator_is_refused_with_a_remedy(
    operator: str, value: Value
) -> None:
    with pytest.raises(ConditionError) as caught:
        condition("a", operator, value, ignore_case=False)

    assert caught.value.message
    assert caught.value.remedy


def test_no_pattern_can_stall_the_worker() -> None:
    """What backtracks for centuries elsewhere is linear here: 100,000 letters are read at once."""
    assert not holds("matches", "(a+)+$", "a" * 100_000 + "b")


@pytest.mark.parametrize(
    ("operator", "value", "text"),
    [
        ("in", ["software", "finance"], "a in [software, finance]"),
        ("between", [50.0, 2000.0], "a between 50 and 2000"),
        ("at_least", 1234567.0, "a ≥ 1234567"),
        ("equals", True, "a = true"),
        ("missing", None, "a is unknown"),
    ],
)
def test_a_condition_reads_as_it_was_written(operator: str, value: Value, text: str) -> None:
    assert condition("a", operator, value, ignore_case=False).text == text

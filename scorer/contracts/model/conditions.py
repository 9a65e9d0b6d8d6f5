"""The operators of the model language: what holds for which attribute value.

The type of the value in the model decides how it is compared: a number with numbers and with text
that is a number (imports of CSV deliver "250"), a text with texts, true and false with booleans.
Anything else is different, never an error. Of an unknown attribute (None) nothing is known, so
every operator but `missing` is false: a missing country neither fits nor disqualifies.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Sequence
from typing import Final

import re2

from scorer.domain.events import AttributeValue
from scorer.domain.model import Condition

Holds = Callable[[AttributeValue | None], bool]
Value = AttributeValue | Sequence[AttributeValue] | None

_NUMBER: Final = re.compile(r"\s*[+-]?[0-9]{1,30}(\.[0-9]{1,30})?\s*")
_SIGNS: Final = {
    "equals": "=",
    "not_equals": "≠",
    "at_least": "≥",
    "at_most": "≤",
    "not_in": "not in",
    "exists": "is known",
    "missing": "is unknown",
}


class ConditionError(ValueError):
    """The value does not suit the operator."""

    def __init__(self, message: str, remedy: str) -> None:
        super().__init__(message)
        self.message, self.remedy = message, remedy


def condition(attribute: str, operator: str, value: Value, *, ignore_case: bool) -> Condition:
    """The test of an attribute. Raises `ConditionError` when the value does not suit."""
    return Condition(
        attribute, _holds(operator, value, ignore_case), _text(attribute, operator, value)
    )


def number_of(value: AttributeValue | None) -> float | None:
    """The number that a value is, or that its text is; None for everything else."""
    if isinstance(value, bool) or value is None:
        return None
    if isinstance(value, str):
        return float(value) if _NUMBER.fullmatch(value) else None
    return float(value)


def _holds(operator: str, value: Value, ignore_case: bool) -> Holds:
    match operator:
        case "exists" | "missing":
            if value is not None:
                raise ConditionError(f"`{operator}` has no value", "remove `value`")
            return (
                (lambda held: held is not None)
                if operator == "exists"
                else (lambda held: held is None)
            )
        case "equals":
            return _equals(_one(operator, value), ignore_case)
        case "not_equals":
            return _not(_equals(_one(operator, value), ignore_case))
        case "in":
            return _among(_many(operator, value), ignore_case)
        case "not_in":
            return _not(_among(_many(operator, value), ignore_case))
        case "at_least":
            low = _number(operator, value)
            return lambda held: (number := number_of(held)) is not None and number >= low
        case "at_most":
            high = _number(operator, value)
            return lambda held: (number := number_of(held)) is not None and number <= high
        case "between":
            return _between(value)
        case "contains":
            return _contains(value, ignore_case)
        case _:
            return _matches(value)


def _not(holds: Holds) -> Holds:
    return lambda held: held is not None and not holds(held)


def _equals(value: AttributeValue, ignore_case: bool) -> Holds:
    if isinstance(value, bool):
        return lambda held: held is value
    if isinstance(value, str):
        fold = str.casefold if ignore_case else str
        text = fold(value)
        return lambda held: isinstance(held, str) and fold(held) == text
    number = float(value)
    return lambda held: number_of(held) == number


def _among(values: Sequence[AttributeValue], ignore_case: bool) -> Holds:
    texts = frozenset(v.casefold() if ignore_case else v for v in values if isinstance(v, str))
    others = [_equals(v, ignore_case) for v in values if not isinstance(v, str)]

    def holds(held: AttributeValue | None) -> bool:
        if isinstance(held, str) and (held.casefold() if ignore_case else held) in texts:
            return True
        return any(other(held) for other in others)

    return holds


def _between(value: Value) -> Holds:
    bounds = value if isinstance(value, list | tuple) and len(value) == 2 else ()
    numbers = [v for v in bounds if isinstance(v, int | float) and not isinstance(v, bool)]
    if len(numbers) != 2 or numbers[0] > numbers[1]:
        raise ConditionError("`between` needs two numbers, low and high", "write value: [50, 200]")
    low, high = numbers
    return lambda held: (number := number_of(held)) is not None and low <= number <= high


def _contains(value: Value, ignore_case: bool) -> Holds:
    if not isinstance(value, str) or not value:
        raise ConditionError("`contains` needs a text", 'write it in quotes: value: "engineer"')
    fold = str.casefold if ignore_case else str
    part = fold(value)
    return lambda held: isinstance(held, str) and part in fold(held)


def _matches(value: Value) -> Holds:
    if not isinstance(value, str) or not value:
        raise ConditionError(
            "`matches` needs a pattern", 'write it in quotes: value: "(?i)head of"'
        )
    options = re2.Options()
    options.log_errors = False
    try:
        pattern = re2.compile(value, options)
    except re2.error as error:
        said = error.args[0].decode(errors="replace") if error.args else "unknown error"
        remedy = "mend it (RE2 syntax: no look-around, no back references)"
        raise ConditionError(f"the pattern cannot be read: {said}", remedy) from None

    def holds(held: AttributeValue | None) -> bool:
        try:
            return isinstance(held, str) and pattern.search(held) is not None
        except UnicodeEncodeError:  # half a surrogate pair: no text in UTF-8, so no match
            return False

    return holds


def _one(operator: str, value: Value) -> AttributeValue:
    if value is None or isinstance(value, list | tuple):
        remedy = f"write one value, or use `{'in' if operator == 'equals' else 'not_in'}`"
        raise ConditionError(f"`{operator}` needs one value", remedy)
    return value  # type: ignore[return-value]


def _many(operator: str, value: Value) -> Sequence[AttributeValue]:
    if not isinstance(value, list | tuple) or not value:
        raise ConditionError(
            f"`{operator}` needs a list of values", "write value: [software, finance]"
        )
    return value


def _number(operator: str, value: Value) -> float:
    if isinstance(value, bool) or not isinstance(value, int | float):
        raise ConditionError(f"`{operator}` needs a number", "write it without quotes: value: 100")
    return float(value)


def _text(attribute: str, operator: str, value: Value) -> str:
    sign = _SIGNS.get(operator, operator)
    if value is None:
        return f"{attribute} {sign}"
    if operator == "between" and isinstance(value, list | tuple):
        return f"{attribute} between {_word(value[0])} and {_word(value[1])}"
    if isinstance(value, list | tuple):
        return f"{attribute} {sign} [{', '.join(map(_word, value))}]"
    return f"{attribute} {sign} {_word(value)}"  # type: ignore[arg-type]


def _word(value: AttributeValue) -> str:
    if isinstance(value, bool):
        return "true" if value else "false"
    return str(int(value)) if isinstance(value, float) and value.is_integer() else str(value)

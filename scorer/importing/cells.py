"""What a single cell may mean: a number, yes or no, nothing. Knows spellings, knows no columns."""

from __future__ import annotations

import re
import unicodedata
from typing import Final

YES: Final = frozenset(
    "yes y true t 1 1.0 on ja oui si sì sí sim tak да 是 有 对 真 已 はい x ✓ ✔".split()
)
NO: Final = frozenset(
    "no n false f 0 0.0 off nein non não nie нет 否 无 不是 没有 假 未 いいえ".split()
)

MISSING: Final = frozenset(
    word.strip()
    for word in """
    select|select one|please select|choose|n/a|#n/a|na|n.a.|null|none|nil|nan|(blank)|blank|-|--|—|?|
    unknown|not available|not specified|not provided|undefined|tbd|keine angabe|k. a.|k.a.|unbekannt|
    non renseigné|inconnu|desconocido|sin datos|s/d|не указано|无|未知|未填写|未填|请选择|暂无|空|不详|未選択
    """.split("|")
) - {""}
"""Cells that people and forms write instead of leaving a cell empty, case-folded."""

CURRENCY: Final = re.compile(
    r"^(?:[$€£¥₹₽]|usd|eur|gbp|rmb|cny|inr)\s*|\s*(?:[$€£¥₹₽%]|usd|eur|元)$", re.IGNORECASE
)
SPACES: Final = re.compile("[\\s\u00a0\u202f'’]")
PLAIN: Final = re.compile(r"[+-]?(\d+(\.\d*)?|\.\d+)(e[+-]?\d{1,2})?", re.IGNORECASE)
GROUPED_BY_COMMA: Final = re.compile(r"[+-]?\d{1,3}(,\d{2,3})*,\d{3}(\.\d+)?")  # also 12,34,567
GROUPED_BY_DOT: Final = re.compile(r"[+-]?\d{1,3}(\.\d{3})+(,\d+)?")
DECIMAL_COMMA: Final = re.compile(r"[+-]?\d+,\d+")
_SIZE: Final = r"(\d[\d,.\s]*?)\s*(k|m|万)?"
BAND: Final = re.compile(
    _SIZE + r"\s*(?:-|–|—|~|to|bis|à|至|到)\s*" + _SIZE + r"\s*(?:\D{0,20})", re.IGNORECASE
)
AT_LEAST: Final = re.compile(
    r"(?:(?:>=?|≥|over|more than|über|mehr als|超过)\s*)?" + _SIZE + r"\s*(?:\+|以上)?\s*\D{0,20}",
    re.IGNORECASE,
)
BELOW: Final = re.compile(
    r"(?:<=?|≤|under|up to|less than|below|bis zu|unter|少于|小于)\s*"
    + _SIZE
    + r"\s*(?:以下)?\D{0,20}|"
    + _SIZE
    + r"\s*人?以下",
    re.IGNORECASE,
)
UNITS: Final = {"": 1, "k": 1_000, "m": 1_000_000, "万": 10_000}


def clean(text: str) -> str:
    """The cell without invisible characters and outer space, composed (é is one character)."""
    return unicodedata.normalize("NFC", text.strip().strip("\u200b\ufeff")).strip()


def parse_bool(text: str) -> bool | None:
    """Yes or no, in any of the languages above."""
    word = text.casefold()
    return True if word in YES else False if word in NO else None


def parse_number(text: str, decimal: str = ".") -> int | float | None:
    """The number a cell holds under the column's decimal sign; whole numbers are int."""
    bare = SPACES.sub("", CURRENCY.sub("", text.strip()))
    if bare.startswith("(") and bare.endswith(")"):
        bare = "-" + CURRENCY.sub("", bare[1:-1])
    if decimal == ",":
        if GROUPED_BY_DOT.fullmatch(bare):
            bare = bare.replace(".", "")
        if DECIMAL_COMMA.fullmatch(bare):
            bare = bare.replace(",", ".")
    elif GROUPED_BY_COMMA.fullmatch(bare):
        bare = bare.replace(",", "")
    if not bare.isascii() or not PLAIN.fullmatch(bare):
        return None
    value = float(bare)
    return int(value) if value.is_integer() and abs(value) < 2**53 else value


def writes_decimal_comma(text: str) -> bool:
    """Whether the cell is a number only if its comma is a decimal sign."""
    return parse_number(text) is None and parse_number(text, ",") is not None


def parse_band(text: str) -> int | float | None:
    """What a band of sizes stands for: its middle, or the end that is given.

    `51-200` → 125, `1k - 5k staff` → 3000, `200+` and `500人以上` → 200 and 500, `<50` → 25. The middle,
    because the lower end would call a company of `1-10` a company of one.
    """
    text = text.strip()
    if match := BAND.fullmatch(text):
        low, unit, high, high_unit = match.groups()
        top = _sized(high, high_unit)
        bottom = _sized(
            low, unit or (high_unit if _sized(low, None) <= _sized(high, None) else None)
        )
        return _whole((bottom + top) / 2)
    if match := BELOW.fullmatch(text):
        return _whole(
            _sized(match.group(1) or match.group(3), match.group(2) or match.group(4)) / 2
        )
    if match := AT_LEAST.fullmatch(text):
        return _whole(_sized(match.group(1), match.group(2)))
    return None


def _sized(number: str, unit: str | None) -> float:
    return float(parse_number(number) or 0) * UNITS[(unit or "").lower()]


def _whole(number: float) -> int | float:
    return int(number) if number >= 1 or number == 0 else number

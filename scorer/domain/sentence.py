"""One plain sentence about a lead, in English or Chinese. Knows words, computes no points.

"Strong fit: VP, software. Asked for a demo 2 days ago. Three calls unanswered."
"""

from __future__ import annotations

from typing import Final, Literal

from scorer.domain.explain import RULE, SILENCE, Explanation
from scorer.domain.ledger import Ledger
from scorer.domain.model import DAY_US, SECOND_US, UNBOUNDED
from scorer.domain.plan import Plan
from scorer.domain.tiers import DISQUALIFIED

Language = Literal["en", "zh"]

STRONG_FIT: Final = 0.6
"""Share of what fit can reach from which it is called strong; half of that is called fair."""
REASONS: Final = 3
"""Reasons in a sentence: more are not read."""

_FIT: Final = {
    "en": {"strong": "Strong fit", "fair": "Fair fit", "weak": "Weak fit", "poor": "Poor fit"},
    "zh": {"strong": "高度匹配", "fair": "较为匹配", "weak": "匹配度低", "poor": "不匹配"},
}
MINUTE_US: Final = 60 * SECOND_US
HOUR: Final = 60
DAY: Final = 1_440
"""In minutes."""


def sentence(
    ledger: Ledger, plan: Plan, explanation: Explanation, time_us: int, language: Language = "en"
) -> str:
    """The largest positive and negative reasons, in plain words."""
    return _phrased(ledger, plan, _reasons(ledger, plan, explanation, time_us), language)


def sentences(
    ledger: Ledger, plan: Plan, explanation: Explanation, time_us: int
) -> tuple[str, str]:
    """The same in English and in Chinese."""
    reasons = _reasons(ledger, plan, explanation, time_us)
    return _phrased(ledger, plan, reasons, "en"), _phrased(ledger, plan, reasons, "zh")


class _Reasons:
    """What a sentence is about, in any language."""

    __slots__ = ("acts", "fit", "grade", "silent_days", "time_us")

    def __init__(self, time_us: int) -> None:
        self.time_us = time_us
        self.grade: str | None = None  # None: there is nothing to say about the fit
        self.fit: list[str] = []  # the rules that speak for it, or against it
        self.acts: list[str] = []  # the behaviour rules that count most
        self.silent_days: int | None = None


def _reasons(ledger: Ledger, plan: Plan, explanation: Explanation, time_us: int) -> _Reasons:
    reasons = _Reasons(time_us)
    value = sum([explanation.dimensions[name] for name in plan.fit_dimensions])
    share = value / plan.fit_reach if 0 < plan.fit_reach < UNBOUNDED else value / 100.0
    if value < 0:
        reasons.grade = "poor"
    else:
        reasons.grade = (
            "strong" if share >= STRONG_FIT else "fair" if share >= STRONG_FIT / 2 else "weak"
        )
    fit: list[tuple[float, str]] = []
    gains: list[tuple[float, str]] = []
    losses: list[tuple[float, str]] = []
    for line in explanation.lines:
        kind, name, points = line.kind, line.name, line.points
        if kind is SILENCE:
            reasons.silent_days = (ledger.lead_time(plan, time_us) - ledger.anchor) // DAY_US
        elif not points:
            continue
        elif name in ledger.accounts:
            (gains if points > 0 else losses).append((-abs(points), name))
        elif kind is RULE and (points < 0) == (value < 0) and name in ledger.fit:
            fit.append((-abs(points), name))
    reasons.fit = [name for _, name in sorted(fit)]
    if not reasons.fit and not explanation.lines:
        reasons.grade = None
    negative = sorted(losses)[:1]
    acts = sorted(gains)[: REASONS - len(negative)] + negative
    reasons.acts = [name for _, name in acts]
    return reasons


def _phrased(ledger: Ledger, plan: Plan, reasons: _Reasons, language: Language) -> str:
    english = language == "en"
    parts: list[str] = []
    if ledger.tier is DISQUALIFIED:
        parts.append(_disqualifier(ledger, plan, english))
    if reasons.grade is not None:
        parts.append(_fit(ledger, plan, reasons, _FIT[language][reasons.grade], english))
    for name in reasons.acts:
        parts.append(_act(ledger, plan, name, reasons.time_us, english))
    if reasons.silent_days is not None:
        days = str(reasons.silent_days)
        unit = " day" if reasons.silent_days == 1 else " days"
        parts.append("Silent for " + days + unit if english else "已沉默" + days + "天")
    return ". ".join(parts) + "." if english else "。".join(parts) + "。"


def _label(plan: Plan, rule: str, english: bool) -> str:
    placed = plan.rules[rule]
    return placed.label_en if english else placed.label_zh


def _disqualifier(ledger: Ledger, plan: Plan, english: bool) -> str:
    hard = [r for r in (*ledger.fit, *ledger.accounts) if plan.rules[r].hard]
    why = _label(plan, hard[0], english) if hard else ledger.locked or ""
    said = "Disqualified" if english else "不合格"
    if not why:
        return said
    return said + (": " if english else "：") + why


def _fit(ledger: Ledger, plan: Plan, reasons: _Reasons, said: str, english: bool) -> str:
    """How well the attributes fit, and the values that speak for it (or against it)."""
    names: list[str] = []
    for rule in reasons.fit[:REASONS]:
        name = _value(ledger, plan, rule) or _label(plan, rule, english)
        if name not in names:
            names.append(name)
    if not names:
        return said
    return said + ": " + ", ".join(names) if english else said + "：" + "、".join(names)


def _value(ledger: Ledger, plan: Plan, rule: str) -> str | None:
    """The attribute's own value, when the rule looks at one textual attribute."""
    checks = plan.rules[rule].checks
    known = ledger.attributes.get(checks[0].attribute) if len(checks) == 1 else None
    value = known[0] if known else None
    return value if isinstance(value, str) else None


def _act(ledger: Ledger, plan: Plan, rule: str, time_us: int, english: bool) -> str:
    account = ledger.accounts[rule]
    text = _label(plan, rule, english)
    if account.count > 1:
        count = str(account.count)
        text += " (" + count + "×)" if english else "（" + count + "次）"
    return (text + " " + _ago(time_us - account.last_us, english)).strip()


def _ago(age_us: int, english: bool) -> str:
    minutes = max(age_us, 0) // MINUTE_US
    if minutes < 1:
        return "just now" if english else "刚刚"
    if minutes < HOUR:
        return _counted(minutes, "minute", "分钟", english)
    if minutes < DAY:
        return _counted(minutes // HOUR, "hour", "小时", english)
    return _counted(minutes // DAY, "day", "天", english)


def _counted(number: int, en: str, zh: str, english: bool) -> str:
    if not english:
        return str(number) + zh + "前"
    return str(number) + " " + en + ("s ago" if number > 1 else " ago")

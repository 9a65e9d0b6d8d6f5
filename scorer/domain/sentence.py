"""One plain sentence about a lead, in English or Chinese. Knows words, computes no points.

"Strong fit: VP, software. Asked for a demo 2 days ago. Three calls unanswered."
"""

from __future__ import annotations

from typing import Final, Literal

from mypy_extensions import mypyc_attr

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
    "strong": ("Strong fit", "高度匹配"),
    "fair": ("Fair fit", "较为匹配"),
    "weak": ("Weak fit", "匹配度低"),
    "poor": ("Poor fit", "不匹配"),
}
MINUTE_US: Final = 60 * SECOND_US
HOUR: Final = 60
DAY: Final = 1_440
"""In minutes."""


def sentence(
    ledger: Ledger, plan: Plan, explanation: Explanation, time_us: int, language: Language = "en"
) -> str:
    """The largest positive and negative reasons, in plain words."""
    en, zh = sentences(ledger, plan, explanation, time_us)
    return en if language == "en" else zh


def sentences(
    ledger: Ledger, plan: Plan, explanation: Explanation, time_us: int
) -> tuple[str, str]:
    """The same in English and in Chinese."""
    reasons = _reasons(ledger, plan, explanation, time_us)
    said = _Said()
    if ledger.tier is DISQUALIFIED:
        _disqualifier(said, ledger, plan)
    if reasons.grade is not None:
        _fit(said, ledger, plan, reasons.grade, reasons.fit)
    for name in reasons.acts:
        _act(said, ledger, plan, name, time_us)
    if reasons.silent_days is not None:
        days = str(reasons.silent_days)
        unit = " day" if reasons.silent_days == 1 else " days"
        said.add("Silent for " + days + unit, "已沉默" + days + "天")
    return ". ".join(said.en) + ".", "。".join(said.zh) + "。"


@mypyc_attr(acyclic=True)
class _Said:
    """The parts of a sentence in both languages."""

    __slots__ = ("en", "zh")

    def __init__(self) -> None:
        self.en: list[str] = []
        self.zh: list[str] = []

    def add(self, en: str, zh: str) -> None:
        self.en.append(en)
        self.zh.append(zh)


@mypyc_attr(acyclic=True)
class _Reasons:
    """What a sentence is about, in any language."""

    __slots__ = ("acts", "fit", "grade", "silent_days")

    def __init__(self) -> None:
        self.grade: str | None = None  # None: there is nothing to say about the fit
        self.fit: list[str] = []  # the rules that speak for it, or against it
        self.acts: list[str] = []  # the behaviour rules that count most
        self.silent_days: int | None = None


def _reasons(ledger: Ledger, plan: Plan, explanation: Explanation, time_us: int) -> _Reasons:
    reasons = _Reasons()
    value = 0.0
    for name in plan.fit_dimensions:
        value += explanation.dimensions[name]
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


def _disqualifier(said: _Said, ledger: Ledger, plan: Plan) -> None:
    hard = [r for r in (*ledger.fit, *ledger.accounts) if plan.rules[r].hard]
    if hard:
        placed = plan.rules[hard[0]]
        en, zh = placed.label_en, placed.label_zh
    else:
        en = zh = ledger.locked or ""
    said.add("Disqualified: " + en if en else "Disqualified", "不合格：" + zh if zh else "不合格")


def _fit(said: _Said, ledger: Ledger, plan: Plan, grade: str, rules: list[str]) -> None:
    """How well the attributes fit, and the values that speak for it (or against it)."""
    names = _Said()
    for rule in rules[:REASONS]:
        value, placed = _value(ledger, plan, rule), plan.rules[rule]
        en, zh = value or placed.label_en, value or placed.label_zh
        if en not in names.en:
            names.en.append(en)
        if zh not in names.zh:
            names.zh.append(zh)
    en, zh = _FIT[grade]
    if names.en:
        en += ": " + ", ".join(names.en)
        zh += "：" + "、".join(names.zh)
    said.add(en, zh)


def _value(ledger: Ledger, plan: Plan, rule: str) -> str | None:
    """The attribute's own value, when the rule looks at one textual attribute."""
    checks = plan.rules[rule].checks
    known = ledger.attributes.get(checks[0].attribute) if len(checks) == 1 else None
    value = known[0] if known else None
    return value if isinstance(value, str) else None


def _act(said: _Said, ledger: Ledger, plan: Plan, rule: str, time_us: int) -> None:
    """What the lead did, how often, and when for the last time."""
    account, placed = ledger.accounts[rule], plan.rules[rule]
    en, zh = placed.label_en, placed.label_zh
    if account.count > 1:
        count = str(account.count)
        en += " (" + count + "×)"
        zh += "（" + count + "次）"
    minutes = max(time_us - account.last_us, 0) // MINUTE_US
    if minutes < 1:
        ago_en, ago_zh = " just now", " 刚刚"
    elif minutes < HOUR:
        ago_en, ago_zh = _ago(minutes, " minute", "分钟前")
    elif minutes < DAY:
        ago_en, ago_zh = _ago(minutes // HOUR, " hour", "小时前")
    else:
        ago_en, ago_zh = _ago(minutes // DAY, " day", "天前")
    said.add((en + ago_en).strip(), (zh + ago_zh).strip())


def _ago(number: int, en: str, zh: str) -> tuple[str, str]:
    text = " " + str(number)
    return text + en + ("s ago" if number > 1 else " ago"), text + zh

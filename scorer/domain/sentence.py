"""One plain sentence about a lead, in English or Chinese. Knows words, computes no points.

"Strong fit: VP, software. Asked for a demo 2 days ago. Three calls unanswered."
"""

from __future__ import annotations

from typing import Final, Literal

from scorer.domain.explain import Explanation
from scorer.domain.ledger import Ledger
from scorer.domain.model import DAY_US, SECOND_US
from scorer.domain.outputs import Line, LineKind, Tier
from scorer.domain.plan import Plan

Language = Literal["en", "zh"]

STRONG_FIT: Final = 0.6
"""Share of what fit can reach from which it is called strong; half of that is called fair."""
REASONS: Final = 3
"""Reasons in a sentence: more are not read."""

_FIT: Final = {
    "en": {"strong": "Strong fit", "fair": "Fair fit", "weak": "Weak fit", "poor": "Poor fit"},
    "zh": {"strong": "高度匹配", "fair": "较为匹配", "weak": "匹配度低", "poor": "不匹配"},
}
_SILENT: Final = {"en": "Silent for {n} days", "zh": "已沉默{n}天"}
_DISQUALIFIED: Final = {"en": "Disqualified", "zh": "不合格"}


def sentence(
    ledger: Ledger, plan: Plan, explanation: Explanation, time_us: int, language: Language = "en"
) -> str:
    """The largest positive and negative reasons, in plain words."""
    parts = [_disqualifier(ledger, plan, language)] if ledger.tier is Tier.DISQUALIFIED else []
    parts.append(_fit(ledger, plan, explanation, language))
    acts = [line for line in explanation.lines if line.name in ledger.accounts and line.points]
    acts.sort(key=lambda line: (-abs(line.points), line.name))
    negative = [line for line in acts if line.points < 0][:1]
    kept = [line for line in acts if line.points > 0][: REASONS - len(negative)] + negative
    parts += [_act(ledger, plan, line, time_us, language) for line in kept]
    if any(line.kind is LineKind.SILENCE for line in explanation.lines):
        days = (ledger.lead_time(plan, time_us) - ledger.anchor) // DAY_US
        parts.append(_SILENT[language].format(n=days))
    stop = ". " if language == "en" else "。"
    return stop.join(p for p in parts if p) + stop.strip()


def _label(plan: Plan, rule: str, language: Language) -> str:
    placed = plan.rules[rule]
    return placed.label_en if language == "en" else placed.label_zh


def _disqualifier(ledger: Ledger, plan: Plan, language: Language) -> str:
    hard = [r for r in (*ledger.fit, *ledger.accounts) if plan.rules[r].hard]
    why = _label(plan, hard[0], language) if hard else ledger.locked or ""
    colon = ": " if language == "en" else "："
    return _DISQUALIFIED[language] + (colon + why if why else "")


def _fit(ledger: Ledger, plan: Plan, explanation: Explanation, language: Language) -> str:
    """How well the attributes fit, and the values that speak for it (or against it)."""
    fit_dimensions = {plan.rules[r.id].dimension for r in plan.attribute_rules}
    reachable = sum(plan.dimensions[d].max for d in fit_dimensions)
    value = sum(explanation.dimensions[plan.dimensions[d].id] for d in fit_dimensions)
    share = value / reachable if 0 < reachable < float("inf") else value / 100.0
    grade = "strong" if share >= STRONG_FIT else "fair" if share >= STRONG_FIT / 2 else "weak"
    if value < 0:
        grade = "poor"
    lines = [ln for ln in explanation.lines if ln.kind is LineKind.RULE and ln.name in ledger.fit]
    lines = [ln for ln in lines if (ln.points < 0) == (value < 0) and ln.points]
    lines.sort(key=lambda line: (-abs(line.points), line.name))
    names = [
        _value(ledger, plan, line) or _label(plan, line.name, language) for line in lines[:REASONS]
    ]
    names = list(dict.fromkeys(names))
    if not names:
        return _FIT[language][grade] if explanation.lines else ""
    return (
        f"{_FIT[language][grade]}: {', '.join(names)}"
        if language == "en"
        else (f"{_FIT[language][grade]}：{'、'.join(names)}")
    )


def _value(ledger: Ledger, plan: Plan, line: Line) -> str | None:
    """The attribute's own value, when the rule looks at one textual attribute."""
    conditions = plan.rules[line.name].conditions
    if len(conditions) != 1:
        return None
    value = ledger.attributes.get(conditions[0].attribute, [None])[0]
    return value if isinstance(value, str) else None


def _act(ledger: Ledger, plan: Plan, line: Line, time_us: int, language: Language) -> str:
    account = ledger.accounts[line.name]
    text = _label(plan, line.name, language)
    count = account.count
    if count > 1:
        text += f" ({count}×)" if language == "en" else f"（{count}次）"
    return f"{text} {_ago(time_us - account.last_us, language)}".strip()


def _ago(age_us: int, language: Language) -> str:
    minutes = max(age_us, 0) // (60 * SECOND_US)
    for size, en, zh in ((1440, "day", "天"), (60, "hour", "小时"), (1, "minute", "分钟")):
        if minutes >= size:
            n = minutes // size
            if language == "zh":
                return f"{n}{zh}前"
            return f"{n} {en}{'s' if n > 1 else ''} ago"
    return "just now" if language == "en" else "刚刚"

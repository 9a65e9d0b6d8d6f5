"""What the live view says, in English and Chinese. Knows words only."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import UTC, datetime
from enum import StrEnum
from typing import Final

from scorer.demo.board import PoolMove
from scorer.demo.script import HOUR_US, MINUTE_US
from scorer.domain.model import DAY_US
from scorer.domain.outputs import Tier


class Lang(StrEnum):
    EN = "en"
    ZH = "zh"


@dataclass(frozen=True, slots=True)
class Words:
    """One language of the view. Texts in braces are filled by the caller."""

    tiers: dict[Tier, str]
    score: str
    trend: str
    lead: str
    tier: str
    next: str
    why: str
    crossings: str
    no_crossings: str
    no_leads: str
    events: str
    rate: str
    dead_letters: str
    pace: str
    date: str
    footer: str
    more: str
    starting: tuple[str, str, str]  # the broker, the topics, the worker
    stopping: str
    ended: str
    bad_rows: str
    gone: str
    next_steps: tuple[str, ...]
    causes: dict[str, str]
    owed: str
    returned: str
    moves: dict[PoolMove, str]  # short, for a column
    pool: dict[PoolMove, str]
    clocks: dict[str, str]


ENGLISH: Final = Words(
    tiers={Tier.HOT: "hot", Tier.WARM: "warm", Tier.COLD: "cold", Tier.DISQUALIFIED: "out"},
    score="score",
    trend="trend",
    lead="lead",
    tier="tier",
    next="next",
    why="why",
    crossings="crossings",
    no_crossings="nobody has changed tier yet",
    no_leads="waiting for the first score …",
    events="{n:,} events",
    rate="{n:,.0f}/s",
    dead_letters="{n:,} dead letters",
    pace="1 s = {pace}",
    date="%a %d %b %Y %H:%M",
    footer="Ctrl-C ends it, and leaves nothing behind",
    more="{n:,} more below",
    starting=("starting a broker …", "creating topics …", "starting a worker …"),
    stopping="stopping the worker and the broker …",
    ended=(
        "{days:,.0f} days in {seconds:,.0f} s: {events:,} events, {leads:,} leads, "
        "{crossings:,} crossings, {dead:,} dead letters"
    ),
    bad_rows="  {n:,} rows could not be read: lead-scorer import FILE --map MAP --dry-run lists them",
    gone="  The broker, the worker and their files are gone. What next?",
    next_steps=(
        "lead-scorer demo --csv leads.csv      the same with your own leads",
        "lead-scorer model show default        the model that has scored them",
        "lead-scorer topics apply; … run       the real thing, on your Kafka",
    ),
    causes={"retraction": "taken back", "attributes": "{n} attributes"},
    owed="due next, in {left}: {lead}, {clock}, {owner}",
    returned="{n:,} returned to the pool",
    moves={
        PoolMove.AT_RISK: "at risk",
        PoolMove.RETURNED: "to pool",
        PoolMove.VOIDED: "voided",
        PoolMove.HANDED_OVER: "handed over",
    },
    pool={
        PoolMove.AT_RISK: "{owner} is about to lose it: {clock}",
        PoolMove.RETURNED: "taken from {owner}: {clock} limit passed",
        PoolMove.VOIDED: "back to {owner}, whose touch was logged late",
        PoolMove.HANDED_OVER: "to {owner}",
    },
    clocks={
        "first_response": "first response",
        "next_follow_up": "next follow-up",
        "no_opportunity": "no opportunity",
        "no_deal": "no deal",
        "maximum_holding": "maximum holding",
        "owner_left": "owner left",
    },
)

CHINESE: Final = Words(
    tiers={Tier.HOT: "热", Tier.WARM: "温", Tier.COLD: "冷", Tier.DISQUALIFIED: "出局"},
    score="评分",
    trend="走势",
    lead="线索",
    tier="级别",
    next="下一级",
    why="原因",
    crossings="级别变化",
    no_crossings="还没有线索改变级别",
    no_leads="正在等待第一个评分……",
    events="{n:,} 个事件",
    rate="每秒 {n:,.0f}",
    dead_letters="{n:,} 个死信",
    pace="1 秒 = {pace}",
    date="%Y-%m-%d %H:%M",
    footer="按 Ctrl-C 结束，不留任何文件",
    more="下面还有 {n:,} 条",
    starting=("正在启动消息服务器……", "正在创建主题……", "正在启动评分进程……"),
    stopping="正在停止评分进程和消息服务器……",
    ended=(
        "{seconds:,.0f} 秒内经过 {days:,.0f} 天：{events:,} 个事件，{leads:,} 条线索，"
        "{crossings:,} 次级别变化，{dead:,} 个死信"
    ),
    bad_rows="  有 {n:,} 行无法读取：lead-scorer import 文件 --map 映射 --dry-run 会逐行列出",
    gone="  进程和文件都已清除。下一步：",
    next_steps=(
        "lead-scorer demo --csv leads.csv      用您自己的线索再看一遍",
        "lead-scorer model show default        看看评分模型",
        "lead-scorer topics apply; … run       在您的 Kafka 上正式运行",
    ),
    causes={
        "created": "新线索",
        "attributes": "{n} 项属性",
        "decay": "衰减",
        "silence": "沉默",
        "retraction": "撤回",
        "model": "模型变更",
        "expiry": "到期",
        "disqualified": "取消资格",
        "call_unanswered": "未接电话",
    },
    owed="下一个到期，{left}后：{lead}，{clock}，{owner}",
    returned="已收回 {n:,} 条",
    moves={
        PoolMove.AT_RISK: "将收回",
        PoolMove.RETURNED: "收回公海",
        PoolMove.VOIDED: "撤销收回",
        PoolMove.HANDED_OVER: "移交",
    },
    pool={
        PoolMove.AT_RISK: "{owner} 即将失去：{clock}",
        PoolMove.RETURNED: "从 {owner} 收回：{clock}超时",
        PoolMove.VOIDED: "退回 {owner}：跟进记录晚到",
        PoolMove.HANDED_OVER: "移交给 {owner}",
    },
    clocks={
        "first_response": "首次跟进",
        "next_follow_up": "下次跟进",
        "no_opportunity": "未建商机",
        "no_deal": "未成交",
        "maximum_holding": "最长持有",
        "owner_left": "负责人离职",
    },
)

WORDS: Final = {Lang.EN: ENGLISH, Lang.ZH: CHINESE}


def span(us: float, lang: Lang = Lang.EN) -> str:
    """A length of time in one unit, as short as a column wants it: `40m`, `7h`, `12d`."""
    units = ((DAY_US, "d", "天"), (HOUR_US, "h", "时"), (MINUTE_US, "m", "分"))
    for unit_us, english, chinese in units:
        if us >= unit_us:
            return f"{us / unit_us:.0f}{chinese if lang is Lang.ZH else english}"
    return "1分内" if lang is Lang.ZH else "<1m"


def instant(time_us: int, pattern: str) -> str:
    """An instant in UTC, as `strftime` writes it."""
    return datetime.fromtimestamp(time_us // 1_000_000, UTC).strftime(pattern)

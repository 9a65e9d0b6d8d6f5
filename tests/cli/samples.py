"""Files as other systems export them, invented from a seed: languages, dates, delimiters, encodings."""

from __future__ import annotations

import csv
import io
from collections.abc import Sequence
from datetime import UTC, datetime, timedelta
from pathlib import Path
from random import Random
from typing import Any

ROWS = 120


def write(
    path: Path,
    columns: Sequence[str],
    rows: Sequence[Sequence[Any]],
    *,
    encoding: str = "utf-8",
    delimiter: str = ",",
    above: str = "",
) -> Path:
    text = io.StringIO()
    writer = csv.writer(text, delimiter=delimiter)
    writer.writerow(columns)
    writer.writerows(rows)
    path.write_bytes((above + text.getvalue()).encode(encoding))
    return path


def moments(dice: Random, year: int, count: int = ROWS) -> list[datetime]:
    return [
        datetime(year, 1, 1, tzinfo=UTC) + timedelta(minutes=dice.randrange(500_000))
        for _ in range(count)
    ]


def crm_english(folder: Path) -> Path:
    """A well-known CRM: month first, thousands with commas, an answer and a grade that would leak."""
    dice = Random(1)
    rows = [
        [
            f"00Q{number:012d}", "Ann", f"Example{number}", f"ann{number}@example.org",
            f"+1 555 {1000 + number}", dice.choice(["VP Sales", "CFO", "Analyst", "Intern"]),
            dice.choice(["Technology", "Banking", "Retail", "Hospital & Health Care"]),
            f"{dice.randrange(1, 5_000):,}", dice.choice(["Web", "Partner Referral", "Trade Show"]),
            f"{when.month}/{when.day}/{when.year}", dice.choice(["Hot", "Cold"]),
            dice.choice(["Yes", "No"]), dice.choice(["Kim", "Lou"]),
            "wants to talk about the price of many things in spring",
        ]
        for number, when in enumerate(moments(dice, 2024))
    ]  # fmt: skip
    columns = (
        "Lead ID", "First Name", "Last Name", "Email", "Phone", "Title", "Industry", "No. of Employees",
        "Lead Source", "Created Date", "Rating", "Converted", "Lead Owner", "Description",
    )  # fmt: skip
    return write(folder / "crm.csv", columns, rows)


def crm_chinese(folder: Path) -> Path:
    """Chinese headers and cells, GB18030, sizes in bands, yes and no in characters."""
    dice = Random(2)
    rows = [
        [
            f"XS{number:05d}", "王伟", f"138{number:08d}", f"示例{number}有限公司",
            dice.choice(["软件", "金融", "制造业", "博彩"]), dice.choice(["总经理", "采购经理", "实习生"]),
            dice.choice(["50-99人", "500人以上", "少于50人"]), dice.choice(["官网", "展会", "转介绍"]),
            when.strftime("%Y/%m/%d %H:%M"), dice.randrange(20), dice.choice(["是", "否"]),
            dice.choice(["跟进中", "已成交", "无效"]), dice.choice(["赵一", "钱二"]), "客户想了解报价，下周再联系",
        ]
        for number, when in enumerate(moments(dice, 2024))
    ]  # fmt: skip
    columns = "线索编号,客户姓名,手机号,公司名称,所属行业,职位,公司规模,线索来源,创建时间,访问次数,是否申请演示,线索状态,负责人,备注"
    return write(folder / "线索.csv", columns.split(","), rows, encoding="gb18030")


def erp_german(folder: Path) -> Path:
    """Semicolons, decimal commas, points between thousands, code page 1252."""
    dice = Random(3)
    rows = [
        [
            f"K-{number:06d}", "Jürgen", "Müller", dice.choice(["Software", "Banken", "Einzelhandel"]),
            dice.choice(["1.200", "35", "2.500", "640"]), dice.choice(["1,5", "12,75", "130,0"]),
            when.strftime("%d.%m.%Y %H:%M"), dice.choice(["Vertrieb", "IT", "Einkauf"]),
            dice.choice(["Messe", "Empfehlung"]), dice.choice(["ja", "nein"]), dice.choice(["offen", "gewonnen", "verloren"]),
        ]
        for number, when in enumerate(moments(dice, 2024))
    ]  # fmt: skip
    columns = "Kundennummer;Vorname;Nachname;Branche;Mitarbeiter;Umsatz;Erstellt am;Abteilung;Quelle;Newsletter;Status"
    path = folder / "kunden.csv"
    return write(path, columns.split(";"), rows, encoding="cp1252", delimiter=";")


def activity_log(folder: Path) -> Path:
    """Many rows a lead, one for each thing that it did, in no order."""
    dice = Random(4)
    rows = [
        [
            when.strftime("%Y-%m-%dT%H:%M:%S+08:00"), f"L{dice.randrange(15):03d}",
            dice.choice(["page_view", "demo_request", "call_no_answer", "whitepaper_download"]),
            dice.choice(["/pricing", "/docs"]),
        ]
        for when in moments(dice, 2025)
    ]  # fmt: skip
    return write(folder / "events.csv", ["timestamp", "lead_id", "event_type", "page"], rows)


def deals(folder: Path) -> Path:
    """Opportunities: a stage, when it was decided, what it was worth."""
    dice = Random(5)
    rows = []
    for number, when in enumerate(moments(dice, 2024)):
        stage = dice.choice(["Won", "Lost", "Engaging"])
        closed = "" if stage == "Engaging" else (when + timedelta(days=30)).strftime("%Y-%m-%d")
        rows.append(
            [
                f"OP{number:06d}",
                when.strftime("%Y-%m-%d"),
                stage,
                closed,
                "1200" if closed else "",
                "GTX",
            ]
        )
    columns = ["opportunity_id", "created_on", "deal_stage", "close_date", "close_value", "product"]
    return write(folder / "deals.csv", columns, rows)


def spreadsheet(folder: Path) -> Path:
    """A title above the header, a byte order mark, serial dates, no id but the mail address."""
    dice = Random(6)
    rows = [
        [
            f"ann{number}@example.org", dice.choice(["11-50", "51-200", "1001+"]), f"{45_300 + number}.5",
            dice.choice(["", f"{45_600 + number}"]), dice.randrange(12),
        ]
        for number in range(ROWS)
    ]  # fmt: skip
    columns = ["Email", "Company size", "Created", "Demo requested on", "Visits"]
    above = "Report of leads,,,,\nexported by,me,,,\n"
    return write(folder / "book.csv", columns, rows, encoding="utf-8-sig", above=above)


def nameless(folder: Path) -> Path:
    """A data set for statistics: no id, no time, the answer in a column called y."""
    dice = Random(7)
    rows = [
        [dice.randrange(18, 90), dice.choice(["technician", "student", "unknown"]), dice.randrange(5_000), dice.choice(["yes", "no"])]
        for _ in range(ROWS)
    ]  # fmt: skip
    return write(
        folder / "bank.csv", ["age", "job", "balance", "y"], [*rows, rows[0]], delimiter=";"
    )


ALL = (crm_english, crm_chinese, erp_german, activity_log, deals, spreadsheet, nameless)

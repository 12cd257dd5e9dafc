"""The reference pipeline, replicated: the same agents, products and accounts, k times the deals."""

import csv
import datetime as dt
import shutil
from decimal import ROUND_HALF_EVEN, Decimal
from pathlib import Path

SMALL_FILES = ("accounts.csv", "products.csv", "sales_teams.csv")
COLUMNS = ("opportunity_id", "sales_agent", "product", "account", "deal_stage", "engage_date", "close_date",
           "close_value")  # fmt: skip


def replicate(source: Path, target: Path, times: int) -> Path:
    """Write the four files with ``times`` × 8,800 deals and return the folder.

    Replica r gets ids ending in ``-rrr``, dates earlier by r·11 mod 730 days and
    amounts scaled by 1 + ((r·7) mod 21 − 10) %; replica 0 is the original.
    """
    target.mkdir(parents=True, exist_ok=True)
    for name in SMALL_FILES:
        shutil.copy(source / name, target / name)
    path = target / "sales_pipeline.csv"
    with (source / "sales_pipeline.csv").open(encoding="utf-8-sig", newline="") as file:
        rows = list(csv.DictReader(file))
    with path.open("w", newline="", encoding="utf-8") as file:
        writer = csv.writer(file)
        writer.writerow(COLUMNS)
        for replica in range(times):
            writer.writerows(_replica(rows, replica))
    return target


def _replica(rows: list[dict[str, str]], number: int) -> list[list[str]]:
    back = dt.timedelta(days=number * 11 % 730)
    scale = 1 + Decimal((number * 7) % 21 - 10) / 100 if number else Decimal(1)
    return [
        [
            row["opportunity_id"] + (f"-{number:03d}" if number else ""),
            row["sales_agent"],
            row["product"],
            row["account"],
            row["deal_stage"],
            _earlier(row["engage_date"], back),
            _earlier(row["close_date"], back),
            _scaled(row["close_value"], scale),
        ]
        for row in rows
    ]


def _earlier(text: str, back: dt.timedelta) -> str:
    return (dt.date.fromisoformat(text) - back).isoformat() if text else ""


def _scaled(text: str, scale: Decimal) -> str:
    return str((Decimal(text) * scale).quantize(Decimal(1), rounding=ROUND_HALF_EVEN)) if text else ""

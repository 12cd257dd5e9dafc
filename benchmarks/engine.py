"""``python -m benchmarks.engine``: the pure engine, without a database. 1,000,000 credits, 10,000 payees.

A cumulative marginal plan with a KPI bonus for the sellers; every tenth payee leads and is paid an override
and a bonus on the credits of ten others, so that each credit is settled twice, with its full trace.
"""

import datetime as dt
import json
import resource
import time
from decimal import Decimal

from apps.incentives.rules.engine.settle import settle
from apps.incentives.rules.engine.shapes import Cell, CreditIn, PayeeGiven, Segment, Standing
from apps.incentives.rules.plan.parsing import parse_plan

PAYEES, CREDITS, LED = 10_000, 100, 10


def main() -> None:
    """Settle everybody and print how long it took."""
    print(json.dumps(measured(), indent=1))


def measured() -> dict[str, object]:
    """Return seconds, credits settled per second, the sum paid and the peak of memory."""
    standings = {("revenue", "period"): Standing(Decimal(97_000), Decimal(100_000))}
    run_date, total = dt.date(2026, 7, 1), Decimal(0)
    started = time.process_time()
    for kind, payees, credits in (
        ("commission", PAYEES, CREDITS),
        ("override", PAYEES // LED, CREDITS * LED),
    ):
        plan = parse_plan(plan_document(kind))
        for payee in range(payees):
            first = payee * credits
            rows = [CreditIn(first + i, Decimal(1000 + i * 7919 % 9000), f"d{i}") for i in range(credits)]
            segment = Segment(plan, cells={kind: [Cell("year", rows)]}, standings=standings)
            total += settle(plan, PayeeGiven(payee, "period", [segment], run_date)).payment.amount
    seconds = time.process_time() - started
    return {
        "seconds": round(seconds, 1),
        "credits_settled": 2 * PAYEES * CREDITS,
        "per_second": round(2 * PAYEES * CREDITS / seconds),
        "paid": str(total),
        "peak_memory_mb": resource.getrusage(resource.RUSAGE_SELF).ru_maxrss // 1024,
    }


def plan_document(kind: str) -> dict[str, object]:
    """Return a cumulative marginal plan on own credits or an override, with a bonus by target."""
    tiers = [
        {"from": "0", "to": "250000", "rate": "0.03"},
        {"from": "250000", "to": "750000", "rate": "0.05"},
        {"from": "750000", "rate": "0.065"},
    ]
    points = [{"at": "0.7", "pays": "0.5"}, {"at": "1", "pays": "1"}, {"at": "1.5", "pays": "2"}]
    curve = {"kind": "curve", "pays": "share", "points": points, "below": "zero", "above": "hold"}
    return {
        "schema": "salesorg.plan/2",
        "currency": "USD",
        "period": "quarter",
        "components": [
            {
                "kind": kind,
                "code": kind,
                "name": kind,
                "measure": "revenue",
                "basis": "year_to_date",
                "table": {"kind": "marginal", "tiers": tiers},
            },
            {
                "kind": "kpi_bonus",
                "code": "bonus",
                "name": "Bonus",
                "annual": "12000",
                "measures": [{"measure": "revenue", "weight": "100"}],
                "curve": curve,
            },
        ],
    }


if __name__ == "__main__":
    main()

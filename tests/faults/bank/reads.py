"""What holds at every moment, however much is under way: each is one statement and finds what breaks it."""

import datetime as dt

from django.db import connection
from django.db.models import Sum

from apps.measures.models import Credit
from apps.measures.selectors import query, value
from tests.faults.bank.company import Bank, money

YEAR = dt.date(2026, 1, 1), dt.date(2027, 1, 1)
_OF_DEAL = "c.source_type = 'pipeline.opportunity' AND c.source_id = d.id"

BROKEN = {
    "a deal has other revenue in the ledger than it is worth": f"""
        SELECT d.id, d.state, d.base_amount, sum(c.value)
        FROM pipeline_opportunity d LEFT JOIN measures_credit c ON {_OF_DEAL} AND c.measure = 'revenue'
        GROUP BY d.id
        HAVING coalesce(sum(c.value), 0) <> CASE d.state WHEN 'won' THEN d.base_amount ELSE 0 END
    """,
    "a deal is not counted as won once": f"""
        SELECT d.id, d.state, sum(c.value)
        FROM pipeline_opportunity d LEFT JOIN measures_credit c ON {_OF_DEAL} AND c.measure = 'deals_won'
        GROUP BY d.id HAVING coalesce(sum(c.value), 0) <> CASE d.state WHEN 'won' THEN 1 ELSE 0 END
    """,
    "a credit and what takes it back are not nothing together": """
        SELECT c.id FROM measures_credit c JOIN measures_credit r ON r.reverses_id = c.id
        WHERE c.value + r.value <> 0 OR c.person_id <> r.person_id OR c.credited_on <> r.credited_on
    """,
    "the shares of a deal are not the whole": """
        SELECT opportunity_id FROM pipeline_opportunitysplit
        GROUP BY opportunity_id HAVING sum(share) <> 100 OR min(share) < 0
    """,
    "a run pays another total than its statements and lines": """
        SELECT r.id, r.total, s.total, l.total FROM incentives_payrun r
        CROSS JOIN LATERAL (
            SELECT coalesce(sum(total), 0) AS total FROM incentives_statement WHERE run_id = r.id) s
        CROSS JOIN LATERAL (
            SELECT coalesce(sum(amount), 0) AS total FROM incentives_payline WHERE run_id = r.id) l
        WHERE r.state <> 'draft' AND (r.total <> s.total OR r.total <> l.total)
    """,
    "a statement pays another total than its lines": """
        SELECT s.id, s.total, sum(l.amount)
        FROM incentives_statement s LEFT JOIN incentives_payline l ON l.statement_id = s.id
        WHERE s.computed_at IS NOT NULL GROUP BY s.id HAVING coalesce(sum(l.amount), 0) <> s.total
    """,
    "a payroll file pays another total than the lines": """
        SELECT e.id, e.total FROM incentives_payrollexport e
        LEFT JOIN incentives_payline l ON l.run_id = e.run_id
        GROUP BY e.id HAVING coalesce(sum(l.amount), 0) <> e.total
    """,
    "a run and its reversal are not nothing together": """
        SELECT r.id FROM incentives_payrun r JOIN incentives_payline l ON l.run_id IN (r.id, r.reverses_id)
        WHERE r.reverses_id IS NOT NULL GROUP BY r.id HAVING sum(l.amount) <> 0
    """,
    "a reversed run counts, or one that is not does not": """
        SELECT o.id FROM incentives_payrun o LEFT JOIN incentives_payrun r ON r.reverses_id = o.id
        WHERE o.reverses_id IS NULL AND o.is_void <> coalesce(r.state IN ('locked', 'paid'), FALSE)
    """,
    "a credit is paid twice to one person": """
        SELECT t.credit_id, l.person_id FROM incentives_paytrace t
        JOIN incentives_payline l ON l.id = t.line_id
        JOIN incentives_payrun r ON r.id = l.run_id AND NOT r.is_void AND r.reverses_id IS NULL
        WHERE t.credit_id IS NOT NULL GROUP BY t.credit_id, l.person_id HAVING count(*) > 1
    """,
    "an adjustment is paid twice, or another amount, or unasked": """
        SELECT a.id FROM incentives_adjustment a
        JOIN incentives_payline l ON l.adjustment_id = a.id AND l.kind = 'adjustment'
        JOIN incentives_payrun r ON r.id = l.run_id AND NOT r.is_void AND r.reverses_id IS NULL
        GROUP BY a.id HAVING count(*) > 1 OR sum(l.amount) <> a.amount OR a.status <> 'approved'
    """,
    "something is below zero that never may be": """
        SELECT 'balance' AS what, s.id FROM incentives_statement s
        CROSS JOIN LATERAL jsonb_each(s.closing) AS of_plan (plan, closing)
        CROSS JOIN LATERAL jsonb_each_text(coalesce(of_plan.closing -> 'balances', '{}')) AS b (name, amount)
        WHERE amount::numeric < 0
        UNION ALL SELECT 'deal', id FROM pipeline_opportunity WHERE amount < 0 OR base_amount < 0
        UNION ALL (
            SELECT 'revenue of a deal', source_id FROM measures_credit
            WHERE measure = 'revenue' AND source_type = 'pipeline.opportunity'
            GROUP BY source_id, person_id HAVING sum(value) < 0)
    """,
    "a seller is not under one plan, in a seat of its team, on every day": """
        SELECT p.id FROM org_person p
        LEFT JOIN LATERAL (
            SELECT range_agg(x.valid) AS days, count(*) AS rows FROM incentives_planassignment x
            WHERE x.person_id = p.id) AS plan ON TRUE
        LEFT JOIN LATERAL (
            SELECT range_agg(x.valid) AS days, count(*) AS rows FROM org_assignment x
            WHERE x.person_id = p.id) AS seat ON TRUE
        WHERE p.name LIKE 'Seller %' AND (
            upper(plan.days) IS NOT NULL OR upper(seat.days) IS NOT NULL
            OR plan.days <> multirange(range_merge(plan.days))
            OR seat.days <> multirange(range_merge(seat.days))
            OR EXISTS (
                SELECT 1 FROM incentives_planassignment x JOIN incentives_planassignment y
                ON x.person_id = y.person_id AND x.id < y.id AND x.valid && y.valid WHERE x.person_id = p.id)
            OR EXISTS (
                SELECT 1 FROM incentives_planassignment x
                JOIN incentives_incentiveplan of ON of.id = x.plan_id
                JOIN org_assignment a ON a.person_id = x.person_id AND a.valid && x.valid
                JOIN org_positionunit pu ON pu.position_id = a.position_id
                JOIN org_orgunit u ON u.id = pu.unit_id
                WHERE x.person_id = p.id AND of.code <> CASE u.name WHEN 'West' THEN 'west' ELSE 'east' END))
    """,
}  # fmt: skip


def broken() -> list[str]:
    """Say what does not hold, with the first few rows that show it."""
    found = []
    for what, statement in BROKEN.items():
        with connection.cursor() as cursor:
            cursor.execute(statement)
            if rows := cursor.fetchall():
                found.append(f"{what}: {rows[:5]}")
    return found


def moved(bank: Bank) -> str:
    """Say how the money of the pool differs from what it always is; nothing when it does not."""
    total = value("revenue", *YEAR, account_id=bank.account).value
    people = query("revenue", *YEAR, by=("person",), account_id=bank.account)
    shared = sum(row.value or 0 for row in people)
    return "" if total == shared == money() else f"the pool holds {total}, its people {shared}"


def unlike_the_ledger(bank: Bank) -> str:
    """Say who has another figure than the ledger holds, within one snapshot; nothing when nobody has."""
    ledger = Credit.objects.filter(measure="revenue", person__in=bank.sellers).order_by("person")
    held = dict(ledger.values("person").annotate(sum=Sum("value")).values_list("person", "sum"))
    shown = {row.keys["person"]: row.value for row in query("revenue", *YEAR, by=("person",))}
    wrong = {one: (held.get(one, 0), shown.get(one) or 0) for one in bank.sellers}
    return ", ".join(f"{one}: {pair}" for one, pair in wrong.items() if pair[0] != pair[1])

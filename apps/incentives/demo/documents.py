"""The plans of the demo company as documents."""

from typing import Any

from django.conf import settings
from django.utils.translation import gettext_noop

from apps.core.names import told
from apps.incentives.rules.plan.document import SCHEMA

REPS_PURPOSE = (
    "Base salary, commission on revenue with an accelerator, and a bonus on deals and new customers."
)
LEADS_PURPOSE = "Base salary, an override on the revenue of everybody below, and a bonus on wins."


NEW_PURPOSE = told(
    gettext_noop("Base salary and commission, filled up by a draw; returns are taken back by months.")
)
NEW_NAME = told(gettext_noop("New sellers with a draw"))
NEXT_NOTE = told(gettext_noop("Lower start, steeper above the year's middle"))
YUAN_PURPOSE = told(
    gettext_noop("Paid in yuan at the rate of the fiscal year; a part of every commission follows later.")
)
YUAN_NAME = told(gettext_noop("Field sales in yuan"))
GOALS_PURPOSE = told(
    gettext_noop("Commission, a bonus on the target and graded objectives; unpaid leave is taken off.")
)
GOALS_NAME = told(gettext_noop("Key accounts with objectives"))
QUOTA_BONUS = told(gettext_noop("Target bonus"))
GOALS = told(gettext_noop("Bonus on objectives"))
OBJECTIVES = (
    ("references", told(gettext_noop("Reference laboratories won for the new series")), "grade", "40"),
    ("account_plans", told(gettext_noop("Account plans for the ten largest customers")), "grade", "35"),
    ("forecast", told(gettext_noop("Forecast within a tenth of the result")), "milestone", "25"),
)


def plans() -> list[tuple[str, str, str, dict[str, Any]]]:
    """Return code, name, purpose and document of the plans in force."""
    return [
        ("field-sales", "Field sales", REPS_PURPOSE, reps()),
        ("sales-leads", "Sales leads", LEADS_PURPOSE, leads()),
        ("new-sellers", NEW_NAME, NEW_PURPOSE, new_sellers()),
        ("yuan", YUAN_NAME, YUAN_PURPOSE, in_yuan()),
        ("objectives", GOALS_NAME, GOALS_PURPOSE, with_objectives()),
    ]


def _most(amount: str) -> dict[str, Any]:
    return {"limit": {"kind": "amount", "amount": amount}, "excess": {"kind": "forfeit"}}


def reps() -> dict[str, Any]:
    """Return the plan of field sales."""
    return {
        "schema": SCHEMA,
        "currency": settings.COMPANY_CURRENCY,
        "period": "quarter",
        "cap": _most("60000"),
        "components": [
            {"kind": "base_salary", "code": "base", "name": "Base salary", "annual": "54000"},
            {
                "kind": "commission",
                "code": "commission",
                "name": "Commission",
                "measure": "revenue",
                "basis": "year_to_date",
                "table": {
                    "kind": "marginal",
                    "tiers": [
                        {"from": "0", "to": "250000", "rate": "0.03"},
                        {"from": "250000", "to": "750000", "rate": "0.05"},
                        {"from": "750000", "rate": "0.065"},
                    ],
                },
            },
            {
                "kind": "kpi_bonus",
                "code": "growth_bonus",
                "name": "Growth bonus",
                "annual": "8000",
                "measures": [
                    {"measure": "deals_won", "weight": "60", "goal": "8"},
                    {"measure": "new_customers", "weight": "40", "goal": "3"},
                ],
                "curve": {
                    "kind": "curve",
                    "pays": "share",
                    "points": [
                        {"at": "0.5", "pays": "0.25"},
                        {"at": "1", "pays": "1"},
                        {"at": "1.5", "pays": "2"},
                    ],
                    "below": "zero",
                    "above": "hold",
                },
            },
        ],
    }


def reps_next() -> dict[str, Any]:
    """Return what field sales may be paid by next: less at first, more above."""
    document = reps()
    document["components"][1]["table"]["tiers"] = [
        {"from": "0", "to": "200000", "rate": "0.025"},
        {"from": "200000", "to": "600000", "rate": "0.055"},
        {"from": "600000", "rate": "0.08"},
    ]
    return document


def new_sellers() -> dict[str, Any]:
    """Return a plan with a recoverable draw whose commission is earned over a year."""
    return {
        "schema": SCHEMA,
        "currency": settings.COMPANY_CURRENCY,
        "period": "quarter",
        "components": [
            {"kind": "base_salary", "code": "base", "name": "Base salary", "annual": "48000"},
            {
                "kind": "commission",
                "code": "commission",
                "name": "Commission",
                "measure": "revenue",
                "basis": "period",
                "table": {
                    "kind": "marginal",
                    "tiers": [
                        {"from": "0", "to": "100000", "rate": "0.025"},
                        {"from": "100000", "rate": "0.04"},
                    ],
                },
            },
        ],
        "returns": {
            "schedule": {"kind": "linear", "months": 12, "failing_month": "not_earned"},
            "at_most": "0.5",
        },
        "draw": {
            "kind": "recoverable",
            "amount": "4500",
            "periods": 8,
            "recovery_share": "0.5",
            "at_end": "forgive",
        },
    }


def in_yuan() -> dict[str, Any]:
    """Return a plan in yuan: credits count at the yearly rate, a commission is paid in two instalments."""
    document = reps()
    _base, commission, bonus = document["components"]
    return {
        **document,
        "currency": "CNY",
        "exchange": {"transactions": "plan_year"},
        "cap": _most("420000"),
        "components": [
            {"kind": "base_salary", "code": "base", "name": "Base salary", "annual": "312000"},
            {
                **commission,
                "basis": "period",
                "table": {
                    "kind": "marginal",
                    "tiers": [
                        {"from": "0", "to": "600000", "rate": "0.025"},
                        {"from": "600000", "to": "1800000", "rate": "0.04"},
                        {"from": "1800000", "rate": "0.055"},
                    ],
                },
                "instalments": [
                    {"kind": "months", "share": "0.7", "months": "0"},
                    {"kind": "months", "share": "0.3", "months": "3"},
                ],
            },
            {
                **bonus,
                "annual": "48000",
                "measures": [
                    {"measure": "deals_won", "weight": "60", "goal": "5"},
                    {"measure": "new_customers", "weight": "40", "goal": "1"},
                ],
            },
        ],
    }


def with_objectives() -> dict[str, Any]:
    """Return a plan that pays for the target and graded objectives, and keeps a tenth back for a while."""
    document = reps()
    base, commission, bonus = document["components"]
    return {
        **document,
        "proration": {"days": "working_days", "unpaid_leave": "taken_off"},
        "zero_quota": "skip",
        "holdback": {"share": "0.1", "release": {"kind": "periods", "periods": "2"}},
        "components": [
            {**base, "annual": "58000"},
            {
                **commission,
                "basis": "period",
                "table": {
                    "kind": "marginal",
                    "tiers": [
                        {"from": "0", "to": "150000", "rate": "0.02"},
                        {"from": "150000", "rate": "0.035"},
                    ],
                },
            },
            {
                "kind": "kpi_bonus",
                "code": "target_bonus",
                "name": QUOTA_BONUS,
                "annual": "14000",
                "measures": [{"measure": "revenue", "weight": "100"}],
                "curve": bonus["curve"],
            },
            {
                "kind": "mbo",
                "code": "objectives",
                "name": GOALS,
                "annual": "12000",
                "objectives": [
                    {"kind": kind, "code": code, "name": name, "weight": weight}
                    for code, name, kind, weight in OBJECTIVES
                ],
                "ungraded": "zero",
            },
        ],
    }


def leads() -> dict[str, Any]:
    """Return the plan of those who lead a team or region."""
    return {
        "schema": SCHEMA,
        "currency": settings.COMPANY_CURRENCY,
        "period": "quarter",
        "components": [
            {"kind": "base_salary", "code": "base", "name": "Base salary", "annual": "84000"},
            {
                "kind": "override",
                "code": "team_override",
                "name": "Team override",
                "measure": "revenue",
                "basis": "period",
                "table": {
                    "kind": "retroactive",
                    "tiers": [
                        {"from": "0", "to": "400000", "rate": "0.005"},
                        {"from": "400000", "rate": "0.008"},
                    ],
                },
                "cap": _most("40000"),
            },
            {
                "kind": "kpi_bonus",
                "code": "win_bonus",
                "name": "Win rate bonus",
                "annual": "12000",
                "measures": [{"measure": "win_rate", "weight": "100", "goal": "0.45"}],
                "curve": {
                    "kind": "curve",
                    "pays": "share",
                    "points": [
                        {"at": "0.8", "pays": "0.5"},
                        {"at": "1", "pays": "1"},
                        {"at": "1.25", "pays": "1.5"},
                    ],
                    "below": "zero",
                    "above": "hold",
                },
            },
        ],
    }

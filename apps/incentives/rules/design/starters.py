"""What a new part of a plan begins with: a whole, visible suggestion to change, never an empty shell."""

from typing import Any

TIERS = [{"from": "0", "to": "100000", "rate": "0.05"}, {"from": "100000", "rate": "0.08"}]
_PAYOUT = {
    "kind": "curve", "pays": "share", "below": "zero", "above": "hold",
    "points": [{"at": "0.7", "pays": "0.5"}, {"at": "1", "pays": "1"}, {"at": "1.5", "pays": "2"}],
}  # fmt: skip
_ATTAINED = {"kind": "attainment", "measure": "revenue", "of": "period"}
_REACHED = {**_ATTAINED, "at_least": "1"}
_FACTORS = {
    "kind": "step", "axis": _ATTAINED, "pays": "share", "edge": "upper",
    "points": [{"at": "0", "pays": "1"}, {"at": "1", "pays": "1.2"}],
}  # fmt: skip
_MATRIX = {
    "kind": "matrix", "pays": "share", "read": "step",
    "row_axis": _ATTAINED, "column_axis": {"kind": "attainment", "measure": "deals_won", "of": "period"},
    "rows": ["0", "0.8", "1"], "columns": ["0", "0.8", "1"],
    "cells": [["0", "0", "0"], ["0", "0.5", "0.8"], ["0", "0.8", "1.2"]],
}  # fmt: skip

# What a table of a commission pays to begin with, where that of a bonus pays shares of its target.
RATES: dict[str, list[Any]] = {
    "points": [{"at": "0", "pays": "0.03"}, {"at": "1", "pays": "0.05"}, {"at": "1.5", "pays": "0.08"}],
    "cells": [["0.01", "0.02", "0.03"], ["0.02", "0.03", "0.04"], ["0.03", "0.04", "0.06"]],
}

# Model → the values it starts with.
STARTERS: dict[str, dict[str, Any]] = {
    "BaseSalary": {"annual": "60000"},
    "Commission": {
        "measure": "revenue", "basis": "period", "credits": "direct",
        "table": {"kind": "marginal", "edge": "upper", "unit": {"kind": "amount"}, "tiers": TIERS},
    },
    "Override": {
        "measure": "revenue", "basis": "period", "levels": {"from": "1"},
        "table": {"kind": "marginal", "edge": "upper", "unit": {"kind": "amount"},
                  "tiers": [{"from": "0", "rate": "0.01"}]},
    },
    "Trail": {
        "measure": "revenue", "credits": "direct",
        "schedule": [
            {"from_month": "0", "before_month": "12", "rate": "0.05"}, {"from_month": "12", "rate": "0.02"},
        ],
    },
    "KpiBonus": {
        "annual": "12000", "curve": _PAYOUT,
        "measures": [{"measure": "revenue", "weight": "70"}, {"measure": "deals_won", "weight": "30"}],
    },
    "MatrixBonus": {"annual": "12000", "table": _MATRIX},
    "Mbo": {
        "annual": "8000", "ungraded": "error",
        "objectives": [
            {"kind": "grade", "code": "first", "name": "", "weight": "60"},
            {"kind": "milestone", "code": "second", "name": "", "weight": "40"},
        ],
    },
    "Spiff": {"measure": "deals_won", "award": {"kind": "deal", "amount": "200"}, "budget": "10000"},
    "Pool": {"fund": {"kind": "share", "measure": "revenue", "share": "0.01"}, "share_by": "equal"},
    "Kicker": {"pays": {"kind": "amount", "amount": "1000"}, "gate": _REACHED},
    "Marginal": {"tiers": TIERS},
    "Retroactive": {"tiers": TIERS},
    "PerTransaction": {"tiers": TIERS, "inner": "marginal"},
    "Interpolated": {
        "tiers": [
            {"from": "0", "to": "50000", "fixed": "1000"}, {"from": "50000", "to": "100000", "fixed": "3000"},
        ]
    },
    "Curve": {**_PAYOUT, "axis": _ATTAINED},
    "Step": {**_PAYOUT, "axis": _ATTAINED, "kind": "step"},
    "Matrix": _MATRIX,
    "Attainment": _REACHED,
    "Value": {"measure": "revenue", "of": "period", "at_least": "0"},
    "Pay": {"at_least": "0"},
    "Tenure": {"at_least": "2"},
    "FieldIn": {"name": "sector", "in": []},
    "DealAmount": {"at_least": "0"},
    "Multiply": {"when": _REACHED, "factor": "1.2"},
    "MultiplyBy": {"table": _FACTORS},
    "AddAmount": {"when": _REACHED, "amount": "1000"},
    "AddRate": {"when": _REACHED, "rate": "0.01"},
    "Cap": {"limit": {"kind": "amount", "amount": ""}, "excess": {"kind": "forfeit"}},
    "DealCap": {"limit": {"kind": "amount", "amount": ""}, "excess": {"kind": "forfeit"}},
    "Counts": {"when": {"kind": "field", "name": "sector", "in": []}, "factor": "1.5"},
    "AfterMonths": {"share": "0.5", "months": "0"},
    "OnMilestone": {"share": "0.5"},
    "Crediting": {
        "match": "first",
        "rules": [{"code": "all", "name": "", "commission_factor": "1", "quota_factor": "1"}],
    },
    "CreditingRule": {"commission_factor": "1", "quota_factor": "1"},
    "Exchange": {"transactions": "transaction_date"},
    "Returns": {
        "schedule": {"kind": "stepped", "steps": [
            {"before_month": "3", "share": "1"}, {"before_month": "6", "share": "0.5"},
        ]},
        "at_most": "0.5", "order": "before_draw",
    },
    "SteppedClawback": {
        "steps": [{"before_month": "3", "share": "1"}, {"before_month": "6", "share": "0.5"}]
    },
    "LinearClawback": {"months": "12", "failing_month": "earned"},
    "Guarantee": {"basis": "period", "steps": [{"periods": "2", "amount": "3000"}]},
    "Draw": {
        "kind": "recoverable", "amount": "3000", "periods": "4", "at_end": "forgive", "recovery_share": "0.5",
    },
    "Payment": {"minimum": "10", "negative": "deduct"},
    "Holdback": {"share": "0.1", "release": {"kind": "periods", "periods": "2"}},
}  # fmt: skip

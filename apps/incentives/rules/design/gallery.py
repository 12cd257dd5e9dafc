"""Plans to start from: whole documents of the common kinds, ready to be changed."""

import copy
import datetime as dt
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from django.utils.functional import Promise
from django.utils.translation import gettext
from django.utils.translation import gettext_lazy as _

Text = str | Promise


@dataclass(frozen=True)
class Ready:
    """A plan to start from: what it is called, whom it suits, and the document."""

    code: str
    name: Text
    text: Text
    icon: str
    period: str
    components: tuple[Mapping[str, Any], ...]
    whole: Mapping[str, Any]

    def document(self, currency: str, first: dt.date, before: dt.date) -> dict[str, Any]:
        """Return the document in a currency, its parts named in the reader's language, contests dated."""
        components = copy.deepcopy([dict(one) for one in self.components])
        for one in components:
            one["name"] = gettext(str(one["name"]))
            if one["kind"] == "spiff":
                one.update({"from": first.isoformat(), "before": before.isoformat()})
        whole = copy.deepcopy(dict(self.whole))
        head = {"schema": "salesorg.plan/2", "currency": currency, "period": self.period}
        return {**head, "components": components, **whole}


_AMOUNT = {"kind": "amount"}
_QUOTA = {"kind": "quota", "of": "period"}
_REVENUE = {"kind": "attainment", "measure": "revenue", "of": "period"}


def _commission(name: Text, tiers: list[dict[str, str]], **more: Any) -> dict[str, Any]:
    table = {"kind": more.pop("table", "marginal"), "unit": more.pop("unit", _AMOUNT), "tiers": tiers}
    if table["kind"] == "per_transaction":
        table["inner"] = "marginal"
    made = {"kind": "commission", "code": "commission", "name": name, "measure": "revenue"}
    return {**made, "basis": "period", "table": table, **more}


_FLAT = [{"from": "0", "rate": "0.05"}]
_SLICES = [
    {"from": "0", "to": "100000", "rate": "0.04"}, {"from": "100000", "to": "200000", "rate": "0.06"},
    {"from": "200000", "rate": "0.09"},
]  # fmt: skip
_OF_QUOTA = [
    {"from": "0", "to": "1", "rate": "0.04"}, {"from": "1", "to": "1.5", "rate": "0.08"},
    {"from": "1.5", "rate": "0.1"},
]  # fmt: skip
_CURVE = {
    "kind": "curve", "pays": "share", "below": "zero", "above": "hold",
    "points": [{"at": "0.7", "pays": "0.5"}, {"at": "1", "pays": "1"}, {"at": "1.5", "pays": "2"}],
}  # fmt: skip

READY: tuple[Ready, ...] = (
    Ready(
        "flat", _("Flat commission"), _("The same share of every deal. The plan everybody understands."),
        "percentage", "month", (_commission(_("Commission"), _FLAT),), {},
    ),
    Ready(
        "accelerator", _("Accelerator above quota"),
        _("A base rate up to the quota and higher rates above it, year to date; a gate keeps the start dry."),
        "rocket", "quarter",
        (
            _commission(
                _("Commission"), _OF_QUOTA, unit={"kind": "quota", "of": "cumulative"}, basis="year_to_date",
                gate={"kind": "attainment", "measure": "revenue", "of": "cumulative", "at_least": "0.5"},
            ),
        ),
        {},
    ),
    Ready(
        "ramp", _("New hire with a recoverable draw"),
        _("Tiered commission, filled up by a draw for a year, and a clawback in steps on returns."),
        "stairs-up", "quarter", (_commission(_("Commission"), _SLICES),),
        {
            "draw": {
                "kind": "recoverable", "amount": "6000", "periods": 4, "at_end": "forgive",
                "recovery_share": "0.5",
            },
            "returns": {
                "schedule": {"kind": "stepped", "steps": [
                    {"before_month": 3, "share": "1"}, {"before_month": 6, "share": "0.5"},
                ]},
                "at_most": "0.5", "order": "before_draw",
            },
        },
    ),
    Ready(
        "salary-bonus", _("Salary and target bonus"),
        _("Base salary and a bonus over two weighted measures along a payout curve."),
        "briefcase", "quarter",
        (
            {"kind": "base_salary", "code": "salary", "name": _("Base salary"), "annual": "60000"},
            {
                "kind": "kpi_bonus", "code": "bonus", "name": _("Target bonus"), "annual": "20000",
                "measures": [
                    {"measure": "revenue", "weight": "70"}, {"measure": "deals_won", "weight": "30"},
                ],
                "curve": _CURVE, "zero_quota": "skip",
            },
        ),
        {},
    ),
    Ready(
        "team-lead", _("Team lead: override and team pool"),
        _("A share of what the team sells, a kicker when the quota is reached, and a pool shared by days."),
        "users-group", "quarter",
        (
            {
                "kind": "override", "code": "override", "name": _("Override"), "measure": "revenue",
                "basis": "period", "levels": {"from": 1, "to": 2},
                "table": {"kind": "marginal", "unit": _AMOUNT, "tiers": [{"from": "0", "rate": "0.01"}]},
            },
            {
                "kind": "kicker", "code": "kicker", "name": _("Team kicker"),
                "pays": {"kind": "share", "share": "0.2", "of": ["override"]},
                "gate": {**_REVENUE, "at_least": "1"},
            },
            {
                "kind": "pool", "code": "pool", "name": _("Team pool"), "share_by": "days",
                "fund": {"kind": "share", "measure": "revenue", "share": "0.005"},
            },
        ),
        {},
    ),
    Ready(
        "big-deals", _("Each deal by itself, capped"),
        _("The size of a deal decides its rate, one deal pays at most so much, half is paid later."),
        "receipt", "month",
        (
            _commission(
                _("Deal commission"),
                [{"from": "0", "to": "50000", "rate": "0.04"}, {"from": "50000", "rate": "0.06"}],
                table="per_transaction", basis="transaction",
                deal_cap={"limit": {"kind": "amount", "amount": "10000"},
                          "excess": {"kind": "decelerate", "rate": "0.5"}},
                instalments=[
                    {"kind": "months", "share": "0.5", "months": 0},
                    {"kind": "months", "share": "0.5", "months": 3},
                ],
            ),
        ),
        {"holdback": {"share": "0.1", "release": {"kind": "periods", "periods": 3}}},
    ),
    Ready(
        "two-measures", _("Matrix of two measures"),
        _("Revenue and number of deals decide together; a guarantee in the first two periods."),
        "table", "quarter",
        (
            {
                "kind": "matrix_bonus", "code": "bonus", "name": _("Matrix bonus"), "annual": "24000",
                "zero_quota": "skip",
                "table": {
                    "kind": "matrix", "pays": "share", "read": "step", "row_axis": _REVENUE,
                    "column_axis": {"kind": "value", "measure": "deals_won", "of": "period"},
                    "rows": ["0", "0.8", "1", "1.2"], "columns": ["0", "3", "6"],
                    "cells": [
                        ["0", "0", "0"], ["0.4", "0.6", "0.8"], ["0.8", "1", "1.2"], ["1", "1.3", "1.6"],
                    ],
                },
            },
        ),
        {"guarantee": {"basis": "period", "steps": [{"periods": 2, "amount": "3000"}]}},
    ),
    Ready(
        "retroactive", _("Retroactive tiers with a SPIFF"),
        _("The reached rate holds for everything, a cap slows it down, and a contest pays for each deal."),
        "trophy", "quarter",
        (
            _commission(
                _("Commission"),
                [{"from": "0", "to": "0.8", "rate": "0.02"}, {"from": "0.8", "to": "1.2", "rate": "0.05"},
                 {"from": "1.2", "rate": "0.06"}],
                table="retroactive", unit=_QUOTA,
                cap={"limit": {"kind": "amount", "amount": "30000"},
                     "excess": {"kind": "decelerate", "rate": "0.25"}},
            ),
            {
                "kind": "spiff", "code": "spiff", "name": _("Contest"), "measure": "deals_won",
                "award": {"kind": "deal", "amount": "250"}, "budget": "20000",
            },
        ),
        {},
    ),
)  # fmt: skip


def ready(code: str) -> Ready | None:
    """Return a plan to start from, if there is one of that code."""
    return next((one for one in READY if one.code == code), None)

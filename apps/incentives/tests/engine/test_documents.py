"""Reading plan documents: what is refused, where, with which fix; and the published schema."""

import copy
import json
from decimal import Decimal as D

import pytest
from django.core.management import call_command
from django.utils import translation

from apps.incentives.rules.plan.catalogue import MeasureFacts, check_measures
from apps.incentives.rules.plan.parsing import parse_plan
from apps.incentives.rules.plan.problems import PlanInvalid
from apps.incentives.rules.plan.upgrade import upgrade
from apps.incentives.tests.engine.build import FLAT, bonus, commission, curve, document
from apps.incentives.tests.engine.test_examples import REQUESTS

QUOTA = {"kind": "attainment", "measure": "revenue", "of": "period"}
CARRY = {"limit": {"kind": "amount", "amount": "5"}, "excess": {"kind": "carry"}}
DRAW = {"kind": "recoverable", "amount": "500", "periods": 3, "at_end": "carry", "recovery_share": "0.5"}


def tiers(*rows):
    names = ("from", "to", "rate")
    return [{k: v for k, v in zip(names, row, strict=True) if v is not None} for row in rows]


def matrix(**changes):
    table = {
        "kind": "matrix", "pays": "share", "read": "step", "row_axis": QUOTA, "column_axis": QUOTA,
        "rows": ["0", "1"], "columns": ["0", "1"], "cells": [["0", "1"], ["1", "2"]], **changes,
    }  # fmt: skip
    return {"kind": "matrix_bonus", "code": "m", "name": "M", "annual": "1", "table": table}


def mbo(*weights):
    objectives = [
        {"kind": "grade", "code": f"o{i}", "name": "O", "weight": weight} for i, weight in enumerate(weights)
    ]
    return {"kind": "mbo", "code": "m", "name": "M", "annual": "1", "objectives": objectives}


def kicker(code, reads):
    pays = {"kind": "share", "share": "0.1", "of": [reads]}
    gate = {"kind": "tenure", "at_least": 1}
    return {"kind": "kicker", "code": code, "name": code, "gate": gate, "pays": pays}


C = "components[0]"
REFUSED = [
    (
        "a gap",
        document(commission(tiers=tiers(("0", "10", "0.1"), ("20", None, "0.2")))),
        f"{C}.table.tiers[1].from",
    ),
    (
        "an overlap",
        document(commission(tiers=tiers(("0", "30", "0.1"), ("20", None, "0.2")))),
        f"{C}.table.tiers[1].from",
    ),
    ("an end", document(commission(tiers=tiers(("0", "10", "0.1")))), f"{C}.table.tiers[0].to"),
    ("a late start", document(commission(tiers=tiers(("5", None, "0.1")))), f"{C}.table.tiers[0].from"),
    ("a tier without pay", document(commission(tiers=[{"from": "0"}])), f"{C}.table.tiers[0].rate"),
    (
        "a tier with two",
        document(commission(tiers=[{"from": "0", "rate": "0.1", "fixed": "5"}])),
        f"{C}.table.tiers[0].rate",
    ),
    (
        "rates beside amounts per unit",
        document(commission(tiers=[{"from": "0", "to": "5", "rate": "0.1"}, {"from": "5", "per_unit": "5"}])),
        f"{C}.table.tiers",
    ),
    (
        "an interpolated table without an end",
        document(commission("interpolated", [{"from": "0", "fixed": "5"}])),
        f"{C}.table.tiers[0].to",
    ),
    (
        "a curve that does not rise",
        document(bonus(curve=curve(("1", "1"), ("1", "2")))),
        f"{C}.curve.points[1].at",
    ),
    (
        "a curve with an axis it cannot have",
        document(bonus(curve=curve(("1", "1"), ("2", "2"), axis=QUOTA))),
        f"{C}.curve.axis",
    ),
    (
        "a rate table without an axis",
        document({**commission(), "table": curve(("1", "1"), ("2", "2"))}),
        f"{C}.table.axis",
    ),
    ("a matrix with a row too few", document(matrix(cells=[["0", "1"]])), f"{C}.table.cells"),
    (
        "a matrix with a cell too many",
        document(matrix(cells=[["0", "1"], ["1", "2", "3"]])),
        f"{C}.table.cells[1]",
    ),
    ("a matrix that does not cover zero", document(matrix(rows=["0.5", "1"])), f"{C}.table.rows[0]"),
    (
        "weights of measures",
        document(bonus(measures=[{"measure": "revenue", "weight": "60"}])),
        f"{C}.measures",
    ),
    ("weights of objectives", document(mbo("60", "30")), f"{C}.objectives"),
    ("no curve at all", document({k: v for k, v in bonus().items() if k != "curve"}), f"{C}.curve"),
    ("an unknown component", document(kicker("k", "nobody")), f"{C}.pays.of[0]"),
    ("a circle", document(kicker("a", "b"), kicker("b", "a")), "components"),
    ("a circle of one", document(kicker("a", "a")), "components"),
    ("a code twice", document(commission(), commission()), "components[1].code"),
    ("a code of ours", document({**commission(), "code": "draw"}), f"{C}.code"),
    (
        "a cap without what happens",
        document(commission(cap={"limit": {"kind": "amount", "amount": "5"}})),
        f"{C}.cap.excess",
    ),
    ("a carry to date", document(commission(basis="year_to_date", cap=CARRY)), f"{C}.cap.excess.kind"),
    (
        "a share of nothing credited",
        document(bonus(cap={"limit": {"kind": "share", "share": "0.1"}, "excess": {"kind": "forfeit"}})),
        f"{C}.cap.limit.kind",
    ),
    (
        "a deal cap on a window",
        document(
            commission(deal_cap={"limit": {"kind": "amount", "amount": "5"}, "excess": {"kind": "forfeit"}})
        ),
        f"{C}.deal_cap",
    ),
    ("a window no longer than the period", document(commission(basis="quarter_to_date")), f"{C}.basis"),
    (
        "transactions in a window",
        document({**commission("per_transaction", FLAT, table={"inner": "marginal"}), "basis": "period"}),
        f"{C}.basis",
    ),
    ("a rolling window of no length", document(commission(basis="rolling")), f"{C}.rolling_periods"),
    (
        "instalments that do not add up",
        document(commission(instalments=[{"kind": "months", "months": 3, "share": "0.9"}])),
        f"{C}.instalments",
    ),
    (
        "a gate on a credit",
        document(commission(gate={"kind": "field", "name": "product", "in": ["x"]})),
        f"{C}.gate.kind",
    ),
    ("a gate without a bound", document(commission(gate=QUOTA)), f"{C}.gate"),
    (
        "a choice of credits by attainment",
        document(commission(where={**QUOTA, "above": "1"})),
        f"{C}.where.kind",
    ),
    (
        "a draw that does not end",
        document(commission(), draw={k: v for k, v in DRAW.items() if k != "at_end"}),
        "draw.at_end",
    ),
    (
        "a draw nobody pays back",
        document(commission(), draw={k: v for k, v in DRAW.items() if k != "recovery_share"}),
        "draw.recovery_share",
    ),
    ("a maximum without what happens", document(commission(), payment={"maximum": "5"}), "payment.excess"),
    (
        "a maximum below the minimum",
        document(commission(), payment={"minimum": "9", "maximum": "5", "excess": "carry"}),
        "payment.maximum",
    ),
    (
        "steps that do not rise",
        document(
            commission(),
            returns={
                "schedule": {
                    "kind": "stepped",
                    "steps": [{"before_month": 3, "share": "1"}, {"before_month": 3, "share": "0"}],
                }
            },
        ),
        "returns.schedule.steps[1].before_month",
    ),
    ("a float", document(commission(tiers=[{"from": "0", "rate": 0.1}])), f"{C}.table.tiers[0].rate"),
    ("an exponent", document(commission(tiers=[{"from": "0", "rate": "1e-1"}])), f"{C}.table.tiers[0].rate"),
    ("an unknown kind", document({**commission(), "kind": "bribe"}), f"{C}.kind"),
    ("no kind", document({"code": "x", "name": "X"}), f"{C}.kind"),
    ("an unknown field", document(commission(bonus_rate="5")), f"{C}.bonus_rate"),
    ("an old schema", document(commission()) | {"schema": "salesorg.plan/1"}, "schema"),
    ("no schema", {k: v for k, v in document(commission()).items() if k != "schema"}, "schema"),
    ("an unknown currency", document(commission(), currency="XXX"), "currency"),
    ("a list", [], "plan"),
    ("nothing", None, "plan"),
]


@pytest.mark.parametrize(("data", "place"), [pytest.param(d, p, id=name) for name, d, p in REFUSED])
@pytest.mark.parametrize("language", ["en", "zh-hans"])
def test_a_mistake_is_refused_with_its_place_and_a_fix(data, place, language):
    with translation.override(language), pytest.raises(PlanInvalid) as refusal:
        parse_plan(data)

    fixes = {problem.place: str(problem.fix) for problem in refusal.value.problems}
    assert place in fixes
    assert "Input should" not in str(fixes)
    if language == "zh-hans":
        assert all(any("\u4e00" <= letter <= "\u9fff" for letter in fix) for fix in fixes.values()), fixes


COUNT, MONEY = MeasureFacts("count", True), MeasureFacts("money", True)


@pytest.mark.parametrize(
    ("component", "facts", "place"),
    [
        pytest.param(commission(measure="nobody"), MONEY, f"{C}.measure", id="unknown measure"),
        pytest.param(commission(), COUNT, f"{C}.table.tiers[0].rate", id="a rate of a count"),
        pytest.param(
            commission(tiers=[{"from": "0", "per_unit": "5"}]),
            MONEY,
            f"{C}.table.tiers[0].per_unit",
            id="per unit of money",
        ),
        pytest.param(commission(), MeasureFacts("ratio", False), f"{C}.measure", id="not credited"),
        pytest.param(
            commission(table={"unit": {"kind": "quota", "of": "period"}}),
            MeasureFacts("money", True, has_quota=False),
            f"{C}.table.unit",
            id="no quota",
        ),
        pytest.param(
            commission(gate={"kind": "value", "measure": "mood", "above": "1"}),
            MONEY,
            f"{C}.gate.measure",
            id="unknown measure of a gate",
        ),
    ],
)
def test_a_plan_must_fit_the_catalogue(component, facts, place):
    with pytest.raises(PlanInvalid) as refusal:
        check_measures(parse_plan(document(component)), {"revenue": facts})

    assert [problem.place for problem in refusal.value.problems][:1] == [place]


def test_the_published_schema_is_the_code():
    call_command("plan_schema")


def test_a_document_is_written_back_as_it_was_read():
    for request in REQUESTS.values():
        for told in [request.get("plan"), *request.get("plans", {}).values()]:
            if told is not None:
                read = parse_plan(told)
                again = parse_plan(json.loads(read.model_dump_json(by_alias=True)))
                assert again == read


def test_documents_of_the_first_version_are_read_as_the_second():
    old = {
        "currency": "USD", "period": "quarter", "cap": {"amount": "900"},
        "components": [
            {
                "kind": "commission", "code": "c", "name": "C", "measure": "revenue", "basis": "transaction",
                "table": {"kind": "marginal", "tiers": [{"from": "0", "to": None, "rate": "0.1"}]},
                "gates": [{"measure": "revenue", "test": "attainment", "at_least": "0.7"}],
            },
            {
                "kind": "kpi_bonus", "code": "k", "name": "K", "annual": "4000",
                "measures": [{"measure": "revenue", "weight": "100"}],
                "curve": {"points": [["0.5", "0"], ["1", "1"]], "below": "zero", "above": "hold"},
            },
        ],
    }  # fmt: skip
    before = copy.deepcopy(old)

    plan = parse_plan(upgrade(old))

    assert old == before
    assert plan.component("c").table.kind == "per_transaction"
    assert plan.component("c").gate.at_least == D("0.7")
    assert plan.component("k").curve.points[1].pays == 1
    assert plan.cap.limit.amount == 900
    assert upgrade(upgrade(old)) == upgrade(old)

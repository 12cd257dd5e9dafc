"""Pay runs of plans that reach beyond one period: draws, clawback, holdback, fields, transfers."""

import datetime as dt
from decimal import Decimal as D

import pytest
from django.db import transaction

from apps.calendars import selectors as calendars
from apps.incentives import services
from apps.incentives.models import PayLine, PlanVersion, Statement
from apps.incentives.rules.plan.problems import PlanInvalid
from apps.incentives.rules.preview.answer import preview
from apps.incentives.rules.preview.reading import read_request
from apps.incentives.selectors.reconcile import reconcile
from apps.incentives.tests.factories import AT, commission, document, total_of
from apps.measures import services as ledger
from apps.pipeline.tests.factories import ProductFactory

FLAT = {"kind": "marginal", "tiers": [{"from": "0", "rate": "0.1"}]}


def flat(**changes):
    """A commission of ten per cent."""
    return {**commission(), "table": FLAT, **changes}


def closing(run, person):
    return Statement.objects.get(run=run, person=person).closing


def kinds(run, person):
    rows = PayLine.objects.filter(run=run, person=person).order_by("sequence")
    return [(line.component, line.kind, line.amount) for line in rows]


def test_a_draw_is_advanced_in_one_run_and_paid_back_in_the_next(company):
    draw = {"kind": "recoverable", "amount": "500", "periods": 8, "at_end": "carry", "recovery_share": "0.5"}
    plan = company.plan(flat(), draw=draw)
    company.sell(company.rep, "3000", month=2)
    company.sell(company.rep, "7000", month=5)

    first, second = company.locked("2026-Q1"), company.calculated("2026-Q2")

    assert kinds(first, company.rep) == [("commission", "earned", D("300.00")), ("draw", "draw", D("200.00"))]
    assert closing(first, company.rep)[str(plan.pk)]["balances"] == {"draw": "200.00"}
    assert kinds(second, company.rep)[-1] == ("draw", "draw", D("-100.00"))
    assert closing(second, company.rep)[str(plan.pk)]["balances"] == {"draw": "100.00"}
    assert reconcile(second).agrees


def test_what_a_return_takes_back_is_limited_and_owed_to_the_next_run(company):
    company.plan(flat(), returns={"schedule": {"kind": "full"}, "at_most": "0.5"})
    sold = company.sell(company.rep, "4000", month=2)
    first = company.locked("2026-Q1")
    company.sell(company.rep, "1000", month=5)
    with transaction.atomic():
        ledger.reverse(
            source_type=sold.source_type,
            source_id=sold.source_id,
            booked_on=dt.date(2026, 5, 20),
            reason="Returned",
        )
    second = company.locked("2026-Q2")
    company.sell(company.rep, "9000", month=8)

    third = company.calculated("2026-Q3")

    assert [total_of(run, company.rep) for run in (first, second, third)] == [
        D("400.00"),
        D("50.00"),
        D("550.00"),
    ]
    assert reconcile(third).agrees


def test_a_linear_clawback_counts_the_months_between_sale_and_return(company):
    schedule = {"kind": "linear", "months": 12, "failing_month": "not_earned"}
    company.plan(flat(), returns={"schedule": schedule})
    sold = company.sell(company.rep, "1200", month=2)
    company.locked("2026-Q1")
    with transaction.atomic():
        ledger.reverse(
            source_type=sold.source_type,
            source_id=sold.source_id,
            booked_on=dt.date(2026, 6, 10),
            reason="Returned",
        )

    # sold on February 10, returned on June 10: four of twelve months are earned
    assert total_of(company.calculated("2026-Q2"), company.rep) == D("-80.00")


def test_a_holdback_is_paid_even_to_somebody_who_has_left_the_plan(company):
    plan = company.plan(
        flat(), holdback={"share": "0.2", "release": {"kind": "periods", "periods": 1}}, people=[company.rep]
    )
    company.sell(company.rep, "1000", month=2)
    first = company.locked("2026-Q1")
    with transaction.atomic():
        services.end_assignment(
            assignment_id=plan.assignments.get().pk, ends_before=dt.date(2026, 4, 1), by=company.admin
        )

    second = company.locked("2026-Q2")

    assert total_of(first, company.rep) == D("80.00")
    assert kinds(second, company.rep) == [("holdback", "release", D("20.00"))]
    assert not Statement.objects.filter(run=company.calculated("2026-Q3"), person=company.rep).exists()


def test_credits_are_chosen_and_counted_by_the_product_behind_them(company):
    orion, lyra = ProductFactory(code="ORION"), ProductFactory(code="LYRA")
    is_orion = {"kind": "field", "name": "product", "in": ["ORION"]}
    company.plan(
        flat(counts=[{"when": is_orion, "factor": "2"}]),
        flat(
            code="orion",
            name="Orion",
            where=is_orion,
            table={**FLAT, "tiers": [{"from": "0", "rate": "0.01"}]},
        ),
    )
    company.sell(company.rep, "1000", product_id=orion.pk)
    company.sell(company.rep, "500", product_id=lyra.pk)

    run = company.calculated()

    assert [amount for _code, _kind, amount in kinds(run, company.rep)] == [D("250.00"), D("10.00")]
    assert reconcile(run).agrees


def test_crediting_rules_weigh_credits_of_a_run(company):
    june = {"kind": "credited_on", "from": "2026-06-01"}
    rules = [
        {"code": "june", "name": "June", "when": june, "commission_factor": "1.5", "quota_factor": "1"},
        {"code": "rest", "name": "Rest", "commission_factor": "1", "quota_factor": "1"},
    ]
    company.plan(flat(), crediting={"match": "first", "rules": rules})
    company.sell(company.rep, "1000", month=5)
    company.sell(company.rep, "1000", month=6)

    run = company.calculated()
    assert total_of(run, company.rep) == D("250.00")
    assert reconcile(run).agrees


def test_a_rolling_window_sets_the_rate_and_pays_only_its_own_period(company):
    company.plan({**commission(), "basis": "rolling", "rolling_periods": 2})
    company.sell(company.rep, "900", month=2)
    company.sell(company.rep, "300", month=5)

    # tiers of 3 % up to 1,000 and 5 % beyond; 900 of the first quarter came before
    assert total_of(company.calculated("2026-Q2"), company.rep) == D("13.00")


def test_a_salary_may_be_prorated_by_working_days(company):
    base = {"kind": "base_salary", "code": "base", "name": "Base", "annual": "26000"}
    company.rep.hired_on = dt.date(2026, 6, 1)
    company.rep.save(update_fields=["hired_on"])
    company.plan(base, proration={"days": "working_days"}, people=[company.rep])
    whole = calendars.working_days(dt.date(2026, 4, 1), dt.date(2026, 7, 1))
    june = calendars.working_days(dt.date(2026, 6, 1), dt.date(2026, 7, 1))

    expected = (D(6500) * june / whole).quantize(D("0.01"))
    assert total_of(company.calculated(), company.rep) == expected


def spiff(**changes):
    award = changes.pop("award", {"kind": "deal", "amount": "100"})
    return {
        "kind": "spiff",
        "code": "push",
        "name": "Push",
        "measure": "revenue",
        "from": "2026-02-01",
        "before": "2026-06-01",
        "award": award,
        **changes,
    }


def test_a_spiff_uses_up_its_budget_over_payees_and_runs_and_takes_back_what_came_back(company):
    company.plan(spiff(budget="250"))
    sold = company.sell(company.rep, "10", month=2)
    company.sell(company.peer, "10", month=3)
    company.sell(company.rep, "10", month=1)
    first = company.locked("2026-Q1")
    company.sell(company.peer, "10", month=4)
    company.sell(company.rep, "10", month=5)
    with transaction.atomic():
        ledger.reverse(
            source_type=sold.source_type,
            source_id=sold.source_id,
            booked_on=dt.date(2026, 5, 20),
            reason="Returned",
        )

    second = company.calculated("2026-Q2")

    assert [total_of(first, who) for who in (company.rep, company.peer)] == [D("100.00"), D("100.00")]
    assert total_of(second, company.peer) == D("50.00")
    assert total_of(second, company.rep) == D("-100.00")
    assert reconcile(second).agrees


def test_the_award_of_a_deal_is_shared_like_the_deal(company):
    company.plan(spiff())
    company.sell(company.rep, "600", source_id=7)
    company.sell(company.peer, "400", source_id=7)

    run = company.calculated()

    assert [total_of(run, who) for who in (company.rep, company.peer)] == [D("60.00"), D("40.00")]


@pytest.mark.parametrize(
    ("by", "expected"),
    [
        ({"share_by": "equal"}, ["50.00", "50.00"]),
        ({"share_by": "contribution", "contribution": "revenue"}, ["75.00", "25.00"]),
        ({"share_by": "days"}, ["50.00", "50.00"]),
    ],
)
def test_a_pool_is_shared_among_everybody_under_the_plan(company, by, expected):
    fund = {"kind": "share", "measure": "revenue", "share": "0.1"}
    company.plan({"kind": "pool", "code": "pool", "name": "Pool", "fund": fund, **by})
    company.sell(company.rep, "750")
    company.sell(company.peer, "250")

    run = company.calculated()

    assert [total_of(run, who) for who in (company.rep, company.peer)] == [D(one) for one in expected]
    assert run.total == D("100.00")


def test_a_pool_to_which_nobody_brought_anything_is_an_exception_of_its_members(company):
    fund = {"kind": "fixed", "amount": "100"}
    company.plan(
        {"kind": "pool", "code": "pool", "name": "Pool", "fund": fund, "share_by": "contribution",
         "contribution": "revenue"}
    )  # fmt: skip

    run = company.calculated()

    assert run.exceptions == 2
    assert set(Statement.objects.filter(run=run).values_list("exception", flat=True)) == {"no_pool_weights"}


def test_values_that_do_not_end_are_stored_so_that_they_add_up(company):
    table = {
        "kind": "curve",
        "axis": {"kind": "value", "measure": "deals_won", "of": "period"},
        "pays": "share",
    }
    points = [{"at": "0", "pays": "1"}, {"at": "3", "pays": "2"}]
    factor = {"kind": "factor_table", "table": {**table, "points": points, "below": "hold", "above": "hold"}}
    company.plan(flat(modifiers=[factor]), people=[company.rep])
    company.sell(company.rep, "1", measure="deals_won")
    for amount in ("100", "33.33", "7.77"):
        company.sell(company.rep, amount)

    run = company.calculated()

    line = PayLine.objects.get(run=run, person=company.rep)
    assert line.amount == D("18.81")  # 141.10 × 10 % × 4/3
    assert line.exact == "1411/75"
    assert reconcile(run).agrees


@pytest.mark.parametrize(
    ("change", "place"),
    [
        (
            {"components": [flat(where={"kind": "field", "name": "mood", "in": ["good"]})]},
            "components[0].where.name",
        ),
        ({"exchange": {"transactions": "plan_year"}}, "exchange.transactions"),
    ],
)
def test_what_a_run_has_no_figures_for_is_refused_when_the_plan_is_saved(company, change, place):
    told = {**document(flat()), **change}

    with pytest.raises(PlanInvalid) as refusal, transaction.atomic():
        services.create_plan(
            code="x",
            name="X",
            purpose="",
            document=told,
            starts_on=dt.date(2026, 1, 1),
            by=company.admin,
            at=AT,
        )

    assert place in [problem.place for problem in refusal.value.problems]


def test_a_document_of_the_first_format_is_stored_in_the_second(company):
    old = {
        "currency": "USD", "period": "quarter", "cap": {"amount": "900"},
        "components": [{
            "kind": "commission", "code": "c", "name": "C", "measure": "revenue", "basis": "period",
            "table": {"kind": "marginal", "tiers": [{"from": "0", "to": None, "rate": "0.1"}]},
        }],
    }  # fmt: skip
    with transaction.atomic():
        services.create_plan(
            code="x",
            name="X",
            purpose="",
            document=old,
            starts_on=dt.date(2026, 1, 1),
            by=company.admin,
            at=AT,
        )

    assert PlanVersion.objects.get().document["schema"] == "salesorg.plan/2"


def test_the_run_and_the_preview_give_the_same_lines(company):
    draw = {"kind": "recoverable", "amount": "400", "periods": 8, "at_end": "carry", "recovery_share": "0.5"}
    bonus = {
        "kind": "kpi_bonus", "code": "bonus", "name": "Bonus", "annual": "1000",
        "measures": [{"measure": "revenue", "weight": "100", "goal": "3000"}],
        "curve": {
            "kind": "curve", "pays": "share", "below": "zero", "above": "hold",
            "points": [{"at": "0.1", "pays": "0.1"}, {"at": "1", "pays": "1"}],
        },
    }  # fmt: skip
    company.plan(commission(basis="year_to_date"), bonus, draw=draw, people=[company.rep])
    company.sell(company.rep, "800.55", month=2)
    sold = company.sell(company.rep, "700", month=5)
    first_run = company.locked("2026-Q1")
    run = company.calculated("2026-Q2")
    posted = {
        "component": "commission", "window": "year_to_date:2026-01-01", "from": "2026-01-01",
        "before": "2026-04-01", "basis": "800.55", "raw": "24.0165", "amount": "24.02",
    }  # fmt: skip
    [carried] = closing(first_run, company.rep).values()

    answer = preview(
        read_request(
            {
                "plan": PlanVersion.objects.get().document,
                "period": {"code": "2026-Q2", "from": "2026-04-01", "before": "2026-07-01"},
                "run_date": "2026-06-30",
                "payees": [{"id": "rep", "tenure": 6, "posted": [posted], "balances": carried["balances"]}],
                "credits": [
                    {"id": str(row.pk), "transaction": str(row.pk), "payee": "rep", "measure": "revenue",
                     "amount": f"{row.value:.2f}", "date": row.credited_on.isoformat()}
                    for row in (sold,)
                ],
            }
        )
    )  # fmt: skip

    assert [(row.component, row.kind, D(row.amount)) for row in answer.lines] == kinds(run, company.rep)

"""Facts of pay: told by one, confirmed by another, paid by the next run as the preview pays them."""

import datetime as dt
from decimal import Decimal as D

import pytest
from django.db import IntegrityError, transaction

from apps.calendars import selectors as calendars
from apps.calendars import services as calendar_services
from apps.core.tests.together import decided_at_once
from apps.incentives import services
from apps.incentives.models import PayFact, PayLine, Statement
from apps.incentives.rules.preview.answer import preview
from apps.incentives.rules.preview.reading import read_request
from apps.incentives.selectors.reconcile import reconcile
from apps.incentives.services.facts import FactDecided, FactRefused, OwnFact, PeriodPaid
from apps.incentives.tests.factories import AT, Company, commission, total_of
from apps.notifications.models import Notification

FLAT = {"kind": "marginal", "tiers": [{"from": "0", "rate": "0.1"}]}
MBO = {
    "kind": "mbo", "code": "goals", "name": "Goals", "annual": "8000",
    "objectives": [
        {"kind": "grade", "code": "crm", "name": "Clean records", "weight": "60"},
        {"kind": "milestone", "code": "launch", "name": "Launch", "weight": "40"},
    ],
}  # fmt: skip
HOLDBACK = {"share": "0.1", "release": {"kind": "event", "event": "audit"}}
POOL = {
    "kind": "pool", "code": "pool", "name": "Pool", "share_by": "weights",
    "fund": {"kind": "fixed", "amount": "1000"},
}  # fmt: skip


def flat(**changes):
    """A commission of ten per cent."""
    return {**commission(), "table": FLAT, **changes}


def act(name, **given):
    with transaction.atomic():
        return getattr(services, name)(at=given.pop("at", AT), **given)


def told(company, name, **given):
    """Tell a fact and have a second person confirm it."""
    fact = act(name, by=company.admin, **given)
    return act("confirm_fact", fact_id=fact.pk, by=company.checker)


def graded(company, person, plan, period="2026-Q2", **grades):
    for objective, value in grades.items():
        told(
            company, "tell_grade", plan_id=plan.pk, objective=objective, person_id=person.pk,
            period_id=calendars.period(period).pk, value=D(value),
        )  # fmt: skip


def day(company, credit, kind, on, milestone=""):
    return told(
        company, "tell_deal_day", kind=kind, milestone=milestone, on=dt.date.fromisoformat(on),
        source_type=credit.source_type, source_id=credit.source_id,
    )  # fmt: skip


def lines(run, person):
    rows = PayLine.objects.filter(run=run, person=person).order_by("sequence")
    return [(row.component, row.kind, row.amount) for row in rows]


def previewed(plan, period, credits=(), **payee):
    """Return the lines that the preview gives one payee for the same plan and inputs."""
    whole = calendars.period(period)
    request = {
        "plan": plan.versions.get().document,
        "period": {
            "code": period, "from": whole.starts_on.isoformat(), "before": whole.ends_before.isoformat(),
        },
        "run_date": (whole.ends_before - dt.timedelta(days=1)).isoformat(),
        "payees": [{"id": "rep", **payee}],
        "credits": [
            {
                "id": str(row.pk), "transaction": f"{row.source_type}:{row.source_id}", "payee": "rep",
                "measure": "revenue", "amount": f"{row.value:.2f}", "date": row.credited_on.isoformat(),
                **more,
            }
            for row, more in credits
        ],
    }  # fmt: skip
    answer = preview(read_request(request))
    assert not answer.exceptions
    return [(row.component, row.kind, D(row.amount)) for row in answer.lines]


@pytest.mark.parametrize(
    ("kind", "code", "bonus"), [("half", "2026-H1", "4000.00"), ("year", "2026", "8000.00")]
)
def test_a_plan_may_pay_by_half_years_and_years(company, kind, code, bonus):
    salary = {"kind": "base_salary", "code": "base", "name": "Base", "annual": "8000"}
    plan = company.plan(salary, flat(), period=kind, people=[company.rep])
    sold = [company.sell(company.rep, "100.55", month=month) for month in (2, 6)]

    run = company.calculated(code)

    assert lines(run, company.rep)[0][2] == D(bonus)
    assert lines(run, company.rep) == previewed(plan, code, [(row, {}) for row in sold])
    assert reconcile(run).agrees


def test_an_mbo_pays_by_confirmed_grades_as_the_preview_does(company):
    plan = company.plan(MBO, people=[company.rep])
    waiting = company.calculated()
    assert Statement.objects.get(run=waiting, person=company.rep).exception == "no_grade"

    graded(company, company.rep, plan, crm="0.75", launch="1")
    run = services.calculate_now(run_id=waiting.pk, by=company.admin, at=AT)

    assert lines(run, company.rep) == previewed(plan, "2026-Q2", grades={"crm": "0.75", "launch": "1"})
    assert total_of(run, company.rep) == D("1700.00")  # 8,000 ÷ 4 × (60 % × 0.75 + 40 %)
    pinned = Statement.objects.get(run=run, person=company.rep).inputs["facts"]
    assert pinned == {str(plan.pk): {"grades": {"crm": "0.75", "launch": "1"}}}
    assert reconcile(run).agrees


def test_an_instalment_waits_for_the_cash_and_is_paid_by_the_run_after_it(company):
    at_signing = {"kind": "months", "share": "0.4", "months": 0}
    at_cash = {"kind": "milestone", "share": "0.6", "milestone": "cash_received"}
    plan = company.plan(flat(instalments=[at_signing, at_cash]), people=[company.rep])
    paid_at_once, waits = (
        company.sell(company.rep, "1000", month=2),
        company.sell(company.rep, "2000", month=3),
    )
    day(company, paid_at_once, "milestone", "2026-03-20", "cash_received")
    first = company.locked("2026-Q1")
    day(company, waits, "milestone", "2026-05-04", "cash_received")

    second = company.calculated("2026-Q2")

    known = {"milestones": {"cash_received": "2026-03-20"}}
    assert lines(first, company.rep) == previewed(plan, "2026-Q1", [(paid_at_once, known), (waits, {})])
    assert total_of(first, company.rep) == D("180.00")  # 100 + 40 % of 200
    assert lines(second, company.rep)[-1] == ("instalments", "release", D("120.00"))
    assert reconcile(second).agrees


def test_a_milestone_confirmed_after_the_inputs_were_pinned_counts_in_the_next_calculation(company):
    company.plan(
        flat(instalments=[{"kind": "milestone", "share": "1", "milestone": "cash_received"}]),
        people=[company.rep],
    )
    credit = company.sell(company.rep, "1000")
    run = company.run()
    with transaction.atomic():
        services.request_calculation(run_id=run.pk, by=company.admin, title="Run", url="")
        run.refresh_from_db()
        services.prepare_calculation(run_id=run.pk, generation=run.generation, at=AT)
    day(company, credit, "milestone", "2026-05-04", "cash_received")
    with transaction.atomic():
        services.compute_batch(run_id=run.pk, generation=run.generation, at=AT)
    assert PayLine.objects.filter(run=run, kind="instalment").get().amount == D("-100.00")

    again = services.calculate_now(run_id=run.pk, by=company.admin, at=AT)

    assert total_of(again, company.rep) == D("100.00")


def test_a_holdback_is_released_by_its_event(company):
    plan = company.plan(flat(), holdback=HOLDBACK)
    sold = company.sell(company.rep, "1000", month=2)
    company.sell(company.peer, "500", month=2)
    first = company.locked("2026-Q1")
    told(
        company,
        "tell_event",
        plan_id=plan.pk,
        event="audit",
        on=dt.date(2026, 5, 2),
        person_id=company.rep.pk,
    )

    second = company.calculated("2026-Q2")

    assert lines(first, company.rep) == previewed(plan, "2026-Q1", [(sold, {})])
    assert total_of(second, company.rep) == D("10.00")
    assert total_of(second, company.peer) == D("0.00")
    told(company, "tell_event", plan_id=plan.pk, event="audit", on=dt.date(2026, 6, 2))
    assert total_of(services.calculate_now(run_id=second.pk, by=company.admin, at=AT), company.peer) == D(
        "5.00"
    )


def test_a_trail_pays_by_the_months_since_the_first_sale_until_the_contract_ends(company):
    trail = {
        "kind": "trail", "code": "trail", "name": "Trail", "measure": "revenue",
        "schedule": [
            {"from_month": 0, "before_month": 12, "rate": "0.05"}, {"from_month": 12, "rate": "0.02"},
        ],
    }  # fmt: skip
    plan = company.plan(trail, people=[company.rep])
    young, old, over = (company.sell(company.rep, "1000", day=n) for n in (10, 11, 12))
    day(company, old, "sold", "2025-01-05")
    day(company, over, "sold", "2025-01-05")
    day(company, over, "ended", "2026-04-01")

    run = company.calculated()

    asked = [
        (young, {}), (old, {"sold_on": "2025-01-05"}),
        (over, {"sold_on": "2025-01-05", "ended_on": "2026-04-01"}),
    ]  # fmt: skip
    assert lines(run, company.rep) == previewed(plan, "2026-Q2", asked)
    assert total_of(run, company.rep) == D("70.00")
    assert reconcile(run).agrees


def test_a_pool_is_shared_by_agreed_weights(company):
    plan = company.plan(POOL)
    period = calendars.period("2026-Q2").pk
    for person, value in ((company.rep, "3"), (company.peer, "1")):
        told(
            company,
            "tell_weight",
            plan_id=plan.pk,
            pool="pool",
            person_id=person.pk,
            period_id=period,
            value=D(value),
        )

    run = company.calculated()

    assert [total_of(run, who) for who in (company.rep, company.peer)] == [D("750.00"), D("250.00")]


def test_the_size_of_the_whole_deal_decides_for_every_share_of_it(company):
    large = {"kind": "deal_amount", "at_least": "1000"}
    company.plan(flat(where=large))
    company.sell(company.rep, "600", source_id=7)
    company.sell(company.peer, "400", source_id=7)
    company.sell(company.peer, "999", source_id=8)

    run = company.calculated()

    assert [total_of(run, who) for who in (company.rep, company.peer)] == [D("60.00"), D("40.00")]


def test_a_yearly_bonus_of_ones_own_falls_to_the_bonuses_as_in_the_plan(company):
    kpi = {
        "kind": "kpi_bonus", "code": "kpi", "name": "Kpi", "annual": "2000",
        "measures": [{"measure": "revenue", "weight": "100", "goal": "100"}],
        "curve": {
            "kind": "curve", "pays": "share", "below": "zero", "above": "hold",
            "points": [{"at": "0", "pays": "0"}, {"at": "1", "pays": "1"}],
        },
    }  # fmt: skip
    plan = company.plan(MBO, kpi, people=[company.lead])
    plan.assignments.update(annual_bonus=D("20000"))
    company.sell(company.rep, "100")
    graded(company, company.lead, plan, crm="1", launch="1")

    run = company.calculated()

    assert [amount for _code, _kind, amount in lines(run, company.lead)] == [D("4000.00"), D("1000.00")]


# --- telling and deciding -------------------------------------------------------------------------


@pytest.fixture
def mbo(company):
    """A plan with objectives, and what grades the first of them."""
    plan = company.plan(MBO, people=[company.rep])
    period = calendars.period("2026-Q2").pk
    return plan, {
        "plan_id": plan.pk, "objective": "crm", "person_id": company.rep.pk, "period_id": period,
        "value": D("0.5"),
    }  # fmt: skip


def test_a_manager_grades_and_compensation_confirms(company, mbo):
    fact = act("tell_grade", by=company.users["manager"], **mbo[1])

    confirmed = act("confirm_fact", fact_id=fact.pk, by=company.admin)

    assert (confirmed.status, confirmed.value, confirmed.decided_by) == ("confirmed", D("0.5"), company.admin)


@pytest.mark.parametrize(
    ("changed", "field"),
    [({"value": D("11")}, "value"), ({"value": D("NaN")}, "value"), ({"objective": "sing"}, "objective")],
)
def test_a_grade_that_cannot_be_is_refused_and_nothing_is_kept(company, mbo, changed, field):
    with pytest.raises(FactRefused) as refused:
        act("tell_grade", by=company.admin, **{**mbo[1], **changed})

    assert field in refused.value.fields
    assert not PayFact.objects.exists()


def test_a_grade_for_a_period_the_plan_does_not_pay_is_refused(company, mbo):
    with pytest.raises(FactRefused):
        act("tell_grade", by=company.admin, **{**mbo[1], "period_id": calendars.period("2026-M05").pk})


def test_nobody_grades_or_confirms_for_themselves_or_confirms_what_they_told(company, mbo):
    with pytest.raises(OwnFact):
        act("tell_grade", by=company.users["rep"], **mbo[1])
    fact = act("tell_grade", by=company.admin, **mbo[1])
    for user in (company.admin, company.users["rep"]):
        with pytest.raises(OwnFact):
            act("confirm_fact", fact_id=fact.pk, by=user)
    with pytest.raises(IntegrityError), transaction.atomic():
        PayFact.objects.filter(pk=fact.pk).update(status="confirmed", decided_by=company.admin, decided_at=AT)


def test_a_fact_is_told_once_and_decided_once(company, mbo):
    fact = act("tell_grade", by=company.admin, **mbo[1])
    with pytest.raises(FactDecided):
        act("tell_grade", by=company.checker, **mbo[1])
    act("confirm_fact", fact_id=fact.pk, by=company.checker)
    with pytest.raises(FactDecided):
        act("refuse_fact", fact_id=fact.pk, by=company.checker)
    with pytest.raises(FactRefused):
        act("tell_grade", by=company.admin, **mbo[1])


def test_a_newer_grade_replaces_the_older_one_and_an_empty_one_takes_it_back(company, mbo):
    plan, given = mbo
    graded(company, company.rep, plan, crm="0.5", launch="1")
    graded(company, company.rep, plan, crm="1")
    assert total_of(company.calculated(), company.rep) == D("2000.00")
    told(company, "tell_grade", **{**given, "value": None})

    run = services.calculate_now(run_id=Statement.objects.get().run_id, by=company.admin, at=AT)

    assert Statement.objects.get(run=run).exception == "no_grade"
    assert list(PayFact.objects.filter(name="crm").order_by("pk").values_list("status", flat=True)) == [
        "replaced", "replaced", "confirmed",
    ]  # fmt: skip


def test_a_waiting_fact_is_taken_back_by_its_teller_and_refused_by_others(company, mbo):
    fact = act("tell_grade", by=company.admin, **mbo[1])
    act("refuse_fact", fact_id=fact.pk, by=company.admin)
    assert not PayFact.objects.exists()
    fact = act("tell_grade", by=company.admin, **mbo[1])
    with pytest.raises(FactRefused):
        act("refuse_fact", fact_id=fact.pk, by=company.checker, reason=" ")

    refused = act("refuse_fact", fact_id=fact.pk, by=company.checker, reason="Grade it again")

    assert (refused.status, refused.refusal) == ("refused", "Grade it again")
    assert Notification.objects.get(kind="pay_sent_back").user_id == company.admin.pk


def test_a_paid_or_closed_period_takes_no_grade_by_any_way(company, mbo):
    plan, given = mbo
    graded(company, company.rep, plan, crm="0.5", launch="1")
    late = act("tell_grade", by=company.admin, **{**given, "value": D("1")})
    company.locked()
    for refused in (
        lambda: act("confirm_fact", fact_id=late.pk, by=company.checker),
        lambda: act("tell_grade", by=company.admin, **{**given, "objective": "launch", "value": D(0)}),
    ):
        with pytest.raises(PeriodPaid):
            refused()
    now = PayFact.objects.get(name="crm", status="confirmed")
    for write in (
        lambda: PayFact.objects.filter(pk=now.pk).update(value=D("0.9")),
        lambda: PayFact.objects.filter(pk=now.pk).update(status="replaced", replaced_at=AT),
        lambda: PayFact.objects.filter(pk=now.pk).delete(),
    ):
        with pytest.raises(IntegrityError), transaction.atomic():
            write()
    with transaction.atomic():
        calendar_services.close_period(period_id=calendars.period("2025-Q1").pk, by=company.admin, at=AT)
    with pytest.raises(PeriodPaid):
        act("tell_grade", by=company.admin, **{**given, "period_id": calendars.period("2025-Q1").pk})


def test_a_day_that_a_locked_run_may_have_paid_by_stands(company):
    company.plan(
        flat(instalments=[{"kind": "milestone", "share": "1", "milestone": "cash_received"}]),
        people=[company.rep],
    )
    credit = company.sell(company.rep, "1000")
    day(company, credit, "milestone", "2026-05-04", "cash_received")
    assert total_of(company.locked(), company.rep) == D("100.00")

    with pytest.raises(PeriodPaid):
        day(company, credit, "milestone", "2026-06-04", "cash_received")


def test_whom_a_deal_pays_tells_nothing_of_it(company):
    credit = company.sell(company.rep, "1000")
    given = {"kind": "sold", "on": dt.date(2026, 1, 1), "source_type": credit.source_type}
    with pytest.raises(OwnFact):
        act("tell_deal_day", source_id=credit.source_id, by=company.users["rep"], **given)
    fact = act("tell_deal_day", source_id=credit.source_id, by=company.admin, **given)
    with pytest.raises(OwnFact):
        act("confirm_fact", fact_id=fact.pk, by=company.users["rep"])
    with pytest.raises(FactRefused):
        act("tell_deal_day", source_id=10**9, by=company.admin, **given)
    with pytest.raises(FactRefused):
        act(
            "tell_deal_day",
            source_id=credit.source_id,
            by=company.admin,
            **{**given, "on": dt.date(2027, 1, 1)},
        )


@pytest.mark.django_db(transaction=True)
def test_two_who_confirm_at_once_confirm_once():
    with transaction.atomic():
        company = Company()
    plan = company.plan(MBO, people=[company.rep])
    fact = act(
        "tell_grade", by=company.users["manager"], plan_id=plan.pk, objective="crm", person_id=company.rep.pk,
        period_id=calendars.period("2026-Q2").pk, value=D("0.5"),
    )  # fmt: skip

    def confirm(user):
        return lambda: services.confirm_fact(fact_id=fact.pk, by=user, at=AT)

    outcomes = decided_at_once(confirm(company.admin), confirm(company.checker))

    assert outcomes == ["done", "fact_decided"]
    assert PayFact.objects.get().status == "confirmed"
